"""JSON merge patches (RFC 7396) of objects."""

from __future__ import annotations

from typing import Any


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with a JSON merge patch applied (RFC 7396): null removes, objects are merged."""
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            below = merged.get(key)
            merged[key] = merge_patch(below if isinstance(below, dict) else {}, value)
        else:
            merged[key] = value
    return merged


def merged_patch(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return the one JSON merge patch that does what two do after each other.

    Where the first takes a value away, or puts a plain one, and the second an object in its place, no patch has a word
    for that on a target with an object there: then the object is merged into it.
    """
    merged = dict(first)
    for key, value in second.items():
        below = merged.get(key)
        merged[key] = merged_patch(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
