"""The releases in which VNF package management is served, to the OSS (SOL005) and to VNFMs (SOL003) alike."""

from __future__ import annotations

from mano_runtime.rest import Release, major
from nfvo.sol005.catalogue_notifications import PkgmNotificationsFilter
from nfvo.sol005.files import SIGNATURES
from nfvo.sol005.release2.packages import PackageFilter, PackageInfo, UploadVnfPkgFromUriRequest, in_release_2
from nfvo.sol005.sources import UploadVnfPackageFromUriRequest
from nfvo.sol005.vnf_packages import VnfPkgInfo

RELEASE_3 = Release(version="2.4.0", root="/vnfpkgm/v2")
"""3.7.1."""
RELEASE_2 = Release(
    version="1.2.0",
    root="/vnfpkgm/v1",
    bodies={
        UploadVnfPackageFromUriRequest: UploadVnfPkgFromUriRequest,
        PkgmNotificationsFilter: PackageFilter,
    },
    lacks=frozenset({"manifest", "artifacts", "ext_artifacts_access", SIGNATURES}),
    answers={VnfPkgInfo: PackageInfo},
    shown=in_release_2,
)
"""2.6.1."""
RELEASES = (RELEASE_2, RELEASE_3)


def release_of(version: str) -> Release:
    """Return the release that serves this version of the API, or a version compatible with it."""
    return RELEASE_2 if major(version) == major(RELEASE_2.version) else RELEASE_3
