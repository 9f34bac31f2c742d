"""NS and PNF descriptors in release 2.6.1 (SOL005 clause 5.5).

The types have just what that release declares; what came later falls away when a representation is converted. What is
notified is the same in both releases.
"""

from __future__ import annotations

from typing import Any

import msgspec

from nfvo.catalogue.entries import OnboardingState, OperationalState, UsageState
from nfvo.sol005 import ns_descriptors, pnf_descriptors
from nfvo.sol005.general import KeyValuePairs, ProblemDetails, Sol005Type
from nfvo.sol005.ns_descriptors import NsdLinks
from nfvo.sol005.pnf_descriptors import PnfdLinks


class NsdInfo(Sol005Type, frozen=True, kw_only=True):
    """An NS descriptor (SOL005 clause 5.5.2.2)."""

    id: str
    nsd_id: str | None = None
    nsd_name: str | None = None
    nsd_version: str | None = None
    nsd_designer: str | None = None
    nsd_invariant_id: str | None = None
    vnf_pkg_ids: tuple[str, ...] = ()
    pnfd_info_ids: tuple[str, ...] = ()
    nested_nsd_info_ids: tuple[str, ...] = ()
    nsd_onboarding_state: OnboardingState
    onboarding_failure_details: ProblemDetails | None = None
    nsd_operational_state: OperationalState
    nsd_usage_state: UsageState
    user_defined_data: KeyValuePairs | None = None
    links: NsdLinks = msgspec.field(name="_links")


class PnfdInfo(Sol005Type, frozen=True, kw_only=True):
    """A PNF descriptor (SOL005 clause 5.5.2.5)."""

    id: str
    pnfd_id: str | None = None
    pnfd_name: str | None = None
    pnfd_version: str | None = None
    pnfd_provider: str | None = None
    pnfd_invariant_id: str | None = None
    pnfd_onboarding_state: OnboardingState
    onboarding_failure_details: ProblemDetails | None = None
    pnfd_usage_state: UsageState
    user_defined_data: KeyValuePairs | None = None
    links: PnfdLinks = msgspec.field(name="_links")


def in_release_2(shown: object) -> object:
    """Return what is shown in release 3 as a client of release 2 sees it."""
    match shown:
        case ns_descriptors.NsdInfo():
            return msgspec.convert(_plain(shown, "nsdOnboardingState"), NsdInfo)
        case pnf_descriptors.PnfdInfo():
            return msgspec.convert(_plain(shown, "pnfdOnboardingState"), PnfdInfo)
        case _:
            raise TypeError(f"release 2 has no representation of {type(shown).__name__}")


def _plain(shown: object, state: str) -> dict[str, Any]:
    """Return the entry; one that could not be onboarded awaits another content, which is called CREATED here."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(shown))
    if plain[state] == OnboardingState.ERROR:
        plain[state] = OnboardingState.CREATED
    return plain
