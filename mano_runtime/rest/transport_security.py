"""TLS: of our own listener, with whose certificates clients must have, and of our connections to others."""

from __future__ import annotations

import ssl
from pathlib import Path


class TlsError(Exception):
    """TLS cannot be spoken as it is configured; the message names the setting and says what is wrong."""


def server_tls(certificate: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    """Return what a listener speaks TLS with: 1.2 at least, with the interpreter's choice of ciphers.

    ``certificate`` has our certificate, and those of its authorities after it; ``key`` its key, not encrypted (both
    PEM). With ``client_ca``, a bundle of authorities, only clients with a certificate of one of them get through.

    Raises:
        TlsError: a file cannot be read, is none of its kind, or key and certificate do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for setting, file in (("tls_certificate", certificate), ("tls_key", key), ("tls_client_ca", client_ca)):
        _check_readable(setting, file)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise TlsError(
            f"tls_certificate {certificate} and tls_key {key} cannot be used together (PEM, the key not encrypted):"
            f" {error}"
        ) from error
    if client_ca is not None:
        try:
            context.load_verify_locations(client_ca)
        except ssl.SSLError as error:
            raise TlsError(f"tls_client_ca {client_ca} has no certificates of authorities in PEM: {error}") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def outgoing_tls(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """Return what we connect to others with: their certificates verified, ours shown to who asks for it.

    Raises:
        TlsError: a file cannot be read, is none of its kind, or key and certificate do not belong together.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for setting, file in (("outgoing_certificate", certificate), ("outgoing_key", key)):
        _check_readable(setting, file)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise TlsError(
            f"outgoing_certificate {certificate} and outgoing_key {key or ''} cannot be used together (PEM, the key not"
            f" encrypted): {error}"
        ) from error
    return context


def _check_readable(setting: str, file: Path | None) -> None:
    if file is None:
        return
    try:
        file.open("rb").close()
    except OSError as error:
        raise TlsError(f"{setting}: {error}") from error


def _no_password() -> str:
    """Stand in the way of OpenSSL, which would ask whoever sits at the terminal."""
    raise ValueError("the key is encrypted: store it without a password, readable by the server alone")
