"""One engine per data directory: a lock that the kernel lets go of when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class DirectoryInUseError(Exception):
    """Another process works on this data directory."""


class DirectoryLock:
    """An exclusive lock on a directory. Whoever holds it may take over all that earlier holders left."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "engine.lock"
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock without waiting; DirectoryInUseError names the process that has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(file, 32).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise DirectoryInUseError(f"{self._path.parent} is in use by the process {holder}") from error
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Let go of the lock; idempotent."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
