"""SQLite: a file, for one machine.

It runs with a write-ahead log: readers never wait for the writer, nor it for them. ``synchronous=NORMAL`` syncs
the log at checkpoints, not at each commit. A commit survives the death of the process (kill -9) because it is in
the kernel's hands; a power loss may take back the last commits, but never tears the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from mano_runtime.storage.errors import UnusableDatabaseError
from mano_runtime.storage.one_trip import connect
from mano_runtime.write_ahead import write_ahead

READERS = 4
"""Connections that read at the same time; each is a thread."""
BUSY_SECONDS = 30
"""How long a writer waits for another process (a migration, a backup) before it gives up."""

_PRAGMAS = (
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys=ON",
)
_READ_ONLY = "PRAGMA query_only=ON"


class Sqlite:
    """A database in a file. The lock on the data directory keeps other servers out, so it needs no fence."""

    away_seconds = 0.0
    rewrite = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")

    def __init__(self, url: URL) -> None:
        """Raises :class:`UnusableDatabaseError` where the database has no file of its own."""
        if url.database in {None, "", ":memory:"}:
            raise UnusableDatabaseError(
                "the database needs a file: readers and the writer have connections of their own"
            )
        self._url = url

    def reader(self) -> AsyncEngine:
        """Return the engine of those who read."""
        return self._engine(writes=False)

    def writer(self) -> AsyncEngine:
        """Return the engine of the one that writes."""
        return self._engine(writes=True)

    def blocking(self) -> Engine:
        """Return an engine that writes and blocks."""
        engine = create_engine(self._url.set(drivername="sqlite"), connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", lambda connection, _record: write_ahead(connection, seconds=BUSY_SECONDS))
        _prepare(engine, writes=True)
        return engine

    async def take(self) -> None:
        """Do nothing: whoever holds the data directory holds the file."""

    def fence(self, term: int) -> None:
        """Do nothing: nobody takes a file over from a process that lives."""

    def _engine(self, *, writes: bool) -> AsyncEngine:
        engine = create_async_engine(
            self._url,
            pool_size=1 if writes else READERS,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            connect_args={"timeout": BUSY_SECONDS, "async_creator_fn": connect},
        )
        _prepare(engine.sync_engine, writes=writes)
        return engine


def _prepare(engine: Engine, *, writes: bool) -> None:
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
