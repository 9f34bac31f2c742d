"""What work on operations had to say: the output of scripts and of whatever else writes lines, by operation and path.

Durable, and bounded: of each path's output the newest is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Column, Index, Integer, Table, Text, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.clock import timestamp
from mano_runtime.storage import COUNTER, Database, metadata

LOG = Table(
    "operation_log",
    metadata,
    Column("number", COUNTER, primary_key=True, autoincrement=True),
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
    operation: str
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
        """Keep so many characters of each path of each operation."""
        self._database = database
        self._limit = limit

    async def append(self, operation: str, path: str, stream: str, text: str) -> None:
        """Write a text, and let go of the path's oldest entries beyond the limit; durable when it returns."""
        written = [
            {"operation": operation, "path": path, "at": timestamp(), "stream": stream, "text": it, "size": len(it)}
            for it in self._pieces(text)
        ]
        own = (LOG.c.operation == operation, LOG.c.path == path)
        together = func.sum(LOG.c.size).over(order_by=LOG.c.number.desc()).label("together")
        newest = select(LOG.c.number, together).where(*own).subquery()
        kept = select(func.min(newest.c.number)).where(newest.c.together <= self._limit).scalar_subquery()
        async with self._database.transaction() as connection:
            await connection.execute(insert(LOG), written)
            await connection.execute(delete(LOG).where(*own, LOG.c.number < kept))

    def _pieces(self, text: str) -> list[str]:
        """What is let go of goes in pieces, so none is more than a small part of the limit."""
        most = max(self._limit // 16, 1)
        text = text[-self._limit :]
        return [text[start : start + most] for start in range(0, len(text), most)]

    async def has(self, operation: str, path: str) -> bool:
        """Tell whether anything was ever said there."""
        statement = select(LOG.c.number).where(LOG.c.operation == operation, LOG.c.path == path).limit(1)
        async with self._database.reading() as connection:
            return (await connection.execute(statement)).first() is not None

    async def page(self, operations: Collection[str], *, after: int = 0, limit: int = 1000) -> list[LogEntry]:
        """Return the entries of some operations that come after one, oldest first."""
        statement = (
            select(LOG).where(LOG.c.operation.in_(operations), LOG.c.number > after).order_by(LOG.c.number).limit(limit)
        )
        async with self._database.reading() as connection:
            return [_entry(row) for row in await connection.execute(statement)]


async def said(connection: AsyncConnection, operation: str, stream: str) -> dict[str, list[LogEntry]]:
    """Return what is kept of one stream of an operation's log, oldest first, by path."""
    statement = select(LOG).where(LOG.c.operation == operation, LOG.c.stream == stream).order_by(LOG.c.number)
    found: dict[str, list[LogEntry]] = {}
    for row in await connection.execute(statement):
        found.setdefault(row.path, []).append(_entry(row))
    return found


def _entry(row: Any) -> LogEntry:
    return LogEntry(**{name: getattr(row, name) for name in LogEntry.__struct_fields__})
