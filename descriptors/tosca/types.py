"""Types by name: the package's own over the built-in ones, flattened along ``derived_from``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from descriptors.diagnostics import Diagnostics
from descriptors.tosca import builtin
from descriptors.tosca.documents import Document, Path, Reporter, mapping, sequence
from descriptors.tosca.imports import Sources

PRIMITIVES = frozenset(
    {
        "string", "integer", "float", "boolean", "timestamp", "null", "bytes", "version", "range", "list", "map",
        "json", "xml", "scalar-unit.size", "scalar-unit.time", "scalar-unit.frequency", "scalar-unit.bitrate",
    }
)  # fmt: skip

_DEEPEST = 64  # generations of types; more is a mistake, and would be a deep recursion
_MOST_FIELDS = 500_000  # properties of all types of a package; the largest real ones have some thousands

_SHORT = {
    "node_types": "tosca.nodes.", "capability_types": "tosca.capabilities.", "policy_types": "tosca.policies.",
    "relationship_types": "tosca.relationships.", "group_types": "tosca.groups.", "data_types": "tosca.datatypes.",
    "artifact_types": "tosca.artifacts.", "interface_types": "tosca.interfaces.",
}  # fmt: skip


class Type(msgspec.Struct, frozen=True, kw_only=True):
    """A type with everything that it inherits."""

    name: str
    section: str
    line: tuple[str, ...]
    """Its own name and those of its ancestors, nearest first."""
    own: bool = False
    """Whether the package defines it (or an ancestor short of the built-in ones)."""
    properties: dict[str, Any] = {}
    """Schemas by name."""
    built_in_properties: frozenset[str] = frozenset()
    """Those that come unchanged from a built-in type."""
    attributes: dict[str, Any] = {}
    capabilities: dict[str, Any] = {}
    requirements: dict[str, Any] = {}
    interfaces: dict[str, Any] = {}
    constraints: tuple[Any, ...] = ()

    def is_a(self, *names: str) -> bool:
        """Whether it is one of these types or derives from one."""
        return any(name in self.line for name in names)


@functools.cache
def _built_in(release: str, section: str, name: str) -> Type | None:
    """Flatten a built-in type; the result is shared by all threads."""
    raw = builtin.definition(release, section, name)
    if raw is None:
        return None
    parent = _built_in(release, section, raw["derived_from"]) if "derived_from" in raw else None
    if parent is None and release == builtin.DRAFTS and "derived_from" in raw:
        parent = _built_in(builtin.RELEASES[0], section, raw["derived_from"])
    return _flattened(name, section, raw, parent, own=False)


def _flattened(name: str, section: str, raw: dict[str, Any], parent: Type | None, *, own: bool) -> Type:
    properties = {key: _schema(value) for key, value in mapping(raw.get("properties")).items()}
    inherited = parent.properties if parent else {}
    for key, schema in properties.items():
        if key in inherited:
            properties[key] = {**inherited[key], **schema}
    built_in = frozenset(properties) if not own else frozenset()
    if parent:
        built_in |= parent.built_in_properties - (frozenset(properties) if own else frozenset())
    capabilities = dict(parent.capabilities) if parent else {}
    for key, value in mapping(raw.get("capabilities")).items():
        capabilities[key] = {
            **capabilities.get(key, {}),
            **({"type": value} if isinstance(value, str) else mapping(value)),
        }
    requirements = dict(parent.requirements) if parent else {}
    for key, value in _requirement_definitions(raw.get("requirements")):
        requirements[key] = {**requirements.get(key, {}), **value}
    interfaces = dict(parent.interfaces) if parent else {}
    for key, value in mapping(raw.get("interfaces")).items():
        interfaces[key] = {**interfaces.get(key, {}), **mapping(value)}
    if section == "interface_types":
        operations = {**{k: v for k, v in raw.items() if k not in _NOT_OPERATIONS}, **mapping(raw.get("operations"))}
        interfaces = {**interfaces, **operations}
    return Type(
        name=name,
        section=section,
        line=(name, *(parent.line if parent else ())),
        own=own or (parent.own if parent else False),
        properties=inherited | properties if properties else inherited,
        built_in_properties=built_in,
        attributes={**(parent.attributes if parent else {}), **mapping(raw.get("attributes"))},
        capabilities=capabilities,
        requirements=requirements,
        interfaces=interfaces,
        constraints=(*(parent.constraints if parent else ()), *sequence(raw.get("constraints"))),
    )


def _section_of(section: str, name: str) -> str:
    """Return the section that a type of SOL001 belongs in, when it is another one."""
    if not name.startswith("tosca.") or builtin.releases_of(section, name):
        return ""
    return next((other for other in builtin.SECTIONS if builtin.releases_of(other, name)), "")


_NOT_OPERATIONS = frozenset(
    {"derived_from", "version", "metadata", "description", "inputs", "operations", "notifications"}
)


def _schema(value: Any) -> dict[str, Any]:
    return {"type": value} if isinstance(value, str) else mapping(value)


def _requirement_definitions(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in sequence(value):
        for key, definition in mapping(item).items():
            yield key, {"capability": definition} if isinstance(definition, str) else mapping(definition)


class Types:
    """What each type name means in one service template. Not thread-safe: one per run."""

    def __init__(
        self, sources: Sources, diagnostics: Diagnostics, carried: Callable[[], list[Document]] | None = None
    ) -> None:
        """Index the package's own types. ``carried`` parses ETSI's type files of the package if it comes to that."""
        self.release = sources.release
        self._diagnostics = diagnostics
        self._own: dict[str, dict[str, tuple[dict[str, Any], Document]]] = {s: {} for s in builtin.SECTIONS}
        self._flat: dict[tuple[str, str], Type | None] = {}
        self._carried = carried
        self._told: set[tuple[str, str]] = set()
        self._fields = 0
        for document in reversed(sources.documents):
            self._index(document)

    def _index(self, document: Document, *, spare: bool = False) -> None:
        reporter = Reporter(document, self._diagnostics)
        for section in builtin.SECTIONS:
            value = document.root.get(section)
            if value is None:
                continue
            if not isinstance(value, dict):
                reporter.error("tosca-wrong-type", f"{section} must be a mapping of types by name", (section,))
                continue
            known = self._own[section]
            for name, raw in value.items():
                if raw is not None and not isinstance(raw, dict):
                    reporter.error("tosca-wrong-type", f"type {name} must be a mapping", (section, name))
                    continue
                if spare and (name in known or builtin.definition(self.release, section, str(name))):
                    continue
                if not spare and (rightly := _section_of(section, str(name))):
                    reporter.warning("tosca-misplaced-section", f"{name} belongs in {rightly}", (section, name))
                    continue
                if name in known and known[name][0] != (raw or {}):
                    reporter.warning(
                        "tosca-type-redefined", f"{name} is also defined by {known[name][1].file}", (section, name)
                    )
                known[str(name)] = (raw or {}, document)

    def get(self, section: str, name: str) -> Type | None:
        """Return a type with all that it inherits; None when it is unknown."""
        key = (section, name)
        if key not in self._flat:
            self._flat[key] = self._find(section, name, ())
        return self._flat[key]

    def used(self) -> set[tuple[str, str]]:
        """Return section and name of every type that has been asked for, with the ancestors of each."""
        return {(section, name) for (section, _), flat in self._flat.items() if flat for name in flat.line}

    def own(self) -> Iterator[tuple[str, str, dict[str, Any], Document]]:
        """Yield section, name, definition and document of each type that the package defines."""
        for section, types in self._own.items():
            for name, (raw, document) in list(types.items()):
                yield section, name, raw, document

    def names(self, section: str) -> list[str]:
        """Return the names of all types of a section, for hints."""
        return [*self._own[section], *builtin.names(self.release, section)]

    def _find(self, section: str, name: str, below: tuple[str, ...]) -> Type | None:
        if name in self._own[section]:
            return self._find_own(section, name, below)
        for candidate in (name, _SHORT[section] + name, name.replace(":", ".", 1)):
            found = _built_in(self.release, section, candidate)
            if found:
                return found
        if self._carried:
            load, self._carried = self._carried, None
            for document in load():
                self._index(document, spare=True)
        if name in self._own[section]:
            return self._find_own(section, name, below)
        return self._of_other_release(section, name) or self._spelt_otherwise(section, name)

    def _spelt_otherwise(self, section: str, name: str) -> Type | None:
        """Return the built-in type whose name differs in capitals only: releases and vendors write several."""
        meant = builtin.spelt(section, name)
        if not meant:
            return None
        return _built_in(self.release, section, meant) or self._of_other_release(section, meant)

    def _find_own(self, section: str, name: str, below: tuple[str, ...]) -> Type | None:
        """Flatten a type of the package; ``below`` are the descendants on whose behalf it is asked for."""
        known = self._flat.get((section, name))
        if known is not None:
            return known
        raw, document = self._own[section][name]
        reporter = Reporter(document, self._diagnostics)
        if name in below:
            cycle = (*below[below.index(name) :], name)
            message = f"{name} derives from itself: {' -> '.join(cycle)}"
            self._once(
                " ".join(sorted(set(cycle))), reporter, "tosca-type-cycle", message, (section, name, "derived_from")
            )
            return None
        parent_name = raw.get("derived_from")
        parent = self._parent(section, name, parent_name, (*below, name), reporter)
        if len(below) >= _DEEPEST or (parent and len(parent.line) >= _DEEPEST):
            message = f"{name} is one of more than {_DEEPEST} generations of types"
            self._once("generations", reporter, "tosca-type-cycle", message, (section, name, "derived_from"))
            return None
        self._fields += len(mapping(raw.get("properties"))) + (len(parent.properties) if parent else 0)
        if self._fields > _MOST_FIELDS:
            message = f"the package's types have more than {_MOST_FIELDS} properties, inherited ones counted"
            self._once("fields", reporter, "tosca-too-many-types", message, (section, name))
            return None
        flat = _flattened(name, section, raw, parent, own=True)
        if isinstance(parent_name, str) and parent is None and parent_name in PRIMITIVES:
            flat = msgspec.structs.replace(flat, line=(name, parent_name))
        self._flat[section, name] = flat
        return flat

    def _parent(
        self, section: str, name: str, parent_name: Any, below: tuple[str, ...], reporter: Reporter
    ) -> Type | None:
        if not isinstance(parent_name, str) or (section == "data_types" and parent_name in PRIMITIVES):
            return None
        if len(below) > _DEEPEST:
            return None  # reported by the caller
        # A type of the package may carry the very name that it derives from: then the built-in one is meant.
        built_in = _built_in(self.release, section, name) if parent_name == name else None
        parent = built_in or self._find(section, parent_name, below)
        if parent is None and not self._cyclic(section, name):
            message = f"{name} derives from {parent_name}, which is not defined"
            self._once(parent_name, reporter, "tosca-unknown-type", message, (section, name, "derived_from"))
        return parent

    def _once(self, about: str, reporter: Reporter, code: str, message: str, path: Path) -> None:
        """Report an error that many types would repeat."""
        if (code, about) not in self._told:
            self._told.add((code, about))
            reporter.error(code, message, path)

    def _cyclic(self, section: str, name: str) -> bool:
        seen: set[str] = set()
        while name in self._own[section] and name not in seen:
            seen.add(name)
            name = str(self._own[section][name][0].get("derived_from", ""))
        return name in seen

    def _of_other_release(self, section: str, name: str) -> Type | None:
        releases = builtin.releases_of(section, name)
        if not releases:
            return None
        newer = [release for release in releases if release > self.release and release != builtin.DRAFTS]
        return _built_in((newer or list(releases[::-1]))[0], section, name)

    def property_elsewhere(self, declared: Type, name: str) -> tuple[str, dict[str, Any]] | None:
        """Return the release, and the schema there, of a property that a built-in type has in another release."""
        for ancestor in declared.line:
            for release in reversed(builtin.releases_of(declared.section, ancestor)):
                found = mapping(builtin.definition(release, declared.section, ancestor)).get("properties", {}).get(name)
                if found is not None:
                    return release, _schema(found)
        return None

    def is_spelt_otherwise(self, section: str, name: str) -> bool:
        """Whether a type is a built-in one, and only with other capitals."""
        return (
            name not in self._own[section]
            and not builtin.releases_of(section, name)
            and (bool(builtin.spelt(section, name)))
        )

    def is_of_other_release(self, section: str, name: str) -> bool:
        """Whether a type is built in, and only in another release than the one in use."""
        return (
            name not in self._own[section]
            and _built_in(self.release, section, name) is None
            and bool(builtin.releases_of(section, name))
        )


def respelt(declared: Type, name: str, reporter: Reporter, path: Path) -> None:
    """Report that a type was found by its letters, whatever their case."""
    message = f"{name} is read as {declared.name}"
    reporter.warning("tosca-type-spelling", message, path, hint=f"write {declared.name}")


def check_types(types: Types, diagnostics: Diagnostics) -> None:
    """Report what is wrong with the package's own types: unknown ancestors, cycles, properties of unknown types.

    Run it after the templates were read: a slip in a type that nothing uses is no more than a warning.
    """
    used = types.used()
    for section, name, raw, document in types.own():
        types.get(section, name)
        reporter = Reporter(document, diagnostics)
        report = reporter.error if (section, name) in used or section == "data_types" else reporter.warning
        for key, schema in mapping(raw.get("properties")).items():
            _check_schema(types, reporter, report, schema, (section, name, "properties", key))


def _check_schema(
    types: Types, reporter: Reporter, report: Callable[[str, str, Path], None], schema: Any, path: Path
) -> None:
    if not isinstance(schema, (dict, str)):
        report("tosca-wrong-type", "a property definition must be a mapping", path)
        return
    name = schema if isinstance(schema, str) else schema.get("type", "string")
    declared = types.get("data_types", name) if isinstance(name, str) else None
    if declared is None and not (isinstance(name, str) and name in PRIMITIVES):
        report("tosca-unknown-type", f"data type {name} is not defined", path)
    elif declared is not None and types.is_spelt_otherwise("data_types", name):
        respelt(declared, name, reporter, path)
    if isinstance(schema, dict) and "entry_schema" in schema:
        _check_schema(types, reporter, report, schema["entry_schema"], (*path, "entry_schema"))
