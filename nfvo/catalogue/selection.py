"""Which files of a content make up what is asked for (SOL005 clauses 9.4.4 to 9.4.7, SOL003 clauses 10.4.4 to 10.4.6).

Values in, values out. Files are given in the archive's order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from descriptors.manifest import META
from descriptors.onboarding import Onboarded, PackagedFile
from descriptors.signatures import signing_files

Files = tuple[PackagedFile, ...]


class ArtifactChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which additional artifacts are wanted (SOL005 clause 9.4.5a.3.2)."""

    mano: bool = True
    """Those that the NFV-MANO functions know what to do with."""
    non_mano: bool = True
    """Those that are for others: OSS, service design ..."""
    sets: frozenset[str] | None = None
    """Of the latter only those of the sets with these identifiers; None: all."""
    signatures: bool = False
    """And the signatures and certificates of those that are signed one by one."""


def documents(onboarded: Onboarded) -> Files:
    """Return the documents that the descriptor is made of, the entry first."""
    by_path = {file.path: file for file in onboarded.artifacts}
    return tuple(by_path[path] for path in onboarded.definitions if path in by_path)


def descriptor(onboarded: Onboarded, *, signatures: bool = False) -> Files:
    """Return the documents of the descriptor with what says where to begin, and what proves them when asked for."""
    paths = {META, *onboarded.definitions}
    if signatures:
        paths |= {file.path for file in manifest(onboarded, signatures=True)} | _proving(onboarded, paths)
    return _chosen(onboarded, paths)


def manifest(onboarded: Onboarded, *, signatures: bool = False) -> Files:
    """Return the manifest, and what proves it where that is not in it; nothing when there is none."""
    if onboarded.manifest is None or not onboarded.manifest.file:
        return ()
    paths = {onboarded.manifest.file}
    return _chosen(onboarded, paths | _proving(onboarded, paths) if signatures else paths)


def artifact(onboarded: Onboarded, path: str, *, signatures: bool = False) -> Files:
    """Return the file, and what proves it by itself when asked for; nothing when the content has no such file."""
    if all(file.path != path for file in onboarded.artifacts):
        return ()
    return _chosen(onboarded, {path} | _proving(onboarded, {path}) if signatures else {path})


def additional(onboarded: Onboarded) -> Files:
    """Return the artifacts: what is neither descriptor, manifest, metadata nor software image, and signs nothing."""
    images = onboarded.vnfd.software_images().values() if onboarded.vnfd else ()
    own = {
        *onboarded.definitions,
        *(image.artifact.file for image in images if image.artifact),
        *signing_files(onboarded.signatures, None, onboarded.manifest),
        *([onboarded.manifest.file] if onboarded.manifest else ()),
    }
    return tuple(
        file for file in onboarded.artifacts if file.path not in own and not file.path.startswith("TOSCA-Metadata/")
    )


def artifacts(onboarded: Onboarded, choice: ArtifactChoice) -> Files:
    """Return the additional artifacts that are wanted."""
    sets = onboarded.manifest.artifact_sets if onboarded.manifest else {}
    non_mano = {path for paths in sets.values() for path in paths}
    wanted = {
        path for name, paths in sets.items() if choice.sets is None or name in choice.sets for path in paths
    }  # fmt: skip
    paths = {
        file.path
        for file in additional(onboarded)
        if (choice.non_mano and file.path in wanted if file.path in non_mano else choice.mano)
    }
    return _chosen(onboarded, paths | _proving(onboarded, paths) if choice.signatures else paths)


def _proving(onboarded: Onboarded, paths: Collection[str]) -> set[str]:
    """Return the files with the signatures of these files, and with the signers' certificates."""
    proving: set[str] = set()
    for signature in onboarded.signatures:
        if signature.covers in paths:
            proving |= {signature.file, signature.certificate_file}
    for path, signed in (onboarded.manifest.artifact_signatures if onboarded.manifest else {}).items():
        if path in paths:
            proving |= {signed.signature, signed.certificate}
    return proving


def _chosen(onboarded: Onboarded, paths: Iterable[str]) -> Files:
    wanted = frozenset(paths)
    return tuple(file for file in onboarded.artifacts if file.path in wanted)
