"""How a document's topology is read: checked against its types, and known slips taken as they are meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from descriptors.diagnostics import Diagnostics
from descriptors.tosca.documents import Document, Path, Reporter, mapping, sequence
from descriptors.tosca.functions import Functions
from descriptors.tosca.inputs import Inputs
from descriptors.tosca.topology import Collective, Node, Requirement, Substitution, Topology
from descriptors.tosca.types import Type, Types, respelt
from descriptors.tosca.values import ValueChecker, is_function

_TEMPLATE_KEYS = frozenset(
    {
        "type", "description", "metadata", "directives", "properties", "attributes", "requirements", "capabilities",
        "interfaces", "artifacts", "node_filter", "copy", "members", "targets", "triggers", "count",
    }
)  # fmt: skip
_EXTERNAL = frozenset({"external_virtual_link", "virtual_link_external"})
"""Requirements that lead out of the descriptor: their target may be the name of a network elsewhere."""
_OUTWARD_TYPES = ("tosca.nodes.nfv.VnfExtCp", "tosca.nodes.nfv.Sap", "tosca.nodes.nfv.NfpPosition",
                  "tosca.nodes.nfv.NFP", "tosca.nodes.nfv.NfpPositionElement")  # fmt: skip
"""Types of nodes whose requirements may lead out of the descriptor."""


def read_topology(document: Document, types: Types, diagnostics: Diagnostics) -> Topology | None:
    """Read a document's topology; None when it has none."""
    if "topology_template" not in document.root and "service_template" not in document.root:
        return None
    return _Reading(document, types, diagnostics).run()


class _Reading:
    def __init__(self, document: Document, types: Types, diagnostics: Diagnostics) -> None:
        self._root: dict[str, Any] = document.root
        self._key = "topology_template" if "topology_template" in document.root else "service_template"
        self._topology = mapping(self._root.get(self._key))
        self._types = types
        self._report = Reporter(document, diagnostics)
        self._values = ValueChecker(types, self._report)
        self._functions = Functions(
            mapping(self._topology.get("node_templates")),
            Inputs(self._topology.get("inputs"), types, self._report, (self._key, "inputs")),
            types,
            self._report,
            (self._key, "node_templates"),
        )

    def run(self) -> Topology:
        if not isinstance(self._root.get(self._key), dict):
            self._report.error("tosca-wrong-type", f"{self._key} must be a mapping", (self._key,))
        base = (self._key, "node_templates")
        raw_nodes = self._section("node_templates")
        nodes = {}
        for name, raw in raw_nodes.items():
            node = self._node(str(name), raw, (*base, name), raw_nodes)
            if node:
                nodes[node.name] = node
        groups = {
            group.name: group
            for path, name, raw in self._collectives("groups")
            if (group := self._collective(name, raw, path, section="group_types", key="members", known=set(nodes)))
        }
        known = set(nodes) | set(groups)
        policies = tuple(
            policy
            for path, name, raw in self._collectives("policies")
            if (policy := self._collective(name, raw, path, section="policy_types", key="targets", known=known))
        )
        return Topology(
            reporter=self._report,
            types=self._types,
            description=str(self._topology.get("description") or self._root.get("description") or "").strip(),
            metadata=mapping(self._root.get("metadata")),
            nodes=nodes,
            groups=groups,
            policies=policies,
            substitution=self._substitution(set(raw_nodes)),
        )

    def _section(self, name: str) -> dict[str, Any]:
        value = self._topology.get(name)
        if value is not None and not isinstance(value, dict):
            self._report.error("tosca-wrong-type", f"{name} must be a mapping", (self._key, name))
        return mapping(value)

    def _type(self, section: str, raw: dict[str, Any], path: Path) -> Type | None:
        name = raw.get("type")
        if not isinstance(name, str):
            self._report.error("tosca-missing-type", "a template needs a type", path)
            return None
        found = self._types.get(section, name)
        if found is None:
            self._report.error(
                "tosca-unknown-type",
                f"type {name} is not defined here",
                (*path, "type"),
                hint=self._report.guess(name, self._types.names(section)) or "define it, or import the file that does",
            )
        elif self._types.is_of_other_release(section, name):
            self._report.warning(
                "tosca-type-of-other-release",
                f"{name} is not a type of SOL001 {self._types.release}; that of another release is used",
                (*path, "type"),
            )
        elif self._types.is_spelt_otherwise(section, name):
            respelt(found, name, self._report, (*path, "type"))
        return found

    def _node(self, name: str, raw: Any, path: Path, siblings: dict[str, Any]) -> Node | None:
        if not isinstance(raw, dict):
            self._report.error("tosca-wrong-type", f"node template {name} must be a mapping", path)
            return None
        declared = self._type("node_types", raw, path)
        if declared is None:
            return None
        self._unknown_keys(raw, path)
        directives = sequence(raw.get("directives"))
        open_ended = "substitute" in directives or "substitutable" in directives or "selectable" in directives
        given = self._functions.applied(raw.get("properties"), (*path, "properties"))
        return Node(
            name=name,
            type=declared,
            properties=self._values.fields(given, declared, (*path, "properties"), what=name, partial=open_ended),
            given=frozenset(mapping(given)),
            capabilities=self._capabilities(raw, declared, path),
            requirements=tuple(self._requirements(raw, declared, path, siblings)),
            artifacts=self._artifacts(raw, path),
            interfaces={
                key: mapping(self._functions.applied(value, (*path, "interfaces", key)))
                for key, value in mapping(raw.get("interfaces")).items()
            },
            path=path,
        )

    def _unknown_keys(self, raw: dict[str, Any], path: Path) -> None:
        for key in raw:
            if key not in _TEMPLATE_KEYS:
                hint = self._report.guess(str(key), _TEMPLATE_KEYS)
                self._report.warning("tosca-unknown-key", f"{key} has no meaning here", (*path, key), hint=hint)

    def _capabilities(self, raw: dict[str, Any], declared: Type, path: Path) -> dict[str, dict[str, Any]]:
        result: dict[str, dict[str, Any]] = {}
        value = raw.get("capabilities")
        if isinstance(value, list):
            value = {key: item for entry in value for key, item in mapping(entry).items()}
            self._report.warning("tosca-map-for-list", "capabilities must be a mapping", (*path, "capabilities"))
        assigned = mapping(value)
        for name, definition in declared.capabilities.items():
            kind = self._types.get("capability_types", str(mapping(definition).get("type")))
            if kind is None or (not kind.properties and name not in assigned):
                continue
            where: Path = (*path, "capabilities", name)
            assignment = mapping(assigned.get(name))
            values: Any = assignment.get("properties")
            if values is None and assignment and not {"properties", "attributes", "occurrences"} & set(assignment):
                if set(assignment) & set(kind.properties):
                    self._report.warning("tosca-extra-level", f"the values of {name} belong under 'properties'", where)
                    values = assignment
            elif name in assigned:
                where = (*where, "properties")
            values = self._functions.applied(values, where)
            result[name] = self._values.fields(
                values, kind, where, what=f"capability {name}", partial=name not in assigned
            )
        for name in assigned:
            if name not in declared.capabilities:
                self._report.warning(
                    "tosca-unknown-capability",
                    f"{declared.name} has no capability {name}; it is not used",
                    (*path, "capabilities", name),
                )
        return result

    def _requirements(
        self, raw: dict[str, Any], declared: Type, path: Path, siblings: dict[str, Any]
    ) -> Iterator[Requirement]:
        value = raw.get("requirements")
        if isinstance(value, dict):
            self._report.warning("tosca-map-for-list", "requirements must be a list", (*path, "requirements"))
            value = [{key: item} for key, item in value.items()]
        if value is not None and not isinstance(value, list):
            self._report.error("tosca-wrong-type", "requirements must be a list", (*path, "requirements"))
        for index, entry in enumerate(sequence(value)):
            where: Path = (*path, "requirements", index)
            items = mapping(entry)
            if not items:
                self._report.error("tosca-wrong-type", "a requirement must be a mapping of its name", where)
            for name, assignment in items.items():
                if name == "node" and len(items) > 1:
                    continue  # written beside the name instead of below it
                yield self._requirement(str(name), assignment or items.get("node"), declared, where, siblings)

    def _requirement(
        self, name: str, assignment: Any, declared: Type, path: Path, siblings: dict[str, Any]
    ) -> Requirement:
        target = assignment if isinstance(assignment, str) else mapping(assignment).get("node")
        named = target if isinstance(target, str) else ""
        network = name.startswith("virtual_link") and declared.is_a("tosca.nodes.nfv.VNF", "tosca.nodes.nfv.NS",
                                                                   "tosca.nodes.nfv.PNF")  # fmt: skip
        spare = name == "virtual_storage" or name not in declared.requirements
        outward = name in _EXTERNAL or network or spare or declared.is_a(*_OUTWARD_TYPES)
        if name not in declared.requirements:
            self._report.warning("tosca-unknown-requirement", f"{declared.name} has no requirement {name}", path)
        if named and named not in siblings and self._types.get("node_types", named) is None:
            message = f"requirement {name} leads to {named}, and there is no such node template"
            if outward:
                self._report.warning("tosca-unknown-target", message, path)
            else:
                self._report.error("tosca-unknown-target", message, path)
        return Requirement(name=name, target=named if named in siblings else "", named=named, path=path)

    def _artifacts(self, raw: dict[str, Any], path: Path) -> dict[str, dict[str, Any]]:
        result: dict[str, dict[str, Any]] = {}
        value = raw.get("artifacts")
        items: Iterator[tuple[Any, Any]] = iter(mapping(value).items())
        if isinstance(value, list):
            items = ((key, item) for entry in value for key, item in mapping(entry).items())
        for name, artifact in items:
            where = (*path, "artifacts", name)
            if isinstance(artifact, str):
                result[str(name)] = {"file": artifact}
            elif isinstance(artifact, dict):
                result[str(name)] = mapping(self._functions.applied(artifact, where))
                kind = artifact.get("type")
                if isinstance(kind, str) and self._types.get("artifact_types", kind) is None:
                    self._report.warning("tosca-unknown-artifact-type", f"artifact type {kind} is not defined", where)
            else:
                self._report.error("tosca-wrong-type", f"artifact {name} must be a mapping or a file name", where)
        return result

    def _collectives(self, section: str) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        """Yield groups or policies, given as a list or a map, in the topology or (a known slip) beside it."""
        for base, value in (((self._key, section), self._topology.get(section)), ((section,), self._root.get(section))):
            path: Path = base
            if value is not None and len(path) == 1:
                self._report.warning("tosca-misplaced-section", f"{section} belongs inside {self._key}", path)
            if value is not None and not isinstance(value, (dict, list)):
                self._report.error("tosca-wrong-type", f"{section} must be a mapping or a list", path)
            for name, raw in mapping(value).items():
                yield (*path, name), str(name), mapping(raw)
            for index, entry in enumerate(sequence(value)):
                for name, raw in mapping(entry).items():
                    yield (*path, index, name), str(name), mapping(raw)

    def _collective(
        self, name: str, raw: dict[str, Any], path: Path, *, section: str, key: str, known: set[str]
    ) -> Collective | None:
        declared = self._type(section, raw, path)
        if declared is None:
            return None
        self._unknown_keys(raw, path)
        members: list[str] = []
        value = raw.get(key)
        if value is not None and not isinstance(value, list):
            self._report.error("tosca-wrong-type", f"{key} must be a list of names", (*path, key))
        for index, member in enumerate(sequence(value)):
            if isinstance(member, str) and member in known:
                members.append(member)
            else:
                self._report.warning(
                    "tosca-unknown-target", f"{name} names {member}, which does not exist", (*path, key, index)
                )
        where = (*path, "properties")
        return Collective(
            name=name,
            type=declared,
            properties=self._values.fields(
                self._functions.applied(raw.get("properties"), where), declared, where, what=name
            ),
            members=tuple(dict.fromkeys(members)),
            path=path,
            triggers=mapping(self._functions.applied(mapping(raw.get("triggers")), (*path, "triggers"))),
        )

    def _substitution(self, nodes: set[str]) -> Substitution | None:
        raw = self._topology.get("substitution_mappings")
        path: Path = (self._key, "substitution_mappings")
        if raw is None:
            return None
        if not isinstance(raw, dict):
            self._report.error("tosca-wrong-type", "substitution_mappings must be a mapping", path)
            return None
        node_type = raw.get("node_type")
        declared = self._types.get("node_types", node_type) if isinstance(node_type, str) else None
        if declared is None:
            self._report.error("tosca-unknown-type", f"node type {node_type} is not defined", (*path, "node_type"))
        properties = mapping(self._functions.applied(raw.get("properties"), (*path, "properties")))
        return Substitution(
            node_type=str(node_type),
            type=declared,
            properties={key: value for key, value in properties.items() if not is_function(value)},
            requirements=tuple(self._mapped(raw.get("requirements"), declared, (*path, "requirements"), nodes)),
        )

    def _mapped(
        self, value: Any, declared: Type | None, path: Path, nodes: set[str]
    ) -> Iterator[tuple[str, str, str, Path]]:
        entries: list[tuple[Path, Any, Any]] = [((*path, key), key, item) for key, item in mapping(value).items()]
        for index, entry in enumerate(sequence(value)):
            entries.extend(((*path, index), key, item) for key, item in mapping(entry).items())
        for where, name, item in entries:
            if isinstance(item, dict):
                pair = sequence(item.get("mapping"))
            else:
                pair = sequence(item) or ([item, ""] if isinstance(item, str) else [])
            if not pair:
                self._report.warning("tosca-empty-mapping", f"{name} is mapped to nothing", where)
                continue
            if not isinstance(pair[0], str):
                self._report.error("tosca-wrong-type", f"{name} must be mapped to [ node, requirement ]", where)
                continue
            if pair[0] not in nodes:
                self._report.error(
                    "tosca-unknown-target", f"{name} is mapped to {pair[0]}, which does not exist", where
                )
                continue
            if declared and name not in declared.requirements:
                self._report.warning("tosca-unknown-requirement", f"{declared.name} has no requirement {name}", where)
            yield str(name), pair[0], str(pair[1]) if len(pair) > 1 else "", where
