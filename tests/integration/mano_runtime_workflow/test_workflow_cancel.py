"""Operations that are cancelled, and operations that go on without what failed."""

from __future__ import annotations

import asyncio

import pytest
from toy_peer import Gate, RefusalError, ToyLogic, chain, wanted

from mano_runtime.workflow.engine import WrongStateError
from mano_runtime.workflow.logic import Prepared
from mano_runtime.workflow.operation import CancelMode, OperationState
from mano_runtime.workflow.patience import Patience
from mano_runtime.workflow.trust import cautious_difference

GRACEFUL, FORCEFUL = CancelMode.GRACEFUL, CancelMode.FORCEFUL
SLOW = chain("a", "b", "c", kind="slow")


async def begin(engine, request):
    return (await engine.begin(level="toy", kind="BUILD", subject="s1", request=request)).id


async def reached(peer):
    await asyncio.wait_for(peer.reached.wait(), 20)


async def ended(engine, operation):
    return await engine.ended(operation, timeout=20)


async def test_gracefully_what_was_begun_ends_and_nothing_begins(running):
    """GRACEFUL lets the call that is out come back and begins no other step; meanwhile the operation says so."""
    peer = Gate("create", "b", after=True)
    async with running(ToyLogic(peer)) as engine:
        operation = await begin(engine, SLOW)
        await reached(peer)
        pending = await engine.cancel(operation, GRACEFUL)
        assert (pending.state, pending.cancel) == (OperationState.PROCESSING, GRACEFUL)
        peer.opened.set()
        stopped = await ended(engine, operation)
        assert (stopped.state, stopped.cancel) == (OperationState.FAILED_TEMP, None)
        assert stopped.error["type"] == "urn:mano:problem:cancelled"
        assert stopped.error["detail"] == "3 of 6 steps are done, 0 were begun and are not, 3 were not begun"
        assert ("ready", "b") not in peer.calls
        await engine.retry(operation)
        assert (await ended(engine, operation)).state is OperationState.COMPLETED
    assert peer.calls.count(("create", "b")) == 1


class Cautious(ToyLogic):
    """Takes nothing for granted: the toys never say that they are ready."""

    async def prepare(self, operation):
        plan = cautious_difference(
            self.inventory.get(operation.subject, {}),
            wanted(operation.request),
            scope=operation.subject,
            behaviours=self.behaviours,
        )
        return Prepared(plan=plan)


@pytest.mark.parametrize("after", [False, True])
async def test_what_was_in_doubt_keeps_its_identifier_when_its_creation_is_called_off(running, after):
    """Called off and given up, the operation leaves in the inventory what the one before left there, by its id."""
    peer = Gate("create", "b", after=after)
    peer.opened.set()
    logic = Cautious(peer)
    async with running(logic) as engine:
        assert (await ended(engine, await begin(engine, SLOW))).state is OperationState.COMPLETED
        peer.opened.clear()
        peer.reached.clear()
        operation = await begin(engine, SLOW)
        await reached(peer)
        await engine.cancel(operation, FORCEFUL)
        assert (await ended(engine, operation)).state is OperationState.FAILED_TEMP
        await engine.fail(operation)
        assert (await ended(engine, operation)).state is OperationState.FAILED
    built, *_, left = (graph for _, graph in logic.settlements)
    assert {path: it.result["id"] for path, it in left.items()}.items() >= {
        (path, built[path].result["id"]) for path in ("b", "c")
    }


@pytest.mark.parametrize("way_out", ["retry", "rollback"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("verb", ["create", "ready"])
async def test_forcefully_nothing_is_waited_for(running, verb, after, way_out):
    """FORCEFUL ends at once what never comes back; what it may have done is found by retry and rollback."""
    peer = Gate(verb, "b", after=after)
    async with running(ToyLogic(peer)) as engine:
        operation = await begin(engine, SLOW)
        await reached(peer)
        await engine.cancel(operation, FORCEFUL)
        assert (await ended(engine, operation)).state is OperationState.FAILED_TEMP
        peer.opened.set()
        await getattr(engine, way_out)(operation)
        final = await ended(engine, operation)
    if way_out == "retry":
        assert final.state is OperationState.COMPLETED, final.error
        assert peer.identities() == {"s1/a": 1, "s1/b": 1, "s1/c": 1}
    else:
        assert final.state is OperationState.ROLLED_BACK, final.error
        assert peer.things == {}


async def test_a_cancel_can_be_hurried_and_not_slowed(running):
    """FORCEFUL after GRACEFUL takes effect; GRACEFUL after FORCEFUL does not take it back."""
    peer = Gate("ready", "a")
    logic = ToyLogic(peer)
    async with running(logic) as engine:
        operation = await begin(engine, SLOW)
        await reached(peer)
        assert (await engine.cancel(operation, GRACEFUL)).cancel is GRACEFUL
        assert (await engine.get(operation)).state is OperationState.PROCESSING
        assert (await engine.cancel(operation, FORCEFUL)).cancel is FORCEFUL
        assert (await ended(engine, operation)).error["cancelMode"] == "FORCEFUL"
    assert logic.cancels[0][0] is GRACEFUL
    assert logic.cancels[-1] == (FORCEFUL, {"a"}), "the room is told of what is not done"


class Hesitant(ToyLogic):
    """A room whose planning takes until it is told."""

    def __init__(self, peer, **options):
        super().__init__(peer, **options)
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def prepare(self, operation):
        self.reached.set()
        await self.opened.wait()
        return await super().prepare(operation)


@pytest.mark.parametrize("mode", CancelMode)
@pytest.mark.parametrize("first_state", [OperationState.STARTING, OperationState.PROCESSING])
async def test_before_there_is_a_plan_nothing_is_changed(running, peer, mode, first_state):
    """In STARTING it ends in ROLLED_BACK, at a level that begins in PROCESSING in FAILED_TEMP; GRACEFUL waits."""
    logic = Hesitant(peer, first_state=first_state)
    async with running(logic) as engine:
        operation = await begin(engine, SLOW)
        await reached(logic)
        await engine.cancel(operation, mode)
        if mode is GRACEFUL:
            logic.opened.set()
        stopped = await ended(engine, operation)
    starting = first_state is OperationState.STARTING
    assert stopped.state is (OperationState.ROLLED_BACK if starting else OperationState.FAILED_TEMP)
    assert stopped.error["detail"] == "before it was planned; nothing was changed"
    assert stopped.plan is None
    assert peer.calls == []


@pytest.mark.parametrize("at", [("create", "a"), ("delete", "b")])
async def test_a_cancel_survives_a_restart(running, at):
    """An operation that was cancelled when the process ended begins nothing more in the next one, either way."""
    peer = Gate(*at)
    peer.refusals["create", "c"] = [RefusalError()]
    logic = ToyLogic(peer)
    async with running(logic) as engine:
        operation = await begin(engine, chain("a", "b", "c"))
        if at[0] == "delete":
            await ended(engine, operation)
            await engine.rollback(operation)
        await reached(peer)
        await engine.cancel(operation, GRACEFUL)
    peer.opened.set()
    peer.calls.clear()
    async with running(logic) as engine:
        stopped = await ended(engine, operation)
        assert stopped.state is OperationState.FAILED_TEMP
        assert stopped.error["type"] == "urn:mano:problem:cancelled"
        assert peer.calls == []
        await engine.rollback(operation)
        assert (await ended(engine, operation)).state is OperationState.ROLLED_BACK
    assert peer.things == {}


async def test_a_cancel_that_comes_too_late_changes_nothing(running):
    """When the last step ends well, the operation has done what it was to do."""
    peer = Gate("create", "c")
    async with running(ToyLogic(peer)) as engine:
        operation = await begin(engine, chain("a", "b", "c"))
        await reached(peer)
        await engine.cancel(operation, GRACEFUL)
        peer.opened.set()
        final = await ended(engine, operation)
        assert (final.state, final.error, final.cancel) == (OperationState.COMPLETED, None, None)
        with pytest.raises(WrongStateError, match="COMPLETED; this needs PROCESSING or ROLLING_BACK or STARTING"):
            await engine.cancel(operation, GRACEFUL)


async def test_a_cancel_ends_the_pauses_between_tries(running, peer):
    """What is tried again and again is not tried again; its failure is told with the cancel."""
    peer.refusals["create", "a"] = [RefusalError("busy", again=True)] * 9
    patience = Patience(tries=9, first=1000.0, longest=1000.0, total=10000.0)
    async with running(ToyLogic(peer), patience=patience) as engine:
        operation = await begin(engine, chain("a", "b"))
        while not peer.calls or peer.concurrent:  # noqa: ASYNC110  the peer is a toy, not an event
            await asyncio.sleep(0.001)
        await engine.cancel(operation, GRACEFUL)
        stopped = await ended(engine, operation)
    assert stopped.state is OperationState.FAILED_TEMP
    assert [each["detail"] for each in stopped.error["steps"]] == ["busy"]
    assert peer.calls == [("create", "a")]


async def test_going_on_without_what_failed(engine, peer, logic):
    """Continue ends PARTIALLY_COMPLETED with what exists and the failures that were accepted."""
    peer.refusals["create", "b"] = [RefusalError("no room")] * 9
    operation = await begin(engine, chain("a", "b", "c") | chain("x", "y"))
    assert (await ended(engine, operation)).state is OperationState.FAILED_TEMP
    peer.calls.clear()
    assert (await engine.proceed(operation)).state is OperationState.PROCESSING
    final = await ended(engine, operation)
    assert final.state is OperationState.PARTIALLY_COMPLETED
    assert (final.error["step"], final.accepting) == ("create:b", False)
    assert peer.calls == [], "what failed is not tried again"
    assert set(logic.inventory["s1"]) == {"a", "b", "x", "y"}
    assert (await ended(engine, await begin(engine, {}))).state is OperationState.COMPLETED
    assert peer.things == {}


async def test_going_on_does_what_a_cancel_left_out(running):
    """Continue after a cancel carries out all that was not begun, and accepts what fails on the way."""
    peer = Gate("create", "a", after=True)
    peer.refusals["create", "y"] = [RefusalError()]
    async with running(ToyLogic(peer)) as engine:
        operation = await begin(
            engine, chain("a", "b", "c") | chain("a", "x") | {"y": chain("y")["y"] | {"needs": ["x"]}}
        )
        await reached(peer)
        await engine.cancel(operation, GRACEFUL)
        peer.opened.set()
        assert (await ended(engine, operation)).state is OperationState.FAILED_TEMP
        await engine.proceed(operation)
        final = await ended(engine, operation)
    assert final.state is OperationState.PARTIALLY_COMPLETED
    assert set(peer.specs()) == {"a", "b", "c", "x"}


async def test_going_on_without_failures_completes(running):
    """Continue after a cancel in which nothing failed is as good as a retry."""
    peer = Gate("create", "a", after=True)
    async with running(ToyLogic(peer)) as engine:
        operation = await begin(engine, chain("a", "b"))
        await reached(peer)
        await engine.cancel(operation, FORCEFUL)
        await ended(engine, operation)
        peer.opened.set()
        await engine.proceed(operation)
        assert (await ended(engine, operation)).state is OperationState.COMPLETED
    assert peer.identities() == {"s1/a": 1, "s1/b": 1}


async def test_an_answer_that_nobody_waits_for_any_more_loses_nothing(running, peer):
    """Whoever asks for an operation and goes away leaves an operation that is carried out."""
    async with running(ToyLogic(peer)) as engine:
        asking = asyncio.create_task(begin(engine, chain("a")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        while not (found := (await engine.page(level="toy")).items):  # noqa: ASYNC110  nobody is told of what is begun
            await asyncio.sleep(0.001)
        assert (await ended(engine, found[0].id)).state is OperationState.COMPLETED


async def test_a_refusal_that_nobody_waits_for_any_more_is_no_complaint(running, peer, database, complaints):
    """Who asks to cancel what has ended, and is gone before the answer, leaves no error that nobody takes."""
    async with running(ToyLogic(peer)) as engine:
        operation = await begin(engine, SLOW)
        await ended(engine, operation)
        async with database.transaction():
            await left_alone(engine.cancel(operation, GRACEFUL))
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    complaints.check(collect=True)


async def test_what_was_asked_for_is_stored_before_the_engine_is_closed(running, peer, database):
    """Whoever closes the database after the engine closes it under nobody's hands."""
    async with running(ToyLogic(peer)) as engine:
        async with database.transaction():
            await left_alone(begin(engine, SLOW))
            closing = asyncio.create_task(engine.aclose())
            for _ in range(20):
                await asyncio.sleep(0)
        await closing
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert [it.document.subject for it in (await engine.page(level="toy")).items] == ["s1"]


async def test_a_cancel_that_is_being_passed_on_ends_with_its_attempt(running):
    """The engine is closed when nobody is told of a cancel any more."""
    peer = Gate("ready", "a")

    class Slow(ToyLogic):
        asked, left = asyncio.Event(), False

        async def cancelled(self, operation, paths):
            self.asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                for _ in range(1000):
                    await asyncio.sleep(0)
                self.left = True

    logic = Slow(peer)
    async with running(logic) as engine:
        operation = await begin(engine, SLOW)
        await reached(peer)
        await engine.cancel(operation, GRACEFUL)
        await asyncio.wait_for(logic.asked.wait(), 20)
    assert logic.left


async def left_alone(asking):
    """Ask, and be cancelled before the answer."""
    task = asyncio.create_task(asking)
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
