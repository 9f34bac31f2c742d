"""NSD management (SOL005 clause 5): ``/nsd/v2``.

PNF descriptors are not served yet.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Call, Release, created, listing, ok
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Entry, OnboardingState, UsageState
from nfvo.sol005.catalogue_notifications import NsdmNotificationsFilter
from nfvo.sol005.contents import modify, serve_contents
from nfvo.sol005.ns_descriptors import CreateNsdInfoRequest, NsdInfo, NsdInfoModifications, nsd_info

RELEASE = Release(version="2.3.0", root="/nsd/v2")
DESCRIPTOR = "/ns_descriptors/{nsdInfoId}"
OMITTED = ("userDefinedData", "onboardingFailureDetails")
"""What a plain list leaves out (SOL005 clause 5.4.2.3.2)."""


def nsd_api(catalogue: Catalogue, notifications: Notifications | None = None) -> Api:
    """Return the interface to the NS descriptors of ``catalogue``; without ``notifications`` nobody can subscribe."""
    api = Api("nsd", version=RELEASE.version, root=RELEASE.root)
    serve_contents(api, catalogue, "nsd", RELEASE, entry=DESCRIPTOR, content="nsd_content", descriptor="nsd")

    async def shown(call: Call[Any], *entries: Entry) -> list[NsdInfo]:
        usage = await catalogue.usage_states("nsd", entries)
        return [await one(call, entry, usage[entry.id]) for entry in entries]

    async def one(call: Call[Any], entry: Entry, usage: UsageState) -> NsdInfo:
        url = call.url(f"/ns_descriptors/{entry.id}")
        if entry.onboarding_state is not OnboardingState.ONBOARDED:
            return nsd_info(entry, usage, None, {}, url)
        onboarded = await catalogue.held("nsd", entry)
        named = await catalogue.constituents(onboarded.nsd) if onboarded.nsd else {}
        return nsd_info(entry, usage, onboarded, named, url)

    @api.post("/ns_descriptors", body=CreateNsdInfoRequest, answer=NsdInfo)
    async def create(call: Call[CreateNsdInfoRequest]) -> web.StreamResponse:
        stored = await catalogue.create("nsd", call.body.user_defined_data)
        (info,) = await shown(call, stored.document)
        return created(call, info, f"/ns_descriptors/{stored.id}", etag=stored.etag)

    @api.collection("/ns_descriptors", omitted=OMITTED, answer=NsdInfo)
    async def read_list(call: Call[None]) -> web.StreamResponse:
        page = await catalogue.page("nsd", after=call.marker, limit=call.page_size)
        return listing(call, await shown(call, *(stored.document for stored in page.items)), next=page.next)

    @api.get(DESCRIPTOR, answer=NsdInfo)
    async def read(call: Call[None]) -> web.StreamResponse:
        stored = await catalogue.get("nsd", call.path["nsdInfoId"])
        (info,) = await shown(call, stored.document)
        return ok(call, info, etag=stored.etag)

    @api.patch(DESCRIPTOR, body=NsdInfoModifications, answer=NsdInfoModifications)
    async def change(call: Call[NsdInfoModifications]) -> web.StreamResponse:
        return await modify(
            call,
            catalogue,
            "nsd",
            call.path["nsdInfoId"],
            operational_state=call.body.nsd_operational_state,
            user_defined_data=call.body.user_defined_data,
        )

    if notifications is not None:
        declare_subscriptions(api, notifications, NsdmNotificationsFilter)
    return api
