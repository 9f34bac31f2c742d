"""Entries of the catalogue over HTTP: created, listed, read and changed in the same way, whatever they describe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
from aiohttp import web

from descriptors.onboarding import Onboarded
from mano_runtime.rest import Api, Call, Release, created, listing, ok
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Entry, Kind, OnboardingState, OperationalState, UsageState
from nfvo.sol005.contents import modify, serve_contents

Constituents = Mapping[Kind, Mapping[str, str]]
"""The entries of the descriptors that an NSD names, by descriptor; of anything else, none."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """How an interface names and shows entries of one kind."""

    kind: Kind
    collection: str
    """Path below the root of the API."""
    variable: str
    """Name of the identifier in paths."""
    content: str
    """Last segment of the path of the content."""
    descriptor: str
    """Last segment of the path of the descriptor in the content."""
    single: bool = True
    """Whether one YAML file may stand for the archive."""
    asked: type
    """Request to create an entry; it has ``user_defined_data``."""
    answer: type
    changes: type
    """Request to modify an entry; it has ``user_defined_data``."""
    state: Callable[[Any], OperationalState | None] = lambda _: None
    """Operational state that such a request asks for."""
    omitted: Collection[str]
    """What a plain list leaves out."""
    info: Callable[[Entry, UsageState, Onboarded | None, Constituents, str], object]
    """Shows an entry, given its usage state, what its content holds once it is onboarded, and its absolute URL."""


def serve_entries(api: Api, catalogue: Catalogue, resource: Resource, release: Release) -> None:
    """Declare on ``api`` the entries of one kind, with their contents, in the words of ``release``."""
    kind, collection, answer = resource.kind, resource.collection, release.answer(resource.answer)
    one = f"{collection}/{{{resource.variable}}}"

    async def shown(call: Call[Any], *entries: Entry) -> list[object]:
        usage = await catalogue.usage_states(kind, entries)
        return [release.shown(await info(call, entry, usage[entry.id])) for entry in entries]

    async def info(call: Call[Any], entry: Entry, usage: UsageState) -> object:
        url = call.url(f"{collection}/{entry.id}")
        if entry.onboarding_state is not OnboardingState.ONBOARDED:
            return resource.info(entry, usage, None, {}, url)
        onboarded = await catalogue.held(kind, entry)
        named = await catalogue.constituents(onboarded.nsd) if onboarded.nsd else {}
        return resource.info(entry, usage, onboarded, named, url)

    @api.post(collection, body=resource.asked, answer=answer)
    async def create(call: Call[Any]) -> web.StreamResponse:
        stored = await catalogue.create(kind, call.body.user_defined_data)
        (made,) = await shown(call, stored.document)
        return created(call, made, f"{collection}/{stored.id}", etag=stored.etag)

    @api.collection(collection, omitted=resource.omitted, answer=answer)
    async def read_list(call: Call[None]) -> web.StreamResponse:
        page = await catalogue.page(kind, after=call.marker, limit=call.page_size)
        return listing(call, await shown(call, *(stored.document for stored in page.items)), next=page.next)

    @api.get(one, answer=answer)
    async def read(call: Call[None]) -> web.StreamResponse:
        stored = await catalogue.get(kind, call.path[resource.variable])
        (found,) = await shown(call, stored.document)
        return ok(call, found, etag=stored.etag)

    @api.patch(one, body=resource.changes, answer=resource.changes)
    async def change(call: Call[Any]) -> web.StreamResponse:
        return await modify(
            call,
            catalogue,
            kind,
            call.path[resource.variable],
            operational_state=resource.state(call.body),
            user_defined_data=call.body.user_defined_data,
        )

    serve_contents(
        api,
        catalogue,
        kind,
        release,
        entry=one,
        content=resource.content,
        descriptor=resource.descriptor,
        single=resource.single,
    )
