"""Neutron's collections whose resources have rules, each made by a request of its own."""

from __future__ import annotations

from typing import Any

from vim_adapters.openstack.collection import Document, named
from vim_adapters.openstack.neutron import Neutron
from vim_adapters.resources import Kind, QosPolicySpec, SecurityGroupSpec, SecurityRule

_DIRECTIONS = ("egress", "ingress")
_LIMITS = {"max": "bandwidth_limit_rule", "min": "minimum_bandwidth_rule"}
_KBIT = 1000


class SecurityGroups(Neutron):
    """What ports let through. A new group lets everything out by itself, which the contract does not."""

    kind, path = Kind.SECURITY_GROUP, "/security-groups"
    one, many = "security_group", "security_groups"

    def body(self, spec: SecurityGroupSpec) -> Document:
        """Return what asks for a group without rules."""
        return {"name": named(spec)}

    def settle(self, spec: SecurityGroupSpec, document: Document) -> Document:
        """Have the rules be those of the spec."""
        present = {_rule_key(rule): rule["id"] for rule in document.get("security_group_rules") or ()}
        wanted = {_rule_key(body): body for body in (rule_body(rule, document["id"]) for rule in spec.rules)}
        for key in present.keys() - wanted.keys():
            self._session.delete("network", f"/security-group-rules/{present[key]}")
        if missing := [body for key, body in wanted.items() if key not in present]:
            self._session.post("network", "/security-group-rules", {"security_group_rules": missing})
        return document


class QosPolicies(Neutron):
    """Rates of ports, in both directions alike."""

    kind, path, one, many = Kind.QOS_POLICY, "/qos/policies", "policy", "policies"
    tagged_path = "/policies"  # below the collection Neutron takes a request for tags as one for rules

    def body(self, spec: QosPolicySpec) -> Document:
        """Return what asks for a policy without rules."""
        return {"name": named(spec)}

    def adjusted(self, spec: QosPolicySpec, document: Document) -> Document:
        """Have the rates be those of the spec."""
        return self.settle(spec, document)

    def settle(self, spec: QosPolicySpec, document: Document) -> Document:
        """Have the rates be those of the spec; rules change in place, so that no port is without meanwhile."""
        base = f"{self.path}/{document['id']}"
        rules = document.get("rules") or ()
        for name, bps in (("max", spec.max_bps), ("min", spec.min_bps)):
            kind, rate = _LIMITS[name], f"{name}_kbps"
            wanted = None if bps is None else -(-bps // _KBIT)
            present = {rule["direction"]: rule for rule in rules if rate in rule}
            for direction in _DIRECTIONS:
                rule = present.get(direction)
                if wanted is None and rule:
                    self._session.delete("network", f"{base}/{kind}s/{rule['id']}")
                elif wanted is not None and rule is None:
                    body = {rate: wanted, "direction": direction}
                    self._session.post("network", f"{base}/{kind}s", {kind: body})
                elif wanted is not None and rule and rule[rate] != wanted:
                    self._session.put("network", f"{base}/{kind}s/{rule['id']}", {kind: {rate: wanted}})
        return self.at(document["id"]) or document


def rule_body(rule: SecurityRule, group: str) -> Document:
    """Return what asks Neutron for a rule of a security group."""
    body = {
        "security_group_id": group,
        "direction": rule.direction,
        "ethertype": {"ipv4": "IPv4", "ipv6": "IPv6"}.get(rule.ether_type.lower(), rule.ether_type),
        "protocol": rule.protocol.lower() if rule.protocol else None,
        "port_range_min": rule.port_min,
        "port_range_max": rule.port_max,
        "remote_ip_prefix": rule.remote_prefix,
    }
    return {name: value for name, value in body.items() if value is not None}


def _rule_key(rule: Document) -> tuple[Any, ...]:
    names = ("direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix")
    return tuple(rule.get(name) for name in names)
