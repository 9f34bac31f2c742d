from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from toy_peer import ToyLogic, ToyPeer

from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.patience import Patience

QUICK = Patience(tries=3, first=0.001, longest=0.002, total=5.0)


@pytest.fixture
async def database(tmp_path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    yield database
    await database.aclose()


@pytest.fixture
def peer() -> ToyPeer:
    return ToyPeer()


@pytest.fixture
def logic(peer) -> ToyLogic:
    return ToyLogic(peer)


@pytest.fixture
def running(database):
    """Return a context in which an engine runs on the test's database; may be entered again after it was left."""

    @asynccontextmanager
    async def run(*logics, **options) -> AsyncIterator[Engine]:
        engine = Engine(database, **{"patience": QUICK, **options})
        for each in logics:
            engine.register(each)
        await engine.start()
        try:
            yield engine
        finally:
            await engine.aclose()

    return run


@pytest.fixture
async def engine(running, logic) -> AsyncIterator[Engine]:
    async with running(logic) as engine:
        yield engine
