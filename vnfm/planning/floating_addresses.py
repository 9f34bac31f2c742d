"""Connection points that are reached from the network outside (SOL001 L3AddressData, ``floating_ip_activated``).

The port keeps the address that it has on its link, and a floating address leads to it. To a link of the VNF's own that
takes a router; who made any other link sees to its way outside. Which network is outside is the VIM's affair.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from descriptors.model.vnfd import ConnectionPoint, L3Protocol
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import FloatingAddressSpec, Kind, RouterSpec, encode_spec
from vnfm.planning import paths
from vnfm.planning.refusal import PlanningRefusedError

_IPV4 = 4


def check_version(point: ConnectionPoint) -> None:
    """Refuse a connection point that asks for a floating address of another version than 4."""
    if any(request.floating and request.ip_version != _IPV4 for request in point.addresses):
        what = (
            f"connection point {point.id!r} asks for a floating address of IPv6, and there are such of IPv4 only:"
            " leave floating_ip_activated out of its IPv6 address data"
        )
        raise PlanningRefusedError("flavourId", what)


def floating_address(path: str, port: str, name: str, link: str = "") -> Resource:
    """Return the floating address of the connection point at ``path``.

    ``port`` is a reference to its port, or the identifier of one that was made beforehand; ``link`` the internal
    virtual link that is to get a router for it, if any.
    """
    router = reference(paths.router(link)) if link else None
    spec = FloatingAddressSpec(name=name, port=port, router=router)
    return Resource(path=paths.floating_address(path), kind=Kind.FLOATING_ADDRESS, spec=encode_spec(spec))


def routers(
    routed: Collection[str], exposed: Collection[str], subnets: Mapping[str, tuple[L3Protocol, ...]], label: str
) -> list[Resource]:
    """Return the router of each internal virtual link that floating addresses lead to, or external links, or both."""
    return [
        _router(link, subnets[link], label, outside=link in routed, whole=link in exposed)
        for link in sorted({*routed, *exposed})
    ]


def _router(link: str, subnets: Sequence[L3Protocol], label: str, *, outside: bool, whole: bool) -> Resource:
    """The router of the subnets that have floating addresses, or of the ``whole`` link."""
    floating = [number for number, subnet in enumerate(subnets) if subnet.ip_version == _IPV4]
    if outside and not floating:
        what = f"virtual link {link!r} has connection points with floating addresses, and no addresses of IPv4 itself"
        raise PlanningRefusedError("flavourId", what)
    inside = range(len(subnets)) if whole else floating
    spec = RouterSpec(
        name=f"{label}-{link}",
        subnets=tuple(reference(paths.subnet(link, number)) for number in inside),
        outside=outside,
    )
    return Resource(path=paths.router(link), kind=Kind.ROUTER, spec=encode_spec(spec))
