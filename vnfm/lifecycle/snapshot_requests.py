"""Requests for snapshots themselves: their places are made, filled, read and removed (SOL003 clause 5.4.23)."""

from __future__ import annotations

import contextlib

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.identifiers import new_id
from mano_runtime.storage import Database, Page, Stored
from mano_runtime.tenancy import acting_for, owner
from mano_runtime.workflow.engine import Engine, SubjectBusyError, WrongStateError
from mano_runtime.workflow.operation import Operation, OperationState
from vnfm.inventory.snapshots import SnapshotRecord, snapshot_info
from vnfm.inventory.tables import VNF_SNAPSHOTS
from vnfm.lifecycle.problems import no_state, not_found
from vnfm.lifecycle.snapshots import LEVEL, check_empty, check_idle, check_unused, check_whole
from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.snapshots import (
    CreateVnfSnapshotInfoRequest,
    VnfSnapshotInfo,
    VnfSnapshotInfoModificationRequest,
)

REMOVAL = "DELETE"
"""The kind of the operation that removes a snapshot."""


class SnapshotRequests:
    """The VNFM's snapshots. Every refusal is a ``SolProblemError``; safe to call concurrently."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database = database
        self._engine = engine

    async def create(self, request: CreateVnfSnapshotInfoRequest) -> VnfSnapshotInfo:
        """Make the place of a snapshot (SOL003 clause 5.4.23.3.1). Not idempotent."""
        record = SnapshotRecord(id=new_id(), package_id=request.vnf_snapshot_pkg_id, snapshot=request.vnf_snapshot)
        async with self._database.transaction() as connection:
            await VNF_SNAPSHOTS.insert(connection, record.id, record)
        return snapshot_info(record)

    async def page(self, *, after: str | None, limit: int) -> Page[SnapshotRecord]:
        """Return some snapshots, oldest first."""
        async with self._database.reading() as connection:
            return await VNF_SNAPSHOTS.page(connection, after=after, limit=limit)

    async def stored(self, snapshot_id: str) -> Stored[SnapshotRecord]:
        """Return the record with its etag; 404 when there is none."""
        async with self._database.reading() as connection:
            stored = await VNF_SNAPSHOTS.get(connection, snapshot_id)
        if stored is None:
            raise not_found("VNF snapshot", snapshot_id)
        return stored

    async def state(self, snapshot_id: str) -> bytes:
        """Return the file with the VNF's state that a snapshot has (SOL003 clause 5.4.25.3.2).

        Raises:
            SolProblemError: 409 for a snapshot that was not taken yet, 404 for one that was not taken here.
        """
        async with self._database.reading() as connection:
            stored = await VNF_SNAPSHOTS.get(connection, snapshot_id)
            if stored is None:
                raise not_found("VNF snapshot", snapshot_id)
            record = stored.document
            if record.snapshot is None:
                await check_idle(connection, snapshot_id, "reading its state")
                check_whole(record, "reading its state")
        if record.state is None:
            raise no_state(snapshot_id)
        return record.state

    async def modify(self, snapshot_id: str, request: VnfSnapshotInfoModificationRequest) -> Stored[SnapshotRecord]:
        """Fill an empty place with what was extracted from a package (SOL003 clause 5.4.24.3.4); 409 unless empty."""
        async with self._database.transaction() as connection:
            stored = await VNF_SNAPSHOTS.get(connection, snapshot_id)
            if stored is None:
                raise not_found("VNF snapshot", snapshot_id)
            await check_idle(connection, snapshot_id, "changing it")
            check_empty(stored.document, "changing it")
            record = msgspec.structs.replace(
                stored.document,
                package_id=request.vnf_snapshot_pkg_id or stored.document.package_id,
                snapshot=request.vnf_snapshot,
            )
            return await VNF_SNAPSHOTS.replace(connection, snapshot_id, record)

    async def delete(self, snapshot_id: str) -> None:
        """Remove a snapshot with all that it has on VIMs, and return when it is gone (SOL003 clause 5.4.24.3.5).

        The removal outlives this call and this process. Where a VIM refuses, the snapshot stays with what is left of
        it and allows nothing but to be removed; asked again, what failed is tried again.

        Raises:
            SolProblemError: 404, 409 when it is in use, and with the VIM's own words 409 where the VIM refuses, 503
                where it cannot be asked now.
        """
        with acting_for(owner((await self.stored(snapshot_id)).tenant)):
            await self._delete(snapshot_id)

    async def _delete(self, snapshot_id: str) -> None:
        async def check(connection: AsyncConnection) -> None:
            stored = await VNF_SNAPSHOTS.get(connection, snapshot_id)
            if stored is None:
                raise not_found("VNF snapshot", snapshot_id)
            await check_idle(connection, snapshot_id, "deleting it")
            await check_unused(connection, stored.document, "deleting it")

        try:
            begun = await self._engine.begin(level=LEVEL, kind=REMOVAL, subject=snapshot_id, request={}, within=check)
            operation_id = begun.id
        except SubjectBusyError as error:
            operation_id = error.operation
            if error.state is OperationState.FAILED_TEMP:
                with contextlib.suppress(WrongStateError):  # somebody else has asked again just now
                    await self._engine.retry(operation_id)
        ended = await self._engine.ended(operation_id)
        if ended.state is not OperationState.COMPLETED:
            raise _stuck(snapshot_id, ended)


def _stuck(snapshot_id: str, operation: Operation) -> SolProblemError:
    error = operation.error or {}
    later = error.get("family") == "retry_later"
    return SolProblemError(
        503 if later else 409,
        "The VNF snapshot could not be removed",
        f"VNF snapshot {snapshot_id} is still there in part; DELETE it again to go on: {error.get('detail', '')}",
        slug="snapshot-not-removed",
        operationId=operation.id,
        **{name: error[name] for name in ("vim", "family", "error") if name in error},
    )
