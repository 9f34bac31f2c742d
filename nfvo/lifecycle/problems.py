"""Refusals of NS lifecycle management, each at one place (SOL005 clause 6.4, SOL013 clause 6)."""

from __future__ import annotations

from mano_runtime.rest import ProblemError
from mano_runtime.workflow.engine import WrongStateError


def not_found(what: str, identifier: str) -> ProblemError:
    """404: there is no such thing."""
    return ProblemError(
        404, f"There is no such {what}", f"{identifier!r} is not known", type="urn:mano:problem:not-found"
    )


def unacceptable(attribute: str, detail: str, slug: str = "unprocessable-request") -> ProblemError:
    """422: the request is well-formed and does not fit; ``attribute`` is the path of what is to blame."""
    return ProblemError(
        422,
        "The request cannot be carried out",
        f"{attribute}: {detail}",
        type=f"urn:mano:problem:{slug}",
        attribute=attribute,
    )


def busy(ns_id: str, operation_id: str, state: str) -> ProblemError:
    """409: another operation of the instance has not ended."""
    return ProblemError(
        409,
        "Another operation has not ended",
        f"operation occurrence {operation_id} of NS instance {ns_id} is in state {state}:"
        " wait for it, or from FAILED_TEMP retry it, roll it back or fail it",
        type="urn:mano:problem:operation-in-progress",
        nsLcmOpOccId=operation_id,
        operationState=state,
    )


def wrong_state(ns_id: str, state: str, what: str, instead: str) -> ProblemError:
    """409: the instance's state does not allow it."""
    return ProblemError(
        409,
        "The state of the NS instance does not allow this",
        f"NS instance {ns_id} is {state}, which does not allow {what}: {instead}",
        type="urn:mano:problem:wrong-ns-state",
        nsState=state,
    )


def wrong_operation_state(error: WrongStateError, task: str) -> ProblemError:
    """409: the operation occurrence's state does not allow it."""
    return ProblemError(
        409,
        "The state of the operation occurrence does not allow this",
        f"operation occurrence {error.id} is in state {error.state}; {task} needs {' or '.join(error.allowed)}",
        type="urn:mano:problem:wrong-operation-state",
        operationState=error.state,
    )
