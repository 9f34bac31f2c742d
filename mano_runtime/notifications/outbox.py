"""Notifications on their way: a queue for each subscriber, in the database."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Column, Index, Table, Text, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import COUNTER, metadata

OUTBOX = Table(
    "outbox",
    metadata,
    Column("sequence", COUNTER, primary_key=True),
    Column("subscription", Text, nullable=False),
    Column("notification", Text, nullable=False),
    Column("written_at", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_outbox_queue", "subscription", "sequence"),
)
"""``sequence`` is the order of the writing, and so of the delivery to one subscriber."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A notification for one subscriber."""

    subscription: str
    notification: str
    """Its identifier; the same for every subscriber that is told of the same."""
    written_at: str
    """UTC, ISO 8601."""
    body: str
    """JSON."""
    sequence: int = 0
    """Given when it is written."""


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What a subscriber has not taken yet."""

    count: int
    oldest: str
    """When the first of it was written; UTC, ISO 8601."""


async def write(connection: AsyncConnection, letters: Iterable[Letter]) -> None:
    """Put letters into the outbox, each after everything that its subscriber is yet to get."""
    rows = [
        {name: value for name, value in msgspec.structs.asdict(letter).items() if name != "sequence"}
        for letter in letters
    ]
    if rows:
        await connection.execute(insert(OUTBOX), rows)


async def first(connection: AsyncConnection, subscription: str, limit: int) -> list[Letter]:
    """Return the letters that the subscriber is to get next."""
    statement = select(OUTBOX).where(OUTBOX.c.subscription == subscription).order_by(OUTBOX.c.sequence).limit(limit)
    return [Letter(**row._asdict()) for row in await connection.execute(statement)]


async def remove(connection: AsyncConnection, letter: Letter) -> None:
    """Take a letter out: it was delivered, or given up. Absent is success."""
    await connection.execute(delete(OUTBOX).where(OUTBOX.c.sequence == letter.sequence))


async def clear(connection: AsyncConnection, subscription: str) -> None:
    """Take everything out that was meant for a subscriber."""
    await connection.execute(delete(OUTBOX).where(OUTBOX.c.subscription == subscription))


async def backlogs(connection: AsyncConnection) -> dict[str, Backlog]:
    """Return what each subscriber has not taken yet; those who have everything are left out."""
    statement = select(
        OUTBOX.c.subscription, func.count().label("count"), func.min(OUTBOX.c.written_at).label("oldest")
    ).group_by(OUTBOX.c.subscription)
    return {row.subscription: Backlog(count=row[1], oldest=row.oldest) for row in await connection.execute(statement)}
