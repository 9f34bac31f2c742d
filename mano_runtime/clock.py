"""The time, in one zone: everything recorded or answered is in UTC and knows it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache


def now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime | None = None) -> str:
    """Return ``moment`` (the present one when omitted) as RFC 3339 text in UTC, to the microsecond.

    All timestamps have the same width, so that they sort as text in the order of time. A naive ``moment``
    is a ValueError: nobody can tell which zone it meant.
    """
    if moment is None:
        seconds, microseconds = divmod(time.time_ns() // 1000, 1_000_000)
        return f"{_second(seconds)}.{microseconds:06}Z"
    if moment.tzinfo is None:
        msg = f"{moment!r} has no time zone"
        raise ValueError(msg)
    instant = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return instant.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


@lru_cache(maxsize=1)
def _second(since_1970: int) -> str:
    """The second as text: hundreds of steps begin and end in one."""
    return datetime.fromtimestamp(since_1970, UTC).isoformat().removesuffix("+00:00")
