"""The clients of a stand-alone installation over REST, for its administrators."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError, created, listing, no_content, ok
from mano_runtime.security.clients import Client, ClientExistsError, ClientId, Clients, TenantName, UnknownClientError
from mano_runtime.security.scopes import Roles, UnknownRoleError, scopes_of
from mano_runtime.security.signing_keys import SigningKeys
from mano_runtime.tenancy import DEFAULT_TENANT


class CreateClientRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for a client; the server makes its secret."""

    id: ClientId
    roles: tuple[str, ...]
    tenant: TenantName = DEFAULT_TENANT


class ClientView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A client as it is shown."""

    id: str
    roles: tuple[str, ...]
    tenant: str
    created_at: str
    secret: str = ""
    """Only in the answer to the request that made it."""

    def __repr__(self) -> str:
        return f"ClientView({self.id!r})"


class SigningKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key that tokens are signed with, by name."""

    id: str


def declare_clients(api: Api, clients: Clients, roles: Roles) -> None:
    """Declare the clients on ``api``."""
    one = "/clients/{clientId}"

    @api.post("/clients", body=CreateClientRequest, answer=ClientView)
    async def create(call: Call[CreateClientRequest]) -> web.StreamResponse:
        wanted = call.body
        _check_roles(wanted.roles, roles)
        try:
            client, secret = await clients.create(wanted.id, roles=wanted.roles, tenant=wanted.tenant)
        except ClientExistsError as error:
            raise ProblemError(
                409,
                "Name taken",
                f"$.id: there is a client {wanted.id!r} already: choose another name, or rotate its secret",
                type="urn:mano:problem:client-exists",
                attribute="$.id",
            ) from error
        return created(call, view(client, secret), f"/clients/{client.id}")

    @api.collection("/clients", answer=ClientView)
    async def read_list(call: Call[None]) -> web.StreamResponse:
        page = await clients.page(after=call.marker, limit=call.page_size)
        return listing(call, [view(stored.document) for stored in page.items], next=page.next)

    @api.get(one, answer=ClientView)
    async def read(call: Call[None]) -> web.StreamResponse:
        client = await clients.get(call.path["clientId"])
        if client is None:
            raise _unknown(call)
        return ok(call, view(client))

    @api.delete(one)
    async def delete(call: Call[None]) -> web.StreamResponse:
        try:
            await clients.delete(call.path["clientId"])
        except UnknownClientError as error:
            raise _unknown(call) from error
        return no_content(call)

    @api.post(f"{one}/rotate", answer=ClientView, status=200)
    async def rotate(call: Call[None]) -> web.StreamResponse:
        """Give the client another secret; the one before and its tokens end at once."""
        try:
            client, secret = await clients.rotate(call.path["clientId"])
        except UnknownClientError as error:
            raise _unknown(call) from error
        return ok(call, view(client, secret))


def declare_signing_keys(api: Api, keys: SigningKeys) -> None:
    """Declare the renewal of the key that tokens are signed with on ``api``."""

    @api.post("/signing_keys", answer=SigningKeyView, status=200)
    async def renew(call: Call[None]) -> web.StreamResponse:
        """Sign tokens with a new key from now on; those that were signed with the one before stay good."""
        return ok(call, SigningKeyView(id=await keys.rotate()))


def _check_roles(wanted: tuple[str, ...], roles: Roles) -> None:
    try:
        scopes_of(wanted, roles)
        if not wanted:
            raise UnknownRoleError(f"a client needs one role at least, of {', '.join(roles)}")  # noqa: TRY301  one answer
    except UnknownRoleError as error:
        raise ProblemError(
            422,
            "Unknown role",
            f"$.roles: {error}",
            type="urn:mano:problem:unknown-role",
            attribute="$.roles",
            known=list(roles),
        ) from error


def view(client: Client, secret: str = "") -> ClientView:
    """Return a client as it is shown; ``secret`` to whoever just made it."""
    return ClientView(
        id=client.id, roles=client.roles, tenant=client.tenant, created_at=client.created_at, secret=secret
    )


def _unknown(call: Call[Any]) -> ProblemError:
    return ProblemError(
        404, "Not found", f"there is no client {call.path['clientId']!r}", type="urn:mano:problem:unknown-client"
    )
