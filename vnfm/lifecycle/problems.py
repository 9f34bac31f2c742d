"""Refusals of the VNF lifecycle management interface, each at one place (SOL003 clause 5.4, SOL013 clause 6)."""

from __future__ import annotations

from mano_runtime.workflow.engine import WrongStateError
from vnfm.sol003.ports import SolProblemError


def not_found(what: str, identifier: str) -> SolProblemError:
    """404: there is no such thing."""
    return SolProblemError(404, f"There is no such {what}", f"{identifier!r} is not known", slug="not-found")


def busy(instance_id: str, operation_id: str, state: str) -> SolProblemError:
    """409: another operation of the instance has not ended."""
    return SolProblemError(
        409,
        "Another operation has not ended",
        f"operation occurrence {operation_id} of VNF instance {instance_id} is in state {state}:"
        " wait for it, or from FAILED_TEMP retry it, roll it back or fail it",
        slug="operation-in-progress",
        vnfLcmOpOccId=operation_id,
        operationState=state,
    )


def wrong_state(instance_id: str, state: str, what: str, instead: str) -> SolProblemError:
    """409: the instance's state does not allow it."""
    return SolProblemError(
        409,
        "The state of the VNF instance does not allow this",
        f"VNF instance {instance_id} is {state}, which does not allow {what}: {instead}",
        slug="wrong-instantiation-state",
        instantiationState=state,
    )


def wrong_snapshot_state(snapshot_id: str, state: str, what: str, instead: str, **members: str) -> SolProblemError:
    """409: the state of a snapshot does not allow it."""
    return SolProblemError(
        409,
        "The state of the VNF snapshot does not allow this",
        f"VNF snapshot {snapshot_id} {state}, which does not allow {what}: {instead}",
        slug="wrong-snapshot-state",
        **members,
    )


def no_state(snapshot_id: str) -> SolProblemError:
    """404: a snapshot has no file with the state of its VNF."""
    return SolProblemError(
        404,
        "There is no such VNF state snapshot",
        f"VNF snapshot {snapshot_id} was extracted from a package, or taken by a version that kept no state: look for"
        " the file in the package, or take another snapshot",
        slug="not-found",
    )


def wrong_operation_state(error: WrongStateError, task: str) -> SolProblemError:
    """409: the operation occurrence's state does not allow it."""
    return SolProblemError(
        409,
        "The state of the operation occurrence does not allow this",
        f"operation occurrence {error.id} is in state {error.state}; {task} needs {' or '.join(error.allowed)}",
        slug="wrong-operation-state",
        operationState=error.state,
    )
