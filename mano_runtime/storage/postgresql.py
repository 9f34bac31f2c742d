"""PostgreSQL: a server of its own, for installations that want its durability, backups and standbys.

What SQLite gives by being one file with one writer is brought about here by two advisory locks of the database:

* the *writers' lock*, which every transaction that writes takes as it begins, so that what it reads is still true when
  it commits, whichever process it is of;
* the *server's lock*, which the one server of an installation holds on a connection of its own (``holding``).

A server that lost its connection may lose the lock to another without knowing. So each server that takes the database
begins a new *term*, and every transaction that writes is refused, in the trip to the database that begins it, once the
term is not its server's: two servers never both write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from mano_runtime.storage.errors import OvertakenError, UnusableDatabaseError
from mano_runtime.storage.holding import Holding

READERS = 8
"""Connections that read at the same time."""
BUSY_SECONDS = 30
"""How long a writer waits for another process (a migration, a backup) before it gives up."""
AWAY_SECONDS = 10.0
"""How long a transaction that is to begin waits for a database that restarts."""
WRITERS_LOCK = 0x6D616E6F0001
"""Number of the advisory lock: "mano", and that it is the first of ours."""

_DIVISION_BY_ZERO = "22012"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({WRITERS_LOCK})"
_OF_TERM = "; SELECT 1 / count(*) FROM database_terms WHERE term = {term}"
"""Fails, and the transaction with it, when the database is another server's: no second trip is needed to ask."""
_SESSION = {
    "lock_timeout": f"{BUSY_SECONDS}s",
    "idle_in_transaction_session_timeout": "60s",  # a server that was frozen does not keep the writers' lock
    "tcp_keepalives_idle": "10",  # and one whose machine died lets go of everything within half a minute
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
}
_CONNECTING: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds; what is sent and not acknowledged would be waited for much longer
    "application_name": "mano",
    "target_session_attrs": "read-write",  # of several hosts the one that is no standby
}


class _WithoutNul(StrDumperUnknown):
    """Text of PostgreSQL has no NUL; what has one (the output of a script, a wrong identifier) gets its symbol."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\N{SYMBOL FOR NULL}") if "\0" in obj else obj)


class Postgresql:
    """A database of a PostgreSQL server, whose encoding must be UTF8."""

    away_seconds = AWAY_SECONDS
    rewrite = ("VACUUM FULL",)

    def __init__(self, url: URL) -> None:
        query = dict(url.query)
        options = query.pop("options", "")
        given = " ".join(options if isinstance(options, tuple) else (options,))
        self._url = url.set(drivername="postgresql+psycopg", query=query)
        ours = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
        self._connecting = {
            **{name: value for name, value in _CONNECTING.items() if name not in query},
            "options": f"{ours} {given}".strip(),
        }
        self._begin = _WRITE

    def reader(self) -> AsyncEngine:
        """Return the engine of those who read."""
        engine = create_async_engine(self._url, pool_size=READERS, max_overflow=0, **self._options())
        _prepare(engine.sync_engine, lambda: _READ)
        return engine

    def writer(self) -> AsyncEngine:
        """Return the engine of the one that writes."""
        engine = create_async_engine(self._url, pool_size=1, max_overflow=0, **self._options())
        _prepare(engine.sync_engine, lambda: self._begin)
        return engine

    def blocking(self) -> Engine:
        """Return an engine that writes and blocks."""
        engine = create_engine(self._url, pool_size=1, max_overflow=0, **self._options())
        _prepare(engine, lambda: self._begin)
        return engine

    def fence(self, term: int) -> None:
        """Refuse transactions that write, with :class:`OvertakenError`, once the database has another term."""
        self._begin = _WRITE + _OF_TERM.format(term=term)

    async def take(self) -> Holding:
        """Take the server's lock.

        Raises:
            DatabaseInUseError: another server has it.
        """
        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return await Holding.take(url, self._connecting)

    def _options(self) -> dict[str, Any]:
        return {
            "pool_timeout": BUSY_SECONDS,
            "use_native_hstore": False,
            # psycopg begins nothing by itself: a transaction begins with our words, in one trip
            "connect_args": {**self._connecting, "autocommit": True},
        }


def _prepare(engine: Engine, begin: Callable[[], str]) -> None:
    def prepare(connection: Any, _record: object) -> None:
        connection.adapters.register_dumper(str, _WithoutNul)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise UnusableDatabaseError(
                f"the database has the encoding {encoding}: make one with createdb --encoding=UTF8 --template=template0"
            )

    def start(connection: Connection) -> None:
        try:
            connection.exec_driver_sql(begin())
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _DIVISION_BY_ZERO:
                raise OvertakenError("another server has taken the database over") from error
            raise

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
