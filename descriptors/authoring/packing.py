"""A SOL004 package or SOL007 archive from a directory: manifest in order, members in a fixed order and form."""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from descriptors.authoring.archives import Content, appearing, package_files, write_archive
from descriptors.authoring.errors import AuthoringError
from descriptors.authoring.manifests import Written, metadata_of, written
from descriptors.diagnostics import Diagnostics, Severity
from descriptors.manifest import META, read_meta
from descriptors.onboarding import read_package

Layout = Literal["metadata", "root"]
"""With TOSCA-Metadata/TOSCA.meta (SOL004 4.1.2), or with one descriptor at the root and without (4.1.3)."""

_CONVENTIONS = {
    "ETSI-Entry-Change-Log": ("Files/ChangeLog.txt", "ChangeLog.txt", "Artifacts/ChangeLog.txt"),
    "ETSI-Entry-Licenses": ("Files/Licenses", "Licenses", "Artifacts/Licenses"),
    "ETSI-Entry-Tests": ("Files/Tests", "Tests", "Artifacts/Tests"),
}
"""What TOSCA.meta points to where it is there, by its key."""
_ENDINGS = (".yaml", ".yml")


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """What was packed."""

    archive: Path
    files: tuple[str, ...]
    """In the archive's order."""
    manifest_file: str
    manifest: Written
    made: tuple[str, ...] = ()
    """Files that the directory does not have and the archive does."""


def pack_as_is(directory: Path, archive: Path) -> None:
    """Write the files in ``directory`` to ``archive`` as they are, whatever the manifest says of them."""
    write_archive(package_files(directory).items(), archive)


def pack(directory: Path, archive: Path, *, layout: Layout | None = None, released: datetime | None = None) -> Packed:
    """Write the package in ``directory`` to ``archive``, complete and with every digest right.

    The directory stays as it is. A manifest that is missing is made, with ``released`` (the time of the newest file
    unless given) as the release date; so is TOSCA.meta in the layout ``metadata``. The layout is that of the directory
    unless given. The same files make the same bytes. AuthoringError when the package lacks what cannot be made up.
    """
    draft = _draft(directory, layout, released)
    members = sorted(draft.files.items(), key=lambda item: (item[0] != META, item[0]))
    write_archive(members, archive)
    return draft.packed(archive)


def refresh(directory: Path) -> Packed:
    """Bring the manifest of the package in ``directory`` in line with its files, as packing does.

    What is missing is made. Only the manifest is changed, and not when it is right. AuthoringError as with packing.
    """
    draft = _draft(directory, None, None)
    packed = draft.packed(directory)
    for name in {*packed.made, packed.manifest_file}:
        content, path = draft.files[name], directory / name
        if isinstance(content, bytes) and not (path.exists() and path.read_bytes() == content):
            path.parent.mkdir(exist_ok=True, parents=True)
            with appearing(path) as partial:
                partial.write_bytes(content)
    return packed


class _Draft(NamedTuple):
    files: dict[str, Content]
    """What goes into the archive."""
    present: frozenset[str]
    """What the directory has."""
    manifest_file: str
    manifest: Written

    def packed(self, archive: Path) -> Packed:
        names = tuple(sorted(self.files, key=lambda name: (name != META, name)))
        made = tuple(name for name in names if name not in self.present)
        return Packed(archive=archive, files=names, manifest_file=self.manifest_file, manifest=self.manifest, made=made)


def _draft(directory: Path, layout: Layout | None, released: datetime | None) -> _Draft:
    files: dict[str, Content] = {**package_files(directory)}
    released = released or datetime.fromtimestamp(max(_mtime(file) for file in files.values()), UTC)
    found = read_meta(_bytes(files[META]), Diagnostics()) if META in files else None
    entry = posixpath.normpath(found.entry_definitions) if found and found.entry_definitions else _entry(files)
    layout = layout or ("metadata" if META in files or "/" in entry else "root")
    before = frozenset(files)
    manifest_file = _manifest_file(files, entry, found.entry_manifest if found else "")
    if layout == "root":
        files = _without_meta(files, entry)
        manifest_file = posixpath.splitext(entry)[0] + ".mf"
    if found is None and layout == "metadata":
        files[META] = _meta(files, entry, manifest_file)
    text = _bytes(files[manifest_file]) if manifest_file in files else b""
    manifest = written(text, files, file=manifest_file, metadata=_Metadata(files, manifest_file, released).of(text))
    files[manifest_file] = manifest.text
    return _Draft(files, before, manifest_file, manifest)


class _Metadata:
    """The metadata of a manifest that has none, from the descriptor."""

    def __init__(self, files: Mapping[str, Content], file: str, released: datetime) -> None:
        self._files = files
        self._file = file
        self._released = released

    def of(self, text: bytes) -> dict[str, str]:
        """Return the metadata to put in; empty where the manifest has its own. AuthoringError without a descriptor."""
        if b"metadata:" in text:
            return {}
        with tempfile.TemporaryDirectory(prefix="mano-") as scratch:
            draft = Path(scratch) / "draft.csar"
            files = {name: b"" if name.endswith(".mf") else file for name, file in self._files.items()}
            write_archive((files | {self._file: b""}).items(), draft, packed=False)
            read = read_package(draft)
        descriptor = read.vnfd or read.nsd or read.pnfd
        if descriptor is None:
            errors = (str(found) for found in read.diagnostics if found.severity is Severity.ERROR)
            error = next(errors, "It is neither a VNFD nor an NSD nor a PNFD.")
            raise AuthoringError(
                "Cannot make a manifest: the descriptor has errors", error, hint="`mano descriptor check` shows all."
            )
        return metadata_of(descriptor, self._released)


def _entry(files: Mapping[str, Content]) -> str:
    """Return the document that everything starts from: one at the root, else the one that no other one names."""
    documents = {name: _bytes(file) for name, file in files.items() if name.endswith(_ENDINGS)}
    templates = {name: text for name, text in documents.items() if b"tosca_definitions_version" in text}
    at_root = [name for name in templates if "/" not in name]
    if len(at_root) == 1:
        return at_root[0]
    first = [
        name
        for name in templates
        if not any(posixpath.basename(name).encode() in text for other, text in templates.items() if other != name)
    ]
    if len(first) == 1:
        return first[0]
    raise AuthoringError(
        "Cannot tell the descriptor",
        f"it may be {' or '.join(sorted(first))}" if first else "there is no service template",
        hint=f"Write {META} with Entry-Definitions.",
    )


def _manifest_file(files: Mapping[str, Content], entry: str, named: str) -> str:
    if named:
        return posixpath.normpath(named.lstrip("/"))
    beside = posixpath.splitext(entry)[0] + ".mf"
    at_root = [name for name in files if name.endswith(".mf") and "/" not in name]
    if beside in files:
        return beside
    if len(at_root) > 1:
        raise AuthoringError("Cannot tell the manifest", f"it may be {' or '.join(at_root)}")
    return at_root[0] if at_root else posixpath.basename(beside)


def _without_meta(files: Mapping[str, Content], entry: str) -> dict[str, Content]:
    """Return the files in the layout without TOSCA-Metadata: the manifest lies beside the entry, under its name."""
    if "/" in entry:
        raise AuthoringError(
            "Cannot pack in the layout root", f"{entry} is not at the root", hint="Move it, or use the layout metadata."
        )
    others = [name for name in files if "/" not in name and name != entry and name.endswith(_ENDINGS)]
    if any(b"tosca_definitions_version" in _bytes(files[name]) for name in others):
        raise AuthoringError(
            "Cannot pack in the layout root",
            f"{', '.join(others)} lie at the root too",
            hint="Move them into a directory, or use the layout metadata.",
        )
    manifest = posixpath.splitext(entry)[0] + ".mf"
    at_root = [name for name in files if name.endswith(".mf") and "/" not in name]
    renamed = {name: manifest for name in at_root if len(at_root) == 1}
    return {renamed.get(name, name): file for name, file in files.items() if not name.startswith("TOSCA-Metadata/")}


def _meta(files: Mapping[str, Content], entry: str, manifest: str) -> bytes:
    lines = {
        "TOSCA-Meta-File-Version": "1.0",
        "CSAR-Version": "1.1",
        "Created-By": "mano descriptor pack",
        "Entry-Definitions": entry,
        "ETSI-Entry-Manifest": manifest,
    }
    for key, places in _CONVENTIONS.items():
        for place in places:
            if place in files or any(name.startswith(f"{place}/") for name in files):
                lines.setdefault(key, place)
    return "".join(f"{key}: {value}\n" for key, value in lines.items()).encode()


def _bytes(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _mtime(content: Content) -> int:
    return 0 if isinstance(content, bytes) else int(content.stat().st_mtime)
