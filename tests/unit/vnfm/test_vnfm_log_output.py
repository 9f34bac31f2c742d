"""What a run says on its way to the operation's log."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from mano_runtime.storage import DatabaseAwayError
from vnfm.lifecycle.script_performer import FLUSH_CHARACTERS, LogOutput


class SlowLog:
    """An operation's log that writes when it is let, or cannot."""

    def __init__(self) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()
        self.written: list[str] = []
        self.error: Exception | None = None

    async def append(self, operation: str, path: str, stream: str, text: str) -> None:
        self.asked.set()
        await self.let.wait()
        if self.error:
            raise self.error
        self.written.append(text)


async def said(log: SlowLog, text: str) -> None:
    async with LogOutput(log, "o", "vdu/a") as output:
        await output.write("stdout", text)


@pytest.mark.parametrize("error", [None, DatabaseAwayError("away")])
async def test_a_run_that_is_cancelled_leaves_no_writing_behind(complaints, error):
    """Cancelled while its last words are written, it ends when they are, or when it is told that they cannot be."""
    log = SlowLog()
    log.error = error
    before = asyncio.all_tasks()
    with capture_logs() as told:
        run = asyncio.create_task(said(log, "last words"))
        await log.asked.wait()
        run.cancel()
        await asyncio.sleep(0)
        assert not run.done()
        log.let.set()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert asyncio.all_tasks() == before
    assert log.written == ([] if error else ["last words"])
    assert [it["why"] for it in told] == (["DatabaseAwayError: away"] if error else [])
    complaints.check(collect=True)


async def test_much_is_written_at_once():
    """What is said is not kept for later without bound."""
    log = SlowLog()
    log.let.set()
    async with LogOutput(log, "o", "vdu/a") as output:
        await output.write("stdout", "x" * FLUSH_CHARACTERS)
        assert log.written == ["x" * FLUSH_CHARACTERS]
