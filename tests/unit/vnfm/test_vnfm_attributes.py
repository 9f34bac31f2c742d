"""The attributes that VNFDs declare for instances, at first and when the VNFD of an instance is another."""

from __future__ import annotations

import msgspec
from vnfm_examples import FIREWALL

from descriptors.model.declaration import Declaration
from mano_runtime.merge_patch import merge_patch, merged_patch
from vnfm.planning.attributes import carried_over, initial_attributes


def declared(**defaults):
    return {name: Declaration(name=name, default=default) for name, default in defaults.items()}


SOURCE = msgspec.structs.replace(
    FIREWALL,
    configurable=declared(mtu=1500, site=None, colour="red"),
    extensions=declared(tier="edge"),
    metadata=declared(owner="us"),
    modifiable_attributes={"extensions": {"peer": "none"}},
)
TARGET = msgspec.structs.replace(
    SOURCE,
    id="next",
    configurable=declared(mtu=9000, site=None, queues=4),
    extensions=declared(tier="core", zone="z"),
    metadata=declared(owner="them", contact="x"),
    modifiable_attributes={},
)


def test_an_instance_begins_with_what_its_vnfd_gives():
    """Values of the VNFD's node, and defaults that are declared; what has neither is not there."""
    assert initial_attributes(SOURCE) == {
        "vnfConfigurableProperties": {"mtu": 1500, "colour": "red"},
        "metadata": {"owner": "us"},
        "extensions": {"peer": "none", "tier": "edge"},
    }


def test_another_vnfd_brings_what_is_new_and_ends_what_is_no_more():
    """What both know keeps its value, metadata stays, and what was taken away on purpose does not come again."""
    present = {
        "vnfConfigurableProperties": {"mtu": 1400, "site": "here", "colour": "red"},
        "metadata": {"mine": 1, "owner": "us"},
        "extensions": {"peer": "none"},
    }
    assert carried_over(SOURCE, TARGET, present) == {
        "vnfConfigurableProperties": {"colour": None, "queues": 4},
        "metadata": {"contact": "x"},
        "extensions": {"peer": None, "zone": "z"},
    }
    assert carried_over(SOURCE, SOURCE, present) == {}


def test_without_the_package_so_far_nothing_is_taken_away():
    """Nobody knows any more what it declared."""
    present = {**initial_attributes(SOURCE), "vnfConfigurableProperties": {"colour": "red"}}
    patch = carried_over(None, TARGET, present)
    assert patch["vnfConfigurableProperties"] == {"mtu": 9000, "queues": 4}
    assert patch["extensions"] == {"zone": "z"}


def test_two_patches_in_one():
    """The one does what the two do."""
    first, second = {"a": {"b": 1, "c": None}, "d": 1}, {"a": {"b": None}, "d": {"e": None, "f": 2}}
    target = {"a": {"b": 5, "c": 6, "g": 7}, "d": {"e": 1}}
    assert merge_patch(target, merged_patch(first, second)) == merge_patch(merge_patch(target, first), second)
