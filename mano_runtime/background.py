"""Tasks that work in the background, for nobody who would hear of their errors."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger(__name__)


def in_background(
    work: Coroutine[Any, Any, None], *, name: str, context: contextvars.Context | None = None
) -> asyncio.Task[None]:
    """Begin the work and return its task, to be kept and ended by its owner; ``context`` is a copy by default.

    Where it ends with an error the log tells so at once, by ``name``. Its owner looks at it when it closes at the
    earliest, and asyncio when it is collected, which for a task that is kept is never.
    """
    task = asyncio.create_task(work, name=name, context=context)
    task.add_done_callback(_tell)
    return task


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("work in the background ended with an error", work=task.get_name(), exc_info=error)
