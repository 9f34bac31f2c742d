"""New SQLite databases as copies of one that the migrations made.

The migrations take longer than most tests that need a database. They run once in each process of the tests, and in
every server that is a process of its own; what they do is tested where databases are (``mano_runtime_storage``).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mano_runtime.storage import database
from mano_runtime.storage.dialects import Dialect, dialect_of
from mano_runtime.storage.sqlite import Sqlite

by_migrations = database.upgrade
"""What ``Database.open`` does to a database that is not at the last migration."""


class MigratedDatabases:
    """A database as a server makes it, in ``directory``, made by whoever needs it first."""

    def __init__(self, directory: Path) -> None:
        self._mano = directory / "mano.sqlite"
        self._making = threading.Lock()

    def upgrade(self, dialect: Dialect) -> None:
        """Bring a database up to date, as ``database.upgrade``."""
        if not isinstance(dialect, Sqlite) or not _is_empty(dialect):
            by_migrations(dialect)
            return
        with self._making:
            if not self._mano.exists():
                by_migrations(dialect_of(f"sqlite+aiosqlite:///{self._mano}"))
        with closing(sqlite3.connect(self._mano)) as made, closing(sqlite3.connect(_file(dialect))) as new:
            new.execute("PRAGMA synchronous=OFF")
            made.backup(new)


@contextmanager
def migrated_databases(directory: Path) -> Iterator[None]:
    """Have new databases of this process be copies, kept in ``directory``."""
    copies = MigratedDatabases(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "upgrade", copies.upgrade)
        yield


def _file(dialect: Sqlite) -> str:
    return str(dialect._url.database)


def _is_empty(dialect: Sqlite) -> bool:
    with closing(sqlite3.connect(_file(dialect))) as connection:
        return connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
