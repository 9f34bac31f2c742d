"""Types with everything that they inherit."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import msgspec

from descriptors.tosca.documents import Path, mapping, sequence
from descriptors.tosca.service.names import Definition, Scope
from descriptors.tosca.service.schemas import PRIMITIVES, Clause, Schema, clauses, schema

_DEEPEST = 64  # generations
_MOST_FIELDS = 500_000  # of all types together


class Capability(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A capability that a node type defines."""

    type: str
    scope: Scope
    path: Path
    properties: dict[str, Any] = {}
    """Refinements of the type's properties by name: definition, scope and path."""


class Requirement(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A requirement that a node type defines."""

    capability: str = ""
    node: str = ""
    relationship: str = ""
    scope: Scope
    path: Path
    least: int = 1
    most: int | None = 1
    """None when there is no bound."""


class Interface(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """An interface of a type, or an interface type: operations and the inputs that all of them have."""

    type: str = ""
    scope: Scope
    inputs: dict[str, Schema] = {}
    operations: dict[str, dict[str, Schema]] = {}


class Kind(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A type with everything that it inherits."""

    definition: Definition
    line: tuple[Definition, ...]
    """Itself and its ancestors, nearest first."""
    primitive: str = ""
    """Of data types: the primitive that it derives from."""
    properties: dict[str, Schema] = {}
    attributes: dict[str, Schema] = {}
    capabilities: dict[str, Capability] = {}
    requirements: dict[str, Requirement] = {}
    interfaces: dict[str, Interface] = {}
    clauses: tuple[Clause, ...] = ()
    entry: Schema | None = None
    key: Schema | None = None
    raw: dict[str, Any] = {}
    """Other keynames, inherited ones included (scalar units, valid types)."""

    @property
    def name(self) -> str:
        """As it is called where it is defined."""
        return self.definition.name

    def is_a(self, *others: Definition) -> bool:
        """Whether it is one of these types or derives from one."""
        return any(other in self.line for other in others)


class Kinds:
    """Resolves types, each once. Not thread-safe: one per run."""

    def __init__(self) -> None:
        self._known: dict[Definition, Kind | None] = {}
        self._fields = 0

    def get(self, scope: Scope, section: str, name: str) -> Kind | None:
        """Return what a type name means in a document; None when it is unknown or derives from nothing known."""
        definition = scope.find(section, name)
        return self.of(definition) if definition else None

    def of(self, definition: Definition) -> Kind | None:
        """Return a type with what it inherits; None, reported elsewhere, when its ancestors cannot be told."""
        chain: list[Definition] = []
        current: Definition | None = definition
        while current is not None and current not in self._known:
            if current in chain or len(chain) > _DEEPEST:
                for each in chain:
                    self._known[each] = None
                return None
            if current.built_in:
                self._known[current] = _built_in(current)
                break
            chain.append(current)
            current = parent_of(current)
        for each in reversed(chain):
            self._known[each] = self._of_package(each)
        return self._known[definition]

    def used(self) -> frozenset[Definition]:
        """Return every type that has been asked for, with the ancestors of each."""
        return frozenset(definition for kind in self._known.values() if kind for definition in kind.line)

    def _of_package(self, definition: Definition) -> Kind | None:
        above = parent_of(definition)
        parent = self._known.get(above) if above else None
        raw = definition.raw
        if above and parent is None:
            return None
        if parent and len(parent.line) > _DEEPEST:
            return None
        self._fields += len(mapping(raw.get("properties"))) + (len(parent.properties) if parent else 0)
        if self._fields > _MOST_FIELDS:
            return None
        return _flattened(definition, parent)


@functools.cache
def _built_in(definition: Definition) -> Kind:
    """Flatten a built-in type; the result is shared by all readings, in any thread."""
    above = parent_of(definition)
    return _flattened(definition, _built_in(above) if above else None)


def _flattened(definition: Definition, parent: Kind | None) -> Kind:
    raw, scope, path = definition.raw, definition.scope, definition.path
    base = raw.get("derived_from")
    plain = parent is None and isinstance(base, str) and base in PRIMITIVES
    primitive = base if definition.section == "data_types" and plain else ""
    inner = schema({"type": "list", **raw}, scope, path)
    return Kind(
        definition=definition,
        line=(definition, *(parent.line if parent else ())),
        primitive=str(primitive or (parent.primitive if parent else "")),
        properties=_schemas(raw, "properties", scope, path, parent.properties if parent else {}),
        attributes=_schemas(raw, "attributes", scope, path, parent.attributes if parent else {}),
        capabilities=_capabilities(definition, parent),
        requirements=_requirements(definition, parent),
        interfaces=_interfaces(definition, parent),
        clauses=(*(parent.clauses if parent else ()), *clauses(raw, scope, path)),
        entry=inner.entry or (parent.entry if parent else None),
        key=inner.key or (parent.key if parent else None),
        raw=_merged(raw, parent.raw if parent else {}),
    )


def _merged(raw: dict[str, Any], inherited: dict[str, Any]) -> dict[str, Any]:
    """Return a definition over the inherited one; units and prefixes add to those that there are."""
    scales: dict[str, Any] = {
        key: {**mapping(inherited.get(key)), **mapping(raw[key])} for key in ("units", "prefixes") if key in raw
    }
    return {**inherited, **raw, **scales}


def parent_of(definition: Definition) -> Definition | None:
    """Return the definition that one derives from."""
    name = definition.raw.get("derived_from")
    if not isinstance(name, str):
        return None
    found = definition.scope.find(definition.section, name)
    if found is definition:  # it carries the name of what it derives from: the built-in one is meant
        found = definition.scope.library.find(definition.section, name)
    return None if found is definition else found


def requirement_definitions(raw: Any, path: Path) -> Iterator[tuple[str, dict[str, Any], Path]]:
    """Yield name, definition and place of each entry of a list of named things."""
    for index, item in enumerate(sequence(raw)):
        for name, given in mapping(item).items():
            yield str(name), {"capability": given} if isinstance(given, str) else mapping(given), (*path, index, name)
    for name, given in mapping(raw).items():
        yield str(name), {"capability": given} if isinstance(given, str) else mapping(given), (*path, name)


def bounds(raw: Any) -> tuple[int, int | None] | None:
    """Return the bounds of a range of counts; None when it is none."""
    if not isinstance(raw, list) or len(raw) != 2:  # noqa: PLR2004 # a range has two ends
        return None
    low, high = raw
    if isinstance(low, bool) or not isinstance(low, int) or low < 0:
        return None
    if high == "UNBOUNDED":
        return low, None
    return (low, high) if isinstance(high, int) and not isinstance(high, bool) and high >= low else None


def _schemas(
    raw: dict[str, Any], key: str, scope: Scope, path: Path, inherited: dict[str, Schema]
) -> dict[str, Schema]:
    own = {}
    for name, given in mapping(raw.get(key)).items():
        parent = inherited.get(str(name))
        if key == "properties" and not scope.dialect.strict:
            given = _defined(given, scope, parent)  # noqa: PLW2901 # the definition that it stands for
        own[str(name)] = schema(given, scope, (*path, key, name), parent)
    return inherited | own if own else inherited


def _defined(given: Any, scope: Scope, parent: Schema | None) -> Any:
    """Return a definition; a bare value in its place, which is reported with the grammar, is the default."""
    if given is None or isinstance(given, dict):
        return given
    if isinstance(given, str) and (given in PRIMITIVES or scope.find("data_types", given)):
        return given
    return {"default": given} if parent else {"default": given, "type": "any"}


def _capabilities(definition: Definition, parent: Kind | None) -> dict[str, Capability]:
    inherited = parent.capabilities if parent else {}
    if definition.section not in ("node_types", "group_types"):
        return inherited
    own = {}
    for name, given in mapping(definition.raw.get("capabilities")).items():
        path = (*definition.path, "capabilities", name)
        raw = {"type": given} if isinstance(given, str) else mapping(given)
        base = inherited.get(str(name))
        typed = isinstance(raw.get("type"), str)
        refined = {
            key: (value, definition.scope, (*path, "properties", key))
            for key, value in mapping(raw.get("properties")).items()
        }
        own[str(name)] = Capability(
            type=raw["type"] if typed else base.type if base else "",
            scope=definition.scope if typed or not base else base.scope,
            path=path,
            properties={**(base.properties if base else {}), **refined},
        )
    return inherited | own


def _requirements(definition: Definition, parent: Kind | None) -> dict[str, Requirement]:
    result = dict(parent.requirements) if parent else {}
    if definition.section != "node_types":
        return result
    path = (*definition.path, "requirements")
    for name, raw, where in requirement_definitions(definition.raw.get("requirements"), path):
        base = result.get(name)
        relationship = raw.get("relationship")
        if isinstance(relationship, dict):
            relationship = relationship.get("type")
        given = {
            key: value
            for key, value in (("capability", raw.get("capability")), ("node", raw.get("node")),
                               ("relationship", relationship))
            if isinstance(value, str)
        }  # fmt: skip
        old = {k: getattr(base, k) for k in ("capability", "node", "relationship")} if base else {}
        range_ = bounds(raw.get("count_range", raw.get("occurrences")))
        if range_ is None:
            range_ = (base.least, base.most) if base else (0, None) if definition.scope.dialect.strict else (1, 1)
        result[name] = Requirement(**(old | given), scope=definition.scope, path=where, least=range_[0], most=range_[1])
    return result


_NOT_OPERATIONS = frozenset(
    {"derived_from", "version", "metadata", "description", "inputs", "operations", "notifications", "type"}
)


def operations_of(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the operations of an interface, below ``operations`` or (TOSCA 1) beside the other keynames."""
    return {**{k: v for k, v in raw.items() if k not in _NOT_OPERATIONS}, **mapping(raw.get("operations"))}


def _interfaces(definition: Definition, parent: Kind | None) -> dict[str, Interface]:
    inherited = parent.interfaces if parent else {}
    if definition.section == "interface_types":
        return inherited | {"": _interface(definition.raw, definition.scope, definition.path, inherited.get(""))}
    own = {
        str(name): _interface(
            mapping(raw), definition.scope, (*definition.path, "interfaces", name), inherited.get(str(name))
        )
        for name, raw in mapping(definition.raw.get("interfaces")).items()
    }
    return inherited | own if own else inherited


def _interface(raw: dict[str, Any], scope: Scope, path: Path, base: Interface | None) -> Interface:
    named = isinstance(raw.get("type"), str)
    operations = dict(base.operations) if base else {}
    for name, operation in operations_of(raw).items():
        where = (*path, "operations", name)
        operations[str(name)] = _schemas(mapping(operation), "inputs", scope, where, operations.get(str(name), {}))
    return Interface(
        type=raw["type"] if named else base.type if base else "",
        scope=scope if named or not base else base.scope,
        inputs=_schemas(raw, "inputs", scope, path, base.inputs if base else {}),
        operations=operations,
    )
