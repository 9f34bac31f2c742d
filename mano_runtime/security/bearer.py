"""Stands before every route: who shows no token gets 401, whose token has not the scope gets 403 (RFC 6750)."""

from __future__ import annotations

import hashlib
import time

from aiohttp import web

from mano_runtime.metrics import ACCESS_REFUSALS
from mano_runtime.rest.gate import PRINCIPAL
from mano_runtime.rest.problems import ProblemError
from mano_runtime.security.principal import Principal
from mano_runtime.security.tokens import InvalidTokenError, IssuerUnreachableError, Verified, Verifier

REALM = "mano"
REMEMBERED = 4096
"""Tokens whose proof is remembered: verifying a signature takes far longer than looking one up."""


class BearerGate:
    """Lets in who shows a token that is good for what they want. What a token proves is remembered by its digest."""

    def __init__(self, verifier: Verifier, *, how: str) -> None:
        """Trust what ``verifier`` says; ``how`` tells a client without a token where to get one."""
        self._verifier = verifier
        self._how = how
        self._known: dict[bytes, Verified] = {}

    def forget(self) -> None:
        """Verify every token anew: some may be no longer good."""
        self._known.clear()

    async def admit(self, request: web.Request, needed: str) -> Principal:
        """Return who asks; ProblemError 401 when that is unknown, 403 when the scope ``needed`` is not theirs."""
        principal = await self._authenticated(request)
        request[PRINCIPAL] = principal  # the audit log tells of those, too, who are sent away
        if not principal.allows(needed):
            ACCESS_REFUSALS.labels("scope").inc()
            raise ProblemError(
                403,
                "Not allowed",
                f"{principal.subject} has not the scope {needed} that {request.method} {request.path} needs:"
                " ask an administrator for a role that has it",
                type="urn:mano:problem:insufficient-scope",
                headers={"WWW-Authenticate": f'Bearer realm="{REALM}", error="insufficient_scope", scope="{needed}"'},
                neededScope=needed,
            )
        return principal

    async def _authenticated(self, request: web.Request) -> Principal:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            ACCESS_REFUSALS.labels("no token").inc()
            raise _unauthorized(f"the request has no bearer token in its Authorization header: {self._how}", "")
        digest = hashlib.sha256(token.strip().encode(errors="surrogateescape")).digest()
        known = self._known.get(digest)
        if known is None or known.until <= time.time():
            self._known.pop(digest, None)
            try:
                known = await self._verifier.verified(token.strip())
            except InvalidTokenError as error:
                ACCESS_REFUSALS.labels("invalid token").inc()
                raise _unauthorized(f"the bearer token is refused: {error}", str(error)) from error
            except IssuerUnreachableError as error:
                ACCESS_REFUSALS.labels("issuer").inc()
                raise ProblemError(
                    503,
                    "The issuer of the token does not answer",
                    f"{error}: try again",
                    type="urn:mano:problem:issuer-unreachable",
                    headers={"Retry-After": "5"},
                ) from error
            self._remember(digest, known)
        return known.principal

    def _remember(self, digest: bytes, known: Verified) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[digest] = known


def _unauthorized(detail: str, why: str) -> ProblemError:
    challenge = f'Bearer realm="{REALM}"'
    if why:
        challenge += f', error="invalid_token", error_description="{why}"'
    return ProblemError(
        401,
        "Who are you?",
        detail,
        type="urn:mano:problem:unauthorized",
        headers={"WWW-Authenticate": challenge},
    )
