"""Node and relationship templates against their types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from descriptors.model.topology import Artifact, NodeTemplate, RelationshipTemplate, RequiredNode
from descriptors.tosca.documents import Path, mapping, plain, sequence
from descriptors.tosca.service import clauses
from descriptors.tosca.service.calls import Calls, is_call
from descriptors.tosca.service.interfaces import Interfaces
from descriptors.tosca.service.kinds import Capability, Kind, Kinds, Requirement
from descriptors.tosca.service.names import Scope
from descriptors.tosca.service.schemas import Schema, schema
from descriptors.tosca.service.values import Field, Values

_OPEN = frozenset({"select", "substitute", "selectable", "substitutable"})
"""Directives that leave a node to another template or to the inventory."""


class Templates:
    """Checks the templates of one document."""

    def __init__(self, raw: dict[str, Any], scope: Scope, kinds: Kinds, calls: Calls) -> None:
        self._raw = mapping(raw.get("node_templates"))
        self._relationships = mapping(raw.get("relationship_templates"))
        self._scope = scope
        self._kinds = kinds
        self._report = scope.report
        self._strict = scope.dialect.strict
        self._calls = calls
        self._values = Values(kinds, scope, calls)
        self._interfaces = Interfaces(kinds, scope, self._values, calls)
        self._path: Path = (scope.dialect.service_template,)
        self.kinds: dict[str, Kind] = {}
        """Type of each node template, as far as it is known."""
        self.raw = {str(name): self._with_copied(mapping(given), self._raw) for name, given in self._raw.items()}
        """Each node template with what it copies."""

    def nodes(self) -> dict[str, NodeTemplate]:
        """Check all node templates and return them."""
        for name, raw in self.raw.items():
            kind = self._kind("node_types", raw, (*self._path, "node_templates", name))
            if kind:
                self.kinds[name] = kind
        return {
            name: self._node(name, self.raw[name], kind, (*self._path, "node_templates", name))
            for name, kind in self.kinds.items()
        }

    def relationships(self) -> dict[str, RelationshipTemplate]:
        """Check all relationship templates and return them."""
        result = {}
        for name, given in self._relationships.items():
            path = (*self._path, "relationship_templates", name)
            raw = self._with_copied(mapping(given), self._relationships)
            kind = self._kind("relationship_types", raw, path)
            if kind is None:
                continue
            properties = self._values.fields(
                raw.get("properties"), kind.properties, (*path, "properties"), Field(str(name))
            )
            field = Field(str(name), "attribute", partial=True)
            self._values.fields(raw.get("attributes"), kind.attributes, (*path, "attributes"), field)
            result[str(name)] = RelationshipTemplate(
                name=str(name),
                type=str(raw["type"]),
                properties=plain(properties),
                interfaces=self._interfaces.assigned(raw.get("interfaces"), kind, (*path, "interfaces")),
            )
        return result

    def _with_copied(self, raw: dict[str, Any], siblings: dict[str, Any]) -> dict[str, Any]:
        source = raw.get("copy")
        if not isinstance(source, str):
            return raw
        base = mapping(siblings.get(source))
        return {**{key: value for key, value in base.items() if key != "copy"}, **raw}

    def _kind(self, section: str, raw: dict[str, Any], path: Path) -> Kind | None:
        copied = raw.get("copy")
        siblings = self._raw if section == "node_types" else self._relationships
        if isinstance(copied, str) and copied not in siblings:
            hint = self._report.guess(copied, map(str, siblings))
            self._report.error("tosca-unknown-target", f"there is no {copied} to copy", (*path, "copy"), hint=hint)
        name = raw.get("type")
        if not isinstance(name, str):
            if "type" not in raw:
                self._report.error("tosca-missing-type", "a template needs a type", path)
            return None
        if self._scope.find(section, name) is None:
            self._report.error(
                "tosca-unknown-type", f"type {name} is not defined here", (*path, "type"),
                hint=self._report.guess(name, self._scope.names(section))
                or "define it, or import the file that does",
            )  # fmt: skip
        return self._kinds.get(self._scope, section, name)

    def _node(self, name: str, raw: dict[str, Any], kind: Kind, path: Path) -> NodeTemplate:
        directives = tuple(str(item) for item in sequence(raw.get("directives")))
        open_ended = bool(_OPEN.intersection(directives))
        properties = self._values.fields(
            raw.get("properties"), kind.properties, (*path, "properties"), Field(name, partial=open_ended)
        )
        attributes = self._values.fields(
            raw.get("attributes"), kind.attributes, (*path, "attributes"), Field(name, "attribute", partial=True)
        )
        node_filter = raw.get("node_filter")
        self.check_filter(node_filter, (*path, "node_filter"), kind)
        count = raw.get("count", 1)
        if is_call(count, self._scope.dialect):
            self._calls.check(count, self._scope, (*path, "count"))
        elif isinstance(count, bool) or not isinstance(count, int) or count < 0:
            self._report.error("tosca-wrong-type", f"{count!r} is not a count", (*path, "count"))
        return NodeTemplate(
            name=name,
            type=str(raw["type"]),
            description=str(raw.get("description") or "").strip(),
            directives=directives,
            properties=plain(properties),
            attributes=plain(attributes),
            capabilities=plain(self._capabilities(name, raw, kind, path, partial=open_ended)),
            requirements=tuple(self._requirements(raw, kind, path)),
            interfaces=plain(self._interfaces.assigned(raw.get("interfaces"), kind, (*path, "interfaces"))),
            artifacts=self._artifacts(raw, path),
            count=plain(count),
            node_filter=plain(node_filter),
        )

    def _capabilities(
        self, name: str, raw: dict[str, Any], kind: Kind, path: Path, *, partial: bool
    ) -> dict[str, dict[str, Any]]:
        assigned = mapping(raw.get("capabilities"))
        result = {}
        for called, capability in kind.capabilities.items():
            declared = self._kinds.get(capability.scope, "capability_types", capability.type)
            if declared is None:
                continue
            given = mapping(assigned.get(called))
            where: Path = (*path, "capabilities", called) if called in assigned else path
            lenient = partial or (called not in assigned and not self._strict)
            field = Field(f"capability {called} of {name}", partial=lenient)
            result[called] = self._values.fields(
                given.get("properties"), self._refined(capability, declared),
                (*where, "properties") if "properties" in given else where, field,
            )  # fmt: skip
            self._values.fields(
                given.get("attributes"), declared.attributes, (*where, "attributes"),
                Field(field.what, "attribute", partial=True),
            )  # fmt: skip
        for called in assigned:
            if called not in kind.capabilities:
                report = self._report.error if self._strict else self._report.warning
                report(
                    "tosca-unknown-capability", f"{kind.name} has no capability {called}",
                    (*path, "capabilities", called), hint=self._report.guess(str(called), kind.capabilities),
                )  # fmt: skip
        return result

    def _refined(self, capability: Capability, declared: Kind) -> dict[str, Schema]:
        refined = {
            name: schema(raw, scope, path, declared.properties.get(name))
            for name, (raw, scope, path) in capability.properties.items()
        }
        return declared.properties | refined

    def _requirements(self, raw: dict[str, Any], kind: Kind, path: Path) -> Iterator[RequiredNode]:
        counts: Counter[str] = Counter()
        for name, assignment, where in self._assignments(raw.get("requirements"), (*path, "requirements")):
            declared = kind.requirements.get(name)
            if declared is None:
                report = self._report.error if self._strict else self._report.warning
                report(
                    "tosca-unknown-requirement", f"{kind.name} has no requirement {name}", where,
                    hint=self._report.guess(name, kind.requirements),
                )  # fmt: skip
            required = self._requirement(name, assignment, declared, where)
            counts[name] += required.count if isinstance(required.count, int) else 0
            yield required
        for name, count in counts.items():
            declared = kind.requirements.get(name)
            if declared is None or not self._strict:
                continue
            if count > (declared.most or count) or 0 < count < declared.least:
                bounds = f"{declared.least} to {'any number' if declared.most is None else declared.most}"
                self._report.error(
                    "tosca-count", f"{name} is assigned {count} times, and {bounds} are asked for",
                    (*path, "requirements"),
                )  # fmt: skip

    def _assignments(self, value: Any, path: Path) -> Iterator[tuple[str, Any, Path]]:
        if isinstance(value, dict):
            value = [{name: given} for name, given in value.items()]
        for index, entry in enumerate(sequence(value)):
            for name, assignment in mapping(entry).items():
                yield str(name), assignment, (*path, index, name)

    def _requirement(self, name: str, assignment: Any, declared: Requirement | None, path: Path) -> RequiredNode:
        given = mapping(assignment) if isinstance(assignment, dict) else {"node": assignment}
        node = given.get("node")
        if isinstance(node, list) and node:
            self._calls.anywhere(node, self._scope, (*path, "node"))
            node = node[0]
        node = node if isinstance(node, str) else ""
        if node:
            self._target(name, node, given, declared, path)
        relationship = given.get("relationship")
        self._relationship(relationship, path)
        self._calls.anywhere(given.get("count"), self._scope, (*path, "count"))
        self.check_filter(given.get("node_filter"), (*path, "node_filter"), self._aimed(node))
        called = mapping(relationship).get("type") if isinstance(relationship, dict) else relationship
        return RequiredNode(
            name=name,
            node=node or (declared.node if declared else ""),
            capability=str(given.get("capability") or (declared.capability if declared else "")),
            relationship=str(called or (declared.relationship if declared else "")),
            properties=plain(mapping(mapping(relationship).get("properties"))),
            node_filter=plain(given.get("node_filter")),
            count=plain(given.get("count", 1)),
            optional=given.get("optional") is True,
        )

    def _aimed(self, node: str) -> Kind | None:
        return self.kinds.get(node) or self._kinds.get(self._scope, "node_types", node)

    def _target(self, name: str, node: str, given: dict[str, Any], declared: Requirement | None, path: Path) -> None:
        if node not in self.raw and self._scope.find("node_types", node) is None:
            self._report.error(
                "tosca-unknown-target", f"requirement {name} leads to {node}, and there is no such node template",
                path, hint=self._report.guess(node, self.raw),
            )  # fmt: skip
            return
        kind = self._aimed(node)
        wanted = given.get("capability") or (declared.capability if declared else "")
        if kind is None or not wanted or not isinstance(wanted, str) or wanted in kind.capabilities:
            return
        scope = self._scope if "capability" in given or declared is None else declared.scope
        asked = scope.find("capability_types", wanted)
        if asked is None:
            if "capability" in given:
                self._report.error("tosca-unknown-capability", f"{node} has no capability {wanted}", path)
            return
        offered = [self._kinds.get(c.scope, "capability_types", c.type) for c in kind.capabilities.values()]
        if not any(capability and capability.is_a(asked) for capability in offered):
            report = self._report.error if self._strict and "allocation" not in given else self._report.warning
            report("tosca-no-capability", f"{node} offers no {wanted}, which requirement {name} asks for", path)

    def _relationship(self, relationship: Any, path: Path) -> None:
        where = (*path, "relationship")
        if isinstance(relationship, str):
            if relationship not in self._relationships and not self._scope.find("relationship_types", relationship):
                hint = self._report.guess(relationship, self._scope.names("relationship_types"))
                message = f"there is no relationship {relationship}"
                self._report.error("tosca-unknown-type", message, where, hint=hint)
            return
        raw = mapping(relationship)
        name = raw.get("type")
        if not isinstance(name, str):
            return
        kind = self._kinds.get(self._scope, "relationship_types", name)
        if kind is None:
            if name not in self._relationships and self._scope.find("relationship_types", name) is None:
                self._report.error("tosca-unknown-type", f"type {name} is not defined here", (*where, "type"))
            return
        self._values.fields(raw.get("properties"), kind.properties, (*where, "properties"), Field(name, partial=True))
        self._interfaces.assigned(raw.get("interfaces"), kind, (*where, "interfaces"))

    def check_filter(self, given: Any, path: Path, kind: Kind | None) -> None:
        """Check a node filter: a condition in TOSCA 2.0, constraints by property name in TOSCA 1."""
        if given is None:
            return
        if self._strict:
            if clauses.is_call(given):
                self._calls.check(given, self._scope, path)
            else:
                self._report.error("tosca-wrong-type", "a node filter is a call of a boolean function", path)
            return
        for index, item in enumerate(sequence(mapping(given).get("properties"))):
            for name in mapping(item):
                if kind is not None and name not in kind.properties:
                    where = (*path, "properties", index)
                    self._report.warning("tosca-unknown-property", f"{kind.name} has no property {name}", where)

    def _artifacts(self, raw: dict[str, Any], path: Path) -> dict[str, Artifact]:
        result = {}
        for name, given in mapping(raw.get("artifacts")).items():
            artifact = {"file": given} if isinstance(given, str) else mapping(given)
            kind = artifact.get("type")
            if isinstance(kind, str) and self._scope.find("artifact_types", kind) is None:
                report = self._report.error if self._strict else self._report.warning
                where = (*path, "artifacts", name, "type")
                report("tosca-unknown-artifact-type", f"artifact type {kind} is not defined", where)
            properties = plain(mapping(artifact.get("properties")))
            result[str(name)] = Artifact(
                file=str(artifact.get("file", "")), type=str(kind or ""), properties=properties
            )
        return result
