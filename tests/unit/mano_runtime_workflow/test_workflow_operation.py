from __future__ import annotations

import itertools

import pytest

from mano_runtime.workflow.operation import (
    ACTIVE_STATES,
    ENDED_STATES,
    OPEN_STATES,
    Event,
    ImpossibleTransitionError,
    Operation,
    OperationState,
    moved,
    transition,
)

POSSIBLE = {
    ("STARTING", "planned"): "PROCESSING",
    ("STARTING", "refused"): "ROLLED_BACK",
    ("PROCESSING", "planned"): "PROCESSING",
    ("PROCESSING", "done"): "COMPLETED",
    ("PROCESSING", "error"): "FAILED_TEMP",
    ("PROCESSING", "accepted"): "PARTIALLY_COMPLETED",
    ("FAILED_TEMP", "retry"): "PROCESSING",
    ("FAILED_TEMP", "continue"): "PROCESSING",
    ("FAILED_TEMP", "rollback"): "ROLLING_BACK",
    ("FAILED_TEMP", "fail"): "FAILED",
    ("ROLLING_BACK", "undone"): "ROLLED_BACK",
    ("ROLLING_BACK", "error"): "FAILED_TEMP",
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(OperationState, Event)))
def test_every_pair_of_state_and_event(state, event):
    """What SOL003 5.6.2.2 and SOL005 6.6.2.2 allow leads where they say; everything else cannot happen."""
    expected = POSSIBLE.get((state.value, event.value))
    if expected is None:
        with pytest.raises(ImpossibleTransitionError, match=f"{event} cannot happen in {state}"):
            transition(state, event)
    else:
        assert transition(state, event) == expected


def test_the_sets_of_states():
    """A subject is busy in open states; something moves by itself in active ones only."""
    assert {state.value for state in OPEN_STATES} == {"STARTING", "PROCESSING", "ROLLING_BACK", "FAILED_TEMP"}
    assert set(OperationState) == ENDED_STATES | ACTIVE_STATES
    assert not ENDED_STATES & ACTIVE_STATES
    assert {OperationState.FAILED_TEMP} == OPEN_STATES & ENDED_STATES


def test_moving_keeps_the_time_of_entry_while_the_state_stays():
    """``state_entered_at`` tells when the state was entered, not when the record was written."""
    operation = Operation(
        id="o",
        level="toy",
        kind="BUILD",
        subject="s",
        state=OperationState.PROCESSING,
        state_entered_at="2026-01-01T00:00:00Z",
        started_at="2026-01-01T00:00:00Z",
    )
    planned = moved(operation, Event.PLANNED, context={"grant": "g"})
    assert (planned.state_entered_at, planned.context) == (operation.state_entered_at, {"grant": "g"})
    assert moved(operation, Event.DONE).state_entered_at > operation.state_entered_at
