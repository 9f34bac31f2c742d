"""The time, in one zone: everything recorded or answered is in UTC and knows it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime | None = None) -> str:
    """Return ``moment`` (the present one when omitted) as RFC 3339 text in UTC, to the microsecond.

    All timestamps have the same width, so that they sort as text in the order of time. A naive ``moment``
    is a ValueError: nobody can tell which zone it meant.
    """
    instant = now() if moment is None else moment
    if instant.tzinfo is None:
        msg = f"{instant!r} has no time zone"
        raise ValueError(msg)
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
