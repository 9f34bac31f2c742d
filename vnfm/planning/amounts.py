"""Amounts of descriptors in the units of VIMs."""

from __future__ import annotations

MIB = 2**20
GIB = 2**30


def up(amount: int, unit: int) -> int:
    """Return how many units hold an amount: part of a unit counts as a whole one."""
    return -(-amount // unit)
