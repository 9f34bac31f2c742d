"""Bit rates of internal virtual links and connection points as QoS policies (SOL001 clauses 6.8.7 and 6.8.10).

A policy speaks of one port: its limit is the rate of a leaf of the link, or that of the whole link where the VNFD gives
no other, for more can no port carry. Kept free for a port is the least rate of a leaf; that of a whole link is for a
port only where the link has but two, a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from descriptors.model.vnfd import Bitrate, ConnectionPoint, Flavour, VirtualLink
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import Kind, QosPolicySpec, encode_spec
from vnfm.planning import paths
from vnfm.planning.shape import Shape


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """What a port may, and at least can, carry: bits per second in each direction; None: nothing is said."""

    max_bps: int | None = None
    min_bps: int | None = None


NO_RATES = Rates()


def link_rates(flavour: Flavour, shape: Shape) -> dict[str, Rates]:
    """Return the rates of a port on each internal virtual link, as far as the VNFD says some, at the VNF's size.

    The rate of an instantiation level, or that of the scaling steps taken, is the limit then, within the most that the
    link's profile allows.
    """
    at_size = flavour.link_bitrates(shape.scale_levels, shape.level_id)
    found = {link.id: _rates(link, at_size.get(link.id, Bitrate())) for link in flavour.virtual_links.values()}
    return {link: rates for link, rates in found.items() if rates != NO_RATES}


def link_policies(rates: Mapping[str, Rates], label: str) -> Iterator[Resource]:
    """Yield the policy of each link that has rates."""
    for link, rate in rates.items():
        yield _policy(paths.link_policy(link), f"{label}-{link}", rate)


def port_policies(points: Iterable[ConnectionPoint], rates: Mapping[str, Rates], label: str) -> Iterator[Resource]:
    """Yield the policy of each connection point that asks for a rate of its own.

    The rate is kept free as far as the limit of the link goes, for a port has one policy and that is it.
    """
    for point in points:
        if point.bitrate_bps:
            limit = rates.get(point.internal_link, NO_RATES).max_bps
            asked = max(point.bitrate_bps, rates.get(point.internal_link, NO_RATES).min_bps or 0)
            rate = Rates(max_bps=limit, min_bps=asked if limit is None else min(asked, limit))
            yield _policy(paths.port_policy(point.id), f"{label}-{point.id}", rate)


def policy_of(point: ConnectionPoint, rates: Mapping[str, Rates], *, managed: bool) -> str | None:
    """Return a reference to the policy that a port of the connection point is put under by itself.

    None where there is none, or the network's own says it; on a network that somebody else manages none is said.
    """
    if point.bitrate_bps:
        return reference(paths.port_policy(point.id))
    return reference(paths.link_policy(point.internal_link)) if managed and point.internal_link in rates else None


def _rates(link: VirtualLink, at_size: Bitrate) -> Rates:
    limits = [rate for rate in (link.max_bitrate_leaf or link.max_bitrate_root, at_size.leaf_bps or at_size.root_bps)
              if rate]  # fmt: skip
    limit = min(limits, default=None)
    line = link.flow_pattern.lower() == "line"
    least = link.min_bitrate_leaf or (link.min_bitrate_root if line else 0) or None
    return Rates(max_bps=limit, min_bps=min(least, limit) if least and limit else least)


def _policy(path: str, name: str, rates: Rates) -> Resource:
    spec = QosPolicySpec(name=name, max_bps=rates.max_bps, min_bps=rates.min_bps)
    return Resource(path=path, kind=Kind.QOS_POLICY, spec=encode_spec(spec))
