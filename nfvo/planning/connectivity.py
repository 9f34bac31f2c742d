"""From the NSD's links of a VNF to the VNF's external virtual links (SOL003 ExtVirtualLinkData). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descriptors.model.nsd import VnfProfile
from descriptors.model.vnfd import ExternalConnectionPoint, Flavour, L3Protocol
from mano_runtime.workflow.graph import reference
from nfvo.planning.refusal import PlanningRefusedError


def network_path(link: str) -> str:
    """Return the path, in an NS's graph, of a virtual link's network."""
    return f"vl/{link}/network"


def link_of(path: str) -> str | None:
    """Return the virtual link whose network is at ``path``, else None."""
    if path.startswith("vl/") and path.endswith("/network"):
        return path.removeprefix("vl/").removesuffix("/network")
    return None


def bindings(profile: VnfProfile, flavour: Flavour) -> dict[str, str]:
    """Return the NS virtual link that each external connection point of the VNF attaches to.

    The NSD binds requirements of the VNF's node type. The VNFD says which connection point is behind a requirement in
    its substitution mapping; one that it does not map is known by its own name. A lone requirement that fits nothing
    belongs to the lone connection point that is left: many NSDs use the generic ``virtual_link`` of the base node type.

    Raises:
        PlanningRefusedError: a requirement leads to no connection point.
    """
    points = flavour.external_connection_points
    bound: dict[str, str] = {}
    homeless: dict[str, str] = {}
    for requirement, link in profile.links.items():
        found = _behind(requirement, points)
        bound |= dict.fromkeys(found, link)
        if not found:
            homeless[requirement] = link
    free = [point for point in points if point not in bound]
    if len(homeless) == 1 and len(free) == 1:
        return bound | {free[0]: next(iter(homeless.values()))}
    if homeless:
        names = sorted({point.requirement or point.id for point in points.values()})
        raise PlanningRefusedError(
            f"NSD, VNF profile {profile.id!r}",
            f"binds {', '.join(sorted(homeless))}, which leads to no external connection point of the VNFD"
            f" {profile.vnfd_id}; it has {', '.join(names) or 'none'}",
        )
    return bound


def ext_virtual_links(
    profile: VnfProfile, flavour: Flavour, vim: str, ranges: Mapping[str, tuple[L3Protocol, ...]]
) -> list[dict[str, Any]]:
    """Return the VNF's external virtual links; their networks are references to be resolved once they exist.

    Every connection point is asked to have one address, of the VIM's choice, of each IP version that ``ranges`` has for
    the link.
    """
    by_link: dict[str, list[str]] = {}
    for point, link in sorted(bindings(profile, flavour).items()):
        by_link.setdefault(link, []).append(point)
    return [
        {
            "id": f"vl/{link}",
            "vimConnectionId": vim,
            "resourceId": reference(network_path(link)),
            "extCps": [
                {"cpdId": point, "cpConfig": {point: _configuration(ranges.get(link, ()))}} for point in by_link[link]
            ],
        }
        for link in sorted(by_link)
    ]


def _configuration(ranges: tuple[L3Protocol, ...]) -> dict[str, Any]:
    versions = sorted({range_.ip_version for range_ in ranges})
    addresses = [{"type": f"IPV{version}", "numDynamicAddresses": 1} for version in versions]
    protocol: dict[str, Any] = {"layerProtocol": "IP_OVER_ETHERNET"}
    if addresses:
        protocol["ipOverEthernet"] = {"ipAddresses": addresses}
    return {"createExtLinkPort": True, "cpProtocolData": [protocol]}


def _behind(requirement: str, points: Mapping[str, ExternalConnectionPoint]) -> list[str]:
    mapped = [point.id for point in points.values() if point.requirement == requirement]
    return mapped or [point.id for point in points.values() if requirement in {point.id, point.connection_point}]
