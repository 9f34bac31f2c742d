"""What a run tidies up when it is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from vnfm.drivers.tidying import tidied


@pytest.mark.parametrize("error", [None, ValueError("broken")])
async def test_who_is_cancelled_again_and_again_is_so_when_all_is_tidy(complaints, error):
    """Neither the work nor its error is left to nobody."""
    broom, done = asyncio.Event(), []

    async def tidy():
        await broom.wait()
        done.append("tidy")
        if error:
            raise error

    before = asyncio.all_tasks()
    run = asyncio.create_task(tidied(tidy()))
    for _ in range(3):
        await asyncio.sleep(0)
        run.cancel()
    await asyncio.sleep(0)
    assert not run.done()
    broom.set()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await run
    assert done == ["tidy"]
    assert asyncio.all_tasks() == before
    assert cancelled.value.__cause__ is error
    complaints.check(collect=True)


async def test_who_is_not_cancelled_gets_the_answer_or_the_error():
    """It is as if the caller had waited for the work itself."""

    async def answer(what):
        if isinstance(what, Exception):
            raise what
        return what

    assert await tidied(answer("tidy")) == "tidy"
    with pytest.raises(ValueError, match="broken"):
        await tidied(answer(ValueError("broken")))
