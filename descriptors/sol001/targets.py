"""Policies and groups are about certain kinds of things: what else they name, they cannot rule."""

from __future__ import annotations

from descriptors.tosca import builtin
from descriptors.tosca.documents import sequence
from descriptors.tosca.topology import Collective, Topology
from descriptors.tosca.types import Type

_NFV = ("tosca.policies.nfv.", "tosca.groups.nfv.")
_NEWEST = builtin.RELEASES[-1]


def check_targets(topology: Topology) -> None:
    """Report targets of SOL001's policies, and members of its groups, that are of no type that they are for."""
    for collective in (*topology.policies, *topology.groups.values()):
        allowed = _allowed(collective.type)
        if not allowed:
            continue
        for name in collective.members:
            kind = _kind(name, topology)
            if kind is not None and not kind.is_a(*allowed):
                _report(collective, name, kind, topology)


def _report(collective: Collective, name: str, kind: Type, topology: Topology) -> None:
    rules = collective.type.section == "policy_types"
    short = next(line for line in collective.type.line if line.startswith(_NFV))
    topology.reporter.warning(
        "sol001-wrong-target",
        f"{collective.name} is a {short.rsplit('.', 1)[-1]}, and {name} is a {kind.name}: it is not for such things",
        (*collective.path, "targets" if rules else "members"),
        clause=f"SOL001 {short}",
    )


def _allowed(declared: Type) -> tuple[str, ...]:
    """Return the types that a policy or group may name, by the newest release: older ones allow less."""
    for name in declared.line:
        definition = builtin.definition(_NEWEST, declared.section, name) if name.startswith(_NFV) else None
        if definition is not None:
            return tuple(map(str, sequence(definition.get("targets", definition.get("members")))))
    return ()


def _kind(name: str, topology: Topology) -> Type | None:
    if name in topology.nodes:
        return topology.nodes[name].type
    return topology.groups[name].type if name in topology.groups else None
