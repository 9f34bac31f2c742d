"""The other one, where NFVO and VNFM are processes of their own: where it is, and how it knows us."""

from __future__ import annotations

from mano_runtime.peer import Basic, Peer, Proof
from mano_runtime.settings import Settings
from mano_runtime.tokens import ClientCredentials


class CannotServeError(Exception):
    """The server cannot start; the message says why, in words for whoever started it."""


def the_nfvo(settings: Settings) -> Peer:
    """Return the NFVO of a VNFM alone; CannotServeError when it is not said where it is."""
    return _peer(settings, settings.nfvo, "NFVO", "nfvo")


def the_vnfm(settings: Settings) -> Peer:
    """Return the VNFM of an NFVO alone; CannotServeError when it is not said where it is."""
    return _peer(settings, settings.vnfm, "VNFM", "vnfm")


def _peer(settings: Settings, url: str, name: str, setting: str) -> Peer:
    if not url:
        raise CannotServeError(
            f"a server of the role {settings.role} needs to know where the {name} is:"
            f" give its URL with --{setting} or MANO_{setting.upper()}"
        )
    try:
        return Peer(url, name=f"the {name}", proof=_proof(settings))
    except ValueError as error:
        raise CannotServeError(f"--{setting} or MANO_{setting.upper()}: {error}") from error


def _proof(settings: Settings) -> Proof:
    if not settings.peer_client:
        return None
    file = settings.data_dir / settings.peer_secret_file
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CannotServeError(
            f"MANO_PEER_CLIENT is {settings.peer_client!r}, and its secret is not in MANO_PEER_SECRET_FILE: {error}"
        ) from error
    if settings.peer_token_url:
        return ClientCredentials(
            client_id=settings.peer_client, client_password=secret, token_endpoint=settings.peer_token_url
        )
    return Basic(user=settings.peer_client, password=secret)
