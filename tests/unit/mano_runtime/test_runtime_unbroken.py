"""Work that is done to its end although whoever asked for it is gone."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from mano_runtime.unbroken import Unbroken


async def work(gate: asyncio.Event, done: list[str], error: Exception | None = None) -> str:
    await gate.wait()
    if error:
        raise error
    done.append("it")
    return "answer"


async def left_alone(unbroken: Unbroken, gate: asyncio.Event, done: list[str], error: Exception | None = None) -> None:
    """Ask for the work and be cancelled while it waits."""
    asking = asyncio.create_task(unbroken.done("the work", work(gate, done, error)))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_who_waits_gets_the_answer_or_the_error():
    """It is as if the caller had done the work itself."""
    unbroken, gate = Unbroken(KeyError), asyncio.Event()
    gate.set()
    assert await unbroken.done("the work", work(gate, [])) == "answer"
    with pytest.raises(KeyError, match="unknown"), capture_logs() as log:
        await unbroken.done("the work", work(gate, [], KeyError("unknown")))
    assert log == []


async def test_it_is_done_without_its_caller_and_waited_for():
    """A caller who is cancelled is gone at once; the close waits for what it left."""
    unbroken, gate, done = Unbroken(), asyncio.Event(), []
    await left_alone(unbroken, gate, done)
    closing = asyncio.create_task(unbroken.aclose())
    for _ in range(5):
        await asyncio.sleep(0)
    assert (done, closing.done()) == ([], False)
    gate.set()
    await closing
    assert done == ["it"]


@pytest.mark.parametrize(
    ("error", "level", "traceback"), [(KeyError("unknown"), "info", False), (ValueError("broken"), "error", True)]
)
async def test_what_nobody_waits_for_is_told_by_the_log(complaints, error, level, traceback):
    """An answer that nobody took is one line, a defect has its traceback; the event loop complains of neither."""
    unbroken, gate = Unbroken(KeyError), asyncio.Event()
    await left_alone(unbroken, gate, [], error)
    with capture_logs() as log:
        gate.set()
        await unbroken.aclose()
        await asyncio.sleep(0)
    assert [(it["work"], it["log_level"], it["why"], "exc_info" in it) for it in log] == [
        ("the work", level, f"{type(error).__name__}: {error}", traceback)
    ]
    complaints.check(collect=True)
