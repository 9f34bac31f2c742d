"""Snapshots of a VNF as resources, and a VNF as it was when one was taken (SOL003 clauses 5.4.21 and 5.4.22).

A snapshot of a server or volume is a resource of the snapshot, not of the VNF: it is identified on the VIM by the
snapshot's own scope, and names what it is of by identifier, so that it stays what it is whatever becomes of the VNF.
Its path is that of what it is of, after ``snapshot/``. In the same way a server or volume that was made from a snapshot
names that by identifier; the shape remembers which (``Shape.origins``), so that the next plan wants the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from descriptors.model.vnfd import Flavour, Vnfd
from mano_runtime.workflow.graph import Graph, Resource, graph_of, parse_reference
from vim_adapters.resources import Kind, ServerSnapshotSpec, VolumeSnapshotSpec, encode_spec
from vnfm.planning import paths
from vnfm.planning.external_links import reconnected, restricted
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Origin, Shape, exposed_by, flavour_of, vnfcs
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.grants import SnapshotResourceDefinition
from vnfm.sol003.snapshots import RevertToVnfSnapshotRequest

_KINDS = {Kind.SERVER: Kind.SERVER_SNAPSHOT, Kind.VOLUME: Kind.VOLUME_SNAPSHOT}


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot that was taken, as far as a plan needs it."""

    id: str
    shape: Shape
    graph: Graph
    vnfcs: tuple[str, ...]
    """Of which it has a snapshot."""


def snapshot_scope(snapshot_id: str) -> str:
    """Return the scope of a snapshot's resources: with a path it identifies one on a VIM."""
    return f"vnf_snapshot/{snapshot_id}"


def is_of_snapshot(path: str) -> bool:
    """Tell whether a resource of a plan belongs to a snapshot."""
    return paths.snapshot_of(path) is not None


def snapshotted(graph: Graph) -> Graph:
    """Return the snapshots in a graph by the path of what they are of."""
    return {of: it for path, it in graph.items() if (of := paths.snapshot_of(path)) is not None}


def vnfc_resources(graph: Graph) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each VNFC with the paths of its server and of the volumes on it, shared ones included."""
    for path, resource in graph.items():
        part = paths.parse_vnfc_part(path)
        if part and resource.kind == Kind.SERVER:
            volumes = (parse_reference(each["volume"]) for each in resource.spec.get("volumes", ()))
            yield part.vnfc, path, tuple(found[0] for found in volumes if found)


def snapshot_resources(graph: Graph, chosen: Collection[str], doubtful: Collection[str], *, whole: bool) -> Graph:
    """Return the snapshots of the servers and volumes of the chosen VNFCs.

    A server that boots from a volume has its disk there and gets no snapshot of its own. What several VNFCs share is
    part of a snapshot of the ``whole`` VNF only.

    Raises:
        PlanningRefusedError: a VNFC has something that is not known to be there and in order.
    """
    found: dict[str, Resource] = {}
    for vnfc, server, volumes in vnfc_resources(graph):
        if vnfc not in chosen:
            continue
        own = [path for path in volumes if path in graph and (whole or _is_own(path))]
        for path in ([server] if graph[server].spec.get("image") else []) + own:
            if path in doubtful:
                what = f"{path} of VNFC {vnfc!r} is not known to be in order: heal the VNFC first"
                raise PlanningRefusedError("vnfcInstanceId", what)
            found[path] = _snapshot_of(graph[path])
    if not found:
        raise PlanningRefusedError("vnfcInstanceId", "the VNF has no VNFC that a snapshot could be taken of")
    return graph_of(*found.values())


def _is_own(path: str) -> bool:
    part = paths.parse_vnfc_part(path)
    return bool(part and part.vnfc)


def _snapshot_of(resource: Resource) -> Resource:
    id_, name = str((resource.result or {})["id"]), f"{resource.spec['name']}-snapshot"
    if resource.kind == Kind.SERVER:
        spec = encode_spec(ServerSnapshotSpec(name=name, server=id_))
    else:
        spec = encode_spec(VolumeSnapshotSpec(name=name, volume=id_, size_gib=resource.spec["size_gib"]))
    return Resource(
        path=paths.snapshot(resource.path), kind=_KINDS[Kind(resource.kind)], spec=spec, target=resource.target
    )


def origins_of(snapshot: Taken, chosen: Collection[str], *, whole: bool) -> dict[str, Origin]:
    """Return what the servers and volumes of the chosen VNFCs are made from, by their paths."""
    return {
        path: Origin(
            snapshot=snapshot.id,
            id=str((resource.result or {})["id"]),
            vim=resource.target,
            zone=(resource.result or {}).get("zone") or None,
        )
        for path, resource in snapshotted(snapshot.graph).items()
        if (part := paths.parse_vnfc_part(path)) and (part.vnfc in chosen or (whole and not part.vnfc))
    }


def check_single(snapshot: Taken, chosen: Collection[str], request: RevertToVnfSnapshotRequest) -> None:
    """Refuse to revert VNFCs to what the snapshot does not have.

    Raises:
        PlanningRefusedError: it names what is wrong, and what there is.
    """
    known = ", ".join(snapshot.vnfcs)
    info = request.vnfc_snapshot_info_id
    if info is not None and request.vnfc_instance_id is None:
        raise PlanningRefusedError("vnfcSnapshotInfoId", "is for reverting one VNFC, which vnfcInstanceId has to name")
    if info is not None and info not in snapshot.vnfcs:
        raise PlanningRefusedError("vnfcSnapshotInfoId", f"{info!r} is not in the snapshot; it has {known}")
    if info is not None and info != request.vnfc_instance_id:
        what = f"{info!r} is a snapshot of another VNFC than {request.vnfc_instance_id!r}"
        raise PlanningRefusedError("vnfcSnapshotInfoId", what)
    if missing := sorted(set(chosen) - set(snapshot.vnfcs)):
        raise PlanningRefusedError("vnfcInstanceId", f"the snapshot has no {', '.join(missing)}; it has {known}")


def reverted(source: Vnfd | None, vnfd: Vnfd, shape: Shape, snapshot: Taken) -> Shape:
    """Return the shape that the VNF had when the snapshot of all of it was taken.

    Connectivity stays as it is now; connection points and links that the flavour of now lacks are attached as they
    were then. ``source`` is the descriptor so far, None when it is gone.

    Raises:
        PlanningRefusedError: the snapshot is of some VNFCs only.
    """
    then = snapshot.shape
    flavour = flavour_of(vnfd, then.flavour_id, "vnfSnapshotInfoId")
    whole = vnfcs(flavour, then)
    if set(whole) - set(snapshot.vnfcs):
        only = ", ".join(snapshot.vnfcs)
        what = f"snapshot {snapshot.id} is of {only} only: revert these, which vnfcInstanceId has to name"
        raise PlanningRefusedError("vnfcInstanceId", what)
    now = source.flavours.get(shape.flavour_id) if source else None
    managed = {link.vnf_virtual_link_desc_id: link for link in _managed(then, now)}
    managed |= {link.vnf_virtual_link_desc_id: link for link in shape.ext_managed_virtual_links}
    return msgspec.structs.replace(
        then,
        ext_virtual_links=_links(then, shape, now, flavour),
        ext_managed_virtual_links=tuple(link for name, link in managed.items() if name in flavour.virtual_links),
        origins=origins_of(snapshot, whole, whole=True),
    )


def _links(then: Shape, shape: Shape, now: Flavour | None, flavour: Flavour) -> tuple[ExtVirtualLinkData, ...]:
    exposed = exposed_by(flavour)
    lacking = exposed - exposed_by(now) if now else exposed
    kept = restricted(shape.ext_virtual_links, exposed)
    return reconnected(restricted(then.ext_virtual_links, lacking), kept)


def _managed(then: Shape, now: Flavour | None) -> tuple[ExtManagedVirtualLinkData, ...]:
    known = now.virtual_links if now else {}
    return tuple(link for link in then.ext_managed_virtual_links if link.vnf_virtual_link_desc_id not in known)


def pinned(graph: Graph, origins: Mapping[str, Origin]) -> Graph:
    """Return the wanted resources with new volumes where the snapshots are that they are filled with."""

    def where(path: str, resource: Resource) -> Resource:
        origin = origins.get(path)
        if origin is None or resource.target or resource.kind != Kind.VOLUME:
            return resource
        spec = {**resource.spec, "zone": origin.zone} if origin.zone else resource.spec
        return msgspec.structs.replace(resource, target=origin.vim, spec=spec)

    return {path: where(path, resource) for path, resource in graph.items()}


def check_origins(graph: Graph, origins: Mapping[str, Origin]) -> None:
    """Refuse a grant that puts a server on another VIM than the snapshot that it is made from."""
    for path, origin in origins.items():
        if path in graph and graph[path].target != origin.vim:
            raise PlanningRefusedError(
                "addResources",
                f"the grant puts {path!r} on VIM {graph[path].target!r}, and the snapshot that it is made from is on"
                f" VIM {origin.vim!r}",
            )


def snapshots_taken(snapshot_id: str, graph: Graph) -> dict[str, SnapshotResourceDefinition]:
    """Return what a grant request says of the resources of a snapshot that is to be taken, by path."""
    return {path: SnapshotResourceDefinition(vnf_snapshot_id=snapshot_id) for path in graph if is_of_snapshot(path)}


def snapshots_used(origins: Mapping[str, Origin]) -> dict[str, SnapshotResourceDefinition]:
    """Return what a grant request says of the resources that are made from snapshots, by path."""
    found = {}
    for path, origin in origins.items():
        part = paths.parse_vnfc_part(path)
        is_storage = bool(part and part.part == "storage")
        kind = Kind.VOLUME_SNAPSHOT if is_storage else Kind.SERVER_SNAPSHOT
        found[path] = SnapshotResourceDefinition(
            vnf_snapshot_id=origin.snapshot,
            vnfc_snapshot_id=part.vnfc or None if part else None,
            storage_snapshot_id=path if is_storage else None,
            snapshot_resource=ResourceHandle(
                vim_connection_id=origin.vim, resource_id=origin.id, vim_level_resource_type=kind
            ),
        )
    return found
