from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from mano_runtime.write_ahead import write_ahead


def in_use(path):
    """Return a connection that keeps the journal of a file from being changed."""
    path.touch()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE things (id TEXT)")
    other.execute("BEGIN IMMEDIATE")
    return other


def test_what_another_has_is_waited_for(tmp_path):
    """SQLite fails at once where another is at the file; it is asked until the other has ended."""
    with closing(in_use(tmp_path / "file")) as other, closing(sqlite3.connect(tmp_path / "file", timeout=0)) as mine:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            mine.execute("PRAGMA journal_mode=WAL")
        ending = threading.Timer(0.05, other.execute, ("COMMIT",))
        ending.start()
        write_ahead(mine, seconds=30)
        ending.join()
        assert mine.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        write_ahead(mine, seconds=0)


def test_it_is_not_waited_for_ever(tmp_path):
    """What stays locked, and what is no database, is told as SQLite tells it."""
    with (
        closing(in_use(tmp_path / "file")),
        closing(sqlite3.connect(tmp_path / "file", timeout=0)) as mine,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        write_ahead(mine, seconds=0)
    (tmp_path / "text").write_text("This is no database, but it is long enough to be taken for one. " * 20)
    with closing(sqlite3.connect(tmp_path / "text")) as mine, pytest.raises(sqlite3.DatabaseError, match="not a data"):
        write_ahead(mine, seconds=30)
