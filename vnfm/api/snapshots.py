"""The snapshots of the VNF lifecycle management interface (SOL003 clauses 5.4.23 and 5.4.24)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from aiohttp import web

from mano_runtime.rest import Api, Call, created, listing, no_content, ok
from vnfm.api.links import linked_snapshot, snapshot_path
from vnfm.inventory.snapshots import SnapshotRecord, snapshot_info
from vnfm.lifecycle.snapshot_requests import SnapshotRequests
from vnfm.sol003.snapshots import (
    CreateVnfSnapshotInfoRequest,
    VnfSnapshotInfo,
    VnfSnapshotInfoModificationRequest,
)

SNAPSHOTS = "/vnf_snapshots"
SNAPSHOT = "/vnf_snapshots/{vnfSnapshotInfoId}"
LEFT_OUT_OF_SNAPSHOTS = ("vnfSnapshot/vnfInstance", "vnfSnapshot/vnfcSnapshots")
"""What a list of snapshots leaves out by default (SOL003 clause 5.4.23.3.2)."""


def declare_snapshots(
    api: Api, snapshots: SnapshotRequests, problems: Callable[[], AbstractContextManager[None]]
) -> None:
    """Declare them on an API; ``problems`` turns refusals into problem details."""

    def shown(call: Call[Any], record: SnapshotRecord) -> VnfSnapshotInfo:
        return linked_snapshot(snapshot_info(record), call.url)

    @api.post(SNAPSHOTS, body=CreateVnfSnapshotInfoRequest, answer=VnfSnapshotInfo)
    async def create(call: Call[CreateVnfSnapshotInfoRequest]) -> web.StreamResponse:
        with problems():
            info = await snapshots.create(call.body)
        return created(call, linked_snapshot(info, call.url), location=snapshot_path(info.id), etag=1)

    @api.collection(SNAPSHOTS, omitted=LEFT_OUT_OF_SNAPSHOTS, answer=VnfSnapshotInfo)
    async def query(call: Call[None]) -> web.StreamResponse:
        page = await snapshots.page(after=call.marker, limit=call.page_size)
        return listing(call, (shown(call, stored.document) for stored in page.items), next=page.next)

    @api.get(SNAPSHOT, answer=VnfSnapshotInfo)
    async def read(call: Call[None]) -> web.StreamResponse:
        with problems():
            stored = await snapshots.stored(call.path["vnfSnapshotInfoId"])
        return ok(call, shown(call, stored.document), etag=stored.etag)

    @api.patch(SNAPSHOT, body=VnfSnapshotInfoModificationRequest, answer=VnfSnapshotInfoModificationRequest)
    async def modify(call: Call[VnfSnapshotInfoModificationRequest]) -> web.StreamResponse:
        with problems():
            stored = await snapshots.stored(call.path["vnfSnapshotInfoId"])
            call.if_match(stored.etag)
            changed = await snapshots.modify(stored.id, call.body)
        return ok(call, call.body, etag=changed.etag)

    @api.delete(SNAPSHOT)
    async def delete(call: Call[None]) -> web.StreamResponse:
        with problems():
            stored = await snapshots.stored(call.path["vnfSnapshotInfoId"])
            call.if_match(stored.etag)
            await snapshots.delete(stored.id)
        return no_content(call)
