"""VNF package management (SOL005 clause 9): ``/vnfpkgm/v2`` and, in release 2.6.1, ``/vnfpkgm/v1``."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Call, Release, accepted, created, listing, ok
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Entry, OnboardingState
from nfvo.sol003.onboarded_packages import declare_onboarded
from nfvo.sol005.artifacts import serve_artifacts
from nfvo.sol005.catalogue_notifications import PkgmNotificationsFilter
from nfvo.sol005.contents import modify, serve_contents
from nfvo.sol005.external_artifacts import serve_external_access
from nfvo.sol005.package_releases import RELEASES
from nfvo.sol005.sources import UploadVnfPackageFromUriRequest, source_of
from nfvo.sol005.vnf_packages import CreateVnfPkgInfoRequest, VnfPkgInfo, VnfPkgInfoModifications, vnf_pkg_info

PACKAGE = "/vnf_packages/{vnfPkgId}"
OMITTED = ("softwareImages", "additionalArtifacts", "userDefinedData", "checksum", "onboardingFailureDetails")
"""What a plain list leaves out (SOL005 clause 9.4.2.3.2)."""


def vnfpkgm_apis(catalogue: Catalogue, notifications: Notifications | None = None) -> list[Api]:
    """Return the interface to the VNF packages of ``catalogue`` in every release.

    Without ``notifications`` nobody can subscribe.
    """
    return [_api(release, catalogue, notifications) for release in RELEASES]


def _api(release: Release, catalogue: Catalogue, notifications: Notifications | None) -> Api:
    api = Api("vnfpkgm", version=release.version, root=release.root)
    serve_contents(api, catalogue, "vnfd", release, entry=PACKAGE, content="package_content", descriptor="vnfd")

    async def shown(call: Call[Any], *entries: Entry) -> list[object]:
        usage = await catalogue.usage_states("vnfd", entries)
        infos = [
            vnf_pkg_info(
                entry,
                usage[entry.id],
                await catalogue.held("vnfd", entry) if entry.onboarding_state is OnboardingState.ONBOARDED else None,
                call.url(f"/vnf_packages/{entry.id}"),
            )
            for entry in entries
        ]
        return [release.shown(info) for info in infos]

    @api.post("/vnf_packages", body=CreateVnfPkgInfoRequest, answer=release.answer(VnfPkgInfo))
    async def create(call: Call[CreateVnfPkgInfoRequest]) -> web.StreamResponse:
        stored = await catalogue.create("vnfd", call.body.user_defined_data)
        (info,) = await shown(call, stored.document)
        return created(call, info, f"/vnf_packages/{stored.id}", etag=stored.etag)

    @api.collection("/vnf_packages", omitted=OMITTED, answer=release.answer(VnfPkgInfo))
    async def read_list(call: Call[None]) -> web.StreamResponse:
        page = await catalogue.page("vnfd", after=call.marker, limit=call.page_size)
        return listing(call, await shown(call, *(stored.document for stored in page.items)), next=page.next)

    @api.get(PACKAGE, answer=release.answer(VnfPkgInfo))
    async def read(call: Call[None]) -> web.StreamResponse:
        stored = await catalogue.get("vnfd", call.path["vnfPkgId"])
        (info,) = await shown(call, stored.document)
        return ok(call, info, etag=stored.etag)

    @api.patch(PACKAGE, body=VnfPkgInfoModifications, answer=VnfPkgInfoModifications)
    async def change(call: Call[VnfPkgInfoModifications]) -> web.StreamResponse:
        return await modify(
            call,
            catalogue,
            "vnfd",
            call.path["vnfPkgId"],
            operational_state=call.body.operational_state,
            user_defined_data=call.body.user_defined_data,
        )

    _serve_transfers(api, catalogue, release)
    declare_onboarded(api, catalogue, release)
    if notifications is not None:
        declare_subscriptions(api, notifications, release.body(PkgmNotificationsFilter))
    return api


def _serve_transfers(api: Api, catalogue: Catalogue, release: Release) -> None:
    """Declare how contents are fetched, and what is given out together."""

    @api.post(f"{PACKAGE}/package_content/upload_from_uri", body=release.body(UploadVnfPackageFromUriRequest))
    async def upload_from_uri(call: Call[Any]) -> web.StreamResponse:
        """Answer 202 at once; what becomes of the download is seen in the package."""
        await catalogue.fetch("vnfd", call.path["vnfPkgId"], source_of(call.body))
        return accepted(call)

    async def named(call: Call[None]) -> str:
        return call.path["vnfPkgId"]

    if "ext_artifacts_access" not in release.lacks:
        serve_external_access(api, catalogue, entry=PACKAGE)
    if "artifacts" not in release.lacks:
        serve_artifacts(api, catalogue, named, entry=PACKAGE)
