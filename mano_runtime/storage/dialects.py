"""Which database it is. What differs between them is in ``sqlite`` and ``postgresql``, and nowhere else."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Insert, Table, make_url
from sqlalchemy.dialects import postgresql as postgresql_words
from sqlalchemy.dialects import sqlite as sqlite_words
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from mano_runtime.storage.errors import UnusableDatabaseError
from mano_runtime.storage.holding import Holding
from mano_runtime.storage.postgresql import Postgresql
from mano_runtime.storage.sqlite import Sqlite

_ACCEPTED = "use postgresql://USER@HOST/DATABASE, or leave it out for a file in the data directory"


class Dialect(Protocol):
    """One database of one kind. Transactions of its engines begin as :class:`Database` promises them."""

    @property
    def away_seconds(self) -> float:
        """How long whoever begins a transaction waits for a database that has gone away; 0 where it cannot."""

    @property
    def rewrite(self) -> tuple[str, ...]:
        """Statements that leave nothing of what was deleted in the files of the database; outside any transaction."""

    def reader(self) -> AsyncEngine:
        """Return an engine whose transactions see one moment and cannot write."""

    def writer(self) -> AsyncEngine:
        """Return an engine whose transactions write, one at a time whoever else has the database open."""

    def blocking(self) -> Engine:
        """Return an engine as ``writer``, which blocks: for alembic, and for work in a thread."""

    async def take(self) -> Holding | None:
        """Become the one server of the database; None where the lock on the data directory is enough.

        Raises:
            DatabaseInUseError: another server is it.
        """

    def fence(self, term: int) -> None:
        """Have every transaction that writes from now on refused once the database has another term."""


def dialect_of(url: str) -> Dialect:
    """Return the dialect of the database at ``url``, an SQLAlchemy URL; connects to nothing.

    Raises:
        UnusableDatabaseError: the kind of database is not supported, or the URL cannot be used.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # whose words repeat the URL, with the password
        raise UnusableDatabaseError(f"the URL of the database cannot be read; {_ACCEPTED}") from error
    match parsed.drivername:
        case "sqlite+aiosqlite":
            return Sqlite(parsed)
        case "postgresql" | "postgresql+psycopg":
            return Postgresql(parsed)
        case kind:
            raise UnusableDatabaseError(f"the database {kind!r} is not supported; {_ACCEPTED}")


def insert_new(table: Table, dialect: str) -> Insert:
    """Return an insertion that does nothing, and fails nothing, where what must be unique is taken.

    A statement that fails would end the transaction on PostgreSQL.
    """
    words: Any = postgresql_words if dialect == "postgresql" else sqlite_words
    statement: Insert = words.insert(table).on_conflict_do_nothing()
    return statement
