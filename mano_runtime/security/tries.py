"""How often somebody may try to guess: after some failures they have to wait, longer each time."""

from __future__ import annotations

import time
from collections.abc import Callable

FREE = 5
"""Failures before the first wait."""
LONGEST_SECONDS = 300.0
REMEMBERED = 10_000
"""Guessers that are remembered; the one that failed least recently is forgotten first."""


class Tries:
    """Failures in a row, by who failed. In memory: a restart forgives."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, tuple[int, float]] = {}

    def wait(self, who: str) -> float:
        """Return the seconds until the next try; 0 when it may be made now."""
        failures, last = self._failures.get(who, (0, 0.0))
        if failures < FREE:
            return 0.0
        return max(0.0, last + min(LONGEST_SECONDS, 2.0 ** (failures - FREE)) - self._clock())

    def failed(self, who: str) -> None:
        """Note a failure."""
        failures, _ = self._failures.pop(who, (0, 0.0))
        self._failures[who] = (failures + 1, self._clock())
        if len(self._failures) > REMEMBERED:
            self._failures.pop(next(iter(self._failures)))

    def succeeded(self, who: str) -> None:
        """Forget the failures."""
        self._failures.pop(who, None)
