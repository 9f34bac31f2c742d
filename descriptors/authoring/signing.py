"""CMS signatures over manifests, single files and whole archives (SOL004 5.1 to 5.3, SOL007 5)."""

from __future__ import annotations

import mmap
import posixpath
import re
import shutil
import zipfile
from pathlib import Path
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs7

from descriptors.authoring.archives import MOMENT, Content, appearing, write_archive
from descriptors.authoring.errors import AuthoringError
from descriptors.authoring.manifests import digest
from descriptors.cms import CmsError, read_certificates
from descriptors.manifest import META, Manifest, signed_forms
from descriptors.onboarding import read_package

WHOLE = 2
Option = Literal[1, 2]
"""Over the manifest, or over the archive in a zip file (SOL004 5.1)."""
_UNSIGNABLE = frozenset({"manifest-digest", "manifest-algorithm", "manifest-missing", "manifest-unlisted"})
"""Findings of packages that a signature would say the wrong thing about."""


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    """Certificates of the authorities between the signer and one that is trusted."""
    embedded: bool = True
    """Whether the certificates go into the signature, or into a file beside what is signed."""

    @classmethod
    def load(cls, key: Path, certificate: Path, *, password: str = "", embedded: bool = True) -> Signer:
        """Read a private key (PEM) and its certificate (PEM or DER, the chain after it); AuthoringError."""
        try:
            private = load_pem_private_key(key.read_bytes(), password.encode() or None)
            own, *chain = read_certificates(certificate.read_bytes())
        except (ValueError, TypeError, OSError, UnsupportedAlgorithm, CmsError) as error:
            raise AuthoringError("Cannot read the key or the certificate", str(error)) from error
        if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise AuthoringError("Cannot sign with this key", f"{key} is neither an RSA nor an elliptic curve key")
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if private.public_key().public_bytes(*form) != own.public_key().public_bytes(*form):
            raise AuthoringError("Key and certificate do not belong together", f"{key} and {certificate}")
        return cls(key=private, certificate=own, chain=tuple(chain), embedded=embedded)

    def sign(self, content: bytes | mmap.mmap) -> bytes:
        """Return a detached CMS signature with SHA-256, as PEM; the content is not taken into memory."""
        builder = pkcs7.PKCS7SignatureBuilder(data=content)  # type: ignore[arg-type] # any buffer will do
        builder = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
        if self.embedded:
            for certificate in self.chain:
                builder = builder.add_certificate(certificate)
        else:
            options.append(pkcs7.PKCS7Options.NoCerts)
        return builder.sign(Encoding.PEM, options).replace(b" PKCS7-----", b" CMS-----")

    def pem(self) -> bytes:
        """Return the certificates, the signer's own first."""
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in (self.certificate, *self.chain))


def sign_file(file: Path, signer: Signer) -> tuple[Path, ...]:
    """Sign a file by a signature beside it, ``FILE.cms``, or a manifest by a block at its end; return what is written.

    A second signature takes the place of the first.
    """
    written_to = [file] if file.suffix == ".mf" else [file.with_name(f"{file.name}.cms")]
    with appearing(written_to[0]) as partial:
        if file.suffix == ".mf":
            partial.write_bytes(signed_manifest(file.read_bytes(), signer))
        else:
            partial.write_bytes(_signature_of(file, signer))
    if not signer.embedded:
        beside = file.with_suffix(".cert")
        beside.write_bytes(signer.pem())
        written_to.append(beside)
    return tuple(written_to)


def sign_package(
    package: Path, to_path: Path, signer: Signer, *, option: Option = 1, detached: bool = False
) -> tuple[str, ...]:
    """Sign a package and write it to ``to_path``, which may be the package itself; return what it now holds more.

    Option 1 signs the manifest, at its end or, ``detached``, in a file beside it. Option 2 puts the package as it is
    into a zip file with its signature. AuthoringError when it is no package, or its manifest does not hold the right
    digest of every file: nobody should sign that.
    """
    read = read_package(package)
    wrong = [found for found in read.diagnostics if found.code in _UNSIGNABLE or found.code.startswith("csar-")]
    if wrong or (option == 1 and read.manifest is None):
        why = str(wrong[0]) if wrong else "it has no manifest"
        raise AuthoringError("Cannot sign the package", why, hint="`mano descriptor pack` puts a manifest right.")
    if option == WHOLE:
        return _envelop(package, to_path, signer)
    if read.security_option == "OPTION_2":
        raise AuthoringError("Cannot sign the package", "it is a zip file with a package inside")
    with zipfile.ZipFile(package) as source:
        changes = _signed_members(source, read.manifest or Manifest(), signer, detached=detached)
        with appearing(to_path) as partial:
            _copy(source, partial, changes)
        return tuple(name for name in changes if name not in source.namelist())


def signed_manifest(text: bytes, signer: Signer) -> bytes:
    """Return a manifest with a signature at its end in place of the one that it had."""
    content = signed_forms(text)[0][0]
    content += b"" if content.endswith(b"\n") else b"\n"
    return content + signer.sign(content)


def _signed_members(source: zipfile.ZipFile, manifest: Manifest, signer: Signer, *, detached: bool) -> dict[str, bytes]:
    """Return the members of the archive that change."""
    stem = posixpath.splitext(manifest.file)[0]
    text = signed_forms(source.read(manifest.file))[0][0]
    changes: dict[str, bytes] = {}
    if not signer.embedded:
        changes[f"{stem}.cert"] = signer.pem()
        if META in source.namelist():
            changes[META] = _with_certificate(source.read(META), f"{stem}.cert")
            algorithm, old = manifest.digests.get(META, ("", ""))
            if old:
                new = digest(changes[META], algorithm).encode()
                text = re.sub(re.escape(old.encode()), new, text, flags=re.IGNORECASE)
    if detached:
        return {**changes, manifest.file: text, f"{stem}.cms": signer.sign(text)}
    return {**changes, manifest.file: signed_manifest(text, signer)}


def _with_certificate(meta: bytes, path: str) -> bytes:
    """Return TOSCA.meta with the certificate named in its first block."""
    lines = [line for line in meta.splitlines() if not line.lower().startswith((b"etsi-entry-cert", b"entry-cert"))]
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    return b"\n".join([*lines[:end], f"ETSI-Entry-Certificate: {path}".encode(), *lines[end:]]) + b"\n"


def _copy(source: zipfile.ZipFile, to_path: Path, changes: dict[str, bytes]) -> None:
    """Copy an archive with some members changed, and new ones at its end."""
    left = dict(changes)
    with zipfile.ZipFile(to_path, "w") as target:
        for info in source.infolist():
            member = zipfile.ZipInfo(info.filename, info.date_time)
            member.compress_type, member.external_attr = info.compress_type, info.external_attr
            member.file_size = info.file_size
            if info.filename in left:
                target.writestr(member, left.pop(info.filename))
            elif info.is_dir():
                target.writestr(member, b"")
            else:
                with source.open(info) as content, target.open(member, "w") as copied:
                    shutil.copyfileobj(content, copied, 1 << 20)
        for name, data in left.items():
            member = zipfile.ZipInfo(name, MOMENT)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            target.writestr(member, data)


def _envelop(package: Path, to_path: Path, signer: Signer) -> tuple[str, ...]:
    """Write a zip file that holds the package, its signature and, unless that is in there, the certificate."""
    inside = package.stem + ".csar"
    members: list[tuple[str, Content]] = [(inside, package), (f"{package.stem}.cms", _signature_of(package, signer))]
    if not signer.embedded:
        members.append((f"{package.stem}.cert", signer.pem()))
    write_archive(members, to_path, packed=False)
    return tuple(name for name, _ in members)


def _signature_of(file: Path, signer: Signer) -> bytes:
    if not file.stat().st_size:
        return signer.sign(b"")
    with file.open("rb") as content, mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return signer.sign(mapped)
