"""Where the grants are that the NFVO was asked for, on disk: a process that dies while it waits leaves it to the next.

<directory>/<operation occurrence>    the path at the NFVO
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from pathlib import Path


class AskedGrants:
    """One small file for each operation that is not planned yet. Files appear whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def sweep(self, open_operations: Collection[str]) -> None:
        """Make the directory where it is not there, and forget grants of operations that have ended."""
        await asyncio.to_thread(self._sweep, frozenset(open_operations))

    async def location(self, operation: str) -> str:
        """Return where the operation's grant is; empty when none was asked for."""
        return await asyncio.to_thread(self._read, operation)

    async def keep(self, operation: str, location: str) -> None:
        """Remember where the operation's grant is; durable when this returns."""
        await asyncio.to_thread(self._write, operation, location)

    async def forget(self, operation: str) -> None:
        """Ask for another grant the next time; nothing to forget is success."""
        await asyncio.to_thread((self._directory / operation).unlink, missing_ok=True)

    def _sweep(self, keep: frozenset[str]) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        for file in self._directory.iterdir():
            if file.name not in keep:
                file.unlink()

    def _read(self, operation: str) -> str:
        try:
            return (self._directory / operation).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _write(self, operation: str, location: str) -> None:
        partial = self._directory / f"{operation}.partial"
        with partial.open("w", encoding="utf-8") as file:
            file.write(location)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._directory / operation)
