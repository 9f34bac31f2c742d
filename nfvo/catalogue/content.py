"""The content of an onboarded entry, opened for reading: what it holds, and its files on disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from descriptors.onboarding import Onboarded, PackagedFile
from descriptors.shelf import Shelf
from descriptors.shelved_models import Models
from nfvo.catalogue import selection
from nfvo.catalogue.entries import Entry
from nfvo.catalogue.selection import Files


class Content:
    """A content as long as its entry is there; belongs to one event loop."""

    def __init__(self, shelf: Shelf, models: Models, entry: Entry, onboarded: Onboarded) -> None:
        self._shelf = shelf
        self._models = models
        self._digest = entry.digest
        self.onboarded = onboarded
        """What it holds."""
        self.external = entry.external
        """What was fetched for it, by the URIs that it names it by."""

    def found(self, path: str, *, signatures: bool = False) -> Files:
        """Return the file at a path, be it in the content or fetched for it; see ``selection.artifact``."""
        fetched = tuple(file for file in self.external.values() if file.path == path)
        return selection.artifact(self.onboarded, path, signatures=signatures) or fetched

    @property
    def path(self) -> Path:
        """The whole, as it was uploaded."""
        return self._shelf.content(self._digest)

    async def file(self, member: PackagedFile) -> Path:
        """Return a file with the bytes of a member; FileNotFoundError when the entry was deleted meanwhile."""
        return await self._models.in_thread(lambda: self._shelf.extracted(self._digest, member))

    async def archive(self, members: Iterable[PackagedFile]) -> Path:
        """Return a zip archive with these members, in the directories that they have in the content."""
        chosen = tuple(members)
        return await self._models.in_thread(lambda: self._shelf.zipped(self._digest, chosen))
