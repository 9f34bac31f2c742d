"""Which zone each thing goes to."""

from __future__ import annotations

import pytest

from nfvo.grants.placement import Apart, Demand, NoRoomError, place
from vim_adapters.contract import ZoneCapacity


def zone(name: str, vcpus: int | None = None, storage: int | None = None) -> ZoneCapacity:
    return ZoneCapacity(zone=name, vcpus_free=vcpus, storage_gib_free=storage)


def cores(**vcpus: int) -> dict[str, Demand]:
    return {name: Demand(vcpus=number) for name, number in vcpus.items()}


def test_the_first_zone_with_room_is_taken():
    """Zones are filled in their order, counting what was placed before."""
    assert place(cores(a=2, b=2, c=2), [zone("z1", 4), zone("z2", 4)]) == {"a": "z1", "b": "z1", "c": "z2"}


def test_the_largest_chooses_first():
    """So that what is large is not shut out by what is small."""
    assert place(cores(a=1, b=4), [zone("z1", 4), zone("z2", 4)]) == {"b": "z1", "a": "z2"}


def test_what_a_zone_does_not_tell_is_enough():
    """A VIM without numbers is no obstacle."""
    assert place(cores(a=99), [zone("z1")]) == {"a": "z1"}


def test_together_means_one_zone_for_all():
    """A group goes where there is room for all of it."""
    placed = place(cores(a=2, b=2, c=1), [zone("z1", 3), zone("z2", 4)], together=[frozenset("ab")])
    assert placed == {"a": "z2", "b": "z2", "c": "z1"}


def test_groups_that_share_a_thing_are_one():
    """However many groups lie between two things, they go to one zone."""
    together = [frozenset("ab"), frozenset("cd"), frozenset("bc")]
    assert set(place(cores(a=1, b=1, c=1, d=1), [zone("z1", 3), zone("z2", 4)], together=together).values()) == {"z2"}


def test_apart_means_different_zones():
    """No two of a group share a zone, and without enough zones it is refused."""
    rule = Apart(items=frozenset("ab"))
    assert place(cores(a=1, b=1), [zone("z1", 9), zone("z2", 9)], apart=[rule]) == {"a": "z1", "b": "z2"}
    with pytest.raises(NoRoomError):
        place(cores(a=1, b=1), [zone("z1", 9)], apart=[rule])


def test_best_effort_gives_way():
    """With a fallback, sharing a zone is better than nothing."""
    rule = Apart(items=frozenset("ab"), best_effort=True)
    assert place(cores(a=1, b=1), [zone("z1", 9)], apart=[rule]) == {"a": "z1", "b": "z1"}


def test_what_exists_binds_what_is_new():
    """New things join, or avoid, the zone of what is there already."""
    fixed = {"old": "z2"}
    zones = [zone("z1", 9), zone("z2", 9)]
    assert place(cores(a=1), zones, together=[frozenset({"a", "old"})], fixed=fixed) == {"a": "z2"}
    apart = [Apart(items=frozenset({"a", "old"}))]
    assert place(cores(a=1), zones[::-1], apart=apart, fixed=fixed) == {"a": "z1"}


def test_a_refusal_has_the_numbers():
    """Asked and left, per zone."""
    with pytest.raises(NoRoomError) as refusal:
        place({"a": Demand(vcpus=8, storage_gib=5)}, [zone("z1", 4), zone("z2", 9, 1)])
    message = str(refusal.value)
    assert "a asked for 8 vCPU, 0 MiB memory, 5 GiB storage" in message
    assert "zone 'z1' has 4 vCPU" in message
    assert "zone 'z2' has 9 vCPU, any MiB memory, 1 GiB storage left" in message
