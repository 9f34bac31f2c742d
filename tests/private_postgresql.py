"""A PostgreSQL server of the tests' own: made anew, on a socket in a directory of its own, ended by its own number."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from mano_runtime.storage.database import upgrade
from mano_runtime.storage.dialects import dialect_of
from mano_runtime.storage.migrations import HEAD

_START_SECONDS = 30
_QUICK = {  # what it keeps is thrown away with it
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "listen_addresses": "",
}


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


class NoPostgresqlError(Exception):
    """PostgreSQL cannot be started here; the message says why, and what to do."""


class PrivatePostgresql:
    """A server that runs."""

    def __init__(self, socket: Path, process: subprocess.Popen[bytes]) -> None:
        self.socket = socket
        self.process = process
        self._numbers = itertools.count(1)
        self._shared: str | None = None
        self._connections: dict[str, psycopg.Connection[Any]] = {}

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://mano@/{database}?host={self.socket}"

    def create(self) -> str:
        """Make a database without anything in it, and return its URL."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def emptied(self) -> str:
        """Return the URL of a database with our schema and nothing in it; the same one each time."""
        if self._shared is None:
            self._shared = self.create()
            upgrade(dialect_of(self._shared))
        tables = (f"DELETE FROM {table};" for (table,) in self.execute(_TABLES, name_of(self._shared)))
        version = f"UPDATE alembic_version SET version_num = '{HEAD}'"
        self.execute("".join(tables) + version, name_of(self._shared))
        return self._shared

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.execute(f"DROP DATABASE {name_of(url)} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Execute a statement as the administrator, outside any transaction, and return its rows."""
        if database not in self._connections:
            self._connections[database] = psycopg.connect(self.url(database), autocommit=True)
        cursor = self._connections[database].execute(statement)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Let go of the administrator's connections."""
        for connection in self._connections.values():
            connection.close()


@contextmanager
def private_postgresql() -> Iterator[PrivatePostgresql]:
    """Start a server, and end it when the block ends.

    Raises:
        NoPostgresqlError: its programs are not installed, or do not start.
    """
    programs = _programs()
    root = Path(tempfile.mkdtemp(prefix="mano-pg-"))  # short: the path of a socket has 107 bytes at most
    try:
        owner = _owner()
        if owner:
            shutil.chown(root, owner)
        data, log = root / "data", root / "log"
        initdb = ["--auth=trust", "--username=mano", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [programs / "initdb", *initdb, "-D", data], user=owner, cwd=root, capture_output=True, check=False
        )
        if made.returncode:
            raise NoPostgresqlError(f"initdb fails: {made.stderr.decode(errors='replace').strip()}")
        settings = [f"--{name}={value}" for name, value in _QUICK.items()]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", root, *settings], user=owner, cwd=root, stderr=out
            )
        try:
            server = PrivatePostgresql(root, process)
            _await(server, log)
            yield server
            server.close()
        finally:
            process.send_signal(signal.SIGINT)  # ends its sessions, and itself
            process.wait()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _programs() -> Path:
    """Find them where Debian puts them, newest first, or on PATH."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    on_path = shutil.which("initdb")
    for directory in (*candidates, *([Path(on_path).parent] if on_path else [])):
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise NoPostgresqlError("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def _owner() -> str | None:
    """Who the server runs as: it refuses to be root's."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise NoPostgresqlError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _await(server: PrivatePostgresql, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise NoPostgresqlError(f"PostgreSQL does not start: {log.read_text()[-2000:]}") from error
        else:
            return
        time.sleep(0.05)


def name_of(url: str) -> str:
    """Return the name of the database at ``url``."""
    return url.partition("@/")[2].partition("?")[0]
