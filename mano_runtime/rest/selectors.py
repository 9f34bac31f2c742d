"""Attribute selectors (SOL013 5.3): how much of each entry of a list the client wants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from mano_runtime.rest.problems import mistaken_query

SELECTORS = frozenset({"all_fields", "fields", "exclude_fields", "exclude_default"})
_TOGETHER = frozenset({"fields", "exclude_default"})

Names = frozenset[tuple[str, ...]]
Cut = Callable[[Any], Any]


def selection(query: Mapping[str, str], *, omitted: Iterable[str] = (), kept: Collection[str] = ()) -> Cut:
    """Return the function that cuts a full entry down to what ``query`` selects.

    ``omitted`` are the attributes left out by ``exclude_default`` and when no selector is given; ``kept`` those
    that stay whatever is selected. Only structured attributes (objects and arrays) can be selected; the others
    are always there. Selectors that contradict each other are a :class:`ProblemError` (400).
    """
    given = SELECTORS & query.keys()
    if len(given) > 1 and given != _TOGETHER:
        raise mistaken_query(f"the attribute selectors {' and '.join(sorted(given))} exclude each other")
    wanted = _names(_listed(query, "fields"))
    if given == {"fields"}:
        return lambda entry: _only(entry, wanted, kept)
    if "all_fields" in given:
        return lambda entry: entry
    unwanted = _names(_listed(query, "exclude_fields") if "exclude_fields" in given else omitted)
    unwanted = frozenset(name for name in unwanted - wanted if name[0] not in kept)
    if not wanted and all(len(name) == 1 for name in unwanted):  # as nearly always
        whole = {name for (name,) in unwanted}
        return lambda entry: {
            name: child for name, child in entry.items() if name not in whole or not isinstance(child, dict | list)
        }
    return lambda entry: _without(entry, unwanted, wanted)


def _listed(query: Mapping[str, str], parameter: str) -> list[str]:
    if parameter not in query:
        return []
    names = [name.strip() for name in query[parameter].split(",")]
    if not all(all(name.split("/")) for name in names):
        raise mistaken_query(f"{parameter} needs the names of attributes, separated by commas: {query[parameter]!r}")
    return names


def _names(paths: Iterable[str]) -> Names:
    return frozenset(tuple(path.split("/")) for path in paths)


def _below(names: Names, attribute: str) -> Names:
    return frozenset(path[1:] for path in names if path[0] == attribute and len(path) > 1)


def _without(value: Any, unwanted: Names, wanted: Names) -> Any:
    """Cut off the unwanted attributes, except for what is wanted below them."""
    if not unwanted:
        return value
    if isinstance(value, list):
        return [_without(element, unwanted, wanted) for element in value]
    if not isinstance(value, dict):
        return value
    cut = {}
    touched = {path[0] for path in unwanted}
    for name, child in value.items():
        if name not in touched or not isinstance(child, dict | list):
            cut[name] = child
            continue
        below = _below(wanted, name)
        if (name,) not in unwanted:
            cut[name] = _without(child, _below(unwanted, name), below)
        elif below:
            cut[name] = _only(child, below)
    return cut


def _only(value: Any, names: Names, kept: Collection[str] = ()) -> Any:
    if isinstance(value, list):
        return [_only(element, names) for element in value]
    if not isinstance(value, dict):
        return value
    cut = {}
    for name, child in value.items():
        below = _below(names, name)
        if (name,) in names or name in kept or not isinstance(child, dict | list):
            cut[name] = child
        elif below:
            cut[name] = _only(child, below)
    return cut
