"""What changed between two versions of a descriptor, in terms of the model: not of lines, order or notation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from descriptors.model_phrases import called, entries, noun, phrased

_NOTHING: tuple[Any, ...] = (None, "", (), {})


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference."""

    path: tuple[str, ...]
    """Attributes and names from the model's root: ``flavours``, ``small``, ``vdus``, ``worker``, ``vcpus``."""
    before: Any = None
    """In built-in types; None for what was not there."""
    after: Any = None
    """None for what is gone."""
    where: str = ""
    """The part of the model, in words: ``flavour small, VDU worker``."""
    what: str = ""
    """The change itself, in words: ``vcpus 2 → 4``."""

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """Whether something came, went or became something else."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


def difference(before: msgspec.Struct, after: msgspec.Struct) -> tuple[Change, ...]:
    """Return every change that leads from one model to another of its kind, in the order of the model.

    Named things are compared by name; a thing that is renamed went and came. ValueError when the two are of
    different kinds.
    """
    if type(before) is not type(after):
        raise ValueError(f"{type(before).__name__} and {type(after).__name__} are different things")
    return tuple(_parts(before, after, _Place((), ())))


class _Place(NamedTuple):
    """Where in the model a comparison is, as a path and in words."""

    path: tuple[str, ...]
    where: tuple[str, ...]

    def at(self, name: str) -> _Place:
        """Return the place of an attribute."""
        return _Place((*self.path, name), self.where)

    def inside(self, *words: str) -> _Place:
        """Return the same place, within a part that the words name."""
        return _Place(self.path, (*self.where, *words))

    def change(self, old: Any, new: Any, what: str) -> Change:
        """Return what changed here."""
        return Change(
            path=self.path,
            before=msgspec.to_builtins(old),
            after=msgspec.to_builtins(new),
            where=", ".join(self.where),
            what=what,
        )


def _parts(before: msgspec.Struct, after: msgspec.Struct, place: _Place) -> Iterator[Change]:
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield from _attribute(name, old, new, place.at(name))


def _attribute(name: str, old: Any, new: Any, place: _Place) -> Iterator[Change]:
    olds, news = _named(old), _named(new)
    if olds is not None and news is not None and (olds or news):
        yield from _collections(noun(name), olds, news, place)
    elif isinstance(old, msgspec.Struct) and type(old) is type(new):
        yield from _parts(old, new, place.inside(called(name)))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            if old.get(key) != new.get(key):
                yield _value(f"{called(name)} {key}", name, (old.get(key), new.get(key)), place.at(str(key)))
    else:
        yield _value(called(name), name, (old, new), place)


def _named(value: Any) -> Mapping[str, msgspec.Struct] | None:
    """Return a collection of parts by name, an empty one for nothing; None for what is no collection."""
    return {} if value in _NOTHING else entries(value)


def _collections(
    one: str, olds: Mapping[str, msgspec.Struct], news: Mapping[str, msgspec.Struct], place: _Place
) -> Iterator[Change]:
    for key in dict.fromkeys((*olds, *news)):
        old, new = olds.get(key), news.get(key)
        inside = place.at(key)
        if old is not None and new is not None and type(old) is type(new):
            yield from _parts(old, new, inside.inside(f"{one} {key}"))
            continue
        if old is not None:
            yield inside.change(old, None, f"{one} {key} removed")
        if new is not None:
            yield inside.change(None, new, f"{one} {key} added")


def _value(subject: str, name: str, values: tuple[Any, Any], place: _Place) -> Change:
    old, new = values
    if old in _NOTHING:
        return place.change(None, new, f"{subject} {phrased(name, new)} added")
    if new in _NOTHING:
        return place.change(old, None, f"{subject} {phrased(name, old)} removed")
    return place.change(old, new, f"{subject} {phrased(name, old)} → {phrased(name, new)}")
