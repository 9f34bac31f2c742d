"""Inputs of scripts: TOSCA's functions at run time."""

from __future__ import annotations

import pytest

from mano_runtime.workflow.graph import reference, resolve
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.script_inputs import Scope, evaluated

MADE = {"id": "in", "addresses": ["10.0.0.7", "10.0.0.8"], "macAddress": "fa:16:3e:00:00:07"}
REFERRED = {"id": "out", "addresses": reference("p", "addresses"), "macAddress": reference("p", "mac_address")}
BARE = {"id": "bare", "addresses": [], "macAddress": None}
SCOPE = Scope(
    operation="scale",
    inputs={"size": 3, "deep": {"list": ["a", "b"]}},
    vnf={"id": "vnf-1", "modifiable_attributes": {"metadata": {"site": "north"}}},
    vnfcs=(
        {"id": "vdu/fw/0", "vdu": "fw", "index": 0, "server": reference("s"), "connectionPoints": [BARE, MADE]},
        {"id": "vdu/db/0", "vdu": "db", "index": 0, "server": "s-db", "connectionPoints": [REFERRED]},
    ),
)
KNOWN = {"s": {"id": "server-1"}, "p": {"id": "port-1", "addresses": ["10.0.0.9"], "mac_address": "fa:16:3e:00:00:09"}}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("text", "text"),
        ({"get_input": "size"}, 3),
        ({"get_input": ["deep", "list", 1]}, "b"),
        ({"get_property": ["SELF", "modifiable_attributes", "metadata", "site"]}, "north"),
        ({"get_attribute": ["SELF", "id"]}, "vnf-1"),
        ({"get_attribute": ["in", "ip_address"]}, "10.0.0.7"),
        ({"get_attribute": ["in", "addresses", 1]}, "10.0.0.8"),
        ({"get_attribute": ["out", "ip_address"]}, "10.0.0.9"),
        ({"get_attribute": ["out", "mac_address"]}, "fa:16:3e:00:00:09"),
        ({"get_attribute": ["fw", "private_address"]}, "10.0.0.7"),
        ({"get_attribute": ["fw", "id"]}, "server-1"),
        ({"get_attribute": ["db", "address"]}, "10.0.0.9"),
        ({"concat": ["a-", {"get_input": "size"}, "-", {"get_attribute": ["fw", "id"]}]}, "a-3-server-1"),
        ({"join": [[{"get_attribute": ["in", "ip_address"]}, {"get_attribute": ["out", "ip_address"]}], ";"]},
         "10.0.0.7;10.0.0.9"),
        ({"token": ["a.b:c", ".:", 2]}, "c"),
        ([{"nested": {"get_input": "size"}}], [{"nested": 3}]),
        ({"get_input": "size", "and": "more"}, {"get_input": "size", "and": "more"}),
    ],
)  # fmt: skip
def test_calls_are_replaced_by_what_they_give(value, result):
    """At planning, or once the VIM has told; a map with a function's name among others is a map."""
    assert resolve(evaluated(value, SCOPE, "here"), KNOWN.get) == result


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"get_input": "unknown"}, r"additionalParams\.unknown"),
        ({"get_input": ["deep", "map"]}, "'map'"),
        ({"get_attribute": ["nobody", "ip_address"]}, "nobody"),
        ({"get_attribute": ["bare", "mac_address"]}, r"bare\.mac_address"),
        ({"get_attribute": ["bare", "ip_address"]}, "0"),
        ({"get_property": ["other", "x"]}, r"other\.x"),
        ({"token": [{"get_attribute": ["out", "ip_address"]}, ".", 0]}, "token"),
    ],
)
def test_what_is_not_known_is_refused(value, why):
    """With the name of what is missing."""
    with pytest.raises(PlanningRefusedError, match=why):
        evaluated(value, SCOPE, "scale_end.who")
