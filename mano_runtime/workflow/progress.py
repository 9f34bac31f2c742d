"""Where each step of an operation stands, for people to watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mano_runtime.workflow.journal import Entry, Phase, Status
from mano_runtime.workflow.plan import Plan, Step


class StepStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where one step of an operation stands."""

    id: str
    verb: str
    path: str
    kind: str
    after: tuple[str, ...] = ()
    """Identifiers of the steps of the same phase that must be done first."""
    state: str
    """pending, running, done, failed or blocked (a step that it needs has failed)."""
    error: dict[str, Any] | None = None
    """Problem details."""
    result: dict[str, Any] | None = None
    """What the peer answered, with ``id`` at least; None for removals and for what is not known."""
    started_at: str | None = None
    ended_at: str | None = None
    phase: str = Phase.FORWARD
    """forward or rollback."""


def step_statuses(
    plan: Plan, entries: Mapping[str, Entry], *, phase: Phase, running: Mapping[str, str], epoch: int | None
) -> list[StepStatus]:
    """Return every step of a plan in its order.

    ``running`` tells when each step at work was started. ``epoch`` is that of the attempt that walks the plan now,
    None when none does: what an earlier attempt failed at is pending again while another is under way.
    """
    states: dict[str, str] = {}
    statuses = []
    for step in plan.steps:  # in an order that respects dependencies, so what is needed has its state already
        entry = entries.get(step.id)
        state = states[step.id] = _state(step, entry, states, running=running, epoch=epoch)
        statuses.append(
            StepStatus(
                id=step.id,
                verb=step.verb,
                path=step.path,
                kind=plan.resource(step).kind,
                after=step.after,
                state=state,
                error=entry.error if entry and state == "failed" else None,
                result=entry.result if entry else None,
                started_at=running.get(step.id) or (entry.started_at if entry and state != "pending" else None),
                ended_at=entry.ended_at if entry and state in {"done", "failed"} else None,
                phase=phase,
            )
        )
    return statuses


def _state(
    step: Step, entry: Entry | None, states: Mapping[str, str], *, running: Mapping[str, str], epoch: int | None
) -> str:
    if step.id in running:
        return "running"
    if entry is not None and entry.status is Status.DONE:
        return "done"
    if entry is not None and entry.status is Status.FAILED and epoch in {None, entry.epoch}:
        return "failed"
    return "blocked" if any(states[need] in {"failed", "blocked"} for need in step.after) else "pending"
