"""What each name means in each document: its own definitions, those that it imports, and the built-in ones."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import msgspec

from descriptors.diagnostics import Diagnostics
from descriptors.tosca import builtin
from descriptors.tosca.documents import Document, Path, Reporter, mapping
from descriptors.tosca.imports import Sources
from descriptors.tosca.service.grammar import Dialect, dialect

SECTIONS = (*builtin.SECTIONS, "functions")
_SHORT = {
    "node_types": "tosca.nodes.", "capability_types": "tosca.capabilities.", "policy_types": "tosca.policies.",
    "relationship_types": "tosca.relationships.", "group_types": "tosca.groups.", "data_types": "tosca.datatypes.",
    "artifact_types": "tosca.artifacts.", "interface_types": "tosca.interfaces.", "functions": "",
}  # fmt: skip
_MOST_NAMES = 200_000  # of all documents together, imported ones counted wherever they are visible


class Definition(msgspec.Struct, frozen=True, eq=False):
    """A definition where it stands; two are the same only if they are one object."""

    section: str
    name: str
    raw: dict[str, Any]
    scope: Scope
    path: Path
    built_in: bool = False


class Scope:
    """One document, or the library of built-in types, as a place where names mean something."""

    def __init__(self, document: Document, report: Reporter, library: Library) -> None:
        self.document = document
        self.report = report
        self.dialect: Dialect = dialect(document.version)
        self.library = library
        self.normative = not self.dialect.strict
        """Whether the built-in types are visible without an import."""
        self.visible: dict[str, dict[str, Definition]] = {section: {} for section in SECTIONS}

        self.whole: Scope | None = None
        """In TOSCA 1, the scope of the entry: what it can see is seen by all that it imports (a known slip)."""

    @property
    def built_in(self) -> bool:
        """Whether this is the library."""
        return not self.document.file

    def find(self, section: str, name: str) -> Definition | None:
        """Return what a name means here; None when nothing is called so."""
        found = self.visible[section].get(name)
        if found is None and self.normative:
            found = self.library.find(section, name)
        if found is None and self.whole is not None:
            found = self.whole.visible[section].get(name)
        return found

    def names(self, section: str) -> list[str]:
        """Return all names of a section, for hints."""
        own = list(self.visible[section])
        return [*own, *self.library.names(section)] if self.normative else own


_SHORT_NETWORK = "tosca.datatypes.network."  # of PortDef and its like


@functools.cache
def library_of(release: str) -> Library:
    """Return the built-in types of a release of SOL001; all readings share them, in any thread."""
    return Library(release)


class Library:
    """The built-in types: the normative ones and those of one release of SOL001."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._known: dict[tuple[str, str], Definition] = {}
        nowhere = Document("", {"tosca_definitions_version": "tosca_simple_yaml_1_3"}, {})
        self._scope = Scope(nowhere, Reporter(nowhere, Diagnostics()), self)

    def find(self, section: str, name: str) -> Definition | None:
        """Return a type by its full name, its short one or with the prefix ``tosca:``."""
        found = self._known.get((section, name)) or self._found(section, name)
        if found is not None:
            # Names that mean nothing are not kept: packages could have any number of them. Of two threads that find
            # the same name at once both get the first one's definition.
            found = self._known.setdefault((section, name), found)
        return found

    def names(self, section: str) -> list[str]:
        """Return the full names of a section's types."""
        return [] if section == "functions" else builtin.names(self._release, section)

    def _found(self, section: str, name: str) -> Definition | None:
        if section == "functions":
            return None
        raw = builtin.definition(self._release, section, name)
        if raw is None and (others := builtin.releases_of(section, name)):
            raw = builtin.definition(others[-1], section, name)
        if raw is not None:
            return Definition(section, name, raw, self._scope, (section, name), built_in=True)
        bare = name.removeprefix("tosca:")
        full = bare if bare != name and bare.startswith("tosca.") else _SHORT[section] + bare
        if name.startswith("tosca."):
            return None
        return self.find(section, full) or self.find(section, _SHORT_NETWORK + bare)


class Names:
    """All scopes of one service template. Not thread-safe: one per run."""

    def __init__(self, sources: Sources, diagnostics: Diagnostics) -> None:
        library = library_of(sources.release)
        self.scopes = {
            document.file: Scope(document, Reporter(document, diagnostics), library) for document in sources.documents
        }
        self._edges = sources.edges
        self._merged: set[str] = set()
        self._entries = 0
        for file in self.scopes:
            self._merge(file)
        entry, *imported = self.scopes.values()
        for scope in imported:
            if not scope.dialect.strict:
                scope.whole = entry

    def own(self) -> Iterator[Definition]:
        """Yield every definition that the documents hold."""
        for scope in self.scopes.values():
            for section in SECTIONS:
                for definition in scope.visible[section].values():
                    if definition.scope is scope and definition.path[0] == section:
                        yield definition

    def _merge(self, file: str) -> None:
        """Fill a scope, after those that it imports."""
        todo = [(file, iter(self._edges.get(file, ())))]
        started = {file}
        while todo:
            name, edges = todo[-1]
            following = next((e.file for e in edges if e.file in self.scopes and e.file not in self._merged), None)
            if following is None:
                todo.pop()
                if name not in self._merged:
                    self._fill(name)
            elif following not in started:
                started.add(following)
                todo.append((following, iter(self._edges.get(following, ()))))

    def _fill(self, file: str) -> None:
        self._merged.add(file)
        scope = self.scopes[file]
        for edge in self._edges.get(file, ()):
            if edge.file not in self.scopes:
                scope.normative = True
                continue
            imported = self.scopes[edge.file]
            prefix = f"{edge.namespace}:" if edge.namespace else ""
            for section, known in imported.visible.items():
                self._entries += len(known)
                if self._entries > _MOST_NAMES:
                    scope.report.error(
                        "tosca-too-many-types", f"more than {_MOST_NAMES} names are imported", ("imports",)
                    )
                    return
                for name, definition in known.items():
                    self._add(scope, section, prefix + name, definition)
            scope.normative = scope.normative or (imported.normative and not edge.namespace)
        for section in SECTIONS:
            for name, raw in mapping(scope.document.root.get(section)).items():
                if isinstance(name, str):
                    definition = Definition(section, name, mapping(raw), scope, (section, name))
                    self._add(scope, section, name, definition)

    def _add(self, scope: Scope, section: str, name: str, definition: Definition) -> None:
        known = scope.visible[section].get(name)
        if known is not None and known is not definition and known.raw != definition.raw:
            where = definition.path if definition.scope is scope else ("imports",)
            scope.report.warning(
                "tosca-type-redefined", f"{name} is also defined by {known.scope.document.file}", where
            )
        scope.visible[section][name] = definition
