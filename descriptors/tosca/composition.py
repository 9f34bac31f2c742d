"""From YAML text to plain Python values with the place of each, in one pass over libyaml's events.

There is no recursion, so no document can exhaust the stack; limits hold while values are built, aliases spelled out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import msgspec
import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from descriptors.diagnostics import Diagnostic, Severity
from descriptors.limits import Limits
from descriptors.tosca.literals import scalar

Marks = Mapping[int, "dict[Any, Any] | list[Any]"]
"""Where the items of each collection stand, by the collection's identity: at their keys, or at themselves."""

_TAG = "tag:yaml.org,2002:"
_RESOLVED_TAGS = frozenset({f"{_TAG}{name}" for name in ("int", "float", "bool", "null")})
_NO_KEY = object()


class Composition(msgspec.Struct, frozen=True, kw_only=True):
    """What a text holds. Shared by all who read the same text: its values are never changed."""

    root: Any = None
    marks: Marks = {}
    nodes: int = 0
    """Values and keys, aliases counted as often as they are used."""
    usable: bool = True
    """Whether ``root`` is the document; False when it is not YAML or passes a limit."""
    findings: tuple[Diagnostic, ...] = ()
    """Without the file's name, which the text does not know."""


def composed(data: bytes, limits: Limits) -> Composition:
    """Compose the first YAML document in ``data``; one that is none, or passes a limit, is a finding with its line."""
    building = _Building(limits)
    try:
        building.run(data)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        problem = _error("yaml-syntax", str(error.problem or error.context or "not YAML"), mark)
    except (yaml.YAMLError, UnicodeError) as error:
        problem = Diagnostic(severity=Severity.ERROR, code="yaml-syntax", message=str(error).splitlines()[0], line=1)
    except _RefusedError as error:
        problem = _error(error.code, str(error), error.event.start_mark)
    else:
        return Composition(
            root=building.root, marks=building.marks, nodes=building.nodes, findings=tuple(building.findings)
        )
    return Composition(usable=False, findings=(*building.findings, problem))


class _RefusedError(Exception):
    """The document cannot be used; carries the event that shows it."""

    def __init__(self, code: str, message: str, event: Event) -> None:
        super().__init__(message)
        self.code = code
        self.event = event


def _error(code: str, message: str, mark: Any) -> Diagnostic:
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Diagnostic(severity=Severity.ERROR, code=code, message=message, line=line, column=column)


class _Frame:
    """A collection that is being filled."""

    __slots__ = ("anchor", "before", "height", "key", "key_mark", "marks", "merges", "value")

    def __init__(self, value: Any, marks: Any, anchor: str | None, before: int) -> None:
        self.value = value
        self.marks = marks
        self.anchor = anchor
        self.before = before  # nodes that came before it
        self.key: Any = _NO_KEY
        self.key_mark: Any = None
        self.merges: list[Any] | None = None
        self.height = 1


class _Building:
    def __init__(self, limits: Limits) -> None:
        self.root: Any = None
        self.marks: dict[int, dict[Any, Any] | list[Any]] = {}
        self.nodes = 0
        self.findings: list[Diagnostic] = []
        self._most = limits.nodes
        self._deepest = limits.depth
        self._anchors: dict[str, tuple[Any, int, int]] = {}  # value, nodes, height
        self._stack: list[_Frame] = []
        self._documents = 0

    def run(self, data: bytes) -> None:
        take: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._mapping,
            SequenceStartEvent: self._sequence,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }
        loader = yaml.CSafeLoader(data)
        try:
            next_event = loader.get_event
            while (event := next_event()) is not None:
                handler = take.get(type(event))
                if handler is not None:
                    handler(event)
                if self._documents > 1:
                    break
        finally:
            loader.dispose()

    def _document(self, event: Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._warn("yaml-many-documents", "only the first document is read", event.start_mark)

    def _scalar(self, event: ScalarEvent) -> None:
        value: Any = event.value
        if (event.implicit[0] and not event.style) or event.tag in _RESOLVED_TAGS:
            value = scalar(value)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        self.nodes += 1
        if self.nodes > self._most:
            self._too_many(event)
        self._add(value, event)

    def _mapping(self, event: MappingStartEvent) -> None:
        self._begin(_Frame({}, {}, event.anchor, self.nodes), event)

    def _sequence(self, event: SequenceStartEvent) -> None:
        self._begin(_Frame([], [], event.anchor, self.nodes), event)

    def _begin(self, frame: _Frame, event: Event) -> None:
        stack = self._stack
        if len(stack) >= self._deepest:
            raise _RefusedError("yaml-limit", f"nested deeper than {self._deepest}", event)
        self.nodes += 1
        if self.nodes > self._most:
            self._too_many(event)
        if stack:
            parent = stack[-1]
            if type(parent.value) is list:
                parent.marks.append(event.start_mark)
                parent.value.append(frame.value)
            elif parent.key is _NO_KEY:
                raise _RefusedError("yaml-syntax", "a key must be a scalar", event)
        else:
            self.root = frame.value
        stack.append(frame)

    def _end(self, _: Event) -> None:
        frame = self._stack.pop()
        value = frame.value
        if frame.merges:
            for merged in frame.merges:
                for key, item in merged.items() if isinstance(merged, dict) else ():
                    value.setdefault(key, item)
        self.marks[id(value)] = frame.marks
        if frame.anchor:
            self._anchors[frame.anchor] = (value, self.nodes - frame.before, frame.height)
        if self._stack:
            parent = self._stack[-1]
            if frame.height >= parent.height:
                parent.height = frame.height + 1
            if type(parent.value) is dict:
                self._set(parent, value)

    def _alias(self, event: AliasEvent) -> None:
        if event.anchor not in self._anchors:
            raise _RefusedError("yaml-syntax", f"alias *{event.anchor} has no anchor before it", event)
        value, nodes, height = self._anchors[event.anchor]
        if len(self._stack) + height > self._deepest:
            raise _RefusedError("yaml-limit", f"nested deeper than {self._deepest}", event)
        if self._stack:
            self._stack[-1].height = max(self._stack[-1].height, height + 1)
        self.nodes += nodes
        if self.nodes > self._most:
            self._too_many(event)
        self._add(value, event)

    def _add(self, value: Any, event: Event) -> None:
        """Put a value that is complete where it belongs."""
        if not self._stack:
            self.root = value
            return
        frame = self._stack[-1]
        if type(frame.value) is list:
            frame.marks.append(event.start_mark)
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            frame.key = value if isinstance(value, (str, int, float)) or value is None else str(value)
            frame.key_mark = event.start_mark
        else:
            self._set(frame, value)

    def _set(self, frame: _Frame, value: Any) -> None:
        key, frame.key = frame.key, _NO_KEY
        if key == "<<":
            frame.merges = [*(frame.merges or ()), *(value if isinstance(value, list) else [value])]
            return
        if key in frame.marks:
            first = frame.marks[key].line + 1
            message = f"{key!r} is given again; the last one counts (first on line {first})"
            self._warn("yaml-duplicate-key", message, frame.key_mark)
        frame.marks[key] = frame.key_mark
        frame.value[key] = value

    def _warn(self, code: str, message: str, mark: Any) -> None:
        self.findings.append(
            Diagnostic(
                severity=Severity.WARNING, code=code, message=message, line=mark.line + 1, column=mark.column + 1
            )
        )

    def _too_many(self, event: Event) -> NoReturn:
        raise _RefusedError("yaml-limit", f"more than {self._most} nodes, aliases spelled out", event)
