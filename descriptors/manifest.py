"""TOSCA.meta and the package's manifest: who made it, and the digests of what it carries (SOL004 clause 4).

Neither file is YAML: both are blocks of ``Key: value`` lines. Real ones differ from the standard in small ways, which
are accepted: continuation lines, keys of either spelling, sources without a digest, sources that are addresses.
"""

from __future__ import annotations

import hashlib
import posixpath
import re

import msgspec

from descriptors.diagnostics import Diagnostics, Severity

META = "TOSCA-Metadata/TOSCA.meta"
DIGESTS = {"sha-224": "sha224", "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
"""Name in hashlib by the algorithm's name in a manifest."""

_KEY = re.compile(r"^([A-Za-z_][A-Za-z0-9_ .-]*?)\s*:(?:\s+(.*)|$)")
_CMS = re.compile(r"^-----BEGIN (CMS|PKCS7)-----")
_BLOCK = re.compile(rb"^[ \t]*-----BEGIN (CMS|PKCS7)-----", re.MULTILINE)
_ENTRY_MANIFEST = ("etsi-entry-manifest", "entry-manifest")
_ENTRY_CERTIFICATE = ("etsi-entry-certificate", "entry-certificate")


class Line(msgspec.Struct, frozen=True):
    """One ``Key: value`` of a manifest."""

    number: int
    key: str
    """As written."""
    value: str
    indent: int = 0


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What TOSCA.meta says."""

    file: str = META
    entries: dict[str, str] = {}
    """Values of the first block by key in lower case."""
    lines: dict[str, int] = {}
    """Line of each entry."""

    @property
    def entry_definitions(self) -> str:
        """Path of the document that everything starts from."""
        return self.entries.get("entry-definitions", "")

    @property
    def entry_manifest(self) -> str:
        """Path of the manifest; empty when it is found by its name."""
        return next((self.entries[key] for key in _ENTRY_MANIFEST if self.entries.get(key)), "")

    @property
    def entry_certificate(self) -> str:
        """Path of the certificate of who signed the manifest; empty when it is elsewhere."""
        path = next((self.entries[key] for key in _ENTRY_CERTIFICATE if self.entries.get(key)), "")
        return posixpath.normpath(path.lstrip("/")) if path else ""


class ArtifactSignature(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the signature of one file is, as its manifest entry says (SOL004 5.3)."""

    signature: str = ""
    """Path; empty when only a certificate is named."""
    certificate: str = ""
    """Path; empty when it is in the signature or is the package's."""
    line: int = 0


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says."""

    file: str = ""
    """Its path in the package."""
    metadata: dict[str, str] = {}
    """As written: vnf_provider_id, vnf_product_name, vnf_package_version, nsd_designer ..."""
    digests: dict[str, tuple[str, str]] = {}
    """Algorithm (``sha-256``) and hexadecimal digest by path."""
    sources: tuple[str, ...] = ()
    """Everything listed, with a digest or not."""
    artifact_sets: dict[str, tuple[str, ...]] = {}
    """Paths of non-MANO artifacts by the set's name."""
    signed: bool = False
    """Whether it ends in a CMS signature."""
    artifact_signatures: dict[str, ArtifactSignature] = {}
    """Signatures and certificates of single files, by path."""
    lines: dict[str, int] = {}
    """Line on which each source is named."""


def key_lines(text: str) -> list[Line]:
    """Split blocks of ``Key: value``; a line that is no key continues the value before it."""
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        content = raw.strip()
        if not content or content.startswith("#"):
            continue
        if _CMS.match(content):
            lines.append(Line(number, "CMS", ""))
            break
        entry = content.removeprefix("- ").strip()
        indent = len(raw) - len(raw.lstrip()) + len(content) - len(entry)
        found = _KEY.match(entry)
        if found:
            lines.append(Line(number, found[1], (found[2] or "").strip().strip("\"'"), indent))
        elif lines and lines[-1].value and raw[:1] in " \t":
            lines[-1] = msgspec.structs.replace(lines[-1], value=f"{lines[-1].value} {content}")
        else:
            lines.append(Line(number, "", content, indent))
    return lines


def read_meta(data: bytes, diagnostics: Diagnostics) -> Meta:
    """Read TOSCA.meta; what is missing in it is reported where it is needed."""
    entries: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for line in key_lines(data.decode("utf-8", "replace").removeprefix("\ufeff")):
        key = line.key.lower()
        if key == "name":
            break  # blocks after the first describe single files
        if not key:
            diagnostics.add(
                Severity.WARNING,
                "meta-unreadable-line",
                f"{line.value[:60]!r} is no 'Key: value'",
                file=META,
                line=line.number,
            )
            continue
        entries.setdefault(key, line.value)
        numbers.setdefault(key, line.number)
    return Meta(entries=entries, lines=numbers)


def signed_forms(data: bytes) -> tuple[tuple[bytes, ...], bytes, int]:
    """Split a manifest at its CMS block: what is signed, the block and the block's line.

    The standard does not say whether the line end before the block is signed, nor whether line ends are those of text
    (RFC 5751 3.1.1) or as they are. Tools differ, so there are four forms; one and the same manifest is read from each.
    """
    block = _BLOCK.search(data)
    if block is None:
        return (data,), b"", 0
    content = data[: block.start()]
    forms = [content, content.removesuffix(b"\n").removesuffix(b"\r")]
    forms += [re.sub(rb"\r?\n", b"\r\n", form) for form in forms]
    return tuple(dict.fromkeys(forms)), data[block.start() :], content.count(b"\n") + 1


def read_manifest(data: bytes, file: str, diagnostics: Diagnostics) -> Manifest:
    """Read a manifest; digests are checked against the files by whoever reads the files, signatures likewise."""
    forms, block, _ = signed_forms(data)
    lines = key_lines(forms[0].decode("utf-8", "replace").removeprefix("\ufeff"))
    return _Reading(file, diagnostics, signed=bool(block)).run(lines)


class _Reading:
    """One pass over a manifest's lines."""

    def __init__(self, file: str, diagnostics: Diagnostics, *, signed: bool = False) -> None:
        self._file = file
        self._diagnostics = diagnostics
        self._metadata: dict[str, str] = {}
        self._digests: dict[str, tuple[str, str]] = {}
        self._sources: dict[str, int] = {}
        self._sets: dict[str, list[str]] = {}
        self._section = ""
        self._set = ""
        self._source = ""
        self._algorithm = ""
        self._hash: Line | None = None
        self._signed = signed
        self._signatures: dict[str, ArtifactSignature] = {}

    def run(self, lines: list[Line]) -> Manifest:
        for line in lines:
            self._take(line)
        self._end_source()
        if not self._metadata:
            self._diagnostics.add(
                Severity.WARNING,
                "manifest-no-metadata",
                "the manifest has no metadata section",
                file=self._file,
                clause="SOL004 4.3.2",
            )
        return Manifest(
            file=self._file,
            metadata=self._metadata,
            digests=self._digests,
            sources=tuple(self._sources),
            artifact_sets={name: tuple(paths) for name, paths in self._sets.items()},
            signed=self._signed,
            artifact_signatures=self._signatures,
            lines=self._sources,
        )

    def _take(self, line: Line) -> None:
        key = line.key.lower()
        if key == "cms":
            self._signed = True
        elif key in ("metadata", "non_mano_artifact_sets") and not line.value:
            self._end_source()
            self._section = key
        elif key == "source":
            self._end_source()
            self._begin_source(line)
        elif key == "algorithm":
            self._algorithm = line.value.lower()
        elif key == "hash":
            self._hash = line
        elif key in ("signature", "certificate"):
            if self._source and line.value:
                self._take_signature(key, line)
        elif self._section == "non_mano_artifact_sets" and key and not line.value:
            self._set = line.key
            self._sets.setdefault(self._set, [])
        elif self._section == "metadata" and key:
            self._metadata[line.key] = line.value
        else:
            self._diagnostics.add(
                Severity.WARNING,
                "manifest-unreadable-line",
                f"{(line.key or line.value)[:60]!r} is not expected here",
                file=self._file,
                line=line.number,
            )

    def _take_signature(self, key: str, line: Line) -> None:
        known = self._signatures.get(self._source) or ArtifactSignature(line=line.number)
        path = posixpath.normpath(line.value.lstrip("/") or ".")
        change: dict[str, str] = {key: path}
        self._signatures[self._source] = msgspec.structs.replace(known, **change)

    def _begin_source(self, line: Line) -> None:
        self._source = line.value if "://" in line.value else posixpath.normpath(line.value.lstrip("/") or ".")
        self._sources[self._source] = line.number
        if self._section == "non_mano_artifact_sets" and self._set:
            self._sets[self._set].append(self._source)

    def _end_source(self) -> None:
        source, algorithm, digest = self._source, self._algorithm, self._hash
        self._source, self._algorithm, self._hash = "", "", None
        if not source or digest is None:
            return
        algorithm = re.sub(r"^sha_?(\d+)$", r"sha-\1", algorithm or _algorithm_by_length(digest.value))
        if algorithm not in DIGESTS:
            self._diagnostics.add(
                Severity.ERROR,
                "manifest-algorithm",
                f"the digest of {source} is by {algorithm or 'no algorithm'}, which proves nothing",
                file=self._file,
                line=digest.number,
                hint="use SHA-256 or SHA-512",
                clause="SOL004 4.3.2",
            )
            return
        self._digests[source] = (algorithm, digest.value.lower())


def _algorithm_by_length(digest: str) -> str:
    """Tell the algorithm that a manifest forgot from the digest's length."""
    for name, known in DIGESTS.items():
        if len(digest) == 2 * hashlib.new(known).digest_size:
            return name
    return ""
