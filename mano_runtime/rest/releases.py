"""Releases of an interface: one implementation, a representation for each (docs/decisions/0004-two-releases.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


def _same(shown: object) -> object:
    return shown


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """How one release of a standard speaks; the house speaks the newest of them."""

    version: str
    """Of the API, as its ``Version`` header has it."""
    root: str
    bodies: Mapping[type, type] = {}
    """By type of request, the type that it has here; one that is not here is the same."""
    lacks: frozenset[str] = frozenset()
    """Resources, tasks and query parameters that came later, by the last segment of the path or the name."""
    verbosity: bool = True
    """Whether subscribers choose between full and short notifications."""
    answers: Mapping[type, type] = {}
    """By type of representation, the type that it has here; one that is not here is the same."""
    shown: Callable[[Any], object | None] = _same
    """Gives a representation its form here; None for what this release has no name for."""

    def body(self, asked: type) -> Any:
        """Return the type in which a request is made here."""
        return self.bodies.get(asked, asked)

    def answer(self, shown: type) -> Any:
        """Return the type in which a representation is shown here."""
        return self.answers.get(shown, shown)
