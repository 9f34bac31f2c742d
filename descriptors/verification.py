"""Verification of a package's signatures, and what the policy makes of them (SOL004 5).

A package is signed in one of two ways. Option 1: its manifest holds the digests of all files and is signed itself, by
a CMS block at its end or by a file beside it. Option 2: the archive lies in a zip file with its signature. Files of the
package may be signed on their own besides. The signer's certificate is in the CMS, is named by TOSCA.meta or by the
manifest, lies beside what it is for, or is in the trust store.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from descriptors.csar import Archive, UnreadableMemberError
from descriptors.diagnostics import Diagnostics, Severity
from descriptors.envelope import CERTIFICATES, SIGNATURES
from descriptors.manifest import META, ArtifactSignature, Manifest, Meta, signed_forms
from descriptors.signatures import INTACT, Signature, SignaturePolicy, SignatureState, signing_files

if TYPE_CHECKING:  # what is not signed is read without these: they take a while to import
    from cryptography.x509 import Certificate

    from descriptors.cms import Cms, Digests, SignerInfo
    from descriptors.trust import TrustStore

_LARGEST = 4 * 1024 * 1024  # bytes of a signature or certificate file; real ones have some thousand
_CODES = {
    SignatureState.EXPIRED: "signature-expired",
    SignatureState.UNTRUSTED: "signature-untrusted",
    SignatureState.UNKNOWN_SIGNER: "signature-unknown-signer",
    SignatureState.TAMPERED: "signature-tampered",
    SignatureState.UNREADABLE: "signature-unreadable",
}
_HINTS = {
    SignatureState.EXPIRED: "have it signed anew, or let the time of signing count (setting signature_time)",
    SignatureState.UNTRUSTED: "put the signer's certificate, or that of its authority, into the trust store",
    SignatureState.UNKNOWN_SIGNER: "name the certificate in TOSCA.meta (ETSI-Entry-Certificate), or trust it here",
    SignatureState.TAMPERED: "it was changed after it was signed; get it anew from who signed it",
    SignatureState.UNREADABLE: "sign it anew: CMS (RFC 5652) with SHA-256 or better",
}


def check_signatures(
    archive: Archive,
    *,
    meta: Meta | None,
    manifest: Manifest | None,
    data: bytes,
    policy: SignaturePolicy,
    diagnostics: Diagnostics,
) -> tuple[Signature, ...]:
    """Verify every signature of the package, report what the policy asks for, and return what is known of them.

    ``data`` are the bytes of the manifest. Digests of the manifest are not compared here.
    """
    return _Check(archive, meta=meta, manifest=manifest, data=data, policy=policy, diagnostics=diagnostics).run()


class _Check:
    def __init__(
        self,
        archive: Archive,
        *,
        meta: Meta | None,
        manifest: Manifest | None,
        data: bytes,
        policy: SignaturePolicy,
        diagnostics: Diagnostics,
    ) -> None:
        self._archive = archive
        self._names = frozenset(archive.names())
        self._manifest = manifest
        self._data = data
        self._meta = meta
        self._policy = policy
        self._diagnostics = diagnostics
        self._store: TrustStore | None = None
        self._found: list[Signature] = []

    def run(self) -> tuple[Signature, ...]:
        self._of_envelope()
        self._of_manifest()
        self._of_files()
        whole = [signature for signature in self._found if signature.whole]
        for signature in self._found:
            if signature.state is not SignatureState.VERIFIED:
                self._report(signature, sufficient=self._sufficient(whole))
        if not whole:
            self._report_unsigned()
        elif self._policy.require != "optional":
            self._check_covered()
        return tuple(self._found)

    # Where signatures are

    def _of_envelope(self) -> None:
        envelope = self._archive.envelope
        if envelope is None:
            return
        certificates = {name: data for name, data in envelope.files.items() if name not in envelope.signatures}
        for name in envelope.signatures:
            self._judge(
                Signature(file=name, covers=envelope.archive, whole=True, state=SignatureState.UNREADABLE),
                envelope.files[name],
                lambda algorithm: [envelope.digest(algorithm)],
                certificates,
            )

    def _of_manifest(self) -> None:
        manifest = self._manifest
        if manifest is None or not manifest.signed:
            return
        forms, block, line = signed_forms(self._data)
        self._judge(
            Signature(file=manifest.file, line=line, covers=manifest.file, whole=True, state=SignatureState.UNREADABLE),
            block,
            lambda algorithm: [hashlib.new(algorithm, form).digest() for form in forms],
            self._read_all((*self._common(), *_beside(manifest.file, self._names))),
        )

    def _of_files(self) -> None:
        """Verify the signatures that the manifest names, and those that their own names tell."""
        named = self._manifest.artifact_signatures if self._manifest else {}
        for path, entry in named.items():
            if entry.signature:
                self._of_file(path, entry)
        known = {entry.signature for entry in named.values()}
        for name in self._archive.names():
            if name.endswith(SIGNATURES) and name not in known:
                path = _signed_by_name(name, self._names)
                if path:
                    self._of_file(path, ArtifactSignature(signature=name))
                else:
                    self._diagnostics.add(
                        Severity.WARNING,
                        "signature-of-nothing",
                        f"{name} is a signature, and no one file beside it has that name",
                        file=name,
                        hint="name the signature after the file, or name it in the manifest (Signature:)",
                        clause="SOL004 5.3",
                    )

    def _of_file(self, path: str, entry: ArtifactSignature) -> None:
        manifest = self._manifest.file if self._manifest else ""
        missing = [name for name in (path, entry.signature) if name not in self._names]
        missing += [entry.certificate] if entry.certificate and entry.certificate not in self._names else []
        for name in missing:
            self._diagnostics.add(
                Severity.WARNING,
                "signature-file-missing",
                f"{name} is not in the package: the signature of {path} is not verified by it",
                file=manifest,
                line=entry.line,
            )
        if path not in self._names or entry.signature not in self._names:
            return
        signature = self._read(entry.signature)
        if signature is None:
            return
        named = (entry.certificate,) if entry.certificate in self._names else ()
        self._judge(
            Signature(file=entry.signature, covers=path, whole=path == manifest, state=SignatureState.UNREADABLE),
            signature,
            lambda algorithm: [self._digest(path, algorithm)],
            self._read_all((*named, *_beside(path, self._names), *self._common())),
        )

    def _common(self) -> tuple[str, ...]:
        """Return the certificate that TOSCA.meta names."""
        path = self._meta.entry_certificate if self._meta else ""
        if path and path not in self._names:
            self._diagnostics.add(
                Severity.WARNING,
                "signature-file-missing",
                f"the certificate {path} is not in the package",
                file=META,
                line=self._meta.lines.get("etsi-entry-certificate", 0) if self._meta else 0,
            )
        return (path,) if path in self._names else ()

    def _read(self, name: str) -> bytes | None:
        """Return a small file; None when it is too large or broken, which is reported where all files are read."""
        try:
            if self._archive.size(name) <= _LARGEST:
                return b"".join(self._archive.stream(name))
        except UnreadableMemberError:
            return None
        self._diagnostics.add(
            Severity.ERROR,
            "document-too-big",
            f"{self._archive.size(name)} bytes; at most {_LARGEST} are read",
            file=name,
        )
        return None

    def _read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        return {name: data for name in dict.fromkeys(names) if (data := self._read(name)) is not None}

    def _digest(self, path: str, algorithm: str) -> bytes:
        digest = hashlib.new(algorithm)
        try:
            for piece in self._archive.stream(path):
                digest.update(piece)
        except UnreadableMemberError:
            return b""
        return digest.digest()

    # What they are worth

    def _judge(self, about: Signature, data: bytes, digests: Digests, files: dict[str, bytes]) -> None:
        from descriptors.cms import CmsError, read_cms  # noqa: PLC0415  # see above

        try:
            cms = read_cms(data)
        except CmsError as error:
            self._found.append(msgspec.structs.replace(about, detail=str(error)))
            return
        for signer in cms.signers:
            try:
                self._found.append(self._judged(about, cms, signer, digests, files))
            except CmsError as error:
                self._found.append(msgspec.structs.replace(about, detail=str(error)))

    def _judged(
        self, about: Signature, cms: Cms, signer: SignerInfo, digests: Digests, files: dict[str, bytes]
    ) -> Signature:
        store = self._trust()
        offered = [*(("", certificate) for certificate in cms.certificates), *_certificates(files)]
        candidates = [
            (file, certificate)
            for file, certificate in (*offered, *(("", certificate) for certificate in store.certificates))
            if signer.names(certificate)
        ]
        about = msgspec.structs.replace(about, signed_at=signer.signed_at, state=SignatureState.TAMPERED)
        if not candidates and not signer.contradicts(digests):
            return msgspec.structs.replace(about, state=SignatureState.UNKNOWN_SIGNER)
        for file, certificate in candidates:
            about = _signed_by(about, file, certificate)
            if signer.matches(digests, certificate):
                others = [other for _, other in offered if other != certificate]
                return self._with_standing(about, certificate, others)
        return about

    def _with_standing(self, about: Signature, certificate: Certificate, others: Sequence[Certificate]) -> Signature:
        from descriptors.trust import Standing  # noqa: PLC0415  # see above

        moment = self._policy.now or datetime.now(UTC)
        if self._policy.time == "signing" and about.signed_at is not None:
            moment = about.signed_at
        states = {
            Standing.TRUSTED: SignatureState.VERIFIED,
            Standing.EXPIRED: SignatureState.EXPIRED,
            Standing.UNTRUSTED: SignatureState.UNTRUSTED,
        }
        return msgspec.structs.replace(about, state=states[self._trust().standing(certificate, others, moment)])

    def _trust(self) -> TrustStore:
        from descriptors.trust import TrustStore  # noqa: PLC0415  # see above

        if self._store is None:
            self._store = TrustStore.read(self._policy.trust_store)
            for path in self._store.unreadable:
                self._diagnostics.add(
                    Severity.WARNING,
                    "trust-store-unreadable",
                    f"{path.name} in the trust store holds no certificate that can be read; nobody is trusted by it",
                    hint="certificates are PEM or DER",
                )
        return self._store

    def _anybody_trusted(self) -> bool:
        """Whether there is a trust store with somebody in it: whoever has none expects no signatures."""
        directory = self._policy.trust_store
        return directory is not None and directory.is_dir() and any(directory.iterdir()) and bool(self._trust())

    # What the policy makes of them

    def _sufficient(self, whole: Sequence[Signature]) -> bool:
        """Whether the package's signatures are what the policy asks for."""
        enough = {"optional": frozenset(SignatureState), "signed": INTACT}
        states = enough.get(self._policy.require, frozenset({SignatureState.VERIFIED}))
        return any(signature.state in states for signature in whole)

    def _report(self, signature: Signature, *, sufficient: bool) -> None:
        state = signature.state
        refused = state in {SignatureState.TAMPERED, SignatureState.UNREADABLE}
        self._diagnostics.add(
            Severity.ERROR if refused or (signature.whole and not sufficient) else Severity.WARNING,
            _CODES[state],
            _told(signature),
            file=signature.file,
            line=signature.line,
            hint=_HINTS[state],
            clause="SOL004 5",
        )

    def _report_unsigned(self) -> None:
        if self._policy.require == "optional" and not self._anybody_trusted():
            return
        self._diagnostics.add(
            Severity.WARNING if self._policy.require == "optional" else Severity.ERROR,
            "signature-missing",
            "the package is not signed: nothing proves who made it",
            file=self._manifest.file if self._manifest else "",
            hint="sign it with `mano descriptor sign`",
            clause="SOL004 5.1",
        )

    def _check_covered(self) -> None:
        """Where a signature is required, it must be for every file: over the manifest's digests, or in option 2."""
        if self._archive.envelope is not None:
            return
        covered = {META, *signing_files(self._found, self._meta, self._manifest)}
        covered |= {self._manifest.file, *self._manifest.digests} if self._manifest else set()
        for name in self._archive.names():
            if name not in covered:
                self._diagnostics.add(
                    Severity.ERROR,
                    "signature-uncovered",
                    f"{name} has no digest in the signed manifest: it may have been put in by anybody",
                    file=name,
                    hint="list it in the manifest with its digest",
                    clause="SOL004 5.1",
                )


def _certificates(files: dict[str, bytes]) -> list[tuple[str, Certificate]]:
    """Return the certificates in files, each with its file; a file that holds none offers none."""
    from descriptors.cms import CmsError, read_certificates  # noqa: PLC0415  # see above

    found: list[tuple[str, Certificate]] = []
    for file, data in files.items():
        try:
            found += [(file, certificate) for certificate in read_certificates(data)]
        except CmsError:
            continue
    return found


def _signed_by(about: Signature, file: str, certificate: Certificate) -> Signature:
    return msgspec.structs.replace(
        about,
        signer=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        certificate_file=file,
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
    )


def _told(signature: Signature) -> str:
    what, who = signature.covers, signature.signer or "somebody"
    match signature.state:
        case SignatureState.EXPIRED:
            valid = f"{_day(signature.valid_from)} to {_day(signature.valid_until)}"
            return f"{what} is signed by {who}, whose certificate is valid from {valid}"
        case SignatureState.UNTRUSTED:
            return f"{what} is signed by {who}, for whom nobody in the trust store vouches"
        case SignatureState.UNKNOWN_SIGNER:
            return f"{what} is signed, and the signer's certificate is neither in the package nor in the trust store"
        case SignatureState.TAMPERED:
            return f"{what} is not what {who} signed"
    return f"the signature of {what} proves nothing: {signature.detail}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "?"


def _beside(path: str, names: frozenset[str]) -> list[str]:
    """Return the certificate files that lie beside a file under its name."""
    stems = (path, posixpath.splitext(path)[0])
    return [stem + ending for stem in stems for ending in CERTIFICATES if stem + ending in names]


def _signed_by_name(signature: str, names: frozenset[str]) -> str:
    """Return the one file that a signature file is for by its name; empty when there is none, or several."""
    stem = posixpath.splitext(signature)[0].removesuffix(".sig")
    if stem in names:
        return stem
    same = [
        name
        for name in names
        if posixpath.splitext(name)[0] == stem and not name.endswith((*SIGNATURES, *CERTIFICATES, ".p7b", ".p7c"))
    ]
    return same[0] if len(same) == 1 else ""
