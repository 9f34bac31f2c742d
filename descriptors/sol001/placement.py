"""Affinity, anti-affinity and security group rules."""

from __future__ import annotations

from descriptors.model.placement import AffinityRule, SecurityGroupRule
from descriptors.sol001.amounts import integer, text
from descriptors.tosca.topology import Collective, Topology

_AFFINITY = ("tosca.policies.nfv.AffinityRule", "tosca.policies.nfv.NsAffinityRule")
_ANTI_AFFINITY = ("tosca.policies.nfv.AntiAffinityRule", "tosca.policies.nfv.NsAntiAffinityRule")
_SECURITY = (
    "tosca.policies.nfv.SecurityGroupRule", "tosca.policies.nfv.NsSecurityGroupRule",
    "tosca.policies.nfv.VnfSecurityGroupRule", "tosca.policies.nfv.PnfSecurityGroupRule",
    "tosca.policies.nfv.Abstract.SecurityGroupRule",
)  # fmt: skip


def read_affinity_rules(topology: Topology) -> tuple[AffinityRule, ...]:
    """Read the rules; groups among their targets are resolved to their members."""
    rules = []
    for policy in topology.policies_of(*_AFFINITY, *_ANTI_AFFINITY):
        targets = _resolved(policy, topology)
        if not targets:
            topology.reporter.warning(
                "sol001-rule-without-targets", f"{policy.name} has no targets and rules nothing", policy.path
            )
            continue
        rules.append(
            AffinityRule(
                id=policy.name,
                anti=policy.type.is_a(*_ANTI_AFFINITY),
                scope=text(policy.properties.get("scope"), "nfvi_node"),
                targets=targets,
            )
        )
    return tuple(rules)


def read_security_group_rules(topology: Topology) -> tuple[SecurityGroupRule, ...]:
    """Read the rules on traffic."""
    return tuple(
        SecurityGroupRule(
            id=policy.name,
            description=text(policy.properties.get("description")),
            direction=text(policy.properties.get("direction"), "ingress"),
            ether_type=text(policy.properties.get("ether_type"), "ipv4"),
            protocol=text(policy.properties.get("protocol"), "tcp"),
            port_min=integer(policy.properties.get("port_range_min"), 0),
            port_max=integer(policy.properties.get("port_range_max"), 65535),
            targets=_resolved(policy, topology),
        )
        for policy in topology.policies_of(*_SECURITY)
    )


def _resolved(policy: Collective, topology: Topology) -> tuple[str, ...]:
    targets: dict[str, None] = {}
    for name in policy.members:
        group = topology.groups.get(name)
        targets.update(dict.fromkeys(group.members if group else (name,)))
    return tuple(targets)
