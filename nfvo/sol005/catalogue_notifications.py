"""What subscribers to ``/vnfpkgm`` and ``/nsd`` ask for and are told (SOL005 clauses 5.5.2 and 9.5.2)."""

from __future__ import annotations

from typing import Literal

import msgspec

from nfvo.sol005.general import Link, ProblemDetails, Sol005Type
from nfvo.sol005.ns_notifications import Filter
from vnfm.sol003.notifications import VnfProviderFilter

PACKAGE_ONBOARDED = "VnfPackageOnboardingNotification"
PACKAGE_CHANGED = "VnfPackageChangeNotification"
NSD_ONBOARDED = "NsdOnBoardingNotification"
NSD_FAILED = "NsdOnBoardingFailureNotification"
NSD_CHANGED = "NsdChangeNotification"
NSD_DELETED = "NsdDeletionNotification"
PNFD_ONBOARDED = "PnfdOnBoardingNotification"
PNFD_FAILED = "PnfdOnBoardingFailureNotification"
PNFD_DELETED = "PnfdDeletionNotification"
SPELLINGS = {NSD_FAILED: (NSD_FAILED, "NsdOnboardingFailureNotification")}
"""The published filter misspells it; either will do."""

PackageNotificationType = Literal["VnfPackageOnboardingNotification", "VnfPackageChangeNotification"]


class PkgmNotificationsFilter(Filter, frozen=True, kw_only=True):
    """Which notifications about which VNF packages (SOL005 clause 9.5.3.4)."""

    notification_types: PackageNotificationType | tuple[PackageNotificationType, ...] = ()
    """The published document wants one, the table of the standard a list."""
    vnf_products_from_providers: tuple[VnfProviderFilter, ...] = ()
    vnfd_id: tuple[str, ...] = ()
    vnf_pkg_id: tuple[str, ...] = ()
    operational_state: tuple[str, ...] = ()
    usage_state: tuple[str, ...] = ()
    vnfm_info: tuple[str, ...] = ()


class NsdmNotificationsFilter(Filter, frozen=True, kw_only=True):
    """Which notifications about which descriptors (SOL005 clause 5.5.3.2)."""

    notification_types: tuple[
        Literal[
            "NsdOnBoardingNotification",
            "NsdOnBoardingFailureNotification",
            "NsdOnboardingFailureNotification",
            "NsdChangeNotification",
            "NsdDeletionNotification",
            "PnfdOnBoardingNotification",
            "PnfdOnBoardingFailureNotification",
            "PnfdDeletionNotification",
        ],
        ...,
    ] = ()
    nsd_info_id: tuple[str, ...] = ()
    nsd_id: tuple[str, ...] = ()
    nsd_name: tuple[str, ...] = ()
    nsd_version: tuple[str, ...] = ()
    nsd_designer: tuple[str, ...] = ()
    nsd_invariant_id: tuple[str, ...] = ()
    vnf_pkg_ids: tuple[str, ...] = ()
    nested_nsd_info_ids: tuple[str, ...] = ()
    nsd_onboarding_state: tuple[str, ...] = ()
    nsd_operational_state: tuple[str, ...] = ()
    nsd_usage_state: tuple[str, ...] = ()
    pnfd_info_ids: tuple[str, ...] = ()
    """Of an NSD, those that it names; of a PNFD, its own."""
    pnfd_id: tuple[str, ...] = ()
    pnfd_name: tuple[str, ...] = ()
    pnfd_version: tuple[str, ...] = ()
    pnfd_provider: tuple[str, ...] = ()
    pnfd_invariant_id: tuple[str, ...] = ()
    pnfd_onboarding_state: tuple[str, ...] = ()
    pnfd_usage_state: tuple[str, ...] = ()


class PkgmLinks(Sol005Type, frozen=True, kw_only=True):
    """What a notification is about (SOL005 clause 9.5.3.3)."""

    vnf_package: Link
    subscription: Link


class VnfPackageOnboardingNotification(Sol005Type, frozen=True, kw_only=True, omit_defaults=False):
    """A VNF package was onboarded (SOL005 clause 9.5.2.8)."""

    id: str
    notification_type: str
    subscription_id: str
    time_stamp: str
    vnf_pkg_id: str
    vnfd_id: str
    vnfm_info: tuple[str, ...] = ()
    links: PkgmLinks = msgspec.field(name="_links")


class VnfPackageChangeNotification(Sol005Type, frozen=True, kw_only=True):
    """A VNF package was enabled, disabled or deleted (SOL005 clause 9.5.2.9)."""

    id: str
    notification_type: str
    subscription_id: str
    time_stamp: str
    vnf_pkg_id: str
    vnfd_id: str
    change_type: Literal["OP_STATE_CHANGE", "PKG_DELETE"]
    operational_state: str | None = None
    """Only when it changed."""
    links: PkgmLinks = msgspec.field(name="_links")


class NsdmLinks(Sol005Type, frozen=True, kw_only=True):
    """What a notification is about (SOL005 clause 5.5.3.4)."""

    nsd_info: Link
    subscription: Link


class NsdNotification(Sol005Type, frozen=True, kw_only=True):
    """An NSD was onboarded, or could not be, was enabled, disabled or deleted (SOL005 clauses 5.5.2.9 to 5.5.2.12)."""

    id: str
    notification_type: str
    subscription_id: str
    time_stamp: str
    nsd_info_id: str
    nsd_id: str | None = None
    """None only where the onboarding failed."""
    onboarding_failure_details: ProblemDetails | None = None
    """Only where the onboarding failed."""
    nsd_operational_state: str | None = None
    """Only when it changed."""
    links: NsdmLinks = msgspec.field(name="_links")


class PnfdmLinks(Sol005Type, frozen=True, kw_only=True):
    """What a notification is about (SOL005 clause 5.5.3.4)."""

    pnfd_info: Link
    subscription: Link


class PnfdNotification(Sol005Type, frozen=True, kw_only=True):
    """A PNFD was onboarded, could not be, or was deleted (SOL005 clauses 5.5.2.13 to 5.5.2.15)."""

    id: str
    notification_type: str
    subscription_id: str
    time_stamp: str
    pnfd_info_id: str
    pnfd_id: str | None = None
    """None only where the onboarding failed."""
    onboarding_failure_details: ProblemDetails | None = None
    """Only where the onboarding failed."""
    links: PnfdmLinks = msgspec.field(name="_links")
