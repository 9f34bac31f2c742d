"""All that depends on which database it is. SQLite today; PostgreSQL joins here and nowhere else.

SQLite runs with a write-ahead log: readers never wait for the writer, nor it for them. ``synchronous=NORMAL`` syncs
the log at checkpoints, not at each commit. A commit survives the death of the process (kill -9) because it is in
the kernel's hands; a power loss may take back the last commits, but never tears the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, event, make_url
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

READERS = 4
"""Connections that read at the same time; each is a thread on SQLite."""
BUSY_SECONDS = 30
"""How long a writer waits for another process (a migration, a backup) before it gives up."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys=ON",
)
REWRITE = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
"""Leaves nothing of what was deleted in the files of the database; outside any transaction."""
_READ_ONLY = "PRAGMA query_only=ON"


def engine_for(url: str, *, writes: bool) -> AsyncEngine:
    """Return an engine whose transactions are safe to write in, or can only read. Looks at the file system.

    Raises:
        ValueError: the database is of a kind that is not supported, or has no file of its own.
    """
    engine = create_async_engine(
        _checked(url),
        pool_size=1 if writes else READERS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS},
    )
    _prepare_sqlite(engine.sync_engine, writes=writes)
    return engine


def blocking_engine(url: str) -> Engine:
    """Return an engine that writes and blocks: for alembic, which knows no other way, and for work in a thread."""
    engine = create_engine(_checked(url).set(drivername="sqlite"), connect_args={"timeout": BUSY_SECONDS})
    _prepare_sqlite(engine, writes=True)
    return engine


def blocking_sqlite(path: Path) -> Engine:
    """Return an engine for a library that works on an SQLite file of its own, in threads of its own."""
    engine = create_engine(
        f"sqlite:///{path}",
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    event.listen(engine, "connect", prepare)
    return engine


def _checked(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername != "sqlite+aiosqlite":
        raise ValueError(f"the database {parsed.drivername!r} is not supported; use sqlite+aiosqlite:///FILE")
    if parsed.database in {None, "", ":memory:"}:
        raise ValueError("the database needs a file: readers and the writer have connections of their own")
    return parsed


def _prepare_sqlite(engine: Engine, *, writes: bool) -> None:
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin late, and never IMMEDIATE
        cursor = connection.cursor()
        for pragma in _PRAGMAS if writes else (*_PRAGMAS, _READ_ONLY):
            cursor.execute(pragma)
        cursor.close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
