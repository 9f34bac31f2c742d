"""How an attempt is brought to an end before its time (SOL003 clause 5.4.17, SOL005 clause 6.4.15).

The wish is kept with the operation, so it survives a restart; here it reaches what is at work. GRACEFUL begins
nothing new and lets come to an end what was begun. FORCEFUL also lets go at once of everything that is waited for: a
change that was asked for and not answered stays in doubt, and whoever works on the operation next looks for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from mano_runtime.workflow.operation import CancelMode


class CalledOffError(Exception):
    """What was at work, or about to begin, was called off."""


class Cancellation:
    """Whether one attempt shall come to an end, and how. Belongs to one event loop."""

    def __init__(self, mode: CancelMode | None = None) -> None:
        self.mode = mode
        self._interruptible: dict[asyncio.Task[object], frozenset[CancelMode]] = {}
        self._called_off: set[asyncio.Task[object]] = set()
        self._changed = asyncio.Event()

    @property
    def asked(self) -> bool:
        """Whether nothing new shall begin."""
        return self.mode is not None

    def ask(self, mode: CancelMode) -> None:
        """Have the attempt end; FORCEFUL after GRACEFUL hurries it, GRACEFUL after FORCEFUL changes nothing."""
        if self.mode in {mode, CancelMode.FORCEFUL}:
            return
        self.mode = mode
        self._changed.set()
        for task, modes in self._interruptible.items():
            if mode in modes and task not in self._called_off:
                self._called_off.add(task)
                task.cancel()

    def check(self) -> None:
        """CalledOffError when nothing new shall begin."""
        if self.asked:
            raise CalledOffError

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the attempt shall end."""
        waiting = asyncio.ensure_future(self._changed.wait())
        try:
            if not self.asked:
                await asyncio.wait({waiting}, timeout=seconds)
        finally:
            waiting.cancel()

    @contextlib.contextmanager
    def interruptible(self, *modes: CancelMode) -> Iterator[None]:
        """A block of the current task that a cancel interrupts wherever it waits: CalledOffError then.

        ``modes`` are those of the cancel that do, FORCEFUL alone where none is given. When the task is cancelled for
        another reason as well, that goes first.
        """
        interrupting = frozenset(modes or (CancelMode.FORCEFUL,))
        if self.mode in interrupting:
            raise CalledOffError
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only tasks can be interrupted")
        before = task.cancelling()
        self._interruptible[task] = interrupting
        try:
            yield
        except asyncio.CancelledError:
            if task in self._called_off and self._taken_back(task) <= before:
                raise CalledOffError from None
            raise
        finally:
            self._interruptible.pop(task, None)
            if task in self._called_off:  # it came to its end all the same
                self._taken_back(task)

    def _taken_back(self, task: asyncio.Task[object]) -> int:
        """Take our request to cancel the task back, and return how many others there are."""
        self._called_off.discard(task)
        return task.uncancel()
