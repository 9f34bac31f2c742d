"""VNF packages in release 2.6.1 (SOL005 clause 9.5, SOL003 clause 10.5), for both reference points alike.

The types have just what that release declares; what came later falls away when a representation is converted.
"""

from __future__ import annotations

from typing import Any

import msgspec

from nfvo.catalogue.entries import OperationalState, UsageState
from nfvo.sol005.catalogue_notifications import (
    PackageNotificationType,
    PkgmLinks,
    VnfPackageChangeNotification,
    VnfPackageOnboardingNotification,
)
from nfvo.sol005.general import Checksum, KeyValuePairs, Sol005Type
from nfvo.sol005.ns_notifications import Filter
from nfvo.sol005.vnf_packages import VnfPkgInfo, VnfPkgLinks
from vnfm.sol003.notifications import VnfProviderFilter


class UploadVnfPkgFromUriRequest(Sol005Type, frozen=True, kw_only=True):
    """Have the content of a VNF package fetched (SOL005 clause 9.5.2.4)."""

    address_information: str
    user_name: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Say nothing: logs and tracebacks show it."""
        return "UploadVnfPkgFromUriRequest(***)"


class PackageFilter(Filter, frozen=True, kw_only=True):
    """Which notifications about which VNF packages (SOL005 clause 9.5.3.4)."""

    notification_types: PackageNotificationType | tuple[PackageNotificationType, ...] = ()
    vnf_products_from_providers: tuple[VnfProviderFilter, ...] = ()
    vnfd_id: tuple[str, ...] = ()
    vnf_pkg_id: tuple[str, ...] = ()
    operational_state: tuple[str, ...] = ()
    usage_state: tuple[str, ...] = ()


class SoftwareImageInfo(Sol005Type, frozen=True, kw_only=True, omit_defaults=False):
    """A software image that the VNFD names (SOL005 clause 9.5.3.2)."""

    id: str
    name: str
    provider: str
    version: str
    checksum: Checksum
    container_format: str
    disk_format: str
    created_at: str
    min_disk: int
    min_ram: int
    size: int
    image_path: str


class ArtifactInfo(Sol005Type, frozen=True, kw_only=True):
    """Another file of the package (SOL005 clause 9.5.3.3)."""

    artifact_path: str
    checksum: Checksum


class PackageInfo(Sol005Type, frozen=True, kw_only=True):
    """A VNF package (SOL005 clause 9.5.2.5)."""

    id: str
    vnfd_id: str | None = None
    vnf_provider: str | None = None
    vnf_product_name: str | None = None
    vnf_software_version: str | None = None
    vnfd_version: str | None = None
    checksum: Checksum | None = None
    software_images: tuple[SoftwareImageInfo, ...] | None = None
    additional_artifacts: tuple[ArtifactInfo, ...] | None = None
    onboarding_state: str
    operational_state: OperationalState
    usage_state: UsageState
    user_defined_data: KeyValuePairs | None = None
    links: VnfPkgLinks = msgspec.field(name="_links")


class OnboardingNotification(Sol005Type, frozen=True, kw_only=True):
    """A VNF package was onboarded (SOL005 clause 9.5.2.8)."""

    id: str
    notification_type: str
    subscription_id: str
    time_stamp: str
    vnf_pkg_id: str
    vnfd_id: str
    links: PkgmLinks = msgspec.field(name="_links")


def in_release_2(shown: object) -> object:
    """Return what is shown in release 3 as a client of release 2 sees it."""
    match shown:
        case VnfPkgInfo():
            return _package(shown)
        case VnfPackageOnboardingNotification():
            return msgspec.convert(_plain(shown), OnboardingNotification)
        case VnfPackageChangeNotification():
            return shown
        case _:
            raise TypeError(f"release 2 has no representation of {type(shown).__name__}")


def _package(info: VnfPkgInfo) -> PackageInfo:
    """Return the package; one that could not be onboarded awaits another content, which is called CREATED here."""
    plain = _plain(info)
    if plain["onboardingState"] == "ERROR":
        plain["onboardingState"] = "CREATED"
    if "additionalArtifacts" in plain:
        plain["additionalArtifacts"] = [file for file in plain["additionalArtifacts"] if "artifactPath" in file]
    return msgspec.convert(plain, PackageInfo)


def _plain(shown: object) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(shown))
    return found
