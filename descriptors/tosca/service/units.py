"""Scalar types: numbers with units, of TOSCA 1's four kinds or as a TOSCA 2.0 data type defines them."""

from __future__ import annotations

import re
from typing import Any

from descriptors.tosca import scalars
from descriptors.tosca.documents import mapping
from descriptors.tosca.service.kinds import Kind

_FORM = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S+)\s*")
_FRACTION = re.compile(r"\s*[-+]?\.\d")


def units_of(kind: Kind) -> dict[str, float]:
    """Return the factor of each unit that values of a scalar type may have, prefixes included."""
    units = {str(name): factor for name, factor in mapping(kind.raw.get("units")).items() if _is_number(factor)}
    prefixes = {str(name): factor for name, factor in mapping(kind.raw.get("prefixes")).items() if _is_number(factor)}
    if not prefixes:
        return units
    return {f"{prefix}{unit}": times * factor for prefix, times in prefixes.items() for unit, factor in units.items()}


def amount(value: Any, kind: Kind) -> float | None:
    """Return a value of a scalar type in its base unit; None when it is none."""
    found = _FORM.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return None
    factor = units_of(kind).get(found[2])
    return None if factor is None else float(found[1]) * factor


def is_whole(value: str) -> bool:
    """Whether the number of a value is written as an integer."""
    found = _FORM.fullmatch(value)
    return found is not None and re.fullmatch(r"[-+]?\d+", found[1]) is not None


def normative_amount(value: Any, name: str) -> float | int | None:
    """Return a value of one of TOSCA 1's kinds in its smallest unit; None when it is none."""
    if isinstance(value, str) and _FRACTION.match(value):
        value = value.replace(".", "0.", 1)
    return scalars.amount(value, name)


def slips(kind: Kind) -> list[tuple[str, str]]:
    """Return keyname and reason of everything that is wrong with the units of a scalar type."""
    raw = kind.raw
    units, prefixes = mapping(raw.get("units")), mapping(raw.get("prefixes"))
    if not units:
        return [("units", "a scalar type needs units")]
    if not all(_is_number(factor) for factor in (*units.values(), *prefixes.values())):
        return []  # reported as no number already
    found: list[tuple[str, str]] = []
    if "properties" in raw:
        found.append(("properties", "a scalar type has no properties"))
    if any(factor <= 0 for factor in (*units.values(), *prefixes.values())):
        found.append(("prefixes" if prefixes else "units", "a factor must be greater than zero"))
    canonical = raw.get("canonical_unit")
    whole = units_of(kind)
    ones = [name for name, factor in whole.items() if factor == 1]
    if prefixes and 1 not in prefixes.values():
        found.append(("prefixes", "one prefix must have the factor 1"))
    elif not ones:
        found.append(("units", "one unit must have the factor 1"))
    elif canonical is not None and canonical not in whole:
        found.append(("canonical_unit", f"{canonical} is not one of the units"))
    elif canonical is not None and whole[canonical] != 1:
        found.append(("canonical_unit", f"{canonical} must have the factor 1"))
    elif canonical is None and len(ones) > 1 and not prefixes:
        found.append(("units", f"{' and '.join(ones)} both have the factor 1: canonical_unit must tell which it is"))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
