"""How long to try again by oneself before a person is asked."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from mano_runtime.workflow.cancellation import Cancellation
from mano_runtime.workflow.performer import StepFailedError

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_random = secrets.SystemRandom()


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """When to try again, and when to give up. Times are in seconds."""

    tries: int = 10
    first: float = 0.5
    """The pause after the first try; each further one is twice as long, less a random part of up to a half."""
    longest: float = 30.0
    """No pause of ours is longer; the peer's own wish (Retry-After) is obeyed all the same."""
    total: float = 300.0
    """A pause that would end later than this after the first try is not begun."""

    def pause(self, tried: int, elapsed: float, wish: float | None) -> float | None:
        """Return how long to wait after ``tried`` tries; None: give up."""
        if tried >= self.tries:
            return None
        longest = min(self.longest, self.first * 2 ** (tried - 1))
        pause = max(_random.uniform(longest / 2, longest), wish or 0.0)
        return pause if elapsed + pause <= self.total else None


async def persistently(
    call: Callable[[int], Awaitable[T]], patience: Patience, *, what: str, cancellation: Cancellation | None = None
) -> T:
    """Return what ``call`` returns, calling it again as long as it fails with ``again`` and patience lasts.

    ``call`` is given the number of tries made before. ``what`` names it in the log. Cancelled, it is not called again.

    Raises:
        StepFailedError: the last failure.
    """
    cancellation = cancellation or Cancellation()
    tried = 0
    began = time.monotonic()
    while True:
        try:
            return await call(tried)
        except StepFailedError as error:
            tried += 1
            pause = patience.pause(tried, time.monotonic() - began, error.after) if error.again else None
            if pause is None or cancellation.asked:
                raise
            failure = error
            _log.info("trying again", what=what, tried=tried, pause=round(pause, 3), why=str(error))
        await cancellation.pause(pause)
        if cancellation.asked:
            raise failure
