"""Where the grants are that the NFVO was asked for, on disk: a process that dies while it waits leaves it to the next.

<directory>/<VNF instance>    an :class:`AskedGrant` as JSON
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from pathlib import Path

import msgspec


class AskedGrant(msgspec.Struct, frozen=True, kw_only=True):
    """The grant of the operation that a VNF instance began last: it has one at a time."""

    operation: str
    """The operation occurrence."""
    location: str
    """The path at the NFVO."""


class AskedGrants:
    """One small file for each VNF instance. Files appear whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def sweep(self, vnf_instances: Collection[str]) -> None:
        """Make the directory where it is not there, and forget grants of VNF instances that are gone."""
        await asyncio.to_thread(self._sweep, frozenset(vnf_instances))

    async def location(self, vnf_instance: str, operation: str) -> str:
        """Return where the grant of an operation is; empty when none was asked for."""
        return await asyncio.to_thread(self._read, vnf_instance, operation)

    async def keep(self, vnf_instance: str, operation: str, location: str) -> None:
        """Remember where the operation's grant is, in place of an earlier one's; durable when this returns."""
        asked = AskedGrant(operation=operation, location=location)
        await asyncio.to_thread(self._write, vnf_instance, msgspec.json.encode(asked))

    async def forget(self, vnf_instance: str) -> None:
        """Ask for another grant the next time; nothing to forget is success."""
        await asyncio.to_thread((self._directory / vnf_instance).unlink, missing_ok=True)

    def _sweep(self, keep: frozenset[str]) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        for file in self._directory.iterdir():
            if file.name not in keep:
                file.unlink()

    def _read(self, vnf_instance: str, operation: str) -> str:
        try:
            asked = msgspec.json.decode((self._directory / vnf_instance).read_bytes(), type=AskedGrant)
        except FileNotFoundError:
            return ""
        return asked.location if asked.operation == operation else ""

    def _write(self, vnf_instance: str, content: bytes) -> None:
        partial = self._directory / f"{vnf_instance}.partial"
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._directory / vnf_instance)
