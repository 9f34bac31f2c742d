"""Walks that are ended before their plan is done."""

from __future__ import annotations

import asyncio

import pytest
from toy_peer import BEHAVIOURS, Gate, chain, wanted

from mano_runtime.workflow.executor import Execution
from mano_runtime.workflow.journal import Entry, FencedError, Phase, Status
from mano_runtime.workflow.patience import Patience
from mano_runtime.workflow.plan import difference


class SlowJournal:
    """Has written each INTENT at once, and nothing else yet."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []

    def record(self, entry: Entry) -> asyncio.Future[None]:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if entry.status is Status.INTENT:
            written.set_result(None)
        else:
            self.waiting.append(written)
        return written


async def test_what_cannot_be_written_after_the_walk_was_ended_is_no_complaint(complaints):
    """An attempt that stops with the server asks nobody what became of its last entries."""
    peer, journal = Gate("create", "b"), SlowJournal()
    execution = Execution(
        difference({}, wanted(chain("a", "b")), scope="s", behaviours=BEHAVIOURS),
        {},
        operation="o",
        phase=Phase.FORWARD,
        epoch=1,
        performers=dict.fromkeys(BEHAVIOURS, peer),
        journal=journal,
        patience=Patience(tries=1),
        calls=asyncio.Semaphore(3),
    )
    walk = asyncio.create_task(execution.run())
    await peer.reached.wait()
    walk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walk
    for written in journal.waiting:
        written.set_exception(FencedError("operation o has left epoch 1"))
    assert len(journal.waiting) == 1
    await asyncio.sleep(0)
    journal.waiting.clear()
    del written
    complaints.check(collect=True)
