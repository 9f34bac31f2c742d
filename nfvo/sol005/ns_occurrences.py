"""NS operations as NS LCM operation occurrences (SOL005 clause 6.5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.plan import Plan, Verb
from nfvo.planning.connectivity import link_of
from nfvo.planning.desired_state import VNF
from nfvo.planning.sizing import profile_of
from nfvo.sol005.general import Link
from nfvo.sol005.ns_description import Url, instance_path
from nfvo.sol005.ns_instances import (
    AffectedSap,
    AffectedVirtualLink,
    AffectedVnf,
    ChangeResult,
    NsLcmOpOcc,
    NsLcmOpOccLinks,
    ResourceChanges,
)
from vnfm.sol003.operation_occurrences import CancelModeType

_VNF_CHANGES = {Verb.CREATE: "INSTANTIATE", Verb.UPDATE: "SCALE", Verb.DELETE: "TERMINATE"}
_LINK_CHANGES = {Verb.CREATE: "ADD", Verb.DELETE: "DELETE"}
_TASKS = {
    OperationState.PROCESSING: {"cancel": "cancel"},
    OperationState.ROLLING_BACK: {"cancel": "cancel"},
    OperationState.FAILED_TEMP: {"retry": "retry", "rollback": "rollback", "continue_": "continue", "fail": "fail"},
}
"""What can be asked of an operation occurrence in each state (SOL005 clause 6.6.2.2), by attribute of the links."""
_SAP_CHANGES = {"INSTANTIATE": "ADD", "TERMINATE": "REMOVE"}


def occurrence_path(operation_id: str) -> str:
    """Return the path of an operation occurrence below the API's root."""
    return f"/ns_lcm_op_occs/{operation_id}"


def occurrence_of(
    operation: Operation, url: Url, *, steps: Iterable[StepStatus] = (), saps: dict[str, str] | None = None
) -> NsLcmOpOcc:
    """Return the operation as clients see it.

    ``steps`` tell what it has changed so far; ``saps`` are the names of the service access points that it is about, by
    their identifiers.
    """
    here = url(occurrence_path(operation.id))
    tasks = {attribute: Link(href=f"{here}/{task}") for attribute, task in _TASKS.get(operation.state, {}).items()}
    return NsLcmOpOcc(
        id=operation.id,
        operation_state=operation.state.value,
        state_entered_time=operation.state_entered_at,
        status_entered_time=operation.state_entered_at,
        ns_instance_id=operation.subject,
        lcm_operation_type=operation.kind,
        start_time=operation.started_at,
        is_automatic_invocation=operation.automatic,
        operation_params=operation.request,
        is_cancel_pending=operation.cancel is not None,
        cancel_mode=CancelModeType(operation.cancel) if operation.cancel else None,
        error=operation.error,
        resource_changes=_changes(operation, operation.plan, steps, saps or {}) if operation.plan else None,
        links=NsLcmOpOccLinks(
            self=Link(href=here), ns_instance=Link(href=url(instance_path(operation.subject))), **tasks
        ),
    )


def _changes(operation: Operation, plan: Plan, steps: Iterable[StepStatus], saps: dict[str, str]) -> ResourceChanges:
    """What was begun of the plan, and how each change came out; an operation under way has not come to any result."""
    forward = {step.id: step for step in steps if step.phase == "forward"}
    vnfs, links = [], []
    for step in plan.steps:
        resource = plan.resource(step)
        told = forward.get(step.id)
        if told is None or told.state in {"pending", "blocked"}:
            continue
        verb = Verb(step.verb)
        result = _result(operation, forward, step.path, verb)
        if resource.kind == VNF and verb in _VNF_CHANGES:
            known = [resource.result or {}, *_results(forward, step.path)]
            vnfs.append(
                AffectedVnf(
                    vnf_instance_id=next((str(it["id"]) for it in reversed(known) if "id" in it), ""),
                    vnfd_id=resource.spec["vnfdId"],
                    vnf_profile_id=profile_of(step.path),
                    vnf_name=resource.spec["name"],
                    change_type=_VNF_CHANGES[verb],
                    change_result=result,
                )
            )
        elif (link := link_of(step.path)) and verb in _LINK_CHANGES:
            links.append(
                AffectedVirtualLink(
                    ns_virtual_link_instance_id=f"vl/{link}",
                    ns_virtual_link_desc_id=link,
                    vl_profile_id=link,
                    change_type=_LINK_CHANGES[verb],
                    change_result=result,
                )
            )
    return ResourceChanges(
        affected_vnfs=tuple(vnfs), affected_vls=tuple(links), affected_saps=tuple(_saps(operation, saps))
    )


def _result(operation: Operation, forward: dict[str, StepStatus], path: str, verb: Verb) -> ChangeResult:
    """The last step on the resource decides; SOL005 has no word for a change that is under way: it is no success."""
    if operation.state is OperationState.ROLLED_BACK:
        return ChangeResult.ROLLED_BACK
    waits = Verb.GONE if verb is Verb.DELETE else Verb.READY
    last = forward.get(f"{waits}:{path}") or forward[f"{verb}:{path}"]
    return ChangeResult.COMPLETED if last.state == "done" else ChangeResult.FAILED


def _results(forward: dict[str, StepStatus], path: str) -> Iterator[dict[str, object]]:
    yield from (step.result for step in forward.values() if step.path == path and step.result)


def _saps(operation: Operation, saps: dict[str, str]) -> Iterator[AffectedSap]:
    change = _SAP_CHANGES.get(operation.kind)
    results = {
        OperationState.COMPLETED: ChangeResult.COMPLETED,
        OperationState.PARTIALLY_COMPLETED: ChangeResult.COMPLETED,
        OperationState.ROLLED_BACK: ChangeResult.ROLLED_BACK,
        OperationState.FAILED: ChangeResult.FAILED,
    }
    if change is None or operation.state not in results:
        return
    for sap, name in saps.items():
        yield AffectedSap(
            sap_instance_id=sap,
            sapd_id=sap,
            sap_name=name,
            change_type=change,
            change_result=results[operation.state],
        )
