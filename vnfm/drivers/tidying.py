"""What a run tidies up behind itself, however often it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def tidied(work: Awaitable[T]) -> T:
    """Wait until the work has ended, and return what it returns or raise what it raises.

    A caller who is cancelled meanwhile is so once it has ended, and may be again and again: so is an operation that was
    cancelled when the server stops. ``asyncio.shield`` would leave the work to itself, and its error to nobody.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()
