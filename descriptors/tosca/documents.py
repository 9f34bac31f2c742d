"""YAML documents with the place of everything in them.

One pass over libyaml's events builds plain Python values: no recursion, so no document can exhaust the stack; limits
hold while it is built. Scalars follow YAML 1.2's core schema (``yes`` and dates are text), and numbers keep their
literal text, so that version ``1.10`` stays ``1.10``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from descriptors.diagnostics import Diagnostics, Severity
from descriptors.limits import Limits

Path = tuple[str | int, ...]
"""Keys and indices from a document's root."""

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_POINTED = re.compile(r"\.(inf|nan)", re.IGNORECASE)
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_LONGEST_NUMBER = 400  # digits; longer ones are not numbers that anybody means, and slow to convert
_LONGEST_GUESS = 100  # characters
_GUESSES = 200
_WORD = 64  # bits; what is wider leaves as text
_NUMERIC_START = frozenset("+-.0123456789")


class LiteralFloat(float):
    """A number that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __str__(self) -> str:
        return self.text


class LiteralInt(int):
    """An integer whose text is not its plain decimal form (``007``, ``0x1f``)."""

    text: str

    def __str__(self) -> str:
        return self.text


class Document:
    """One parsed file: its values, and where each stands."""

    def __init__(self, file: str, root: Any, marks: dict[int, dict[str | int, tuple[int, int]]]) -> None:
        self.file = file
        self.root = root
        self._marks = marks

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, of the value at ``path``, or of the nearest thing above it that exists."""
        value = self.root
        best = (1, 1)
        for key in path:
            marks = self._marks.get(id(value))
            if marks is None or key not in marks:
                break
            best = marks[key]
            value = value[key]
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


def scalar(text: str) -> Any:
    """Return the value of a plain scalar by YAML 1.2's core schema."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMERIC_START else text


def _number(text: str) -> Any:
    """Return the number that a text is, or the text."""
    if _INT.fullmatch(text) and len(text) <= _LONGEST_NUMBER:
        number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if str(number) == text:
            return number
        literal = LiteralInt(number)
        literal.text = text
        return literal
    if _FLOAT.fullmatch(text) and not _INT.fullmatch(text):
        real = LiteralFloat(_POINTED.sub(r"\1", text))
        real.text = text
        return real
    return text


class _RefusedError(Exception):
    """The document cannot be used; carries the event that shows it."""

    def __init__(self, code: str, message: str, event: Event) -> None:
        super().__init__(message)
        self.code = code
        self.event = event


def _at(event: Event) -> tuple[int, int]:
    """Line and column of an event, from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


class _Frame:
    """A collection that is being filled."""

    __slots__ = ("anchor", "height", "key", "key_mark", "marks", "merges", "nodes", "value")

    def __init__(self, value: dict[Any, Any] | list[Any], anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: Any = _NO_KEY
        self.key_mark = (0, 0)
        self.marks: dict[str | int, tuple[int, int]] = {}
        self.merges: list[Any] = []
        self.nodes = 1
        self.height = 1


_NO_KEY = object()


def parse(file: str, data: bytes, limits: Limits, diagnostics: Diagnostics) -> Document | None:
    """Parse one YAML document; None, with an error that names the line, when it is none or passes a limit."""
    try:
        return _Building(file, limits, diagnostics).run(data)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        diagnostics.add(
            Severity.ERROR,
            "yaml-syntax",
            str(error.problem or error.context or "not YAML"),
            file=file,
            line=mark.line + 1 if mark else 0,
            column=mark.column + 1 if mark else 0,
        )
    except (yaml.YAMLError, UnicodeError) as error:
        diagnostics.add(Severity.ERROR, "yaml-syntax", str(error).splitlines()[0], file=file, line=1)
    except _RefusedError as error:
        line, column = _at(error.event)
        diagnostics.add(Severity.ERROR, error.code, str(error), file=file, line=line, column=column)
    return None


class _Building:
    def __init__(self, file: str, limits: Limits, diagnostics: Diagnostics) -> None:
        self._file = file
        self._limits = limits
        self._diagnostics = diagnostics
        self._marks: dict[int, dict[str | int, tuple[int, int]]] = {}
        self._anchors: dict[str, tuple[Any, int, int]] = {}  # value, nodes, height
        self._stack: list[_Frame] = []
        self._root: Any = None
        self._nodes = 0
        self._documents = 0

    def run(self, data: bytes) -> Document:
        loader = yaml.CSafeLoader(data)
        try:
            while loader.check_event():
                event = loader.get_event()
                if event is not None:
                    self._take(event)
                if self._documents > 1:
                    break
        finally:
            loader.dispose()
        return Document(self._file, self._root, self._marks)

    def _take(self, event: Event) -> None:
        if isinstance(event, ScalarEvent):
            plain_text = event.implicit[0] and not event.style
            value = scalar(event.value) if plain_text else _tagged(event)
            if event.anchor:
                self._anchors[event.anchor] = (value, 1, 0)
            self._add(value, 1, event)
        elif isinstance(event, MappingStartEvent):
            self._push(_Frame({}, event.anchor), event)
        elif isinstance(event, SequenceStartEvent):
            self._push(_Frame([], event.anchor), event)
        elif isinstance(event, CollectionEndEvent):
            self._pop(event)
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                line, column = _at(event)
                message = "only the first document is read"
                self._diagnostics.add(
                    Severity.WARNING, "yaml-many-documents", message, file=self._file, line=line, column=column
                )

    def _alias(self, event: AliasEvent) -> None:
        if event.anchor not in self._anchors:
            raise _RefusedError("yaml-syntax", f"alias *{event.anchor} has no anchor before it", event)
        value, nodes, height = self._anchors[event.anchor]
        if len(self._stack) + height > self._limits.depth:
            raise _RefusedError("yaml-limit", f"nested deeper than {self._limits.depth}", event)
        if self._stack:
            self._stack[-1].height = max(self._stack[-1].height, height + 1)
        self._add(value, nodes, event)

    def _push(self, frame: _Frame, event: Event) -> None:
        if len(self._stack) >= self._limits.depth:
            raise _RefusedError("yaml-limit", f"nested deeper than {self._limits.depth}", event)
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is _NO_KEY:
            raise _RefusedError("yaml-syntax", "a key must be a scalar", event)
        if not self._stack:
            self._root = frame.value
        self._nodes += 1
        self._stack.append(frame)
        self._mark(event)

    def _mark(self, event: Event) -> None:
        """Remember where the item that begins now stands: at its key in a mapping, at itself in a list."""
        parent = self._stack[-2] if len(self._stack) > 1 else None
        if parent is not None and isinstance(parent.value, list):
            parent.marks[len(parent.value)] = _at(event)

    def _pop(self, event: Event) -> None:
        frame = self._stack.pop()
        value = frame.value
        if isinstance(value, dict):
            for merged in frame.merges:
                for key, item in merged.items() if isinstance(merged, dict) else ():
                    value.setdefault(key, item)
        self._marks[id(value)] = frame.marks
        if frame.anchor:
            self._anchors[frame.anchor] = (value, frame.nodes, frame.height)
        if self._stack:
            self._stack[-1].height = max(self._stack[-1].height, frame.height + 1)
            self._add(value, frame.nodes, event, counted=True)

    def _add(self, value: Any, nodes: int, event: Event, *, counted: bool = False) -> None:
        if not counted:
            self._nodes += nodes
            if self._nodes > self._limits.nodes:
                raise _RefusedError("yaml-limit", f"more than {self._limits.nodes} nodes, aliases spelled out", event)
        if not self._stack:
            self._root = value
            return
        frame = self._stack[-1]
        frame.nodes += nodes
        if isinstance(frame.value, list):
            frame.marks.setdefault(len(frame.value), _at(event))
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            frame.key = value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
            frame.key_mark = _at(event)
        else:
            self._set(frame, value)

    def _set(self, frame: _Frame, value: Any) -> None:
        key, frame.key = frame.key, _NO_KEY
        if key == "<<":
            frame.merges.extend(value if isinstance(value, list) else [value])
            return
        if key in frame.marks:
            line, column = frame.key_mark
            self._diagnostics.add(
                Severity.WARNING,
                "yaml-duplicate-key",
                f"{key!r} is given again; the last one counts (first on line {frame.marks[key][0]})",
                file=self._file,
                line=line,
                column=column,
            )
        frame.marks[key] = frame.key_mark
        frame.value[key] = value


def _tagged(event: ScalarEvent) -> Any:
    tag = event.tag or ""
    if tag == "tag:yaml.org,2002:str" or tag in ("", "!"):
        return event.value
    if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"):
        return scalar(event.value)
    return event.value


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one: for reading past what has been reported already."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
