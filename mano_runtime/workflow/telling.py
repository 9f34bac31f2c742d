"""Has an operation's room tell others of a state change, in the transaction that stores it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.workflow.journal import Journal, Phase
from mano_runtime.workflow.logic import OperationLogic
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.progress import StepStatus, step_statuses


async def tell(connection: AsyncConnection, logic: OperationLogic, journal: Journal, operation: Operation) -> None:
    """Call ``logic.told``; for every state that is stored, the first included, before its transaction ends."""

    async def steps() -> list[StepStatus]:
        statuses: list[StepStatus] = []
        for phase, plan in ((Phase.FORWARD, operation.plan), (Phase.ROLLBACK, operation.rollback)):
            if plan is not None:
                entries = await journal.entries(operation.id, phase)
                statuses += step_statuses(plan, entries, phase=phase, running={}, epoch=None)
        return statuses

    await logic.told(connection, operation, steps)
