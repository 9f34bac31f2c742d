"""The attempts that are at work in this process: dispatched, carried out, watched, and stopped with it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.background import in_background
from mano_runtime.clock import now
from mano_runtime.metrics import OPERATION_SECONDS, OPERATIONS, OPERATIONS_IN_FLIGHT, QUEUE_DEPTH
from mano_runtime.process import collect_at_rest
from mano_runtime.storage import Database
from mano_runtime.tenancy import INSTALLATION, Party, acting_for, owner
from mano_runtime.workflow import records
from mano_runtime.workflow.attempt import Attempt
from mano_runtime.workflow.journal import FencedError, Journal
from mano_runtime.workflow.logic import OperationLogic
from mano_runtime.workflow.operation import ACTIVE_STATES, ENDED_STATES, Operation
from mano_runtime.workflow.patience import Patience

_log = structlog.get_logger(__name__)

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0
"""Seconds until work that the orchestrator itself could not do (its database failed) is taken up again."""

_REST = 0.1
"""Seconds without an attempt after which none is expected to follow at once."""


class Attempts:
    """Every attempt of this process, which is the only one that works on the database."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        logics: Mapping[str, OperationLogic],
        patience: Patience,
        calls: asyncio.Semaphore,
    ) -> None:
        self._database = database
        self._journal = journal
        self._logics = logics
        self._patience = patience
        self._calls = calls
        self._running = False
        self._queued: set[str] = set()
        self._live: dict[str, Attempt] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchers: defaultdict[str, set[asyncio.Future[Operation]]] = defaultdict(set)

    async def start(self) -> None:
        """Begin to work, first on every operation that is under way and has nobody left to work on it."""
        self._journal.start()
        self._running = True
        for operation in await self._left():
            _log.info("taking up", operation=operation.id, state=operation.state)
            self.dispatch(operation)

    async def aclose(self) -> None:
        """Stop promptly; what is at work is left as it is and taken up at the next start. Idempotent."""
        self._running = False
        await self._stop_tasks()
        await self._journal.aclose()

    def live(self, operation: str) -> Attempt | None:
        """Return the attempt that is at work on the operation."""
        return self._live.get(operation)

    def dispatch(self, operation: Operation) -> None:
        """Have an attempt made at an operation that is stored in an active state; before the start, by the start.

        It knows nothing of who asked for it: the attempt may outlive them, and be made again after a restart.
        """
        if not self._running:
            return
        self._queue(operation.id, waits=True)
        carrying = self._carry(operation.id, operation.attempt)
        task = in_background(carrying, name=f"attempt {operation.id}", context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def announce(self, operation: Operation) -> None:
        """Tell whoever watches that the operation was stored in a new state, and count it where it ended."""
        if operation.state in ENDED_STATES:
            for watcher in self._watchers.get(operation.id, ()):
                if not watcher.done():
                    watcher.set_result(operation)
            labels = (operation.level, operation.kind, operation.state)
            OPERATIONS.labels(*labels).inc()
            took = now() - datetime.fromisoformat(operation.started_at)
            OPERATION_SECONDS.labels(*labels).observe(took.total_seconds())

    @contextlib.contextmanager
    def watching(self, operation: str) -> Iterator[asyncio.Future[Operation]]:
        """What is done once the operation comes to a state, from now on, in which nothing moves by itself."""
        ended: asyncio.Future[Operation] = asyncio.get_running_loop().create_future()
        self._watchers[operation].add(ended)
        try:
            yield ended
        finally:
            self._watchers[operation].discard(ended)
            if not self._watchers[operation]:
                del self._watchers[operation]

    async def _left(self) -> list[Operation]:
        """Give every active operation its next attempt, and return them."""
        left = []
        async with self._database.transaction() as connection:
            for stored in await records.OPERATIONS.all(connection, equal={"state": ACTIVE_STATES}):
                if stored.document.level not in self._logics:
                    _log.error("nobody runs operations of this level", operation=stored.id, level=stored.document.level)
                    continue
                operation = msgspec.structs.replace(stored.document, attempt=stored.document.attempt + 1)
                await records.OPERATIONS.replace(connection, stored.id, operation)
                left.append(operation)
        return left

    async def _carry(self, operation: str, number: int) -> None:
        with structlog.contextvars.bound_contextvars(operation=operation, attempt=number):
            await _until_done(lambda: self._attempt(operation, number))

    async def _attempt(self, id_: str, number: int) -> None:
        """Make the attempt, unless it was replaced or the operation has ended meanwhile."""
        async with self._database.transaction() as connection:
            attempt, party = await self._begin(connection, id_, number)
            if attempt is not None:
                self._live[id_] = attempt  # within the transaction: whoever cancels after it finds the attempt
        self._queue(id_, waits=False)
        if attempt is None:
            return
        in_flight = OPERATIONS_IN_FLIGHT.labels(attempt.operation.level)
        in_flight.inc()
        try:
            with acting_for(party):  # what it makes and asks for is the tenant's whose operation it is
                await attempt.run()
        except FencedError as error:
            _log.info("attempt was replaced", why=str(error))
        finally:
            in_flight.dec()
            if self._live.get(id_) is attempt:
                del self._live[id_]
            if not self._live:
                asyncio.get_running_loop().call_later(_REST, self._rest)

    def _rest(self) -> None:
        if not self._live:
            collect_at_rest()

    async def _begin(self, connection: AsyncConnection, id_: str, number: int) -> tuple[Attempt | None, Party]:
        stored = await records.OPERATIONS.get(connection, id_)
        if stored is None or stored.document.attempt != number or stored.document.state not in ACTIVE_STATES:
            return None, INSTALLATION
        attempt = Attempt(
            stored.document,
            await records.raise_epoch(connection, id_),
            etag=stored.etag,
            logic=self._logics[stored.document.level],
            database=self._database,
            journal=self._journal,
            patience=self._patience,
            calls=self._calls,
            announce=self.announce,
        )
        return attempt, owner(stored.tenant)

    def _queue(self, operation: str, *, waits: bool) -> None:
        (self._queued.add if waits else self._queued.discard)(operation)
        QUEUE_DEPTH.set(len(self._queued))

    async def _stop_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_done(work: Callable[[], Awaitable[None]]) -> None:
    """Do work that can be begun anew at any time, again and again until it does not raise."""
    pause = _FIRST_PAUSE
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001  # whatever it is, giving up would leave the operation without anybody
            _log.exception("work on an operation was interrupted, and will be taken up again", pause=pause)
        else:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
