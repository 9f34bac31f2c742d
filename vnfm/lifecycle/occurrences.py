"""Operations as VNF LCM operation occurrences (SOL003 clause 5.5.2.13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from mano_runtime.merge_patch import merged_patch
from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.operation import Operation, OperationState
from vnfm.inventory.description import external_connectivity
from vnfm.inventory.modifications import MODIFIED, TREES
from vnfm.lifecycle.affected_resources import affected_vip_cps, resource_changes
from vnfm.lifecycle.decision import Decision, decision_of
from vnfm.lifecycle.lcm_coordinations import coordinates, lcm_coordinations, warnings_of
from vnfm.lifecycle.net_changes import net_changes, present
from vnfm.planning.paths import virtual_point_of
from vnfm.sol003.connectivity import ExtVirtualLinkInfo
from vnfm.sol003.operation_occurrences import (
    OF_SNAPSHOTS,
    CancelModeType,
    LcmOperationStateType,
    LcmOperationType,
    ModificationsTriggeredByVnfPkgChange,
    RejectedLcmCoordination,
    VnfInfoModifications,
    VnfLcmOpOcc,
)


def occurrence_of(
    operation: Operation,
    steps: Iterable[StepStatus] | None = None,
    rejected: tuple[RejectedLcmCoordination, ...] = (),
) -> VnfLcmOpOcc:
    """Return the operation as consumers see it, without links; ``steps`` tell what it has changed so far."""
    decision = decision_of(operation)
    return VnfLcmOpOcc(
        id=operation.id,
        operation_state=LcmOperationStateType(operation.state),
        state_entered_time=operation.state_entered_at,
        start_time=operation.started_at,
        vnf_instance_id=operation.subject,
        grant_id=decision.grant_id if decision else None,
        operation=LcmOperationType(operation.kind),
        is_automatic_invocation=operation.automatic,
        operation_params=operation.request,
        is_cancel_pending=operation.cancel is not None,
        cancel_mode=CancelModeType(operation.cancel) if operation.cancel else None,
        error=operation.error,
        resource_changes=resource_changes(operation, steps) if steps is not None and operation.plan else None,
        affected_vip_cps=affected_vip_cps(operation, steps) if steps is not None else (),
        changed_ext_connectivity=_connectivity(operation, decision, steps or ()),
        vnf_snapshot_info_id=operation.request.get("vnfSnapshotInfoId") if operation.kind in OF_SNAPSHOTS else None,
        lcm_coordinations=lcm_coordinations(operation, steps or ()),
        rejected_lcm_coordinations=rejected,
        warnings=warnings_of(operation, steps or ()),
        **_told(operation, decision),
    )


def tells_of_steps(operation: Operation) -> bool:
    """Whether what its steps have done is in attributes that lists do not leave out."""
    touched = {step.path for step in operation.plan.steps} if operation.plan else set()
    return any(map(virtual_point_of, touched)) or coordinates(operation)


def _connectivity(
    operation: Operation, decision: Decision | None, steps: Iterable[StepStatus]
) -> tuple[ExtVirtualLinkInfo, ...]:
    """The external links that the operation has changed the ports of so far, with the ports that they have now."""
    if operation.plan is None or decision is None or decision.shape is None:
        return ()
    changes = net_changes(operation, steps)
    put_back = {path for path, change in changes.items() if change.put_back}
    before, after = decision.attachments_before, decision.attachments
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} & changes.keys()
    links = {it[path].link_id for it in (before, after) for path in changed - put_back if path in it}
    now = {**after, **{path: it for path, it in before.items() if path in put_back}}
    found = external_connectivity(decision.shape, present(operation.plan, changes), now)
    return tuple(link for link in found if link.id in links)


def _told(operation: Operation, decision: Decision | None) -> dict[str, Any]:
    """What the operation has set of the instance's attributes: by request, or with another package.

    They are set when it is completed, and not before. A snapshot brings the VNF back to the package that it had then:
    that is no change of the current package, so it is told with whatever else the operation has set.
    """
    if operation.state is not OperationState.COMPLETED:
        return {}
    asked = operation.request
    told = {name: value for name, value in asked.items() if name in MODIFIED and value}
    told["vimConnectionInfo"] = {vim: info for vim, info in asked.get("vimConnectionInfo", {}).items() if info}
    if package := decision.package if decision else None:
        told |= {name: merged_patch(package.attributes.get(name, {}), asked.get(name, {})) for name in TREES}
        told |= {
            "vnfdId": package.vnfd_id,
            "vnfProvider": package.provider,
            "vnfProductName": package.product_name,
            "vnfSoftwareVersion": package.software_version,
            "vnfdVersion": package.vnfd_version,
        }
    if package and operation.kind == LcmOperationType.CHANGE_VNFPKG:
        changes = msgspec.convert(told, ModificationsTriggeredByVnfPkgChange)
        return {"modifications_triggered_by_vnf_pkg_change": changes}
    info = msgspec.convert(told, VnfInfoModifications)
    return {"changed_info": info} if info != VnfInfoModifications() else {}
