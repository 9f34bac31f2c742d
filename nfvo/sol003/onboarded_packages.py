"""VNF packages as VNFMs read them (SOL003 clause 10), by their VNFD: ``/vnfpkgm/*/onboarded_vnf_packages``.

Packages that await their content have no VNFD yet and are not to be seen there. On a port of its own (``or_vnfm_port``)
the interface is SOL003's and nothing else: it reads ``/vnf_packages`` as well, and changes neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Call, Release, listing, ok
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Entry, OnboardingState
from nfvo.catalogue.refusals import unknown
from nfvo.sol005.artifacts import serve_artifacts
from nfvo.sol005.catalogue_notifications import PkgmNotificationsFilter
from nfvo.sol005.files import serve_files
from nfvo.sol005.package_releases import RELEASES
from nfvo.sol005.vnf_packages import VNF_PACKAGES, VnfPkgInfo, vnf_pkg_info
from vnfm.sol003.ports import NotOnboardedError

BY_VNFD = "/onboarded_vnf_packages"
BY_ID = "/vnf_packages"

Find = Callable[[str], Awaitable[Entry]]
"""From what a path names to the package; ProblemError 404 when there is none."""


def or_vnfm_packages_apis(catalogue: Catalogue, notifications: Notifications) -> list[Api]:
    """Return VNF package management as SOL003 has it, in every release: nothing is changed but subscriptions."""
    return [_api(release, catalogue, notifications) for release in RELEASES]


def _api(release: Release, catalogue: Catalogue, notifications: Notifications) -> Api:
    api = Api("vnfpkgm", version=release.version, root=release.root)

    async def found(id_: str) -> Entry:
        return (await catalogue.get("vnfd", id_)).document

    _declare(api, catalogue, release, f"{BY_ID}/{{vnfPkgId}}", found)
    declare_onboarded(api, catalogue, release)
    declare_subscriptions(api, notifications, release.body(PkgmNotificationsFilter))
    return api


def declare_onboarded(api: Api, catalogue: Catalogue, release: Release) -> None:
    """Declare on ``api`` the packages of ``catalogue`` that are onboarded, with all that can be read of them."""

    async def found(vnfd_id: str) -> Entry:
        try:
            return await catalogue.entry_of("vnfd", vnfd_id)
        except NotOnboardedError as error:
            raise unknown("vnfd", vnfd_id) from error

    _declare(api, catalogue, release, f"{BY_VNFD}/{{vnfdId}}", found)


def _declare(api: Api, catalogue: Catalogue, release: Release, package: str, find: Find) -> None:
    """Declare what is read of the packages of a collection, which ``package`` is the path of one in."""
    collection, _, variable = package.removesuffix("}").partition("/{")

    async def shown(call: Call[Any], *entries: Entry) -> list[Any]:
        usage = await catalogue.usage_states("vnfd", entries)
        infos = [
            vnf_pkg_info(
                entry,
                usage[entry.id],
                await catalogue.held("vnfd", entry) if _is_onboarded(entry) else None,
                call.url(f"{collection}/{quote(_name(entry, collection), safe='')}"),
            )
            for entry in entries
        ]
        return [_for_vnfms(release.shown(info)) for info in infos]

    @api.collection(collection, omitted=VNF_PACKAGES.omitted, answer=release.answer(VnfPkgInfo))
    async def read_list(call: Call[None]) -> web.StreamResponse:
        page = await catalogue.page("vnfd", after=call.marker, limit=call.page_size)
        entries = [stored.document for stored in page.items]
        visible = [entry for entry in entries if collection == BY_ID or _is_onboarded(entry)]
        return listing(call, await shown(call, *visible), next=page.next)

    @api.get(package, answer=release.answer(VnfPkgInfo))
    async def read(call: Call[None]) -> web.StreamResponse:
        (info,) = await shown(call, await find(call.path[variable]))
        return ok(call, info)

    async def entry_id(call: Call[None]) -> str:
        return (await find(call.path[variable])).id

    serve_files(api, catalogue, "vnfd", entry_id, release, entry=package, content="package_content", descriptor="vnfd")
    if "artifacts" not in release.lacks:
        serve_artifacts(api, catalogue, entry_id, entry=package)


def _is_onboarded(entry: Entry) -> bool:
    return entry.onboarding_state is OnboardingState.ONBOARDED


def _name(entry: Entry, collection: str) -> str:
    return entry.id if collection == BY_ID else entry.descriptor_id


def _for_vnfms(info: object) -> Any:
    """Return the information as SOL003 has it, where SOL005 has one text for several versions."""
    shown = msgspec.json.decode(msgspec.json.encode(info))
    versions = shown.get("compatibleSpecificationVersions")
    if isinstance(versions, str):
        shown["compatibleSpecificationVersions"] = [version.strip() for version in versions.split(",")]
    return shown
