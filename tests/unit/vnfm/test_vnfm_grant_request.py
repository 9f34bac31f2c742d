from __future__ import annotations

import msgspec
from vnf_with_everything import BORDER, attached
from vnfm_examples import created

from mano_runtime.workflow.plan import Plan, Verb, difference
from vim_adapters.performer import BEHAVIOURS
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.grant_request import definitions, vim_constraints
from vnfm.planning.placement import kept
from vnfm.planning.shape import initial_shape
from vnfm.sol003.requests import InstantiateVnfRequest


def sized(calls: int) -> DesiredVnf:
    request = InstantiateVnfRequest(flavour_id="full", ext_virtual_links=(attached("net-outside"),))
    shape = msgspec.structs.replace(initial_shape(BORDER, request), scale_levels={"calls": calls})
    return desired_state(BORDER, shape, instance_id="vnf-1", label="sbc")


def scaled_out() -> tuple[Plan, DesiredVnf]:
    before, vnf = created(sized(0).graph), sized(1)
    return difference(before, kept(vnf.graph, before), scope="vnf/1", behaviours=BEHAVIOURS), vnf


def test_every_kind_of_resource_is_named_by_its_template():
    """Servers, all kinds of storage, networks and external ports; what is none of them is not for a grant."""
    vnf = sized(0)
    plan = difference({}, vnf.graph, scope="vnf/1", behaviours=BEHAVIOURS)
    found = definitions(plan, Verb.CREATE, vnf.attachments, vnfd_id=BORDER.id)
    assert sorted((it.type, it.resource_template_id, it.vdu_id) for it in found) == [
        ("COMPUTE", "control", "control"),
        ("COMPUTE", "media", "media"),
        ("LINKPORT", "access", None),
        ("LINKPORT", "shared-outside", None),
        ("LINKPORT", "voice", None),
        ("STORAGE", "archive", None),
        ("STORAGE", "recordings", None),
        ("STORAGE", "scratch", None),
        ("VL", "inside", None),
    ]
    assert not any(it.resource for it in found)


def test_a_link_whose_rates_change_is_updated():
    """The grant is about the link, and names the network that is there."""
    plan, vnf = scaled_out()
    (link,) = definitions(plan, Verb.UPDATE, vnf.attachments, vnfd_id=BORDER.id)
    assert (link.id, link.type, link.resource_template_id) == ("vl/inside/network", "VL", "inside")
    assert link.resource.resource_id == "id-of-vl/inside/network"


def test_what_is_new_and_connected_is_on_one_vim_with_what_is_there():
    """One constraint for all of it; of what exists one resource is enough to say where."""
    plan, vnf = scaled_out()
    added = definitions(plan, Verb.CREATE, vnf.attachments, vnfd_id=BORDER.id)
    (constraint,) = vim_constraints(plan, added)
    assert constraint.same_resource_group is True
    there, *new = constraint.resource
    assert there.id_type == "RES_MGMT"
    assert there.vim_connection_id == "vim-1"
    assert {(it.id_type, it.resource_id) for it in new} == {("GRANT", it.id) for it in added}
    assert vim_constraints(plan, ()) == ()
