"""Tokens of somebody else's OpenID provider: found by discovery, verified with its keys, read as its claims have it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import ValidationError

from mano_runtime.security.clients import TenantName
from mano_runtime.security.principal import Principal
from mano_runtime.security.scopes import Roles, scopes_of
from mano_runtime.security.tokens import InvalidTokenError, IssuerUnreachableError, Verified, checked, decoded
from mano_runtime.tenancy import DEFAULT_TENANT, Party

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""By which an issuer may sign: only those whose keys it can publish."""
DISCOVERY = "/.well-known/openid-configuration"
LEEWAY_SECONDS = 30.0
"""How far the issuer's clock may be from ours."""
KEPT_SECONDS = 3600.0
"""How long keys are used before they are asked for again."""
PAUSE_SECONDS = 30.0
"""Unknown keys have the issuer asked again no more often than this: anybody can make a token that names one."""
LONGEST = 1 << 20
"""Bytes of an answer of the issuer."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_log = structlog.get_logger(__name__)


class IssuerConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator says of an OpenID provider."""

    url: str
    """Its issuer identifier; discovery is below it."""
    audience: str
    """What its tokens must be meant for."""
    roles_claim: str = "roles"
    """Claim with the names of roles; dots lead into objects."""
    tenant_claim: str = "mano_tenant"
    """Claim with the name of the tenant; dots lead into objects."""


class _Discovered(msgspec.Struct):
    issuer: str
    jwks_uri: str


class Issuer:
    """Verifies the tokens of one OpenID provider, which is asked for its keys when the first token comes."""

    def __init__(
        self,
        configuration: IssuerConfiguration,
        *,
        roles: Roles,
        everywhere: frozenset[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Trust the issuer for the roles of the table ``roles``; who has one of ``everywhere`` sees all tenants."""
        self._configuration = configuration
        self._roles = roles
        self._everywhere = everywhere
        self._clock = clock
        self._keys: KeySet | None = None
        self._asked_at = -PAUSE_SECONDS
        self._good_until = 0.0
        self._turn = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """The issuer identifier."""
        return self._configuration.url

    async def aclose(self) -> None:
        """Let go of every connection. Idempotent."""
        if self._session is not None:
            await self._session.close()

    async def verified(self, token: str) -> Verified:
        """Return what a token of the issuer proves.

        Raises:
            InvalidTokenError: nothing.
            IssuerUnreachableError: its keys cannot be had now.
        """
        claims = decoded(token, await self._keys_for(_kid(token)), algorithms=ALGORITHMS)
        checked(claims, issuer=self._configuration.url, audience=self._configuration.audience, leeway=LEEWAY_SECONDS)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise InvalidTokenError("it does not say its sub")
        roles = [role for role in _texts(_claim(claims, self._configuration.roles_claim)) if role in self._roles]
        granted = scopes_of(roles, self._roles) | frozenset(_texts(claims.get("scope")))
        return Verified(
            principal=Principal(
                subject=f"{subject}@{urlsplit(self._configuration.url).hostname}",
                scopes=granted,
                party=Party(tenant=self._tenant(claims), everywhere=bool(self._everywhere & set(roles))),
            ),
            until=float(claims["exp"]),
        )

    def _tenant(self, claims: dict[str, Any]) -> str:
        told = _claim(claims, self._configuration.tenant_claim)
        try:
            return msgspec.convert(DEFAULT_TENANT if told is None else told, TenantName)
        except ValidationError as error:
            raise InvalidTokenError(f"its {self._configuration.tenant_claim} is no name of a tenant") from error

    async def _keys_for(self, kid: str | None) -> KeySet:
        """Return the issuer's keys, asked for again where ``kid`` is none of them."""
        keys = self._fresh(kid)
        if keys is not None:
            return keys
        async with self._turn:  # however many come with a new key, one asks
            keys = self._fresh(kid)
            if keys is not None:
                return keys
            self._asked_at = self._clock()
            try:
                self._keys = await self._fetched()
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, JoseError) as error:
                _log.warning("the keys of the token issuer cannot be had", issuer=self.url, why=str(error))
                if self._keys is None:
                    self._asked_at = -PAUSE_SECONDS
                    raise IssuerUnreachableError(f"the keys of {self.url} cannot be had: {error}") from error
            else:
                self._good_until = self._clock() + KEPT_SECONDS
            return self._keys

    def _fresh(self, kid: str | None) -> KeySet | None:
        """Return the keys that are known, unless it is time and worthwhile to ask for others."""
        if self._keys is None or (self._clock() - self._asked_at >= PAUSE_SECONDS and self._wanting(kid, self._keys)):
            return None
        return self._keys

    def _wanting(self, kid: str | None, keys: KeySet) -> bool:
        return self._clock() >= self._good_until or (kid is not None and all(key.kid != kid for key in keys.keys))

    async def _fetched(self) -> KeySet:
        found = msgspec.json.decode(await self._got(self.url.rstrip("/") + DISCOVERY), type=_Discovered)
        if found.issuer != self.url:
            raise ValueError(f"it calls itself {found.issuer!r}, which oidc_issuer must be, to the letter")
        return KeySet.import_key_set(msgspec.json.decode(await self._got(found.jwks_uri)))

    async def _got(self, url: str) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        async with self._session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:  # noqa: PLR2004  as OpenID Connect Discovery 4.2 has it
                raise ValueError(f"GET {url} answers {answer.status}")
            body = await answer.content.read(LONGEST)
            while len(body) < LONGEST and (more := await answer.content.read(LONGEST - len(body))):
                body += more
            return body


def _kid(token: str) -> str | None:
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError) as error:
        raise InvalidTokenError("it is no JSON Web Token") from error
    return kid if isinstance(kid, str) else None


def _claim(claims: dict[str, Any], path: str) -> Any:
    """Return the claim at ``realm_access.roles``, or of that very name."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> list[str]:
    """Return the words of a claim: a list of texts, or one text with spaces between them."""
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
