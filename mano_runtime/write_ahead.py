"""SQLite's write-ahead log, which readers do not wait for."""

from __future__ import annotations

import sqlite3
import time

_PAUSE = 0.01
_PRIMARY = 0xFF
"""The bits of an error's code that say what it is; those above say of what kind."""


def write_ahead(connection: sqlite3.Connection, *, seconds: float) -> None:
    """Have the file of the connection, which has no transaction, keep a write-ahead log; idempotent. Blocks.

    Two who begin it at the same moment are in each other's way, and SQLite has one of them fail at once, whatever the
    time-out of its connection. It tries again for so many ``seconds``.

    Raises:
        sqlite3.Error: the file is none of SQLite's, cannot be written, or is locked all the time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(_PAUSE)
