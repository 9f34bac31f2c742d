"""Which attributes of ETSI's documents the VNF manager never tells: its types lack them, or no code sets them.

Never a false alarm that hides one: what a class is given when it is made, by keyword, is all that is taken for told.
"""

from __future__ import annotations

import ast
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from checkout import ROOT
from etsi_openapi import Interface

Told = type[msgspec.Struct]
Branches = Callable[[dict[str, Any], str], Iterable[tuple[dict[str, Any], str]]]
"""From a schema, and where it is from, to all that counts of it."""
ECHOED = frozenset({"VimConnectionInfo", "VnfExtCpConfig"})
"""Made of what requests and grants say, and told as that."""
_ANYTHING = "**"
_LATER = {"links", "resource", "snapshot_res_def"}
"""What is set once the rest is known, with ``replace``, which does not say of which type."""
_RENAMED = {"virtual_link_resource_info": "vnf_virtual_link_resource_info"}
"""What release 3 calls what release 2 has another name for."""


@cache
def _given() -> dict[str, set[str]]:
    """By the name of a class or function: the keywords that it is called with, anywhere in the VNF manager."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in (ROOT / "vnfm").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                found[name] |= {keyword.arg or _ANYTHING for keyword in node.keywords}
    return found


def _is_set(type_: Told, field: str) -> bool:
    given = _given()
    if type_.__name__ in ECHOED or not given.get(type_.__name__):  # converted from JSON as a whole
        return True
    named, field = given[type_.__name__], _RENAMED.get(field, field)
    return field in named or _ANYTHING in named or field in _LATER & given["replace"]


def untold(document: Interface, schema: dict[str, Any], base: str, type_: Told) -> set[str]:
    """Return the attributes of a schema, and of all below it, that are never told: each after the name of our type."""
    return set(_untold(document._branches, schema, base, type_, set()))


def untold_in_release_2(schema: dict[str, Any], type_: Told) -> set[str]:
    """Return the same for a schema of release 2.6.1, which refers to nothing."""
    return set(_untold(lambda own, base: [(own, base)], schema, "", type_, set()))


def _untold(branches_of: Branches, schema: dict[str, Any], base: str, type_: Told, seen: set[str]) -> Iterator[str]:
    branches = list(branches_of(schema, base))
    for branch, its_base in branches:
        for inner in (branch.get("items"), branch.get("additionalProperties")):
            if isinstance(inner, dict):
                yield from _untold(branches_of, inner, its_base, type_, seen)
    declared = {
        name: (child, its_base) for branch, its_base in branches for name, child in branch.get("properties", {}).items()
    }
    if not declared or type_.__name__ in seen:
        return
    seen.add(type_.__name__)
    hints = typing.get_type_hints(type_)
    fields = {field.encode_name: field.name for field in msgspec.structs.fields(type_)}
    for name, (child, its_base) in declared.items():
        if name not in fields or not _is_set(type_, fields[name]):
            yield f"{type_.__name__}.{name}"
        elif below := _struct_in(hints[fields[name]]):
            yield from _untold(branches_of, child, its_base, below, seen)


def _struct_in(hint: Any) -> Told | None:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next(filter(None, map(_struct_in, typing.get_args(hint))), None)


def definition(openapi: Path, interface: str, name: str) -> tuple[dict[str, Any], str]:
    """Return a reference to a definition of an interface's types, and where it is from."""
    standard, _, title = interface.partition("/")
    file = openapi / "nfv-sol002-sol003" / interface / "definitions" / f"{standard}{title}_def.yaml"
    base = file.resolve().as_uri()
    return {"$ref": f"{base}#/definitions/{name}"}, base
