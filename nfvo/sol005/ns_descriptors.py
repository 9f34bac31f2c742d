"""What a client is shown of NS descriptors, and what it may ask (SOL005 clause 5.5)."""

from __future__ import annotations

from typing import Any

import msgspec

from descriptors.onboarding import Onboarded
from nfvo.catalogue.entries import Entry, OnboardingState, OperationalState, UsageState
from nfvo.catalogue.selection import additional
from nfvo.sol005.entries import Constituents, Resource
from nfvo.sol005.general import Checksum, KeyValuePairs, Link, ProblemDetails, Sol005Type


class CreateNsdInfoRequest(Sol005Type, frozen=True, kw_only=True):
    """Ask for the record of an NS descriptor (SOL005 clause 5.5.2.3)."""

    user_defined_data: KeyValuePairs = {}


class NsdInfoModifications(Sol005Type, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change, and what has changed (SOL005 clause 5.5.2.1)."""

    nsd_operational_state: OperationalState | None = None
    user_defined_data: KeyValuePairs | None = None


class NsdArchiveArtifactInfo(Sol005Type, frozen=True, kw_only=True):
    """A file of the NSD archive (SOL005 clause 5.5.3.5)."""

    artifact_path: str
    checksum: Checksum


class NsdLinks(Sol005Type, frozen=True, kw_only=True):
    """Where more is (SOL005 clause 5.5.2.2)."""

    self: Link
    nsd_content: Link = msgspec.field(name="nsd_content")


class NsdInfo(Sol005Type, frozen=True, kw_only=True):
    """An NS descriptor (SOL005 clause 5.5.2.2)."""

    id: str
    nsd_id: str | None = None
    nsd_name: str | None = None
    nsd_version: str | None = None
    nsd_designer: str | None = None
    nsd_invariant_id: str | None = None
    vnf_pkg_ids: tuple[str, ...]
    """Packages with the VNFDs that it names; empty until it is onboarded."""
    pnfd_info_ids: tuple[str, ...] = ()
    nested_nsd_info_ids: tuple[str, ...] = ()
    archive_security_option: str | None = None
    artifacts: tuple[NsdArchiveArtifactInfo, ...] = ()
    nsd_onboarding_state: OnboardingState
    nsd_operational_state: OperationalState
    nsd_usage_state: UsageState
    user_defined_data: KeyValuePairs | None = None
    onboarding_failure_details: ProblemDetails | None = None
    links: NsdLinks = msgspec.field(name="_links")


def nsd_info(
    entry: Entry, usage: UsageState, onboarded: Onboarded | None, constituents: Constituents, base: str
) -> NsdInfo:
    """Return what a client is shown.

    ``onboarded`` is None until the NSD is, ``constituents`` are the entries of the descriptors that it names by
    descriptor, ``base`` is its absolute URL.
    """
    known: dict[str, Any] = {}
    if onboarded and onboarded.nsd:
        nsd = onboarded.nsd
        known = {
            "nsd_id": nsd.id,
            "nsd_name": nsd.name,
            "nsd_version": nsd.version,
            "nsd_designer": nsd.designer,
            "nsd_invariant_id": nsd.invariant_id,
            "archive_security_option": onboarded.security_option,
            "artifacts": tuple(
                NsdArchiveArtifactInfo(
                    artifact_path=file.path, checksum=Checksum(algorithm="SHA-256", hash=file.sha256)
                )
                for file in additional(onboarded)
            ),
        }
    return NsdInfo(
        id=entry.id,
        vnf_pkg_ids=tuple(constituents.get("vnfd", {}).values()),
        pnfd_info_ids=tuple(constituents.get("pnfd", {}).values()),
        nested_nsd_info_ids=tuple(constituents.get("nsd", {}).values()),
        nsd_onboarding_state=entry.onboarding_state,
        nsd_operational_state=entry.operational_state,
        nsd_usage_state=usage,
        user_defined_data=entry.user_defined_data or None,
        onboarding_failure_details=entry.failure,
        links=NsdLinks(self=Link(href=base), nsd_content=Link(href=f"{base}/nsd_content")),
        **known,
    )


NS_DESCRIPTORS = Resource(
    kind="nsd",
    collection="/ns_descriptors",
    variable="nsdInfoId",
    content="nsd_content",
    descriptor="nsd",
    asked=CreateNsdInfoRequest,
    answer=NsdInfo,
    changes=NsdInfoModifications,
    state=lambda asked: asked.nsd_operational_state,
    omitted=("userDefinedData", "onboardingFailureDetails"),
    info=nsd_info,
)
"""NS descriptors as SOL005 has them (clauses 5.4.2 to 5.4.4)."""
