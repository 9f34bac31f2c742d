"""What contents hold, by digest: from memory, else from the shelf, else read anew."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

from descriptors.mode import Mode
from descriptors.onboarding import Onboarded, read_package
from descriptors.shelf import Shelf
from descriptors.signatures import SignaturePolicy

R = TypeVar("R")

KEPT = 1024
"""Models that stay in memory; the longest unused go first."""


class Models:
    """Models of onboarded contents. Belongs to one event loop; files are read and documents parsed in threads."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._kept: OrderedDict[str, Onboarded] = OrderedDict()
        # Two pools, so that large packages being parsed never keep small files from being read.
        self._files = ThreadPoolExecutor(4, "catalogue-files")
        self._parsers = ThreadPoolExecutor(2, "catalogue-parsers")

    async def get(self, digest: str) -> Onboarded:
        """Return what the content holds.

        Raises:
            FileNotFoundError: there is no such content.
        """
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        onboarded = await self.in_thread(lambda: self._shelf.read_model(digest))
        if onboarded is None:  # another release of this program kept it
            if not await self.in_thread(self._shelf.content(digest).exists):
                raise FileNotFoundError(self._shelf.content(digest))
            onboarded = await self.parse(digest, mode=Mode.LENIENT)  # it was accepted once, however it was judged
            await self._store(digest, onboarded)
        self._keep(digest, onboarded)
        return onboarded

    async def parse(
        self,
        digest: str,
        kind: Literal["vnfd", "nsd", "pnfd"] | None = None,
        signatures: SignaturePolicy | None = None,
        mode: Mode = Mode.ETSI,
    ) -> Onboarded:
        """Read the content's documents; ``kind`` refuses a content of the other kind, ``signatures`` one without."""
        path, limits = self._shelf.content(digest), self._shelf.limits
        return await asyncio.get_running_loop().run_in_executor(
            self._parsers, lambda: read_package(path, limits=limits, expect=kind, signatures=signatures, mode=mode)
        )

    async def put(self, digest: str, onboarded: Onboarded) -> None:
        """Keep what the content holds, on the shelf and in memory."""
        await self._store(digest, onboarded)
        self._keep(digest, onboarded)

    def forget(self, digest: str) -> None:
        """Let go of a content that is removed."""
        self._kept.pop(digest, None)

    async def in_thread(self, call: Callable[[], R]) -> R:
        """Work on files without holding up the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._files, call)

    def close(self) -> None:
        """Take no more work; what a thread is at ends by itself and changes nothing that is recorded."""
        self._files.shutdown(wait=False, cancel_futures=True)
        self._parsers.shutdown(wait=False, cancel_futures=True)

    async def _store(self, digest: str, onboarded: Onboarded) -> None:
        await self.in_thread(lambda: self._shelf.write_model(digest, onboarded))

    def _keep(self, digest: str, onboarded: Onboarded) -> None:
        self._kept[digest] = onboarded
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
