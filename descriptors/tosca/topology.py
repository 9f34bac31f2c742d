"""Topologies: node templates, groups and policies, checked against their types and ready to be understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from descriptors.tosca.documents import Path, Reporter
from descriptors.tosca.types import Type, Types


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement of a node template."""

    name: str
    target: str
    """Node template; empty when it is left open or leads out of the topology."""
    named: str = ""
    """What the descriptor names, whether there is such a node or not."""
    path: Path = ()


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A node template, checked."""

    name: str
    type: Type
    properties: dict[str, Any]
    """With the types' defaults."""
    given: frozenset[str]
    """Properties that the template itself gives."""
    capabilities: dict[str, dict[str, Any]]
    """Properties of each capability."""
    requirements: tuple[Requirement, ...]
    artifacts: dict[str, dict[str, Any]]
    interfaces: dict[str, dict[str, Any]]
    path: Path

    def targets(self, requirement: str) -> tuple[str, ...]:
        """Node templates that a requirement leads to."""
        return tuple(r.target for r in self.requirements if r.name == requirement and r.target)

    def target(self, requirement: str) -> str:
        """The first of them, or nothing."""
        return next(iter(self.targets(requirement)), "")


class Collective(msgspec.Struct, frozen=True, kw_only=True):
    """A group with its members, or a policy with its targets."""

    name: str
    type: Type
    properties: dict[str, Any]
    members: tuple[str, ...]
    path: Path
    triggers: dict[str, Any] = {}
    """What a policy answers to, as the document has it."""


class Substitution(msgspec.Struct, frozen=True, kw_only=True):
    """What a topology stands in for."""

    node_type: str
    type: Type | None
    properties: dict[str, Any]
    requirements: tuple[tuple[str, str, str, Path], ...]
    """Name of the requirement, node and its requirement that it is mapped to, and where."""


class Topology(msgspec.Struct, frozen=True, kw_only=True):
    """One topology template, checked."""

    reporter: Reporter
    types: Types
    description: str
    metadata: dict[str, Any]
    nodes: dict[str, Node]
    groups: dict[str, Collective]
    policies: tuple[Collective, ...]
    substitution: Substitution | None

    def of_type(self, *names: str) -> Iterator[Node]:
        """Yield the node templates of these types or of types derived from them."""
        return (node for node in self.nodes.values() if node.type.is_a(*names))

    def policies_of(self, *names: str) -> Iterator[Collective]:
        """Yield the policies of these types or of types derived from them."""
        return (policy for policy in self.policies if policy.type.is_a(*names))
