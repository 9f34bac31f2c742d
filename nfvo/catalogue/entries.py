"""What is recorded of a VNF package, an NS or a PNF descriptor, and the states it goes through (SOL005 annex B.2).

    CREATED -> UPLOADING -> PROCESSING -> ONBOARDED (ENABLED <-> DISABLED)
       ^           |             |
       +-----------+             +-> ERROR -> UPLOADING ...

Whether it is in use is not recorded: it follows from the instances that exist.
"""

from __future__ import annotations

import enum
from typing import Any, Literal

import msgspec

from descriptors.diagnostics import Diagnostic
from descriptors.onboarding import PackagedFile

Kind = Literal["vnfd", "nsd", "pnfd"]
"""What the content describes: a VNF package holds a VNFD, an NSD archive an NSD, a PNFD archive a PNFD."""
SWITCHABLE: frozenset[Kind] = frozenset({"vnfd", "nsd"})
"""What is enabled and disabled; a PNFD has no operational state (SOL005 clause 5.5.2.5)."""


class OnboardingState(enum.StrEnum):
    """How far the content has come (SOL005 clauses 5.5.4.5, 5.5.4.6 and 9.5.4.3)."""

    CREATED = "CREATED"
    UPLOADING = "UPLOADING"
    PROCESSING = "PROCESSING"
    ONBOARDED = "ONBOARDED"
    ERROR = "ERROR"


AWAITS_CONTENT = frozenset({OnboardingState.CREATED, OnboardingState.ERROR})
"""States in which a content may be uploaded (SOL005 clauses 5.4.4.3.3, 5.4.7.3.3 and 9.4.5.3.3)."""


AT_WORK = frozenset({OnboardingState.UPLOADING, OnboardingState.PROCESSING})
"""States in which something is done with a content."""


class OperationalState(enum.StrEnum):
    """Whether new instances may be made from it (SOL005 clauses 5.5.4.3 and 9.5.4.4)."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class UsageState(enum.StrEnum):
    """Whether instances made from it exist (SOL005 clauses 5.5.4.4, 5.5.4.7 and 9.5.4.5)."""

    IN_USE = "IN_USE"
    NOT_IN_USE = "NOT_IN_USE"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A VNF package, NS descriptor or PNF descriptor as the catalogue records it."""

    id: str
    """Given by the NFVO: vnfPkgId, nsdInfoId or pnfdInfoId."""
    created_at: str
    """UTC, ISO 8601."""
    onboarding_state: OnboardingState = OnboardingState.CREATED
    operational_state: OperationalState = OperationalState.DISABLED
    user_defined_data: dict[str, Any] = {}
    source: str = ""
    """Where its content is being fetched from, sealed; only while the NFVO does so, in state UPLOADING."""
    access: str = ""
    """How external artifacts are had that the content names, sealed."""
    external: dict[str, PackagedFile] = {}
    """Those that were fetched, by their URIs."""
    digest: str = ""
    """SHA-256 of the content, hexadecimal; empty as long as there is none. In ERROR it is there when only external
    artifacts are missing."""
    descriptor_id: str = ""
    """vnfdId, nsdId or pnfdId; present once onboarded."""
    pnfd_ids: tuple[str, ...] = ()
    """PNFDs that an onboarded NSD names; they stay as long as it does (SOL005 clause 5.4.6.3.5)."""
    onboarded_at: str = ""
    """UTC, ISO 8601; present once onboarded."""
    failure: dict[str, Any] | None = None
    """Problem details of the last attempt, in state ERROR."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Everything found in the content, whatever its severity."""
