"""What a service template of TOSCA says, whatever its version: a general cloud service.

Names of types are as the template writes them; ``types`` tells what each derives from. Values are plain data; calls of
functions that only a running service can answer stay as they were written.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Parameter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An input or an output."""

    name: str
    type: str = ""
    description: str = ""
    required: bool = True
    default: Any = None
    value: Any = None
    """Of outputs: what it is made of."""


class RequiredNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A requirement of a node as it is assigned."""

    name: str
    node: str = ""
    """The node template, or the type of a node that the orchestrator shall find; empty when it is left open."""
    capability: str = ""
    relationship: str = ""
    properties: dict[str, Any] = {}
    """Of the relationship."""
    node_filter: Any = None
    count: Any = 1
    optional: bool = False


class Artifact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that a node comes with."""

    file: str
    type: str = ""
    properties: dict[str, Any] = {}


class NodeTemplate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the service."""

    name: str
    type: str
    description: str = ""
    directives: tuple[str, ...] = ()
    properties: dict[str, Any] = {}
    """With the type's defaults."""
    attributes: dict[str, Any] = {}
    capabilities: dict[str, dict[str, Any]] = {}
    """Properties of each capability, with defaults."""
    requirements: tuple[RequiredNode, ...] = ()
    interfaces: dict[str, Any] = {}
    artifacts: dict[str, Artifact] = {}
    count: Any = 1
    node_filter: Any = None


class RelationshipTemplate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A relationship that requirements may name."""

    name: str
    type: str
    properties: dict[str, Any] = {}
    interfaces: dict[str, Any] = {}


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Nodes that belong together."""

    name: str
    type: str
    members: tuple[str, ...] = ()
    properties: dict[str, Any] = {}


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule about nodes and groups."""

    name: str
    type: str
    targets: tuple[str, ...] = ()
    properties: dict[str, Any] = {}
    triggers: Any = None


class Substitution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the service stands in for."""

    node_type: str
    properties: dict[str, Any] = {}
    capabilities: dict[str, Any] = {}
    requirements: tuple[tuple[str, Any], ...] = ()
    interfaces: dict[str, Any] = {}
    node_filter: Any = None


class Topology(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A service: nodes, what connects them and the rules about them."""

    tosca_version: str
    """``tosca_definitions_version`` of the template."""
    description: str = ""
    metadata: dict[str, Any] = {}
    inputs: dict[str, Parameter] = {}
    outputs: dict[str, Parameter] = {}
    nodes: dict[str, NodeTemplate] = {}
    relationships: dict[str, RelationshipTemplate] = {}
    groups: dict[str, Group] = {}
    policies: tuple[Policy, ...] = ()
    workflows: dict[str, Any] = {}
    substitution: Substitution | None = None
    types: dict[str, tuple[str, ...]] = {}
    """Types that the parts are of, by the name that the template uses: full names, nearest ancestor next."""
