"""The snapshots of the VNF lifecycle management interface (SOL003 clauses 5.4.23 to 5.4.25)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from aiohttp import web

from mano_runtime.rest import Api, Call, created, listing, no_content, ok, small_file
from vnfm.api.links import linked_snapshot, snapshot_path
from vnfm.inventory.snapshots import SnapshotRecord, snapshot_info
from vnfm.inventory.state_snapshots import MEDIA_TYPE
from vnfm.lifecycle.snapshot_requests import SnapshotRequests
from vnfm.sol003.snapshots import (
    CreateVnfSnapshotInfoRequest,
    VnfSnapshotInfo,
    VnfSnapshotInfoModificationRequest,
)

SNAPSHOTS = "/vnf_snapshots"
SNAPSHOT = "/vnf_snapshots/{vnfSnapshotInfoId}"
STATE = f"{SNAPSHOT}/vnf_state_snapshot"
LEFT_OUT_OF_SNAPSHOTS = ("vnfSnapshot/vnfInstance", "vnfSnapshot/vnfcSnapshots")
"""What a list of snapshots leaves out by default (SOL003 clause 5.4.23.3.2)."""


def declare_snapshots(
    api: Api, snapshots: SnapshotRequests, problems: Callable[[], AbstractContextManager[None]]
) -> None:
    """Declare them on an API; ``problems`` turns refusals into problem details."""

    def shown(call: Call[Any], record: SnapshotRecord) -> VnfSnapshotInfo:
        return linked_snapshot(snapshot_info(record), call.url, has_state=record.state is not None)

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

    @api.get(STATE, produces=(MEDIA_TYPE,))
    async def read_state(call: Call[None]) -> web.StreamResponse:
        """Answer with the file, whole or in part; a snapshot's file never changes, so its digest is the ETag."""
        with problems():
            content = await snapshots.state(call.path["vnfSnapshotInfoId"])
        return small_file(call, content, MEDIA_TYPE, etag=hashlib.sha256(content).hexdigest())

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
