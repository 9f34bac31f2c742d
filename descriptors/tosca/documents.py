"""YAML documents with the place of everything in them.

Scalars follow YAML 1.2's core schema (``yes`` and dates are text), and numbers keep their literal text, so that version
``1.10`` stays ``1.10``. What a text holds is remembered: the same files come in package after package.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from descriptors.diagnostics import Diagnostics, Severity
from descriptors.limits import Limits
from descriptors.recent import Recent
from descriptors.tosca.composition import Composition, Marks, composed
from descriptors.tosca.literals import LiteralFloat, LiteralInt

Path = tuple[str | int, ...]
"""Keys and indices from a document's root."""

_LONGEST_GUESS = 100  # characters
_GUESSES = 200
_WORD = 64  # bits; what is wider leaves as text
_REMEMBERED: Recent[tuple[bytes, int, int], Composition] = Recent(capacity=200_000)
"""By digest and limits; counted in nodes, of which one takes some 300 bytes."""


class Document:
    """One parsed file: its values, which many may share and nobody changes, and where each stands."""

    def __init__(self, file: str, root: Any, marks: Marks, nodes: int = 0) -> None:
        self.file = file
        self.root = root
        self.nodes = nodes
        self._marks = marks

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, of the value at ``path``, or of the nearest thing above it that exists."""
        value = self.root
        best = (1, 1)
        for key in path:
            marks: Any = self._marks.get(id(value))
            try:
                mark = marks[key]
                value = value[key]
            except (KeyError, IndexError, TypeError):
                break
            best = (mark.line + 1, mark.column + 1)
        return best

    @property
    def version(self) -> str:
        """What ``tosca_definitions_version`` says."""
        return str(self.root.get("tosca_definitions_version", "")) if isinstance(self.root, dict) else ""


class Reporter:
    """Adds findings about one document, each with its line and column."""

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self._diagnostics = diagnostics

    def error(self, code: str, message: str, path: Path, **more: str) -> None:
        """Report what makes the descriptor unusable."""
        self._add(Severity.ERROR, code, message, path, more)

    def warning(self, code: str, message: str, path: Path, **more: str) -> None:
        """Report what is accepted although it is not as it should be."""
        self._add(Severity.WARNING, code, message, path, more)

    def guess(self, name: str, names: Iterable[str]) -> str:
        """Return a hint when a name is nearly one of ``names``.

        Guessing takes time, so long names and those after many findings go without.
        """
        if len(name) > _LONGEST_GUESS or len(self._diagnostics.found) > _GUESSES:
            return ""
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
        return f"did you mean {near[0]}?" if near else ""

    def _add(self, severity: Severity, code: str, message: str, path: Path, more: dict[str, str]) -> None:
        line, column = self.document.place(path)
        place: dict[str, str | int] = {
            "file": self.document.file, "line": line, "column": column, "path": "/".join(map(str, path)),
        }  # fmt: skip
        self._diagnostics.add(severity, code, message, **place, **more)


def plain(value: Any) -> Any:
    """Return a deep copy in built-in types only: what may leave for the model."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, LiteralFloat):
        return float(value)
    if isinstance(value, LiteralInt):
        value = int(value)
    return str(value) if isinstance(value, int) and value.bit_length() >= _WORD else value


def parse(file: str, data: bytes, limits: Limits, diagnostics: Diagnostics) -> Document | None:
    """Parse one YAML document; None, with an error that names the line, when it is none or passes a limit.

    Threads may parse at once. The document's values are shared with whoever parses the same bytes: do not change them.
    """
    key = (hashlib.sha256(data).digest(), limits.nodes, limits.depth)
    composition = _REMEMBERED.get(key)
    if composition is None:
        composition = composed(data, limits)
        _REMEMBERED.put(key, composition, weight=composition.nodes + len(composition.findings))
    for finding in composition.findings:
        diagnostics.found.append(msgspec.structs.replace(finding, file=file))
    if not composition.usable:
        return None
    return Document(file, composition.root, composition.marks, composition.nodes)


def forget() -> None:
    """Forget all texts that were parsed; what follows pays for parsing again."""
    _REMEMBERED.clear()


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one: for reading past what has been reported already."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
