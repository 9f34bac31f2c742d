"""Contents, models and extracted files on disk, by the SHA-256 of the content.

    <directory>/incoming/<entry>.part        a content on its way in
    <directory>/<digest>/content.csar        the package as it was uploaded
    <directory>/<digest>/model               what was read from it (MessagePack)
    <directory>/<digest>/files/<name>        members that somebody asked for, extracted once

Everything of a content lies in one directory, so that removing it leaves nothing. Files appear by being renamed:
what is there is whole. All calls block and may be made from any thread; two threads that make the same file make
equal files. Only which contents are still needed is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from descriptors.csar import Archive, open_archive
from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.onboarding import Onboarded, PackagedFile

_MODEL_FORMAT = 1
"""Raised whenever a stored model of an earlier release would be read wrong; it is then made anew."""


_PIECE = 1 << 20
"""Bytes that are copied at once."""


class _Model(msgspec.Struct, frozen=True, array_like=True):
    format: int
    onboarded: Onboarded


class Shelf:
    """The directory of contents of one installation."""

    def __init__(self, directory: Path, limits: Limits | None = None) -> None:
        self._directory = directory
        self._incoming = directory / "incoming"
        self._limits = limits or Limits()

    @property
    def limits(self) -> Limits:
        """How much of a package is read before it is refused."""
        return self._limits

    def incoming(self, entry: str) -> Path:
        """Where the content of an entry is written while it is uploaded."""
        return self._incoming / f"{entry}.part"

    def content(self, digest: str) -> Path:
        """Where a content is, or would be."""
        return self._directory / digest / "content.csar"

    def digests(self) -> frozenset[str]:
        """Return which contents are there."""
        return frozenset(path.parent.name for path in self._directory.glob("*/content.csar"))

    def take_in(self, arrived: Path, digest: str) -> None:
        """Put an uploaded content in its place; the same content a second time changes nothing."""
        place = self.content(digest)
        place.parent.mkdir(exist_ok=True)
        if place.exists():
            arrived.unlink()
        else:
            arrived.replace(place)

    def write_model(self, digest: str, onboarded: Onboarded) -> None:
        """Keep what was read from a content, so that its documents need not be read again."""
        encoded = msgspec.msgpack.encode(_Model(_MODEL_FORMAT, msgspec.structs.replace(onboarded, diagnostics=())))
        _make(self._model(digest), lambda path: path.write_bytes(encoded))

    def read_model(self, digest: str) -> Onboarded | None:
        """Return what was kept; None when nothing is, or only what another release of this program kept."""
        try:
            model = msgspec.msgpack.decode(self._model(digest).read_bytes(), type=_Model)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
        return model.onboarded if model.format == _MODEL_FORMAT else None

    def extracted(self, digest: str, member: PackagedFile) -> Path:
        """Return a file with the bytes of a member of the content, extracted at the first call."""
        path = self._file(digest, member.sha256)
        if not path.exists():
            with self._archive(digest) as archive:
                _make(path, lambda partial: archive.extract(member.path, partial))
        return path

    def zipped(self, digest: str, members: Iterable[PackagedFile]) -> Path:
        """Return a zip archive with these members of the content, made at the first call with constant memory."""
        chosen = tuple(members)
        name = hashlib.sha256("\n".join(f"{member.path} {member.sha256}" for member in chosen).encode()).hexdigest()
        path = self._directory / digest / "files" / f"{name}.zip"
        if not path.exists():
            with self._archive(digest) as archive:

                def pieces(member: PackagedFile) -> Iterator[bytes]:
                    if archive.reach(member.path):
                        return archive.stream(member.path)
                    return _pieces(self._file(digest, member.sha256))

                _make(path, lambda partial: _zip([(member, pieces(member)) for member in chosen], partial))
        return path

    def keep(self, digest: str, sha256: str, arrived: Path) -> None:
        """Put a file that belongs to a content without being in it beside the members that were extracted."""
        place = self._file(digest, sha256)
        place.parent.mkdir(exist_ok=True)
        arrived.replace(place)

    def kept(self, digest: str, sha256: str) -> int | None:
        """Return the size of such a file; None when it is not there."""
        try:
            return self._file(digest, sha256).stat().st_size
        except FileNotFoundError:
            return None

    @contextmanager
    def _archive(self, digest: str) -> Iterator[Archive]:
        archive = open_archive(self.content(digest), self._limits, Diagnostics())
        if archive is None:
            raise FileNotFoundError(self.content(digest))
        try:
            yield archive
        finally:
            archive.close()

    def remove(self, digest: str) -> None:
        """Remove a content and all that was made from it; absent is success."""
        shutil.rmtree(self._directory / digest, ignore_errors=True)

    def sweep(self, needed: Iterable[str]) -> list[str]:
        """Make the directory where it is not there yet, and leave the needed contents in it and nothing else.

        Returns what was removed: contents that nothing refers to, and everything half uploaded or half made.
        """
        self._incoming.mkdir(parents=True, exist_ok=True)
        keep = {*needed, self._incoming.name}
        debris = [path for path in self._directory.iterdir() if path.name not in keep]
        debris += self._incoming.iterdir()
        for path in debris:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        for digest in keep - {self._incoming.name}:
            for partial in (self._directory / digest).rglob("*.partial"):
                partial.unlink()
        return sorted(str(path.relative_to(self._directory)) for path in debris)

    def _file(self, digest: str, sha256: str) -> Path:
        return self._directory / digest / "files" / sha256

    def _model(self, digest: str) -> Path:
        return self._directory / digest / "model"


def _make(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` make the file ``path``, which appears whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    os.close(handle)
    partial = Path(name)
    try:
        write(partial)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _zip(members: Iterable[tuple[PackagedFile, Iterator[bytes]]], to_path: Path) -> None:
    """Write files into an archive; the same files always make the same bytes."""
    with zipfile.ZipFile(to_path, "w", zipfile.ZIP_DEFLATED) as made:
        for member, pieces in members:
            info = zipfile.ZipInfo(member.path)
            info.compress_type = zipfile.ZIP_DEFLATED
            with made.open(info, "w", force_zip64=member.size >= zipfile.ZIP64_LIMIT) as target:
                for piece in pieces:
                    target.write(piece)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
