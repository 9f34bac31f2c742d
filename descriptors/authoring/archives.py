"""Zip archives that are the same, byte by byte, whenever the files in them are."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from descriptors.authoring.errors import AuthoringError
from descriptors.manifest import META

MOMENT = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every member."""
Content = bytes | Path
"""What a member is made of: bytes at hand, or a file."""


def package_files(directory: Path) -> dict[str, Path]:
    """Return the files of a package by path, in the archive's order: TOSCA.meta first, as CSAR readers like it.

    Hidden files and directories are left out. AuthoringError when there is nothing to pack, or a link points outside.
    """
    root = directory.resolve()
    files = {}
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        if not path.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        if not path.resolve().is_relative_to(root):
            raise AuthoringError("Cannot pack the directory", f"{path} points outside of {directory}")
        files[relative.as_posix()] = path
    if not files:
        raise AuthoringError("Cannot pack the directory", f"{directory} holds no files")
    return dict(sorted(files.items(), key=lambda item: item[0] != META))


def write_archive(members: Iterable[tuple[str, Content]], archive: Path, *, packed: bool = True) -> None:
    """Write the members in their order to ``archive``, which appears whole or not at all.

    ``packed`` compresses them; what is compressed already is better stored as it is.
    """
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with appearing(archive) as partial, zipfile.ZipFile(partial, "w") as target:
        for name, content in members:
            member = zipfile.ZipInfo(name, MOMENT)
            member.compress_type = method
            member.external_attr = 0o644 << 16
            if isinstance(content, bytes):
                target.writestr(member, content)
                continue
            member.file_size = content.stat().st_size  # beyond 4 GiB the member needs longer fields
            with content.open("rb") as source, target.open(member, "w") as written:
                shutil.copyfileobj(source, written, 1 << 20)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Give a file to write that takes the place of ``path`` at the end, and goes when anything fails."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o644)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
