"""What there is to say about a content: from single findings to the problem details of a failed onboarding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from descriptors.diagnostics import Diagnostic, Severity
from descriptors.model.nsd import Nsd
from descriptors.onboarding import Onboarded
from mano_runtime.identifiers import new_id
from nfvo.catalogue.entries import Kind, OnboardingState
from nfvo.catalogue.refusals import NAMES
from nfvo.catalogue.tables import DESCRIPTOR_COLUMN, ENTRIES


async def obstacles(
    connection: AsyncConnection, kind: Kind, entry_id: str, onboarded: Onboarded
) -> tuple[Diagnostic, ...]:
    """Return why a readable descriptor cannot be onboarded here and now.

    It is in the catalogue already, or it names descriptors that are not (SOL005 clause 5.4.4.3.3).
    """
    descriptor = onboarded.vnfd or onboarded.nsd or onboarded.pnfd
    if descriptor is None:
        return ()
    found = []
    twins = await onboarded_entries(connection, kind, [descriptor.id])
    if twin := next((entry for entry in twins.values() if entry != entry_id), None):
        found.append(
            Diagnostic(
                severity=Severity.ERROR,
                code=f"{kind}-already-onboarded",
                message=f"{kind.upper()} {descriptor.id} is onboarded already, by {NAMES[kind]} {twin}",
                file=onboarded.entry_definitions,
                hint=f"delete that {NAMES[kind]} first, or give the descriptor another descriptor_id",
            )
        )
    if isinstance(descriptor, Nsd):
        found += await _missing(connection, descriptor, onboarded.entry_definitions)
    return tuple(found)


async def onboarded_entries(connection: AsyncConnection, kind: Kind, descriptor_ids: Iterable[str]) -> dict[str, str]:
    """Return the identifier of the onboarded entry for each descriptor that has one."""
    wanted = {DESCRIPTOR_COLUMN[kind]: list(descriptor_ids), "onboarding_state": OnboardingState.ONBOARDED.value}
    entries = await ENTRIES[kind].all(connection, equal=wanted)
    return {stored.document.descriptor_id: stored.id for stored in entries}


def constituents(nsd: Nsd) -> dict[Kind, dict[str, str]]:
    """Return the descriptors that an NSD names, each with the name of the first template that names it."""
    named: dict[Kind, dict[str, str]] = {"vnfd": {}, "nsd": {}, "pnfd": {}}
    for flavour in nsd.flavours.values():
        for profile in flavour.vnf_profiles.values():
            named["vnfd"].setdefault(profile.vnfd_id, profile.id)
        for nested in flavour.nested.values():
            named["nsd"].setdefault(nested.nsd_id, nested.id)
        for pnf in flavour.pnfs.values():
            named["pnfd"].setdefault(pnf.pnfd_id, pnf.id)
    return named


async def constituent_entries(connection: AsyncConnection, nsd: Nsd) -> dict[Kind, dict[str, str]]:
    """Return the onboarded entries of the descriptors that an NSD names, by descriptor."""
    return {kind: await onboarded_entries(connection, kind, named) for kind, named in constituents(nsd).items()}


async def _missing(connection: AsyncConnection, nsd: Nsd, file: str) -> list[Diagnostic]:
    found = []
    for kind, named in constituents(nsd).items():
        present = await onboarded_entries(connection, kind, named)
        found += [
            Diagnostic(
                severity=Severity.ERROR,
                code=f"{kind}-not-onboarded",
                message=f"{template!r} needs the {kind.upper()} {descriptor_id}, which is not onboarded",
                file=file,
                path=f"topology_template/node_templates/{template}",
                hint=f"onboard the {NAMES[kind]} with this descriptor first",
            )
            for descriptor_id, template in named.items()
            if descriptor_id not in present
        ]
    return found


def failure(kind: Kind, found: Sequence[Diagnostic]) -> dict[str, Any] | None:
    """Return the problem details that tell why onboarding failed; None when nothing found is an error."""
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if not errors:
        return None
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return {
        "type": "urn:mano:problem:onboarding-failed",
        "title": f"The {NAMES[kind]} cannot be onboarded",
        "status": 422,
        "detail": f"{_told(errors[0])}{more}",
        "diagnostics": msgspec.to_builtins(errors),
    }


def defect(kind: Kind, error: Exception) -> Onboarded:
    """Return what stands for a content that this program failed to read: an error of ours, not of the content's."""
    incident = new_id()
    return Onboarded(
        kind=kind,
        diagnostics=(
            Diagnostic(
                severity=Severity.ERROR,
                code="onboarding-defect",
                message=f"this program failed to read the content ({type(error).__name__}); incident {incident}",
                hint="the server's log has the details; please report it with the package",
            ),
        ),
    )


def not_fetched(why: str) -> tuple[Diagnostic, ...]:
    """Return what there is to say about a content that could not be had from where it is said to be."""
    return (
        Diagnostic(
            severity=Severity.ERROR,
            code="download-failed",
            message=why,
            hint="mend what is said there, then have it fetched again or upload it",
        ),
    )


def lost(digest: str) -> tuple[Diagnostic, ...]:
    """Return what there is to say about a content that is no longer where it was put."""
    return (
        Diagnostic(
            severity=Severity.ERROR,
            code="content-lost",
            message=f"the content with the SHA-256 {digest} is gone from the data directory",
            hint="upload it again; instances can be changed once it is onboarded",
        ),
    )


def _told(finding: Diagnostic) -> str:
    place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part)
    return f"{place}: {finding.message}" if place else finding.message
