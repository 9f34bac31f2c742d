"""Values of checked properties as plain Python values; what is no such value reads as its absence."""

from __future__ import annotations

from typing import Any

from descriptors.tosca.scalars import LARGEST, amount


def text(value: Any, default: str = "") -> str:
    """A string, or a number as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return default


def texts(value: Any) -> tuple[str, ...]:
    """A list of strings; a single string is a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(text(item) for item in value if text(item)) if isinstance(value, list) else ()


def integer(value: Any, default: int = 0) -> int:
    """A whole number."""
    whole = isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST
    return int(value) if whole else default


def boolean(value: Any, *, default: bool = False) -> bool:
    """True or false."""
    return value if isinstance(value, bool) else default


def size_bytes(value: Any) -> int:
    """A size in bytes; 0 when there is none."""
    return int(amount(value, "scalar-unit.size") or 0)


def levels(value: Any) -> dict[str, int]:
    """A map of whole numbers."""
    return {str(key): integer(item) for key, item in value.items()} if isinstance(value, dict) else {}


def seconds(value: Any) -> float | None:
    """A time in seconds."""
    found = amount(value, "scalar-unit.time")
    return None if found is None else float(found)


def hertz(value: Any) -> int:
    """A frequency; 0 when there is none."""
    return int(amount(value, "scalar-unit.frequency") or 0)


def real(value: Any) -> float:
    """A number; 0 when there is none."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def text_map(value: Any) -> dict[str, str]:
    """A map of strings, numbers as text."""
    return {str(key): text(item) for key, item in value.items()} if isinstance(value, dict) else {}
