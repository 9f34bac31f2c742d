"""What a network service consists of, for a given size."""

from __future__ import annotations

import msgspec
import pytest
from ns_examples import CONTEXT, EDGE, FIREWALL, NSD, VNFDS, floating

from descriptors.model.nsd import NestedNs, Nsd, VnfProfile
from mano_runtime.workflow.graph import reference
from mano_runtime.workflow.plan import difference
from nfvo.lifecycle.operations import NsOperations
from nfvo.planning.desired_state import desired_state
from nfvo.planning.refusal import PlanningRefusedError
from nfvo.planning.sizing import NsSize, initial_size
from nfvo.sol005.ns_requests import InstantiateNsRequest, ParamsForVnf

SMALL = initial_size(NSD, "edge")


def changed(**attributes) -> Nsd:
    """Return the NSD with another flavour ``edge``."""
    return msgspec.structs.replace(NSD, flavours={"edge": msgspec.structs.replace(EDGE, **attributes)})


def steps(before, desired) -> set[str]:
    plan = difference(before, desired, scope="ns/ns-1", behaviours=NsOperations.behaviours)
    return {step.id for step in plan.steps}


def test_virtual_links_become_networks_with_subnets():
    """A link's own layer 2 and 3 data is kept; one without gets a private range per IP version."""
    graph = desired_state(CONTEXT, SMALL)
    assert graph["vl/wan/subnet/0"].spec["cidr"] == "192.0.2.0/24"
    assert graph["vl/wan/subnet/0"].spec["gateway"] == "192.0.2.1"
    assert graph["vl/transit/network"].spec["mtu"] == 1400
    assert graph["vl/lan/subnet/0"].spec["cidr"].startswith("10.")
    assert graph["vl/lan/subnet/1"].spec["ip_version"] == 6
    assert {resource.target for path, resource in graph.items() if path.startswith("vl/")} == {"vim-1"}


def test_a_vnf_is_attached_where_its_profile_is_bound():
    """Each bound requirement leads to the VNFD's connection point behind it, on the network of the link."""
    links = {link["id"]: link for link in desired_state(CONTEXT, SMALL)["vnf/firewall/0"].spec["extVirtualLinks"]}
    assert links.keys() == {"vl/transit", "vl/lan"}
    assert links["vl/lan"]["resourceId"] == reference("vl/lan/network")
    assert links["vl/lan"]["vimConnectionId"] == "vim-1"
    assert [point["cpdId"] for point in links["vl/lan"]["extCps"]] == ["ext-inside"]


def test_vnfs_wait_for_the_subnets_of_their_links():
    """A port gets its address from a subnet, so a VNF comes after the subnets of all its links."""
    graph = desired_state(CONTEXT, SMALL)
    assert graph["vnf/probe/0"].depends_on == ("vl/lan/subnet/0", "vl/lan/subnet/1")


def test_profile_and_vnfd_fill_what_the_other_leaves_open():
    """Flavour and level come from the profile, else from the VNFD's defaults; every aspect has its level."""
    spec = desired_state(CONTEXT, SMALL)["vnf/firewall/0"].spec
    assert (spec["flavourId"], spec["instantiationLevelId"]) == ("simple", "small")
    assert spec["scaleLevels"] == {"capacity": 0}


def test_parameters_of_a_profile_are_given_to_its_vnfs_only():
    """Names, metadata and parameters of the request are in the spec of the profile's VNFs."""
    params = ParamsForVnf(
        vnf_profile_id="probe", vnf_instance_name="eye", additional_params={"a": 1}, metadata={"rack": "7"}
    )
    inputs = InstantiateNsRequest(ns_flavour_id="edge", additional_params_for_vnf=(params,))
    graph = desired_state(msgspec.structs.replace(CONTEXT, inputs=inputs), SMALL)
    probe = graph["vnf/probe/0"].spec
    assert (probe["name"], probe["additionalParams"], probe["metadata"]) == ("eye-0", {"a": 1}, {"rack": "7"})
    assert "additionalParams" not in graph["vnf/router/0"].spec


def test_scaling_the_service_adds_vnfs_and_touches_no_other():
    """One more probe is one more VNF."""
    size = msgspec.structs.replace(SMALL, counts={**SMALL.counts, "probe": 2})
    assert steps(desired_state(CONTEXT, SMALL), desired_state(CONTEXT, size)) == {
        "create:vnf/probe/1",
        "ready:vnf/probe/1",
    }


def test_scaling_a_vnf_is_an_update_in_place():
    """Other scale levels do not replace the VNF."""
    size = msgspec.structs.replace(SMALL, vnf_levels={"vnf/firewall/0": {"capacity": 2}})
    assert steps(desired_state(CONTEXT, SMALL), desired_state(CONTEXT, size)) == {
        "update:vnf/firewall/0",
        "ready:vnf/firewall/0",
    }


def test_terminating_removes_vnfs_before_their_networks():
    """The difference to nothing: a network goes when no VNF is on it any more."""
    plan = difference(desired_state(CONTEXT, SMALL), {}, scope="ns/ns-1", behaviours=NsOperations.behaviours)
    order = [step.id for step in plan.steps]
    assert max(map(order.index, ("gone:vnf/firewall/0", "gone:vnf/probe/0"))) < order.index("delete:vl/lan/network")
    assert order.index("delete:vl/lan/subnet/0") < order.index("delete:vl/lan/network")


def test_a_lone_requirement_leads_to_the_lone_connection_point():
    """The generic ``virtual_link`` of many NSDs needs no mapping where there is only one point."""
    profile = VnfProfile(id="probe", vnfd_id="vnfd-probe", links={"virtual_link": "lan"})
    nsd = changed(vnf_profiles={"probe": profile})
    spec = desired_state(msgspec.structs.replace(CONTEXT, nsd=nsd), SMALL)["vnf/probe/0"].spec
    assert spec["extVirtualLinks"][0]["extCps"][0]["cpdId"] == "ext-tap"


@pytest.mark.parametrize(
    ("nsd", "words"),
    [
        (
            changed(vnf_profiles={"f": VnfProfile(id="f", vnfd_id=FIREWALL.id, links={"nowhere": "lan"})}),
            ("'f'", "nowhere", "virtual_link_inside"),
        ),
        (
            changed(vnf_profiles={"f": VnfProfile(id="f", vnfd_id=FIREWALL.id, links={"virtual_link_inside": "x"})}),
            ("'f'", "binds a VNF to x"),
        ),
        (
            changed(vnf_profiles={"f": VnfProfile(id="f", vnfd_id=FIREWALL.id, flavour_id="huge")}),
            ("huge", "simple"),
        ),
        (changed(nested={"inner": NestedNs(id="inner", nsd_id="x")}), ("nested network services", "inner")),
    ],
)
def test_what_cannot_be_planned_is_refused_by_name(nsd, words):
    """The refusal names the profile, requirement, link or flavour that is to blame."""
    size = NsSize(flavour="edge", counts={"f": 1})
    with pytest.raises(PlanningRefusedError) as refusal:
        desired_state(msgspec.structs.replace(CONTEXT, nsd=nsd, vnfds=VNFDS), size)
    for word in words:
        assert word in str(refusal.value)


def test_a_link_has_a_way_outside_where_a_vnf_on_it_floats():
    """The link of the connection point, and no other, gets a router of its IPv4 range, and the VNF comes after it."""
    vnfds = {**VNFDS, FIREWALL.id: floating(FIREWALL, "ext-inside")}
    graph = desired_state(msgspec.structs.replace(CONTEXT, vnfds=vnfds), SMALL)
    assert [path for path in graph if path.endswith("/router")] == ["vl/lan/router"]
    router = graph["vl/lan/router"]
    assert (router.target, router.spec["subnets"]) == ("vim-1", [reference("vl/lan/subnet/0")])
    assert "vl/lan/router" in graph["vnf/firewall/0"].depends_on
    assert not [path for path in desired_state(CONTEXT, SMALL) if path.endswith("/router")]
