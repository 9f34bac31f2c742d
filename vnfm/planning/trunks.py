"""Trunks: several connection points of a VNFC behind one interface of its guest (SOL001 VduSubCp)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from descriptors.model.vnfd import ConnectionPoint, Flavour
from mano_runtime.workflow.graph import Resource, parse_reference, reference
from vim_adapters.resources import Kind, SubPort, TrunkSpec, encode_spec
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.refusal import PlanningRefusedError

INHERIT = "inherit"


def sub_points(flavour: Flavour, parent: ConnectionPoint) -> list[ConnectionPoint]:
    """Return the connection points that the trunk of one carries, in the order of the descriptor."""
    found = [point for point in flavour.connection_points.values() if point.trunk_point == parent.id]
    return sorted(found, key=lambda point: point.order)


def sub_port(point: ConnectionPoint, port: str, outside: Attachment | None) -> SubPort:
    """Return how the port of a connection point is told apart on its trunk: as requested, else as the VNFD has it.

    Raises:
        PlanningRefusedError: nobody says by which number.
    """
    kind = (outside and outside.segmentation_type) or point.segmentation_type or "vlan"
    if kind.lower() == INHERIT:
        return SubPort(port=port, segmentation_type=INHERIT)
    number = int(outside.segmentation_id) if outside and outside.segmentation_id else point.segmentation_id
    if not number:
        what = (
            f"connection point {point.id!r} is on a trunk, and no VLAN tells it apart there:"
            " give its segmentationId in cpProtocolData, or segmentation_id in the VNFD"
        )
        raise PlanningRefusedError("extVirtualLinks" if outside else "flavourId", what)
    return SubPort(port=port, segmentation_type=kind.lower(), segmentation_id=number)


def trunk_resource(path: str, port: str, sub_ports: Sequence[SubPort], name: str) -> Resource:
    """Return the trunk of a port that a server is to get."""
    spec = TrunkSpec(name=name, port=port, sub_ports=tuple(sub_ports))
    return Resource(path=path, kind=Kind.TRUNK, spec=encode_spec(spec))


def port_through(trunk: str) -> str:
    """Return what stands for the port of a trunk among a server's: a server is never there before its trunk."""
    return reference(trunk, "port")


def guest_ports(server: Resource) -> list[str]:
    """Return the paths of the ports that a server has of ours, in the order of the guest's interfaces."""
    found = (parse_reference(port) for port in server.spec.get("ports", ()))
    return [_port_of(path) for path, _ in filter(None, found)]


def carried_points(graph: Mapping[str, Resource]) -> dict[str, tuple[str, SubPort]]:
    """Return, by path of a port that a trunk carries, the path of the trunk and how it is told apart."""
    return {
        named[0]: (path, SubPort(**sub))
        for path, trunk in graph.items()
        if trunk.kind == Kind.TRUNK
        for sub in trunk.spec.get("sub_ports", ())
        if (named := parse_reference(sub["port"]))
    }


def _port_of(path: str) -> str:
    part = paths.parse_vnfc_part(path)
    if part and part.part == "trunk" and part.index is not None:
        return paths.port(part.vdu, part.index, part.name)
    return path
