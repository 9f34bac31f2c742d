"""An operation's record and its state machine (SOL003 5.6.2.2, SOL005 6.6.2.2).

The machine is a table, (state, event) -> state; what is not in it cannot happen.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from mano_runtime.clock import timestamp
from mano_runtime.workflow.plan import Plan


class OperationState(enum.StrEnum):
    """Where an operation stands."""

    STARTING = "STARTING"
    """Being planned, and permission asked for; nothing has changed outside."""
    PROCESSING = "PROCESSING"
    """Its plan is carried out."""
    COMPLETED = "COMPLETED"
    PARTIALLY_COMPLETED = "PARTIALLY_COMPLETED"
    """Done but for failures that were accepted; what exists is in the inventory."""
    FAILED_TEMP = "FAILED_TEMP"
    """Stopped by an error or a cancel; retry, rollback, continue and fail are open."""
    FAILED = "FAILED"
    """Given up; what exists is in the inventory."""
    ROLLING_BACK = "ROLLING_BACK"
    """The way back to the state before is carried out."""
    ROLLED_BACK = "ROLLED_BACK"


OPEN_STATES = frozenset(
    {OperationState.STARTING, OperationState.PROCESSING, OperationState.ROLLING_BACK, OperationState.FAILED_TEMP}
)
"""While one of its operations is in one of these, a subject accepts no other."""

ACTIVE_STATES = OPEN_STATES - {OperationState.FAILED_TEMP}
"""An attempt is at work, or must be."""

ENDED_STATES = frozenset(OperationState) - ACTIVE_STATES
"""Nothing moves by itself."""


class CancelMode(enum.StrEnum):
    """How an operation that is under way is brought to an end (SOL003 clause 5.5.4.6, SOL005 clause 6.5.4.17)."""

    GRACEFUL = "GRACEFUL"
    """Nothing new is begun; what was begun comes to its end."""
    FORCEFUL = "FORCEFUL"
    """Nor is anything waited for."""


class Event(enum.StrEnum):
    """What can happen to an operation."""

    PLANNED = "planned"
    """The plan is stored."""
    REFUSED = "refused"
    """There will be no plan (a grant was denied, preparing failed or was cancelled), and nothing was changed."""
    DONE = "done"
    """Every step of the plan is done."""
    ERROR = "error"
    """A step failed, or preparing did where that may be tried again; or it was cancelled."""
    ACCEPTED = "accepted"
    """All that can be done without the steps that failed is done, and that is enough."""
    RETRY = "retry"
    CONTINUE = "continue"
    ROLLBACK = "rollback"
    FAIL = "fail"
    UNDONE = "undone"
    """Every step of the way back is done."""


S, E = OperationState, Event
TRANSITIONS: dict[tuple[OperationState, Event], OperationState] = {
    (S.STARTING, E.PLANNED): S.PROCESSING,
    (S.STARTING, E.REFUSED): S.ROLLED_BACK,
    (S.PROCESSING, E.PLANNED): S.PROCESSING,
    (S.PROCESSING, E.DONE): S.COMPLETED,
    (S.PROCESSING, E.ERROR): S.FAILED_TEMP,
    (S.PROCESSING, E.ACCEPTED): S.PARTIALLY_COMPLETED,
    (S.FAILED_TEMP, E.RETRY): S.PROCESSING,
    (S.FAILED_TEMP, E.CONTINUE): S.PROCESSING,
    (S.FAILED_TEMP, E.ROLLBACK): S.ROLLING_BACK,
    (S.FAILED_TEMP, E.FAIL): S.FAILED,
    (S.ROLLING_BACK, E.UNDONE): S.ROLLED_BACK,
    (S.ROLLING_BACK, E.ERROR): S.FAILED_TEMP,
}
"""All that can happen. A cancel is no event: it is a wish (``Operation.cancel``) that leads to ERROR or REFUSED."""
del S, E


class ImpossibleTransitionError(Exception):
    """The event cannot happen in this state."""


def transition(state: OperationState, event: Event) -> OperationState:
    """Return the state after the event; ImpossibleTransitionError when it cannot happen in ``state``."""
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise ImpossibleTransitionError(f"{event} cannot happen in {state}")
    return following


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One lifecycle operation occurrence, at whichever level."""

    id: str
    level: str
    """Whose operation it is: ``vnf``, ``ns``."""
    kind: str
    """What it does: INSTANTIATE, SCALE, TERMINATE ..."""
    subject: str
    """Identifier of the instance that it works on."""
    state: OperationState
    state_entered_at: str
    """UTC, ISO 8601."""
    started_at: str
    """UTC, ISO 8601."""
    request: dict[str, Any] = {}
    """What was asked for, as JSON."""
    automatic: bool = False
    """Nobody asked: a policy did."""
    parent: str | None = None
    """The operation that asked for this one."""
    context: dict[str, Any] = {}
    """What preparing decided besides the plan, such as the identifier of the grant."""
    plan: Plan | None = None
    rollback: Plan | None = None
    """The way back, once rollback was asked for."""
    error: dict[str, Any] | None = None
    """Problem details (RFC 9457) of what stopped it; with ``step`` and ``path``, and under ``steps`` every failure."""
    cancel: CancelMode | None = None
    """How it shall be brought to an end, while it has not come to one."""
    accepting: bool = False
    """Whether failures are acceptable: since continue was asked for, until nothing moves by itself."""
    attempt: int = 0
    """How many attempts were dispatched so far, forward and back together."""


def moved(operation: Operation, event: Event, **changes: Any) -> Operation:
    """Return the operation after ``event``, with further ``changes`` to its attributes.

    Where nothing moves by itself any more, the wishes to cancel it and to accept failures are over.

    Raises:
        ImpossibleTransitionError: the event cannot happen in the operation's state.
    """
    state = transition(operation.state, event)
    entered = operation.state_entered_at if state is operation.state else timestamp()
    if state in ENDED_STATES:
        changes = {"cancel": None, "accepting": False, **changes}
    return msgspec.structs.replace(operation, state=state, state_entered_at=entered, **changes)
