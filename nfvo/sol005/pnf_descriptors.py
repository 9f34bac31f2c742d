"""What a client is shown of PNF descriptors, and what it may ask (SOL005 clause 5.5)."""

from __future__ import annotations

from typing import Any

import msgspec

from descriptors.onboarding import Onboarded
from nfvo.catalogue.entries import Entry, OnboardingState, UsageState
from nfvo.catalogue.selection import additional
from nfvo.sol005.entries import Constituents, Resource
from nfvo.sol005.general import Checksum, KeyValuePairs, Link, ProblemDetails, Sol005Type
from nfvo.sol005.vnf_packages import artifact_set


class CreatePnfdInfoRequest(Sol005Type, frozen=True, kw_only=True):
    """Ask for the record of a PNF descriptor (SOL005 clause 5.5.2.6)."""

    user_defined_data: KeyValuePairs = {}


class PnfdInfoModifications(Sol005Type, frozen=True, kw_only=True, omit_defaults=False, forbid_unknown_fields=True):
    """What shall change, and what has changed (SOL005 clause 5.5.2.4)."""

    user_defined_data: KeyValuePairs


class PnfdArchiveArtifactInfo(Sol005Type, frozen=True, kw_only=True):
    """A file of the PNFD archive (SOL005 clause 5.5.3.6)."""

    artifact_path: str
    checksum: Checksum
    non_mano_artifact_set_id: str | msgspec.UnsetType = msgspec.UNSET


class PnfdLinks(Sol005Type, frozen=True, kw_only=True):
    """Where more is (SOL005 clause 5.5.2.5)."""

    self: Link
    pnfd_content: Link = msgspec.field(name="pnfd_content")


class PnfdInfo(Sol005Type, frozen=True, kw_only=True):
    """A PNF descriptor (SOL005 clause 5.5.2.5)."""

    id: str
    pnfd_id: str | None = None
    pnfd_name: str | None = None
    pnfd_version: str | None = None
    pnfd_provider: str | None = None
    pnfd_invariant_id: str | None = None
    archive_security_option: str | None = None
    artifacts: tuple[PnfdArchiveArtifactInfo, ...] = ()
    pnfd_onboarding_state: OnboardingState
    onboarding_failure_details: ProblemDetails | None = None
    pnfd_usage_state: UsageState
    """Whether network services exist that are made from an NSD which names it."""
    user_defined_data: KeyValuePairs | None = None
    links: PnfdLinks = msgspec.field(name="_links")


def pnfd_info(
    entry: Entry, usage: UsageState, onboarded: Onboarded | None, constituents: Constituents, base: str
) -> PnfdInfo:
    """Return what a client is shown; ``onboarded`` is None until the PNFD is, ``base`` is its absolute URL."""
    del constituents  # a PNFD names nothing
    known: dict[str, Any] = {}
    if onboarded and onboarded.pnfd:
        pnfd = onboarded.pnfd
        known = {
            "pnfd_id": pnfd.id,
            "pnfd_name": pnfd.name,
            "pnfd_version": pnfd.version,
            "pnfd_provider": pnfd.provider,
            "pnfd_invariant_id": pnfd.invariant_id,
            "archive_security_option": onboarded.security_option,
            "artifacts": tuple(
                PnfdArchiveArtifactInfo(
                    artifact_path=file.path,
                    checksum=Checksum(algorithm="SHA-256", hash=file.sha256),
                    non_mano_artifact_set_id=artifact_set(file.path, onboarded),
                )
                for file in additional(onboarded)
            ),
        }
    return PnfdInfo(
        id=entry.id,
        pnfd_onboarding_state=entry.onboarding_state,
        pnfd_usage_state=usage,
        user_defined_data=entry.user_defined_data or None,
        onboarding_failure_details=entry.failure,
        links=PnfdLinks(self=Link(href=base), pnfd_content=Link(href=f"{base}/pnfd_content")),
        **known,
    )


PNF_DESCRIPTORS = Resource(
    kind="pnfd",
    collection="/pnf_descriptors",
    variable="pnfdInfoId",
    content="pnfd_content",
    descriptor="pnfd",
    asked=CreatePnfdInfoRequest,
    answer=PnfdInfo,
    changes=PnfdInfoModifications,
    omitted=("userDefinedData", "onboardingFailureDetails"),
    info=pnfd_info,
)
"""PNF descriptors as SOL005 has them (clauses 5.4.5 to 5.4.7)."""
