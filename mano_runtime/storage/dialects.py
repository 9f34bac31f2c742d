"""All that depends on which database it is. SQLite today; PostgreSQL joins here and nowhere else.

SQLite runs with a write-ahead log: readers never wait for the writer, nor it for them. ``synchronous=NORMAL`` syncs
the log at checkpoints, not at each commit. A commit survives the death of the process (kill -9) because it is in
the kernel's hands; a power loss may take back the last commits, but never tears the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

READERS = 4
"""Connections that read at the same time; each is a thread on SQLite."""
BUSY_SECONDS = 30
"""How long a writer waits for another process (a migration, a backup) before it gives up."""

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys=ON",
)


def engine_for(url: str, *, writes: bool) -> AsyncEngine:
    """Return an engine whose transactions are safe to write in, or can only read.

    Raises:
        ValueError: the database is of a kind that is not supported, or has no file of its own.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise ValueError(f"the database {parsed.get_backend_name()!r} is not supported; use sqlite+aiosqlite:///FILE")
    return _sqlite(parsed, writes=writes)


def _sqlite(url: URL, *, writes: bool) -> AsyncEngine:
    if url.database in {None, "", ":memory:"}:
        raise ValueError("the database needs a file: readers and the writer have connections of their own")
    engine = create_async_engine(
        url,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS},
    )
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin late, and never IMMEDIATE
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS if writes else (*SQLITE_PRAGMAS, "PRAGMA query_only=ON"):
            cursor.execute(pragma)
        cursor.close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", start)
    return engine
