"""The token endpoint (RFC 6749 4.4, client credentials) and the keys that our tokens are verified with (RFC 7517)."""

from __future__ import annotations

import base64
import binascii
import math
from urllib.parse import unquote_plus

import msgspec
import structlog
from aiohttp import web

from mano_runtime.metrics import TOKENS
from mano_runtime.rest.gate import CLAIMANT
from mano_runtime.security.clients import Client, Clients
from mano_runtime.security.signing_keys import SigningKeys
from mano_runtime.security.tokens import Issued, OwnTokens, ScopeError
from mano_runtime.security.tries import Tries

PATH = "/token"
KEYS_PATH = "/.well-known/jwks.json"
FORM = "application/x-www-form-urlencoded"
LONGEST = 16 * 1024
"""Bytes of a request for a token."""
LONGEST_NAME = 64
"""Characters of a client's name, of those who only say so too."""
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """No token is issued (RFC 6749 5.2)."""

    def __init__(self, error: str, description: str, *, status: int = 400, **headers: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.headers = headers


def token_routes(
    clients: Clients, tokens: OwnTokens, keys: SigningKeys, tries: Tries | None = None
) -> list[web.RouteDef]:
    """Return the routes by which clients get tokens and others verify them."""
    endpoint = _Endpoint(clients, tokens, tries or Tries())

    async def jwks(_request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(keys.public()), content_type="application/jwk-set+json")

    return [web.post(PATH, endpoint.answer), web.get(KEYS_PATH, jwks)]


class _Endpoint:
    def __init__(self, clients: Clients, tokens: OwnTokens, tries: Tries) -> None:
        self._clients = clients
        self._tokens = tokens
        self._tries = tries

    async def answer(self, request: web.Request) -> web.Response:
        """Issue a token to a client that shows its secret."""
        try:
            issued = await self._issued(request)
        except _RefusedError as refused:
            TOKENS.labels(refused.error).inc()
            return web.Response(
                status=refused.status,
                body=msgspec.json.encode({"error": refused.error, "error_description": refused.description}),
                content_type="application/json",
                headers=_NEVER_KEPT | refused.headers,
            )
        TOKENS.labels("issued").inc()
        return web.Response(body=msgspec.json.encode(issued), content_type="application/json", headers=_NEVER_KEPT)

    async def _issued(self, request: web.Request) -> Issued:
        form = await _form(request)
        if form.get("grant_type") != "client_credentials":
            raise _RefusedError(
                "unsupported_grant_type" if form.get("grant_type") else "invalid_request",
                "grant_type must be client_credentials",
            )
        name, secret = _credentials(request, form)
        request[CLAIMANT] = name[:LONGEST_NAME]
        client = await self._authenticated(name, secret, request.remote or "")
        try:
            return await self._tokens.issue(client, form.get("scope", "").split())
        except ScopeError as error:
            raise _RefusedError("invalid_scope", str(error)) from error

    async def _authenticated(self, name: str, secret: str, remote: str) -> Client:
        # By both: who guesses from elsewhere must not lock a client out, nor try one client after the other.
        guessers = (f"{name} from {remote}", f"anybody from {remote}")
        wait = max(map(self._tries.wait, guessers))
        if wait:
            raise _RefusedError(
                "invalid_client",
                f"too many failed tries: wait {math.ceil(wait)} s",
                status=429,
                **{"Retry-After": str(math.ceil(wait))},
            )
        client = await self._clients.authenticated(name, secret)
        if client is None:
            for who in guessers:
                self._tries.failed(who)
            _log.warning("a client failed to authenticate", client=name[:LONGEST_NAME], remote=remote)
            raise _RefusedError(
                "invalid_client",
                "there is no client with this name and secret",
                status=401,
                **{"WWW-Authenticate": 'Basic realm="mano"'},
            )
        for who in guessers:
            self._tries.succeeded(who)
        return client


async def _form(request: web.Request) -> dict[str, str]:
    if request.content_type != FORM:
        raise _RefusedError("invalid_request", f"the body must be {FORM}")
    if (request.content_length or 0) > LONGEST:
        raise _RefusedError("invalid_request", f"a request for a token has {LONGEST} bytes at most")
    form = await request.post()
    if any(len(form.getall(name)) > 1 for name in form):
        raise _RefusedError("invalid_request", "a parameter is given more than once")
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _credentials(request: web.Request, form: dict[str, str]) -> tuple[str, str]:
    """Return name and secret, from the header (client_secret_basic) or the form (client_secret_post)."""
    header = request.headers.get("Authorization", "")
    if header and "client_secret" in form:
        raise _RefusedError("invalid_request", "the client authenticates in two ways at once: use one")
    if header:
        scheme, _, encoded = header.partition(" ")
        try:
            name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            colon = ""
        if scheme.lower() != "basic" or not colon:
            raise _RefusedError(
                "invalid_client",
                "the Authorization header is no Basic credentials of a client",
                status=401,
                **{"WWW-Authenticate": 'Basic realm="mano"'},
            )
        return unquote_plus(name), unquote_plus(secret)
    if form.get("client_id") and form.get("client_secret"):
        return form["client_id"], form["client_secret"]
    raise _RefusedError(
        "invalid_client",
        "the client does not say who it is: send its name and secret as Basic credentials"
        " or as client_id and client_secret",
        status=401,
        **{"WWW-Authenticate": 'Basic realm="mano"'},
    )
