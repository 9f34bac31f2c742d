"""Addresses for virtual links whose descriptor gives none. Pure.

Such a link gets one private subnet per IP version that it carries: a /24 of 10.0.0.0/9 and a /64 of fd00::/8. Which
one is derived from the identifiers of the network service and of the link, so that planning again gives the same, and
so that two services seldom get the same; within a service all subnets are distinct and overlap with none that the NSD
gives. The upper half of 10.0.0.0/8 is left to links inside VNFs.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping

from descriptors.model.vnfd import L3Protocol, VirtualLink

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_POOL_4 = ipaddress.IPv4Network("10.0.0.0/9")
_POOL_6 = ipaddress.IPv6Network("fd00::/8")
_PREFIX = {4: 24, 6: 64}
_VERSIONS = {"ipv4": 4, "ipv6": 6}


def subnets(ns_id: str, links: Mapping[str, VirtualLink]) -> dict[str, tuple[L3Protocol, ...]]:
    """Return the subnets of every virtual link, with an address range in each."""
    taken: list[_Network] = [
        ipaddress.ip_network(l3.cidr, strict=False) for link in links.values() for l3 in link.l3 if l3.cidr
    ]
    result = {}
    for name in sorted(links):
        chosen = []
        for wanted in _wanted(links[name]):
            cidr = wanted.cidr or str(_free(f"{ns_id}/{name}", wanted.ip_version, taken))
            chosen.append(_with(wanted, cidr))
        result[name] = tuple(chosen)
    return result


def _wanted(link: VirtualLink) -> Iterable[L3Protocol]:
    if link.l3:
        return link.l3
    return [L3Protocol(ip_version=_VERSIONS[layer]) for layer in link.layer_protocols if layer in _VERSIONS]


def _with(wanted: L3Protocol, cidr: str) -> L3Protocol:
    return L3Protocol(
        ip_version=wanted.ip_version,
        cidr=cidr,
        gateway=wanted.gateway,
        dhcp=wanted.dhcp,
        name=wanted.name,
        pools=wanted.pools,
    )


def _free(seed: str, version: int, taken: list[_Network]) -> _Network:
    """Take the first free range at or after the one that the seed points to."""
    pool = _POOL_4 if version == 4 else _POOL_6  # noqa: PLR2004  # IP versions are their own names
    size = 2 ** (pool.max_prefixlen - _PREFIX[version])
    ranges = pool.num_addresses // size
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) % ranges
    base = int(pool.network_address)
    for number in range(ranges):
        address = base + ((start + number) % ranges) * size
        candidate = ipaddress.ip_network((address, _PREFIX[version]))
        if not any(candidate.version == other.version and candidate.overlaps(other) for other in taken):
            taken.append(candidate)
            return candidate
    raise ValueError(f"no private IPv{version} range is left")  # pragma: no cover  # 32768 links in one service
