"""What makes an archive unsafe, found in what it says about itself before a member is read (SOL004 clause 4.1)."""

from __future__ import annotations

import stat
import zipfile
from typing import BinaryIO

from descriptors.diagnostics import Diagnostics, Severity
from descriptors.limits import Limits

_DIRECTORY_ENTRY = 1 << 10  # bytes of an archive's directory for one member; some 100 are usual
_LEAST_DIRECTORY = 1 << 18  # bytes that are read at once however few members there may be
_ENCRYPTED = 0x1


class TooManyMembersError(ValueError):
    """An archive's directory is larger than one of as many members as are read can be."""


class BoundedFile:
    """A zip file that refuses to read its directory whole before it is known to be small.

    ``zipfile`` takes the directory in one read, as large as the archive's end says, and makes an object of each entry.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._members = limits.members
        self._most = max(limits.members * _DIRECTORY_ENTRY, _LEAST_DIRECTORY)
        self.seek, self.tell, self.seekable, self.close = file.seek, file.tell, file.seekable, file.close

    def read(self, size: int = -1) -> bytes:
        """Read, but not more at once than a directory may be large."""
        if size > self._most:
            raise TooManyMembersError(
                f"a directory of {size} bytes is too large for the {self._members} members that are read at most"
            )
        return self._file.read(size)


def safe_members(
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
    names_are_safe([info.orig_filename for info in infos], limits, diagnostics)
    _sizes_are_safe(infos, packed, limits, diagnostics)
    for info in infos:
        _member_is_plain(info, diagnostics)
    if len(diagnostics.found) > before:
        return None
    return {info.filename: info for info in infos if not info.is_dir()}


def names_are_safe(names: list[str], limits: Limits, diagnostics: Diagnostics) -> bool:
    """Whether no name leads out of the archive, and no two members would fight for one; each that does is reported."""
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
