"""The database of an installation: opened once, shared by all rooms of the process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import URL, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mano_runtime.storage.dialects import REWRITE, blocking_engine, engine_for
from mano_runtime.storage.migrations import HEAD

T = TypeVar("T")
_migrating = threading.Lock()  # alembic keeps what it is doing in globals


class Database:
    """Readers see a snapshot and never wait; writers take turns.

    Safe to use from any number of tasks of one event loop. Several processes may open the same file.
    """

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine, blocking: Engine) -> None:
        self._reader = reader
        self._writer = writer
        self._blocking = blocking
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None
        self._afterwards: list[Callable[[], None]] = []

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open the database, creating it where it is not there, and bring its schema up to date.

        ``url`` is an SQLAlchemy URL, ``sqlite+aiosqlite:////var/lib/mano/mano.sqlite``. Idempotent. A schema newer
        than this program is refused.

        Raises:
            ValueError: the kind of database is not supported.
        """
        writer, reader, blocking = await asyncio.to_thread(_engines, url)
        try:
            async with writer.connect() as connection:
                at_head = await connection.run_sync(_version) == HEAD
            if not at_head:
                await asyncio.to_thread(_upgrade, url)
        except BaseException:
            await writer.dispose()
            raise
        return cls(reader, writer, blocking)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._reader.connect() as connection:
            yield connection

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection that reads one consistent snapshot and cannot write."""
        return self._reading()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        task = asyncio.current_task()
        if self._holder is task:
            raise RuntimeError("this task is inside a transaction already: pass its connection on")
        async with self._turn:
            self._holder, self._afterwards = task, []
            try:
                async with self._writer.begin() as connection:
                    yield connection
            finally:
                self._holder = None
            for call in self._afterwards:
                call()

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection that writes: commits when the block ends, rolls back when it raises.

        Writers take turns, so keep the block short and call nothing outside the database in it. What the block read
        is still true when it commits. Nesting in one task is a RuntimeError, for it would wait for itself.
        """
        return self._transaction()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do ``work``, which blocks, in a transaction and in a thread; return what it returned once that is durable.

        As :meth:`transaction`, for what needs nothing in between: each statement there is a trip to a thread and back,
        here all of them are one. Whoever is cancelled does not stop the work.
        """
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._written, work)

    def _written(self, work: Callable[[Connection], T]) -> T:
        with self._blocking.begin() as connection:
            return work(connection)

    def _let_go(self) -> None:
        self._thread.shutdown()
        self._blocking.dispose()

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have ``call`` called once the transaction that is under way has committed; never when it is rolled back.

        A hint only, for whoever could see what was written by looking: a process that dies in between calls nobody.
        """
        self._afterwards.append(call)

    async def forget_deleted(self) -> None:
        """Write the file anew, without what was deleted or replaced, which is otherwise in it until it is overwritten.

        Takes a writer's turn and as long as copying the file does; idempotent.
        """
        async with self._turn:
            await asyncio.to_thread(_rewrite, self._writer.url)

    async def aclose(self) -> None:
        """Let go of every connection; idempotent."""
        await asyncio.to_thread(self._let_go)
        await self._reader.dispose()
        await self._writer.dispose()


def _version(connection: Connection) -> str | None:
    """The migration that the schema is at; None for an empty database."""
    try:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except DatabaseError:
        return None


def _engines(url: str) -> tuple[AsyncEngine, AsyncEngine, Engine]:
    return engine_for(url, writes=True), engine_for(url, writes=False), blocking_engine(url)


def _rewrite(url: URL) -> None:
    engine = blocking_engine(url.render_as_string(hide_password=False))
    try:
        connection = engine.raw_connection()
        for statement in REWRITE:
            connection.cursor().execute(statement)
        connection.close()
    finally:
        engine.dispose()


def _upgrade(url: str) -> None:
    """Run the migrations that are missing, in this thread and with a connection of its own."""
    engine = blocking_engine(url)
    try:
        with _migrating, engine.begin() as connection:
            _run_migrations(connection)
    finally:
        engine.dispose()


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # a start with nothing to migrate does not pay for the import
    from alembic.config import Config  # noqa: PLC0415  # as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
