"""Manifests, written: who made the package and when, and the digest of each of its files (SOL004 4.3, SOL007 4.3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from descriptors.authoring.archives import Content
from descriptors.authoring.errors import AuthoringError
from descriptors.diagnostics import Diagnostics
from descriptors.envelope import CERTIFICATES, SIGNATURES
from descriptors.manifest import DIGESTS, Manifest, read_manifest, signed_forms
from descriptors.model.nsd import Nsd
from descriptors.model.pnfd import Pnfd
from descriptors.model.vnfd import Vnfd

_SETS = re.compile(r"^non_mano_artifact_sets\s*:", re.IGNORECASE)
_METADATA = re.compile(r"^metadata\s*:", re.IGNORECASE)
_SOURCE = re.compile(r"^\s*-?\s*Source\s*:", re.IGNORECASE)
_OF_SOURCE = re.compile(r"^\s*-?\s*(Algorithm|Hash|Signature|Certificate)\s*:", re.IGNORECASE)
_FILE_STRUCTURE = "1.0.0"  # of an NSD archive, as SOL007 numbers it


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest brought in line with the files."""

    text: bytes
    changed: tuple[str, ...] = ()
    """Files whose digest was another before."""
    added: tuple[str, ...] = ()
    """Files that were not listed, or without a digest."""
    dropped: tuple[str, ...] = ()
    """Files that were listed and are not there."""
    signature_dropped: bool = False
    """Whether it was signed: a signature is for the text that it was made for."""


def written(text: bytes, files: Mapping[str, Content], *, file: str, metadata: Mapping[str, str]) -> Written:
    """Return the manifest ``text`` with the right digest for each of ``files`` but itself.

    Metadata, artifact sets, addresses and the order of the entries stay as they are, as does every byte where nothing
    has to change. ``metadata`` stands in for metadata that is missing. Digests are renewed with the algorithm that
    they were made with; new ones, and those by MD5 or SHA-1, are SHA-256. Signature and certificate files are listed
    only where they were.
    """
    manifest = read_manifest(text, file, Diagnostics())
    listed = [source for source in manifest.sources if source != file]
    digests: dict[str, tuple[str, str]] = {}
    for source in (*listed, *sorted(files)):
        unlisted_by_nature = source not in listed and source.endswith((*SIGNATURES, *CERTIFICATES))
        if source in digests or source == file or unlisted_by_nature:
            continue
        if source in files:
            algorithm = manifest.digests.get(source, ("sha-256", ""))[0]
            digests[source] = (algorithm, digest(files[source], algorithm))
        elif "://" in source:
            digests[source] = manifest.digests.get(source, ("", ""))
    changed = tuple(s for s in listed if s in manifest.digests and s in files and manifest.digests[s] != digests[s])
    added = tuple(s for s in digests if s in files and s not in manifest.digests)
    dropped = tuple(s for s in listed if s not in digests)
    if manifest.metadata and not (changed or added or dropped):
        return Written(text=text)
    return Written(
        text=_composed(text, manifest, digests, metadata).encode(),
        changed=changed,
        added=added,
        dropped=dropped,
        signature_dropped=manifest.signed,
    )


def metadata_of(descriptor: Vnfd | Nsd | Pnfd, released: datetime) -> dict[str, str]:
    """Return the metadata that a manifest must have, as the descriptor gives them (SOL004 4.3.2, SOL007 4.3.2)."""
    at = released.isoformat(timespec="seconds")
    if isinstance(descriptor, Nsd):
        return {
            "nsd_name": descriptor.name,
            "nsd_designer": descriptor.designer,
            "nsd_file_structure_version": _FILE_STRUCTURE,
            "nsd_release_date_time": at,
            "nsd_invariant_id": descriptor.invariant_id,
        }
    if isinstance(descriptor, Pnfd):
        return {
            "pnfd_name": descriptor.name,
            "pnfd_provider": descriptor.provider,
            "pnfd_archive_version": descriptor.version,
            "pnfd_release_date_time": at,
        }
    return {
        "vnf_product_name": descriptor.product_name,
        "vnf_provider_id": descriptor.provider,
        "vnf_package_version": descriptor.version,
        "vnf_release_date_time": at,
        "vnfd_id": descriptor.id,
        "vnf_software_version": descriptor.software_version,
        **({"vnfm_info": ", ".join(descriptor.vnfm_info)} if descriptor.vnfm_info else {}),
    }


def digest(content: Content, algorithm: str) -> str:
    """Return the digest of a file by an algorithm as a manifest names it, hexadecimal."""
    if algorithm not in DIGESTS:
        raise AuthoringError("Unknown digest algorithm", algorithm, hint="SOL004 knows SHA-256 and SHA-512.")
    if isinstance(content, bytes):
        return hashlib.new(DIGESTS[algorithm], content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, DIGESTS[algorithm]).hexdigest()


def _composed(
    text: bytes, manifest: Manifest, digests: Mapping[str, tuple[str, str]], metadata: Mapping[str, str]
) -> str:
    lines = signed_forms(text)[0][0].decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    head = "\n".join(_section(lines, _METADATA)).rstrip()
    if not manifest.metadata:
        head = "\n".join(["metadata:", *(f"  {key}: {value}" for key, value in metadata.items())])
    sets = "\n".join(line for line in _section(lines, _SETS) if not _OF_SOURCE.match(line)).rstrip()
    return "\n\n".join(part for part in (head, *_entries(manifest, digests), sets) if part) + "\n"


def _section(lines: list[str], heading: re.Pattern[str]) -> Iterator[str]:
    """Yield the lines of the section with this heading; metadata end at the first source."""
    inside = False
    for line in lines:
        if heading.match(line):
            inside = True
        elif _SETS.match(line) or _METADATA.match(line) or (heading is _METADATA and _SOURCE.match(line)):
            inside = False
        if inside:
            yield line


def _entries(manifest: Manifest, digests: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for source, (algorithm, value) in digests.items():
        entry = [f"Source: {source}"]
        if value:
            entry += [f"Algorithm: {algorithm.upper()}", f"Hash: {value}"]
        signature = manifest.artifact_signatures.get(source)
        if signature and signature.signature:
            entry.append(f"Signature: {signature.signature}")
        if signature and signature.certificate:
            entry.append(f"Certificate: {signature.certificate}")
        yield "\n".join(entry)
