"""Virtual connection points: addresses that several connection points share (SOL001 VipCp).

The address of each is kept by a port that no server has, and the ports of the connection points that share it may
carry it. Which of them answers is for the guests to find out among themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from descriptors.model.vnfd import ConnectionPoint, Flavour
from mano_runtime.workflow.graph import Graph, Resource, reference
from vim_adapters.resources import Kind
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.shape import Shape

VIP = "VipCp"


def virtual_points(flavour: Flavour, shape: Shape) -> Iterator[tuple[ConnectionPoint, int]]:
    """Yield the virtual connection points with how many there are of each at this size.

    What leads to groups of containers only (a VirtualCp always does) is for the manager of those to keep.
    """
    counts = flavour.virtual_point_instances(shape.scale_levels, shape.level_id)
    for point in sorted(flavour.connection_points.values(), key=lambda point: point.id):
        known = [target for target in point.targets if target in flavour.connection_points]
        if point.type == VIP and bool(known) == bool(point.targets):
            yield point, counts[point.id]


def link_of_virtual(flavour: Flavour, point: ConnectionPoint) -> str:
    """Return the internal virtual link that a virtual connection point is on: its own, else that of those who share it.

    Empty when it is on an external one.
    """
    if point.internal_link:
        return point.internal_link
    shared = (flavour.connection_points.get(target) for target in point.targets)
    return next((target.internal_link for target in shared if target and target.internal_link), "")


class VirtualPoint(msgspec.Struct, frozen=True, kw_only=True):
    """An instance of a virtual connection point."""

    path: str
    name: str
    shared_by: tuple[str, ...]
    """Paths of the connection points of VNFCs."""
    has_port: bool

    @property
    def host(self) -> str:
        """The connection point whose port it is on, having none of its own; empty while more than one share it."""
        return self.shared_by[0] if not self.has_port and len(self.shared_by) == 1 else ""


def virtual_points_in(graph: Graph, attachments: Mapping[str, Attachment]) -> Iterator[VirtualPoint]:
    """Yield the virtual connection points of a VNF that has these resources, in the order of their paths."""
    known = dict.fromkeys((*graph, *attachments))
    for path in sorted(known):
        name = paths.virtual_point_of(path)
        outside = attachments.get(path)
        if name is None:
            continue
        kept = outside.link_port if outside and outside.link_port else reference(path)
        addresses = {fixed.address for fixed in outside.fixed_addresses} if outside else set()
        shared = tuple(
            other for other, port in graph.items() if _shares(port, kept, addresses if path not in graph else set())
        )
        if path in graph or shared:
            has_port = path in graph or bool(outside and outside.link_port)
            yield VirtualPoint(path=path, name=name, shared_by=shared, has_port=has_port)


def _shares(port: Resource, kept: str, addresses: set[str | None]) -> bool:
    if port.kind != Kind.PORT:
        return False
    lent = {pair["address"] for pair in port.spec.get("allowed_address_pairs", ())}
    return kept in port.spec.get("carries_addresses_of", ()) or bool(addresses and addresses <= lent)
