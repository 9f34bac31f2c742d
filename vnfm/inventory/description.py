"""What exists of a VNF, in the words of SOL003 (clause 5.5.3): a pure function of its shape and its graph.

Every entry's identifier is the path of what it is about (see ``vnfm.planning.paths``): a VNFC is ``vdu/<vdu>/<index>``,
its connection point ``vdu/<vdu>/<index>/cp/<cp>``; ``/external`` and ``/port`` after that are the external
connection point it is exposed as and the link port it is attached with. A virtual connection point is
``vip/<connection point>/<index>``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from mano_runtime.workflow.graph import Graph, Resource, parse_reference, reference, references
from vim_adapters.resources import Kind, Power
from vnfm.inventory.protocols import protocol_info
from vnfm.inventory.resource_metadata import cp_metadata, link_metadata, storage_metadata, vnfc_metadata
from vnfm.inventory.vnfc_information import vnfc_info
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.grant_request import handle_of
from vnfm.planning.shape import Shape
from vnfm.planning.trunks import carried_points, guest_ports
from vnfm.planning.virtual_connection_points import VirtualPoint, virtual_points_in
from vnfm.planning.virtual_storages import KINDS as STORAGE_KINDS
from vnfm.planning.vnfc_properties import VnfcProperties
from vnfm.sol003.connectivity import (
    CpInstanceType,
    CpProtocolInfo,
    ExtLinkPortInfo,
    ExtManagedVirtualLinkInfo,
    ExtVirtualLinkInfo,
    LayerProtocol,
    VipCpInfo,
    VnfExtCpInfo,
    VnfLinkPortInfo,
)
from vnfm.sol003.general import ResourceHandle, ScaleInfo
from vnfm.sol003.instances import (
    InstantiatedVnfInfo,
    MonitoringParameter,
    VirtualStorageResourceInfo,
    VnfcCpInfo,
    VnfcResourceInfo,
    VnfOperationalState,
    VnfVirtualLinkResourceInfo,
)


def describe(
    shape: Shape,
    graph: Graph,
    attachments: Mapping[str, Attachment],
    monitoring: Iterable[MonitoringParameter] = (),
    *,
    described_by: Mapping[str, str] | None = None,
    properties: VnfcProperties | None = None,
) -> InstantiatedVnfInfo:
    """Return the inventory of what exists; ``attachments`` may speak of more ports than there are.

    ``described_by``: by path, the identifier of the VNFD that describes a resource, where it is not the VNF's.
    ``properties``: configurable ones of VNFCs.
    """
    return _Description(shape, graph, attachments, described_by or {}).whole(tuple(monitoring), properties or {})


def external_connectivity(
    shape: Shape, graph: Graph, attachments: Mapping[str, Attachment]
) -> tuple[ExtVirtualLinkInfo, ...]:
    """Return the external virtual links with the ports that exist on them."""
    return tuple(_Description(shape, graph, attachments, {}).external_links())


class _Description:
    def __init__(
        self, shape: Shape, graph: Graph, attachments: Mapping[str, Attachment], described_by: Mapping[str, str]
    ) -> None:
        self._shape = shape
        self._described_by = described_by
        graph = {path: graph[path] for path in sorted(graph, key=_in_order)}
        self._graph = graph
        self._servers = {
            part.vnfc: (part, resource)
            for path, resource in graph.items()
            if resource.kind == Kind.SERVER and (part := paths.parse_vnfc_part(path))
        }
        self._virtual = {point.path: point for point in virtual_points_in(graph, attachments)}
        self._attachments = {
            path: outside
            for path, outside in attachments.items()
            if path in graph
            or path in self._virtual
            or outside.shares in graph
            or (outside.link_port and _vnfc_of(path) in self._servers)
        }
        self._attached: defaultdict[str, list[str]] = defaultdict(list)
        """By VNFC, its connection points that are attached to external links."""
        for path in self._attachments:
            self._attached[_vnfc_of(path)].append(path)
        self._carried = carried_points(graph)
        self._carried_by: defaultdict[str, list[str]] = defaultdict(list)
        """By trunk, the connection points whose traffic it carries."""
        for path, (trunk, _) in self._carried.items():
            self._carried_by[trunk].append(path)
        self._trunks = {
            paths.port(part.vdu, part.index or 0, part.name): str((trunk.result or {}).get("id", "")) or None
            for path, trunk in graph.items()
            if trunk.kind == Kind.TRUNK and (part := paths.parse_vnfc_part(path))
        }

    def whole(self, monitoring: tuple[MonitoringParameter, ...], properties: VnfcProperties) -> InstantiatedVnfInfo:
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
            monitoring_parameters=monitoring,
            localization_language=self._shape.localization_language,
            ext_cp_info=tuple(self._external_cps()),
            vip_cp_info=tuple(map(self._virtual_cp, self._virtual.values())),
            ext_virtual_link_info=tuple(self.external_links()),
            ext_managed_virtual_link_info=tuple(self._managed_links()),
            vnfc_resource_info=tuple(self._vnfc(vnfc) for vnfc in self._servers),
            vnf_virtual_link_resource_info=tuple(self._internal_links()),
            virtual_storage_resource_info=tuple(self._storages()),
            vnfc_info=vnfc_info(self._graph, properties),
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
            vnfd_id=self._described_by.get(server.path),
            compute_resource=handle_of(server),
            reservation_id=server.spec.get("reservation"),
            zone_id=result.get("zone") or server.spec.get("zone"),
            storage_resource_ids=storages_used(server),
            vnfc_cp_info=tuple(self._cp(path) for path in self._cp_paths(vnfc)),
            metadata=vnfc_metadata(server, self._graph),
        )

    def _cp_paths(self, vnfc: str) -> list[str]:
        """The connection points of a VNFC in the order of the guest's interfaces; those without a port of ours last.

        What a trunk carries follows the one whose port the trunk has.
        """
        own = []
        for path in guest_ports(self._servers[vnfc][1]):
            own += [path, *self._carried_by[path.replace("/cp/", "/trunk/", 1)]]
        return own + [path for path in self._attached[vnfc] if path not in own]

    def _cp(self, path: str) -> VnfcCpInfo:
        part = paths.parse_vnfc_part(path)
        port = self._graph.get(path)
        external = path in self._attachments
        return VnfcCpInfo(
            id=path,
            cpd_id=part.name if part else path,
            vnf_ext_cp_id=f"{path}/external" if external else None,
            cp_protocol_info=self._protocols(path),
            vnf_link_port_id=None if external or port is None else f"{path}/port",
            parent_cp_id=self._carried[path][0].replace("/trunk/", "/cp/", 1) if path in self._carried else None,
            metadata=cp_metadata(port),
        )

    def _protocols(self, path: str) -> tuple[CpProtocolInfo, ...]:
        carried, outside = self._carried.get(path), self._attachments.get(path)
        return protocol_info(
            self._graph.get(outside.shares if outside and outside.shares else path),
            self._attachments.get(path),
            carried[1] if carried else None,
            self._graph.get(paths.floating_address(path)),
        )

    def _virtual_cp(self, point: VirtualPoint) -> VipCpInfo:
        external = point.path in self._attachments
        return VipCpInfo(
            cp_instance_id=point.path,
            cpd_id=point.name,
            vnfd_id=self._described_by.get(point.path),
            vnf_ext_cp_id=f"{point.path}/external" if external else None,
            cp_protocol_info=self._protocols(point.path),
            associated_vnfc_cp_ids=point.shared_by,
            vnf_link_port_id=None if external or point.path not in self._graph else f"{point.path}/port",
        )

    def _external_cps(self) -> Iterator[VnfExtCpInfo]:
        for path, outside in self._attachments.items():
            virtual, link = self._virtual.get(path), self._exposed_link(outside.shares or path)
            yield VnfExtCpInfo(
                id=f"{path}/external",
                cpd_id=outside.cpd_id,
                vnfd_id=self._described_by.get(path),
                cp_config_id=outside.cp_config_id,
                cp_protocol_info=self._protocols(path)
                or (CpProtocolInfo(layer_protocol=LayerProtocol.IP_OVER_ETHERNET),),
                ext_link_port_id=self._link_port_id(path, outside),
                associated_vnfc_cp_id=None if virtual or link else path,
                associated_vip_cp_id=path if virtual else None,
                associated_vnf_virtual_link_id=link,
            )

    def _exposed_link(self, path: str) -> str | None:
        """The internal link that a port is there for, which has a router's name in its place."""
        port = self._graph.get(path)
        router = parse_reference(port.spec.get("router")) if port else None
        return paths.routed_network(router[0]) if router else None

    def _link_port_id(self, path: str, outside: Attachment) -> str | None:
        """The port of a connection point; a virtual one without its own has that of the only one who shares it."""
        if outside.shares:
            return f"{outside.shares}/port"
        virtual = self._virtual.get(path)
        if virtual is None or virtual.has_port:
            return outside.link_port_id or f"{path}/port"
        host = self._attachments.get(virtual.host) if virtual.host else None
        return self._link_port_id(virtual.host, host) if host else None

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
                ext_link_ports=tuple(
                    self._external_port(path, outside)
                    for path, outside in attached.items()
                    if not outside.shares and (path not in self._virtual or self._virtual[path].has_port)
                ),
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
        guests = [point.path for point in self._virtual.values() if not point.has_port and point.host == path]
        guests += [other for other, it in self._attachments.items() if it.shares == path]
        return ExtLinkPortInfo(
            id=outside.link_port_id or f"{path}/port",
            resource_handle=handle,
            cp_instance_id=f"{path}/external",
            secondary_cp_instance_id=f"{guests[0]}/external" if guests else None,
            trunk_resource_id=outside.trunk or self._trunks.get(path),
        )

    def _internal_links(self) -> Iterator[VnfVirtualLinkResourceInfo]:
        for path, network in self._graph.items():
            if link := paths.link_of(path):
                yield VnfVirtualLinkResourceInfo(
                    id=path,
                    vnf_virtual_link_desc_id=link,
                    vnfd_id=self._described_by.get(path),
                    network_resource=handle_of(network),
                    vnf_link_ports=tuple(self._link_ports(reference(path))),
                    metadata=link_metadata(network, self._graph),
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
                virtual = path in self._virtual
                yield VnfLinkPortInfo(
                    id=f"{path}/port",
                    resource_handle=handle_of(port),
                    cp_instance_id=None if virtual else path,
                    cp_instance_type=None if virtual else CpInstanceType.VNFC_CP,
                    vip_cp_instance_id=path if virtual else None,
                    trunk_resource_id=self._trunks.get(path),
                )

    def _storages(self) -> Iterator[VirtualStorageResourceInfo]:
        for path, storage in self._graph.items():
            part = paths.parse_vnfc_part(path)
            if part and storage.kind in STORAGE_KINDS:
                yield VirtualStorageResourceInfo(
                    id=path,
                    virtual_storage_desc_id=part.name,
                    vnfd_id=self._described_by.get(path),
                    storage_resource=handle_of(storage),
                    zone_id=(storage.result or {}).get("zone") or storage.spec.get("zone"),
                    metadata=storage_metadata(storage),
                )


def storages_used(server: Resource) -> tuple[str, ...]:
    """Return the paths of the storages of a server: its volumes, and what it is told of."""
    volumes = (parse_reference(volume["volume"]) for volume in server.spec.get("volumes", ()))
    told = sorted(set(references(server.spec.get("metadata", {}))))
    return (*(found[0] for found in volumes if found), *filter(_is_storage, told))


def _is_storage(path: str) -> bool:
    part = paths.parse_vnfc_part(path)
    return part is not None and part.part == "storage"


@lru_cache(maxsize=10_000)
def _in_order(path: str) -> tuple[tuple[int, str], ...]:
    """Sorts paths by name, and the instances of a VDU by number."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in path.split("/"))


def _vnfc_of(path: str) -> str:
    part = paths.parse_vnfc_part(path)
    return part.vnfc if part else ""
