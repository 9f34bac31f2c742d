from __future__ import annotations

import msgspec
import pytest
from vnf_with_everything import BORDER, FULL, attached
from vnfm_examples import created

from descriptors.model.vnfd import Vnfd
from mano_runtime.workflow.graph import Graph, reference
from mano_runtime.workflow.plan import difference
from vim_adapters.performer import BEHAVIOURS
from vnfm.planning.desired_state import desired_state
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import initial_shape
from vnfm.planning.trunks import guest_ports
from vnfm.sol003.connectivity import ExtLinkPortData, ExtVirtualLinkData, VnfExtCpConfig, VnfExtCpData
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.requests import InstantiateVnfRequest

TRUNK = "vdu/media/0/trunk/access"


def graph(link: ExtVirtualLinkData | None = None, vnfd: Vnfd = BORDER) -> Graph:
    links = (attached("net-outside") if link is None else link,)
    shape = initial_shape(vnfd, InstantiateVnfRequest(flavour_id="full", ext_virtual_links=links))
    return desired_state(vnfd, shape, instance_id="vnf-1", label="sbc").graph


def with_configs(**configs: VnfExtCpConfig) -> ExtVirtualLinkData:
    ports = tuple(
        ExtLinkPortData(id=name, resource_handle=ResourceHandle(resource_id=f"port-{name}"), trunk_resource_id=trunk)
        for name, trunk in (("access", "trunk-1"), ("voice", None))
    )
    cps = tuple(VnfExtCpData(cpd_id=name, cp_config={name: config}) for name, config in configs.items())
    return msgspec.structs.replace(attached("net-outside"), ext_cps=cps, ext_link_ports=ports)


def test_a_trunk_tells_its_ports_apart_as_the_request_says_or_else_the_descriptor():
    """The sub-ports are in the order of the descriptor; none of them is an interface of the guest."""
    planned = graph()
    assert planned[TRUNK].spec["port"] == reference("vdu/media/0/cp/access")
    assert planned[TRUNK].spec["sub_ports"] == [
        {"port": reference("vdu/media/0/cp/signalling"), "segmentation_type": "vlan", "segmentation_id": 101},
        {"port": reference("vdu/media/0/cp/voice"), "segmentation_type": "vlan", "segmentation_id": 200},
    ]
    server = planned["vdu/media/0/server"]
    assert guest_ports(server) == ["vdu/media/0/cp/mgmt", "vdu/media/0/cp/access"]


def test_a_server_comes_after_its_trunk_and_is_made_anew_with_it():
    """The guest's interface is got through the trunk, so that no plan changes a trunk under a running server."""
    before = created(graph())
    other = {**before, TRUNK: msgspec.structs.replace(before[TRUNK], spec={**before[TRUNK].spec, "name": "other"})}
    steps = difference(before, other, scope="vnf/1", behaviours=BEHAVIOURS).steps
    names = [step.id for step in steps]
    assert names.index("gone:vdu/media/0/server") < names.index(f"delete:{TRUNK}")
    assert names.index(f"create:{TRUNK}") < names.index("create:vdu/media/0/server")


def test_a_port_that_no_number_tells_apart_is_refused():
    """Guest and VIM must agree on the VLAN: nothing is made up."""
    with pytest.raises(PlanningRefusedError, match="'voice' is on a trunk, and no VLAN"):
        graph(with_configs(access=VnfExtCpConfig(), voice=VnfExtCpConfig()))


def test_a_port_may_inherit_its_number_from_its_network():
    """With INHERIT no number is asked for."""
    points = {
        **FULL.connection_points,
        "signalling": msgspec.structs.replace(FULL.connection_points["signalling"], segmentation_type="INHERIT"),
    }
    vnfd = msgspec.structs.replace(BORDER, flavours={"full": msgspec.structs.replace(FULL, connection_points=points)})
    first, _ = graph(vnfd=vnfd)[TRUNK].spec["sub_ports"]
    assert first == {"port": reference("vdu/media/0/cp/signalling"), "segmentation_type": "inherit"}


def test_a_trunk_that_was_made_beforehand_is_left_to_its_maker():
    """Its port is the guest's as it is; a port on it that we would have to add is refused."""
    given = VnfExtCpConfig(link_port_id="access"), VnfExtCpConfig(link_port_id="voice")
    points = {name: cp for name, cp in FULL.connection_points.items() if name != "signalling"}
    vnfd = msgspec.structs.replace(BORDER, flavours={"full": msgspec.structs.replace(FULL, connection_points=points)})
    planned = graph(with_configs(access=given[0], voice=given[1]), vnfd)
    assert TRUNK not in planned
    assert planned["vdu/media/0/server"].spec["ports"][1] == "port-access"
    with pytest.raises(PlanningRefusedError, match="'signalling' is on a trunk that was made beforehand"):
        graph(with_configs(access=given[0], voice=given[1]))
