"""Statements on SQLite that make one trip to their connection's thread, and not four.

The driver makes a trip for each call: for a cursor, for the statement, for its rows, and to close the cursor; a trip
takes longer than most statements. Nothing here reads rows one by one, so all of it is done at once. Nor is a statement
left half-read by a task that is cancelled meanwhile: what refers to one, such as the traceback of the cancellation,
would keep a connection that is closed alive, with its locks.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Self

import aiosqlite

from mano_runtime.write_ahead import write_ahead


class OneTripConnection(aiosqlite.Connection):
    """A connection whose cursors have their rows, and are closed, when the statement is done."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy does with the driver's own: none keeps a process alive

    def stop(self) -> asyncio.Future[Any] | None:
        """Have the connection closed and its thread end once what was asked of it before is done.

        Return what is done then; None when it was stopped before. The driver would ask its thread a second time, which
        has ended by then: whoever waited for that waited for ever, and kept the process from ending. It happens where a
        task is cancelled, and once more while SQLAlchemy closes the connection of the statement that it was at.
        """
        return super().stop() if self._running else None

    async def close(self) -> None:
        """Close the connection, in one trip, and end its thread; idempotent.

        Whoever is cancelled meanwhile does not stop it. An earlier close or ``stop`` is not waited for.
        """
        ending = self.stop() if self._connection is not None else None
        if ending is not None:
            await ending

    def cursor(self) -> OneTripCursor:  # type: ignore[override]  # the driver's own has to be awaited: a trip
        """Return a cursor; nothing is done yet."""
        return OneTripCursor(self)

    async def done(self, work: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> tuple[sqlite3.Cursor, list[Any]]:
        """Do work in the connection's thread; return its cursor, which is closed, and the rows."""

        def trip() -> tuple[sqlite3.Cursor, list[Any]]:
            with closing(work(self._conn)) as cursor:
                return cursor, cursor.fetchall() if cursor.description else []

        answer: tuple[sqlite3.Cursor, list[Any]] = await self._execute(trip)  # type: ignore[no-untyped-call]  # theirs
        return answer


class OneTripCursor:
    """What SQLAlchemy wants of a cursor, for one statement."""

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute a statement and fetch all of its rows; sqlite3.Error as from the driver."""
        return self._told(*await self._connection.done(lambda connection: connection.execute(statement, parameters)))

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Execute a statement for each of the parameters."""
        return self._told(
            *await self._connection.done(lambda connection: connection.executemany(statement, parameters))
        )

    async def fetchall(self) -> list[Any]:
        """Return the rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Do nothing: it is closed."""

    def _told(self, cursor: sqlite3.Cursor, rows: list[Any]) -> Self:
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        self._rows = rows
        return self


def connect(database: str, *, timeout: float, **options: Any) -> OneTripConnection:
    """Return a connection to a file with a write-ahead log, to be awaited; ``options`` as for ``sqlite3.connect``."""

    def opened() -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(database, timeout=timeout, **options)
        try:
            write_ahead(connection, seconds=timeout)
        except BaseException:
            connection.close()
            raise
        return connection

    return OneTripConnection(opened)
