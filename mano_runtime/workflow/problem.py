"""Failures as problem details (RFC 9457), as an operation's ``error`` shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mano_runtime.workflow.logic import OperationRefusedError
from mano_runtime.workflow.operation import CancelMode
from mano_runtime.workflow.performer import StepFailedError
from mano_runtime.workflow.plan import Outcome, Plan, Step

Problem = dict[str, Any]


def problem(error: Exception) -> Problem:
    """Return the problem for whatever stopped an operation: a failed step, a refusal or a defect."""
    match error:
        case StepFailedError():
            return {
                "type": "urn:mano:problem:step-failed",
                "title": error.title,
                "status": 500,
                "detail": error.detail,
                **error.members,
            }
        case OperationRefusedError():
            return {
                "type": "urn:mano:problem:operation-refused",
                "title": error.title,
                "status": error.status,
                "detail": error.detail,
                **error.members,
            }
        case _:
            return {
                "type": "urn:mano:problem:defect",
                "title": "The orchestrator has a defect",
                "status": 500,
                "detail": f"{type(error).__name__}: {error}",
            }


def step_problem(step: Step, error: Exception) -> Problem:
    """Return the problem of a step, which it names."""
    return {**problem(error), "step": step.id, "path": step.path}


def operation_problem(plan: Plan, outcomes: Mapping[str, Outcome]) -> Problem | None:
    """Return what stopped a plan: its first failure, with every failure under ``steps`` where there are several.

    None when every step is done.
    """
    failures = [outcome.error for step in plan.steps if (outcome := outcomes.get(step.id)) and outcome.error]
    if not failures:
        return None
    return failures[0] if len(failures) == 1 else {**failures[0], "steps": failures}


def cancel_problem(mode: CancelMode, plan: Plan | None, outcomes: Mapping[str, Outcome]) -> Problem:
    """Return the problem of an operation that was cancelled, with every failure that came before under ``steps``."""
    found: Problem = {
        "type": "urn:mano:problem:cancelled",
        "title": "The operation was cancelled",
        "status": 409,
        "detail": "before it was planned; nothing was changed",
        "cancelMode": mode.value,
    }
    if plan is None:
        return found
    begun = {step.id for step in plan.steps if step.id in outcomes}
    done = {step for step in begun if outcomes[step].done}
    failures = [outcome.error for step in plan.steps if (outcome := outcomes.get(step.id)) and outcome.error]
    found["detail"] = (
        f"{len(done)} of {len(plan.steps)} steps are done, {len(begun - done)} were begun and are not,"
        f" {len(plan.steps) - len(begun)} were not begun"
    )
    return {**found, "steps": failures} if failures else found
