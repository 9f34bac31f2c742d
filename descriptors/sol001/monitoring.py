"""Figures that can be measured or that the VNF reports: monitoring parameters and indicators."""

from __future__ import annotations

from typing import Any

from descriptors.model.lifecycle import Indicator
from descriptors.model.resources import MonitoringParameter
from descriptors.sol001.amounts import seconds, text
from descriptors.sol001.releases import current
from descriptors.tosca.documents import mapping, plain
from descriptors.tosca.topology import Node, Topology

_INDICATOR = "tosca.policies.nfv.VnfIndicator"
_INTERFACES = ("VnfIndicator", "NsVnfIndicator")
_NOT_INDICATORS = frozenset({"type", "inputs", "operations", "notifications", "description"})


def monitoring_parameters(value: Any) -> dict[str, MonitoringParameter]:
    """Read monitoring parameters by their names."""
    return {
        key: MonitoringParameter(
            id=key,
            name=text(mapping(item).get("name"), key),
            performance_metric=text(mapping(item).get("performance_metric")),
            collection_period_seconds=seconds(mapping(item).get("collection_period")) or 0.0,
        )
        for key, item in mapping(value).items()
    }


def monitored(topology: Topology, policy_type: str, key: str, target: str = "") -> dict[str, MonitoringParameter]:
    """Read the parameters of monitoring policies: of those that target a node, or of all of them."""
    result: dict[str, MonitoringParameter] = {}
    for policy in topology.policies_of(policy_type):
        if not target or target in policy.members:
            result |= monitoring_parameters(current(policy.type, policy.properties).get(key))
    return result


def read_indicators(topology: Topology, node: Node | None) -> tuple[Indicator, ...]:
    """Read indicators from policies and from the VNF's interface of that name, once each."""
    found = {
        policy.name: Indicator(
            id=policy.name,
            name=text(policy.properties.get("name"), policy.name),
            source=text(policy.properties.get("source")),
            triggers=plain(policy.triggers),
        )
        for policy in topology.policies_of(_INDICATOR)
    }
    for interface in _INTERFACES:
        declared = (
            {**mapping(node.type.interfaces.get(interface)), **node.interfaces.get(interface, {})} if node else {}
        )
        reported = {
            **{k: v for k, v in declared.items() if k not in _NOT_INDICATORS},
            **mapping(declared.get("operations")),
            **mapping(declared.get("notifications")),
        }
        for name, definition in reported.items():
            source = text(mapping(mapping(definition).get("inputs")).get("source"))
            found.setdefault(name, Indicator(id=name, name=name, source=source))
    return tuple(found.values())
