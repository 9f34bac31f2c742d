from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE, Grants, created

from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.plan import Plan, Verb, difference
from mano_runtime.workflow.trust import doubtful
from vim_adapters.performer import BEHAVIOURS
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.grant_request import constraints, definitions
from vnfm.planning.placement import kept, placed
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape
from vnfm.sol003.grants import Grant, GrantInfo, GrantRequest, ZoneInfo
from vnfm.sol003.operation_occurrences import LcmOperationType


def desired(level: int = 0) -> DesiredVnf:
    shape = Shape(flavour_id="simple", scale_levels={"throughput": level}, ext_virtual_links=(OUTSIDE,))
    return desired_state(FIREWALL, shape, instance_id="vnf-1", label="fw")


def planned(before: Graph, wanted: Graph) -> Plan:
    return difference(before, wanted, scope="vnf/vnf-1", behaviours=BEHAVIOURS)


def asked(plan: Plan, vnf: DesiredVnf) -> GrantRequest:
    return GrantRequest(
        vnf_instance_id="vnf-1",
        vnf_lcm_op_occ_id="op-1",
        vnfd_id=FIREWALL.id,
        operation=LcmOperationType.SCALE,
        is_automatic_invocation=False,
        add_resources=definitions(plan, Verb.CREATE, vnf.attachments, vnfd_id=FIREWALL.id),
    )


def grant(*, elsewhere: tuple[str, ...] = ()) -> Grant:
    """Return the grant of everything on one VIM, and of some resources on another."""
    vnf = desired()
    answer = Grants().answer(asked(planned({}, vnf.graph), vnf))
    moved = tuple(
        msgspec.structs.replace(info, vim_connection_id="vim-2") if info.resource_definition_id in elsewhere else info
        for info in answer.add_resources
    )
    return msgspec.structs.replace(answer, add_resources=moved)


def test_everything_follows_what_the_grant_places():
    """Resources that a grant does not speak of go where what they are connected to goes."""
    vnf = desired()
    graph = placed(vnf.graph, grant(), vnf.attachments)
    assert {resource.target for resource in graph.values()} == {"vim-1"}


def test_servers_and_their_volumes_are_put_into_the_zone():
    """The zone is the VIM's name of it, and a volume without a zone of its own is put into its server's."""
    vnf = desired()
    graph = placed(vnf.graph, grant(), vnf.attachments)
    zoned = {path for path, resource in graph.items() if resource.spec.get("zone") == "az1"}
    assert zoned == {
        "vdu/firewall/0/server",
        "vdu/firewall/0/storage/log",
        "vdu/database/0/server",
        "vdu/database/0/storage/scratch",
        "vdu/database/0/storage/system",
    }


def test_a_zone_may_tell_the_vim():
    """A grant that names a zone's VIM and not the resource's means that VIM."""
    answer = grant()
    bare = tuple(
        GrantInfo(resource_definition_id=info.resource_definition_id, zone_id="z") for info in answer.add_resources
    )
    vnf = desired()
    graph = placed(vnf.graph, msgspec.structs.replace(answer, add_resources=bare), vnf.attachments)
    assert {resource.target for resource in graph.values()} == {"vim-1"}


def test_a_vnf_that_a_grant_tears_apart_is_refused():
    """What is connected must be on one VIM; the refusal names both sides."""
    vnf = desired()
    with pytest.raises(PlanningRefusedError, match=r"'vim-[12]'.*'vim-[12]'"):
        placed(vnf.graph, grant(elsewhere=("vdu/database/0/server",)), vnf.attachments)


def test_a_vnf_away_from_its_virtual_link_is_refused():
    """A port cannot be on another VIM than the external virtual link that it is attached to."""
    link = msgspec.structs.replace(OUTSIDE, vim_connection_id="vim-2")
    shape = Shape(flavour_id="simple", ext_virtual_links=(link,))
    vnf = desired_state(FIREWALL, shape, instance_id="vnf-1", label="fw")
    with pytest.raises(PlanningRefusedError, match="external virtual link 'ns-link' is on VIM 'vim-2'"):
        placed(vnf.graph, grant(), vnf.attachments)


def test_a_grant_without_a_vim_is_refused():
    """Nothing is planned where nobody said where."""
    vnf = desired()
    with pytest.raises(PlanningRefusedError, match="no VIM connection"):
        placed(vnf.graph, msgspec.structs.replace(grant(), add_resources=(), zones=()), vnf.attachments)


def test_a_zone_of_another_vim_is_refused():
    """A resource is on one VIM, and its zone is of that VIM."""
    answer = msgspec.structs.replace(grant(), zones=(ZoneInfo(id="z", zone_id="az1", vim_connection_id="vim-2"),))
    infos = tuple(msgspec.structs.replace(info, zone_id="z") for info in answer.add_resources)
    vnf = desired()
    with pytest.raises(PlanningRefusedError, match="into zone 'z', which is of VIM 'vim-2'"):
        placed(vnf.graph, msgspec.structs.replace(answer, add_resources=infos), vnf.attachments)


def reserving(path: str) -> Grant:
    """Return the grant of everything, with something reserved for one resource."""
    answer = grant()
    infos = tuple(
        msgspec.structs.replace(info, reservation_id="lease-1") if info.resource_definition_id == path else info
        for info in answer.add_resources
    )
    return msgspec.structs.replace(answer, add_resources=infos)


def test_a_server_is_taken_out_of_its_reservation():
    """It is asked of the VIM with the server, of no other server, and stays with it when the VNF changes."""
    vnf, path = desired(), "vdu/firewall/0/server"
    graph = placed(vnf.graph, reserving(path), vnf.attachments)
    assert {at: it.spec["reservation"] for at, it in graph.items() if "reservation" in it.spec} == {path: "lease-1"}
    before = created(graph)
    assert planned(before, kept(desired().graph, before)).steps == ()


def test_what_cannot_be_reserved_is_refused():
    """A reservation that no VIM could be told of is not passed over in silence."""
    vnf = desired()
    with pytest.raises(PlanningRefusedError, match="'lease-1' reserved for 'vdu/firewall/0/storage/log', a volume"):
        placed(vnf.graph, reserving("vdu/firewall/0/storage/log"), vnf.attachments)


def test_what_exists_stays_where_it_is():
    """A scale-out that is granted another zone moves nothing: the plan creates, and changes nothing else."""
    small, large = desired(), desired(1)
    before = created(placed(small.graph, grant(), small.attachments))
    draft = kept(large.graph, before)
    answer = Grants().answer(asked(planned(before, draft), large))
    answer = msgspec.structs.replace(answer, zones=(ZoneInfo(id="z", zone_id="elsewhere", vim_connection_id="vim-1"),))
    plan = planned(before, placed(draft, answer, large.attachments))
    assert plan.counts() == {"create": 4, "update": 0, "delete": 0}
    assert plan.desired["vdu/firewall/1/server"].spec["zone"] == "elsewhere"


def test_what_is_in_doubt_is_made_anew_under_a_name_of_its_own():
    """A server that was never seen ready is removed and created again next to its volume, as often as needed."""
    vnf = desired()
    before = created(placed(vnf.graph, grant(), vnf.attachments))
    path = "vdu/firewall/0/server"
    for name in ("fw-firewall-0-r2", "fw-firewall-0-r3"):
        half_made = {**(before[path].result or {}), "state": "pending"}
        before = {**before, path: msgspec.structs.replace(before[path], result=half_made)}
        draft = kept(vnf.graph, before, doubtful(before, BEHAVIOURS))
        answer = Grants(zone="elsewhere").answer(asked(planned(before, draft), vnf))
        plan = planned(before, placed(draft, answer, vnf.attachments))
        assert plan.counts() == {"create": 1, "update": 0, "delete": 1}
        assert plan.desired[path].spec["name"] == name
        assert plan.desired[path].spec["zone"] == "az1"
        before = created(plan.desired)
    settled = kept(vnf.graph, before, doubtful(before, BEHAVIOURS))
    assert planned(before, settled).steps == ()


def test_a_grant_is_asked_for_what_a_grant_speaks_of():
    """Servers, volumes, networks and ports outside are named with their templates; the rest goes without saying."""
    vnf = desired()
    found = {it.id: (it.type, it.resource_template_id) for it in asked(planned({}, vnf.graph), vnf).add_resources}
    assert found == {
        "vdu/firewall/0/server": ("COMPUTE", "firewall"),
        "vdu/database/0/server": ("COMPUTE", "database"),
        "vdu/firewall/0/storage/log": ("STORAGE", "log"),
        "vdu/database/0/storage/scratch": ("STORAGE", "scratch"),
        "vdu/database/0/storage/system": ("STORAGE", "system"),
        "vl/inside/network": ("VL", "inside"),
        "vl/raw/network": ("VL", "raw"),
        "vl/sync/network": ("VL", "sync"),
        "vdu/firewall/0/cp/fw-out": ("LINKPORT", "outside"),
    }


def test_a_removal_names_the_resource_on_the_vim():
    """What is to be removed is given with its identifier, so that the NFVO knows what becomes free."""
    before = created(desired().graph)
    removed = definitions(planned(before, {}), Verb.DELETE, {}, vnfd_id=FIREWALL.id)
    server = next(it for it in removed if it.id == "vdu/firewall/0/server")
    assert server.resource is not None
    assert server.resource.resource_id == "id-of-vdu/firewall/0/server"
    assert server.resource.vim_connection_id == "vim-1"


def test_affinity_rules_are_constraints_on_what_is_new():
    """New resources are named by their definitions and existing ones by the VIM; a rule about one thing is left out."""
    rules = FIREWALL.flavours["simple"].affinity_rules
    first = constraints(planned({}, desired().graph), rules)
    assert [(it.affinity_or_anti_affinity, it.scope) for it in first] == [("AFFINITY", "ZONE")]
    before = created(desired().graph)
    out = constraints(planned(before, kept(desired(1).graph, before)), rules)
    assert [(it.affinity_or_anti_affinity, it.scope) for it in out] == [
        ("ANTI_AFFINITY", "NFVI_NODE"),
        ("AFFINITY", "ZONE"),
    ]
    assert {(ref.id_type, ref.resource_id) for ref in out[0].resource} == {
        ("RES_MGMT", "id-of-vdu/firewall/0/server"),
        ("GRANT", "vdu/firewall/1/server"),
    }
    assert constraints(planned(before, {}), rules) == ()
