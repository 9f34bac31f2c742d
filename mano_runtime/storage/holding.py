"""The server's lock on a PostgreSQL database: taken at the start, kept on a connection of its own, looked after.

The lock ends with the connection, so however its holder dies the next server gets it. A holder that only lost its
connection takes it again and goes on, unless another server began a new term meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Self

import psycopg
import structlog
from sqlalchemy import Column, Integer, Table, Text, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.background import in_background
from mano_runtime.clock import timestamp
from mano_runtime.storage.errors import DatabaseInUseError
from mano_runtime.storage.schema import metadata

SERVERS_LOCK = 0x6D616E6F0002
"""Number of the advisory lock: "mano", and that it is the second of ours."""
TERMS = Table(
    "database_terms",
    metadata,
    Column("term", Integer, primary_key=True, autoincrement=False),
    Column("since", Text, nullable=False),  # UTC, ISO 8601
)
"""One row: the term of the server that took the database last."""

_PATIENCE = 5.0
"""Seconds that the lock of a server that has just died may need to be let go of."""
_LOOK = 5.0
"""Seconds between two looks after the connection."""
_PAUSE = 0.25
_HOLDER = (
    "SELECT client_addr, backend_start FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory'"
    " AND granted AND objid = %s AND datname = current_database() AND database = datid"
)
_log = structlog.get_logger(__name__)

_Session = psycopg.AsyncConnection[tuple[Any, ...]]


class Holding:
    """The server's lock, held."""

    def __init__(self, url: str, options: dict[str, Any], session: _Session) -> None:
        self._url = url
        self._options = options
        self._session = session
        self._keeper: asyncio.Task[None] | None = None

    @classmethod
    async def take(cls, url: str, options: dict[str, Any]) -> Self:
        """Take the lock on the database at ``url``; waits a little for a server that has just died.

        Raises:
            DatabaseInUseError: another server holds it.
            psycopg.OperationalError: the database cannot be reached.
        """
        session = await _connected(url, options)
        try:
            await _lock(session)
        except BaseException:
            await session.close()
            raise
        return cls(url, options, session)

    def keep(self, term: int, overtaken: Callable[[], None]) -> None:
        """Look after the lock from now on; call ``overtaken``, once, when another server has begun a new term."""
        self._keeper = in_background(self._keep(term, overtaken), name="server's lock")

    async def aclose(self) -> None:
        """Let go of the lock; idempotent."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        await self._session.close()

    async def _keep(self, term: int, overtaken: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self._session.execute("SELECT 1")
            except psycopg.Error as error:
                _log.warning("the connection that holds the database is lost", why=str(error))
                if not await self._regained(term):
                    _log.error("another server has taken the database over", term=term)
                    overtaken()
                    return
                _log.info("the database is held again", term=term)

    async def _regained(self, term: int) -> bool:
        """Take the lock again however long the database is away; False when the database has another term."""
        while True:
            with contextlib.suppress(psycopg.Error):
                await self._session.close()
                self._session = await _connected(self._url, self._options)
                held = await _locked(self._session)
                found = await (await self._session.execute("SELECT max(term) FROM database_terms")).fetchone()
                if found != (term,):
                    return False
                if held:
                    return True
            await asyncio.sleep(_PAUSE)


async def begin_term(connection: AsyncConnection) -> int:
    """Begin a new term and return it, in a transaction that writes."""
    last = (await connection.execute(select(TERMS.c.term))).scalar_one_or_none()
    term = (last or 0) + 1
    await connection.execute(delete(TERMS))
    await connection.execute(insert(TERMS).values(term=term, since=timestamp()))
    return term


async def _connected(url: str, options: dict[str, Any]) -> _Session:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, **options)


async def _lock(session: _Session) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not await _locked(session):
        if time.monotonic() > deadline:
            holder = await (await session.execute(_HOLDER, (SERVERS_LOCK & 0xFFFFFFFF,))).fetchone()
            raise DatabaseInUseError(f"the database is in use by another server{_described(holder)}")
        await asyncio.sleep(_PAUSE)


async def _locked(session: _Session) -> bool:
    found = await (await session.execute("SELECT pg_try_advisory_lock(%s)", (SERVERS_LOCK,))).fetchone()
    return found == (True,)


def _described(holder: tuple[Any, ...] | None) -> str:
    if holder is None:
        return ""
    address, since = holder
    return f", which connected from {address or 'this machine'} at {since.isoformat(timespec='seconds')}"
