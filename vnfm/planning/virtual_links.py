"""Internal virtual links as networks and subnets (SOL001 clause 6.8.10)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from descriptors.model.vnfd import Flavour, L2Protocol, L3Protocol, VirtualLink
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import AllocationPool, Kind, NetworkSpec, SubnetSpec, encode_spec
from vnfm.planning import paths


def link_resources(
    flavour: Flavour, managed: Collection[str], limited: Collection[str], label: str
) -> Iterator[Resource]:
    """Yield the network and the subnets of every internal virtual link, those in ``managed`` excepted.

    The ports on those in ``limited`` are under the link's QoS policy.
    """
    ranges = link_subnets(flavour)
    for link in flavour.virtual_links.values():
        if link.id in managed:
            continue
        policy = reference(paths.link_policy(link.id)) if link.id in limited else None
        yield Resource(path=paths.network(link.id), kind=Kind.NETWORK, spec=encode_spec(_network(link, label, policy)))
        for position, layer3 in enumerate(ranges[link.id]):
            spec = SubnetSpec(
                name=layer3.name or f"{label}-{link.id}-{position}",
                network=reference(paths.network(link.id)),
                ip_version=layer3.ip_version,
                cidr=layer3.cidr,
                gateway=layer3.gateway or None,
                dhcp=layer3.dhcp,
                ipv6_address_mode=layer3.ipv6_address_mode.lower() or None,
                allocation_pools=tuple(AllocationPool(start=start, end=end) for start, end in layer3.pools),
            )
            yield Resource(path=paths.subnet(link.id, position), kind=Kind.SUBNET, spec=encode_spec(spec))


def link_subnets(flavour: Flavour) -> dict[str, tuple[L3Protocol, ...]]:
    """Return by internal virtual link what each of its subnets is."""
    links = enumerate(sorted(flavour.virtual_links))
    return {link: subnets(flavour.virtual_links[link], number) for number, link in links}


def subnets(link: VirtualLink, number: int) -> tuple[L3Protocol, ...]:
    """Return what each subnet of a link is.

    Connection points need addresses, so a link that speaks IP and has no layer 3 data, or layer 3 data without a
    range, gets a range of its own. It is the same each time: by ``number``, the link's place among the flavour's
    links in the order of their names, so that no two links of a VNF overlap: 10.200.0.0 onwards in /24s for IPv4 and
    fd4d:616e:6f::/48 in /64s for IPv6. A link that only speaks Ethernet gets none.
    """
    given = link.l3 or tuple(
        L3Protocol(ip_version=version) for version in (4, 6) if f"ipv{version}" in map(str.lower, link.layer_protocols)
    )
    return tuple(
        layer3 if layer3.cidr else msgspec.structs.replace(layer3, cidr=_default_range(layer3.ip_version, number))
        for layer3 in given
    )


def _default_range(ip_version: int, number: int) -> str:
    return f"fd4d:616e:6f:{number:x}::/64" if ip_version == 6 else f"10.{200 + number // 256}.{number % 256}.0/24"  # noqa: PLR2004  # the IP version


def _network(link: VirtualLink, label: str, policy: str | None) -> NetworkSpec:
    layer2 = link.l2 or L2Protocol()
    return NetworkSpec(
        name=f"{label}-{link.id}",
        description=link.description,
        mtu=layer2.mtu or None,
        vlan_transparent=layer2.vlan_transparent,
        provider_type=layer2.network_type.lower() or None,
        provider_segment=int(layer2.segmentation_id) if layer2.segmentation_id.isdigit() else None,
        qos_policy=policy,
    )
