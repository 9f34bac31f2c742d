from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from toy_peer import RefusalError, ToyLogic, ToyPeer, chain

from mano_runtime.metrics import REGISTRY
from mano_runtime.storage import DatabaseAwayError
from mano_runtime.workflow.engine import OperationRefusedError, SubjectBusyError, WrongStateError
from mano_runtime.workflow.operation import OperationState


async def begin(engine, request, *, subject="s1", kind="BUILD", **more):
    return await engine.begin(level="toy", kind=kind, subject=subject, request=request, **more)


async def outcome(engine, operation):
    return await engine.ended(operation.id, timeout=20)


async def test_builds_what_was_asked_for(engine, peer, logic):
    """An operation that is begun completes with every resource there, and the inventory written."""
    operation = await begin(engine, chain("a", "b", "c", kind="slow"))
    assert operation.state is OperationState.STARTING
    ended = await outcome(engine, operation)
    assert ended.state is OperationState.COMPLETED, ended.error
    assert ended.error is None
    assert ended.context == {"permit": "granted"}
    assert peer.identities() == {"s1/a": 1, "s1/b": 1, "s1/c": 1}
    assert set(logic.inventory["s1"]) == {"a", "b", "c"}
    assert all(resource.result["ready"] for resource in logic.inventory["s1"].values())
    assert [step.state for step in await engine.steps(operation.id)] == ["done"] * 6


async def test_changes_and_removes(engine, peer, logic):
    """A later operation carries out the difference only: updates, removals and creations."""
    await outcome(engine, await begin(engine, chain("a", "b", "c")))
    built = dict(peer.things)
    grown = chain("a", "b", size=2) | {"d": {"kind": "slow", "size": 1, "needs": ["a"]}}
    ended = await outcome(engine, await begin(engine, grown, kind="CHANGE"))
    assert ended.state is OperationState.COMPLETED, ended.error
    assert ended.plan.counts() == {"create": 1, "update": 2, "delete": 1}
    assert peer.identities() == {"s1/a": 1, "s1/b": 1, "s1/d": 1}
    assert {id_ for id_, thing in built.items() if thing["path"] != "c"} < set(peer.things)
    ended = await outcome(engine, await begin(engine, {}, kind="REMOVE"))
    assert ended.state is OperationState.COMPLETED, ended.error
    assert peer.things == {}
    assert logic.inventory["s1"] == {}


async def test_a_subject_has_one_operation_at_a_time(engine, peer):
    """A second operation on a busy subject is refused, also in FAILED_TEMP; other subjects are free."""
    peer.refusals["create", "a"] = [RefusalError()]
    first = await outcome(engine, await begin(engine, chain("a")))
    assert first.state is OperationState.FAILED_TEMP
    with pytest.raises(SubjectBusyError) as refused:
        await begin(engine, chain("a"))
    assert (refused.value.operation, refused.value.state) == (first.id, OperationState.FAILED_TEMP)
    assert (await outcome(engine, await begin(engine, {}, subject="s2"))).state is OperationState.COMPLETED
    await engine.fail(first.id)
    assert (await outcome(engine, await begin(engine, chain("a")))).state is OperationState.COMPLETED


async def test_what_the_room_refuses_is_not_stored(engine, database):
    """An exception of ``within`` refuses the operation, and takes back what ``within`` wrote."""

    async def refuse(connection):
        raise LookupError("no such subject")

    with pytest.raises(LookupError, match="no such subject"):
        await begin(engine, {}, within=refuse)
    assert (await engine.page(level="toy")).items == []


async def test_a_failed_step_stops_only_what_needs_it(engine, peer, logic):
    """The failing branch stops in FAILED_TEMP with the error, others are carried through; retry does the rest."""
    peer.refusals["create", "b"] = [RefusalError("no room", status=503, vim="v1")]
    request = chain("a", "b", "c") | chain("x", "y")
    operation = await begin(engine, request)
    failed = await outcome(engine, operation)
    assert failed.state is OperationState.FAILED_TEMP
    assert failed.error == {
        "type": "urn:mano:problem:step-failed",
        "title": "The toy refused",
        "status": 503,
        "detail": "no room",
        "vim": "v1",
        "step": "create:b",
        "path": "b",
    }
    assert peer.identities() == {"s1/a": 1, "s1/x": 1, "s1/y": 1}
    states = {step.path: (step.state, step.error) for step in await engine.steps(operation.id)}
    assert states["b"] == ("failed", failed.error)
    assert states["c"] == ("blocked", None)
    assert states["y"] == ("done", None)
    assert set(logic.inventory["s1"]) == {"a", "b", "x", "y"}, "what may exist is in the inventory"
    assert logic.inventory["s1"]["b"].result is None

    peer.calls.clear()
    retried = await engine.retry(operation.id)
    assert retried.state is OperationState.PROCESSING
    assert retried.error == failed.error, "an error stays until it is over (SOL003 5.5.2.13)"
    ended = await outcome(engine, operation)
    assert (ended.state, ended.error) == (OperationState.COMPLETED, None)
    assert peer.calls == [("create", "b"), ("create", "c")]
    assert [task.in_doubt for task in peer.tasks[-2:]] == [True, False]


async def test_every_state_is_told_once_and_in_order(engine, peer, logic):
    """The room hears of each state as it is stored, the first included, with what was done by then."""
    peer.refusals["create", "b"] = [RefusalError(), RefusalError()]
    operation = await begin(engine, chain("a", "b"))
    await outcome(engine, operation)
    await engine.retry(operation.id)
    await outcome(engine, operation)
    await engine.rollback(operation.id)
    await outcome(engine, operation)
    state = OperationState
    assert logic.told_of == [
        (state.STARTING, []),
        (state.PROCESSING, []),
        (state.FAILED_TEMP, ["a"]),
        (state.PROCESSING, ["a"]),
        (state.FAILED_TEMP, ["a"]),
        (state.ROLLING_BACK, ["a"]),
        (state.ROLLED_BACK, ["a"]),
    ]


async def test_what_changes_at_once_is_told_at_once(engine, logic):
    """Without a plan, rolling back passes through two states at once, and giving up through one; all are told."""
    logic.first_state = OperationState.PROCESSING
    logic.refusals = [OperationRefusedError("No", "not now")] * 2
    for way_out in (engine.rollback, engine.fail):
        await way_out((await outcome(engine, await begin(engine, chain("a")))).id)
    states = [state.value for state, _ in logic.told_of]
    assert states == ["PROCESSING", "FAILED_TEMP", "ROLLING_BACK", "ROLLED_BACK", "PROCESSING", "FAILED_TEMP", "FAILED"]


async def test_every_failure_is_told(engine, peer):
    """When several steps fail, the error is the first by the order of the plan and lists all under ``steps``."""
    peer.refusals["create", "b"] = [RefusalError("no b")]
    peer.refusals["create", "a"] = [RefusalError("no a")]
    failed = await outcome(engine, await begin(engine, chain("b") | chain("a")))
    assert (failed.error["step"], failed.error["detail"]) == ("create:a", "no a")
    assert [each["step"] for each in failed.error["steps"]] == ["create:a", "create:b"]


async def test_tries_again_by_itself(engine, peer):
    """A failure that asks for it is tried again, in doubt, so that a lost answer makes no duplicate."""
    peer.lost["create", "a"] = [RefusalError("answer lost", again=True)] * 2
    ended = await outcome(engine, await begin(engine, chain("a")))
    assert ended.state is OperationState.COMPLETED
    assert peer.identities() == {"s1/a": 1}
    assert [task.in_doubt for task in peer.tasks] == [False, True, True]


async def test_gives_up_in_the_end(engine, peer):
    """After as many tries as patience allows the failure is reported."""
    peer.refusals["create", "a"] = [RefusalError("busy", again=True)] * 9
    failed = await outcome(engine, await begin(engine, chain("a")))
    assert failed.state is OperationState.FAILED_TEMP
    assert peer.calls == [("create", "a")] * 3


async def test_a_defect_is_a_failure_too(engine, peer):
    """An exception that nobody foresaw stops its step only, is named a defect, and can be retried."""
    peer.refusals["create", "a"] = [ZeroDivisionError("oops")]
    failed = await outcome(engine, await begin(engine, chain("a") | chain("b")))
    assert failed.state is OperationState.FAILED_TEMP
    assert failed.error["type"] == "urn:mano:problem:defect"
    assert failed.error["detail"] == "ZeroDivisionError: oops"
    await engine.retry(failed.id)
    assert (await outcome(engine, failed)).state is OperationState.COMPLETED


async def test_what_did_not_get_ready_is_brought_about_again(engine, peer):
    """Retry asks for a resource that never got ready again, in doubt, so that its performer can replace it."""
    peer.refusals["ready", "a"] = [RefusalError("faulted")]
    failed = await outcome(engine, await begin(engine, chain("a", kind="slow")))
    assert failed.error["step"] == "ready:a"
    await engine.retry(failed.id)
    assert (await outcome(engine, failed)).state is OperationState.COMPLETED
    assert peer.calls == [("create", "a"), ("ready", "a")] * 2
    assert [task.in_doubt for task in peer.tasks] == [False, False, True, True]
    assert peer.identities() == {"s1/a": 1}


@pytest.mark.parametrize("kind", ["thing", "slow"])
async def test_rolls_back(engine, peer, logic, kind):
    """Rollback puts back what was there before: removes what is new, restores what changed or went."""
    await outcome(engine, await begin(engine, chain("a", "b", "c", kind=kind)))
    before = peer.specs()
    peer.lost["create", "z"] = [RefusalError("answer lost")]
    target = chain("a", kind=kind, size=5) | {"z": {"kind": kind, "size": 1, "needs": ["a"]}}
    failed = await outcome(engine, await begin(engine, target, kind="CHANGE"))
    assert failed.state is OperationState.FAILED_TEMP
    rolling = await engine.rollback(failed.id)
    assert rolling.state is OperationState.ROLLING_BACK
    ended = await outcome(engine, failed)
    assert ended.state is OperationState.ROLLED_BACK, ended.error
    assert ended.error == failed.error, "it says why there was a rollback"
    after = peer.specs()
    assert after.keys() == before.keys()
    assert {path: spec["size"] for path, spec in after.items()} == dict.fromkeys("abc", 1)
    assert set(peer.identities().values()) == {1}
    assert set(logic.inventory["s1"]) == set("abc")
    assert {logic.inventory["s1"][path].result["id"] for path in "abc"} == set(peer.things)
    assert {step.phase for step in await engine.steps(failed.id)} == {"forward", "rollback"}


async def test_a_rollback_that_fails_is_continued(engine, peer):
    """A rollback that fails goes to FAILED_TEMP again, and rollback continues it (SOL003 5.6.2.2)."""
    peer.refusals["create", "c"] = [RefusalError()]
    failed = await outcome(engine, await begin(engine, chain("a", "b", "c")))
    peer.refusals["delete", "a"] = [RefusalError("not now")]
    await engine.rollback(failed.id)
    stuck = await outcome(engine, failed)
    assert (stuck.state, stuck.error["step"]) == (OperationState.FAILED_TEMP, "delete:a")
    peer.calls.clear()
    await engine.rollback(failed.id)
    assert (await outcome(engine, failed)).state is OperationState.ROLLED_BACK
    assert peer.calls == [("delete", "a")]
    assert peer.things == {}


async def test_retry_after_a_rollback_that_failed(engine, peer, logic):
    """After a failed rollback retry goes forward from wherever the way back got to."""
    await outcome(engine, await begin(engine, chain("old") | chain("gone")))
    target = chain("old", size=3) | {"new": {"kind": "thing", "size": 1, "needs": ["old"]}} | chain("bad")
    peer.refusals["create", "bad"] = [RefusalError()]
    failed = await outcome(engine, await begin(engine, target, kind="CHANGE"))
    peer.refusals["update", "old"] = [RefusalError("not now")]
    await engine.rollback(failed.id)
    stuck = await outcome(engine, failed)
    assert stuck.error["step"] == "update:old"
    assert "s1/gone" in peer.identities(), "it was put back"
    await engine.retry(failed.id)
    ended = await outcome(engine, failed)
    assert ended.state is OperationState.COMPLETED, ended.error
    assert peer.identities() == {"s1/old": 1, "s1/new": 1, "s1/bad": 1}
    assert peer.specs()["old"]["size"] == 3
    assert {it.result["id"] for it in logic.inventory["s1"].values()} == set(peer.things)
    assert {step.phase for step in await engine.steps(failed.id)} == {"forward"}


async def test_fail_keeps_what_exists(engine, peer, logic):
    """Fail gives up at once, and settles what exists so that a later operation can remove it."""
    peer.lost["create", "b"] = [RefusalError("answer lost")]
    failed = await outcome(engine, await begin(engine, chain("a", "b", "c")))
    given_up = await engine.fail(failed.id)
    assert given_up.state is OperationState.FAILED
    assert given_up.error == failed.error
    assert logic.settlements[-1][0] is OperationState.FAILED
    assert set(logic.inventory["s1"]) == {"a", "b"}
    ended = await outcome(engine, await begin(engine, {}, kind="REMOVE"))
    assert ended.state is OperationState.COMPLETED, ended.error
    assert peer.things == {}, "also what nobody knew the identifier of"


@pytest.mark.parametrize("verb", ["retry", "rollback", "fail"])
async def test_error_handling_needs_an_error(engine, verb):
    """Retry, rollback and fail are refused in every state but FAILED_TEMP, and for what is not there."""
    ended = await outcome(engine, await begin(engine, {}))
    with pytest.raises(WrongStateError) as refused:
        await getattr(engine, verb)(ended.id)
    assert refused.value.state is OperationState.COMPLETED
    assert refused.value.allowed == (OperationState.FAILED_TEMP,)
    with pytest.raises(KeyError):
        await getattr(engine, verb)("nothing")


async def test_a_refusal_before_processing_rolls_back(engine, logic, peer):
    """What is refused in STARTING ends in ROLLED_BACK with the reason, and changed nothing (SOL003 5.6.2.2)."""
    logic.refusals = [OperationRefusedError("Grant denied", "no room for 4 vCPU", status=403)]
    ended = await outcome(engine, await begin(engine, chain("a")))
    assert ended.state is OperationState.ROLLED_BACK
    assert ended.error == {
        "type": "urn:mano:problem:operation-refused",
        "title": "Grant denied",
        "status": 403,
        "detail": "no room for 4 vCPU",
    }
    assert peer.calls == []
    assert logic.settlements == [(OperationState.ROLLED_BACK, {})]
    assert await engine.steps(ended.id) == []


@pytest.mark.parametrize("verb", ["retry", "rollback", "fail"])
async def test_a_refusal_while_processing_can_be_handled(engine, logic, verb):
    """What begins in PROCESSING stops in FAILED_TEMP when it has no plan; retry plans anew, the others just end."""
    logic.first_state = OperationState.PROCESSING
    logic.refusals = [OperationRefusedError("Unplaceable", "no VIM has room")]
    failed = await outcome(engine, await begin(engine, chain("a")))
    assert (failed.state, failed.plan) == (OperationState.FAILED_TEMP, None)
    await getattr(engine, verb)(failed.id)
    ended = await outcome(engine, failed)
    states = {"retry": OperationState.COMPLETED, "rollback": OperationState.ROLLED_BACK, "fail": OperationState.FAILED}
    assert ended.state is states[verb]


async def test_planning_is_tried_again(engine, logic):
    """A peer that is away while the operation is planned is waited for as in any step."""
    logic.refusals = [RefusalError("away", again=True)]
    assert (await outcome(engine, await begin(engine, chain("a")))).state is OperationState.COMPLETED


async def test_an_inventory_that_cannot_be_written_is_an_error(engine, logic, peer):
    """When settling fails the operation stops in FAILED_TEMP, and retry settles without repeating a step."""
    logic.settle_failures = [RuntimeError("disk full")]
    failed = await outcome(engine, await begin(engine, chain("a")))
    assert failed.state is OperationState.FAILED_TEMP
    assert failed.error["title"] == "The inventory could not be written"
    await engine.retry(failed.id)
    assert (await outcome(engine, failed)).state is OperationState.COMPLETED
    assert set(logic.inventory["s1"]) == {"a"}
    assert peer.calls == [("create", "a")]


async def test_a_database_that_was_away_fails_nothing(engine, logic, peer):
    """Away while an operation is planned, carried out or settled: it goes on afterwards, and makes nothing twice."""
    logic.refusals = [DatabaseAwayError("planning")]
    peer.refusals["create", "a"] = [DatabaseAwayError("before")]
    peer.lost["create", "b"] = [DatabaseAwayError("after")]
    logic.settle_failures = [DatabaseAwayError("settling")]
    ended = await outcome(engine, await begin(engine, chain("a") | chain("b")))
    assert (ended.state, ended.error) == (OperationState.COMPLETED, None)
    assert peer.identities() == {"s1/a": 1, "s1/b": 1}
    assert set(logic.inventory["s1"]) == {"a", "b"}


async def test_lists_operations(engine):
    """Operations are listed by level, the newest last, and found by subject, state, kind and parent."""
    one = await outcome(engine, await begin(engine, {}, subject="s1"))
    two = await outcome(engine, await begin(engine, {}, subject="s2", parent=one.id, kind="SCALE"))
    assert [it.id for it in (await engine.page(level="toy")).items] == [one.id, two.id]
    assert [it.id for it in (await engine.page(level="toy", equal={"parent": one.id})).items] == [two.id]
    assert [it.id for it in (await engine.page(level="toy", equal={"kind": "BUILD"})).items] == [one.id]
    assert (await engine.page(level="toy", equal={"state": OperationState.FAILED})).items == []
    assert (await engine.page(level="other")).items == []
    first = await engine.page(level="toy", limit=1)
    assert [it.id for it in (await engine.page(level="toy", after=first.next)).items] == [two.id]


async def test_an_unknown_level_is_refused(engine):
    """Nothing is accepted that nobody can run."""
    with pytest.raises(LookupError, match="level 'moon'"):
        await engine.begin(level="moon", kind="LAND", subject="s1", request={})
    with pytest.raises(ValueError, match="another logic"):
        engine.register(type("Same", (), {"level": "toy"})())


async def test_ended_returns_at_its_timeout(engine, peer):
    """Waiting for an end is bounded, and returns the operation as it stands."""
    peer._latency = 0.3
    operation = await begin(engine, chain("a"))
    assert (await engine.ended(operation.id, timeout=0.01)).state in {
        OperationState.STARTING,
        OperationState.PROCESSING,
    }
    assert (await outcome(engine, operation)).state is OperationState.COMPLETED
    with pytest.raises(KeyError):
        await engine.ended("nothing")


async def test_calls_outside_are_capped(running, logic, peer):
    """No more calls that change something run at the same time than allowed."""
    peer._latency = 0.005
    async with running(logic, calls=3) as engine:
        request = {name: {"kind": "thing", "size": 1, "needs": []} for name in "abcdefghij"}
        assert (await outcome(engine, await begin(engine, request))).state is OperationState.COMPLETED
    assert peer.most_concurrent == 3


async def test_an_operation_may_begin_another(running, logic, peer):
    """A performer begins operations of a lower level and waits for them: they are operations in their own right."""

    class Nesting(ToyPeer):
        async def create(self, task):
            child = await engine.begin(
                level="toy", kind="BUILD", subject=task.resource.path, request=chain("a"), parent=task.operation
            )
            return {"id": (await engine.ended(child.id)).id}

    upper = ToyLogic(Nesting(), level="upper", first_state=OperationState.PROCESSING)
    async with running(logic, upper) as engine:
        operation = await engine.begin(level="upper", kind="BUILD", subject="u", request=chain("s1") | chain("s2"))
        ended = await outcome(engine, operation)
        assert ended.state is OperationState.COMPLETED, ended.error
        children = (await engine.page(level="toy", equal={"parent": operation.id})).items
    assert {child.document.state for child in children} == {OperationState.COMPLETED}
    assert peer.identities() == {"s1/a": 1, "s2/a": 1}


async def test_a_refusal_that_cannot_be_settled_ends_all_the_same(engine, logic):
    """An operation that changed nothing ends in ROLLED_BACK with the reason, whatever the inventory does."""
    logic.refusals = [OperationRefusedError("Grant denied", "no room")]
    logic.settle_failures = [RuntimeError("disk full")]
    ended = await outcome(engine, await begin(engine, chain("a")))
    assert (ended.state, ended.error["title"]) == (OperationState.ROLLED_BACK, "Grant denied")


async def test_operations_and_steps_are_counted(engine, peer):
    """Ends are counted by level, kind and state, steps by verb and outcome; nothing is in flight or waits at last."""

    def value(name, **labels):
        return REGISTRY.get_sample_value(name, labels) or 0

    def counts():
        operation = {"level": "toy", "kind": "COUNTED"}
        return [
            value("mano_operations_total", **operation, outcome="COMPLETED"),
            value("mano_operations_total", **operation, outcome="FAILED_TEMP"),
            value("mano_operation_duration_seconds_count", **operation, outcome="COMPLETED"),
            value("mano_plan_steps_total", verb="create", outcome="done"),
            value("mano_plan_steps_total", verb="create", outcome="failed"),
        ]

    before = counts()
    peer.refusals["create", "b"] = [RefusalError()]
    failed = await outcome(engine, await begin(engine, chain("a", "b"), kind="COUNTED"))
    await engine.retry(failed.id)
    await outcome(engine, failed)
    assert [after - earlier for after, earlier in zip(counts(), before, strict=True)] == [1, 1, 1, 2, 1]
    await asyncio.gather(*engine._attempts._tasks)
    assert value("mano_operations_in_flight", level="toy") == 0
    assert value("mano_queue_depth") == 0


async def test_what_was_left_behind_is_collected_at_rest(engine):
    """Once no operation is under way, garbage goes without waiting for one that a collection would stop."""

    class Left:
        """Garbage that only a collection finds."""

        def __init__(self):
            self.itself = self

    gc.disable()
    try:
        gone = asyncio.Event()
        weakref.finalize([Left() for _ in range(10_000)][-1], gone.set)
        assert (await outcome(engine, await begin(engine, chain("a")))).state is OperationState.COMPLETED
        await asyncio.wait_for(gone.wait(), timeout=10)
    finally:
        gc.enable()
