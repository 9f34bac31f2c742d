"""Runs operations durably: prepares, plans, executes, settles, and takes up after a crash what was left.

The operations table is the truth. Whatever is accepted is in it before ``begin`` returns, and whatever is in it in an
active state has an attempt at work on it, or gets one at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.storage import Database, DatabaseAwayError, Page, Stored
from mano_runtime.tenancy import acting, acting_for, owner
from mano_runtime.unbroken import Unbroken
from mano_runtime.workflow.attempts import Attempts
from mano_runtime.workflow.journal import Entry, Journal, Phase, forget
from mano_runtime.workflow.logic import OperationLogic, OperationRefusedError, Prepared
from mano_runtime.workflow.operation import (
    ACTIVE_STATES,
    ENDED_STATES,
    CancelMode,
    Event,
    Operation,
    OperationState,
    moved,
)
from mano_runtime.workflow.patience import Patience
from mano_runtime.workflow.plan import Outcome
from mano_runtime.workflow.progress import StepStatus, step_statuses
from mano_runtime.workflow.records import OPERATIONS, epoch_of, open_operation
from mano_runtime.workflow.settlement import settled, touched, way_back, way_forward_again
from mano_runtime.workflow.telling import tell

__all__ = [
    "Engine",
    "OperationLogic",
    "OperationRefusedError",
    "Patience",
    "Prepared",
    "StepStatus",
    "SubjectBusyError",
    "WrongStateError",
]

CALLS = 1024
"""Calls that change something outside, at the same time, by default."""


class SubjectBusyError(Exception):
    """The subject has an operation that has not ended; ``operation`` is its identifier, ``state`` where it stands."""

    def __init__(self, operation: str, state: OperationState) -> None:
        super().__init__(f"operation {operation} is in state {state}")
        self.operation = operation
        self.state = state


class WrongStateError(Exception):
    """What was asked for cannot happen in the state that the operation ``id`` is in."""

    def __init__(self, id: str, state: OperationState, allowed: tuple[OperationState, ...]) -> None:  # noqa: A002  # the seam's word
        super().__init__(f"operation {id} is in state {state}; this needs {' or '.join(allowed)}")
        self.id = id
        self.state = state
        self.allowed = allowed


class Engine:
    """All operations of an installation; whoever starts one sees to it that no other works on the database.

    ``calls`` caps the calls that change something outside at the same time, over all operations; ``patience`` says how
    long failing ones are tried again.
    """

    def __init__(self, database: Database, *, patience: Patience | None = None, calls: int = CALLS) -> None:
        self._database = database
        self._logics: dict[str, OperationLogic] = {}
        self._journal = Journal(database)
        self._unbroken = Unbroken(SubjectBusyError, WrongStateError, LookupError, DatabaseAwayError)
        """What is stored must be dispatched, too."""
        self._attempts = Attempts(
            database,
            self._journal,
            logics=self._logics,
            patience=patience or Patience(),
            calls=asyncio.Semaphore(calls),
        )

    def register(self, logic: OperationLogic) -> None:
        """Have operations of ``logic.level`` run by ``logic``; before ``start``. ValueError when the level is taken."""
        if logic.level in self._logics:
            raise ValueError(f"operations of level {logic.level!r} are run by another logic already")
        self._logics[logic.level] = logic

    async def start(self) -> None:
        """Begin to work, first on what an earlier process left."""
        try:
            await self._attempts.start()
        except BaseException:
            await self._attempts.aclose()
            raise

    async def aclose(self) -> None:
        """Stop promptly; what is at work resumes at the next start. Idempotent. The database stays open.

        What was asked for and is not stored yet is, or is refused, when this returns: nothing uses the database then.
        """
        await self._attempts.aclose()
        await self._unbroken.aclose()

    async def begin(
        self,
        *,
        level: str,
        kind: str,
        subject: str,
        request: dict[str, Any],
        parent: str | None = None,
        automatic: bool = False,
        within: Callable[[AsyncConnection], Awaitable[None]] | None = None,
    ) -> Operation:
        """Accept an operation and return it; the work follows by itself, whatever happens to this process.

        One transaction: ``within`` runs on its connection, for the room's own checks and changes; what it raises
        refuses the operation and is passed on.

        Raises:
            SubjectBusyError: the subject has an operation that has not ended.
            LookupError: nobody runs operations of this level.
        """
        moment = timestamp()
        operation = Operation(
            id=new_id(),
            level=level,
            kind=kind,
            subject=subject,
            state=self._logic(level).first_state,
            state_entered_at=moment,
            started_at=moment,
            request=request,
            automatic=automatic,
            parent=parent,
            attempt=1,
        )

        async def accept() -> Operation:
            async with self._database.transaction() as connection:
                busy = await open_operation(connection, level, subject)
                if busy is not None:
                    raise SubjectBusyError(busy.id, busy.state)
                if within is not None:
                    await within(connection)
                stored = await OPERATIONS.insert(connection, operation.id, operation)
                await self._tell(connection, operation, of=stored)
            self._attempts.dispatch(operation)
            return operation

        return await self._unbroken.done(f"begin {kind} of {subject}", accept())

    async def retry(self, id: str) -> Operation:  # noqa: A002  # the seam's word
        """Try again: failed and blocked steps, and none that is done (SOL003 5.4.14, SOL005 6.4.11).

        Without a plan it is made anew. After a rollback that failed, the way forward is resumed from wherever the way
        back got to.

        Raises:
            KeyError: there is no such operation.
            WrongStateError: it is not in FAILED_TEMP.
        """
        return await self._unbroken.done(f"retry {id}", self._forward_again(id, Event.RETRY))

    async def proceed(self, id: str) -> Operation:  # noqa: A002  # the seam's word
        """Go on without what failed (SOL005 6.4.13, "continue"), and end in PARTIALLY_COMPLETED, or COMPLETED.

        What failed, and what needs it, is accepted as it is. What was not begun because of a cancel is carried out, and
        what fails on the way is accepted, too. Without a plan, or after a rollback that failed, as ``retry``.

        Raises:
            KeyError: there is no such operation.
            WrongStateError: it is not in FAILED_TEMP.
        """
        return await self._unbroken.done(f"continue {id}", self._forward_again(id, Event.CONTINUE))

    async def rollback(self, id: str) -> Operation:  # noqa: A002  # the seam's word
        """Put back what was there before (SOL003 5.4.15). A rollback that failed is continued.

        An operation without a plan has changed nothing: it is rolled back when this returns.

        Raises:
            KeyError: there is no such operation.
            WrongStateError: it is not in FAILED_TEMP.
        """
        return await self._unbroken.done(f"rollback {id}", self._back(id))

    async def cancel(self, id: str, mode: CancelMode) -> Operation:  # noqa: A002  # the seam's word
        """Bring what is under way to an end (SOL003 5.4.17, SOL005 6.4.15): soon it stops in FAILED_TEMP.

        In STARTING it ends in ROLLED_BACK. Where all was done before the cancel took effect, the operation ends as if
        nothing had been said. The wish survives a restart. FORCEFUL after GRACEFUL hurries it; else asking again
        changes nothing.

        Raises:
            KeyError: there is no such operation.
            WrongStateError: it is not under way.
        """
        return await self._unbroken.done(f"cancel {id}", self._cancel(id, mode))

    async def fail(self, id: str) -> Operation:  # noqa: A002  # the seam's word
        """Give up (SOL003 5.4.16); what exists stays, and is in the inventory when this returns.

        Raises:
            KeyError: there is no such operation.
            WrongStateError: it is not in FAILED_TEMP.
        """
        async with self._database.transaction() as connection:
            operation = moved(await self._stopped(connection, id), Event.FAIL)
            await OPERATIONS.replace(connection, id, operation)
            graph = settled(operation, *await self._outcomes(operation))
            await self._logic(operation.level).settle(connection, operation, graph)
            await self._tell(connection, operation)
        self._attempts.announce(operation)
        return operation

    async def get(self, id: str) -> Operation | None:  # noqa: A002  # the seam's word
        """Return the operation as it stands, or None."""
        async with self._database.reading() as connection:
            stored = await OPERATIONS.get(connection, id)
        return None if stored is None else stored.document

    async def page(
        self, *, level: str, equal: Mapping[str, Any] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Operation]:
        """Return operations of a level, the newest last; ``equal`` takes subject, state, kind and parent."""
        async with self._database.reading() as connection:
            return await OPERATIONS.page(connection, equal={**(equal or {}), "level": level}, after=after, limit=limit)

    async def steps(self, id: str) -> list[StepStatus]:  # noqa: A002  # the seam's word
        """Return every step of the operation's plan, and of the way back where there is one; KeyError when unknown."""
        async with self._database.reading() as connection:
            stored = await OPERATIONS.get(connection, id)
            if stored is None:
                raise KeyError(id)
            epoch = await epoch_of(connection, id)
        operation = stored.document
        statuses: list[StepStatus] = []
        for phase, plan in ((Phase.FORWARD, operation.plan), (Phase.ROLLBACK, operation.rollback)):
            if plan is None:
                continue
            walked = (phase is Phase.ROLLBACK) == (operation.state is OperationState.ROLLING_BACK)
            walking = walked and operation.state in ACTIVE_STATES
            statuses += step_statuses(
                plan,
                await self._journal.entries(id, phase),
                phase=phase,
                running=self._running(id, phase),
                epoch=epoch if walking else None,
            )
        return statuses

    async def ended(self, id: str, *, timeout: float | None = None) -> Operation:  # noqa: A002, ASYNC109  # the seam's words
        """Wait until nothing moves by itself any more, and return the operation; at ``timeout``, as it stands then.

        ``timeout`` is in seconds. KeyError when there is no such operation.
        """
        with self._attempts.watching(id) as ended:
            try:
                async with asyncio.timeout(timeout):
                    operation = await self._known(id)
                    return operation if operation.state in ENDED_STATES else await ended
            except TimeoutError:
                return await self._known(id)

    async def _forward_again(self, id_: str, event: Event) -> Operation:
        async with self._database.transaction() as connection:
            operation = await self._stopped(connection, id_)
            if operation.rollback is not None:
                forward, back = await self._outcomes(operation)
                plan = way_forward_again(operation, forward, back)
                await forget(connection, id_, touched(operation.rollback, back), plan)
                operation = msgspec.structs.replace(operation, plan=plan, rollback=None)
            operation = moved(operation, event, attempt=operation.attempt + 1, accepting=event is Event.CONTINUE)
            await OPERATIONS.replace(connection, id_, operation)
            await self._tell(connection, operation)
        self._attempts.announce(operation)
        self._attempts.dispatch(operation)
        return operation

    async def _back(self, id_: str) -> Operation:
        async with self._database.transaction() as connection:
            operation = moved(await self._stopped(connection, id_), Event.ROLLBACK)
            await self._tell(connection, operation)
            if operation.plan is None:
                operation = moved(operation, Event.UNDONE)
                await self._logic(operation.level).settle(connection, operation, {})
                await self._tell(connection, operation)
            else:
                back = operation.rollback or await self._way_back(operation)
                operation = msgspec.structs.replace(operation, rollback=back, attempt=operation.attempt + 1)
            await OPERATIONS.replace(connection, id_, operation)
        self._attempts.announce(operation)
        if operation.state in ACTIVE_STATES:
            self._attempts.dispatch(operation)
        return operation

    async def _cancel(self, id_: str, mode: CancelMode) -> Operation:
        async with self._database.transaction() as connection:
            operation = await self._existing(connection, id_)
            if operation.state not in ACTIVE_STATES:
                never = {OperationState.STARTING} - {self._logic(operation.level).first_state}
                raise WrongStateError(id_, operation.state, tuple(sorted(ACTIVE_STATES - never)))
            if operation.cancel is not CancelMode.FORCEFUL:
                operation = msgspec.structs.replace(operation, cancel=mode)
                await OPERATIONS.replace(connection, id_, operation)
        attempt = self._attempts.live(id_)
        if attempt is not None:
            attempt.cancel(mode)
        return operation

    def _logic(self, level: str) -> OperationLogic:
        if level not in self._logics:
            raise LookupError(f"nobody runs operations of level {level!r}")
        return self._logics[level]

    async def _tell(
        self, connection: AsyncConnection, operation: Operation, *, of: Stored[Operation] | None = None
    ) -> None:
        """Tell the subscribers of the tenant whose operation it is, whoever moves it; ``of`` it, as it is stored."""
        stored = of or await OPERATIONS.get(connection, operation.id)
        with acting_for(owner(stored.tenant) if stored else acting()):
            await tell(connection, self._logic(operation.level), self._journal, operation)

    async def _known(self, id_: str) -> Operation:
        operation = await self.get(id_)
        if operation is None:
            raise KeyError(id_)
        return operation

    async def _existing(self, connection: AsyncConnection, id_: str) -> Operation:
        stored = await OPERATIONS.get(connection, id_)
        if stored is None:
            raise KeyError(id_)
        return stored.document

    async def _stopped(self, connection: AsyncConnection, id_: str) -> Operation:
        operation = await self._existing(connection, id_)
        if operation.state is not OperationState.FAILED_TEMP:
            raise WrongStateError(id_, operation.state, (OperationState.FAILED_TEMP,))
        return operation

    async def _outcomes(self, operation: Operation) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
        """The outcomes of the way forward and of the way back."""
        forward = await self._journal.entries(operation.id, Phase.FORWARD)
        back = await self._journal.entries(operation.id, Phase.ROLLBACK)
        return _outcomes_of(forward), _outcomes_of(back)

    async def _way_back(self, operation: Operation) -> Any:
        if operation.plan is None:
            raise ValueError(f"operation {operation.id} has no plan")
        forward, _ = await self._outcomes(operation)
        return way_back(operation.plan, forward, self._logic(operation.level).behaviours)

    def _running(self, id_: str, phase: Phase) -> Mapping[str, str]:
        attempt = self._attempts.live(id_)
        if attempt is None or attempt.execution is None or attempt.execution.phase is not phase:
            return {}
        return attempt.execution.running


def _outcomes_of(entries: Mapping[str, Entry]) -> dict[str, Outcome]:
    return {step: entry.outcome for step, entry in entries.items()}
