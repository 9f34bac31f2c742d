"""Graphs of resources: the values that plans are made from.

A graph maps a path (``vdu/firewall/0/server``) to a :class:`Resource`. Specs are plain JSON. Where a spec
needs something that only exists once another resource does (an identifier given by the VIM, an address), it
holds a *reference*: a string made by :func:`reference`, which the executor replaces by the value when the
step runs. References are the edges of the graph; ``depends_on`` adds edges that no value travels along. Where such a
value is only a part of a text, :func:`text` makes the text of parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

_SCHEME = "urn:mano:resource:"
_TEXT = "urn:mano:text"
_NESTED = (dict, list, tuple)
_RESOLVED = (str, *_NESTED)


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """One thing that exists or shall exist, with all that is needed to create it again."""

    path: str
    """Unique in its graph and stable over its life; the same thing has the same path in every graph."""
    kind: str
    """What it is; chooses the performer that carries out its steps."""
    spec: dict[str, Any]
    """What is wanted, as JSON; may hold references."""
    depends_on: tuple[str, ...] = ()
    """Paths that must be ready first although no value of theirs appears in the spec."""
    target: str = ""
    """Which peer provides it (the identifier of a VIM connection, of a VNF manager); empty until placed."""
    result: dict[str, Any] | None = None
    """What the peer answered, with ``id`` at least; None for what does not exist yet."""
    manner: dict[str, Any] = {}
    """How its steps shall be gone about, for its performer. Makes no difference between two states."""

    @cached_property
    def needs(self) -> frozenset[str]:
        """Every path that must be ready before this resource can be created."""
        return frozenset(references(self.spec)).union(self.depends_on)


Graph = dict[str, Resource]
"""Resources by path."""

UNCERTAIN = "uncertain"
"""The ``state`` in the result of a resource whose creation or removal was begun or wanted and not seen through.

It may be there under the ``id`` of that result, under another, or not at all: only its identity tells.
"""


class UnresolvedReferenceError(Exception):
    """A spec refers to a resource, or to an attribute of one, that has no value."""


def graph_of(*resources: Resource) -> Graph:
    """Collect resources by path; a path used twice is a ValueError."""
    graph: Graph = {}
    for resource in resources:
        if resource.path in graph:
            msg = f"two resources share the path {resource.path!r}"
            raise ValueError(msg)
        graph[resource.path] = resource
    return graph


def reference(path: str, attribute: str = "id") -> str:
    """Return the string that stands for ``attribute`` of the resource at ``path`` until it exists.

    Dots lead into the attribute's value: ``addresses.0`` is the first of its addresses.
    """
    return f"{_SCHEME}{path}#{attribute}"


def text(parts: Sequence[Any]) -> Any:
    """Return the text that the parts make one after the other: a value for a spec, as some may be references.

    A list among the values is written with commas between its items, as people write lists.
    """
    if any(parse_reference(part) or _is_text(part) for part in parts):
        return {_TEXT: list(parts)}
    return "".join(map(_written, parts))


def text_parts(value: Any) -> list[Any]:
    """Return what a value that :func:`text` made is made of, in its order; any other value is its one part."""
    return [part for each in value[_TEXT] for part in text_parts(each)] if _is_text(value) else [value]


def parse_reference(value: object) -> tuple[str, str] | None:
    """Return (path, attribute) when ``value`` is a reference, None for everything else."""
    if not isinstance(value, str) or not value.startswith(_SCHEME):
        return None
    path, _, attribute = value.removeprefix(_SCHEME).partition("#")
    return path, attribute or "id"


def references(value: object) -> list[str]:
    """Return the path of every reference anywhere inside a JSON value, in the order in which they stand there."""
    found: list[str] = []
    _collect(value, found)
    return found


def _collect(value: object, found: list[str]) -> None:
    for item in _items(value):
        if isinstance(item, str):
            if item.startswith(_SCHEME):
                found.append(item[len(_SCHEME) :].partition("#")[0])
        elif isinstance(item, _NESTED):
            _collect(item, found)


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else (value,)


def renamed(graph: Graph, name_of: Callable[[str], str]) -> Graph:
    """Return the graph with other paths, and every reference to them; ``name_of`` says the new one of each path."""

    def with_names(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: with_names(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [with_names(item) for item in value]
        found = parse_reference(value)
        return reference(name_of(found[0]), found[1]) if found else value

    return graph_of(
        *(
            msgspec.structs.replace(
                resource,
                path=name_of(path),
                spec=with_names(resource.spec),
                depends_on=tuple(map(name_of, resource.depends_on)),
            )
            for path, resource in graph.items()
        )
    )


def resolve(value: Any, result_of: Callable[[str], Mapping[str, Any] | None]) -> Any:
    """Return ``value`` with each reference replaced by what it stands for.

    Raises:
        UnresolvedReferenceError: the resource has no result, or its result lacks the attribute.
    """
    if isinstance(value, dict):
        if _is_text(value):
            return "".join(_written(resolve(part, result_of)) for part in value[_TEXT])
        return {key: resolve(item, result_of) if isinstance(item, _RESOLVED) else item for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, result_of) if isinstance(item, _RESOLVED) else item for item in value]
    found = parse_reference(value)
    if found is None:
        return value
    path, attribute = found
    found_value: Any = result_of(path)
    for name in attribute.split("."):
        if isinstance(found_value, Mapping) and name in found_value:
            found_value = found_value[name]
        elif isinstance(found_value, list) and name.isdigit() and int(name) < len(found_value):
            found_value = found_value[int(name)]
        else:
            msg = f"{path!r} has no {attribute!r} yet"
            raise UnresolvedReferenceError(msg)
    return found_value


def outlined(value: Any) -> Any:
    """Return a value of a spec with nothing in the place of each text that is made of references; references stay."""
    if isinstance(value, dict):
        return "" if _is_text(value) else {key: outlined(item) for key, item in value.items()}
    return [outlined(item) for item in value] if isinstance(value, list | tuple) else value


def _is_text(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and _TEXT in value


def _written(value: Any) -> str:
    return ",".join(map(_written, value)) if isinstance(value, list | tuple) else str(value)
