"""What exists of a VNF, in the words of SOL003 (clause 5.5.3): a pure function of its shape and its graph.

Every entry's identifier is the path of what it is about (see ``vnfm.planning.paths``): a VNFC is ``vdu/<vdu>/<index>``,
its connection point ``vdu/<vdu>/<index>/cp/<cp>``; ``/external`` and ``/port`` after that are the external
connection point it is exposed as and the link port it is attached with.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from mano_runtime.workflow.graph import Graph, Resource, parse_reference, reference
from vim_adapters.resources import Kind, Power
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.grant_request import handle_of
from vnfm.planning.shape import Shape
from vnfm.sol003.connectivity import (
    CpInstanceType,
    CpProtocolInfo,
    ExtLinkPortInfo,
    ExtManagedVirtualLinkInfo,
    ExtVirtualLinkInfo,
    IpAddressInfo,
    IpAddressType,
    IpOverEthernetAddressInfo,
    LayerProtocol,
    VnfExtCpInfo,
    VnfLinkPortInfo,
)
from vnfm.sol003.general import ResourceHandle, ScaleInfo
from vnfm.sol003.instances import (
    InstantiatedVnfInfo,
    VirtualStorageResourceInfo,
    VnfcCpInfo,
    VnfcResourceInfo,
    VnfOperationalState,
    VnfVirtualLinkResourceInfo,
)

_IPV6 = 6


def describe(shape: Shape, graph: Graph, attachments: Mapping[str, Attachment]) -> InstantiatedVnfInfo:
    """Return the inventory of what exists; ``attachments`` may speak of more ports than there are."""
    return _Description(shape, graph, attachments).whole()


def external_connectivity(
    shape: Shape, graph: Graph, attachments: Mapping[str, Attachment]
) -> tuple[ExtVirtualLinkInfo, ...]:
    """Return the external virtual links with the ports that exist on them."""
    return tuple(_Description(shape, graph, attachments).external_links())


class _Description:
    def __init__(self, shape: Shape, graph: Graph, attachments: Mapping[str, Attachment]) -> None:
        self._shape = shape
        graph = {path: graph[path] for path in sorted(graph, key=_in_order)}
        self._graph = graph
        self._servers = {
            part.vnfc: (part, resource)
            for path, resource in graph.items()
            if resource.kind == Kind.SERVER and (part := paths.parse_vnfc_part(path))
        }
        self._attachments = {
            path: outside
            for path, outside in attachments.items()
            if path in graph or (outside.link_port and _vnfc_of(path) in self._servers)
        }

    def whole(self) -> InstantiatedVnfInfo:
        levels = (self._shape.scale_levels, self._shape.max_scale_levels)
        scale_status, max_scale_levels = (
            tuple(ScaleInfo(aspect_id=aspect, scale_level=level) for aspect, level in sorted(by_aspect.items()))
            for by_aspect in levels
        )
        return InstantiatedVnfInfo(
            flavour_id=self._shape.flavour_id,
            vnf_state=self._state(),
            scale_status=scale_status,
            max_scale_levels=max_scale_levels,
            localization_language=self._shape.localization_language,
            ext_cp_info=tuple(self._external_cps()),
            ext_virtual_link_info=tuple(self.external_links()),
            ext_managed_virtual_link_info=tuple(self._managed_links()),
            vnfc_resource_info=tuple(self._vnfc(vnfc) for vnfc in self._servers),
            vnf_virtual_link_resource_info=tuple(self._internal_links()),
            virtual_storage_resource_info=tuple(self._storages()),
        )

    def _state(self) -> VnfOperationalState:
        """STOPPED when every server is switched off."""
        off = [server.spec.get("power") == Power.OFF for _, server in self._servers.values()]
        return VnfOperationalState.STOPPED if off and all(off) else VnfOperationalState.STARTED

    def _vnfc(self, vnfc: str) -> VnfcResourceInfo:
        part, server = self._servers[vnfc]
        result = server.result or {}
        return VnfcResourceInfo(
            id=vnfc,
            vdu_id=part.vdu,
            compute_resource=handle_of(server),
            reservation_id=server.spec.get("reservation"),
            zone_id=result.get("zone") or server.spec.get("zone"),
            storage_resource_ids=tuple(
                found[0] for volume in server.spec.get("volumes", ()) if (found := parse_reference(volume["volume"]))
            ),
            vnfc_cp_info=tuple(self._cp(path) for path in self._cp_paths(vnfc)),
        )

    def _cp_paths(self, vnfc: str) -> list[str]:
        """The connection points of a VNFC in the order of the guest's interfaces; those without a port of ours last."""
        server = self._servers[vnfc][1]
        own = [found[0] for port in server.spec.get("ports", ()) if (found := parse_reference(port))]
        return own + [path for path in self._attachments if path not in own and _vnfc_of(path) == vnfc]

    def _cp(self, path: str) -> VnfcCpInfo:
        part = paths.parse_vnfc_part(path)
        port = self._graph.get(path)
        external = path in self._attachments
        return VnfcCpInfo(
            id=path,
            cpd_id=part.name if part else path,
            vnf_ext_cp_id=f"{path}/external" if external else None,
            cp_protocol_info=_addresses(port),
            vnf_link_port_id=None if external or port is None else f"{path}/port",
        )

    def _external_cps(self) -> Iterator[VnfExtCpInfo]:
        for path, outside in self._attachments.items():
            yield VnfExtCpInfo(
                id=f"{path}/external",
                cpd_id=outside.cpd_id,
                cp_config_id=outside.cp_config_id,
                cp_protocol_info=_addresses(self._graph.get(path))
                or (CpProtocolInfo(layer_protocol=LayerProtocol.IP_OVER_ETHERNET),),
                ext_link_port_id=outside.link_port_id or f"{path}/port",
                associated_vnfc_cp_id=path,
            )

    def external_links(self) -> Iterator[ExtVirtualLinkInfo]:
        for link in self._shape.ext_virtual_links:
            attached = {path: outside for path, outside in self._attachments.items() if outside.link_id == link.id}
            yield ExtVirtualLinkInfo(
                id=link.id,
                resource_handle=ResourceHandle(
                    vim_connection_id=link.vim_connection_id,
                    resource_id=link.resource_id,
                    vim_level_resource_type=Kind.NETWORK,
                ),
                ext_link_ports=tuple(self._external_port(path, outside) for path, outside in attached.items()),
                current_vnf_ext_cp_data=link.ext_cps,
            )

    def _external_port(self, path: str, outside: Attachment) -> ExtLinkPortInfo:
        port = self._graph.get(path)
        handle = (
            handle_of(port)
            if port
            else ResourceHandle(
                vim_connection_id=outside.vim_connection_id,
                resource_id=outside.link_port or "",
                vim_level_resource_type=Kind.PORT,
            )
        )
        return ExtLinkPortInfo(
            id=outside.link_port_id or f"{path}/port", resource_handle=handle, cp_instance_id=f"{path}/external"
        )

    def _internal_links(self) -> Iterator[VnfVirtualLinkResourceInfo]:
        for path, network in self._graph.items():
            if link := paths.link_of(path):
                yield VnfVirtualLinkResourceInfo(
                    id=path,
                    vnf_virtual_link_desc_id=link,
                    network_resource=handle_of(network),
                    vnf_link_ports=tuple(self._link_ports(reference(path))),
                )

    def _managed_links(self) -> Iterator[ExtManagedVirtualLinkInfo]:
        for link in self._shape.ext_managed_virtual_links:
            yield ExtManagedVirtualLinkInfo(
                id=link.id,
                vnf_virtual_link_desc_id=link.vnf_virtual_link_desc_id,
                network_resource=ResourceHandle(
                    vim_connection_id=link.vim_connection_id,
                    resource_id=link.resource_id,
                    vim_level_resource_type=Kind.NETWORK,
                ),
                vnf_link_ports=tuple(self._link_ports(link.resource_id)),
                ext_managed_multisite_virtual_link_id=link.ext_managed_multisite_virtual_link_id,
            )

    def _link_ports(self, network: str) -> Iterator[VnfLinkPortInfo]:
        """The ports on an internal link: ``network`` is what their specs say, a reference or an identifier."""
        for path, port in self._graph.items():
            if port.kind == Kind.PORT and port.spec["network"] == network and path not in self._attachments:
                yield VnfLinkPortInfo(
                    id=f"{path}/port",
                    resource_handle=handle_of(port),
                    cp_instance_id=path,
                    cp_instance_type=CpInstanceType.VNFC_CP,
                )

    def _storages(self) -> Iterator[VirtualStorageResourceInfo]:
        for path, volume in self._graph.items():
            part = paths.parse_vnfc_part(path)
            if part and part.part == "storage":
                yield VirtualStorageResourceInfo(
                    id=path,
                    virtual_storage_desc_id=part.name,
                    storage_resource=handle_of(volume),
                    zone_id=volume.spec.get("zone"),
                )


def _in_order(path: str) -> list[tuple[int, str]]:
    """Sorts paths by name, and the instances of a VDU by number."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in path.split("/")]


def _vnfc_of(path: str) -> str:
    part = paths.parse_vnfc_part(path)
    return part.vnfc if part else ""


def _addresses(port: Resource | None) -> tuple[CpProtocolInfo, ...]:
    """What a port's VIM says of its addresses; empty while nothing is known."""
    result = (port.result if port else None) or {}
    by_version: dict[IpAddressType, list[str]] = {}
    for address in result.get("addresses", ()):
        version = ipaddress.ip_address(address).version
        by_version.setdefault(IpAddressType.IPV6 if version == _IPV6 else IpAddressType.IPV4, []).append(address)
    if not by_version and "mac_address" not in result:
        return ()
    return (
        CpProtocolInfo(
            layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
            ip_over_ethernet=IpOverEthernetAddressInfo(
                mac_address=result.get("mac_address"),
                ip_addresses=tuple(
                    IpAddressInfo(type=version, addresses=tuple(found)) for version, found in by_version.items()
                ),
            ),
        ),
    )
