"""VIM connections as an operator registers, checks and removes them.

Secrets go in and never come out: their values are masked wherever a connection is shown.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from mano_runtime.rest import Api, Call, ProblemError, created, listing, no_content, ok
from mano_runtime.security.clients import TenantName
from mano_runtime.tenancy import SHARED_TENANT
from nfvo.inventory.vim_connections import RegisteredVim, VimConnections
from vim_adapters.connection import VimConnection
from vim_adapters.contract import Observation, VimAdapter, ZoneCapacity
from vim_adapters.errors import MisconfiguredError, UnsupportedError, VimError, slug
from vim_adapters.redaction import Redaction
from vim_adapters.registry import UnknownVimTypeError, VimRegistry
from vnfm.sol003.general import Link

MASK = "***"
Name = Annotated[str, Meta(min_length=1, max_length=255)]


class _View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Camel case on the wire, absent attributes left out."""


class CreateVimConnectionRequest(_View, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for a VIM connection; the attributes of VimConnectionInfo (SOL003 clause 4.4.1.6), and a name for people.

    One of ``vimId`` and ``name`` stands for the other where that is not given.
    """

    name: Name | None = None
    vim_id: Name | None = None
    vim_type: str
    interface_info: dict[str, str] = {}
    access_info: dict[str, str] = {}
    extra: dict[str, Any] = {}
    tenant: TenantName = SHARED_TENANT
    """Who may use it: one tenant, or all."""


class VimConnectionLinks(_View, frozen=True, kw_only=True):
    """Where more is."""

    self: Link
    check: Link
    resources: Link


class VimConnectionView(_View, frozen=True, kw_only=True):
    """A VIM connection as it is shown."""

    id: str
    name: str
    vim_id: str
    vim_type: str
    interface_info: dict[str, str] = {}
    access_info: dict[str, str] = {}
    """Secrets masked."""
    extra: dict[str, Any] = {}
    tenant: str | None = None
    created_at: str
    links: VimConnectionLinks = msgspec.field(name="_links")


class VimCheck(_View, frozen=True, kw_only=True):
    """What came of trying a VIM connection."""

    accessible: bool
    endpoint: str = ""
    version: str = ""
    zones: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """The kinds of resources that can be made there."""
    features: tuple[str, ...] = ()
    """What else works of that in which VIMs differ, by the names of the VIM contract."""
    findings: tuple[str, ...] = ()
    """What is missing, or works less well than it could."""
    capacity: tuple[ZoneCapacity, ...] = ()
    error: dict[str, Any] | None = None
    """Problem details; only when it is not accessible."""


class OwnedResource(_View, frozen=True, kw_only=True):
    """Something on a VIM that carries our owner tag."""

    kind: str
    id: str
    path: str
    """Whose it is and which: scope and path in the plan that made it."""
    state: str
    created_at: str = ""
    fault: str = ""
    attributes: dict[str, Any] = {}


def declare_vim_connections(api: Api, connections: VimConnections, registry: VimRegistry, owner: str) -> None:
    """Declare the VIM connections on ``api``; ``owner`` is the tag that our resources carry."""
    one = "/vim_connections/{vimConnectionId}"

    async def found(call: Call[None]) -> RegisteredVim:
        return await connections.get(call.path["vimConnectionId"])

    @api.post("/vim_connections", body=CreateVimConnectionRequest, answer=VimConnectionView)
    async def create(call: Call[CreateVimConnectionRequest]) -> web.StreamResponse:
        vim = await _registered(connections, call.body)
        return created(call, _shown(call, vim), f"/vim_connections/{vim.id}")

    @api.collection("/vim_connections", answer=VimConnectionView)
    async def read_list(call: Call[None]) -> web.StreamResponse:
        page = await connections.page(after=call.marker, limit=call.page_size)
        return listing(call, [_shown(call, stored.document) for stored in page.items], next=page.next)

    @api.get(one, answer=VimConnectionView)
    async def read(call: Call[None]) -> web.StreamResponse:
        return ok(call, _shown(call, await found(call)))

    @api.delete(one)
    async def delete(call: Call[None]) -> web.StreamResponse:
        await connections.remove(call.path["vimConnectionId"])
        return no_content(call)

    @api.post(f"{one}/check", answer=VimCheck, status=200)
    async def check(call: Call[None]) -> web.StreamResponse:
        """Try endpoint and credentials; what is wrong with them is the answer, not an error of this request."""
        return ok(call, await _checked(registry.adapter((await found(call)).id)))

    @api.collection(f"{one}/resources", answer=OwnedResource)
    async def read_resources(call: Call[None]) -> web.StreamResponse:
        """List what is ours on the VIM, as the VIM reports it now: of instances that the client may see."""
        adapter = registry.adapter((await found(call)).id)
        try:
            owned = await adapter.list_owned(owner)
        except VimError as error:
            raise vim_problem(error) from error
        if not call.principal.party.everywhere:
            seen = await connections.seen({_instance(observation) for observation in owned})
            owned = tuple(observation for observation in owned if _instance(observation) in seen)
        return listing(call, [owned_resource(observation) for observation in owned])


async def _checked(adapter: VimAdapter) -> VimCheck:
    try:
        report = await adapter.check_access()
        try:
            capacity = await adapter.capacity()
        except UnsupportedError:
            capacity = ()
    except VimError as error:
        return VimCheck(accessible=False, error=vim_problem(error).details())
    return VimCheck(
        accessible=True,
        endpoint=report.endpoint,
        version=report.version,
        zones=report.zones,
        kinds=tuple(sorted(adapter.capabilities.kinds)),
        features=tuple(sorted(adapter.capabilities.features)),
        findings=report.findings,
        capacity=capacity,
    )


async def _registered(connections: VimConnections, wanted: CreateVimConnectionRequest) -> RegisteredVim:
    name = wanted.name or wanted.vim_id
    if name is None:
        raise ProblemError(
            400,
            "Invalid request body",
            "$: give name, vimId or both",
            type="urn:mano:problem:invalid-body",
            attribute="$.name",
        )
    connection = VimConnection(
        id="",  # given when it is added
        vim_id=wanted.vim_id or name,
        vim_type=wanted.vim_type,
        interface_info=wanted.interface_info,
        access_info=wanted.access_info,
        extra=wanted.extra,
        tenant=wanted.tenant,
    )
    try:
        return await connections.add(name, connection)
    except UnknownVimTypeError as error:
        raise ProblemError(
            422,
            "Unknown VIM type",
            f"$.vimType: {error}",
            type="urn:mano:problem:unknown-vim-type",
            attribute="$.vimType",
            known=list(error.known),
        ) from error
    except MisconfiguredError as error:
        raise ProblemError(
            422, error.title, error.message, type="urn:mano:problem:vim-misconfigured", vimMessage=error.vim_message
        ) from error


def _shown(call: Call[Any], vim: RegisteredVim) -> VimConnectionView:
    connection, url = vim.connection, call.url(f"/vim_connections/{vim.id}")
    secrets, redaction = set(connection.secrets), Redaction(connection.secrets)
    return VimConnectionView(
        id=vim.id,
        name=vim.name,
        vim_id=connection.vim_id,
        vim_type=connection.vim_type,
        interface_info={key: redaction.text(value) for key, value in connection.interface_info.items()},
        access_info={key: MASK if value in secrets else value for key, value in connection.access_info.items()},
        extra=connection.extra,
        tenant=connection.tenant,
        created_at=vim.created_at,
        links=VimConnectionLinks(
            self=Link(href=url),
            check=Link(href=f"{url}/check"),
            resources=Link(href=f"{url}/resources"),
        ),
    )


def _instance(observation: Observation) -> str:
    """Return the instance that something is of: its path is ``vnf/<instance>/...`` or ``ns/<instance>/...``."""
    path = observation.identity.path if observation.identity else ""
    return [*path.split("/", 2), "", ""][1]


def owned_resource(observation: Observation) -> OwnedResource:
    """Return what is shown of something on a VIM."""
    return OwnedResource(
        kind=observation.handle.kind.value,
        id=observation.handle.id,
        path=observation.identity.path if observation.identity else "",
        state=observation.state.value,
        created_at=observation.created_at,
        fault=observation.fault,
        attributes=observation.attributes,
    )


def vim_problem(error: VimError) -> ProblemError:
    """Return what a client is told of a VIM's refusal (502: the fault is behind us)."""
    return ProblemError(
        502, error.title, error.message, type=f"urn:mano:problem:vim-{slug(error)}", vimMessage=error.vim_message
    )
