"""The documents that a service template is made of: the entry and what it imports, each parsed once.

An import is looked for in the archive and then among the built-in types: never on the network, never elsewhere on the
host. ETSI's own type files are recognised by name and replaced by the built-in types of their release.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from typing import Any

import msgspec

from descriptors.csar import Archive, UnreadableMemberError, read_document
from descriptors.diagnostics import Diagnostics, Severity
from descriptors.limits import Limits
from descriptors.tosca import builtin
from descriptors.tosca.documents import Document, Path, Reporter, mapping, parse, sequence

_HEADER_BYTES = 2048
_PROFILE = re.compile(r"""^profile:\s*["']?([\w.:/-]+)""", re.MULTILINE)
_DEFAULT_RELEASES = {
    "tosca_simple_yaml_1_0": "2.5.1",
    "tosca_simple_yaml_1_1": "2.5.1",
    "tosca_simple_yaml_1_2": "2.6.1",
    "tosca_simple_yaml_1_3": "3.5.1",
}
"""Release whose types are meant when none is named: of those written in that TOSCA version, the most inclusive."""


class Unresolved:
    """An import that leads nowhere."""

    def __init__(self, reporter: Reporter, path: Path, name: str) -> None:
        self.reporter = reporter
        self.path = path
        self.name = name


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """An import of one document by another."""

    file: str
    """What is imported; empty when built-in types stand for it."""
    namespace: str = ""
    """What the imported names are prefixed with."""


class Sources:
    """All documents of one service template."""

    def __init__(self, documents: list[Document], release: str) -> None:
        self.documents = documents
        """The entry first."""
        self.release = release
        """Release of SOL001 whose built-in types are used."""
        self.unresolved: list[Unresolved] = []
        self.carried: list[str] = []
        """Type files of ETSI's that the package carries; not parsed."""
        self.edges: dict[str, list[Edge]] = {}
        """What each document imports, as far as it was found."""


class Loader:
    """Loads one entry document and everything that it imports. Not reusable."""

    def __init__(self, archive: Archive, limits: Limits, diagnostics: Diagnostics) -> None:
        self._archive = archive
        self._limits = limits
        self._diagnostics = diagnostics
        self._loaded: dict[str, Document | None] = {}
        self._nodes = 0
        self._open: list[str] = []
        self._releases: Counter[str] = Counter()
        self._unresolved: list[Unresolved] = []
        self._carried: dict[str, None] = {}
        self._edges: dict[str, list[Edge]] = {}
        self._profiles: dict[str, str] | None = None

    def load(self, entry: str) -> Sources | None:
        """Load the entry document; None, with errors among the diagnostics, when it cannot be parsed."""
        todo: list[tuple[str, tuple[str, ...]]] = [(entry, ())]
        while todo:
            name, above = todo.pop()
            if name in self._loaded:
                continue
            document = self.parse(name)
            if document is None:
                continue
            children: list[tuple[str, tuple[str, ...]]] = []
            for path, target, namespace, profile in self._imports(document):
                missing = len(self._unresolved)
                found = self._resolve(document, path, target, profile=profile)
                if found or missing == len(self._unresolved):
                    self._edges.setdefault(name, []).append(Edge(file=found, namespace=namespace))
                if not found:
                    continue
                if found == name or found in above:
                    Reporter(document, self._diagnostics).warning(
                        "tosca-import-cycle", f"{found} imports this file, directly or not", path
                    )
                elif found not in self._loaded:
                    children.append((found, (*above, name)))
            todo.extend(reversed(children))
        documents = [document for document in self._loaded.values() if document]
        if self._loaded.get(entry) is None:
            return None
        sources = Sources(documents, self._release(documents[0]))
        sources.unresolved = self._unresolved
        sources.carried = list(self._carried)
        sources.edges = self._edges
        return sources

    def parse(self, name: str) -> Document | None:
        """Parse a document of the archive that holds a mapping, once."""
        if name in self._loaded:
            return self._loaded[name]
        self._loaded[name] = None
        if len(self._loaded) > self._limits.documents:
            self._diagnostics.add(
                Severity.ERROR, "tosca-too-many-imports", f"more than {self._limits.documents} documents", file=name
            )
            return None
        data = read_document(self._archive, name, self._limits, self._diagnostics)
        document = parse(name, data, self._limits, self._diagnostics) if data is not None else None
        self._nodes += document.nodes if document else 0
        if document is not None and self._nodes > self._limits.total_nodes:
            message = f"more than {self._limits.total_nodes} nodes in all documents, aliases spelled out"
            Reporter(document, self._diagnostics).error("yaml-limit", message, ())
            document = None
        elif document is not None and not isinstance(document.root, dict):
            Reporter(document, self._diagnostics).error(
                "tosca-not-a-template", "the document is not a mapping", (), clause="TOSCA Simple 3.10"
            )
            document = None
        self._loaded[name] = document
        return document

    def _imports(self, document: Document) -> list[tuple[Path, str, str, bool]]:
        """Return where and what a document imports, under which prefix, and whether as a profile, in any notation."""
        value = document.root.get("imports")
        reporter = Reporter(document, self._diagnostics)
        if value is None:
            return []
        if isinstance(value, dict):
            value = [{key: item} for key, item in value.items()]
        if not isinstance(value, list):
            reporter.error("tosca-wrong-type", "imports must be a list", ("imports",))
            return []
        found: list[tuple[Path, str, str, bool]] = []
        for index, item in enumerate(value):
            target = _target(item)
            path: Path = ("imports", index)
            if target:
                entry = mapping(item)
                prefix = str(entry.get("namespace_prefix") or entry.get("namespace") or "")
                found.append((path, target, prefix, "profile" in entry))
            else:
                reporter.warning("tosca-empty-import", "this import names no file", path)
        return found

    def _resolve(self, document: Document, path: Path, target: str, *, profile: bool = False) -> str:
        """Return the archive's name of an import, or nothing when a built-in stands for it or it leads nowhere."""
        if profile and (carried := self._carried_profile(target)):
            return carried
        if builtin.is_profile(target):
            return ""
        directory = posixpath.dirname(document.file)
        if "://" not in target:
            for candidate in (posixpath.normpath(posixpath.join(directory, target)), posixpath.normpath(target)):
                if self._archive.reach(candidate):
                    if builtin.is_type_file(candidate) and self._recognised(candidate):
                        return ""
                    return candidate
        if builtin.is_type_file(target):
            release = builtin.release_in(target)
            if release:
                self._releases[release] += 1
            return ""
        self._unresolved.append(Unresolved(Reporter(document, self._diagnostics), path, target))
        return ""

    def _carried_profile(self, profile: str) -> str:
        """Return the document of the package that declares itself to be this profile."""
        if self._profiles is None:
            self._profiles = {}
            for name in sorted(self._archive.importable())[: self._limits.documents]:
                if not name.lower().endswith((".yaml", ".yml")):
                    continue
                try:
                    header = next(self._archive.stream(name), b"")[:_HEADER_BYTES].decode("utf-8", "replace")
                except UnreadableMemberError:
                    continue
                if declared := _PROFILE.search(header):
                    self._profiles.setdefault(declared[1], name)
        return self._profiles.get(profile, "")

    def _recognised(self, name: str) -> bool:
        """Whether a carried file is one of ETSI's: its header says so and names a release that is known."""
        if name in self._carried:
            return True
        header = b""
        try:
            for piece in self._archive.stream(name):
                header = piece[:_HEADER_BYTES]
                break
        except UnreadableMemberError:
            return False
        text = header.decode("utf-8", "replace")
        release = builtin.release_in(text)
        if not release or "ETSI" not in text:
            return False
        self._releases[release] += 1
        self._carried[name] = None
        return True

    def _release(self, entry: Document) -> str:
        if not self._releases:
            return _DEFAULT_RELEASES.get(entry.version, builtin.RELEASES[-1])
        if len(self._releases) > 1:
            Reporter(entry, self._diagnostics).warning(
                "tosca-mixed-releases",
                f"type definitions of several SOL001 releases are imported: {', '.join(sorted(self._releases))}",
                ("imports",),
            )
        return self._releases.most_common(1)[0][0]


def _target(item: Any) -> str:
    if isinstance(item, str):
        return item
    entry = mapping(item)
    for key in ("file", "url", "profile"):
        if key in entry:
            return str(entry[key] or "")
    for value in entry.values():
        return str(mapping(value).get("file", "")) if isinstance(value, dict) else str(value or "")
    return str(sequence(item)[0]) if sequence(item) else ""
