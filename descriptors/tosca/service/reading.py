"""A service template as a whole: structure, names, types, topology."""

from __future__ import annotations

from typing import Any

from descriptors.diagnostics import Diagnostics
from descriptors.model.topology import Parameter, Topology
from descriptors.tosca.documents import Path, mapping, plain
from descriptors.tosca.imports import Sources
from descriptors.tosca.service.calls import Calls, Inputs
from descriptors.tosca.service.collectives import Collectives
from descriptors.tosca.service.definitions import Definitions
from descriptors.tosca.service.kinds import Kinds
from descriptors.tosca.service.names import Names, Scope
from descriptors.tosca.service.schemas import schema
from descriptors.tosca.service.structure import check_structure
from descriptors.tosca.service.templates import Templates


def read_service(sources: Sources, diagnostics: Diagnostics) -> Topology:
    """Read the entry document and everything that it imports; what is wrong is among the diagnostics.

    A document without a topology, which only defines types, gives one without nodes.
    """
    names = Names(sources, diagnostics)
    for scope in names.scopes.values():
        check_structure(scope.document.root, scope.dialect, scope.report)
    kinds = Kinds()
    definitions = Definitions(names, kinds)
    topology = _Reading(names.scopes[sources.documents[0].file], kinds, definitions).run()
    definitions.check(kinds.used())
    return topology


class _Reading:
    def __init__(self, scope: Scope, kinds: Kinds, definitions: Definitions) -> None:
        self._scope = scope
        self._kinds = kinds
        self._definitions = definitions
        self._root: dict[str, Any] = scope.document.root
        key = scope.dialect.service_template
        self._path: Path = (key,)
        self._raw = mapping(self._root.get(key))
        self._inputs: Inputs = {
            str(name): schema(raw, scope, (key, "inputs", name))
            for name, raw in mapping(self._raw.get("inputs")).items()
        }
        named = frozenset(
            str(name)
            for section in ("node_templates", "relationship_templates", "groups")
            for name in mapping(self._raw.get(section))
        )
        self._calls = Calls(self._inputs, lambda: named)

    def run(self) -> Topology:
        self._check_inputs()
        scope, kinds, calls = self._scope, self._kinds, self._calls
        templates = Templates(self._raw, scope, kinds, calls)
        nodes = templates.nodes()
        collectives = Collectives(self._raw, templates, scope, kinds, calls)
        relationships = templates.relationships()
        groups = collectives.groups()
        types = {node.type: templates.kinds[name] for name, node in nodes.items()}
        return Topology(
            tosca_version=scope.document.version,
            description=str(self._raw.get("description") or self._root.get("description") or "").strip(),
            metadata=plain(mapping(self._root.get("metadata"))),
            inputs=self._parameters("inputs"),
            outputs=self._outputs(),
            nodes=nodes,
            relationships=relationships,
            groups=groups,
            policies=collectives.policies(),
            workflows=collectives.workflows(),
            substitution=collectives.substitution(),
            types={name: tuple(definition.name for definition in kind.line) for name, kind in types.items()},
        )

    def _check_inputs(self) -> None:
        check = self._definitions.schema_of(self._scope)
        for declared in self._inputs.values():
            if declared.type or self._scope.dialect.strict:
                check(declared, declared.path)

    def _outputs(self) -> dict[str, Parameter]:
        for name, raw in mapping(self._raw.get("outputs")).items():
            value = mapping(raw).get("value")
            self._calls.anywhere(value, self._scope, (*self._path, "outputs", name, "value"))
        return self._parameters("outputs")

    def _parameters(self, section: str) -> dict[str, Parameter]:
        return {
            str(name): Parameter(
                name=str(name),
                type=str(mapping(raw).get("type") or ""),
                description=str(mapping(raw).get("description") or "").strip(),
                required=mapping(raw).get("required") is not False,
                default=plain(mapping(raw).get("default")),
                value=plain(mapping(raw).get("value")),
            )
            for name, raw in mapping(self._raw.get(section)).items()
        }
