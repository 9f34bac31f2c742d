"""What the VNFM remembers of a snapshot of a VNF, and how it is shown (SOL003 clause 5.5.2.22)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import Operation
from vnfm.inventory.records import VnfRecord, instance_of
from vnfm.inventory.state_snapshots import FORMAT, VnfState, known_resources, known_shape, state_file, state_info
from vnfm.planning.grant_request import handle_of
from vnfm.planning.shape import Shape
from vnfm.planning.snapshots import snapshotted, vnfc_resources
from vnfm.sol003.snapshots import StorageSnapshot, VnfcSnapshotInfo, VnfSnapshot, VnfSnapshotInfo


class SnapshotRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A snapshot as it is stored. Its resources are its own: they outlive the VNF's."""

    id: str
    package_id: str | None = None
    """Of the snapshot package that it was extracted from."""
    taken_from: str | None = None
    """The VNF instance; None until an operation has begun to take it."""
    snapshot: VnfSnapshot | None = None
    """None until it was taken."""
    shape: Shape | None = None
    """Of the VNF when it was taken; what a VNF is reverted to."""
    graph: Graph = {}
    """The snapshots of servers and volumes that exist, or may exist, on VIMs."""
    state: bytes | None = None
    """The file with the VNF's state (``vnfm.inventory.state_snapshots``); None for one that was not taken here."""


def snapshot_info(record: SnapshotRecord) -> VnfSnapshotInfo:
    """Return the record as consumers see it, without links."""
    return VnfSnapshotInfo(id=record.id, vnf_snapshot_pkg_id=record.package_id, vnf_snapshot=record.snapshot)


def taken(
    record: SnapshotRecord, vnf: VnfRecord, operation: Operation, graph: Graph, printed: Mapping[str, str]
) -> SnapshotRecord:
    """Return the record once ``operation`` has taken the snapshot of ``vnf`` and made the resources of ``graph``.

    ``printed``: what scripts of the package said meanwhile, by the path of the step.
    """
    state = VnfState(
        format=FORMAT,
        vnf_snapshot_id=record.id,
        vnf_instance_id=vnf.id,
        vnf_lcm_op_occ_id=operation.id,
        vnfd_id=vnf.vnfd_id,
        taken_at=operation.state_entered_at,
        shape=known_shape(vnf.shape),
        resources=known_resources(vnf.graph),
    )
    content = state_file(state, printed)
    snapshot = VnfSnapshot(
        id=record.id,
        vnf_instance_id=vnf.id,
        creation_started_at=operation.started_at,
        creation_finished_at=operation.state_entered_at,
        vnfd_id=vnf.vnfd_id,
        vnf_instance=instance_of(vnf),
        vnfc_snapshots=tuple(_vnfcs(vnf, operation, graph)),
        vnf_state_snapshot_info=state_info(content, operation.state_entered_at),
        user_defined_data=operation.request.get("userDefinedData", {}),
    )
    return msgspec.structs.replace(
        record, snapshot=snapshot, shape=vnf.shape, graph=graph, taken_from=vnf.id, state=content
    )


def _vnfcs(vnf: VnfRecord, operation: Operation, graph: Graph) -> list[VnfcSnapshotInfo]:
    made = snapshotted(graph)
    found = []
    for vnfc, server, volumes in vnfc_resources(vnf.graph):
        storages = tuple(
            StorageSnapshot(storage_resource_id=path, storage_snapshot_resource=handle_of(made[path]))
            for path in volumes
            if path in made
        )
        if server in made or storages:
            found.append(
                VnfcSnapshotInfo(
                    id=vnfc,
                    vnfc_instance_id=vnfc,
                    creation_started_at=operation.started_at,
                    creation_finished_at=operation.state_entered_at,
                    vnfc_resource_info_id=vnfc,
                    compute_snapshot_resource=handle_of(made[server]) if server in made else None,
                    storage_snapshot_resources=storages,
                )
            )
    return found
