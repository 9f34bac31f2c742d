"""Work that is done to its end, although whoever asked for it is cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Unbroken:
    """Such work of one owner, who waits for all of it before it closes what that works with. Belongs to one event loop.

    Not ``asyncio.shield``: when its caller is cancelled it forgets the work. Nobody asks for the error of it then, of
    which the loop complains when the task is collected, and nobody knows when it has ended.
    """

    def __init__(self, *answers: type[Exception]) -> None:
        """Take errors of the kinds ``answers`` for what whoever asks may well be told; all others are defects."""
        self._answers = answers
        self._tasks: set[asyncio.Task[Any]] = set()

    async def done(self, what: str, work: Coroutine[Any, Any, T]) -> T:
        """Do the work, and return what it returns or raise what it raises; ``what`` it is, for the log.

        A caller who is cancelled is gone at once and the work goes on. If it fails then, the log is told what its
        caller would have been.
        """
        task = asyncio.create_task(work, name=what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError:
            task.add_done_callback(self._tell)
            raise
        return task.result()

    async def aclose(self) -> None:
        """Wait until everything is done; idempotent."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _tell(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        why = f"{type(error).__name__}: {error}"
        if isinstance(error, self._answers):
            _log.info("refused, and whoever asked did not wait for the answer", work=task.get_name(), why=why)
        else:
            _log.error("failed, and whoever asked did not wait", work=task.get_name(), why=why, exc_info=error)
