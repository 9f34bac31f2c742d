"""Configurable properties of VNFCs, and VNFCs that have lost what they run on."""

from __future__ import annotations

from mano_runtime.workflow.graph import Resource, graph_of
from vim_adapters.resources import Kind
from vnfm.inventory.vnfc_information import vnfc_info
from vnfm.planning.vnfc_properties import VduProperties, properties_of

DECLARED = {"firewall": VduProperties(initial={"mtu": 1500}, names=("mtu", "role"))}
ZERO, ONE = "vdu/firewall/0", "vdu/firewall/1"


def test_values_stay_and_new_vnfcs_have_the_initial_ones():
    """What was taken away stays away, and what is of no VNFC any more is forgotten."""
    known = {ZERO: {"role": "standby"}, "vdu/firewall/7": {"role": "active"}}
    found = properties_of({ZERO: "firewall", ONE: "firewall"}, DECLARED, known, anew=False)
    assert found == {ZERO: {"role": "standby"}, ONE: {"mtu": 1500}}


def test_another_declaration_brings_what_is_new_and_ends_what_is_gone():
    """Values of names that both have stay; a VDU that declares nothing leaves nothing."""
    known = {ZERO: {"role": "standby", "colour": "red"}, "vdu/other/0": {"a": 1}}
    found = properties_of({ZERO: "firewall", "vdu/other/0": "other"}, DECLARED, known, anew=True)
    assert found == {ZERO: {"mtu": 1500, "role": "standby"}}


def test_a_vnfc_without_a_server_is_told():
    """It is STOPPED, and refers to no resources; what VNFCs share is of none."""
    parts = {f"{ZERO}/server": Kind.SERVER, f"{ONE}/cp/in": Kind.PORT, "vdu/firewall/storage/log": Kind.VOLUME}
    graph = graph_of(*(Resource(path=path, kind=kind, spec={}) for path, kind in parts.items()))
    there, lost = vnfc_info(graph, {ONE: {"mtu": 9000}})
    assert (there.id, there.vnfc_resource_info_id, there.vnfc_state) == (ZERO, ZERO, "STARTED")
    assert (lost.id, lost.vdu_id, lost.vnfc_resource_info_id, lost.vnfc_state) == (ONE, "firewall", None, "STOPPED")
    assert lost.vnfc_configurable_properties == {"mtu": 9000}
