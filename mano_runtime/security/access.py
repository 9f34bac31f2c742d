"""Access control of one server, put together as its settings have it."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from mano_runtime.rest.gate import Gate, OpenGate
from mano_runtime.security.bearer import BearerGate
from mano_runtime.security.clients import Clients
from mano_runtime.security.scopes import Roles
from mano_runtime.security.signing_keys import SigningKeys
from mano_runtime.security.token_endpoint import PATH, token_routes
from mano_runtime.security.tokens import OwnTokens
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


async def open_access(
    settings: Settings, database: Database, vault: Vault, *, roles: Roles, everywhere: frozenset[str] = frozenset()
) -> Access:
    """Open the access control that ``settings`` ask for; ``everywhere`` are the roles that see all tenants."""
    clients = Clients(database)
    keys = await SigningKeys.open(database, vault, age=settings.signing_key_age, lifetime=settings.token_lifetime)
    tokens = OwnTokens(keys, clients, roles=roles, everywhere=everywhere, lifetime=settings.token_lifetime)
    gate: Gate = OpenGate()
    if settings.access == "clients":
        gate = BearerGate(tokens, how=f"get one at {PATH} (RFC 6749 4.4)")
        clients.when_changed(gate.forget)
    return Access(gate=gate, routes=tuple(token_routes(clients, tokens, keys)), clients=clients, keys=keys, roles=roles)
