"""Attribute filters (SOL013 5.2): which entries of a list the client wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from mano_runtime.rest.problems import ProblemError, mistaken_query

Predicate = Callable[[Any], bool]

_ORDERING: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda found, wanted: found > wanted,
    "gte": lambda found, wanted: found >= wanted,
    "lt": lambda found, wanted: found < wanted,
    "lte": lambda found, wanted: found <= wanted,
}
_ONE_VALUE = frozenset({"eq", "neq", *_ORDERING})
_MANY_VALUES = frozenset({"in", "nin", "cont", "ncont"})
_OPPOSITE = {"neq": "eq", "nin": "in", "ncont": "cont"}

_OPENING = re.compile(r"\(\s*([a-z]+)\s*,\s*([^,()']+?)\s*,")
_VALUE = re.compile(r"'((?:[^']|'')*)'|([^,()']*)")
_ESCAPES = {"~0": "~", "~1": "/", "~a": ",", "~b": ")"}


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One bracket of a filter: an attribute, an operator and the values it is compared with."""

    operator: str
    path: tuple[str, ...]
    values: tuple[str, ...]

    def matches(self, entry: Any) -> bool:
        """Tell whether ``entry`` has the attribute and its value fits.

        Of an array it is enough that one element fits. ``neq``, ``nin`` and ``ncont`` are the contrary of
        ``eq``, ``in`` and ``cont``: of an array no element may have the value. What lacks the attribute fits
        neither.
        """
        if self._is_equal(entry):
            return True
        found = list(_values_at(entry, self.path))
        if opposite := _OPPOSITE.get(self.operator):
            return bool(found) and not any(self._fits(opposite, value) for value in found)
        return any(self._fits(self.operator, value) for value in found)

    def _is_equal(self, entry: Any) -> bool:
        """Whether text is what it shall be: as nearly always, for storage has looked for it."""
        plain = self.operator in {"eq", "in"} and len(self.path) == 1 and isinstance(entry, dict)
        return plain and entry.get(self.path[0]) in self.values

    def _fits(self, operator: str, found: Any) -> bool:
        return any(_compare(operator, found, wanted) for wanted in self.values)


def parse_filter(text: str) -> Predicate:
    """Return the predicate that ``text``, the value of the query parameter ``filter``, describes.

    An empty text accepts every entry. A malformed one is a :class:`ProblemError` (400) that shows where.
    """
    comparisons = tuple(_comparisons(text))
    return lambda entry: all(comparison.matches(entry) for comparison in comparisons)


def narrowing(text: str, indexed: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what a filter demands of attributes that are indexed: by column, the values of which one is due.

    ``indexed`` maps the names of attributes to columns. Every entry that the filter accepts satisfies this; the
    contrary need not hold. A malformed filter is a :class:`ProblemError` (400).
    """
    found: dict[str, list[str]] = {}
    for comparison in _comparisons(text):
        column = indexed.get("/".join(comparison.path))
        if column is None or comparison.operator not in {"eq", "in"}:
            continue
        also = set(comparison.values)
        found[column] = [value for value in found.get(column, comparison.values) if value in also]
    return found


def mentions(text: str, attribute: str) -> bool:
    """Tell whether a filter looks at an attribute of the entries, or below it."""
    return any(comparison.path[0] == attribute for comparison in _comparisons(text))


def _comparisons(text: str) -> Iterator[Comparison]:
    position = 0
    while position < len(text):
        comparison, position = _comparison(text, position)
        yield comparison
        if position < len(text):
            if text[position] != ";" or position + 1 == len(text):
                raise _malformed(text, position, "';' and another bracket, or the end,")
            position += 1


def _comparison(text: str, start: int) -> tuple[Comparison, int]:
    opening = _OPENING.match(text, start)
    if opening is None:
        raise _malformed(text, start, "'(operator,attribute,value)'")
    operator, path = opening.groups()
    if operator not in _ONE_VALUE | _MANY_VALUES:
        known = ", ".join(sorted(_ONE_VALUE | _MANY_VALUES))
        raise mistaken_query(f"filter: {operator!r} at character {start + 2} is no operator; there are {known}")
    values, end = _read_values(text, opening.end())
    if operator in _ONE_VALUE and len(values) != 1:
        raise mistaken_query(
            f"filter: {operator!r} takes one value, not {len(values)}; quote a value with commas as 'a,b'"
        )
    return Comparison(operator=operator, path=tuple(map(_unescaped, path.split("/"))), values=values), end


def _read_values(text: str, position: int) -> tuple[tuple[str, ...], int]:
    values: list[str] = []
    while True:
        match = _VALUE.match(text, position)
        assert match is not None  # noqa: S101  the second alternative matches the empty text
        quoted, plain = match.groups()
        values.append(plain if quoted is None else quoted.replace("''", "'"))
        position = match.end()
        if text[position : position + 1] == ")":
            return tuple(values), position + 1
        if text[position : position + 1] != ",":
            raise _malformed(text, position, "',' or ')' after a value")
        position += 1


def _malformed(text: str, position: int, expected: str) -> ProblemError:
    found = repr(text[position : position + 20]) if position < len(text) else "the end"
    return mistaken_query(f"filter: expected {expected} at character {position + 1}, found {found}")


def _unescaped(name: str) -> str:
    return re.sub("~.", lambda match: _ESCAPES.get(match[0], match[0]), name)


def _values_at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _values_at(element, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        name, *rest = path
        if name == "@key":
            yield from value
        elif name in value:
            yield from _values_at(value[name], tuple(rest))


def _compare(operator: str, found: Any, wanted: str) -> bool:
    if operator == "cont":
        return wanted in _text(found)
    if operator in {"eq", "in"}:
        return _equal(found, wanted)
    pair = _ordered_pair(found, wanted)
    return pair is not None and _ORDERING[operator](*pair)


def _equal(found: Any, wanted: str) -> bool:
    if _text(found) == wanted:
        return True
    pair = _ordered_pair(found, wanted)
    return pair is not None and not isinstance(pair[0], str) and bool(pair[0] == pair[1])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _ordered_pair(found: Any, wanted: str) -> tuple[Any, Any] | None:
    """Return both sides in the type in which they have an order: numbers, moments, else text."""
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        if not isinstance(found, str):
            return found, float(wanted)
        return _moment(found), _moment(wanted)
    except ValueError:
        return (found, wanted) if isinstance(found, str) else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
