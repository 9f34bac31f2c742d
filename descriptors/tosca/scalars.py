"""Scalars with units (TOSCA Simple 3.3.6): sizes, times, frequencies and bit rates as plain numbers."""

from __future__ import annotations

import re
from typing import Any

_FORM = re.compile(r"\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*([A-Za-zµ]+)\s*")
_BARE = re.compile(r"\s*(\d{1,18}(?:\.\d{1,9})?)\s*([KMGT]i?)\s*")

LARGEST = 2**63 - 1
"""Greater numbers are nobody's meaning, and fit no database."""
SIZE = {
    "b": 1, "kb": 10**3, "kib": 2**10, "mb": 10**6, "mib": 2**20, "gb": 10**9, "gib": 2**30, "tb": 10**12, "tib": 2**40,
}  # fmt: skip
TIME = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
FREQUENCY = {"hz": 1, "khz": 10**3, "mhz": 10**6, "ghz": 10**9}
BITRATE = {
    f"{prefix}{unit}": factor * bits
    for unit, bits in (("bps", 1),)
    for prefix, factor in (
        ("", 1), ("k", 10**3), ("ki", 2**10), ("m", 10**6), ("mi", 2**20), ("g", 10**9), ("gi", 2**30), ("t", 10**12),
        ("ti", 2**40),
    )
}  # fmt: skip

UNITS: dict[str, dict[str, int] | dict[str, float]] = {
    "scalar-unit.size": SIZE,
    "scalar-unit.time": TIME,
    "scalar-unit.frequency": FREQUENCY,
    "scalar-unit.bitrate": BITRATE,
}


def without_byte(text: Any) -> str:
    """Return a size as TOSCA writes it for one that leaves out the ``B``, as Kubernetes does; nothing for others."""
    found = _BARE.fullmatch(text) if isinstance(text, str) else None
    return f"{found[1]} {found[2]}B" if found else ""


def amount(text: Any, kind: str) -> float | int | None:
    """Return ``text`` in the smallest unit of its kind (bytes, seconds, hertz, bits per second); None if it is none.

    Units are read without regard to case, as TOSCA Simple 3.3.6.2 has it.
    """
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    factor = UNITS[kind].get(found[2].lower())
    if factor is None:
        return None
    number = float(found[1])
    if not -LARGEST <= number * factor <= LARGEST:
        return None
    if not number.is_integer() or isinstance(factor, float):
        return number * factor
    return int(number) * factor
