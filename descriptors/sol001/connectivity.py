"""Connection points and virtual links (SOL001 6.8.2, 6.8.8 to 6.8.14)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from descriptors.model.vnfd import (
    AddressRequest,
    ConnectionPoint,
    ExternalConnectionPoint,
    L2Protocol,
    L3Protocol,
    VirtualLink,
)
from descriptors.sol001.amounts import boolean, integer, text, texts
from descriptors.tosca.documents import mapping, sequence
from descriptors.tosca.topology import Node, Topology

VDU_CP = "tosca.nodes.nfv.VduCp"
EXT_CP = "tosca.nodes.nfv.VnfExtCp"
VIRTUAL_CPS = ("tosca.nodes.nfv.VipCp", "tosca.nodes.nfv.VirtualCp", "tosca.nodes.nfv.VduSubCp")
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
        vdu = node.target("virtual_binding")
        if kind == "VDU" and not vdu:
            topology.reporter.error(
                "sol001-unbound-connection-point", f"{node.name} is bound to no VDU", node.path,
                hint="add the requirement virtual_binding", clause="SOL001 6.8.8.6",
            )  # fmt: skip
        points[node.name] = ConnectionPoint(
            id=node.name,
            kind=kind,
            vdu=vdu,
            internal_link=link if internal else "",
            order=integer(node.properties.get("order")),
            layer_protocols=texts(node.properties.get("layer_protocols")) or ("ipv4",),
            role=text(node.properties.get("role")),
            description=text(node.properties.get("description")),
            trunk=boolean(node.properties.get("trunk_mode")),
            addresses=_addresses(node.properties.get("protocol")),
            vnic_type=text(node.properties.get("vnic_type"), "normal"),
            security_groups=tuple(
                policy.name for policy in topology.policies_of(*SECURITY_RULES) if node.name in policy.members
            ),
        )
    return points


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
                clause="SOL001 6.8.8",
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
                clause="SOL001 6.11",
            )
    return external


def virtual_link(node: Node) -> VirtualLink:
    """Read a VnfVirtualLink or an NsVirtualLink."""
    profile = mapping(node.properties.get("vl_profile"))
    connectivity = mapping(node.properties.get("connectivity_type"))
    most = mapping(profile.get("max_bitrate_requirements"))
    least = mapping(profile.get("min_bitrate_requirements"))
    protocols = [mapping(item) for item in sequence(profile.get("virtual_link_protocol_data"))]
    l2 = next((mapping(p["l2_protocol_data"]) for p in protocols if p.get("l2_protocol_data")), None)
    return VirtualLink(
        id=node.name,
        description=text(node.properties.get("description")),
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
    )


def _subnet(data: dict[str, Any]) -> L3Protocol:
    pools = [mapping(pool) for pool in sequence(data.get("ip_allocation_pools"))]
    return L3Protocol(
        ip_version=_ip_version(data.get("ip_version")),
        cidr=text(data.get("cidr")),
        gateway=text(data.get("gateway_ip")),
        dhcp=boolean(data.get("dhcp_enabled"), default=True),
        name=text(data.get("name")),
        pools=tuple((text(p.get("start_ip_address")), text(p.get("end_ip_address"))) for p in pools),
    )


def _addresses(value: Any) -> tuple[AddressRequest, ...]:
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
                )
            )
    return tuple(requests)


def _ip_version(value: Any) -> int:
    return 6 if "6" in text(value) else 4
