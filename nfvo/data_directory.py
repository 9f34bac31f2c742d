"""The directory that an installation keeps everything in; only one process may use it at a time."""

from __future__ import annotations

import asyncio
import fcntl
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mano_runtime.storage import UnusableDatabaseError

PRIVATE = 0o700


class DirectoryInUseError(Exception):
    """Another process works on this data directory."""


class DataDirectory:
    """Where things are in the directory of an installation.

    ``path`` is absolute. The directory and what is made in it can be read by the server's own user only: it holds
    credentials of VIMs. Methods block.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.packages = self.path / "packages"
        self.kept_packages = self.path / "kept-packages"
        self.asked_grants = self.path / "asked-grants"
        self.simulated_vim = self.path / "simulated-vim.sqlite"
        """The file of the embedded simulated VIM: an outside system that merely lives next door."""
        self._installation = self.path / "installation"

    def database(self, elsewhere: str = "") -> str:
        """Return the URL of the database: ``elsewhere``, or that of the file in the directory where it is empty.

        Raises:
            UnusableDatabaseError: what the installation has is not there: an empty database would take its place.
        """
        file = self.path / "mano.sqlite"
        if elsewhere and file.exists():
            raise UnusableDatabaseError(
                f"the installation in {self.path} keeps its database in {file.name} there: leave the URL of a database"
                " out, or give a data directory of its own to the installation that is to use it"
            )
        if not elsewhere and not self.fresh and not file.exists():
            raise UnusableDatabaseError(
                f"the installation in {self.path} keeps its database elsewhere: give its URL again (MANO_DATABASE_URL)."
                f" If it was in {file.name}, bring that back from a backup"
            )
        return elsewhere or f"sqlite+aiosqlite:///{file}"

    @property
    def fresh(self) -> bool:
        """Whether the installation has not been set up yet."""
        return not self._installation.exists()

    def installation(self) -> str:
        """Return the identifier of the installation, which VIM resources are tagged with; made at the first call.

        It ends the setting up: from here on the directory is not fresh any more.
        """
        if self.fresh:
            made = self._installation.with_suffix(".new")
            made.write_text(f"{uuid.uuid4()}\n")
            made.replace(self._installation)
        return self._installation.read_text().strip()

    def prepare(self) -> None:
        """Make the directory, or take it as it is."""
        self.path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        self.path.chmod(PRIVATE)


@asynccontextmanager
async def data_directory(path: Path) -> AsyncIterator[DataDirectory]:
    """Hold the data directory at ``path``, which is made when absent.

    Raises:
        DirectoryInUseError: another process holds it.
        OSError: it cannot be made or written.
    """
    directory = DataDirectory(await asyncio.to_thread(path.absolute))
    await asyncio.to_thread(directory.prepare)
    lock = await asyncio.to_thread(_locked, directory.path / "engine.lock")
    try:
        yield directory
    finally:
        os.close(lock)


def _locked(path: Path) -> int:
    """Take the lock without waiting, and return the file: the kernel lets go of it when its holder dies, however.

    Whoever holds it may take over all that earlier holders left.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(file, 32).decode(errors="replace").strip() or "unknown"
        os.close(file)
        raise DirectoryInUseError(f"{path.parent} is in use by the process {holder}") from error
    os.ftruncate(file, 0)
    os.write(file, f"{os.getpid()}\n".encode())
    return file
