"""What work on operations had to say: the output of scripts and of whatever else writes lines, by operation and path.

Durable, and bounded: of each path's output the newest is kept. What was dropped is told.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Column, Index, Integer, Table, Text, delete, func, insert, select

from mano_runtime.clock import timestamp
from mano_runtime.storage import Database, metadata

LOG = Table(
    "operation_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("operation", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Index("ix_operation_log_operation", "operation", "number"),
)


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said."""

    number: int
    """Grows with time; where to go on reading."""
    path: str
    """Of the resource whose step said it."""
    at: str
    """UTC, ISO 8601."""
    stream: str
    """stdout or stderr; ``run`` for what the orchestrator says of the run itself."""
    text: str
    """Some lines, or parts of lines."""


class OperationLog:
    """The log of all operations. Safe to use from any number of tasks."""

    def __init__(self, database: Database, *, limit: int = 2**20) -> None:
        """Keep so many bytes of each path of each operation."""
        self._database = database
        self._limit = limit

    async def append(self, operation: str, path: str, stream: str, text: str) -> None:
        """Write a text, and let go of the path's oldest entries beyond the limit; durable when it returns."""
        size = len(text.encode())
        if size > self._limit:
            text = text.encode()[-self._limit :].decode(errors="replace")
            size = self._limit
        own = (LOG.c.operation == operation, LOG.c.path == path)
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(LOG).values(
                    operation=operation, path=path, at=timestamp(), stream=stream, text=text, size=size
                )
            )
            newest = (
                select(LOG.c.number, func.sum(LOG.c.size).over(order_by=LOG.c.number.desc()).label("together"))
                .where(*own)
                .subquery()
            )
            kept = select(func.min(newest.c.number)).where(newest.c.together <= self._limit).scalar_subquery()
            await connection.execute(delete(LOG).where(*own, LOG.c.number < kept))

    async def page(self, operation: str, *, after: int = 0, limit: int = 1000) -> list[LogEntry]:
        """Return the entries of an operation that come after one, oldest first."""
        statement = (
            select(LOG)
            .where(LOG.c.operation == operation, LOG.c.number > after)
            .order_by(LOG.c.number)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [msgspec.convert(row, LogEntry) for row in (await connection.execute(statement)).mappings()]
