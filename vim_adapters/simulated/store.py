"""The file that a simulated VIM is: everything it knows, in SQLite, whoever opens it."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from mano_runtime.write_ahead import write_ahead
from vim_adapters.simulated.file import VimFile
from vim_adapters.simulated.images import CATALOGUE, catalogue_row
from vim_adapters.simulated.settings import DEFAULTS

_SCHEMA = """
CREATE TABLE resources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT,                        -- NULL: part of the VIM, nobody's
    path TEXT,
    digest TEXT NOT NULL DEFAULT '',
    spec TEXT NOT NULL,
    attributes TEXT NOT NULL,
    created_at REAL NOT NULL,          -- seconds since 1970; the state follows from these and the time
    ready_at REAL NOT NULL,
    gone_at REAL,
    fault TEXT NOT NULL DEFAULT '',
    fault_family TEXT NOT NULL DEFAULT '',
    stopped REAL NOT NULL DEFAULT 0,    -- when the guest is down; 0: it runs
    host TEXT,
    vcpus INTEGER NOT NULL DEFAULT 0,
    memory_mib INTEGER NOT NULL DEFAULT 0,
    storage_gib INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX resources_by_identity ON resources (owner, path, kind);
CREATE INDEX resources_by_kind ON resources (kind, owner);
CREATE INDEX resources_by_end ON resources (gone_at) WHERE gone_at IS NOT NULL;
CREATE TABLE uses (
    user TEXT NOT NULL,
    used TEXT NOT NULL,
    PRIMARY KEY (used, user)
) WITHOUT ROWID;
CREATE INDEX uses_by_user ON uses (user);
CREATE TABLE addresses (
    scope TEXT NOT NULL,               -- a subnet for IP addresses, a network for MAC addresses
    address TEXT NOT NULL,
    port TEXT NOT NULL,
    PRIMARY KEY (scope, address)
) WITHOUT ROWID;
CREATE INDEX addresses_by_port ON addresses (port);
CREATE TABLE hosts (
    name TEXT PRIMARY KEY,
    zone TEXT NOT NULL,
    vcpus INTEGER NOT NULL,
    memory_mib INTEGER NOT NULL,
    storage_gib INTEGER NOT NULL,
    vcpus_used INTEGER NOT NULL DEFAULT 0,
    memory_mib_used INTEGER NOT NULL DEFAULT 0,
    storage_gib_used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    error TEXT NOT NULL,
    verb TEXT NOT NULL,
    kind TEXT NOT NULL,
    match TEXT NOT NULL,
    after_calls INTEGER NOT NULL,
    remaining INTEGER,                 -- NULL: for ever
    delay_seconds REAL NOT NULL,
    retry_after REAL,
    message TEXT NOT NULL
);
CREATE TABLE calls (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    verb TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    id TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT ''   -- empty: came in and was never carried out
);
"""
_VERSION = 1

_BUSY_SECONDS = 30.0
"""How long a call waits for another process that has the file."""
_CHECKPOINT_PAGES = 4000
"""Of 4 KiB, that the log may grow to before they are brought into the file, which waits for the disk."""
DEFAULT_ZONES = ("az1", "az2")
HOSTS_PER_ZONE = 4
DEFAULT_HOST = (32, 128 * 1024, 2 * 1024)
"""Virtual CPUs, MiB of memory and GiB of storage."""


class Store:
    """A connection to the file, opened at first use; one transaction at a time, from whatever thread.

    Other processes may use the file at the same time: transactions wait up to 30 s for theirs.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.clock = clock
        self._lock = threading.Lock()
        self._connection: VimFile | None = None
        self._joining: int | None = None
        """The thread whose transactions are parts of one that is under way."""
        self._apart = True
        """Whether each of these parts can be rolled back alone."""

    @contextmanager
    def transaction(self) -> Iterator[VimFile]:
        """Read and write atomically; rolled back when the block raises. What has gone by now is forgotten first."""
        if self._joining == threading.get_ident() and self._connection is not None:
            connection = self._connection
            if not self._apart:
                _forget_gone(connection, self.clock())
                yield connection
                return
            connection.execute("SAVEPOINT part")
            try:
                _forget_gone(connection, self.clock())
                yield connection
            except BaseException:
                connection.known.clear()
                if connection.in_transaction:
                    connection.execute("ROLLBACK TO part")
                    connection.execute("RELEASE part")
                raise
            connection.execute("RELEASE part")
            return
        with self._lock:
            connection = self._connection = self._connection or self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.check_known()
                _forget_gone(connection, self.clock())
                yield connection
            except BaseException:
                connection.known.clear()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def joined(self, *, apart: bool) -> Iterator[VimFile]:
        """One transaction for all that this thread begins in the block: all is durable when it ends.

        With ``apart`` one of them that raises is rolled back alone. Without, which is cheaper, the block must raise
        when one of them does.
        """
        with self.transaction() as connection:
            self._joining, self._apart = threading.get_ident(), apart
            try:
                yield connection
            finally:
                self._joining = None

    def close(self) -> None:
        """Close the file; it is opened again when it is needed again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> VimFile:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=VimFile
        )
        connection.row_factory = sqlite3.Row
        connection.known, connection.version = {}, 0
        try:
            write_ahead(connection, seconds=_BUSY_SECONDS)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
            _prepare(connection, self.clock())
        except BaseException:
            connection.close()
            raise
        return connection


def set_hosts(connection: VimFile, zone: str, count: int, capacity: tuple[int, int, int]) -> None:
    """Give a zone ``count`` hosts of this capacity; what runs on hosts of the same name stays and counts."""
    vcpus, memory_mib, storage_gib = capacity
    names = [f"{zone}-host{number}" for number in range(1, count + 1)]
    keep = ",".join("?" * len(names))
    connection.execute(f"DELETE FROM hosts WHERE zone = ? AND name NOT IN ({keep})", (zone, *names))  # noqa: S608  # only question marks
    connection.known.pop("hosts", None)
    connection.executemany(
        "INSERT INTO hosts (name, zone, vcpus, memory_mib, storage_gib) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET"
        " vcpus = excluded.vcpus, memory_mib = excluded.memory_mib, storage_gib = excluded.storage_gib",
        [(name, zone, vcpus, memory_mib, storage_gib) for name in names],
    )


def _prepare(connection: VimFile, now: float) -> None:
    """Fill a file that is new, in a transaction: another process may be opening it too."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        _build(connection, now)
    elif version != _VERSION:
        raise sqlite3.DatabaseError(f"the file has layout {version}, this release reads {_VERSION}")
    connection.execute("COMMIT")


def _build(connection: VimFile, now: float) -> None:
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    for zone in DEFAULT_ZONES:
        set_hosts(connection, zone, HOSTS_PER_ZONE, DEFAULT_HOST)
    connection.executemany("INSERT INTO settings (key, value) VALUES (?, ?)", DEFAULTS.items())
    for image in CATALOGUE:
        insert(connection, "resources", catalogue_row(image, now))
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> int:
    """Add a row; the keys are columns. Returns its row identifier."""
    cursor = connection.execute(_insertion(table, tuple(row)), tuple(row.values()))
    return cursor.lastrowid or 0


@cache
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  # names from this package


def _forget_gone(connection: VimFile, now: float) -> None:
    soonest: float | None = connection.known.get("soonest")
    if soonest is None:
        found = connection.execute("SELECT min(gone_at) AS gone_at FROM resources WHERE gone_at IS NOT NULL").fetchone()
        soonest = connection.known["soonest"] = math.inf if found["gone_at"] is None else found["gone_at"]
    if now < soonest:
        return
    connection.known.clear()
    gone = connection.execute(
        "SELECT id, host, vcpus, memory_mib, storage_gib FROM resources WHERE gone_at <= ?", (now,)
    ).fetchall()
    for row in gone:
        connection.execute(
            "UPDATE hosts SET vcpus_used = vcpus_used - ?, memory_mib_used = memory_mib_used - ?,"
            " storage_gib_used = storage_gib_used - ? WHERE name = ?",
            (row["vcpus"], row["memory_mib"], row["storage_gib"], row["host"]),
        )
        connection.execute("DELETE FROM uses WHERE user = ?", (row["id"],))
        connection.execute("DELETE FROM uses WHERE used = ?", (row["id"],))
        connection.execute("DELETE FROM addresses WHERE port = ?", (row["id"],))
        connection.execute("DELETE FROM resources WHERE id = ?", (row["id"],))
