"""External artifacts: what a package names by a URI instead of carrying it (SOL004 clause 4.3, SOL005 clause 9.4.4a).

The NFVO fetches those that somebody said how to get, and keeps them beside the content's own files. The others are left
to whoever needs them, as VIMs fetch images.
"""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from contextlib import aclosing
from functools import partial
from pathlib import Path

from yarl import URL

from descriptors.manifest import DIGESTS
from descriptors.onboarding import Onboarded, PackagedFile
from descriptors.shelf import Shelf
from descriptors.shelved_models import Models
from nfvo.catalogue.downloads import DownloadError
from nfvo.catalogue.entries import Entry
from nfvo.catalogue.sources import Source, Sources

DIRECTORY = "External"
"""Where they seem to lie in the package."""
Digest = tuple[str, str]
"""Algorithm (``sha-256``) and hexadecimal digest; empty where the package gives none."""


def named(onboarded: Onboarded) -> dict[str, Digest]:
    """Return what the package names by a URI, software images included, with the digests that it gives."""
    found: dict[str, Digest] = {}
    if onboarded.manifest:
        digests = onboarded.manifest.digests
        found = {uri: digests.get(uri, ("", "")) for uri in onboarded.manifest.sources if "://" in uri}
    for image in onboarded.vnfd.software_images().values() if onboarded.vnfd else ():
        if image.artifact and "://" in image.artifact.file and not all(found.get(image.artifact.file, ("",))):
            found[image.artifact.file] = (image.checksum_algorithm.lower(), image.checksum.lower())
    return found


class ExternalArtifacts:
    """Fetches the external artifacts of contents; belongs to one event loop."""

    def __init__(self, shelf: Shelf, models: Models, sources: Sources, *, limit: int) -> None:
        """Keep what is fetched on ``shelf``; an artifact has up to ``limit`` bytes."""
        self._shelf = shelf
        self._models = models
        self._sources = sources
        self._limit = limit

    async def fetch(self, entry: Entry, digest: str, onboarded: Onboarded) -> dict[str, PackagedFile]:
        """Return by URI the artifacts that there is access to, fetched unless they are there already.

        Raises:
            DownloadError: one could not be had, or is not what the package says.
        """
        access = self._sources.access(entry.id, entry.access)
        taken = {file.path for file in onboarded.artifacts}
        fetched: dict[str, PackagedFile] = {}
        for uri, wanted in named(onboarded).items():
            if uri in access:
                there = await self._there(digest, wanted)
                size, sha256 = there or await self._fetched(entry.id, digest, uri, access[uri], wanted)
                fetched[uri] = PackagedFile(path=_free(uri, taken), size=size, sha256=sha256)
                taken.add(fetched[uri].path)
        return fetched

    async def _there(self, digest: str, wanted: Digest) -> tuple[int, str] | None:
        algorithm, sha256 = wanted
        if algorithm != "sha-256":
            return None
        size = await self._models.in_thread(lambda: self._shelf.kept(digest, sha256))
        return None if size is None else (size, sha256)

    async def _fetched(self, entry_id: str, digest: str, uri: str, source: Source, wanted: Digest) -> tuple[int, str]:
        """Fetch one artifact, and return its size and SHA-256."""
        arriving = self._shelf.incoming(f"{entry_id}-external")
        try:
            async with asyncio.timeout(self._sources.seconds):
                size, sha256 = await self._received(arriving, source, wanted)
        except TimeoutError as error:
            why = f"it was not there after {self._sources.seconds:.0f} seconds"
            raise DownloadError(f"the external artifact {uri} cannot be had: {why}") from error
        except (DownloadError, OSError) as error:
            raise DownloadError(f"the external artifact {uri} cannot be had: {error}") from error
        else:
            await self._models.in_thread(lambda: self._shelf.keep(digest, sha256, arriving))
            return size, sha256
        finally:
            await self._models.in_thread(lambda: arriving.unlink(missing_ok=True))

    async def _received(self, arriving: Path, source: Source, wanted: Digest) -> tuple[int, str]:
        algorithm, expected = wanted
        sha256, other = hashlib.sha256(), hashlib.new(DIGESTS.get(algorithm, "sha256"))
        size = 0

        def append(chunk: bytes) -> None:
            sha256.update(chunk)
            other.update(chunk)
            file.write(chunk)

        file = await self._models.in_thread(lambda: arriving.open("wb"))
        try:
            async with aclosing(self._sources.from_source(source)) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    self._check_size(size)
                    await self._models.in_thread(partial(append, chunk))
        finally:
            await self._models.in_thread(file.close)
        if expected and algorithm in DIGESTS and other.hexdigest() != expected:
            raise DownloadError(f"it is not what the package says: its {algorithm.upper()} differs")
        return size, sha256.hexdigest()

    def _check_size(self, size: int) -> None:
        if size > self._limit:
            raise DownloadError(f"it is larger than {self._limit} bytes (setting upload_limit)")


def _free(uri: str, taken: set[str]) -> str:
    """Return a path that no file of the package has, for people to recognise (SOL005 9.5.3.3)."""
    name = posixpath.basename(URL(uri).path) or "artifact"
    path, number = f"{DIRECTORY}/{name}", 1
    while path in taken:
        number += 1
        path = f"{DIRECTORY}/{number}/{name}"
    return path
