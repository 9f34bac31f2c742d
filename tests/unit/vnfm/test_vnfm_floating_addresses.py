from __future__ import annotations

from unittest.mock import AsyncMock

import msgspec
import pytest
from vnf_with_everything import BORDER, FULL, attached
from vnfm_examples import created

from descriptors.model.vnfd import AddressRequest, ConnectionPoint, Vnfd
from mano_runtime.workflow.graph import Graph, reference
from mano_runtime.workflow.plan import difference
from vim_adapters.performer import BEHAVIOURS
from vnfm.drivers.components import components
from vnfm.drivers.contract import Run, Script
from vnfm.inventory.description import describe
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.script_inputs import Scope, evaluated
from vnfm.planning.shape import Shape, initial_shape
from vnfm.planning.vnfc_facts import vnfc_facts
from vnfm.sol003.connectivity import ExtLinkPortData, ExtManagedVirtualLinkData, ExtVirtualLinkData, VnfExtCpConfig
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.requests import InstantiateVnfRequest

MGMT, OUTSIDE = "vdu/media/0/cp/mgmt", "vdu/media/0/floating/mgmt"
ROUTER = "vl/inside/router"
FLOATING = (AddressRequest(floating=True),)


def shape(link: ExtVirtualLinkData | None = None, **changes) -> Shape:
    links = (attached("net-outside") if link is None else link,)
    wanted = initial_shape(BORDER, InstantiateVnfRequest(flavour_id="full", ext_virtual_links=links))
    return msgspec.structs.replace(wanted, **changes)


def with_points(**changes: tuple[AddressRequest, ...]) -> Vnfd:
    """Return the VNFD with other address data of some connection points."""
    points: dict[str, ConnectionPoint] = {
        name: msgspec.structs.replace(point, addresses=changes.get(name.replace("-", "_"), point.addresses))
        for name, point in FULL.connection_points.items()
    }
    return msgspec.structs.replace(BORDER, flavours={"full": msgspec.structs.replace(FULL, connection_points=points)})


def desired(wanted: Shape | None = None, vnfd: Vnfd = BORDER) -> DesiredVnf:
    return desired_state(vnfd, wanted or shape(), instance_id="vnf-1", label="sbc")


def config(name: str, **attributes) -> ExtVirtualLinkData:
    """Return the external link with another configuration of one of its connection points."""
    link = attached("net-outside")
    port = ExtLinkPortData(id="given", resource_handle=ResourceHandle(resource_id="port-7"))
    cps = tuple(
        msgspec.structs.replace(
            cp,
            cp_config={
                key: msgspec.structs.replace(found or VnfExtCpConfig(), **attributes)
                for key, found in list(cp.cp_config.items())[:1]
            },
        )
        if cp.cpd_id == name
        else cp
        for cp in link.ext_cps
    )
    return msgspec.structs.replace(link, ext_cps=cps, ext_link_ports=(port,))


def test_a_connection_point_inside_is_reached_through_a_router():
    """Each instance has its address, and their link one router, of its IPv4 subnet; no server waits for either."""
    graph = desired(shape(scale_levels={"calls": 1})).graph
    for index in (0, 1):
        floating = graph[f"vdu/media/{index}/floating/mgmt"].spec
        assert floating["port"] == reference(f"vdu/media/{index}/cp/mgmt")
        assert floating["router"] == reference(ROUTER)
    assert graph[ROUTER].spec["subnets"] == [reference("vl/inside/subnet/0")]
    assert [path for path in graph if path.endswith("/router")] == [ROUTER]
    assert not any(reference(OUTSIDE) in str(resource.spec) for resource in graph.values())


def test_without_a_floating_address_there_is_no_router():
    """A VNF that asks for none has what it had."""
    graph = desired(vnfd=with_points(mgmt=())).graph
    assert not [path for path in graph if "floating" in path or path.endswith("/router")]


def test_a_connection_point_outside_is_reached_through_somebody_elses_router():
    """Who made the network sees to its way outside; a link port made beforehand is led to as it is."""
    vnfd = with_points(mgmt=(), access=FLOATING)
    graph = desired(vnfd=vnfd).graph
    assert graph["vdu/media/0/floating/access"].spec == {
        "name": "sbc-media-0-access",
        "port": reference("vdu/media/0/cp/access"),
    }
    assert ROUTER not in graph
    given = desired(shape(config("voice", link_port_id="given")), with_points(mgmt=(), voice=FLOATING)).graph
    assert given["vdu/media/0/floating/voice"].spec["port"] == "port-7"


def test_an_externally_managed_link_keeps_its_own_router():
    """The address leads to the port, and no router is made."""
    managed = ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="inside", resource_id="net-7")
    graph = desired(shape(ext_managed_virtual_links=(managed,))).graph
    assert "router" not in graph[OUTSIDE].spec
    assert ROUTER not in graph


def test_a_virtual_connection_point_has_a_floating_address_as_well():
    """It leads to the port that keeps the shared address, and is of the same generation."""
    vnfd = with_points(mgmt=(), shared_inside=FLOATING)
    graph = desired(shape(generations={"vip/shared-inside": 2, "vl/inside": 3}), vnfd).graph
    spec = graph["vip/shared-inside~2/0/floating"].spec
    assert spec["port"] == reference("vip/shared-inside~2/0")
    assert spec["router"] == reference("vl/inside~3/router")


@pytest.mark.parametrize(
    ("vnfd", "link", "message"),
    [
        (with_points(mgmt=(AddressRequest(floating=True, ip_version=6),)), None, "'mgmt' asks for .* IPv4 only"),
        (
            with_points(mgmt=(), shared_outside=FLOATING),
            config("shared-outside", create_ext_link_port=False),
            "createExtLinkPort: connection point 'shared-outside'",
        ),
    ],
)
def test_what_cannot_float_is_refused(vnfd, link, message):
    """The refusal names the connection point and says what to do."""
    with pytest.raises(PlanningRefusedError, match=message):
        desired(shape(link), vnfd)


def test_a_link_without_ipv4_has_no_floating_addresses():
    """The refusal names the link."""
    inside = msgspec.structs.replace(FULL.virtual_links["inside"], l3=FULL.virtual_links["inside"].l3[1:])
    flavour = msgspec.structs.replace(FULL, virtual_links={"inside": inside})
    with pytest.raises(PlanningRefusedError, match="'inside' has connection points with floating addresses"):
        desired(vnfd=msgspec.structs.replace(BORDER, flavours={"full": flavour}))


def made() -> Graph:
    return created(desired().graph)


def test_the_address_is_told_with_the_connection_point():
    """After those of the port itself, on no subnet, as chosen by the VIM."""
    info = describe(shape(), made(), desired().attachments)
    media = next(vnfc for vnfc in info.vnfc_resource_info if vnfc.vdu_id == "media")
    point = next(point for point in media.vnfc_cp_info if point.cpd_id == "mgmt")
    (protocol,) = point.cp_protocol_info
    assert protocol.ip_over_ethernet is not None
    *_, floating = protocol.ip_over_ethernet.ip_addresses
    assert (floating.addresses, floating.is_dynamic, floating.subnet_id) == (("198.18.0.7",), True, None)


def test_scripts_and_boot_data_are_told_the_address():
    """As ``public_address``, which is the first one of the port where nothing floats; the VNFC is reached under it."""
    (media,) = (vnfc for vnfc in vnfc_facts(made(), desired().attachments, made=True) if vnfc["vdu"] == "media")
    scope = Scope(operation="instantiate", vnfcs=(media,))
    for node, attribute, value in (
        ("mgmt", "public_address", "198.18.0.7"),
        ("media", "public_address", "198.18.0.7"),
        ("access", "public_address", "10.0.0.10"),
        ("mgmt", "address", "10.0.0.10"),
    ):
        assert evaluated({"get_attribute": [node, attribute]}, scope, "here") == value
    run = Run(
        key="k", script=Script(hook="instantiate_end", options={"cp": "mgmt"}), facts={"vnfcs": [media]}, timeout=1.0,
        files=AsyncMock(), cancelled=lambda: False,
    )  # fmt: skip
    assert components(run)[0].address == "198.18.0.7"
    data = msgspec.structs.replace(FULL.vdus["media"], boot_data="I am {{ cp.mgmt.public_address }}")
    flavour = msgspec.structs.replace(FULL, vdus={**FULL.vdus, "media": data})
    graph = desired(vnfd=msgspec.structs.replace(BORDER, flavours={"full": flavour})).graph
    assert OUTSIDE in graph["vdu/media/0/server"].needs


def test_a_port_that_is_made_anew_keeps_its_floating_address():
    """The address is led to the new port, once that is there."""
    before = made()
    port = msgspec.structs.replace(before[MGMT], spec={**before[MGMT].spec, "name": "other"})
    steps = [step.id for step in difference(before, {**before, MGMT: port}, scope="s", behaviours=BEHAVIOURS).steps]
    assert f"delete:{OUTSIDE}" not in steps
    assert steps.index(f"create:{MGMT}") < steps.index(f"update:{OUTSIDE}")


def test_a_link_that_is_made_anew_is_left_from_the_outside_in():
    """Addresses go before the router, the router before the subnet, and come the other way round."""
    before = made()
    subnet = before["vl/inside/subnet/0"]
    other = {**before, subnet.path: msgspec.structs.replace(subnet, spec={**subnet.spec, "cidr": "10.8.0.0/24"})}
    steps = [step.id for step in difference(before, other, scope="s", behaviours=BEHAVIOURS).steps]
    wanted = [
        *(f"delete:{path}" for path in (OUTSIDE, ROUTER, subnet.path)),
        *(f"create:{path}" for path in (subnet.path, ROUTER, OUTSIDE)),
    ]
    assert [step for step in steps if step in wanted] == wanted
