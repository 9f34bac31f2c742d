"""Snapshots of VNFs between operations: what each allows, who uses one, and what is written down of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import OPEN_STATES, Operation, OperationState
from mano_runtime.workflow.operation_log import said
from mano_runtime.workflow.records import OPERATIONS, open_operation
from mano_runtime.workflow.trust import with_uncertainty
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.snapshots import SnapshotRecord, taken
from vnfm.inventory.tables import VNF_INSTANCES, VNF_SNAPSHOTS
from vnfm.lifecycle.problems import wrong_snapshot_state
from vnfm.sol003.operation_occurrences import OF_SNAPSHOTS, LcmOperationType
from vnfm.sol003.ports import unacceptable

LEVEL = "vnf_snapshot"
"""Of the operations that remove snapshots."""


async def snapshot_of(connection: AsyncConnection, operation: Operation) -> SnapshotRecord | None:
    """Return the snapshot that an operation on a VNF names, if it names one that is there."""
    if operation.kind not in OF_SNAPSHOTS:
        return None
    stored = await VNF_SNAPSHOTS.get(connection, operation.request["vnfSnapshotInfoId"])
    return stored.document if stored else None


async def settle_snapshot(connection: AsyncConnection, vnf: VnfRecord, operation: Operation, graph: Graph) -> None:
    """Write what there is of a snapshot once ``operation``, which takes it, has come to where it now stands.

    COMPLETED: it was taken. ROLLED_BACK: its place is empty again. FAILED_TEMP and FAILED: the place is empty, and the
    record knows what may be on the VIMs, so that it goes with the place.
    """
    record = await snapshot_of(connection, operation)
    if record is None or operation.plan is None:
        return
    if operation.state is OperationState.COMPLETED:
        printed = await said(connection, operation.id, "stdout")
        texts = {path: "".join(entry.text for entry in entries) for path, entries in printed.items()}
        record = taken(record, vnf, operation, graph, texts)
    else:
        graph = with_uncertainty(graph, operation)
        record = msgspec.structs.replace(record, graph=graph, taken_from=vnf.id if graph else None)
    await VNF_SNAPSHOTS.replace(connection, record.id, record)


async def usable_snapshot(
    connection: AsyncConnection, vnf: VnfRecord, kind: str, request: Mapping[str, Any]
) -> SnapshotRecord | None:
    """Return the snapshot that a request for an operation names; None where the operation is about none.

    Raises:
        SolProblemError: there is none, or its state does not allow the operation.
    """
    if kind not in OF_SNAPSHOTS:
        return None
    id_ = request["vnfSnapshotInfoId"]
    stored = await VNF_SNAPSHOTS.get(connection, id_)
    if stored is None:
        detail = f"there is no VNF snapshot {id_!r}: POST /vnf_snapshots makes the place of one"
        raise unacceptable("vnfSnapshotInfoId", detail, slug="unknown-snapshot")
    await check_idle(connection, id_, kind)
    if kind == LcmOperationType.CREATE_SNAPSHOT:
        check_empty(stored.document, kind)
    else:
        _check_taken(stored.document, vnf, kind)
    return stored.document


async def check_idle(connection: AsyncConnection, id_: str, what: str) -> None:
    """Refuse what needs a snapshot that no operation is at."""
    if removal := await open_operation(connection, LEVEL, id_):
        instead = "DELETE it again to go on with that"
        raise wrong_snapshot_state(id_, "is being removed", what, instead, operationId=removal.id)
    using = await OPERATIONS.all(connection, equal={"level": "vnf", "kind": OF_SNAPSHOTS, "state": OPEN_STATES})
    for stored in using:
        operation = stored.document
        if operation.request.get("vnfSnapshotInfoId") == id_:
            state = f"is in use by operation occurrence {operation.id}, which is in state {operation.state}"
            instead = "wait for it, or from FAILED_TEMP retry it, roll it back or fail it"
            raise wrong_snapshot_state(id_, state, what, instead, vnfLcmOpOccId=operation.id)


async def check_unused(connection: AsyncConnection, record: SnapshotRecord, what: str) -> None:
    """Refuse to remove a snapshot that something of its VNF is made from: it could not be made again."""
    stored = await VNF_INSTANCES.get(connection, record.taken_from) if record.taken_from else None
    users = sorted(_users(stored.document, record)) if stored else []
    if stored and users:
        state = f"is what {', '.join(users)} of VNF instance {stored.id} are made from"
        instead = (
            'heal these with additionalParams {"all": true}, which makes them from the package, or terminate the VNF'
        )
        raise wrong_snapshot_state(record.id, state, what, instead, vnfInstanceId=stored.id)


def check_empty(record: SnapshotRecord, what: str) -> None:
    """Refuse to fill a snapshot that is not empty."""
    if record.snapshot is not None:
        instead = "make the place of another with POST /vnf_snapshots"
        raise wrong_snapshot_state(record.id, "was taken or extracted already", what, instead)
    if record.graph:
        instead = "DELETE it, and make the place of another with POST /vnf_snapshots"
        raise wrong_snapshot_state(record.id, "has what is left of an operation that failed", what, instead)


def check_whole(record: SnapshotRecord, what: str) -> None:
    """Refuse what needs a snapshot that was taken."""
    if record.snapshot is None:
        raise wrong_snapshot_state(record.id, "is empty", what, "take it first, with create_snapshot")


def _check_taken(record: SnapshotRecord, vnf: VnfRecord, what: str) -> None:
    check_whole(record, what)
    if record.shape is None:
        instead = "this VNFM reverts to snapshots that it has taken itself"
        raise wrong_snapshot_state(record.id, "was extracted from a package and is on no VIM", what, instead)
    taken_of = record.snapshot.vnf_instance_id if record.snapshot else record.taken_from or ""
    if taken_of != vnf.id:
        state = f"was taken of VNF instance {taken_of}"
        instead = (
            f"name one that was taken of {vnf.id}; GET /vnf_snapshots?filter=(eq,vnfSnapshot/vnfInstanceId,{vnf.id})"
        )
        raise wrong_snapshot_state(record.id, state, what, instead, vnfInstanceId=taken_of)


def _users(vnf: VnfRecord, record: SnapshotRecord) -> set[str]:
    """What of the VNF is, or shall be, made from the snapshot."""
    ids = {(resource.result or {}).get("id") for resource in record.graph.values()} - {None}
    there = {path for path, it in vnf.graph.items() if {it.spec.get("image"), it.spec.get("snapshot")} & ids}
    origins = vnf.shape.origins if vnf.shape else {}
    return there | {path for path, origin in origins.items() if origin.snapshot == record.id}
