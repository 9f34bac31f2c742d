"""The addresses of connection points on internal virtual links (SOL001 CpProtocolData)."""

from __future__ import annotations

from collections.abc import Sequence

from descriptors.model.vnfd import ConnectionPoint, L3Protocol
from mano_runtime.workflow.graph import reference
from vim_adapters.resources import FixedAddress
from vnfm.planning import paths


def internal_addresses(
    point: ConnectionPoint, index: int, subnets: Sequence[L3Protocol], *, alone: bool
) -> tuple[FixedAddress, ...]:
    """Return the addresses that instance ``index`` of a connection point asks for on its link.

    Empty where the VNFD wants what it would get anyway: one of each IP version that the link has. Addresses that the
    VNFD itself gives go to the instances in their order, all to the one that is ``alone``; whoever is left without one
    gets one of the VIM's choice. Several of a version are of the link's first subnet of that version.
    """
    first: dict[int, int] = {}
    for position, subnet in enumerate(subnets):
        first.setdefault(subnet.ip_version, position)
    asked: list[FixedAddress] = []
    for version, position in first.items():
        requests = [request for request in point.addresses if request.ip_version == version]
        if not requests and not _speaks(point, version):
            continue
        range_of_link = reference(paths.subnet(point.internal_link, position))
        given = [address for request in requests for address in request.fixed]
        each = max(sum(request.count for request in requests), 1)
        own = given if alone else given[index * each : (index + 1) * each]
        asked += [FixedAddress(address=address) for address in own]
        asked += [FixedAddress(subnet=range_of_link) for _ in range(each - len(own))]
    plain = [FixedAddress(subnet=reference(paths.subnet(point.internal_link, position))) for position in first.values()]
    return () if asked == plain else tuple(asked)


def _speaks(point: ConnectionPoint, version: int) -> bool:
    return f"ipv{version}" in map(str.lower, point.layer_protocols)
