"""Links of the VNF lifecycle management interface: where things are, and what can be asked of them now."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from vnfm.sol003.general import Link
from vnfm.sol003.instances import InstantiationState, VnfInstance, VnfInstanceLinks
from vnfm.sol003.operation_occurrences import LcmOperationStateType, VnfLcmOpOcc, VnfLcmOpOccLinks
from vnfm.sol003.snapshots import VnfSnapshotInfo, VnfSnapshotInfoLinks, VnfSnapshotLinks

Url = Callable[[str], str]
"""From a path below the API's root to an absolute URL."""


_TASKS = {
    LcmOperationStateType.STARTING: ("cancel",),
    LcmOperationStateType.PROCESSING: ("cancel",),
    LcmOperationStateType.ROLLING_BACK: ("cancel",),
    LcmOperationStateType.FAILED_TEMP: ("retry", "rollback", "fail"),
}
"""What can be asked of an operation occurrence in each state (SOL003 clause 5.6.2.2)."""


_OF_INSTANTIATED = (
    "terminate",
    "change_flavour",
    "heal",
    "operate",
    "change_ext_conn",
    "change_vnfpkg",
    "create_snapshot",
    "revert_to_snapshot",
)
"""What can be asked of every instance that is INSTANTIATED."""
_NAMES = {"change_vnfpkg": "change_current_vnf_pkg"}
"""Links that are called otherwise than the task (SOL003 clause 5.5.2.2)."""


def instance_path(instance_id: str) -> str:
    """Return the path of a VNF instance below the API's root."""
    return f"/vnf_instances/{instance_id}"


def occurrence_path(operation_id: str) -> str:
    """Return the path of an operation occurrence below the API's root."""
    return f"/vnf_lcm_op_occs/{operation_id}"


def snapshot_path(snapshot_id: str) -> str:
    """Return the path of a snapshot of a VNF below the API's root."""
    return f"/vnf_snapshots/{snapshot_id}"


def state_path(snapshot_id: str) -> str:
    """Return the path of the file with a VNF's state that a snapshot has."""
    return f"{snapshot_path(snapshot_id)}/vnf_state_snapshot"


def linked_instance(instance: VnfInstance, url: Url) -> VnfInstance:
    """Return the instance with links to itself and to the operations that its state allows (clause 5.5.2.2)."""
    here = url(instance_path(instance.id))
    names: tuple[str, ...] = ("instantiate",)
    if instance.instantiation_state is InstantiationState.INSTANTIATED:
        names = (*_OF_INSTANTIATED, *_scaling(instance))
    tasks = {_NAMES.get(name, name): Link(href=f"{here}/{name}") for name in names}
    return msgspec.structs.replace(instance, links=VnfInstanceLinks(self=Link(href=here), **tasks))


def _scaling(instance: VnfInstance) -> tuple[str, ...]:
    info = instance.instantiated_vnf_info
    return ("scale", "scale_to_level") if info and info.scale_status else ()


def linked_occurrence(occurrence: VnfLcmOpOcc, url: Url, *, grant: str | None = None) -> VnfLcmOpOcc:
    """Return the occurrence with links to itself, its instance, its grant and the tasks that its state allows."""
    here = url(occurrence_path(occurrence.id))
    tasks = {task: Link(href=f"{here}/{task}") for task in _TASKS.get(occurrence.operation_state, ())}
    instance = Link(href=url(instance_path(occurrence.vnf_instance_id)))
    if occurrence.vnf_snapshot_info_id:
        tasks["vnf_snapshot"] = Link(href=url(snapshot_path(occurrence.vnf_snapshot_info_id)))
    if grant:
        tasks["grant"] = Link(href=grant)
    links = VnfLcmOpOccLinks(self=Link(href=here), vnf_instance=instance, **tasks)
    return msgspec.structs.replace(occurrence, links=links)


def linked_snapshot(info: VnfSnapshotInfo, url: Url, *, has_state: bool = False) -> VnfSnapshotInfo:
    """Return the snapshot with links to itself, its instance and, where it is here, its VNF's state (clause 5.5.2.22).

    The copy of the instance links to the instance and to none of its tasks, for it tells of a state that has passed.
    """
    snapshot, taken_from, here = info.vnf_snapshot, None, Link(href=url(snapshot_path(info.id)))
    if snapshot:
        taken_from = Link(href=url(instance_path(snapshot.vnf_instance_id)))
        copy = msgspec.structs.replace(snapshot.vnf_instance, links=VnfInstanceLinks(self=taken_from))
        state = Link(href=url(state_path(info.id))) if has_state else None
        of_snapshot = VnfSnapshotLinks(self=here, vnf_state_snapshot=state)
        snapshot = msgspec.structs.replace(snapshot, vnf_instance=copy, links=of_snapshot)
    links = VnfSnapshotInfoLinks(self=here, taken_from=taken_from)
    return msgspec.structs.replace(info, vnf_snapshot=snapshot, links=links)
