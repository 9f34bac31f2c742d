from __future__ import annotations

import pytest
from toy_peer import Refusal, chain

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
