"""Where entries of the catalogue are kept."""

from __future__ import annotations

from mano_runtime.storage import Documents
from nfvo.catalogue.entries import Entry, Kind


def _descriptor_id(entry: Entry) -> str | None:
    return entry.descriptor_id or None


def _onboarding_state(entry: Entry) -> str:
    return entry.onboarding_state.value


VNF_PACKAGES = Documents(
    "vnf_packages",
    Entry,
    promoted={"vnfd_id": _descriptor_id, "onboarding_state": _onboarding_state},
    shareable=True,
)
NS_DESCRIPTORS = Documents(
    "ns_descriptors",
    Entry,
    promoted={"nsd_id": _descriptor_id, "onboarding_state": _onboarding_state},
    shareable=True,
)
PNF_DESCRIPTORS = Documents(
    "pnf_descriptors",
    Entry,
    promoted={"pnfd_id": _descriptor_id, "onboarding_state": _onboarding_state},
    shareable=True,
)

ENTRIES: dict[Kind, Documents[Entry]] = {"vnfd": VNF_PACKAGES, "nsd": NS_DESCRIPTORS, "pnfd": PNF_DESCRIPTORS}
DESCRIPTOR_COLUMN: dict[Kind, str] = {"vnfd": "vnfd_id", "nsd": "nsd_id", "pnfd": "pnfd_id"}
"""The promoted column that holds the identifier of the descriptor."""
