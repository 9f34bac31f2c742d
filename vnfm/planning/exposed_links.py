"""External connection points that expose a whole internal virtual link (SOL001 VnfExtCp, ``internal_virtual_link``).

The link keeps its own addresses. A router joins it to the external virtual link, where the connection point's port has
the address under which the router is found there. Several that expose one link on one network are one port, for a
router is there once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from descriptors.model.vnfd import ConnectionPoint, Flavour, L3Protocol
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import Kind, PortSpec, encode_spec
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment, attachment
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape

_PORT = "extVirtualLinks.extCps.cpConfig.linkPortId"
_ADDRESSES = "extVirtualLinks.extCps.cpConfig.cpProtocolData"


def exposes_link(point: ConnectionPoint) -> bool:
    """Tell whether a connection point stands for a whole internal virtual link."""
    return point.kind == "EXTERNAL" and bool(point.internal_link)


def exposures(
    flavour: Flavour, shape: Shape, managed: Collection[str], subnets: Mapping[str, tuple[L3Protocol, ...]]
) -> Iterator[tuple[ConnectionPoint, str, Attachment]]:
    """Yield the connection points that expose links and are attached, with path and attachment, in their order.

    Raises:
        PlanningRefusedError: no router can join the link and the network, or not in the way that is asked for.
    """
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for point in sorted(filter(exposes_link, flavour.connection_points.values()), key=lambda point: point.id):
        outside = attachment(flavour, shape, point, 0)
        if outside is None:
            continue
        link = point.internal_link
        _check(point, outside, subnets.get(link, ()), managed=link in managed)
        path, there = paths.exposure(point.id), first.get((link, outside.network))
        if there is None:
            first[link, outside.network] = (path, point.id)
        elif outside.fixed_addresses or outside.mac_address:
            what = f"{point.id!r} exposes {link!r} where {there[1]!r} does: they share a port, so ask for nothing else"
            raise PlanningRefusedError(_ADDRESSES, what)
        else:
            outside = msgspec.structs.replace(outside, shares=there[0])
        yield point, path, outside


def interface(path: str, point: ConnectionPoint, outside: Attachment, name: str) -> Resource:
    """Return the port by which the router of a link is on the external network."""
    spec = PortSpec(
        name=name,
        network=outside.network,
        fixed_addresses=outside.fixed_addresses,
        mac_address=outside.mac_address,
        router=reference(paths.router(point.internal_link)),
    )
    return Resource(path=path, kind=Kind.PORT, spec=encode_spec(spec))


def _check(point: ConnectionPoint, outside: Attachment, ranges: tuple[L3Protocol, ...], *, managed: bool) -> None:
    link = f"connection point {point.id!r} exposes the virtual link {point.internal_link!r}"
    if managed:
        what = f"{link}, which is managed externally: the way out of it is its maker's affair, so leave it out"
        raise PlanningRefusedError("extVirtualLinks.extCps.cpdId", what)
    if not ranges:
        what = f"{link}, which has no addresses that a router could lead to: leave it out"
        raise PlanningRefusedError("extVirtualLinks.extCps.cpdId", what)
    if outside.link_port:
        raise PlanningRefusedError(_PORT, f"{link}, by a port that is made with its router: leave it out")
    if outside.ranges or len(outside.fixed_addresses) > 1:
        raise PlanningRefusedError(_ADDRESSES, f"{link}, by a router that has one address there: ask for no more")
