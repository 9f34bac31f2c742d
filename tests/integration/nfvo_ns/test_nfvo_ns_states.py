"""Every pair of a state and a task of operation occurrences: what is allowed, and how the rest is refused.

The tables are those of SOL003 clause 5.6.2.2 and SOL005 clause 6.6.2.2.
"""

from __future__ import annotations

import pytest

from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.records import OPERATIONS

STOPPED = ("FAILED_TEMP",)
VNF_TASKS = {
    "retry": STOPPED,
    "rollback": STOPPED,
    "fail": STOPPED,
    "cancel": ("PROCESSING", "ROLLING_BACK", "STARTING"),
}
NS_TASKS = {**VNF_TASKS, "continue": STOPPED, "cancel": ("PROCESSING", "ROLLING_BACK")}
VNF_STATES = tuple(state for state in OperationState if state is not OperationState.PARTIALLY_COMPLETED)
NS_STATES = tuple(state for state in OperationState if state is not OperationState.STARTING)
LEVELS = {
    "vnf": ("/vnflcm/v2/vnf_lcm_op_occs", VNF_TASKS, VNF_STATES),
    "ns": ("/nslcm/v2/ns_lcm_op_occs", NS_TASKS, NS_STATES),
}


async def stored(database, level, state):
    """Store an operation in a state, as if a process that is gone had left it so."""
    operation = Operation(
        id=new_id(),
        level=level,
        kind="INSTANTIATE",
        subject=new_id(),
        state=state,
        state_entered_at=timestamp(),
        started_at=timestamp(),
    )
    async with database.transaction() as connection:
        await OPERATIONS.insert(connection, operation.id, operation)
    return operation.id


@pytest.mark.parametrize("level", LEVELS)
async def test_each_task_is_accepted_in_its_states_only(mano, database, level):
    """What a state allows is linked and accepted; everything else is 409 and names state, task and what it needs."""
    root, tasks, states = LEVELS[level]
    for state in states:
        shown = await mano.get(f"{root}/{await stored(database, level, state)}")
        assert {link for link in shown["_links"] if link in tasks} == {it for it in tasks if state in tasks[it]}
        for task, allowed in tasks.items():
            occurrence = f"{root}/{await stored(database, level, state)}"
            body = {"json": {"cancelMode": "GRACEFUL"}} if task == "cancel" else {}
            response = await mano.client.post(f"{occurrence}/{task}", **body)
            if state in allowed:
                assert response.status == (200 if task == "fail" else 202), (state, task, await response.text())
                continue
            assert response.status == 409, (state, task)
            problem = await response.json()
            assert problem["type"] == "urn:mano:problem:wrong-operation-state"
            assert problem["operationState"] == state
            assert problem["detail"].endswith(f"is in state {state}; {task} needs {' or '.join(allowed)}")


@pytest.mark.parametrize("level", LEVELS)
async def test_a_task_of_what_is_not_there_is_404_and_a_bad_mode_400(mano, database, level):
    """Unknown occurrences, those of the other level, and modes that do not exist."""
    root, tasks, _ = LEVELS[level]
    other = await stored(database, "ns" if level == "vnf" else "vnf", OperationState.PROCESSING)
    for task in tasks:
        for occurrence in ("ghost", other):
            response = await mano.client.post(f"{root}/{occurrence}/{task}", json={"cancelMode": "FORCEFUL"})
            assert response.status == 404, (task, occurrence)
    mine = await stored(database, level, OperationState.PROCESSING)
    for body in ({}, {"cancelMode": "SOFT"}):
        response = await mano.client.post(f"{root}/{mine}/cancel", json=body)
        assert response.status == 400
        assert "cancelMode" in (await response.json())["detail"]
