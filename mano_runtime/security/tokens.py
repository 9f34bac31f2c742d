"""Our own tokens: JSON Web Tokens (RFC 7519, RFC 9068), signed with ES256, good for some minutes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError

from mano_runtime.clock import now
from mano_runtime.identifiers import new_id
from mano_runtime.security.clients import Client, Clients
from mano_runtime.security.principal import Principal
from mano_runtime.security.scopes import Roles, narrowed, scopes_of
from mano_runtime.security.signing_keys import ALGORITHM, SigningKeys
from mano_runtime.tenancy import Party

ISSUER = "mano"
AUDIENCE = "mano"
EVERYWHERE = "mano_everywhere"
"""Claim of those who administer the installation."""
SINCE = "mano_since"
"""Claim that names the secret it was got with, by the moment from which that is valid."""
TENANT = "mano_tenant"
"""Claim that names the tenant."""


class InvalidTokenError(Exception):
    """The token proves nothing; the message says why, and nothing secret."""


class IssuerUnreachableError(Exception):
    """Whether the token proves anything cannot be known now: who issued it gives no keys."""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What a token proves."""

    principal: Principal
    until: float
    """Seconds since 1970: from then on it proves nothing."""


class Verifier(Protocol):
    """Verifies tokens of one issuer."""

    async def verified(self, token: str) -> Verified:
        """Return what the token proves; InvalidTokenError when that is nothing."""


class EitherIssuer:
    """Verifies our own tokens, and those of another issuer."""

    def __init__(self, own: OwnTokens, other: Verifier) -> None:
        self._own = own
        self._other = other

    async def verified(self, token: str) -> Verified:
        """Have the token verified by whom it says to be of."""
        return await (self._own if claimed_issuer(token) == ISSUER else self._other).verified(token)


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was made, as its client gets it (RFC 6749 5.1)."""

    access_token: str
    scope: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  the kind of token, not one

    def __repr__(self) -> str:
        return "Issued(***)"


class ScopeError(ValueError):
    """What is asked for is not the client's to have."""


class OwnTokens:
    """Issues tokens to our clients and verifies them; a token ends with its client, and with the client's secret."""

    def __init__(
        self, keys: SigningKeys, clients: Clients, *, roles: Roles, everywhere: frozenset[str], lifetime: int
    ) -> None:
        """Issue tokens for ``lifetime`` seconds; who has one of the roles ``everywhere`` sees all tenants."""
        self._keys = keys
        self._clients = clients
        self._roles = roles
        self._everywhere = everywhere
        self._lifetime = lifetime

    async def issue(self, client: Client, wanted: Iterable[str] = ()) -> Issued:
        """Return a token with the scopes ``wanted``, or all that the client's roles have.

        Raises:
            ScopeError: the client has not all of the scopes that are wanted.
        """
        mine = scopes_of((role for role in client.roles if role in self._roles), self._roles)
        asked = frozenset(wanted)
        scopes = narrowed(mine, asked) if asked else mine
        if asked - scopes:
            raise ScopeError(f"the client has not {' '.join(sorted(asked - scopes))}")
        moment = int(now().timestamp())
        scope = " ".join(sorted(scopes))
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": client.id,
            "client_id": client.id,
            "iat": moment,
            "exp": moment + self._lifetime,
            "jti": new_id(),
            "scope": scope,
            TENANT: client.tenant,
            SINCE: client.valid_from,
        }
        if self._everywhere & set(client.roles):
            claims[EVERYWHERE] = True
        key = await self._keys.current()
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}
        return Issued(access_token=jwt.encode(header, claims, key), scope=scope, expires_in=self._lifetime)

    async def verified(self, token: str) -> Verified:
        """Return what one of our tokens proves; InvalidTokenError when that is nothing."""
        claims = decoded(token, self._keys.verifying, algorithms=[ALGORITHM])
        checked(claims, issuer=ISSUER, audience=AUDIENCE)
        client = await self._clients.get(str(claims.get("sub")))
        if client is None or claims.get(SINCE) != client.valid_from:
            raise InvalidTokenError("its client is gone or has another secret by now")
        return Verified(
            principal=Principal(
                subject=client.id,
                scopes=frozenset(str(claims.get("scope", "")).split()),
                party=Party(tenant=client.tenant, everywhere=claims.get(EVERYWHERE) is True),
            ),
            until=float(claims["exp"]),
        )


def claimed_issuer(token: str) -> str:
    """Return who issued a token by its own word, which proves nothing yet."""
    try:
        claims = msgspec.json.decode(jws.extract_compact(token.encode()).payload, type=dict[str, Any])
    except (JoseError, ValueError, msgspec.MsgspecError) as error:
        raise InvalidTokenError("it is no JSON Web Token") from error
    return str(claims.get("iss"))


def decoded(token: str, keys: Any, *, algorithms: list[str]) -> dict[str, Any]:
    """Return the claims of a token that one of the keys signed.

    Raises:
        InvalidTokenError: none did, or it is no token.
    """
    try:
        return dict(jwt.decode(token, keys, algorithms=algorithms).claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidTokenError("it is not a token that was signed by whom we trust") from error


def checked(claims: dict[str, Any], *, issuer: str, audience: str, leeway: float = 0.0) -> None:
    """Refuse claims of another issuer, for another audience, or of another time than now.

    Raises:
        InvalidTokenError: saying which.
    """
    moment = datetime.now(UTC).timestamp()
    if claims.get("iss") != issuer:
        raise InvalidTokenError(f"its issuer is not {issuer}")
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise InvalidTokenError(f"it is not meant for {audience}")
    for claim in ("exp", "iat", *(["nbf"] if "nbf" in claims else [])):
        if isinstance(claims.get(claim), bool) or not isinstance(claims.get(claim), int | float):
            raise InvalidTokenError(f"it does not say its {claim}")
    if claims["exp"] + leeway <= moment:
        raise InvalidTokenError("it has expired: get another one")
    if claims.get("nbf", 0) - leeway > moment:
        raise InvalidTokenError("it is not good yet")
