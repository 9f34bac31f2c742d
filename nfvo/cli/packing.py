"""Packages from directories: a zip archive in a fixed order, and the digests of its manifest."""

from __future__ import annotations

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nfvo.cli.errors import InputError

MOMENT = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every member: the same files make the same archive, byte by byte."""
META = "TOSCA-Metadata/TOSCA.meta"
_ENTRY = re.compile(r"^Source:\s*(?P<source>\S.*?)\s*$", re.MULTILINE | re.IGNORECASE)
_HASHED = re.compile(
    r"^(?P<head>Source:\s*(?P<source>\S[^\n]*?)\s*\nAlgorithm:\s*(?P<algorithm>\S+)\s*\nHash:\s*)"
    r"(?P<digest>\S*)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)


def package_files(directory: Path) -> list[Path]:
    """Return the files of a package in the archive's order: TOSCA.meta first, as CSAR readers like it, then by path.

    Hidden files and directories are left out. InputError when there is nothing to pack, or a link points outside.
    """
    root = directory.resolve()
    files = []
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        if not path.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        if not path.resolve().is_relative_to(root):
            raise InputError("Cannot pack the directory", f"{path} points outside of {directory}")
        files.append(path)
    if not files:
        raise InputError("Cannot pack the directory", f"{directory} holds no files")
    return sorted(files, key=lambda file: file.relative_to(directory).as_posix() != META)


def pack(directory: Path, archive: Path) -> None:
    """Write the package in ``directory`` to ``archive``; the same files always make the same bytes."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in package_files(directory):
            member = zipfile.ZipInfo(file.relative_to(directory).as_posix(), MOMENT)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            with file.open("rb") as source, packed.open(member, "w") as target:
                while chunk := source.read(1 << 20):
                    target.write(chunk)


@contextmanager
def archive_of(package: Path) -> Iterator[Path]:
    """Yield an archive: ``package`` itself, or for a directory a packed copy that lives as long as the context."""
    if not package.exists():
        raise InputError("No such file or directory", str(package))
    if package.is_file():
        yield package
        return
    with tempfile.TemporaryDirectory(prefix="mano-") as scratch:
        archive = Path(scratch) / f"{package.resolve().name}.csar"
        pack(package, archive)
        yield archive


def refresh_digests(directory: Path) -> list[str]:
    """Rewrite the digests in the manifest of the package in ``directory``; return the paths whose digest changed.

    Only entries that have a digest and name a file of the package are touched. InputError when there is no
    manifest, when it lists a file that is missing, or leaves out one that is there.
    """
    manifests = sorted(directory.glob("*.mf"))
    if len(manifests) != 1:
        raise InputError("No manifest to refresh", f"{directory} holds {len(manifests)} files *.mf, not one")
    manifest = manifests[0]
    text = manifest.read_text()
    listed = {entry["source"] for entry in _ENTRY.finditer(text)}
    present = {file.relative_to(directory).as_posix() for file in package_files(directory)} - {manifest.name}
    missing = sorted(source for source in listed - present if "://" not in source)
    if missing or present - listed:
        raise InputError(
            f"{manifest} and the directory differ",
            "; ".join([f"{path} is listed and missing" for path in missing])
            + "; ".join([f"{path} is there and not listed" for path in sorted(present - listed)]),
            hint="List each file of the package with Source, Algorithm and Hash.",
        )
    changed = []

    def refreshed(entry: re.Match[str]) -> str:
        if entry["source"] not in present:
            return entry[0]
        digest = _digest(directory / entry["source"], entry["algorithm"])
        if digest != entry["digest"].lower():
            changed.append(entry["source"])
        return entry["head"] + digest

    manifest.write_text(_HASHED.sub(refreshed, text))
    return changed


def _digest(file: Path, algorithm: str) -> str:
    name = algorithm.lower().replace("-", "")
    if name not in {"sha224", "sha256", "sha384", "sha512"}:
        raise InputError(
            "Unknown digest algorithm", f"{algorithm} for {file}", hint="SOL004 knows SHA-256 and SHA-512."
        )
    with file.open("rb") as content:
        return hashlib.file_digest(content, name).hexdigest()
