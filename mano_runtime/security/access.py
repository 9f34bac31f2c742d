"""Access control of one server, put together as its settings have it."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from mano_runtime.rest.gate import Gate, OpenGate
from mano_runtime.security.bearer import BearerGate
from mano_runtime.security.clients import Clients
from mano_runtime.security.issuer import Issuer, IssuerConfiguration
from mano_runtime.security.scopes import Roles
from mano_runtime.security.signing_keys import SigningKeys
from mano_runtime.security.token_endpoint import PATH, token_routes
from mano_runtime.security.tokens import EitherIssuer, OwnTokens
from mano_runtime.settings import Settings
from mano_runtime.storage import Database, Vault


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What the application needs, and the interface of its administrators."""

    gate: Gate
    routes: tuple[web.RouteDef, ...]
    clients: Clients
    keys: SigningKeys
    roles: Roles
    issuer: Issuer | None = None

    async def aclose(self) -> None:
        """Let go of every connection. Idempotent."""
        if self.issuer is not None:
            await self.issuer.aclose()


async def open_access(
    settings: Settings, database: Database, vault: Vault, *, roles: Roles, everywhere: frozenset[str] = frozenset()
) -> Access:
    """Open the access control that ``settings`` ask for; ``everywhere`` are the roles that see all tenants."""
    clients = Clients(database)
    keys = await SigningKeys.open(database, vault, age=settings.signing_key_age, lifetime=settings.token_lifetime)
    tokens = OwnTokens(keys, clients, roles=roles, everywhere=everywhere, lifetime=settings.token_lifetime)
    issuer = _issuer(settings, roles, everywhere)
    gate: Gate = OpenGate()
    if settings.access == "clients":
        how = f"get one at {PATH} (RFC 6749 4.4)"
        gate = BearerGate(tokens, how=how)
        if issuer is not None:
            gate = BearerGate(EitherIssuer(tokens, issuer), how=f"{how} or from {issuer.url}")
        clients.when_changed(gate.forget)
    return Access(
        gate=gate,
        routes=tuple(token_routes(clients, tokens, keys)),
        clients=clients,
        keys=keys,
        roles=roles,
        issuer=issuer,
    )


def _issuer(settings: Settings, roles: Roles, everywhere: frozenset[str]) -> Issuer | None:
    if not settings.oidc_issuer:
        return None
    configuration = IssuerConfiguration(
        url=settings.oidc_issuer,
        audience=settings.oidc_audience,
        roles_claim=settings.oidc_roles_claim,
        tenant_claim=settings.oidc_tenant_claim,
    )
    return Issuer(configuration, roles=roles, everywhere=everywhere)
