"""Packages as archives: safe to open, streamed when read, never unpacked for parsing (SOL004 clause 4.1).

What an archive says about itself is checked before anything is read (``archive_safety``), and checked again while it is
read: a zip file's directory may lie about sizes, and the bytes that come out are what counts.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from descriptors.archive_safety import BoundedFile, TooManyMembersError, names_are_safe, safe_members
from descriptors.diagnostics import Diagnostics, Severity
from descriptors.envelope import Envelope, enveloped, open_envelope
from descriptors.limits import Limits

CHUNK = 1 << 18
_BEGINNING = 1 << 16
_DESCRIPTOR_WORDS = (b"tosca_definitions_version:", b"descriptor_schema:")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class UnreadableMemberError(Exception):
    """A member's bytes cannot be had: broken, or larger than the archive said."""


class Archive(Protocol):
    """Files by path. Threads may read different members at once."""

    single: str
    """Name of the one YAML file that stands for the package; empty otherwise."""
    envelope: Envelope | None
    """The zip file that the archive lies in with its signature."""

    def names(self) -> tuple[str, ...]:
        """Paths of all files, in the archive's order."""

    def importable(self) -> tuple[str, ...]:
        """Paths of what may be imported: all files, and those beside a single file that sees them."""

    def reach(self, name: str) -> bool:
        """Whether a file is there to be imported; a single file that sees others reaches any document on the disk."""

    def size(self, name: str) -> int:
        """Unpacked size in bytes. KeyError for a path that is not there."""

    def open(self, name: str) -> BinaryIO:
        """Open a file. KeyError for a path that is not there. Prefer ``stream``, which tells broken members."""

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes in pieces; UnreadableMemberError when they are broken or too many."""

    def extract(self, name: str, to_path: Path) -> None:
        """Write a file's bytes to ``to_path``, streamed; UnreadableMemberError leaves no file behind."""

    def close(self) -> None:
        """Let go of the file."""


class _Members:
    """What the three kinds of archive share: an index of sizes, and reading in pieces."""

    def __init__(self, sizes: dict[str, int], single: str = "") -> None:
        self._sizes = sizes
        self.single = single
        self.envelope: Envelope | None = None

    def names(self) -> tuple[str, ...]:
        return tuple(self._sizes)

    def importable(self) -> tuple[str, ...]:
        return tuple(self._sizes)

    def reach(self, name: str) -> bool:
        return name in self._sizes

    def size(self, name: str) -> int:
        return self._sizes[name]

    def open(self, name: str) -> BinaryIO:
        raise NotImplementedError

    def stream(self, name: str) -> Iterator[bytes]:
        left = self._sizes[name]
        try:
            with self.open(name) as source:
                while piece := source.read(CHUNK):
                    left -= len(piece)
                    if left < 0:
                        raise UnreadableMemberError(f"{name} is larger than the archive says")
                    yield piece
        except _BROKEN as error:
            raise UnreadableMemberError(f"{name} cannot be read: {error}") from error
        if left:
            raise UnreadableMemberError(f"{name} is {left} bytes shorter than the archive says")

    def extract(self, name: str, to_path: Path) -> None:
        try:
            with to_path.open("wb") as target:
                for piece in self.stream(name):
                    target.write(piece)
        except UnreadableMemberError:
            to_path.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        """Nothing is held open."""


class _Zip(_Members):
    def __init__(
        self,
        archive: zipfile.ZipFile,
        members: dict[str, zipfile.ZipInfo],
        file: BinaryIO,
        envelope: Envelope | None = None,
    ) -> None:
        super().__init__({name: info.file_size for name, info in members.items()})
        self.envelope = envelope
        self._archive = archive
        self._file = file
        self._members = members

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", self._archive.open(self._members[name]))

    def close(self) -> None:
        self._archive.close()
        self._file.close()


class _Files(_Members):
    """A directory, or one file that stands for a package."""

    def __init__(self, files: dict[str, Path], single: str = "") -> None:
        super().__init__({name: path.stat().st_size for name, path in files.items()}, single)
        self._files = files

    def open(self, name: str) -> BinaryIO:
        return self._files[name].open("rb")


class _Beside(_Files):
    """A YAML file on its author's disk, those beside it, and those elsewhere that they import."""

    def __init__(self, path: Path) -> None:
        super().__init__({path.name: path}, path.name)
        self._directory = path.parent

    def names(self) -> tuple[str, ...]:
        return (self.single,)

    def importable(self) -> tuple[str, ...]:
        for file in sorted(self._directory.glob("*.y*ml")):
            self.reach(file.name)
        return tuple(self._sizes)

    def reach(self, name: str) -> bool:
        path = self._directory / name
        if name not in self._files and path.suffix in (".yaml", ".yml") and _is_own(path):
            self._files[name] = path
            self._sizes[name] = path.stat().st_size
        return name in self._files


def _is_own(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def open_archive(path: Path, limits: Limits, diagnostics: Diagnostics, *, siblings: bool = False) -> Archive | None:
    """Open a package; None, with errors among the diagnostics, if it is unsafe or none.

    ``siblings`` lets a single YAML file see those beside it and import any other, for a descriptor that is still
    being written.
    """
    try:
        if path.is_dir():
            files = _Files(dict(_walk(path, limits)))
            return files if names_are_safe(list(files.names()), limits, diagnostics) else None
        if zipfile.is_zipfile(path):
            return _open_zip(path, limits, diagnostics)
        if _is_yaml(path):
            return _Beside(path) if siblings else _Files({path.name: path}, path.name)
    except TooManyMembersError as error:
        diagnostics.add(Severity.ERROR, "csar-too-many-members", str(error))
        return None
    except (*_BROKEN, UnicodeError) as error:
        diagnostics.add(Severity.ERROR, "csar-not-zip", f"the package cannot be opened: {error}")
        return None
    diagnostics.add(
        Severity.ERROR,
        "csar-not-zip",
        "the package is neither a zip archive nor a YAML file",
        hint="upload a CSAR (zip) or a single .yaml file",
        clause="SOL004 4.1.1",
    )
    return None


def _is_yaml(path: Path) -> bool:
    """Whether a file is a descriptor by its name, or, under another name, by how it begins."""
    if not path.is_file():
        return False
    if path.suffix.lower() in (".yaml", ".yml"):
        return True
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    return b"\0" not in beginning and any(word in beginning for word in _DESCRIPTOR_WORDS)


def _walk(root: Path, limits: Limits) -> Iterator[tuple[str, Path]]:
    """Yield the files of a directory; links are passed over, they may lead out of it."""
    count = 0
    for directory, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = Path(directory, name)
            if path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > limits.members:
                raise TooManyMembersError(f"more than {limits.members} files")
            yield path.relative_to(root).as_posix(), path


def _open_zip(path: Path, limits: Limits, diagnostics: Diagnostics) -> Archive | None:
    file = path.open("rb")
    try:
        outer = zipfile.ZipFile(cast("BinaryIO", BoundedFile(file, limits)))
        members = safe_members(outer, path.stat().st_size, limits, diagnostics)
    except BaseException:
        file.close()
        raise
    if members is None:
        file.close()
        return None
    inner = enveloped(outer)
    if not inner:
        return _Zip(outer, members, file)
    with file:
        envelope = open_envelope(outer, path, inner)
    try:
        archive = zipfile.ZipFile(cast("BinaryIO", BoundedFile(envelope.content, limits)))
        members = safe_members(archive, envelope.size(), limits, diagnostics)
    except BaseException:
        envelope.content.close()
        raise
    if members is None:
        envelope.content.close()
        return None
    return _Zip(archive, members, envelope.content, envelope)


def read_document(archive: Archive, name: str, limits: Limits, diagnostics: Diagnostics) -> bytes | None:
    """Read a small file whole; None, with an error among the diagnostics, when it is too big or broken."""
    if archive.size(name) > limits.document_bytes:
        diagnostics.add(
            Severity.ERROR,
            "document-too-big",
            f"{archive.size(name)} bytes; at most {limits.document_bytes} are read",
            file=name,
        )
        return None
    try:
        return b"".join(archive.stream(name))
    except UnreadableMemberError as error:
        diagnostics.add(Severity.ERROR, "csar-broken-member", str(error), file=name)
        return None
