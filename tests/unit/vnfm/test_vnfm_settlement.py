from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE, created, with_port

from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.plan import Plan, difference
from vim_adapters.performer import BEHAVIOURS
from vnfm.inventory.description import describe
from vnfm.inventory.records import VnfRecord, instance_of
from vnfm.lifecycle.decision import Decision
from vnfm.lifecycle.settlement import settled
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.shape import Shape
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.general import VimConnectionInfo

EMPTY = VnfRecord(
    id="vnf-1",
    label="fw",
    vnfd_id=FIREWALL.id,
    provider="Example",
    product_name="Firewall",
    software_version="1.0",
    vnfd_version="1.0",
)


def shape(level: int = 0, link: ExtVirtualLinkData = OUTSIDE) -> Shape:
    return Shape(
        flavour_id="simple",
        scale_levels={"throughput": level},
        max_scale_levels={"throughput": 2},
        ext_virtual_links=(link,),
    )


def desired(level: int = 0) -> DesiredVnf:
    return desired_state(FIREWALL, shape(level), instance_id="vnf-1", label="fw")


def operation(kind: str, state: OperationState, before: Graph, after: int | None) -> Operation:
    wanted = created(desired(after).graph) if after is not None else {}
    decision = Decision(
        grant_id="grant-1",
        shape=shape(after) if after is not None else None,
        attachments=desired(after).attachments if after is not None else {},
        attachments_before=desired(0).attachments if before else {},
        vim_connection_info={"vim-1": VimConnectionInfo(vim_type="SIMULATED")} if after is not None else {},
    )
    bare = {path: msgspec.structs.replace(resource, result=None) for path, resource in wanted.items()}
    plan: Plan = difference(before, bare, scope="vnf/vnf-1", behaviours=BEHAVIOURS)
    return Operation(
        id="op-1",
        level="vnf",
        kind=kind,
        subject="vnf-1",
        state=state,
        state_entered_at="2026-01-01T00:00:00Z",
        started_at="2026-01-01T00:00:00Z",
        context=decision.encoded(),
        plan=plan,
    )


def instantiated() -> VnfRecord:
    return settled(EMPTY, operation("INSTANTIATE", OperationState.COMPLETED, {}, 0), created(desired().graph))


def test_a_completed_instantiation_has_the_shape_that_was_decided():
    """State, size, inventory and connections are there, and settling the same again changes nothing."""
    record = instantiated()
    assert record.state == "INSTANTIATED"
    assert record.shape == shape()
    assert record.vim_connection_info.keys() == {"vim-1"}
    again = settled(record, operation("INSTANTIATE", OperationState.COMPLETED, {}, 0), created(desired().graph))
    assert again == record
    assert msgspec.json.decode(msgspec.json.encode(record), type=VnfRecord) == record


def test_a_completed_termination_leaves_the_record_as_it_was_created():
    """Nothing of the VNF's time is left."""
    record = instantiated()
    after = settled(record, operation("TERMINATE", OperationState.COMPLETED, record.graph, None), {})
    assert after == EMPTY


@pytest.mark.parametrize("state", [OperationState.FAILED_TEMP, OperationState.FAILED])
def test_a_failed_scaling_keeps_the_size_and_tells_what_is_there(state):
    """The scale level stays, and the VNFC that came to be is in the inventory."""
    record = instantiated()
    after = settled(record, operation("SCALE", state, record.graph, 1), created(desired(1).graph))
    assert after.shape == record.shape
    assert after.info is not None
    assert [vnfc.id for vnfc in after.info.vnfc_resource_info] == [
        "vdu/database/0",
        "vdu/firewall/0",
        "vdu/firewall/1",
    ]
    assert len(after.info.ext_cp_info) == 2


def test_a_rolled_back_scaling_is_as_before():
    """The record equals what it was before the operation."""
    record = instantiated()
    stopped = settled(
        record, operation("SCALE", OperationState.FAILED_TEMP, record.graph, 1), created(desired(1).graph)
    )
    back = settled(stopped, operation("SCALE", OperationState.ROLLED_BACK, record.graph, 1), record.graph)
    assert (back.graph, back.shape, back.info) == (record.graph, record.shape, record.info)


def test_an_instantiation_given_up_can_be_terminated_if_anything_is_left():
    """FAILED with something left is INSTANTIATED, so that it can be removed; with nothing left it is not."""
    part = {"vl/inside/network": created(desired().graph)["vl/inside/network"]}
    stopped = settled(EMPTY, operation("INSTANTIATE", OperationState.FAILED_TEMP, {}, 0), part)
    assert (stopped.state, stopped.graph, stopped.info) == ("NOT_INSTANTIATED", part, None)
    left = settled(stopped, operation("INSTANTIATE", OperationState.FAILED, {}, 0), part)
    assert left.state == "INSTANTIATED"
    assert left.info is not None
    assert [link.id for link in left.info.vnf_virtual_link_resource_info] == ["vl/inside/network"]
    nothing = settled(EMPTY, operation("INSTANTIATE", OperationState.FAILED, {}, 0), {})
    assert nothing.state == "NOT_INSTANTIATED"


def test_what_should_have_gone_is_not_taken_for_granted():
    """After a termination that failed, what is left is marked as uncertain."""
    record = instantiated()
    left = {"vl/inside/network": record.graph["vl/inside/network"]}
    after = settled(record, operation("TERMINATE", OperationState.FAILED, record.graph, None), left)
    assert after.state == "INSTANTIATED"
    assert (after.graph["vl/inside/network"].result or {})["state"] == "uncertain"


def test_what_an_instantiation_sets_is_kept_once_it_is_completed():
    """Extensions and configurable properties of the request are the instance's then, and not before."""
    request = {"extensions": {"mode": "active"}, "vnfConfigurableProperties": {"isAutoscaleEnabled": "false"}}
    begun = msgspec.structs.replace(operation("INSTANTIATE", OperationState.FAILED_TEMP, {}, 0), request=request)
    assert settled(EMPTY, begun, {}).extensions == {}
    done = msgspec.structs.replace(begun, state=OperationState.COMPLETED)
    record = settled(EMPTY, done, created(desired().graph))
    assert record.extensions == {"mode": "active"}
    assert record.configurable_properties == {"isAutoscaleEnabled": "false"}


def test_an_operation_without_a_plan_changes_nothing():
    """A refused grant leaves the record as it is."""
    refused = msgspec.structs.replace(operation("INSTANTIATE", OperationState.ROLLED_BACK, {}, 0), plan=None)
    assert settled(EMPTY, refused, {}) == EMPTY


def test_the_inventory_is_closed():
    """Whatever an entry of the inventory refers to by an identifier is an entry itself."""
    info = instantiated().info
    assert info is not None
    cps = {cp.id: cp for vnfc in info.vnfc_resource_info for cp in vnfc.vnfc_cp_info}
    external = {cp.id: cp for cp in info.ext_cp_info}
    ports = {port.id: port for link in info.vnf_virtual_link_resource_info for port in link.vnf_link_ports}
    outside = {port.id: port for link in info.ext_virtual_link_info for port in link.ext_link_ports}
    storages = {storage.id for storage in info.virtual_storage_resource_info}
    for cp in cps.values():
        assert (cp.vnf_ext_cp_id in external) != (cp.vnf_link_port_id in ports)
        assert cp.cp_protocol_info
    for cp in external.values():
        assert cp.associated_vnfc_cp_id in cps
        assert cp.ext_link_port_id in outside
        assert outside[cp.ext_link_port_id].cp_instance_id == cp.id
        assert cp.cp_config_id in info.ext_virtual_link_info[0].current_vnf_ext_cp_data[0].cp_config
    assert {port.cp_instance_id for port in ports.values()} <= cps.keys()
    assert {storage for vnfc in info.vnfc_resource_info for storage in vnfc.storage_resource_ids} == storages


def test_addresses_are_told_by_their_version():
    """What the VIM says of a port is in the connection point, IPv4 and IPv6 apart."""
    info = instantiated().info
    assert info is not None
    ethernet = info.ext_cp_info[0].cp_protocol_info[0].ip_over_ethernet
    assert ethernet is not None
    assert ethernet.mac_address == "fa:16:3e:00:00:01"
    assert {it.type: it.addresses for it in ethernet.ip_addresses} == {"IPV4": ("10.0.0.10",), "IPV6": ("fd00::10",)}


def test_a_port_made_beforehand_is_told_as_it_was_given():
    """Its identifier on the VIM and its own identifier are those of the request, and it has a connection point."""
    given = shape(link=with_port())
    vnf = desired_state(FIREWALL, given, instance_id="vnf-1", label="fw")
    info = describe(given, created(vnf.graph), vnf.attachments)
    port = info.ext_virtual_link_info[0].ext_link_ports[0]
    assert (port.id, port.resource_handle.resource_id) == ("given", "port-given")
    assert info.ext_cp_info[0].ext_link_port_id == "given"


def test_an_externally_managed_link_is_told_with_its_ports():
    """The link is not one of ours, and the ports on it are."""
    given = msgspec.structs.replace(
        shape(),
        ext_managed_virtual_links=(
            ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="inside", resource_id="net-given"),
        ),
    )
    vnf = desired_state(FIREWALL, given, instance_id="vnf-1", label="fw")
    info = describe(given, created(vnf.graph), vnf.attachments)
    assert len(info.ext_managed_virtual_link_info[0].vnf_link_ports) == 2
    assert "inside" not in {link.vnf_virtual_link_desc_id for link in info.vnf_virtual_link_resource_info}


def test_instances_are_listed_by_number():
    """The tenth VNFC comes after the second."""
    graph = {
        f"vdu/firewall/{index}/server": msgspec.structs.replace(
            created(desired().graph)["vdu/firewall/0/server"], path=f"vdu/firewall/{index}/server"
        )
        for index in (10, 2)
    }
    info = describe(shape(), graph, {})
    assert [vnfc.id for vnfc in info.vnfc_resource_info] == ["vdu/firewall/2", "vdu/firewall/10"]


def test_an_instance_is_shown_as_it_is_recorded():
    """Attributes of the VNFD and what was asked at its creation are those of the record."""
    shown = instance_of(msgspec.structs.replace(EMPTY, name="edge", metadata={"tier": "edge"}))
    assert (shown.vnf_instance_name, shown.metadata, shown.vnfd_id) == ("edge", {"tier": "edge"}, FIREWALL.id)
    assert shown.instantiated_vnf_info is None
