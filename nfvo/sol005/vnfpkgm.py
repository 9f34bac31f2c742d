"""VNF package management (SOL005 clause 9): ``/vnfpkgm/v2`` and, in release 2.6.1, ``/vnfpkgm/v1``."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Call, Release, accepted
from nfvo.catalogue.catalogue import Catalogue
from nfvo.sol003.onboarded_packages import declare_onboarded
from nfvo.sol005.artifacts import serve_artifacts
from nfvo.sol005.catalogue_notifications import PkgmNotificationsFilter
from nfvo.sol005.entries import serve_entries
from nfvo.sol005.external_artifacts import serve_external_access
from nfvo.sol005.package_releases import RELEASES
from nfvo.sol005.sources import UploadVnfPackageFromUriRequest, source_of
from nfvo.sol005.vnf_packages import VNF_PACKAGES

PACKAGE = f"{VNF_PACKAGES.collection}/{{{VNF_PACKAGES.variable}}}"


def vnfpkgm_apis(
    catalogue: Catalogue, notifications: Notifications | None = None, *, for_vnfms: bool = True
) -> list[Api]:
    """Return the interface to the VNF packages of ``catalogue`` in every release.

    Without ``notifications`` nobody can subscribe. ``for_vnfms``: whether it is shared with VNFMs, which read onboarded
    packages by their VNFD (SOL003).
    """
    return [_api(release, catalogue, notifications, for_vnfms=for_vnfms) for release in RELEASES]


def _api(release: Release, catalogue: Catalogue, notifications: Notifications | None, *, for_vnfms: bool) -> Api:
    api = Api("vnfpkgm", version=release.version, root=release.root)
    serve_entries(api, catalogue, VNF_PACKAGES, release)
    _serve_transfers(api, catalogue, release)
    if for_vnfms:
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
