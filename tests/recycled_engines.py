"""Engines of SQLAlchemy that outlive their databases.

An engine compiles each statement when it meets it for the first time, on which small tests would spend more than on
what they test. So a database that a test opens gets an engine that an earlier test has disposed of, with its statements
and without its connections, and it connects to the file of its own.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from mano_runtime.storage.sqlite import Sqlite


class RecycledEngines:
    """Engines by what they are for. One that is disposed of is free for others once its owner is sure to be gone."""

    def __init__(self) -> None:
        self._free: defaultdict[Hashable, list[Any]] = defaultdict(list)
        self._disposed: dict[int, tuple[Hashable, Any]] = {}
        self._files: dict[int, str] = {}
        self._turn = threading.Lock()

    def take(self, kind: Hashable, file: str, make: Callable[[], Any]) -> Any:
        """Return an engine that ``make`` makes, or made earlier, for a database in ``file``."""
        with self._turn:
            engine = self._free[kind].pop() if self._free[kind] else self._made(kind, make())
            self._files[id(engine)] = file
            return engine

    def release(self) -> None:
        """Let others have what was disposed of: between tests, as databases are closed twice within one."""
        with self._turn:
            while self._disposed:
                kind, engine = self._disposed.popitem()[1]
                self._free[kind].append(engine)

    def _made(self, kind: Hashable, engine: Any) -> Any:
        synchronous = engine.sync_engine if isinstance(engine, AsyncEngine) else engine

        def connect(_dialect: object, _record: object, arguments: list[Any], _options: object) -> None:
            arguments[0] = self._files[id(engine)]

        def disposed(_: Engine) -> None:
            self._disposed[id(engine)] = (kind, engine)

        event.listen(synchronous, "do_connect", connect)
        event.listen(synchronous, "engine_disposed", disposed)
        return engine


@contextmanager
def recycled_engines() -> Iterator[RecycledEngines]:
    """Have SQLite databases of this process share engines, one after the other."""
    engines = RecycledEngines()
    make, make_blocking = Sqlite._engine, Sqlite.blocking

    def asynchronous(self: Sqlite, *, writes: bool) -> AsyncEngine:
        return engines.take(("async", writes), str(self._url.database), lambda: make(self, writes=writes))

    def blocking(self: Sqlite) -> Engine:
        return engines.take("blocking", str(self._url.database), lambda: make_blocking(self))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sqlite, "_engine", asynchronous)
        patch.setattr(Sqlite, "blocking", blocking)
        yield engines
