"""What is about several templates: groups, policies, workflows, and what a topology stands in for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from descriptors.model.topology import Group, Policy, Substitution
from descriptors.tosca.documents import Path, mapping, plain, sequence
from descriptors.tosca.service.calls import Calls, Inputs
from descriptors.tosca.service.interfaces import Interfaces
from descriptors.tosca.service.kinds import Kind, Kinds
from descriptors.tosca.service.names import Scope
from descriptors.tosca.service.schemas import schema
from descriptors.tosca.service.templates import Templates
from descriptors.tosca.service.values import Field, Values


class Collectives:
    """Checks groups, policies, workflows and the substitution mapping of one document."""

    def __init__(self, raw: dict[str, Any], templates: Templates, scope: Scope, kinds: Kinds, calls: Calls) -> None:
        self._raw = raw
        self._templates = templates
        self._scope = scope
        self._kinds = kinds
        self._calls = calls
        self._report = scope.report
        self._strict = scope.dialect.strict
        self._values = Values(kinds, scope, calls)
        self._path: Path = (scope.dialect.service_template,)
        self._group_kinds: dict[str, Kind] = {}

    def groups(self) -> dict[str, Group]:
        """Check all groups and return them."""
        result = {}
        for name, given in mapping(self._raw.get("groups")).items():
            path = (*self._path, "groups", name)
            kind = self._kind("group_types", given, path)
            if kind is None:
                continue
            self._group_kinds[str(name)] = kind
            result[str(name)] = Group(
                name=str(name),
                type=str(given["type"]),
                members=self._named(given, "members", kind, path),
                properties=self._properties(str(name), given, kind, path),
            )
        return result

    def policies(self) -> tuple[Policy, ...]:
        """Check all policies and return them; after the groups."""
        return tuple(self._policies())

    def _policies(self) -> Iterator[Policy]:
        for name, given, path in self._entries(self._raw.get("policies"), (*self._path, "policies")):
            kind = self._kind("policy_types", given, path)
            if kind is None:
                continue
            triggers = given.get("triggers")
            self._calls.anywhere(triggers, self._scope, (*path, "triggers"))
            yield Policy(
                name=name,
                type=str(given["type"]),
                targets=self._named(given, "targets", kind, path),
                properties=self._properties(name, given, kind, path),
                triggers=plain(triggers),
            )

    def _entries(self, value: Any, path: Path) -> Iterator[tuple[str, dict[str, Any], Path]]:
        for name, given in mapping(value).items():
            yield str(name), mapping(given), (*path, name)
        for index, item in enumerate(sequence(value)):
            for name, given in mapping(item).items():
                yield str(name), mapping(given), (*path, index, name)

    def _kind(self, section: str, given: Any, path: Path) -> Kind | None:
        name = mapping(given).get("type")
        if not isinstance(name, str):
            return None
        if self._scope.find(section, name) is None:
            self._report.error(
                "tosca-unknown-type", f"type {name} is not defined here", (*path, "type"),
                hint=self._report.guess(name, self._scope.names(section))
                or "define it, or import the file that does",
            )  # fmt: skip
        return self._kinds.get(self._scope, section, name)

    def _properties(self, name: str, given: dict[str, Any], kind: Kind, path: Path) -> dict[str, Any]:
        values = given.get("properties")
        return plain(self._values.fields(values, kind.properties, (*path, "properties"), Field(name)))  # type: ignore[no-any-return] # a mapping stays one

    def _named(self, given: dict[str, Any], key: str, kind: Kind, path: Path) -> tuple[str, ...]:
        """Return members or targets: each must be there, and of a type that this type is about."""
        wanted = [
            definition
            for name in sequence(kind.raw.get(key))
            for section in ("node_types", "group_types")
            if isinstance(name, str) and (definition := kind.definition.scope.find(section, name))
        ]
        result = []
        for index, name in enumerate(sequence(given.get(key))):
            if not isinstance(name, str):
                continue
            found = self._templates.kinds.get(name) or (self._group_kinds.get(name) if key == "targets" else None)
            where = (*path, key, index)
            if found is None:
                if name not in self._templates.raw and name not in mapping(self._raw.get("groups")):
                    hint = self._report.guess(name, self._templates.raw)
                    report = self._report.error if self._strict else self._report.warning
                    report("tosca-unknown-target", f"there is no {name}", where, hint=hint)
            elif wanted and not found.is_a(*wanted):
                report = self._report.error if self._strict else self._report.warning
                report("tosca-wrong-target", f"{kind.name} is not about {found.name}", where)
            result.append(name)
        return tuple(result)

    def workflows(self) -> dict[str, Any]:
        """Check all workflows and return them as data."""
        workflows = mapping(self._raw.get("workflows"))
        for name, given in workflows.items():
            path = (*self._path, "workflows", name)
            inputs: Inputs = {
                str(key): schema(raw, self._scope, (*path, "inputs", key))
                for key, raw in mapping(mapping(given).get("inputs")).items()
            }
            calls = self._calls.within(inputs)
            steps = mapping(mapping(given).get("steps"))
            known = set(map(str, steps))
            for called, step in steps.items():
                self._step(mapping(step), calls, (*path, "steps", called), frozenset(map(str, workflows)))
                for key in ("on_success", "on_failure"):
                    follow = mapping(step).get(key)
                    for following in [follow] if isinstance(follow, str) else sequence(follow):
                        if str(following) not in known:
                            where = (*path, "steps", called, key)
                            self._report.error("tosca-unknown-target", f"there is no step {following}", where)
        return plain(workflows)  # type: ignore[no-any-return] # a mapping stays one

    def _step(self, step: dict[str, Any], calls: Calls, path: Path, workflows: frozenset[str]) -> None:
        target = step.get("target")
        kind = self._templates.kinds.get(target) if isinstance(target, str) else None
        groups = mapping(self._raw.get("groups"))
        if isinstance(target, str) and target not in self._templates.raw and target not in groups:
            hint = self._report.guess(target, self._templates.raw)
            self._report.error("tosca-unknown-target", f"there is no {target}", (*path, "target"), hint=hint)
        interfaces = Interfaces(self._kinds, self._scope, Values(self._kinds, self._scope, calls), calls)
        for index, activity in enumerate(sequence(step.get("activities"))):
            for name, given in mapping(activity).items():
                where = (*path, "activities", index, name)
                called = given if isinstance(given, str) else mapping(given).get("operation")
                if name == "call_operation" and kind and isinstance(called, str) and self._strict:
                    interfaces.called(called, mapping(given).get("inputs"), kind, where)
                elif name == "inline":
                    other = given if isinstance(given, str) else mapping(given).get("workflow")
                    if isinstance(other, str) and other not in workflows:
                        self._report.error("tosca-unknown-target", f"there is no workflow {other}", where)
                elif name not in ("call_operation", "inline", "delegate", "set_state"):
                    report = self._report.error if self._strict else self._report.warning
                    report("tosca-unknown-key", f"{name} is not an activity", where)

    def substitution(self) -> Substitution | None:
        """Check what the topology stands in for and return it."""
        given = self._raw.get("substitution_mappings")
        if not isinstance(given, dict):
            return None
        path = (*self._path, "substitution_mappings")
        name = given.get("node_type")
        kind = self._kinds.get(self._scope, "node_types", name) if isinstance(name, str) else None
        if isinstance(name, str) and self._scope.find("node_types", name) is None:
            self._report.error(
                "tosca-unknown-type", f"node type {name} is not defined here", (*path, "node_type"),
                hint=self._report.guess(name, self._scope.names("node_types")),
            )  # fmt: skip
        requirements = list(self._entries_of(given.get("requirements"), (*path, "requirements")))
        for called, mapped, where in requirements:
            self._mapped("requirement", called, mapped, kind, where)
        for called, mapped in mapping(given.get("capabilities")).items():
            self._mapped("capability", str(called), mapped, kind, (*path, "capabilities", called))
        return Substitution(
            node_type=str(name or ""),
            properties=plain(mapping(given.get("properties"))),
            capabilities=plain(mapping(given.get("capabilities"))),
            requirements=tuple((called, plain(mapped)) for called, mapped, _ in requirements),
            interfaces=plain(mapping(given.get("interfaces"))),
            node_filter=plain(given.get("substitution_filter")),
        )

    def _entries_of(self, value: Any, path: Path) -> Iterator[tuple[str, Any, Path]]:
        for name, given in mapping(value).items():
            yield str(name), given, (*path, name)
        for index, item in enumerate(sequence(value)):
            for name, given in mapping(item).items():
                yield str(name), given, (*path, index, name)

    def _mapped(self, noun: str, name: str, mapped: Any, kind: Kind | None, path: Path) -> None:
        """Check one mapping: of a name of the type, to a node template and one of its names."""
        ours = {"requirement": "requirements", "capability": "capabilities"}[noun]
        report = self._report.error if self._strict else self._report.warning
        if kind is not None and name not in getattr(kind, ours):
            hint = self._report.guess(name, getattr(kind, ours))
            report(f"tosca-unknown-{noun}", f"{kind.name} has no {noun} {name}", path, hint=hint)
        node, *inner = mapped if isinstance(mapped, list) and mapped else [mapped]
        if isinstance(node, dict):
            node, *inner = sequence(node.get("mapping")) or [None]
        if not isinstance(node, str):
            return
        target = self._templates.kinds.get(node)
        if node not in self._templates.raw:
            hint = self._report.guess(node, self._templates.raw)
            self._report.error(
                "tosca-unknown-target", f"{name} is mapped to {node}, which is not there", path, hint=hint
            )
        elif target is not None and inner and isinstance(inner[0], str) and inner[0] not in getattr(target, ours):
            report(f"tosca-unknown-{noun}", f"{node} has no {noun} {inner[0]}", path)
