from __future__ import annotations

import asyncio

import pytest
from toy_peer import Gate, RefusalError, ToyLogic, chain

from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.journal import Journal
from mano_runtime.workflow.operation import OperationState
from mano_runtime.workflow.records import OPERATIONS, raise_epoch


async def begin(engine, request, **more):
    return await engine.begin(level="toy", kind="BUILD", subject="s1", request=request, **more)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("verb", "path"), [("create", "b"), ("ready", "b"), ("create", "c")])
async def test_closing_leaves_work_to_the_next_start(running, verb, path, after):
    """An engine that closes in the midst of an operation fails nothing; the next start completes it, nothing twice."""
    peer = Gate(verb, path, after=after)
    logic = ToyLogic(peer)
    async with running(logic) as engine:
        operation = await begin(engine, chain("a", "b", "c", kind="slow"))
        await asyncio.wait_for(peer.reached.wait(), 20)
    peer.opened.set()
    async with running(logic) as engine:
        ended = await engine.ended(operation.id, timeout=20)
    assert ended.state is OperationState.COMPLETED, ended.error
    assert ended.attempt == 2
    assert peer.identities() == {"s1/a": 1, "s1/b": 1, "s1/c": 1}
    assert peer.calls.count(("create", "a")) == 1


async def test_closing_leaves_a_rollback_to_the_next_start(running):
    """A rollback resumes as a rollback."""
    peer = Gate("delete", "b")
    peer.refusals["create", "c"] = [RefusalError()]
    logic = ToyLogic(peer)
    async with running(logic) as engine:
        operation = await begin(engine, chain("a", "b", "c"))
        await engine.ended(operation.id, timeout=20)
        await engine.rollback(operation.id)
        await asyncio.wait_for(peer.reached.wait(), 20)
    peer.opened.set()
    async with running(logic) as engine:
        ended = await engine.ended(operation.id, timeout=20)
    assert ended.state is OperationState.ROLLED_BACK, ended.error
    assert peer.things == {}


async def test_an_operation_that_was_never_dispatched_is_taken_up(running, database, logic, peer):
    """A crash between the commit of an operation and its dispatch is healed at the next start."""
    async with running(logic) as engine:
        stored = await engine.ended((await begin(engine, chain("a"))).id, timeout=20)
    lost = stored.__class__(
        id="lost",
        level="toy",
        kind="BUILD",
        subject="s2",
        state=OperationState.STARTING,
        state_entered_at=stored.started_at,
        started_at=stored.started_at,
        request=chain("a"),
        attempt=1,
    )
    async with database.transaction() as connection:
        await OPERATIONS.insert(connection, "lost", lost)
    async with running(logic) as engine:
        assert (await engine.ended("lost", timeout=20)).state is OperationState.COMPLETED
    assert peer.identities() == {"s1/a": 1, "s2/a": 1}


async def test_what_stopped_stays_stopped(running, logic, peer):
    """A start takes up what is under way, and nothing that waits for a person."""
    peer.refusals["create", "a"] = [RefusalError()]
    async with running(logic) as engine:
        operation = await begin(engine, chain("a"))
        await engine.ended(operation.id, timeout=20)
    async with running(logic) as engine:
        assert (await engine.get(operation.id)).state is OperationState.FAILED_TEMP
        await engine.retry(operation.id)
        assert (await engine.ended(operation.id, timeout=20)).state is OperationState.COMPLETED


async def test_closing_is_idempotent(database):
    """An engine that was never started, or is closed, can be closed."""
    engine = Engine(database)
    await engine.aclose()
    await engine.aclose()


async def test_a_database_that_fails_for_a_while_only_delays(running, logic, peer, monkeypatch):
    """When the orchestrator's own database fails an attempt, the attempt is taken up again by itself."""
    failures = [OSError("disk full")]
    commit = Journal._commit

    async def failing(self, entries):
        if failures:
            raise failures.pop()
        return await commit(self, entries)

    monkeypatch.setattr(Journal, "_commit", failing)
    async with running(logic) as engine:
        operation = await begin(engine, chain("a", "b"))
        ended = await engine.ended(operation.id, timeout=20)
    assert ended.state is OperationState.COMPLETED, ended.error
    assert peer.identities() == {"s1/a": 1, "s1/b": 1}


async def test_a_replaced_attempt_stops_quietly(running, database):
    """An attempt whose epoch is over records no failure, and changes neither the operation nor the inventory."""
    peer = Gate("create", "b")
    logic = ToyLogic(peer)
    async with running(logic) as engine:
        operation = await begin(engine, chain("a", "b", "c"))
        await asyncio.wait_for(peer.reached.wait(), 20)
        async with database.transaction() as connection:
            await raise_epoch(connection, operation.id)
        peer.opened.set()
        await asyncio.gather(*engine._attempts._tasks)
        assert (await engine.get(operation.id)).state is OperationState.PROCESSING
        assert logic.settlements == []
        assert ("create", "c") not in peer.calls
    async with running(logic) as engine:
        assert (await engine.ended(operation.id, timeout=20)).state is OperationState.COMPLETED
    assert peer.identities() == {"s1/a": 1, "s1/b": 1, "s1/c": 1}


async def test_what_is_begun_before_the_start_waits_for_it(database, logic, peer):
    """An operation may be accepted before the engine works; the start takes it up."""
    engine = Engine(database)
    engine.register(logic)
    operation = await begin(engine, chain("a"))
    await engine.start()
    assert (await engine.ended(operation.id, timeout=20)).state is OperationState.COMPLETED
    await engine.aclose()
    left = await begin(engine, chain("a"))
    assert left.state is OperationState.STARTING, "the next start takes it up"
