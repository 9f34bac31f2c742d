"""Rules on where things are placed and on the traffic that may pass."""

from __future__ import annotations

from descriptors.model.record import Model


class AffinityRule(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Things that shall be placed together, or apart."""

    id: str
    anti: bool
    scope: str
    """nfvi_node, zone, zone_group, nfvi_pop or network_link_and_node."""
    targets: tuple[str, ...]
    """VDUs and virtual links (VNF profiles and virtual links in an NSD); groups are resolved to their members."""


class SecurityGroupRule(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Traffic that may pass the connection points that the policy targets."""

    id: str
    description: str = ""
    direction: str = "ingress"
    ether_type: str = "ipv4"
    protocol: str = "tcp"
    port_min: int = 0
    port_max: int = 65535
    targets: tuple[str, ...] = ()
