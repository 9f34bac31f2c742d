"""Why the catalogue refuses a request, as problem details."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mano_runtime.rest import ProblemError
from mano_runtime.storage import Stored
from mano_runtime.tenancy import SHARED_TENANT, acting
from nfvo.catalogue.entries import SWITCHABLE, Entry, Kind, OnboardingState

NAMES: dict[Kind, str] = {"vnfd": "VNF package", "nsd": "NS descriptor", "pnfd": "PNF descriptor"}


def unknown(kind: Kind, entry: str) -> ProblemError:
    """There is no such entry (404)."""
    return ProblemError(
        404, "Not found", f"there is no {NAMES[kind]} {entry!r}", type=f"urn:mano:problem:unknown-{_slug(kind)}"
    )


def shared(kind: Kind, entry: str) -> ProblemError:
    """It is another tenant's, which shares it (403)."""
    return ProblemError(
        403,
        "Only shared",
        f"{NAMES[kind]} {entry} is shared by all tenants: you may read and use it; who changes it is an administrator,"
        f" or a client of the tenant {SHARED_TENANT}",
        type="urn:mano:problem:only-shared",
    )


def wrong_state(kind: Kind, entry: Entry, why: str) -> ProblemError:
    """What was asked for cannot happen in the state that the entry is in (409)."""
    switched: dict[str, Any] = {"operationalState": entry.operational_state} if kind in SWITCHABLE else {}
    return ProblemError(
        409,
        "Conflict with the state of the resource",
        f"{NAMES[kind]} {entry.id} {why}",
        type=f"urn:mano:problem:{_slug(kind)}-state",
        onboardingState=entry.onboarding_state,
        **switched,
    )


def named(kind: Kind, entry: Entry, naming: Iterable[Stored[Entry]]) -> ProblemError:
    """It cannot be deleted while NS descriptors name it (409); those that the client may see are told."""
    visible = [stored.id for stored in naming if acting().sees(stored.tenant, shareable=True)]
    which = f"NS descriptor {', '.join(visible)}" if visible else "an NS descriptor of another tenant"
    return wrong_state(kind, entry, f"is named by {which}; delete what names it first")


def not_onboarded(kind: Kind, entry: Entry) -> ProblemError:
    """Its content cannot be read, because it is not onboarded (409)."""
    return wrong_state(
        kind, entry, f"is in onboarding state {entry.onboarding_state}; this needs {OnboardingState.ONBOARDED}"
    )


def too_large(limit: int) -> ProblemError:
    """A content goes beyond what is accepted (413)."""
    return ProblemError(
        413,
        "Content too large",
        f"the content is larger than the {limit} bytes that this server accepts (setting upload_limit)",
        type="urn:mano:problem:content-too-large",
        limit=limit,
    )


def upload_broken(received: int) -> ProblemError:
    """The connection broke before the content was complete (400); nobody may be left to read this."""
    return ProblemError(
        400,
        "Upload interrupted",
        f"the connection ended after {received} bytes, before the content was complete; upload it again",
        type="urn:mano:problem:upload-interrupted",
    )


def unknown_file(kind: Kind, entry: str, path: str) -> ProblemError:
    """The content has no such file (404)."""
    return ProblemError(
        404,
        "Not found",
        f"{NAMES[kind]} {entry} carries no file {path!r}",
        type="urn:mano:problem:unknown-artifact",
    )


def _slug(kind: Kind) -> str:
    return NAMES[kind].lower().replace(" ", "-")
