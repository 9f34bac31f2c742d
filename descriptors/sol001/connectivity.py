"""Connection points of all kinds (Cp), and virtual links of VNFs and network services."""

from __future__ import annotations

from collections import Counter
from typing import Any

from descriptors.model.connectivity import (
    AddressRequest,
    ConnectionPoint,
    ExternalConnectionPoint,
    InterfaceRequirement,
    L2Protocol,
    L3Protocol,
    LinkQuality,
    ServicePort,
    SupportedInterface,
    VirtualLink,
)
from descriptors.sol001.amounts import boolean, integer, real, seconds, text, text_map, texts
from descriptors.sol001.monitoring import monitoring_parameters
from descriptors.sol001.releases import current
from descriptors.tosca.documents import mapping, plain, sequence
from descriptors.tosca.topology import Node, Topology

VDU_CP = "tosca.nodes.nfv.VduCp"
EXT_CP = "tosca.nodes.nfv.VnfExtCp"
SUB_CP = "tosca.nodes.nfv.VduSubCp"
VIRTUAL_CPS = ("tosca.nodes.nfv.VipCp", "tosca.nodes.nfv.VirtualCp")
_KNOWN_CPS = (SUB_CP, VDU_CP, EXT_CP, *VIRTUAL_CPS, "tosca.nodes.nfv.PnfExtCp")
INTERNAL_LINK = "tosca.nodes.nfv.VnfVirtualLink"
SECURITY_RULES = ("tosca.policies.nfv.SecurityGroupRule", "tosca.policies.nfv.VnfSecurityGroupRule")


def read_virtual_links(topology: Topology, *types: str) -> dict[str, VirtualLink]:
    """Read the virtual links of these types."""
    return {node.name: virtual_link(node) for node in topology.of_type(*types)}


def read_connection_points(topology: Topology) -> dict[str, ConnectionPoint]:
    """Read every connection point of a flavour, whether inside or at its border."""
    points = {}
    for node in topology.of_type(VDU_CP, EXT_CP, *VIRTUAL_CPS):
        kind = "VDU" if node.type.is_a(VDU_CP) else "EXTERNAL" if node.type.is_a(EXT_CP) else "VIRTUAL"
        link = node.target("internal_virtual_link" if kind == "EXTERNAL" else "virtual_link")
        internal = link in topology.nodes and topology.nodes[link].type.is_a(INTERNAL_LINK)
        trunk = node.target("trunk_binding")
        vdu = node.target("virtual_binding") or (topology.nodes[trunk].target("virtual_binding") if trunk else "")
        if kind == "VDU" and not vdu and not (node.type.is_a(SUB_CP) and trunk):
            topology.reporter.error(
                "sol001-unbound-connection-point", f"{node.name} is bound to no VDU", node.path,
                hint="add the requirement virtual_binding", clause=f"SOL001 {VDU_CP}",
            )  # fmt: skip
        points[node.name] = connection_point(
            node, kind=kind, vdu=vdu, link=link if internal else "", topology=topology
        )  # fmt: skip
    return points


def connection_point(node: Node, *, kind: str, vdu: str, link: str, topology: Topology) -> ConnectionPoint:
    """Read one connection point, of whatever type."""
    properties = node.properties
    protocol = properties.get("protocol")
    return ConnectionPoint(
        id=node.name,
        kind=kind,
        type=next((name for name in node.type.line if name in _KNOWN_CPS), VDU_CP).rsplit(".", 1)[-1],
        vdu=vdu,
        internal_link=link,
        order=integer(properties.get("order")),
        layer_protocols=texts(properties.get("layer_protocols")) or ("ipv4",),
        role=text(properties.get("role")),
        description=text(properties.get("description")),
        trunk=boolean(properties.get("trunk_mode")),
        addresses=addresses(protocol),
        mac_assigned_by_management=_mac_assigned(protocol),
        vnic_type=text(properties.get("vnic_type"), "normal"),
        bitrate_bps=integer(properties.get("bitrate_requirement")),
        interface_requirements=tuple(
            _interface_requirement(mapping(item))
            for item in sequence(properties.get("virtual_network_interface_requirements"))
        ),
        trunk_point=node.target("trunk_binding"),
        segmentation_type=text(properties.get("segmentation_type")),
        segmentation_id=integer(properties.get("segmentation_id")),
        targets=node.targets("target"),
        vip_function=text(properties.get("vip_function")),
        dedicated_ip_address=boolean(properties.get("dedicated_ip_address"), default=True),
        address_pool_name_configurable=boolean(properties.get("address_pool_name_configurable")),
        service_ports=_service_ports(properties.get("additionalServiceData")),
        ip_stack_mode=text(properties.get("ip_stack_mode")),
        security_groups=tuple(
            policy.name for policy in topology.policies_of(*SECURITY_RULES) if node.name in policy.members
        ),
    )


def read_supported_interfaces(topology: Topology) -> tuple[SupportedInterface, ...]:
    """Read the management interfaces that the VNF offers on its connection points."""
    return tuple(
        SupportedInterface(
            name=text(policy.properties.get("interface_name"), policy.name),
            targets=policy.members,
            details=plain(mapping(policy.properties.get("details"))),
        )
        for policy in topology.policies_of("tosca.policies.nfv.SupportedVnfInterface")
    )


def read_external_connection_points(
    topology: Topology, points: dict[str, ConnectionPoint]
) -> dict[str, ExternalConnectionPoint]:
    """Read what the VNF shows to the outside.

    The substitution mapping says which requirement of the VNF stands for which connection point. A requirement that is
    mapped several times (the list form) is numbered from its second use on: ``virtual_link``, ``virtual_link#2``, the
    way an NSD's repeated requirements are numbered. Connection points that are external by nature and not mapped are
    shown too, without a requirement; if there is but one and nothing is mapped, it takes ``virtual_link``.
    """
    external: dict[str, ExternalConnectionPoint] = {}
    uses: Counter[str] = Counter()
    for requirement, node_name, _, path in topology.substitution.requirements if topology.substitution else ():
        point = points.get(node_name)
        if point is None:
            continue
        uses[requirement] += 1
        numbered = requirement if uses[requirement] == 1 else f"{requirement}#{uses[requirement]}"
        if node_name in external:
            topology.reporter.warning(
                "sol001-mapped-twice", f"{node_name} is exposed by {external[node_name].requirement} already", path
            )
            continue
        if point.kind == "VDU" and point.internal_link:
            topology.reporter.warning(
                "sol001-mapped-inside",
                f"{node_name} is exposed and attached to {point.internal_link} inside; it stays inside",
                path,
                clause=f"SOL001 {VDU_CP}",
            )
            continue
        external[node_name] = ExternalConnectionPoint(id=node_name, connection_point=node_name, requirement=numbered)
    unmapped = [
        point
        for point in points.values()
        if point.id not in external and (point.kind == "EXTERNAL" or (point.kind == "VDU" and not point.internal_link))
    ]
    alone = len(unmapped) == 1 and not external
    for point in unmapped:
        requirement = "virtual_link" if alone else ""
        external[point.id] = ExternalConnectionPoint(id=point.id, connection_point=point.id, requirement=requirement)
        if not alone:
            topology.reporter.warning(
                "sol001-unexposed-connection-point",
                f"no requirement of the VNF stands for {point.id}: a network service cannot attach it",
                topology.nodes[point.id].path,
                hint="map it in substitution_mappings",
                clause=f"SOL001 {EXT_CP}",
            )
    return external


def virtual_link(node: Node) -> VirtualLink:
    """Read a VnfVirtualLink or an NsVirtualLink."""
    properties = current(node.type, node.properties)
    profile = mapping(properties.get("vl_profile"))
    connectivity = mapping(properties.get("connectivity_type"))
    quality = mapping(profile.get("qos"))
    most = mapping(profile.get("max_bitrate_requirements"))
    least = mapping(profile.get("min_bitrate_requirements"))
    protocols = [mapping(item) for item in sequence(profile.get("virtual_link_protocol_data"))]
    l2 = next((mapping(p["l2_protocol_data"]) for p in protocols if p.get("l2_protocol_data")), None)
    return VirtualLink(
        id=node.name,
        description=text(properties.get("description")),
        layer_protocols=texts(connectivity.get("layer_protocols")) or ("ipv4",),
        flow_pattern=text(connectivity.get("flow_pattern")),
        l2=L2Protocol(
            name=text(l2.get("name")),
            network_type=text(l2.get("network_type")),
            vlan_transparent=boolean(l2.get("vlan_transparent")),
            mtu=integer(l2.get("mtu")),
            segmentation_id=text(l2.get("segmentation_id")),
        )
        if l2
        else None,
        l3=tuple(_subnet(mapping(p["l3_protocol_data"])) for p in protocols if p.get("l3_protocol_data")),
        max_bitrate_root=integer(most.get("root")),
        max_bitrate_leaf=integer(most.get("leaf")),
        min_bitrate_root=integer(least.get("root")),
        min_bitrate_leaf=integer(least.get("leaf")),
        quality=LinkQuality(
            latency_seconds=seconds(quality.get("latency")) or 0.0,
            packet_delay_variation_seconds=seconds(quality.get("packet_delay_variation")) or 0.0,
            packet_loss_ratio=real(quality.get("packet_loss_ratio")),
            priority=integer(quality.get("priority")),
        )
        if quality
        else None,
        externally_managed=text(properties.get("externally_managed")),
        test_access=texts(properties.get("test_access")),
        monitoring_parameters=monitoring_parameters(properties.get("monitoring_parameters")),
        service_availability_level=integer(profile.get("service_availability_level")),
        mirroring_jobs=tuple(
            text(mapping(job).get("mirroring_job_name")) for job in sequence(profile.get("data_flow_mirroring"))
        ),
    )


def _subnet(data: dict[str, Any]) -> L3Protocol:
    pools = [mapping(pool) for pool in sequence(data.get("ip_allocation_pools"))]
    return L3Protocol(
        ip_version=_ip_version(data.get("ip_version")),
        cidr=text(data.get("cidr")),
        gateway=text(data.get("gateway_ip")),
        dhcp=boolean(data.get("dhcp_enabled"), default=True),
        name=text(data.get("name")),
        ipv6_address_mode=text(data.get("ipv6_address_mode")),
        pools=tuple((text(p.get("start_ip_address")), text(p.get("end_ip_address"))) for p in pools),
    )


def addresses(value: Any) -> tuple[AddressRequest, ...]:
    """Read how the network addresses of a connection point are given."""
    requests = []
    for protocol in map(mapping, sequence(value)):
        layer = text(protocol.get("associated_layer_protocol"), "ipv4")
        for data in map(mapping, sequence(protocol.get("address_data"))):
            l3 = mapping(data.get("l3_address_data"))
            if data.get("address_type") == "mac_address" or not l3:
                continue
            requests.append(
                AddressRequest(
                    layer_protocol=layer,
                    ip_version=_ip_version(l3.get("ip_address_type") or layer),
                    assigned_by_management=boolean(l3.get("ip_address_assignment")),
                    floating=boolean(l3.get("floating_ip_activated")),
                    count=max(integer(l3.get("number_of_ip_address"), 1), 1),
                    fixed=texts(l3.get("fixed_ip_address")),
                    assignment=text(l3.get("ip_address_assignment_subtype")),
                )
            )
    return tuple(requests)


def _mac_assigned(value: Any) -> bool:
    return any(
        boolean(mapping(mapping(data).get("l2_address_data")).get("mac_address_assignment"))
        for protocol in sequence(value)
        for data in sequence(mapping(protocol).get("address_data"))
    )


def _interface_requirement(data: dict[str, Any]) -> InterfaceRequirement:
    return InterfaceRequirement(
        name=text(data.get("name")),
        description=text(data.get("description")),
        mandatory=boolean(data.get("support_mandatory"), default=True),
        requirements=text_map(data.get("network_interface_requirements")),
        logical_node=text_map(mapping(data.get("nic_io_requirements")).get("logical_node_requirements")),
    )


def _service_ports(value: Any) -> tuple[ServicePort, ...]:
    return tuple(
        ServicePort(
            name=text(port.get("name")),
            protocol=text(port.get("protocol"), "TCP"),
            port=integer(port.get("port")),
            configurable=boolean(port.get("portConfigurable")),
        )
        for service in sequence(value)
        for port in map(mapping, sequence(mapping(service).get("portData")))
    )


def _ip_version(value: Any) -> int:
    return 6 if "6" in text(value) else 4
