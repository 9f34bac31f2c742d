"""A descriptor's model as a tree, and the changes between two, for people."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from descriptors.mode import Mode
from descriptors.model_diff import Change
from descriptors.model_phrases import called, entries, noun, phrased, told
from descriptors.onboarding import read_package
from nfvo.cli.descriptor_report import counted, kind_of, model_in, printable
from nfvo.cli.errors import InputError

_MARKS = {"added": ("+ ", "green"), "removed": ("- ", "red"), "changed": ("~ ", "yellow")}
_LONGEST = 160  # characters of a value; user data and scripts are longer


def model_of(package: Path, mode: Mode) -> msgspec.Struct:
    """Return the model of a package; InputError, which says how to see why, when it has none."""
    if not package.exists():
        raise InputError("No such file or directory", str(package))
    found = read_package(package, mode=mode, siblings=True)
    model = model_in(found)
    if model is None:
        raise InputError(
            f"{package} has no model to show",
            counted(found.diagnostics),
            hint=f"`mano descriptor check {package}` tells why; --mode lenient shows what there is.",
        )
    return model


def tree(model: msgspec.Struct) -> Tree:
    """Return the whole model as a tree: what says no more than the default is left out."""
    root = Tree(
        Text.assemble((kind_of(model), "bold"), f" {printable(getattr(model, 'id', ''))}".rstrip()), guide_style="dim"
    )
    _grow(root, model)
    return root


def _grow(branch: Tree, part: msgspec.Struct) -> None:
    """Add the attributes of a part below it: single values first, then what has parts of its own."""
    inner: list[tuple[str, dict[str, msgspec.Struct]]] = []
    for name, value in told(part):
        parts = entries(value)
        if parts is not None:
            inner.append((name, parts))
        elif isinstance(value, msgspec.Struct):
            inner.append((name, {"": value}))
        elif name != "id":
            branch.add(Text.assemble((called(name), "dim"), " ", _shown(name, value)))
    for name, parts in inner:
        for key, inside in parts.items():
            label = Text.assemble((noun(name) if key else called(name), "cyan"), f" {printable(key)}".rstrip())
            if any(_has_parts(value) for _, value in told(inside)):
                _grow(branch.add(label), inside)
            else:
                branch.add(_with_facts(label, inside, key))


def _has_parts(value: Any) -> bool:
    return isinstance(value, msgspec.Struct) or entries(value) is not None


def _with_facts(label: Text, part: msgspec.Struct, key: str) -> Text:
    """Return the label of a part that has none of its own, with its attributes behind it."""
    facts = ", ".join(
        f"{called(name)} {_shown(name, value)}" for name, value in told(part) if value != key and name != "id"
    )
    return label if not facts else Text.assemble(label, (": ", "dim"), facts)


def _shown(name: str, value: Any) -> str:
    text = printable(phrased(name, value).replace("\n", " "))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def changes(found: Iterable[Change]) -> RenderableType:
    """Return the changes, those of one part of the model below each other."""
    lines: list[Text] = []
    where = None
    for change in found:
        if change.where != where:
            where = change.where
            lines.append(Text(printable(where) or "the descriptor as a whole", style="bold"))
        mark, style = _MARKS[change.kind]
        lines.append(Text.assemble("  ", (mark, style), _cut(printable(change.what.replace("\n", " ")))))
    return Group(*lines) if lines else Text("No difference in the model.", style="dim")


def _cut(text: str) -> str:
    return text if len(text) <= 2 * _LONGEST else f"{text[: 2 * _LONGEST]}..."
