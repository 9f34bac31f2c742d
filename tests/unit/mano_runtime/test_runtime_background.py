"""Tasks that nobody waits for."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from mano_runtime.background import in_background


async def test_an_error_is_told_at_once_though_the_task_is_kept(complaints):
    """The log names what has ended, with its traceback; a task that ends well or is cancelled is not worth a line."""

    async def work(error: Exception | None = None, *, forever: bool = False) -> None:
        if forever:
            await asyncio.Event().wait()
        if error:
            raise error

    broken = ValueError("broken")
    with capture_logs() as log:
        kept = [
            in_background(work(broken), name="bad"),
            in_background(work(), name="good"),
            in_background(work(forever=True), name="long"),
        ]
        await asyncio.sleep(0)
        kept[-1].cancel()
        await asyncio.wait(kept)
    assert [(it["work"], it["log_level"], it["exc_info"]) for it in log] == [("bad", "error", broken)]
    del kept
    complaints.check(collect=True)
