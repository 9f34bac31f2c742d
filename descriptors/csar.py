"""Packages as archives: safe to open, streamed when read, never unpacked for parsing (SOL004 clause 4.1).

What an archive says about itself is checked before anything is read, and checked again while it is read: a zip file's
directory may lie about sizes, and the bytes that come out are what counts.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from descriptors.diagnostics import Diagnostics, Severity
from descriptors.envelope import Envelope, enveloped, open_envelope
from descriptors.limits import Limits

CHUNK = 1 << 18
_DIRECTORY_ENTRY = 1 << 10  # bytes of an archive's directory for one member; some 100 are usual
_ENCRYPTED = 0x1
_BEGINNING = 1 << 16
_DESCRIPTOR_WORDS = (b"tosca_definitions_version:", b"descriptor_schema:")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class UnreadableMemberError(Exception):
    """A member's bytes cannot be had: broken, or larger than the archive said."""


class _TooManyMembersError(ValueError):
    """An archive's directory is larger than one of as many members as are read can be."""


class _Bounded:
    """A zip file that refuses to read its directory whole before it is known to be small.

    ``zipfile`` takes the directory in one read, as large as the archive's end says, and makes an object of each entry.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._members = limits.members
        self._most = max(limits.members * _DIRECTORY_ENTRY, CHUNK)
        self.seek, self.tell, self.seekable, self.close = file.seek, file.tell, file.seekable, file.close

    def read(self, size: int = -1) -> bytes:
        """Read, but not more at once than a directory may be large."""
        if size > self._most:
            raise _TooManyMembersError(
                f"a directory of {size} bytes is too large for the {self._members} members that are read at most"
            )
        return self._file.read(size)


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
            return files if _names_are_safe(list(files.names()), limits, diagnostics) else None
        if zipfile.is_zipfile(path):
            return _open_zip(path, limits, diagnostics)
        if _is_yaml(path):
            return _Beside(path) if siblings else _Files({path.name: path}, path.name)
    except _TooManyMembersError as error:
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
                raise _TooManyMembersError(f"more than {limits.members} files")
            yield path.relative_to(root).as_posix(), path


def _open_zip(path: Path, limits: Limits, diagnostics: Diagnostics) -> Archive | None:
    file = path.open("rb")
    try:
        outer = zipfile.ZipFile(cast("BinaryIO", _Bounded(file, limits)))
        members = _safe_members(outer, path.stat().st_size, limits, diagnostics)
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
        archive = zipfile.ZipFile(cast("BinaryIO", _Bounded(envelope.content, limits)))
        members = _safe_members(archive, envelope.size(), limits, diagnostics)
    except BaseException:
        envelope.content.close()
        raise
    if members is None:
        envelope.content.close()
        return None
    return _Zip(archive, members, envelope.content, envelope)


def _safe_members(
    archive: zipfile.ZipFile, packed: int, limits: Limits, diagnostics: Diagnostics
) -> dict[str, zipfile.ZipInfo] | None:
    """Return the files of an archive of ``packed`` bytes by name; None when anything about them is unsafe."""
    before = len(diagnostics.found)
    infos = archive.infolist()
    if len(infos) > limits.members:
        diagnostics.add(
            Severity.ERROR, "csar-too-many-members", f"{len(infos)} members; at most {limits.members} are read"
        )
        return None
    _names_are_safe([info.orig_filename for info in infos], limits, diagnostics)
    _sizes_are_safe(infos, packed, limits, diagnostics)
    for info in infos:
        _member_is_plain(info, diagnostics)
    if len(diagnostics.found) > before:
        return None
    return {info.filename: info for info in infos if not info.is_dir()}


def _names_are_safe(names: list[str], limits: Limits, diagnostics: Diagnostics) -> bool:
    """Report every name that leads out of the archive, or that two members would fight for."""
    before = len(diagnostics.found)
    seen: dict[str, str] = {}
    for name in names:
        parts = name.rstrip("/").split("/")
        problem = ""
        if not name.strip("/") or "\0" in name or any(ord(character) < ord(" ") for character in name):
            problem = "has an empty name or control characters in it"
        elif name.startswith(("/", "\\")) or name[1:2] == ":" or "\\" in name:
            problem = "is absolute or has a drive or a backslash"
        elif ".." in parts or "." in parts or "" in parts:
            problem = "has empty, '.' or '..' parts"
        elif len(name) > limits.path_characters or len(parts) > limits.path_depth:
            problem = "is too long or too deep"
        if problem:
            diagnostics.add(
                Severity.ERROR,
                "csar-path-escapes",
                f"member {name[:120]!r} {problem}",
                file=name[:120],
                hint="name members relative to the root of the archive, with '/'",
            )
            continue
        folded = name.rstrip("/").casefold()
        if folded in seen:
            same = seen[folded] == name.rstrip("/")
            diagnostics.add(
                Severity.ERROR,
                "csar-duplicate-name",
                f"two members are named {name!r}" if same else f"{name!r} and {seen[folded]!r} differ in case only",
                file=name,
            )
        seen[folded] = name.rstrip("/")
    return len(diagnostics.found) == before


def _sizes_are_safe(infos: list[zipfile.ZipInfo], packed: int, limits: Limits, diagnostics: Diagnostics) -> None:
    """Report what would unpack to too much, and members that share bytes (a bomb without nesting)."""
    total = sum(info.file_size for info in infos)
    if total > limits.total_bytes:
        diagnostics.add(
            Severity.ERROR, "csar-too-big", f"the package unpacks to {total} bytes; the limit is {limits.total_bytes}"
        )
    end, previous = 0, ""
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.file_size > limits.member_bytes:
            diagnostics.add(
                Severity.ERROR,
                "csar-too-big",
                f"{info.filename!r} unpacks to {info.file_size} bytes; the limit is {limits.member_bytes}",
                file=info.filename,
            )
        if info.file_size > limits.ratio_from_bytes and info.file_size > limits.ratio * max(info.compress_size, 1):
            diagnostics.add(
                Severity.ERROR,
                "csar-zip-bomb",
                f"{info.filename!r} unpacks {info.compress_size} bytes to {info.file_size}, "
                f"more than {limits.ratio} to one",
                file=info.filename,
            )
        if info.header_offset < end or info.header_offset + info.compress_size > packed:
            diagnostics.add(
                Severity.ERROR,
                "csar-zip-bomb",
                f"{info.filename!r} shares bytes with {previous!r} or reaches beyond the archive",
                file=info.filename,
            )
        end, previous = info.header_offset + info.compress_size, info.filename


def _member_is_plain(info: zipfile.ZipInfo, diagnostics: Diagnostics) -> None:
    mode = info.external_attr >> 16
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and stat.S_IFMT(mode):
        diagnostics.add(
            Severity.ERROR,
            "csar-not-a-file",
            f"{info.filename!r} is a link or a device",
            file=info.filename,
            hint="pack the file itself (zip without --symlinks)",
        )
    if info.flag_bits & _ENCRYPTED:
        diagnostics.add(
            Severity.ERROR,
            "csar-encrypted",
            f"{info.filename!r} is encrypted",
            file=info.filename,
            hint="carry it as a CMS-encrypted artifact instead",
            clause="SOL004 5.5",
        )
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        diagnostics.add(
            Severity.ERROR,
            "csar-compression",
            f"{info.filename!r} is packed with method {info.compress_type}, which is not known here",
            file=info.filename,
        )


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
