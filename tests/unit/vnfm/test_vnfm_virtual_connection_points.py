from __future__ import annotations

import msgspec
from vnf_with_everything import BORDER, attached
from vnfm_examples import created

from mano_runtime.workflow.graph import reference
from mano_runtime.workflow.plan import Verb, difference
from vim_adapters.performer import BEHAVIOURS
from vnfm.inventory.description import describe
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.grant_request import definitions
from vnfm.planning.shape import Shape, initial_shape
from vnfm.sol003.connectivity import ExtLinkPortData, ExtVirtualLinkData, VnfExtCpConfig
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.grants import ResourceDefinition
from vnfm.sol003.requests import InstantiateVnfRequest


def shape(calls: int = 0, link: ExtVirtualLinkData | None = None) -> Shape:
    links = (attached("net-outside") if link is None else link,)
    wanted = initial_shape(BORDER, InstantiateVnfRequest(flavour_id="full", ext_virtual_links=links))
    return msgspec.structs.replace(wanted, scale_levels={"calls": calls})


def desired(wanted: Shape) -> DesiredVnf:
    return desired_state(BORDER, wanted, instance_id="vnf-1", label="sbc")


def without_a_port_of_its_own() -> ExtVirtualLinkData:
    link = attached("net-outside")
    *others, shared = link.ext_cps
    config = msgspec.structs.replace(shared.cp_config["shared"] or VnfExtCpConfig(), create_ext_link_port=False)
    return msgspec.structs.replace(
        link, ext_cps=(*others, msgspec.structs.replace(shared, cp_config={"shared": config}))
    )


def granted(vnf: DesiredVnf, path: str) -> ResourceDefinition:
    """Return what a grant for the instantiation is asked for at a path."""
    plan = difference({}, vnf.graph, scope="vnf/vnf-1", behaviours=BEHAVIOURS)
    found = definitions(plan, Verb.CREATE, vnf.attachments, vnfd_id=BORDER.id)
    return next(definition for definition in found if definition.id == path)


def test_a_shared_address_is_kept_by_a_port_that_no_server_has():
    """The ports of those who share it carry its addresses; there are as many of them as the size asks for."""
    for calls, count in ((0, 1), (2, 2)):
        planned = desired(shape(calls)).graph
        kept = [path for path in planned if path.startswith("vip/shared-inside/")]
        assert kept == [f"vip/shared-inside/{index}" for index in range(count)]
        for sharing in ("vdu/media/0/cp/mgmt", "vdu/control/0/cp/control-in"):
            assert planned[sharing].spec["carries_addresses_of"] == [reference(path) for path in kept]
        assert not any(reference(path) in planned["vdu/media/0/server"].spec["ports"] for path in kept)


def test_one_that_leads_to_containers_only_is_not_planned():
    """Its address is kept by whoever manages the containers."""
    assert not any(path.startswith("vip/service/") for path in desired(shape()).graph)


def test_one_on_an_external_link_is_attached_as_the_request_says():
    """Its port has the address that was asked for, and is granted like any other external port."""
    vnf = desired(shape())
    assert vnf.graph["vip/shared-outside/0"].spec["fixed_addresses"] == [{"address": "10.0.0.200"}]
    definition = granted(vnf, "vip/shared-outside/0")
    assert (definition.type, definition.resource_template_id) == ("LINKPORT", "shared-outside")


def test_one_without_a_port_of_its_own_shares_that_of_a_component():
    """The component's port may carry its address, and is granted and told of as the port of both."""
    wanted = shape(link=without_a_port_of_its_own())
    vnf = desired(wanted)
    voice = "vdu/media/0/cp/voice"
    assert "vip/shared-outside/0" not in vnf.graph
    assert {"address": "10.0.0.200"} in vnf.graph[voice].spec["allowed_address_pairs"]
    definition = granted(vnf, voice)
    assert (definition.resource_template_id, definition.secondary_resource_template_id) == ("voice", "shared-outside")
    info = describe(wanted, created(vnf.graph), vnf.attachments)
    external = {cp.cpd_id: cp for cp in info.ext_cp_info}
    assert external["shared-outside"].associated_vip_cp_id == "vip/shared-outside/0"
    assert external["shared-outside"].ext_link_port_id == external["voice"].ext_link_port_id == f"{voice}/port"
    ports = {port.cp_instance_id: port for port in info.ext_virtual_link_info[0].ext_link_ports}
    assert ports[f"{voice}/external"].secondary_cp_instance_id == "vip/shared-outside/0/external"
    assert len(ports) == 2


def test_one_on_a_port_that_was_made_beforehand_is_carried_by_its_identifier():
    """No port is made, and its identifier on the VIM is what the components' ports refer to."""
    link = attached("net-outside")
    *others, shared = link.ext_cps
    given = msgspec.structs.replace(shared, cp_config={"shared": VnfExtCpConfig(link_port_id="given")})
    port = ExtLinkPortData(id="given", resource_handle=ResourceHandle(resource_id="port-7"))
    vnf = desired(shape(link=msgspec.structs.replace(link, ext_cps=(*others, given), ext_link_ports=(port,))))
    assert "vip/shared-outside/0" not in vnf.graph
    assert vnf.graph["vdu/media/0/cp/voice"].spec["carries_addresses_of"] == ["port-7"]
