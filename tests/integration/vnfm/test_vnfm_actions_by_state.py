"""What can be asked of an operation occurrence follows from its state alone, whatever the operation is."""

from __future__ import annotations

import itertools

import msgspec

from mano_runtime.identifiers import new_id
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.records import OPERATIONS
from vnfm.sol003.operation_occurrences import LcmOperationStateType, LcmOperationType

ROOTS = {
    "/vnflcm/v2": frozenset[str](),
    "/vnflcm/v1": frozenset({"CHANGE_VNFPKG", "CREATE_SNAPSHOT", "REVERT_TO_SNAPSHOT"}),
}
"""The interface in each release, with the operations that it does not know."""
ASKED = {
    "retry": None,
    "rollback": None,
    "fail": None,
    "cancel": {"cancelMode": "GRACEFUL"},
    "cancel forcefully": {"cancelMode": "FORCEFUL"},
}
ALLOWED = {
    "FAILED_TEMP": {"retry", "rollback", "fail"},
    **{state: {"cancel"} for state in ("STARTING", "PROCESSING", "ROLLING_BACK")},
}
"""SOL003 clause 5.6.2.2."""


async def found_in(database, kind, state):
    """Have an operation that has come to a state and stays there, as one that another process works on."""
    operation = Operation(
        id=new_id(),
        level="vnf",
        kind=kind,
        subject=new_id(),
        state=OperationState(state),
        state_entered_at="2026-01-01T00:00:01.000Z",
        started_at="2026-01-01T00:00:00.000Z",
    )
    async with database.transaction() as connection:
        await OPERATIONS.insert(connection, operation.id, operation)
    return operation.id


async def test_what_the_state_does_not_allow_is_refused(client, database):
    """Every action on every kind of operation in every state: 409 that says the state and what would allow it.

    The links of the occurrence name the actions that are allowed, and no others.
    """
    for kind, state, (root, unknown) in itertools.product(LcmOperationType, LcmOperationStateType, ROOTS.items()):
        if kind in unknown:
            continue
        one = f"{root}/vnf_lcm_op_occs/{await found_in(database, kind, state)}"
        allowed = ALLOWED.get(state, set())
        async with client.get(one) as answer:
            links = set(await answer.json() and (await answer.json())["_links"])
        assert links - {"self", "vnfInstance"} == allowed, (kind, state)
        for asked, body in ASKED.items():
            action = asked.partition(" ")[0]
            if action in allowed:
                continue
            content = msgspec.json.encode(body) if body else b""
            headers = {"Content-Type": "application/json"} if body else {}
            async with client.post(f"{one}/{action}", data=content, headers=headers) as answer:
                problem = await answer.json(content_type="application/problem+json")
            assert (answer.status, problem["operationState"]) == (409, state), (kind, state, asked)
            assert action in problem["detail"]
            needed = {state for state, actions in ALLOWED.items() if action in actions}
            assert all(each in problem["detail"] for each in needed), problem["detail"]
