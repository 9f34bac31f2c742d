"""The database of an installation: opened once, shared by all rooms of the process."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Self, TypeVar

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage.dialects import Dialect, dialect_of
from mano_runtime.storage.errors import DatabaseAwayError, UnusableDatabaseError
from mano_runtime.storage.holding import Holding, begin_term
from mano_runtime.storage.migrations import HEAD

T = TypeVar("T")
_PAUSE = 0.2
"""Seconds between two tries to begin."""
_INSUFFICIENT_PRIVILEGE = "42501"
_migrating = threading.Lock()  # alembic keeps what it is doing in globals


class Database:
    """Readers see a snapshot and never wait; writers take turns.

    Safe to use from any number of tasks of one event loop. Several processes may open the same database, but one
    server at most is alone with it. A database that goes away is waited for by whoever begins, for some seconds.
    """

    def __init__(self, dialect: Dialect, holding: Holding | None = None) -> None:
        self._dialect = dialect
        self._holding = holding
        self._reader = dialect.reader()
        self._writer = dialect.writer()
        self._blocking = dialect.blocking()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None
        self._afterwards: list[Callable[[], None]] = []

    @classmethod
    async def open(cls, url: str, *, alone: bool = False, overtaken: Callable[[], None] = lambda: None) -> Self:
        """Open the database, creating it where it is a file that is not there, and bring its schema up to date.

        ``url`` is an SQLAlchemy URL: ``sqlite+aiosqlite:////var/lib/mano/mano.sqlite`` or
        ``postgresql://mano@db.example/mano``. Idempotent. A schema newer than this program is refused.

        ``alone`` is for a server: no other is alone with the same database while this one lives. (For a file, that is
        what the lock on its directory is for.) If the connection is lost for so long that another server takes the
        database over, ``overtaken`` is called, and every later transaction is an :class:`OvertakenError`.

        Raises:
            UnusableDatabaseError: the kind of database is not supported, or it cannot be reached or written.
            DatabaseInUseError: another server is alone with it.
        """
        dialect = dialect_of(url)
        with _explaining():
            database = await asyncio.to_thread(cls, dialect, await dialect.take() if alone else None)
            try:
                await database._prepare(overtaken)  # noqa: SLF001  # one of its own
            except BaseException:
                await database.aclose()
                raise
        return database

    async def _prepare(self, overtaken: Callable[[], None]) -> None:
        async with self._writer.connect() as connection:
            at_head = await connection.run_sync(_version) == HEAD
        if not at_head:
            await asyncio.to_thread(upgrade, self._dialect)
        if self._holding is not None:
            async with self.transaction() as connection:
                term = await begin_term(connection)
            self._dialect.fence(term)
            self._holding.keep(term, overtaken)

    @asynccontextmanager
    async def _begun(
        self, transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
    ) -> AsyncIterator[AsyncConnection]:
        """A transaction; what could not begin has done nothing, so it is begun again while the database is away."""
        async with AsyncExitStack() as stack:
            deadline = time.monotonic() + self._dialect.away_seconds
            while True:
                try:
                    connection = await stack.enter_async_context(transaction())
                    break
                except OperationalError as error:
                    if time.monotonic() > deadline:
                        raise _away(error) from error
                await asyncio.sleep(_PAUSE)
            with _telling():
                yield connection

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection that reads one consistent snapshot and cannot write.

        Raises:
            DatabaseAwayError: the database does not answer.
        """
        return self._begun(self._snapshot)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that ends with its connection, in one trip instead of two: there is nothing to commit."""
        async with self._reader.connect() as connection:
            await connection.begin()
            yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        task = asyncio.current_task()
        if self._holder is task:
            raise RuntimeError("this task is inside a transaction already: pass its connection on")
        async with self._turn:
            self._holder, self._afterwards = task, []
            try:
                async with self._begun(self._writer.begin) as connection:
                    yield connection
            finally:
                self._holder = None
            for call in self._afterwards:
                call()

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection that writes: commits when the block ends, rolls back when it raises.

        Writers take turns, so keep the block short and call nothing outside the database in it. What the block read
        is still true when it commits. Nesting in one task is a RuntimeError, for it would wait for itself.

        Raises:
            DatabaseAwayError: the database does not answer; what the block did may be committed, or nothing of it.
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
        with ExitStack() as stack:
            deadline = time.monotonic() + self._dialect.away_seconds
            while True:
                try:
                    connection = stack.enter_context(self._blocking.begin())
                    break
                except OperationalError as error:
                    if time.monotonic() > deadline:
                        raise _away(error) from error
                time.sleep(_PAUSE)
            with _telling():
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
        """Write the files anew, without what was deleted or replaced, which is otherwise there until it is overwritten.

        Takes a writer's turn and as long as copying the database does; idempotent.
        """
        async with self._turn:
            await asyncio.to_thread(self._rewrite)

    def _rewrite(self) -> None:
        engine = self._dialect.blocking()
        try:
            connection = engine.raw_connection()
            for statement in self._dialect.rewrite:
                connection.cursor().execute(statement)
            connection.close()
        finally:
            engine.dispose()

    async def aclose(self) -> None:
        """Let go of every connection; idempotent."""
        await asyncio.to_thread(self._let_go)
        await self._reader.dispose()
        await self._writer.dispose()
        if self._holding is not None:
            await self._holding.aclose()


def _version(connection: Connection) -> str | None:
    """The migration that the schema is at; None for an empty database."""
    try:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except DatabaseError:
        return None


@contextmanager
def _explaining() -> Iterator[None]:
    """Tell the operator what keeps a database from being opened, without its password."""
    try:
        yield
    except (psycopg.OperationalError, OperationalError) as error:
        raise UnusableDatabaseError(f"the database cannot be reached: {_said(error)}") from error
    except DatabaseAwayError as error:
        raise UnusableDatabaseError(str(error)) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        raise UnusableDatabaseError(
            f"the database refuses to be set up: {_said(error)}. Make the user its owner:"
            " ALTER DATABASE ... OWNER TO ..."
        ) from error


@contextmanager
def _telling() -> Iterator[None]:
    """Tell whoever works in a transaction that the database went away in its midst."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _away(error) from error
        raise


def _away(error: Exception) -> DatabaseAwayError:
    return DatabaseAwayError(f"the database does not answer: {_said(error)}")


def _said(error: Exception) -> str:
    """What the driver said, on one line."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())


def upgrade(dialect: Dialect) -> None:
    """Run the migrations that are missing, in this thread and with a connection of its own."""
    engine = dialect.blocking()
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
