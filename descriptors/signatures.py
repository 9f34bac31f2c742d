"""The signatures of a package: who vouches for what in it, as data (SOL004 5)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from descriptors.manifest import Manifest, Meta


class SignatureState(enum.StrEnum):
    """What is known of one signature."""

    VERIFIED = "verified"
    """What it is for is as it was signed, and the signer is trusted."""
    EXPIRED = "expired"
    """As it was signed; the signer would be trusted if the certificate were valid at the time that counts."""
    UNTRUSTED = "untrusted"
    """As it was signed, by somebody for whom nobody in the trust store vouches."""
    UNKNOWN_SIGNER = "unknown-signer"
    """The signer's certificate is nowhere: nothing is proved."""
    TAMPERED = "tampered"
    """What it is for is not what was signed."""
    UNREADABLE = "unreadable"
    """No CMS signature, or by an algorithm that proves nothing."""


INTACT = frozenset({SignatureState.VERIFIED, SignatureState.EXPIRED, SignatureState.UNTRUSTED})
"""States in which what is signed is as it was signed."""


class Signature(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One signer's signature of one thing."""

    file: str
    """Path of the file that it is in, from the package's root."""
    line: int = 0
    covers: str
    """Path of what is signed: the manifest, a file, or in option 2 the archive in its zip file."""
    whole: bool = False
    """Whether it is the package's signature, rather than that of one file."""
    state: SignatureState
    signer: str = ""
    """Name in the signer's certificate (RFC 4514); empty when the certificate is unknown."""
    issuer: str = ""
    serial: str = ""
    """Hexadecimal."""
    certificate_file: str = ""
    """Path of the file with the signer's certificate; empty when it is in the signature or in the trust store."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    signed_at: datetime | None = None
    """As the signer says."""
    detail: str = ""
    """What is wrong, where the state does not say it all."""


class SignaturePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What signatures a package must have. What was tampered with is refused under any policy."""

    require: Literal["optional", "signed", "trusted"] = "optional"
    """``signed``: the package must be signed and as it was signed; ``trusted``: and by somebody trusted."""
    time: Literal["now", "signing"] = "now"
    """When certificates must be valid: now, or when the signer says that it was signed."""
    trust_store: Path | None = None
    """Directory of trusted certificates; read anew for each signed package."""
    now: datetime | None = None
    """Stands for the present time."""


def signing_files(signatures: Iterable[Signature], meta: Meta | None, manifest: Manifest | None) -> frozenset[str]:
    """Return the files that serve to sign the others; no manifest can hold digests of all of them."""
    files = {meta.entry_certificate} if meta else set()
    for signature in signatures:
        files |= {signature.file, signature.certificate_file}
    for entry in manifest.artifact_signatures.values() if manifest else ():
        files |= {entry.signature, entry.certificate}
    return frozenset(files - {""})
