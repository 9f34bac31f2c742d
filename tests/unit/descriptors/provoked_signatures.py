"""Findings about signatures and trust."""

import base64
import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from provocation import META, VNFD, Provocation

_KEY = ec.generate_private_key(ec.SECP256R1())
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme")])
_IMAGE = "bits"


def _certificate(since: int, until: int) -> x509.Certificate:
    """Return a certificate that signs itself, valid between the beginnings of two years."""
    return (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(_KEY.public_key())
        .serial_number(1)
        .not_valid_before(datetime(since, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(until, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(_KEY, hashes.SHA256())
    )


_VALID = _certificate(2020, 2999)
_EXPIRED = _certificate(2019, 2020)
_PEM = _VALID.public_bytes(serialization.Encoding.PEM)


def _listed(*names: str) -> str:
    contents = {"vnfd.yaml": VNFD, "disk.img": _IMAGE}
    sources = [
        f"Source: {name}\nAlgorithm: SHA-256\nHash: {hashlib.sha256(contents[name].encode()).hexdigest()}\n"
        for name in names
    ]
    return "\n".join(["metadata:\n  vnf_product_name: Router\n", *sources])


_MANIFEST = _listed("vnfd.yaml", "disk.img")


def _block(data: bytes) -> str:
    lines = base64.encodebytes(data).decode()
    return f"-----BEGIN CMS-----\n{lines}-----END CMS-----\n"


def _signed(manifest: str, certificate: x509.Certificate = _VALID, *, enclosed: bool = True) -> str:
    """Return a manifest with its signature."""
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    options += [] if enclosed else [pkcs7.PKCS7Options.NoCerts]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest.encode())
    signature = builder.add_signer(certificate, _KEY, hashes.SHA256()).sign(serialization.Encoding.DER, options)
    return manifest + _block(signature)


def signed(code: str, manifest: str, *, at: str = "signature", file: str = "vnfd.mf", **more: object) -> Provocation:
    """A package with a manifest; ``at`` is what begins the line that the finding names."""
    begins = {"signature": "-----BEGIN", "": ""}.get(at, at)
    line = manifest[: manifest.index(begins)].count("\n") + 1 if begins else 0
    files = {"TOSCA-Metadata/TOSCA.meta": META, "vnfd.yaml": VNFD, "vnfd.mf": manifest, "disk.img": _IMAGE}
    files |= more.pop("files", {})
    return Provocation(code, files, file=file, line=line, **more)


SIGNATURES = (
    signed("signature-tampered", _signed(_MANIFEST).replace("Router", "Switch")),
    signed("signature-unreadable", _MANIFEST + _block(b"no signature at all")),
    signed("signature-unknown-signer", _signed(_MANIFEST, enclosed=False)),
    signed("signature-untrusted", _signed(_MANIFEST)),
    signed(
        "signature-expired",
        _signed(_MANIFEST, _EXPIRED),
        trusted={"acme.pem": _EXPIRED.public_bytes(serialization.Encoding.PEM)},
    ),
    signed("signature-missing", _MANIFEST, at="", trusted={"acme.pem": _PEM}),
    signed("signature-uncovered", _signed(_listed("disk.img")), at="", file="vnfd.yaml", require="signed"),
    signed(
        "signature-file-missing",
        _MANIFEST + "Signature: disk.img.cms\n",
        at="Signature:",
    ),
    signed("signature-of-nothing", _MANIFEST, at="", file="stray.cms", files={"stray.cms": "?"}),
    signed("trust-store-unreadable", _MANIFEST, at="", file="", trusted={"acme.pem": b"no certificate"}),
)
