"""Turns at the file of a simulated VIM: what waits together is carried out together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from mano_runtime.background import in_background
from vim_adapters.simulated.store import Store

_Answer = TypeVar("_Answer")
_Work = Callable[[], Any]
_Outcome = tuple[Any, Exception | None]
"""What was returned, or raised."""

_TOGETHER = 32
"""Pieces of work that one transaction takes at most, so that nobody is held up long by those who came later."""


class Turns:
    """Carries out work on a store in a thread: all that waits in one transaction, in the order in which it came.

    While one transaction is under way, work that comes in waits for the next. Each piece of work is atomic by itself,
    and answered once the transaction is durable. Work must do nothing but what rolling a transaction back undoes: it
    may be done twice. Belongs to one event loop.
    """

    def __init__(self, store: Store, threads: Executor) -> None:
        self._store = store
        self._threads = threads
        self._waiting: deque[tuple[_Work, asyncio.Future[Any]]] = deque()
        self._served: asyncio.Task[None] | None = None

    async def take(self, work: Callable[[], _Answer]) -> _Answer:
        """Return what the work returns or raises; what began is carried out even if the caller is cancelled."""
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answer))
        if self._served is None or self._served.done():
            self._served = in_background(self._serve(), name="simulated-vim")
        return await answer

    async def over(self) -> None:
        """Return once nothing waits."""
        if self._served is not None:
            await self._served

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            first = [self._waiting.popleft() for _ in range(min(_TOGETHER, len(self._waiting)))]
            batch = [(work, answer) for work, answer in first if not answer.cancelled()]
            try:
                outcomes = await loop.run_in_executor(self._threads, self._carry_out, [work for work, _ in batch])
            except Exception as error:  # noqa: BLE001  # whoever waits is told
                outcomes = [(None, error) for _ in batch]
            for (_, answer), (returned, raised) in zip(batch, outcomes, strict=True):
                if answer.done():
                    continue
                if raised is None:
                    answer.set_result(returned)
                else:
                    answer.set_exception(raised)

    def _carry_out(self, works: list[_Work]) -> list[_Outcome]:
        """Most often nothing fails; where something does all is undone, and done anew so that only that is undone."""
        try:
            with self._store.joined(apart=False):
                return [(work(), None) for work in works]
        except sqlite3.Error:  # the file's, and so everybody's
            raise
        except Exception:  # noqa: BLE001  # told to its caller, below
            with self._store.joined(apart=True):
                return [_tried(work) for work in works]


def _tried(work: _Work) -> _Outcome:
    try:
        return work(), None
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, its caller is told
        return None, error
