"""Which attribute of a body is wrong, and what it should be: msgspec's words, with the names that they leave out."""

from __future__ import annotations

import contextlib
import functools
import operator
import re
from typing import Any

import msgspec
from msgspec import inspect

_MISSING = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_NO_MEMBER = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|(\[\.\.\.\])")


def wrong_attribute(content: bytes, body: Any, error: msgspec.ValidationError) -> tuple[str, str]:
    """Return the JSON path of the attribute of ``content`` that does not fit the type ``body``, and what is wrong.

    msgspec puts the path at the end of its message, with ``[...]`` for any key of a map, and does not tell which
    values an enumeration has.
    """
    what, _, where = str(error).partition(" - at `")
    path = where.removesuffix("`") or "$"
    value = None
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # what comes after it is worse
        value = msgspec.json.decode(content)
    place, expected = _followed(path, value, inspect.type_info(body))
    if missing := _MISSING.fullmatch(what):
        return f"{place}.{missing[1]}", "the attribute is required and missing"
    if unknown := _UNKNOWN.fullmatch(what):
        told = f"; there are {', '.join(known)}" if (known := _attributes(expected)) else ""
        return f"{place}.{unknown[1]}", f"there is no such attribute here{told}"
    if (given := _NO_MEMBER.fullmatch(what)) and (known := _members(expected)):
        return place, f"{given[1]} is not one of {', '.join(known)}"
    return place, what


def _followed(path: str, value: Any, expected: inspect.Type) -> tuple[str, inspect.Type]:
    """Return the path with the keys that it goes through, and the type at its end (any, once it cannot be told)."""
    place = "$"
    for step in _STEP.finditer(path):
        name, index, key = step.groups()
        kind = _kind(expected, value)
        if key and isinstance(kind, inspect.DictType) and isinstance(value, dict):
            key = _wrong_key(value, kind.value_type)
            if key is None:
                return place + path[step.start() :], inspect.AnyType()
            place, value, expected = f"{place}.{key}", value[key], kind.value_type
        elif name and isinstance(kind, inspect.StructType) and isinstance(value, dict):
            fields = {field.encode_name: field.type for field in kind.fields}
            place, value, expected = f"{place}.{name}", value.get(name), fields.get(name, inspect.AnyType())
        elif index and isinstance(kind, inspect.VarTupleType | inspect.ListType) and isinstance(value, list):
            place, value, expected = f"{place}[{index}]", value[int(index)], kind.item_type
        else:
            return place + path[step.start() :], inspect.AnyType()
    return place, expected


def _kind(expected: inspect.Type, value: Any) -> inspect.Type:
    """Of a type that may be null, or of several, the one that the value is read as."""
    if not isinstance(expected, inspect.UnionType):
        return expected
    wanted: tuple[type[inspect.Type], ...] = (inspect.StructType, inspect.DictType)
    if isinstance(value, list):
        wanted = (inspect.VarTupleType, inspect.ListType)
    return next((kind for kind in expected.types if isinstance(kind, wanted)), expected)


def _wrong_key(value: dict[str, Any], expected: inspect.Type) -> str | None:
    """The first key whose value does not fit; None where the type is none that can be tried."""
    kinds = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    types: list[Any] = [kind.cls for kind in kinds if isinstance(kind, inspect.StructType | inspect.EnumType)]
    if any(isinstance(kind, inspect.NoneType) for kind in kinds):
        types.append(None)
    if len(types) != len(kinds):
        return None
    wanted = functools.reduce(operator.or_, types)
    for key, item in value.items():
        try:
            msgspec.convert(item, wanted)
        except msgspec.ValidationError:
            return key
    return None


def _members(expected: inspect.Type) -> list[str]:
    """The values that an attribute of an enumeration may have."""
    kinds = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    found: list[Any] = [member.value for kind in kinds if isinstance(kind, inspect.EnumType) for member in kind.cls]
    found += [value for kind in kinds if isinstance(kind, inspect.LiteralType) for value in kind.values]
    return [str(value) for value in found]


def _attributes(expected: inspect.Type) -> list[str]:
    """The attributes that an object may have."""
    kinds = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    return [field.encode_name for kind in kinds if isinstance(kind, inspect.StructType) for field in kind.fields]
