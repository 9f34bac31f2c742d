"""Tasks that are cancelled while they work on the database."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import text

from mano_runtime.storage import Database


@pytest.mark.parametrize("turns", range(5))
@pytest.mark.parametrize("begin", [Database.reading, Database.transaction])
async def test_one_that_is_cancelled_twice_leaves_nobody_waiting(tmp_path, begin, turns):
    """Cancelled at a statement, and again so many turns of the loop later, its connection is closed, and all end."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    at_the_statement, answered = threading.Event(), threading.Event()

    def hold() -> int:
        at_the_statement.set()
        return answered.wait()

    async def work() -> None:
        async with begin(database) as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            await driver.create_function("hold", 0, hold)
            await connection.execute(text("SELECT hold()"))

    before = asyncio.all_tasks()
    task = asyncio.create_task(work())
    await asyncio.to_thread(at_the_statement.wait)
    task.cancel()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    if left := asyncio.all_tasks() - before:
        await asyncio.wait(left, timeout=20)
    left = asyncio.all_tasks() - before
    for one in left:
        one.cancel()
    assert left == set()
    async with database.transaction() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    await database.aclose()
