"""Identifiers and times."""

import time
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mano_runtime import clock
from mano_runtime.identifiers import new_id


def test_identifiers_are_uuids_of_version_7():
    """An identifier is a UUID of version 7 whose first 48 bits are the time in milliseconds."""
    before = time.time_ns() // 1_000_000
    identifier = uuid.UUID(new_id())
    assert identifier.version == 7
    assert identifier.variant == uuid.RFC_4122
    assert before - 1 <= identifier.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_identifiers_grow_and_never_repeat():
    """The order by text is the order of creation."""
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_identifiers_grow_when_the_clock_is_set_back(monkeypatch):
    """A clock that stands still or runs backwards does not disturb the order."""
    latest = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    later = [new_id() for _ in range(100)]
    assert [latest, *later] == sorted({latest, *later})


def test_timestamps_are_utc_and_sort_as_text():
    """A moment of any zone becomes UTC text of one width."""
    moment = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert clock.timestamp(moment) == "2026-02-28T22:30:00.000000Z"
    assert clock.timestamp(moment) < clock.timestamp(moment + timedelta(microseconds=1))
    assert datetime.fromisoformat(clock.timestamp()).tzinfo == UTC
    assert clock.now().tzinfo == UTC


def test_a_moment_without_a_zone_is_refused():
    """Nobody guesses what a naive moment meant."""
    with pytest.raises(ValueError, match="no time zone"):
        clock.timestamp(datetime(2026, 3, 1))  # noqa: DTZ001  the naive moment is the subject
