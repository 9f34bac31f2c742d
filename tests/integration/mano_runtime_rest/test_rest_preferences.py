"""A client may wait for the end of what it began (RFC 7240 4.3)."""

from __future__ import annotations

import asyncio

import pytest

from mano_runtime import rest
from mano_runtime.rest import Api
from mano_runtime.rest.call import LONGEST_WAIT

PATH = "/works/v1/works"


class Works:
    """Works that end when they are told to."""

    def __init__(self):
        self.asked = asyncio.Event()
        self.over = asyncio.Event()
        self.patience = []

    async def ended(self, seconds):
        self.patience.append(seconds)
        self.asked.set()
        await self.over.wait()


@pytest.fixture
async def works():
    return Works()


@pytest.fixture
async def client(aiohttp_client, works):
    api = Api("works", version="1.0.0", root="/works/v1")

    @api.post("/works")
    async def work(call):
        return await rest.begun(call, works.ended, "/occurrences/1")

    async def ready():
        return []

    return await aiohttp_client(rest.application(api, ready=ready))


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=10", 10),
        ('respond-async, WAIT = "7"; foo=bar', 7),
        ("wait=999999999", LONGEST_WAIT),
        ("handling=lenient,wait=0", 0),
    ],
)
async def test_the_answer_is_held_back_until_the_end(client, works, prefer, seconds):
    """It comes when the operation has ended, with its location, and tells how long it would have been waited."""
    asked = asyncio.create_task(client.post(PATH, headers={"Prefer": prefer}))
    await works.asked.wait()
    assert not asked.done()
    works.over.set()
    answer = await asked
    assert (answer.status, answer.headers["Preference-Applied"]) == (202, f"wait={seconds}")
    assert answer.headers["Location"].endswith("/works/v1/occurrences/1")
    assert works.patience == [seconds]


@pytest.mark.parametrize("prefer", ["", "respond-async", "wait=soon", "wait=-1", "await=3", "x=1;wait=2"])
async def test_nobody_waits_who_did_not_ask_for_it(client, works, prefer):
    """Other and malformed preferences are ignored, as RFC 7240 has it: the answer comes at once."""
    answer = await client.post(PATH, headers={"Prefer": prefer})
    assert answer.status == 202
    assert "Preference-Applied" not in answer.headers
    assert works.patience == []


async def test_a_server_that_stops_keeps_nobody_waiting(client, works):
    """Who waits gets the answer when the server stops; the operation goes on without."""
    asked = asyncio.create_task(client.post(PATH, headers={"Prefer": "wait=600"}))
    await works.asked.wait()
    await client.server.close()
    assert (await asked).status == 202
