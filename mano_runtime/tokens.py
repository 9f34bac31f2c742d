"""Access tokens by the client credentials grant of OAuth 2.0 (RFC 6749 4.4), fetched when needed, kept while good."""

from __future__ import annotations

import base64
import time
from typing import Any

import aiohttp
import msgspec

_TOLD = 300
"""Characters of a refusal that are passed on to whoever looks for its cause."""
_SPARE_SECONDS = 10.0
"""A token is not used so shortly before its end: it might end on the way."""
_TOKEN_SECONDS = 60.0
"""How long a token is used whose end was not told."""


class ClientCredentials(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What the client credentials grant of OAuth 2.0 needs (RFC 6749 4.4)."""

    client_id: str
    client_password: str
    token_endpoint: str

    def __repr__(self) -> str:
        """Say nothing: logs and tracebacks show it."""
        return "ClientCredentials(***)"


class TokenError(Exception):
    """No token was given; the message says why, without anything secret."""


class _Token(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    until: float
    """By the monotonic clock."""

    def __repr__(self) -> str:
        return "_Token(***)"


class _TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    expires_in: float | None = None


class Tokens:
    """The tokens of whoever uses ``session``."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._tokens: dict[ClientCredentials, _Token] = {}

    async def get(self, credentials: ClientCredentials) -> str:
        """Return a token that is still good; two that ask at once may both fetch one.

        Raises:
            TokenError: the token endpoint gives none. What the connection raises is left as it is.
        """
        known = self._tokens.get(credentials)
        if known is None or known.until <= time.monotonic():
            known = self._tokens[credentials] = await self._fetched(credentials)
        return known.text

    def forget(self, credentials: ClientCredentials) -> bool:
        """Fetch another token the next time; False when none was used."""
        return self._tokens.pop(credentials, None) is not None

    async def _fetched(self, credentials: ClientCredentials) -> _Token:
        proof = aiohttp.encode_basic_auth(credentials.client_id, credentials.client_password, "utf-8")
        async with self._session.post(
            credentials.token_endpoint,
            data={"grant_type": "client_credentials"},
            headers={"Authorization": proof},
            allow_redirects=False,
        ) as answer:
            if answer.status != 200:  # noqa: PLR2004  as RFC 6749 5.1 has it
                raise TokenError(f"the token endpoint answers {answer.status}: {await beginning(answer)}")
            try:
                token = msgspec.json.decode(await answer.read(), type=_TokenAnswer)
            except msgspec.MsgspecError as error:
                raise TokenError("the token endpoint does not answer with a token (RFC 6749 5.1)") from error
        seconds = _TOKEN_SECONDS if token.expires_in is None else token.expires_in
        return _Token(text=token.access_token, until=time.monotonic() + seconds - _SPARE_SECONDS)


async def beginning(answer: aiohttp.ClientResponse) -> str:
    """Return the first words of an answer's body, for people; what we had shown to prove who we are is struck out."""
    shown = _shown(answer.request_info.headers.get("Authorization", ""))
    content: Any = await answer.content.read(_TOLD + max(map(len, shown), default=0))  # none is cut in two
    text = content.decode(errors="replace")
    for secret in shown:
        text = text.replace(secret, "***")
    return text[:_TOLD].strip() or "nothing more"


def _shown(authorization: str) -> list[str]:
    """Return the secrets in the header of a request, longest first: servers that are asked may repeat them."""
    scheme, _, proof = authorization.partition(" ")
    secrets = {proof}
    if scheme.lower() == "basic":
        _, _, password = base64.b64decode(proof).decode(errors="replace").partition(":")
        secrets.add(password)
    return sorted(secrets - {""}, key=len, reverse=True)
