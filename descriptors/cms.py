"""Signatures in the Cryptographic Message Syntax (RFC 5652): what one says, and whether it is true of a content.

Certificates, keys and all cryptography are those of the library ``cryptography``, which makes CMS signatures and
cannot verify them yet. Whether a signer is to be believed is decided elsewhere (``descriptors.trust``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from descriptors.ber import (
    CONTEXT_0,
    CONTEXT_1,
    GENERALIZED_TIME,
    INTEGER,
    PRIMITIVE_CONTEXT_0,
    SEQUENCE,
    SET,
    UTC_TIME,
    BerError,
    Element,
    read,
)

Digests = Callable[[str], Iterable[bytes]]
"""Digests that the content may have, by the algorithm's name in hashlib; several where line ends are in doubt."""

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_PSS = "1.2.840.113549.1.1.10"
_HASHES: dict[str, tuple[str, type[hashes.HashAlgorithm]]] = {
    "2.16.840.1.101.3.4.2.1": ("sha256", hashes.SHA256),
    "2.16.840.1.101.3.4.2.2": ("sha384", hashes.SHA384),
    "2.16.840.1.101.3.4.2.3": ("sha512", hashes.SHA512),
    "2.16.840.1.101.3.4.2.4": ("sha224", hashes.SHA224),
}
_SIGNATURE_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "1.2.840.113549.1.1.11": hashes.SHA256,
    "1.2.840.113549.1.1.12": hashes.SHA384,
    "1.2.840.113549.1.1.13": hashes.SHA512,
    "1.2.840.113549.1.1.14": hashes.SHA224,
    "1.2.840.10045.4.3.1": hashes.SHA224,
    "1.2.840.10045.4.3.2": hashes.SHA256,
    "1.2.840.10045.4.3.3": hashes.SHA384,
    "1.2.840.10045.4.3.4": hashes.SHA512,
}
"""By signature algorithm, where it says the hash; RSA without says nothing, the digest's algorithm counts."""
_PEM_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_PEM = re.compile(rb"-----BEGIN (CMS|PKCS7|PKCS #7 SIGNED DATA)-----(.*?)-----END \1-----", re.DOTALL)


class CmsError(Exception):
    """The signature cannot be judged: it is broken, or made in a way that proves nothing or is not known."""


class SignerInfo(NamedTuple):
    """One signer's signature."""

    issuer: bytes
    """DER of the name of who issued the signer's certificate; empty where ``key_id`` names it."""
    serial: int
    key_id: bytes
    digest_algorithm: str
    """Object identifier."""
    attributes: Element | None
    """What is signed in place of the content: its digest and facts about the signature."""
    signature_algorithm: str
    """Object identifier."""
    signature_parameters: Element | None
    signature: bytes
    content_type: str
    """Object identifier of what is signed."""

    @property
    def algorithm(self) -> str:
        """The digest's algorithm as hashlib names it; CmsError for one that can be forged or is not known."""
        return _hash(self.digest_algorithm)[0]

    @property
    def signed_at(self) -> datetime | None:
        """When the signer says it was made; nothing proves it but the signer's word."""
        try:
            value = self._attribute(_SIGNING_TIME)
        except (CmsError, ValueError):
            return None
        return None if value is None else _moment(value)

    def names(self, certificate: x509.Certificate) -> bool:
        """Whether this is the certificate of the signer."""
        if self.key_id:
            try:
                extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            except (x509.ExtensionNotFound, ValueError):
                return False
            return extension.value.digest == self.key_id
        return certificate.serial_number == self.serial and certificate.issuer.public_bytes() == self.issuer

    def _attribute(self, wanted: str) -> Element | None:
        """Return the one value of an attribute; CmsError when there are several."""
        if self.attributes is None:
            return None
        values = []
        for attribute in self.attributes.children():
            identifier, found, *_ = attribute.items(SEQUENCE)
            if identifier.identifier() == wanted:
                values += found.items(SET)
        if len(values) > 1:
            raise CmsError("an attribute that is there more than once")
        return values[0] if values else None

    def contradicts(self, digests: Digests) -> bool:
        """Whether the content is another than the one that was signed, whoever signed it; False when in doubt."""
        try:
            signed = self._attribute(_MESSAGE_DIGEST)
            return signed is not None and signed.octets() not in list(digests(self.algorithm))
        except (CmsError, ValueError):
            return False

    def matches(self, digests: Digests, certificate: x509.Certificate) -> bool:
        """Whether the key of ``certificate`` signed the content with one of these digests.

        CmsError when that cannot be told: an algorithm that can be forged, or one that is not known here.
        """
        try:
            return self._matches(digests, certificate)
        except (ValueError, LookupError, UnsupportedAlgorithm) as error:
            raise CmsError(f"a signature that cannot be verified: {error}") from error

    def _matches(self, digests: Digests, certificate: x509.Certificate) -> bool:
        name, algorithm = _hash(self.digest_algorithm)
        possible = list(digests(name))
        if self.attributes is None:
            return any(self._holds(certificate, digest, Prehashed(algorithm())) for digest in possible)
        message_digest, content_type = self._attribute(_MESSAGE_DIGEST), self._attribute(_CONTENT_TYPE)
        if message_digest is None or content_type is None or content_type.identifier() != self.content_type:
            raise CmsError("signed attributes without the digest or the type of the content (RFC 5652 5.3)")
        if message_digest.octets() not in possible:
            return False
        signed = self.attributes.der(tag=SET)
        return self._holds(certificate, signed, self._signature_hash(algorithm))

    def _signature_hash(self, digest: type[hashes.HashAlgorithm]) -> hashes.HashAlgorithm:
        if self.signature_algorithm == _PSS and self.signature_parameters is not None:
            for parameter in self.signature_parameters.items(SEQUENCE):
                if parameter.tag == CONTEXT_0:
                    return _hash(parameter.items()[0].items(SEQUENCE)[0].identifier())[1]()
        return _SIGNATURE_HASHES.get(self.signature_algorithm, digest)()

    def _holds(self, certificate: x509.Certificate, signed: bytes, algorithm: hashes.HashAlgorithm | Prehashed) -> bool:
        try:
            key = certificate.public_key()
        except ValueError as error:
            raise CmsError(f"a certificate whose key cannot be read: {error}") from error
        try:
            match key:
                case rsa.RSAPublicKey() if self.signature_algorithm == _PSS:
                    plain = (
                        algorithm
                        if isinstance(algorithm, hashes.HashAlgorithm)
                        else self._signature_hash(hashes.SHA256)
                    )
                    pss = padding.PSS(mgf=padding.MGF1(plain), salt_length=padding.PSS.AUTO)
                    key.verify(self.signature, signed, pss, algorithm)
                case rsa.RSAPublicKey():
                    key.verify(self.signature, signed, padding.PKCS1v15(), algorithm)
                case ec.EllipticCurvePublicKey():
                    key.verify(self.signature, signed, ec.ECDSA(algorithm))
                case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey() if not isinstance(algorithm, Prehashed):
                    key.verify(self.signature, signed)
                case _:
                    raise CmsError(f"a signature by a {type(key).__name__}, which is not known here")
        except (InvalidSignature, ValueError):
            return False
        return True


class Cms(NamedTuple):
    """What a signature file or block holds."""

    signers: tuple[SignerInfo, ...]
    """At least one."""
    certificates: tuple[x509.Certificate, ...]


def read_cms(data: bytes) -> Cms:
    """Read a CMS SignedData, PEM or DER; CmsError when it is none."""
    try:
        return _signed_data(read(_der(data)))
    except (ValueError, LookupError) as error:
        raise CmsError(f"not a CMS signature: {error}") from error


def read_certificates(data: bytes) -> list[x509.Certificate]:
    """Return the certificates of a file, PEM or DER; CmsError when there is none."""
    try:
        blocks = _PEM_CERTIFICATE.findall(data)
        return [_certificate(_base64(block)) for block in blocks] or [_certificate(data)]
    except (ValueError, LookupError) as error:
        raise CmsError(f"not a certificate: {error}") from error


def digests_of(*contents: bytes) -> Digests:
    """Return the digests of a content that is at hand; CMS may hold for any of its forms."""
    return lambda algorithm: [hashlib.new(algorithm, content).digest() for content in contents]


def _der(data: bytes) -> bytes:
    found = _PEM.search(data)
    return data if found is None else _base64(found[2])


def _base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise BerError(f"broken Base64: {error}") from error


def _certificate(der: bytes) -> x509.Certificate:
    """Return the certificate; ValueError, also for serial numbers that RFC 5280 4.1.2.2 forbids: the library warns."""
    body = read(der).items(SEQUENCE)[0].items(SEQUENCE)
    if next((part.integer() for part in body if part.tag == INTEGER), 0) <= 0:
        raise BerError("a serial number that is not positive")
    try:
        return x509.load_der_x509_certificate(der)
    except x509.InvalidVersion as error:  # no ValueError
        raise BerError(f"a certificate of an unknown version: {error}") from error


def _signed_data(content_info: Element) -> Cms:
    kind, wrapped, *_ = content_info.items(SEQUENCE)
    if kind.identifier() != _SIGNED_DATA:
        raise BerError("CMS of another kind than signed data")
    version, _, content, *rest = wrapped.items(CONTEXT_0)[0].items(SEQUENCE)
    version.integer()
    content_type = content.items(SEQUENCE)[0].identifier()
    certificates: list[x509.Certificate] = []
    for part in rest[:-1]:
        if part.tag == CONTEXT_0:
            certificates += [_certificate(item.der()) for item in part.children() if item.tag == SEQUENCE]
    signers = tuple(_signer(item, content_type) for item in (rest[-1].items(SET) if rest else ()))
    if not signers:
        raise BerError("nobody signed")
    return Cms(signers, tuple(certificates))


def _signer(element: Element, content_type: str) -> SignerInfo:
    _, who, digest, *rest = element.items(SEQUENCE)
    attributes = rest.pop(0) if rest and rest[0].tag == CONTEXT_0 else None
    rest = [part for part in rest if part.tag != CONTEXT_1]
    algorithm, signature, *_ = rest
    issuer, serial, key_id = b"", 0, b""
    if who.tag == PRIMITIVE_CONTEXT_0:
        key_id = who.content
    else:
        name, number = who.items(SEQUENCE)
        if number.tag != INTEGER:
            raise BerError("a serial number that is none")
        issuer, serial = name.der(), number.integer()
    identifier, *parameters = algorithm.items(SEQUENCE)
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        digest_algorithm=digest.items(SEQUENCE)[0].identifier(),
        attributes=attributes,
        signature_algorithm=identifier.identifier(),
        signature_parameters=parameters[0] if parameters and parameters[0].tag == SEQUENCE else None,
        signature=signature.octets(),
        content_type=content_type,
    )


def _hash(identifier: str) -> tuple[str, type[hashes.HashAlgorithm]]:
    if identifier not in _HASHES:
        raise CmsError(f"a digest by the algorithm {identifier}, which proves nothing or is not known here")
    return _HASHES[identifier]


def _moment(element: Element) -> datetime | None:
    form = {UTC_TIME: "%y%m%d%H%M%SZ", GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}.get(element.tag)
    try:
        return datetime.strptime(element.content.decode("ascii"), form).replace(tzinfo=UTC) if form else None
    except ValueError:
        return None
