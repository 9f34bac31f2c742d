"""One attempt at an operation: prepares what has no plan, walks the plan, settles what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import Database, DatabaseAwayError
from mano_runtime.workflow.cancellation import CalledOffError, Cancellation
from mano_runtime.workflow.executor import Execution
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.journal import FencedError, Journal, Phase
from mano_runtime.workflow.logic import OperationLogic, Prepared
from mano_runtime.workflow.operation import CancelMode, Event, Operation, OperationState, moved
from mano_runtime.workflow.patience import Patience, persistently
from mano_runtime.workflow.plan import Outcome, Plan, all_done, unfinished_paths
from mano_runtime.workflow.problem import cancel_problem, operation_problem, problem
from mano_runtime.workflow.records import FIRST_EPOCH, OPERATIONS, version_of
from mano_runtime.workflow.settlement import settled
from mano_runtime.workflow.telling import tell

_log = structlog.get_logger(__name__)


class Attempt:
    """One attempt, holding one epoch of its operation.

    Cancelled at any point, or dying with its process, it leaves an operation that the next attempt takes further.
    """

    def __init__(
        self,
        operation: Operation,
        epoch: int,
        *,
        etag: int,
        logic: OperationLogic,
        database: Database,
        journal: Journal,
        patience: Patience,
        calls: asyncio.Semaphore,
        announce: Callable[[Operation], None],
    ) -> None:
        self.operation = operation
        self.epoch = epoch
        self.execution: Execution | None = None
        """The walk that is under way."""
        self._etag = etag
        """Of the operation as it was read or stored here last."""
        self._cancellation = Cancellation(operation.cancel)
        self._passing: set[asyncio.Task[None]] = set()
        self._logic = logic
        self._database = database
        self._journal = journal
        self._patience = patience
        self._calls = calls
        self._announce = announce

    def cancel(self, mode: CancelMode) -> None:
        """Come to an end before the work is done; the operation says so already."""
        self._cancellation.ask(mode)
        if self.execution is not None:
            self._pass_on_soon()

    async def run(self) -> None:
        """Take the operation to a state in which nothing moves by itself.

        Raises:
            FencedError: a newer attempt has begun.
        """
        if self.operation.state is OperationState.ROLLING_BACK:
            await self._walk(self.operation.rollback, Phase.ROLLBACK, Event.UNDONE)
            return
        if self.operation.plan is None or self.operation.state is OperationState.STARTING:
            await self._prepare()
        if self.operation.state is OperationState.PROCESSING:
            await self._walk(self.operation.plan, Phase.FORWARD, Event.DONE)

    async def _prepare(self) -> None:
        refused = Event.REFUSED if self.operation.state is OperationState.STARTING else Event.ERROR
        try:
            await self._plan()
        except (FencedError, DatabaseAwayError):
            raise
        except CalledOffError:
            mode = self._cancellation.mode or CancelMode.GRACEFUL
            await self._end(refused, {}, error=cancel_problem(mode, None, {}))
        except Exception as error:  # noqa: BLE001  # whatever stops the planning is the operation's error
            found = problem(error)
            _log.warning("no plan", why=found["detail"], exc_info=found["type"].endswith(":defect"))
            await self._end(refused, {}, error=found)

    async def _plan(self) -> None:
        async def call(_tried: int) -> Prepared:
            self._cancellation.check()
            return await self._logic.prepare(self.operation)

        # Nothing is changed yet, so nothing must come to its end: either way of cancelling ends a wait for permission.
        with self._cancellation.interruptible(CancelMode.GRACEFUL, CancelMode.FORCEFUL):
            prepared = await persistently(call, self._patience, what="prepare", cancellation=self._cancellation)
        await self._move(Event.PLANNED, plan=prepared.plan, context=prepared.context)

    async def _walk(self, plan: Plan | None, phase: Phase, success: Event) -> None:
        if plan is None:
            raise ValueError(f"operation {self.operation.id} has no plan for the way {phase}")
        self.execution = Execution(
            plan,
            await self._journal.entries(self.operation.id, phase) if self.epoch > FIRST_EPOCH else {},
            operation=self.operation.id,
            phase=phase,
            epoch=self.epoch,
            performers=self._logic.performers,
            journal=self._journal,
            patience=self._patience,
            calls=self._calls,
            cancellation=self._cancellation,
            accepting=self.operation.accepting,
        )
        outcomes = await self._walked(self.execution)
        graph = await self._settled(phase, outcomes)
        error = operation_problem(plan, outcomes)
        if (mode := self._cancellation.mode) and not all_done(plan, outcomes):
            await self._end(Event.ERROR, graph, error=cancel_problem(mode, plan, outcomes))
        elif error is not None:
            await self._end(Event.ACCEPTED if self.operation.accepting else Event.ERROR, graph, error=error)
        elif success is Event.DONE:
            await self._end(success, graph, error=None)
        else:
            await self._end(success, graph)

    async def _walked(self, execution: Execution) -> dict[str, Outcome]:
        """Walk, and see to it that a cancel reaches those who work for the operation elsewhere."""
        try:
            if self._cancellation.asked:
                self._pass_on_soon()
            outcomes = await execution.run()
            if self._cancellation.asked:  # what was begun last may not have been there to be told
                self._pass_on_soon()
            await asyncio.gather(*self._passing)
        finally:
            passing = list(self._passing)
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)  # none outlives the attempt
        return outcomes

    def _pass_on_soon(self) -> None:
        task = asyncio.create_task(self._pass_on(), name=f"cancel {self.operation.id}")
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def _pass_on(self) -> None:
        if self.execution is None:
            return
        operation = msgspec.structs.replace(self.operation, cancel=self._cancellation.mode)
        try:
            await self._logic.cancelled(operation, unfinished_paths(self.execution.plan, self.execution.outcomes))
        except Exception:  # noqa: BLE001  # the operation comes to its end whoever else does
            _log.exception("the cancel was not passed on")

    async def _settled(self, phase: Phase, outcomes: dict[str, Outcome]) -> Graph:
        if phase is Phase.FORWARD:
            return settled(self.operation, outcomes, {})
        forward = await self._journal.entries(self.operation.id, Phase.FORWARD)
        return settled(self.operation, {step: entry.outcome for step, entry in forward.items()}, outcomes)

    async def _end(self, event: Event, graph: Graph, **changes: Any) -> None:
        """Move on and settle. What cannot be settled stops in FAILED_TEMP, where retry settles it again.

        An operation that has no plan has nothing to settle but what its room noted when it was begun.
        """
        try:
            await self._move(event, graph, **changes)
        except (FencedError, DatabaseAwayError):
            raise
        except Exception as error:  # noqa: BLE001  # a defect of the inventory must not leave the operation under way for ever
            _log.exception("the inventory was not written")
            stopped = {**problem(error), "title": "The inventory could not be written"}
            instead = event if event is Event.REFUSED else Event.ERROR
            await self._move(instead, error=changes.get("error") or stopped)

    async def _move(self, event: Event, graph: Graph | None = None, **changes: Any) -> None:
        """Store the operation in its next state, and with ``graph`` the inventory, unless the epoch is over."""
        async with self._database.transaction() as connection:
            stored = await self._stored(connection)
            if event is Event.PLANNED and stored.cancel:
                raise CalledOffError
            operation = moved(stored, event, **changes)
            etag = (await OPERATIONS.replace(connection, operation.id, operation)).etag
            if graph is not None:
                await self._logic.settle(connection, operation, graph)
            if operation.state is not self.operation.state:
                await tell(connection, self._logic, self._journal, operation)
        self.operation, self._etag = operation, etag
        self._announce(operation)

    async def _stored(self, connection: AsyncConnection) -> Operation:
        """The operation with what was wished meanwhile, unless the epoch is over. It is read where it has changed."""
        epoch, etag = await version_of(connection, self.operation.id)
        if epoch != self.epoch:
            raise FencedError(f"operation {self.operation.id} has left epoch {self.epoch}")
        if etag == self._etag:
            return self.operation
        stored = await OPERATIONS.get(connection, self.operation.id)
        if stored is None:
            raise KeyError(self.operation.id)
        return stored.document
