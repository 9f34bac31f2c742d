"""The packages of examples/, as files by path that a test may change before it packs them."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples" / "sd-wan"
VNFS = ("edge-router", "firewall", "probe")
SERVICE = "service"

Files = dict[str, bytes]

_DIGEST = re.compile(rb"(Source: (\S+)\nAlgorithm: SHA-256\nHash: )\w*")


def files_of(name: str) -> Files:
    """Return the files of an example package by path."""
    root = EXAMPLES / name
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def sealed(files: Files) -> Files:
    """Return the files with the digests of the manifest put right."""

    def digest(match: re.Match[bytes]) -> bytes:
        content = files.get(match[2].decode(), b"")
        return match[1] + hashlib.sha256(content).hexdigest().encode()

    return {path: _DIGEST.sub(digest, content) if path.endswith(".mf") else content for path, content in files.items()}


def packed(files: Files) -> bytes:
    """Return the files as a zip archive; the same files always make the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path, content in files.items():
            target.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def package(name: str) -> bytes:
    """Return an example package as it is uploaded."""
    return packed(files_of(name))


def changed(name: str, path: str, old: str, new: str) -> bytes:
    """Return an example package with a text in one of its files replaced and its manifest in order."""
    files = files_of(name)
    text = files[path].decode()
    assert old in text, f"{path} has no {old!r}"
    return packed(sealed(files | {path: text.replace(old, new).encode()}))
