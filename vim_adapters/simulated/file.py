"""An open file of a simulated VIM."""

from __future__ import annotations

import sqlite3
from typing import Any

Row = sqlite3.Row | dict[str, Any]
"""Of the table of resources, by column."""
_KNOWN = 10_000
"""Things that are known at most."""


class VimFile(sqlite3.Connection):
    """A connection that knows by heart what it need not read again."""

    known: dict[Any, Any]
    """What was read or worked out, true as long as nothing of the file changes but through whoever keeps it here.

    Emptied when another connection has written, when something is rolled back, and when what has gone is forgotten.
    """
    version: int
    """Of the file, when ``known`` was begun: SQLite counts what other connections commit."""

    def check_known(self) -> None:
        """Forget what another connection may have changed; within a transaction, so that none can from here on."""
        version = self.execute("PRAGMA data_version").fetchone()[0]
        if version != self.version or len(self.known) > _KNOWN:
            self.known.clear()
            self.version = version
