"""Schemas: what a property, an attribute, a parameter or an entry of a collection may be."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from descriptors.tosca.documents import Path, mapping, sequence
from descriptors.tosca.service.names import Scope

PRIMITIVES = frozenset(
    {
        "string", "integer", "float", "boolean", "bytes", "nil", "null", "timestamp", "version", "range", "list", "map",
        "json", "xml", "any", "scalar", "scalar-unit.size", "scalar-unit.time", "scalar-unit.frequency",
        "scalar-unit.bitrate",
    }
)  # fmt: skip
COLLECTIONS = frozenset({"list", "map"})


class Missing(enum.Enum):
    """Nothing is there, which is not the same as null."""

    VALUE = 0


class Clause(msgspec.Struct, frozen=True, eq=False):
    """A condition that values must meet, where it stands."""

    expression: Any
    """A call of a boolean function; in TOSCA 1 a map of one operator to its bound."""
    scope: Scope
    path: Path


class Schema(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a value must be like, with what it inherits from the definition that it refines."""

    type: str
    """Name of a data type; empty when none is given."""
    scope: Scope
    """Where that name means something."""
    path: Path
    """Where the definition stands; not where ``type`` does when that is inherited."""
    required: bool = True
    default: Any = Missing.VALUE
    value: Any = Missing.VALUE
    """The only value that there may be."""
    clauses: tuple[Clause, ...] = ()
    entry: Schema | None = None
    key: Schema | None = None


def schema(raw: Any, scope: Scope, path: Path, parent: Schema | None = None) -> Schema:
    """Read a definition; ``parent`` is the one that it refines."""
    given = {"type": raw} if isinstance(raw, str) else mapping(raw)
    name = given.get("type")
    named = isinstance(name, str) and name != ""
    required = given.get("required")
    return Schema(
        type=str(name) if named else parent.type if parent else "",
        scope=scope if named or not parent else parent.scope,
        path=path,
        required=required if isinstance(required, bool) else parent.required if parent else True,
        default=given.get("default", parent.default if parent else Missing.VALUE),
        value=given.get("value", parent.value if parent else Missing.VALUE),
        clauses=(*(parent.clauses if parent else ()), *clauses(given, scope, path)),
        entry=_inner(given, "entry_schema", scope, path, parent.entry if parent else None),
        key=_inner(given, "key_schema", scope, path, parent.key if parent else None),
    )


def clauses(raw: dict[str, Any], scope: Scope, path: Path) -> tuple[Clause, ...]:
    """Return the conditions of a definition, in the notation of any version."""
    if raw.get("validation") is not None:
        return (Clause(raw["validation"], scope, (*path, "validation")),)
    return tuple(
        Clause(constraint, scope, (*path, "constraints", index))
        for index, constraint in enumerate(sequence(raw.get("constraints")))
    )


def _inner(raw: dict[str, Any], key: str, scope: Scope, path: Path, parent: Schema | None) -> Schema | None:
    return schema(raw[key], scope, (*path, key), parent) if isinstance(raw.get(key), (dict, str)) else parent
