"""The zip file around an archive that is signed as a whole (SOL004 5.1, option 2): archive, signature, certificate.

The archive inside is read where it lies if the zip file stores it as it is; else it is unpacked first, into a
temporary file without a name, which goes when the archive is closed.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

ARCHIVES = (".csar", ".zip")
SIGNATURES = (".cms", ".p7s")
CERTIFICATES = (".cert", ".crt", ".pem", ".cer")

_LOCAL_HEADER = struct.Struct("<26xHH")
"""Of a member in a zip file: the lengths of its name and of its extra field are all that is wanted."""
_IN_MEMORY = 1 << 24  # bytes of an unpacked archive that are kept off the disk
_LARGEST = 1 << 20  # bytes of a signature or certificate file; real ones have some thousand


class Envelope:
    """What lies beside the archive, and the archive's own bytes. Use it from one thread at a time."""

    def __init__(self, archive: str, files: dict[str, bytes], content: BinaryIO) -> None:
        self.archive = archive
        """Name of the archive."""
        self.files = files
        """Signatures and certificates by name."""
        self.content = content

    @property
    def signatures(self) -> tuple[str, ...]:
        """Names of the signature files."""
        return tuple(name for name in self.files if name.lower().endswith(SIGNATURES))

    def digest(self, algorithm: str) -> bytes:
        """Return the digest of the archive, by the algorithm's name in hashlib."""
        digest = hashlib.new(algorithm)
        self.content.seek(0)
        while piece := self.content.read(1 << 20):
            digest.update(piece)
        return digest.digest()

    def size(self) -> int:
        """Return the size of the archive in bytes."""
        return self.content.seek(0, io.SEEK_END)


def enveloped(outer: zipfile.ZipFile) -> str:
    """Return the name of the one archive in a zip file with nothing but signatures and certificates beside it."""
    names = [info.filename for info in outer.infolist() if not info.is_dir()]
    archives = [name for name in names if name.lower().endswith(ARCHIVES)]
    others = [name for name in names if not name.lower().endswith(ARCHIVES)]
    plain = all("/" not in name for name in archives) and all(
        name.lower().endswith(SIGNATURES + CERTIFICATES) for name in others
    )
    return archives[0] if len(archives) == 1 and plain else ""


def open_envelope(outer: zipfile.ZipFile, path: Path, archive: str) -> Envelope:
    """Open the archive in a zip file whose members have been found safe; zip errors and OSError as they come."""
    files = {
        info.filename: outer.read(info)
        for info in outer.infolist()
        if info.filename != archive and not info.is_dir() and info.file_size <= _LARGEST
    }
    info = outer.getinfo(archive)
    if info.compress_type == zipfile.ZIP_STORED:
        return Envelope(archive, files, cast("BinaryIO", io.BufferedReader(_Window(path, info))))
    content = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # lives as long as the archive is open
    try:
        with outer.open(info) as packed:
            shutil.copyfileobj(packed, content, 1 << 20)
    except BaseException:
        content.close()
        raise
    return Envelope(archive, files, cast("BinaryIO", content))


class _Window(io.RawIOBase):
    """The bytes of a stored member, as a file."""

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._file.seek(info.header_offset)
        header = self._file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size:
            self._file.close()
            raise zipfile.BadZipFile("a member without its header")
        self._start = info.header_offset + _LOCAL_HEADER.size + sum(_LOCAL_HEADER.unpack(header))
        self._size = info.file_size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the type of RawIOBase says Buffer, which has no slices
        self._file.seek(self._start + self._at)
        piece = self._file.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()
