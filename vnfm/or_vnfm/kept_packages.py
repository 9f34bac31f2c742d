"""Which package has which VNFD, on disk beside the contents.

<directory>/<SHA-256 of the VNFD's identifier>    a :class:`KeptPackage` as JSON
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import msgspec


class KeptPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package whose content is on the shelf."""

    vnfd_id: str
    package_id: str
    """As the NFVO calls it."""
    digest: str
    """SHA-256 of the content."""


class KeptPackages:
    """The index of what was fetched. All calls block; files appear whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, vnfd_id: str) -> KeptPackage | None:
        """Return the package with this VNFD, or None when none is kept."""
        try:
            return msgspec.json.decode(self._file(vnfd_id).read_bytes(), type=KeptPackage)
        except FileNotFoundError:
            return None

    def keep(self, package: KeptPackage) -> None:
        """Remember the package, in place of another with the same VNFD."""
        file = self._file(package.vnfd_id)
        partial = file.with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(package))
        partial.replace(file)

    def sweep(self, needed: Collection[str]) -> frozenset[str]:
        """Forget every package but those of these VNFDs; the digests of those that are left."""
        self._directory.mkdir(parents=True, exist_ok=True)
        keep = {self._file(vnfd_id).name for vnfd_id in needed}
        digests = set()
        for file in self._directory.iterdir():
            if file.name in keep:
                digests.add(msgspec.json.decode(file.read_bytes(), type=KeptPackage).digest)
            else:
                file.unlink()
        return frozenset(digests)

    def _file(self, vnfd_id: str) -> Path:
        return self._directory / hashlib.sha256(vnfd_id.encode()).hexdigest()
