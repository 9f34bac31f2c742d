"""Identifiers of what we create: unique everywhere, and in the order of their creation."""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_NANOSECONDS_PER_MILLISECOND = 1_000_000
_last_instant = 0
_lock = threading.Lock()


def _next_instant() -> int:
    """Return 60 bits of time (milliseconds, then 12 bits of their fraction) that only ever grow in this process."""
    global _last_instant  # noqa: PLW0603  the sequence belongs to the process, as the clock does
    milliseconds, rest = divmod(time.time_ns(), _NANOSECONDS_PER_MILLISECOND)
    instant = (milliseconds << 12) | (rest * 4096 // _NANOSECONDS_PER_MILLISECOND)
    with _lock:
        _last_instant = max(instant, _last_instant + 1)
        return _last_instant


def new_id() -> str:
    """Return a UUID of version 7 (RFC 9562) as text, greater than every one this process made before.

    The order by text is the order of creation, also when the clock stands still or is set back, so lists are
    paged by identifier alone. May be called from any thread.
    """
    instant = _next_instant()
    value = (instant >> 12) << 80 | 0x7 << 76 | (instant & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
