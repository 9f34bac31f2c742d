"""Who is believed: certificates that an operator put into a directory, of authorities or of signers themselves."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from descriptors.cms import CmsError, read_certificates

SUFFIXES = frozenset({".pem", ".crt", ".cer", ".cert", ".der"})
_LARGEST_FILE = 4 * 1024 * 1024
_LONGEST_CHAIN = 8


class Standing(enum.Enum):
    """What the trust store says of a certificate."""

    TRUSTED = enum.auto()
    EXPIRED = enum.auto()
    """It would be trusted at another time."""
    UNTRUSTED = enum.auto()


class TrustStore:
    """Certificates that are believed; immutable, for any thread."""

    def __init__(self, certificates: Iterable[x509.Certificate] = (), unreadable: Iterable[Path] = ()) -> None:
        self._certificates = tuple(certificates)
        self.unreadable = tuple(unreadable)
        """Files of the directory that hold no certificate."""

    @classmethod
    def read(cls, directory: Path | None) -> TrustStore:
        """Read the certificates in a directory, PEM or DER; without a directory nobody is trusted."""
        certificates: list[x509.Certificate] = []
        unreadable: list[Path] = []
        files = sorted(directory.iterdir()) if directory is not None and directory.is_dir() else []
        for file in files:
            if file.suffix.lower() not in SUFFIXES:
                continue
            try:
                with file.open("rb") as content:
                    certificates += read_certificates(content.read(_LARGEST_FILE))
            except (CmsError, OSError):
                unreadable.append(file)
        return cls(certificates, unreadable)

    def __bool__(self) -> bool:
        """Whether anybody is trusted."""
        return bool(self._certificates)

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """All of them; a signature may leave out the certificate of a signer who is known."""
        return self._certificates

    def standing(
        self, certificate: x509.Certificate, intermediates: Sequence[x509.Certificate], moment: datetime
    ) -> Standing:
        """Judge a signer's certificate at a moment.

        A certificate that lies in the store itself is trusted. Any other needs a path to an authority in the store,
        by the rules of RFC 5280 and today's minimum strengths. Revocation is not looked up: take the file away.
        """
        if certificate in self._certificates:
            return Standing.TRUSTED if _covers(certificate, moment) else Standing.EXPIRED
        if not self._certificates:
            return Standing.UNTRUSTED
        if self._has_path(certificate, intermediates, moment):
            return Standing.TRUSTED
        others = (certificate.not_valid_after_utc, certificate.not_valid_before_utc)
        if any(self._has_path(certificate, intermediates, other) for other in others):
            return Standing.EXPIRED
        return Standing.UNTRUSTED

    def _has_path(
        self, certificate: x509.Certificate, intermediates: Sequence[x509.Certificate], moment: datetime
    ) -> bool:
        authority = ExtensionPolicy.webpki_defaults_ca()
        signer = ExtensionPolicy.permit_all().may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
        try:
            verifier = (
                PolicyBuilder()
                .store(Store(list(self._certificates)))
                .time(moment.astimezone(UTC))
                .max_chain_depth(_LONGEST_CHAIN)
                .extension_policies(ca_policy=authority, ee_policy=signer)
                .build_client_verifier()
            )
            verifier.verify(certificate, list(intermediates))
        except (VerificationError, ValueError):
            return False
        return True


def _may_sign(_policy: object, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """Refuse a certificate for other purposes than signatures."""
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise ValueError("the key is not for signatures")


def _covers(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
