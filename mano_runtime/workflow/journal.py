"""What was begun and what became of it, durable before and after each call to the outside.

One task writes for everybody: while a transaction commits, entries that come wait together for the next, and a hundred
steps share one commit. A call is held up until its INTENT is durable, so INTENTs go first. What became of a call holds
nobody up, and may be written after the INTENT of what begins because of it: whoever finds the one without the other
looks for what was made, as after any other death.

Each attempt at an operation holds an *epoch*, the number that the operation's row had when the attempt began. Entries
of an older epoch are refused: whoever still works for it was replaced and must stop.
"""

from __future__ import annotations

import asyncio
import enum
import math
import time
from collections import deque
from collections.abc import Collection
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text, bindparam, delete, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.background import in_background
from mano_runtime.metrics import JOURNAL_BATCH, JOURNAL_COMMITS
from mano_runtime.storage import Database, metadata
from mano_runtime.workflow.plan import Outcome, Plan
from mano_runtime.workflow.records import OPERATIONS

BATCH = 50
"""INTENTs that one transaction takes, about, and as many other entries.

What the first of many hold up goes on while the others are written.
"""


class Phase(enum.StrEnum):
    """Which of an operation's plans a step belongs to."""

    FORWARD = "forward"
    ROLLBACK = "rollback"


class Status(enum.StrEnum):
    """What is known of a step."""

    INTENT = "INTENT"
    """Begun. Found at the start of an attempt: nobody knows whether it happened."""
    DONE = "DONE"
    FAILED = "FAILED"
    """It may have happened in part."""


class FencedError(Exception):
    """A newer attempt at the operation has begun; this one must stop and touch nothing any more."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal says of one step."""

    operation: str
    phase: Phase
    step: str
    status: Status
    epoch: int
    started_at: str
    ended_at: str | None = None
    result: dict[str, Any] | None = None
    """None leaves what an earlier entry for the step said."""
    error: dict[str, Any] | None = None

    @property
    def outcome(self) -> Outcome:
        """The entry, as the planner sees it."""
        return Outcome(done=self.status is Status.DONE, result=self.result, error=self.error)


JOURNAL = Table(
    "journal",
    metadata,
    Column("operation", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("result", Text),
    Column("error", Text),
    PrimaryKeyConstraint("operation", "phase", "step"),
)

_WRITE = (
    "INSERT INTO journal (operation, phase, step, status, epoch, started_at, ended_at, result, error)"
    " SELECT entry.* FROM (VALUES {entries}) AS entry"
    " JOIN operations ON operations.id = entry.column1 AND operations.epoch = entry.column5 WHERE true"
    " ON CONFLICT (operation, phase, step) DO UPDATE SET status = excluded.status, epoch = excluded.epoch,"
    " started_at = excluded.started_at, ended_at = excluded.ended_at,"
    " result = COALESCE(excluded.result, journal.result), error = excluded.error"
)
"""Nothing of an entry whose epoch is over; an upsert in the words that SQLite and PostgreSQL share.

All entries are one statement, in which the interpreter is free for others. A step has one of them at most whose epoch
is not over: its INTENT is waited for before there is another.
"""
_MARKS = {"qmark": "?", "pyformat": "%s"}
"""What stands for a value in the drivers' SQL."""
_EPOCHS = select(OPERATIONS.table.c.id, OPERATIONS.table.c.epoch).where(
    OPERATIONS.table.c.id.in_(bindparam("operations", expanding=True))
)


_Waiting = tuple[Entry, asyncio.Future[None]]


class Journal:
    """The journal of all operations. Safe to use from any number of tasks of one loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held_up: deque[_Waiting] = deque()
        """INTENTs, for which somebody waits."""
        self._others: deque[_Waiting] = deque()
        self._came = asyncio.Event()
        self._closing = False
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._closing = False
        self._writer = in_background(self._write_forever(), name="journal")

    async def aclose(self) -> None:
        """Write what is waiting and stop; idempotent."""
        if self._writer is not None:
            self._closing = True
            self._came.set()
            await self._writer
            self._writer = None

    def record(self, entry: Entry) -> asyncio.Future[None]:
        """Have the entry written; what is returned is done once it is durable.

        The entries of one step become durable in the order of these calls, when each INTENT is waited for. Whoever
        waits may be cancelled: the entry is written all the same. The future raises FencedError when the operation has
        a newer epoch; then nothing was written.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._held_up if entry.status is Status.INTENT else self._others).append((entry, written))
        self._came.set()
        return written

    async def entries(self, operation: str, phase: Phase) -> dict[str, Entry]:
        """Return what is known of a plan's steps, by step."""
        statement = select(JOURNAL).where(JOURNAL.c.operation == operation, JOURNAL.c.phase == phase)
        async with self._database.reading() as connection:
            return {row.step: _entry(row) for row in await connection.execute(statement)}

    async def _write_forever(self) -> None:
        while not self._closing or self._waiting():
            await self._came.wait()
            await asyncio.sleep(0)  # what begins because of it comes along
            batch = self._batch()
            if not self._waiting():
                self._came.clear()
            if batch:
                began = time.monotonic()
                await self._write(batch)
                if not self._closing and self._waiting() < BATCH:
                    await asyncio.sleep(time.monotonic() - began)  # more gather meanwhile, for the cost of one

    def _waiting(self) -> int:
        return len(self._held_up) + len(self._others)

    def _batch(self) -> list[_Waiting]:
        """The next to be written: what somebody waits for, and as many others as will keep these from piling up."""
        held_up = _taken(self._held_up, BATCH)
        return held_up + _taken(self._others, len(held_up) or BATCH)

    async def _write(self, batch: list[_Waiting]) -> None:
        entries = [entry for entry, _ in batch]
        try:
            fenced = await self._commit(entries)
        except Exception as error:  # noqa: BLE001  # whoever waits is told, and the writer lives on
            for _, written in batch:
                if not written.done():
                    written.set_exception(error)
            return
        for entry, written in batch:
            if written.done():
                continue
            if (entry.operation, entry.epoch) in fenced:
                written.set_exception(FencedError(f"operation {entry.operation} has left epoch {entry.epoch}"))
            else:
                written.set_result(None)

    async def _commit(self, entries: list[Entry]) -> set[tuple[str, int]]:
        """Write the entries of operations that still have their epoch; return (operation, epoch) of the others."""
        rows = [_row(entry) for entry in entries]
        claimed = {(entry.operation, entry.epoch) for entry in entries}

        def write(connection: Connection) -> tuple[int, set[tuple[str, int]]]:
            statement = _write_of(len(rows), _MARKS[connection.dialect.paramstyle])
            values = tuple(value for row in rows for value in row)
            written = connection.exec_driver_sql(
                statement, values, execution_options={"preserve_rowcount": True}
            ).rowcount
            if written == len(rows):  # as nearly always
                return written, claimed
            found = connection.execute(_EPOCHS, {"operations": [operation for operation, _ in claimed]})
            return written, {(row.id, row.epoch) for row in found}

        written, held = await self._database.write(write)
        if written:
            JOURNAL_COMMITS.inc()
            JOURNAL_BATCH.observe(written)
        return claimed - held


def _taken(waiting: deque[_Waiting], most: int) -> list[_Waiting]:
    """Take the first, in about equal parts where there are too many: a small rest would wait for all before it."""
    parts = max(1, round(len(waiting) / most))
    return [waiting.popleft() for _ in range(math.ceil(len(waiting) / parts))]


@cache
def _write_of(rows: int, mark: str) -> str:
    entry = f"({', '.join([mark] * len(JOURNAL.c))})"
    return _WRITE.format(entries=", ".join([entry] * rows))


def _row(entry: Entry) -> tuple[str | int | None, ...]:
    """The values of the table's columns."""
    return (
        entry.operation,
        entry.phase.value,
        entry.step,
        entry.status.value,
        entry.epoch,
        entry.started_at,
        entry.ended_at,
        None if entry.result is None else msgspec.json.encode(entry.result).decode(),
        None if entry.error is None else msgspec.json.encode(entry.error).decode(),
    )


def _entry(row: Any) -> Entry:
    return Entry(
        operation=row.operation,
        phase=Phase(row.phase),
        step=row.step,
        status=Status(row.status),
        epoch=row.epoch,
        started_at=row.started_at,
        ended_at=row.ended_at,
        result=None if row.result is None else msgspec.json.decode(row.result),
        error=None if row.error is None else msgspec.json.decode(row.error),
    )


async def forget(connection: AsyncConnection, operation: str, paths: Collection[str], plan: Plan) -> None:
    """Take what was done on ``paths`` of the forward plan for doubtful, and leave no entry of the way back."""
    journal = JOURNAL.c
    steps = [step.id for step in plan.steps if step.path in paths]
    forward = (journal.operation == operation, journal.phase == Phase.FORWARD)
    await connection.execute(
        update(JOURNAL).where(*forward, journal.step.in_(steps)).values(status=Status.FAILED, result=None, error=None)
    )
    await connection.execute(delete(JOURNAL).where(journal.operation == operation, journal.phase == Phase.ROLLBACK))
