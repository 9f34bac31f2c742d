"""One call from a package on disk to the NFV model and everything there is to say about it."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import msgspec

from descriptors.csar import Archive, UnreadableMemberError, open_archive, read_document
from descriptors.diagnostics import Diagnostic, Diagnostics, Severity
from descriptors.limits import Limits
from descriptors.manifest import DIGESTS, META, Manifest, Meta, read_manifest, read_meta
from descriptors.mode import LENIENT_WARNINGS, Mode, weighed
from descriptors.model.nsd import Nsd
from descriptors.model.pnfd import Pnfd
from descriptors.model.topology import Topology
from descriptors.model.vnfd import Vnfd
from descriptors.signatures import Signature, SignaturePolicy, signing_files
from descriptors.sol001.artifacts import PackageFiles
from descriptors.sol001.compute import COMPUTE
from descriptors.sol001.containers import MCIOP, UNIT
from descriptors.sol001.nsd import read_nsd
from descriptors.sol001.pnfd import PNF, POINT, read_pnfd
from descriptors.sol001.vnfd import read_vnfd
from descriptors.sonata import recognise
from descriptors.tosca.template import ServiceTemplate, read_template
from descriptors.verification import check_signatures

_PROJECT = "project.yml"  # of 5GTANGO: says which of several descriptors is meant
_LONGEST_TEXT = 500  # characters
_NAMES = {"vnfd": "a VNFD", "nsd": "an NSD", "pnfd": "a PNFD"}
Kind = Literal["vnfd", "nsd", "pnfd", "topology", ""]


class PackagedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the package, as it was read."""

    path: str
    """From the package's root, with ``/``."""
    size: int
    """Bytes, unpacked."""
    sha256: str
    """Hexadecimal, lower case."""


class Onboarded(msgspec.Struct, frozen=True, kw_only=True):
    """What a package holds. There is no model of any kind when a diagnostic is an error."""

    kind: Kind
    """What it describes; empty when that could not be told."""
    vnfd: Vnfd | None = None
    nsd: Nsd | None = None
    pnfd: Pnfd | None = None
    topology: Topology | None = None
    """Of a service template that is not about NFV."""
    diagnostics: tuple[Diagnostic, ...] = ()
    manifest: Manifest | None = None
    signatures: tuple[Signature, ...] = ()
    """What is known of each signature; none of a package that is not signed."""
    security_option: Literal["OPTION_1", "OPTION_2"] = "OPTION_1"
    """How it is, or could be, signed: over its manifest, or as an archive in a zip file (SOL004 5.1)."""
    artifacts: tuple[PackagedFile, ...] = ()
    """Every file of the package, descriptors included, in the archive's order."""
    entry_definitions: str = ""
    """Path of the document that everything starts from."""
    definitions: tuple[str, ...] = ()
    """Paths of the documents that the descriptor is made of, the entry first."""

    @property
    def failed(self) -> bool:
        """Whether the package cannot be used."""
        return self.vnfd is None and self.nsd is None and self.pnfd is None and self.topology is None


def read_package(
    path: Path,
    *,
    limits: Limits | None = None,
    mode: Mode = Mode.ETSI,
    expect: Literal["vnfd", "nsd", "pnfd"] | None = None,
    siblings: bool = False,
    signatures: SignaturePolicy | None = None,
) -> Onboarded:
    """Read the package at ``path`` and return its model with all findings; bad input never raises.

    ``path`` is a zip archive (SOL004 or SOL007), a directory that holds an unpacked one, or one YAML file.
    ``mode`` says how strictly it is judged. ``expect`` refuses a package of the other kind. ``siblings`` lets a
    single YAML file import others on the disk: for one's own files only. ``signatures`` says which signatures are
    asked for; those that are there are always verified. The call blocks and computes: run it in a thread. It keeps
    no state between calls and may run in many threads at once. Nothing of an archive is written to disk, but for a
    nameless copy of one that comes compressed in a zip file with its signature.
    """
    limits = limits or Limits()
    diagnostics = Diagnostics(forgiven=LENIENT_WARNINGS if mode is Mode.LENIENT else frozenset())
    archive = open_archive(path, limits, diagnostics, siblings=siblings)
    if archive is None:
        return Onboarded(kind="", diagnostics=_kept(diagnostics, limits))
    try:
        return _judged(
            _Reading(archive, limits, diagnostics).run(expect, signatures or SignaturePolicy()),
            mode,
            diagnostics,
            limits,
        )
    finally:
        archive.close()


def _judged(read: Onboarded, mode: Mode, diagnostics: Diagnostics, limits: Limits) -> Onboarded:
    """Weigh every finding as the mode has it; a package with an error has no model."""
    diagnostics.found = [weighed(finding, mode) for finding in diagnostics.found]
    kept = _kept(diagnostics, limits)
    if any(finding.severity is Severity.ERROR for finding in diagnostics.found):
        return msgspec.structs.replace(read, vnfd=None, nsd=None, pnfd=None, topology=None, diagnostics=kept)
    return msgspec.structs.replace(read, diagnostics=kept)


class _Reading:
    def __init__(self, archive: Archive, limits: Limits, diagnostics: Diagnostics) -> None:
        self._archive = archive
        self._names = frozenset(archive.names())
        self._limits = limits
        self._diagnostics = diagnostics
        self._manifest_data = b""

    def run(self, expect: str | None, policy: SignaturePolicy) -> Onboarded:
        meta = self._meta()
        entry = self._entry(meta)
        manifest = self._manifest(meta, entry)
        artifacts = self._read_all(manifest)
        signatures = check_signatures(
            self._archive,
            meta=meta,
            manifest=manifest,
            data=self._manifest_data,
            policy=policy,
            diagnostics=self._diagnostics,
        )
        if manifest:
            self._check_listed(manifest, signing_files(signatures, meta, manifest))
        template, other = None, None
        if entry and not any(finding.code == "csar-broken-member" for finding in self._diagnostics.found):
            other = recognise(self._archive, entry, self._limits, self._diagnostics, expect)
            template = None if other else read_template(self._archive, entry, self._limits, self._diagnostics)
        kind: Kind = other.kind if other else kind_of(template) if template else ""
        if other:
            vnfd, nsd, pnfd = other.vnfd, other.nsd, None
            self._check_expected(kind, expect, entry)
        else:
            vnfd, nsd, pnfd = self._understood(template, kind, expect, entry)
        return Onboarded(
            kind=kind,
            vnfd=vnfd,
            nsd=nsd,
            pnfd=pnfd,
            topology=template.service if template and not self._diagnostics.failed else None,
            manifest=manifest,
            signatures=signatures,
            security_option="OPTION_1" if self._archive.envelope is None else "OPTION_2",
            artifacts=artifacts,
            entry_definitions=entry,
            definitions=other.documents if other else template.documents if template else (),
        )

    def _understood(
        self, template: ServiceTemplate | None, kind: Kind, expect: str | None, entry: str
    ) -> tuple[Vnfd | None, Nsd | None, Pnfd | None]:
        if template is None:
            return None, None, None
        if not kind or (kind == "topology" and expect):
            self._diagnostics.add(
                Severity.ERROR,
                "sol001-not-nfv",
                "neither a VNFD nor an NSD nor a PNFD: there is no VNF, VDU, network service or PNF in it",
                file=entry,
                line=1,
            )
        elif kind != "topology":
            self._check_expected(kind, expect, entry)
        if self._diagnostics.failed or kind == "topology":
            return None, None, None
        files = PackageFiles(self._names)
        if kind == "nsd":
            return None, read_nsd(template, files, self._diagnostics), None
        if kind == "pnfd":
            return None, None, read_pnfd(template, self._diagnostics)
        return read_vnfd(template, files, self._diagnostics), None, None

    def _check_expected(self, kind: Kind, expect: str | None, entry: str) -> None:
        if kind and expect and kind != expect:
            self._diagnostics.add(
                Severity.ERROR,
                "sol001-other-kind",
                f"this is {_NAMES.get(kind, kind)}; {expect.upper()} is expected",
                file=entry,
                line=1,
            )

    def _meta(self) -> Meta | None:
        if META not in self._names or self._archive.single:
            return None
        data = read_document(self._archive, META, self._limits, self._diagnostics)
        return read_meta(data, self._diagnostics) if data is not None else None

    def _entry(self, meta: Meta | None) -> str:
        """Return the document to start from, as TOSCA.meta says, or the only one at the root (SOL004 4.1.2, 4.1.3)."""
        if self._archive.single:
            return self._archive.single
        if meta is None:
            return self._entry_at_root()
        entry = posixpath.normpath(meta.entry_definitions.lstrip("/")) if meta.entry_definitions else ""
        if entry in self._names:
            return entry
        self._diagnostics.add(
            Severity.ERROR,
            "csar-no-definitions",
            f"Entry-Definitions {entry} is not in the package" if entry else "TOSCA.meta has no Entry-Definitions",
            file=META,
            line=meta.lines.get("entry-definitions", 1),
            clause="SOL004 4.1.2.3",
        )
        return ""

    def _entry_at_root(self) -> str:
        documents = [name for name in self._archive.names() if name.lower().endswith((".yaml", ".yml"))]
        candidates = [name for name in documents if "/" not in name and self._begins_tosca(name)]
        if not candidates:
            candidates = [name for name in documents if "/" not in name]
        if len(candidates) > 1 and _PROJECT in self._names:
            return _PROJECT
        if len(candidates) == 1:
            return candidates[0]
        self._diagnostics.add(
            Severity.ERROR,
            "csar-no-definitions",
            "there is no TOSCA-Metadata/TOSCA.meta, and "
            + (f"{len(candidates)} documents lie at the root" if candidates else "no YAML document lies at the root"),
            hint="add TOSCA.meta with Entry-Definitions, or keep one YAML document at the root",
            clause="SOL004 4.1.3",
        )
        return ""

    def _begins_tosca(self, name: str) -> bool:
        try:
            return b"tosca_definitions_version" in next(self._archive.stream(name), b"")
        except UnreadableMemberError:
            return False

    def _manifest(self, meta: Meta | None, entry: str) -> Manifest | None:
        """Read the manifest that TOSCA.meta names, or the one beside the entry or at the root."""
        name = ""
        if meta and meta.entry_manifest:
            name = posixpath.normpath(meta.entry_manifest.lstrip("/"))
            if name not in self._names:
                self._diagnostics.add(
                    Severity.ERROR,
                    "manifest-missing",
                    f"the manifest {name} is not in the package",
                    file=META,
                    line=next((meta.lines[k] for k in ("etsi-entry-manifest", "entry-manifest") if k in meta.lines), 0),
                )
                return None
        elif entry and not self._archive.single:
            beside = posixpath.splitext(entry)[0] + ".mf"
            at_root = [n for n in self._archive.names() if n.endswith(".mf") and "/" not in n]
            name = beside if beside in self._names else at_root[0] if len(at_root) == 1 else ""
        if not name:
            return None
        data = read_document(self._archive, name, self._limits, self._diagnostics)
        if data is None:
            return None
        self._manifest_data = data
        return read_manifest(data, name, self._diagnostics)

    def _read_all(self, manifest: Manifest | None) -> tuple[PackagedFile, ...]:
        """Stream every file once: all digests, and every broken member, come from the same pass."""
        files = []
        digests = manifest.digests if manifest else {}
        for name in self._archive.names():
            algorithm, wanted = digests.get(name, ("sha-256", ""))
            hashes = {DIGESTS[algorithm]: hashlib.new(DIGESTS[algorithm]), "sha256": hashlib.sha256()}
            try:
                for piece in self._archive.stream(name):
                    for hashing in hashes.values():
                        hashing.update(piece)
            except UnreadableMemberError as error:
                self._diagnostics.add(Severity.ERROR, "csar-broken-member", str(error), file=name)
                continue
            files.append(PackagedFile(path=name, size=self._archive.size(name), sha256=hashes["sha256"].hexdigest()))
            if wanted and manifest and hashes[DIGESTS[algorithm]].hexdigest() != wanted:
                self._diagnostics.add(
                    Severity.ERROR,
                    "manifest-digest",
                    f"{name} is not what the manifest says: its {algorithm.upper()} differs",
                    file=manifest.file,
                    line=manifest.lines.get(name, 0),
                    hint="the file was changed after the manifest was written",
                    clause="SOL004 4.3.2",
                )
        return tuple(files)

    def _check_listed(self, manifest: Manifest, signing: Collection[str]) -> None:
        for source in manifest.sources:
            if "://" not in source and source not in self._names and not self._is_directory(source):
                self._diagnostics.add(
                    Severity.WARNING,
                    "manifest-source-missing",
                    f"{source} is listed and not in the package",
                    file=manifest.file,
                    line=manifest.lines.get(source, 0),
                )
        if not manifest.digests:
            return
        listed = {*manifest.sources, manifest.file, META, *signing}
        for name in self._archive.names():
            if name not in listed:
                self._diagnostics.add(
                    Severity.WARNING,
                    "manifest-unlisted",
                    f"{name} is not listed: nothing proves that it is unchanged",
                    file=name,
                    clause="SOL004 4.3.2",
                )

    def _is_directory(self, source: str) -> bool:
        return any(name.startswith(source.rstrip("/") + "/") for name in self._names)


def kind_of(template: ServiceTemplate) -> Kind:
    """Tell VNFDs, NSDs and PNFDs apart by what they hold; a service that is not about NFV is a topology."""
    if template.service is not None:
        return "topology"

    def has(*types: str) -> bool:
        return any(True for topology in template.topologies for _ in topology.of_type(*types))

    def stands_for(name: str) -> bool:
        mappings = [topology.substitution for topology in template.topologies if topology.substitution]
        return any(m.type is not None and m.type.is_a(name) for m in mappings)

    if stands_for("tosca.nodes.nfv.NS") or has("tosca.nodes.nfv.NS", "tosca.nodes.nfv.NsVirtualLink"):
        return "nsd"
    if stands_for("tosca.nodes.nfv.VNF") or has("tosca.nodes.nfv.VNF", COMPUTE, UNIT, MCIOP):
        return "vnfd"
    if stands_for(PNF) or has(PNF, POINT):
        return "pnfd"
    return ""


def _shortened(finding: Diagnostic) -> Diagnostic:
    """Return the finding with no text longer than a person would read: names come from the package, at any length."""
    texts = {name: getattr(finding, name) for name in ("message", "file", "path", "hint")}
    if all(len(text) <= _LONGEST_TEXT for text in texts.values()):
        return finding
    cut = {name: f"{text[:_LONGEST_TEXT]}..." for name, text in texts.items() if len(text) > _LONGEST_TEXT}
    return msgspec.structs.replace(finding, **cut)


def _kept(diagnostics: Diagnostics, limits: Limits) -> tuple[Diagnostic, ...]:
    """Return the findings, errors first, no more than the limit."""
    found = list(dict.fromkeys(map(_shortened, diagnostics.found)))
    if len(found) <= limits.findings:
        return tuple(found)
    found.sort(key=lambda finding: finding.severity is not Severity.ERROR)
    more = Diagnostic(
        severity=Severity.INFO, code="more-findings", message=f"and {len(found) - limits.findings} more findings"
    )
    return (*found[: limits.findings], more)
