"""Keys and certificates for tests: an authority, signers that it vouches for, and some that nobody does."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from descriptors.authoring.signing import Signer

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""When the certificates of these tests are valid; they are for two years around it."""
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@functools.cache
def key(whose: str) -> Key:
    """Return the key of somebody; RSA for whoever is called so."""
    return rsa.generate_private_key(65537, 2048) if "rsa" in whose else ec.generate_private_key(ec.SECP256R1())


@functools.cache
def certificate(
    whose: str,
    by: str = "",
    *,
    authority: bool = False,
    start: datetime = NOW - timedelta(days=365),
    days: int = 730,
    signs: bool = True,
) -> x509.Certificate:
    """Return the certificate of somebody, by ``by`` or else by themselves."""
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"), False)  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(whose))
        .issuer_name(name(by or whose))
        .public_key(key(whose).public_key())
        .serial_number(1000 + sum(whose.encode()))
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=signs, key_cert_sign=authority, crl_sign=authority, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key(whose).public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key(by or whose).public_key()), critical=False
        )
    )
    return builder.sign(key(by or whose), hashes.SHA256())


def authority() -> x509.Certificate:
    return certificate("authority", authority=True)


def signer(whose: str = "vendor", *, embedded: bool = True, **about: object) -> Signer:
    """Return somebody whom the authority vouches for."""
    return Signer(key=key(whose), certificate=certificate(whose, "authority", **about), embedded=embedded)


def stranger(*, embedded: bool = True) -> Signer:
    """Return somebody whom nobody vouches for."""
    return Signer(key=key("stranger"), certificate=certificate("stranger"), embedded=embedded)


def trust_store(directory: Path, *certificates: x509.Certificate) -> Path:
    """Write a trust store, with the authority unless others are given."""
    directory.mkdir(exist_ok=True)
    for number, trusted in enumerate(certificates or (authority(),)):
        (directory / f"{number}.pem").write_bytes(trusted.public_bytes(Encoding.PEM))
    return directory


def key_file(path: Path, whose: str = "vendor") -> Path:
    path.write_bytes(key(whose).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path
