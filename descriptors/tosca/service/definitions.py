"""What is wrong with the types that the documents define: names, derivation, refinement, defaults, conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from descriptors.tosca.documents import Path, Reporter, mapping, sequence
from descriptors.tosca.service import clauses, units
from descriptors.tosca.service.calls import Calls, arity
from descriptors.tosca.service.kinds import (
    Kind,
    Kinds,
    bounds,
    operations_of,
    parent_of,
    requirement_definitions,
)
from descriptors.tosca.service.names import Definition, Names, Scope
from descriptors.tosca.service.schemas import PRIMITIVES, Missing, Schema
from descriptors.tosca.service.values import Values

_LISTED = {
    "valid_source_node_types": "node_types", "valid_source_types": "node_types",
    "valid_target_node_types": "node_types", "valid_capability_types": "capability_types",
    "valid_relationship_types": "relationship_types",
}  # fmt: skip
"""Keynames that list types, and of which section; ``valid_target_types`` may list either."""


class Definitions:
    """Checks the types of all documents."""

    def __init__(self, names: Names, kinds: Kinds) -> None:
        self._names = names
        self._kinds = kinds

    def check(self, used: frozenset[Definition]) -> None:
        """Report everything that is wrong with any type; in TOSCA 1, slips in one that nothing uses are warnings."""
        for definition in self._names.own():
            if definition.section != "functions":
                report = definition.scope.report
                if not definition.scope.dialect.strict and definition not in used:
                    report = Softened(report)
                _Check(definition, self._kinds, report).run()

    def schema_of(self, scope: Scope) -> Callable[[Schema, Path], None]:
        """Return what checks a schema that stands outside any type: an input's."""
        return _Check(Definition("", "", {}, scope, ()), self._kinds, scope.report).schema


class Softened(Reporter):
    """Reports errors as warnings."""

    def __init__(self, reporter: Reporter) -> None:
        """Report to where ``reporter`` does."""
        super().__init__(reporter.document, reporter._diagnostics)  # noqa: SLF001 # its own class's

    def error(self, code: str, message: str, path: Path, **more: str) -> None:
        """Report what would be an error if the type were used."""
        self.warning(code, message, path, **more)


class _Check:
    def __init__(self, definition: Definition, kinds: Kinds, report: Reporter) -> None:
        self._definition = definition
        self._kinds = kinds
        self._scope: Scope = definition.scope
        self._report = report
        self._strict = definition.scope.dialect.strict
        self._values = Values(kinds, self._scope, Calls({}, frozenset), report)

    def run(self) -> None:
        definition = self._definition
        kind = self._kinds.of(definition)
        self._ancestry(kind)
        above = parent_of(definition)
        parent = self._kinds.of(above) if above else None
        for key in ("properties", "attributes"):
            inherited = getattr(parent, key) if parent else {}
            for name, declared in (getattr(kind, key) if kind else {}).items():
                if declared.path[:-1] == (*definition.path, key):
                    self.schema(declared, declared.path, inherited.get(name))
        for key, section in _LISTED.items():
            self._listed(definition.raw, key, section, definition.path)
        section_check = {
            "data_types": self._data_type, "node_types": self._node_type, "group_types": self._members,
            "policy_types": self._targets, "interface_types": self._interface_type,
        }.get(definition.section)  # fmt: skip
        if section_check:
            section_check(definition.raw, kind)
        if definition.section in ("node_types", "relationship_types"):
            self._interfaces(definition.raw, kind)

    def _ancestry(self, kind: Kind | None) -> None:
        definition = self._definition
        name = definition.raw.get("derived_from")
        if name is None or not isinstance(name, str):
            return
        path = (*definition.path, "derived_from")
        if definition.section == "data_types" and name in PRIMITIVES:
            return
        if parent_of(definition) is None:
            own = self._scope.find(definition.section, name)
            if own is definition:
                self._report.error("tosca-type-cycle", f"{definition.name} derives from itself", path)
            else:
                self._unknown(definition.section, name, path)
        elif kind is None and definition in _ancestors(definition):
            self._report.error("tosca-type-cycle", f"{definition.name} derives from itself", path)

    def _unknown(self, section: str, name: str, path: Path) -> None:
        self._report.error(
            "tosca-unknown-type", f"{_called(section)} {name} is not defined here", path,
            hint=self._report.guess(name, self._scope.names(section)) or "define it, or import the file that does",
        )  # fmt: skip

    def _known(self, section: str, name: Any, path: Path) -> Definition | None:
        if not isinstance(name, str):
            return None
        found = self._scope.find(section, name)
        if found is None:
            self._unknown(section, name, path)
        return found

    def _listed(self, raw: dict[str, Any], key: str, section: str, path: Path) -> None:
        for index, name in enumerate(sequence(raw.get(key))):
            self._known(section, name, (*path, key, index))

    def schema(self, declared: Schema, path: Path, parent: Schema | None = None) -> None:
        """Report a type that is not known, one that does not refine the inherited one, a default that does not fit."""
        if not declared.type:
            self._report.error("tosca-missing-type", "a type is needed", path)
            return
        data = self._data(declared, path)
        if parent:
            self._refines(declared, parent, data, path)
        for clause in declared.clauses:
            if clause.scope is self._scope and clause.path[: len(path)] == path:
                self.clause(clause.expression, clause.path)
        for key, inner in (("entry_schema", declared.entry), ("key_schema", declared.key)):
            if inner is not None and inner.path == (*path, key):
                self.schema(inner, inner.path)
        if declared.default is not Missing.VALUE and declared.default is not None:
            self._values.value(declared.default, declared, (*path, "default"))

    def _data(self, declared: Schema, path: Path) -> Kind | None:
        """Return the data type of a schema; None when it is primitive, or unknown and reported."""
        found = declared.scope.find("data_types", declared.type)
        if found is not None:
            return self._kinds.of(found)
        if declared.type == "scalar":
            hint = "define a data type that derives from it"
            self._report.error("tosca-wrong-type", "scalar has no units of its own", path, hint=hint)
        elif declared.type not in PRIMITIVES and declared.scope is self._scope:
            self._unknown("data_types", declared.type, (*path, "type"))
        return None

    def _refines(self, declared: Schema, parent: Schema, data: Kind | None, path: Path) -> None:
        if not parent.type or declared.type == parent.type:
            return
        base = parent.scope.find("data_types", parent.type)
        if base is not None and data is not None and data.is_a(base):
            return
        if base is None and parent.type in PRIMITIVES and data is not None and data.primitive == parent.type:
            return
        report = self._report.error if self._strict else self._report.warning
        report("tosca-refinement", f"{declared.type} does not derive from {parent.type}, which it refines", path)

    def clause(self, expression: Any, path: Path) -> None:
        """Report a condition that is none."""
        if not self._strict:
            slip = clauses.constraint_slip(expression)
            if slip:
                self._report.warning("tosca-wrong-arguments", slip, path)
            elif "pattern" in expression and (slip := clauses.pattern_slip(str(expression["pattern"]))):
                self._report.warning("tosca-wrong-arguments", f"the pattern is none: {slip}", path)
            return
        if not clauses.is_call(expression):
            self._report.error("tosca-wrong-type", "a validation is a call of a boolean function", path)
            return
        ((name, given),) = expression.items()
        bare = name[1:]
        if bare in clauses.ARITY:
            arity(bare, given, self._report, path)
            for index, argument in enumerate(sequence(given)):
                if bare in ("and", "or", "not", "xor"):
                    self.clause(argument, (*path, name, index))
        elif bare not in clauses.FUNCTIONS and self._scope.find("functions", bare) is None:
            hint = self._report.guess(bare, clauses.ARITY)
            self._report.error("tosca-unknown-function", f"there is no function {bare}", path, hint=hint)

    def _data_type(self, raw: dict[str, Any], kind: Kind | None) -> None:
        path = self._definition.path
        scalar = kind is not None and kind.primitive == "scalar"
        for key in ("units", "prefixes", "canonical_unit", "data_type"):
            if key in raw and not scalar:
                self._report.error("tosca-unknown-key", f"{key} is for types that derive from scalar", (*path, key))
        if scalar and kind:
            self._scalar(raw, kind)
        for key in ("entry_schema", "key_schema"):
            inner = getattr(kind, key.partition("_")[0]) if kind else None
            if inner is not None and inner.path == (*path, key):
                self.schema(inner, inner.path)
        for clause in kind.clauses if kind else ():
            if clause.path[: len(path)] == path and clause.scope is self._scope:
                self.clause(clause.expression, clause.path)

    def _scalar(self, raw: dict[str, Any], kind: Kind) -> None:
        path = self._definition.path
        for key, reason in units.slips(kind):
            self._report.error("tosca-scalar-units", reason, (*path, key) if key in raw else path)
        name = raw.get("data_type")
        if not isinstance(name, str):
            return
        data = self._kinds.get(self._scope, "data_types", name)
        primitive = name if name in PRIMITIVES else data.primitive if data else ""
        if name not in PRIMITIVES and self._scope.find("data_types", name) is None:
            self._unknown("data_types", name, (*path, "data_type"))
        elif primitive not in ("integer", "float"):
            self._report.error("tosca-wrong-type", f"{name} is neither integer nor float", (*path, "data_type"))
        elif len(kind.line) > 1:
            above = self._kinds.of(kind.line[1])
            base = str(above.raw.get("data_type", "float")) if above else name
            if base in PRIMITIVES and primitive != base:
                message = f"{name} does not derive from {base}, which it refines"
                self._report.error("tosca-refinement", message, (*path, "data_type"))

    def _node_type(self, raw: dict[str, Any], kind: Kind | None) -> None:
        path = self._definition.path
        for name, given in mapping(raw.get("capabilities")).items():
            where = (*path, "capabilities", name)
            called = given if isinstance(given, str) else mapping(given).get("type")
            self._known("capability_types", called, where)
            if called is None and (kind is None or not kind.capabilities[str(name)].type):
                self._report.error("tosca-missing-type", f"capability {name} needs a type", where)
            for key, section in _LISTED.items():
                self._listed(mapping(given), key, section, where)
        for name, given, where in requirement_definitions(raw.get("requirements"), (*path, "requirements")):
            self._requirement(name, given, where, kind)
        for name, given in mapping(raw.get("artifacts")).items():
            self._known("artifact_types", mapping(given).get("type"), (*path, "artifacts", name, "type"))

    def _requirement(self, name: str, given: dict[str, Any], path: Path, kind: Kind | None) -> None:
        capability = given.get("capability")
        if isinstance(capability, str):
            if self._strict or self._scope.find("capability_types", capability) is None:
                node = given.get("node")
                target = self._kinds.get(self._scope, "node_types", node) if isinstance(node, str) else None
                if target is None or capability not in target.capabilities:
                    self._known("capability_types", capability, (*path, "capability"))
        elif kind is not None and not kind.requirements[name].capability and self._strict:
            self._report.error("tosca-missing-keyname", f"requirement {name} needs a capability", path)
        self._known("node_types", given.get("node"), (*path, "node"))
        relationship = given.get("relationship")
        called = mapping(relationship).get("type") if isinstance(relationship, dict) else relationship
        self._known("relationship_types", called, (*path, "relationship"))
        for key in ("count_range", "occurrences"):
            if key in given and bounds(given[key]) is None:
                self._report.error("tosca-wrong-type", f"{key} is a list of two counts", (*path, key))

    def _members(self, raw: dict[str, Any], _kind: Kind | None) -> None:
        self._listed(raw, "members", "node_types", self._definition.path)

    def _targets(self, raw: dict[str, Any], _kind: Kind | None) -> None:
        for index, name in enumerate(sequence(raw.get("targets"))):
            if isinstance(name, str) and self._scope.find("group_types", name) is None:
                self._known("node_types", name, (*self._definition.path, "targets", index))

    def _interface_type(self, raw: dict[str, Any], _kind: Kind | None) -> None:
        path = self._definition.path
        self._parameters(raw.get("inputs"), (*path, "inputs"))
        for name, operation in operations_of(raw).items():
            where = (*path, "operations", name) if name in mapping(raw.get("operations")) else (*path, name)
            self._parameters(mapping(operation).get("inputs"), (*where, "inputs"))

    def _parameters(self, raw: Any, path: Path) -> None:
        """Check definitions of inputs: what is a value instead is left alone."""
        for name, given in mapping(raw).items():
            called = mapping(given).get("type")
            if isinstance(called, str) and called not in PRIMITIVES:
                self._known("data_types", called, (*path, name, "type"))

    def _interfaces(self, raw: dict[str, Any], kind: Kind | None) -> None:
        for name, interface in mapping(raw.get("interfaces")).items():
            where = (*self._definition.path, "interfaces", name)
            called = mapping(interface).get("type")
            self._known("interface_types", called, (*where, "type"))
            if called is None and self._strict and kind is not None and not kind.interfaces[str(name)].type:
                self._report.error("tosca-missing-type", f"interface {name} needs a type", where)
            self._parameters(mapping(interface).get("inputs"), (*where, "inputs"))


def _ancestors(definition: Definition) -> Iterator[Definition]:
    """Yield the ancestors of a type, each once: a cycle ends with the type itself."""
    seen: set[Definition] = set()
    current = parent_of(definition)
    while current is not None and current not in seen:
        yield current
        seen.add(current)
        current = parent_of(current)


def _called(section: str) -> str:
    return section.removesuffix("s").replace("_", " ")
