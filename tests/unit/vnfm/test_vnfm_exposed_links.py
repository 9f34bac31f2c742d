"""External connection points that expose a whole internal virtual link are reached through a router of it."""

from __future__ import annotations

import msgspec
import pytest
from vnf_with_everything import BORDER, FULL, attached, exposed

from mano_runtime.workflow.graph import reference
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape, initial_shape
from vnfm.sol003.connectivity import (
    CpProtocolData,
    ExtLinkPortData,
    ExtManagedVirtualLinkData,
    ExtVirtualLinkData,
    IpAddressData,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
    VnfExtCpData,
)
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.requests import InstantiateVnfRequest

LINK = exposed(attached("net-outside"))


def shape(*links: ExtVirtualLinkData, managed: tuple[ExtManagedVirtualLinkData, ...] = ()) -> Shape:
    request = InstantiateVnfRequest(flavour_id="full", ext_virtual_links=links, ext_managed_virtual_links=managed)
    return initial_shape(BORDER, request)


def desired(wanted: Shape) -> DesiredVnf:
    return desired_state(BORDER, wanted, instance_id="vnf-1", label="sbc")


def on(network: str, cpd_id: str, *addresses: str, **config: object) -> ExtVirtualLinkData:
    """Return an external link with one connection point on it that asks for addresses."""
    data = IpOverEthernetAddressData(ip_addresses=(IpAddressData(type=IpAddressType.IPV4, fixed_addresses=addresses),))
    protocol = CpProtocolData(layer_protocol=LayerProtocol.IP_OVER_ETHERNET, ip_over_ethernet=data)
    entry = VnfExtCpConfig(cp_protocol_data=(protocol,) if addresses else (), **config)
    return ExtVirtualLinkData(
        id=f"{network}-{cpd_id}", resource_id=network, ext_cps=(VnfExtCpData(cpd_id=cpd_id, cp_config={"1": entry}),)
    )


def test_the_links_router_is_on_the_external_network():
    """With a port that has the address that is asked for; the router of floating addresses is the same one."""
    vnf = desired(shape(LINK))
    port = vnf.graph["ext/door"].spec
    assert port["network"] == "net-outside"
    assert port["router"] == reference("vl/inside/router")
    assert port["fixed_addresses"] == [{"address": "10.0.0.210"}]
    router = vnf.graph["vl/inside/router"].spec
    assert router["subnets"] == [reference(f"vl/inside/subnet/{number}") for number in range(2)]
    assert router.get("outside", True)
    assert "ext/gate" not in vnf.graph
    assert vnf.attachments["ext/gate"].shares == "ext/door"


def test_without_floating_addresses_the_router_leads_to_the_external_network_only():
    """It takes no network outside; with nothing on any external network there is no router, either."""
    points = {id_: msgspec.structs.replace(it, addresses=()) for id_, it in FULL.connection_points.items()}
    vnfd = msgspec.structs.replace(BORDER, flavours={"full": msgspec.structs.replace(FULL, connection_points=points)})
    planned = desired_state(vnfd, shape(LINK), instance_id="vnf-1", label="sbc").graph
    assert planned["vl/inside/router"].spec["outside"] is False
    bare = desired_state(vnfd, shape(), instance_id="vnf-1", label="sbc").graph
    assert not [path for path in bare if path.startswith("ext/") or path.endswith("/router")]


def test_on_two_networks_there_are_two_ports():
    """The router is once on each."""
    vnf = desired(shape(on("net-a", "door"), on("net-b", "gate")))
    assert [vnf.graph[f"ext/{name}"].spec["network"] for name in ("door", "gate")] == ["net-a", "net-b"]


PORT = ExtLinkPortData(id="port", resource_handle=ResourceHandle(resource_id="p"))
MANAGED = (ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="inside", resource_id="net-m"),)


@pytest.mark.parametrize(
    ("links", "managed", "attribute", "told"),
    [
        ((on("net-a", "door"),), MANAGED, "cpdId", "managed externally"),
        ((on("net-a", "door", "10.0.0.7", "10.0.0.8"),), (), "cpProtocolData", "one address"),
        ((on("net-a", "door"), on("net-a", "gate", "10.0.0.7")), (), "cpProtocolData", "share a port"),
        (
            (msgspec.structs.replace(on("net-a", "door", link_port_id="port"), ext_link_ports=(PORT,)),),
            (),
            "linkPortId",
            "made with its router",
        ),
    ],
)
def test_what_no_router_can_be_is_refused(links, managed, attribute, told):
    """The refusal names the attribute and what can be done."""
    with pytest.raises(PlanningRefusedError, match=told) as refused:
        desired(shape(*links, managed=managed))
    assert refused.value.attribute.endswith(attribute)
