"""Onboarded VNF packages by their VNFD, as VNFMs read them (SOL003 clause 10): ``/vnfpkgm/*/onboarded_vnf_packages``.

Packages that await their content have no VNFD yet and are not to be seen here.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web

from mano_runtime.rest import Api, Call, Release, listing, ok
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Entry, OnboardingState
from nfvo.catalogue.refusals import unknown
from nfvo.sol005.artifacts import serve_artifacts
from nfvo.sol005.files import serve_files
from nfvo.sol005.vnf_packages import VNF_PACKAGES, VnfPkgInfo, vnf_pkg_info

COLLECTION = "/onboarded_vnf_packages"
PACKAGE = "/onboarded_vnf_packages/{vnfdId}"


def declare_onboarded(api: Api, catalogue: Catalogue, release: Release) -> None:
    """Declare on ``api`` the packages of ``catalogue`` that are onboarded, with all that can be read of them."""

    async def entry_of(call: Call[None]) -> Entry:
        vnfd_id = call.path["vnfdId"]
        try:
            return await catalogue.entry_of("vnfd", vnfd_id)
        except KeyError as error:
            raise unknown("vnfd", vnfd_id) from error

    async def entry_id(call: Call[None]) -> str:
        return (await entry_of(call)).id

    async def shown(call: Call[Any], *entries: Entry) -> list[Any]:
        usage = await catalogue.usage_states("vnfd", entries)
        infos = [
            vnf_pkg_info(
                entry,
                usage[entry.id],
                await catalogue.held("vnfd", entry),
                call.url(f"{COLLECTION}/{quote(entry.descriptor_id, safe='')}"),
            )
            for entry in entries
        ]
        return [_for_vnfms(release.shown(info)) for info in infos]

    @api.collection(COLLECTION, omitted=VNF_PACKAGES.omitted, answer=release.answer(VnfPkgInfo))
    async def read_list(call: Call[None]) -> web.StreamResponse:
        page = await catalogue.page("vnfd", after=call.marker, limit=call.page_size)
        entries = [stored.document for stored in page.items]
        onboarded = [entry for entry in entries if entry.onboarding_state is OnboardingState.ONBOARDED]
        return listing(call, await shown(call, *onboarded), next=page.next)

    @api.get(PACKAGE, answer=release.answer(VnfPkgInfo))
    async def read(call: Call[None]) -> web.StreamResponse:
        (info,) = await shown(call, await entry_of(call))
        return ok(call, info)

    serve_files(api, catalogue, "vnfd", entry_id, release, entry=PACKAGE, content="package_content", descriptor="vnfd")
    if "artifacts" not in release.lacks:
        serve_artifacts(api, catalogue, entry_id, entry=PACKAGE)


def _for_vnfms(info: object) -> Any:
    """Return the information as SOL003 has it, where SOL005 has one text for several versions."""
    shown = msgspec.json.decode(msgspec.json.encode(info))
    versions = shown.get("compatibleSpecificationVersions")
    if isinstance(versions, str):
        shown["compatibleSpecificationVersions"] = [version.strip() for version in versions.split(",")]
    return shown
