"""The VNF lifecycle management interface (SOL003 clause 5.4), in each release of the standard that is served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Call, ProblemError, begun, created, listing, no_content, ok
from vnfm.api.links import instance_path, linked_instance, occurrence_path
from vnfm.api.occurrences import declare_occurrences
from vnfm.api.snapshots import declare_snapshots
from vnfm.inventory.records import instance_of
from vnfm.lifecycle.problems import not_found
from vnfm.lifecycle.requests import VnfRequests
from vnfm.lifecycle.snapshot_requests import SnapshotRequests
from vnfm.sol003.instances import VnfInstance
from vnfm.sol003.notifications import LifecycleChangeNotificationsFilter
from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.releases import RELEASES, Release
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    CreateVnfRequest,
    HealVnfRequest,
    InstantiateVnfRequest,
    OperateVnfRequest,
    ScaleVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
    VnfInfoModificationRequest,
)
from vnfm.sol003.snapshots import CreateVnfSnapshotRequest, RevertToVnfSnapshotRequest

INSTANCES = "/vnf_instances"
INSTANCE = "/vnf_instances/{vnfInstanceId}"

LEFT_OUT_OF_INSTANCES = (
    "vnfConfigurableProperties",
    "vimConnectionInfo",
    "instantiatedVnfInfo",
    "metadata",
    "extensions",
)
"""What a list of instances leaves out by default (SOL003 clause 5.4.2.3.2)."""

INDEXED_IN_INSTANCES = {"vnfdId": "vnfd_id", "instantiationState": "state"}
"""Attributes that lists are filtered by quickly, and their columns."""

Asked = TypeVar("Asked")
Begin = Callable[[str, Asked], Awaitable[str]]
"""Begins an operation that is asked of an instance, and returns the identifier of its occurrence."""


def vnf_lifecycle_apis(
    vnfs: VnfRequests, snapshots: SnapshotRequests, notifications: Notifications | None = None, *, granting: str = ""
) -> list[Api]:
    """Return the interface in front of ``vnfs`` in every release; without ``notifications`` nobody can subscribe.

    ``granting``: the URL of the interface that grants are at; empty: they are at ``GRANTING`` of the listener that is
    asked, if it serves that.
    """
    return [_api(release, vnfs, snapshots, notifications, granting) for release in RELEASES]


def _api(
    release: Release,
    vnfs: VnfRequests,
    snapshots: SnapshotRequests,
    notifications: Notifications | None,
    granting: str,
) -> Api:
    api = Api("vnflcm", version=release.version, root=release.root)
    _instances(api, release, vnfs)
    _operations(api, release, vnfs)
    declare_occurrences(api, release, vnfs, _problems, granting=granting)
    if "create_snapshot" not in release.lacks:
        declare_snapshots(api, snapshots, _problems)
    if notifications is not None:
        filter_type = LifecycleChangeNotificationsFilter
        declare_subscriptions(api, notifications, filter_type, verbosity=release.verbosity)
    return api


@contextmanager
def _problems() -> Iterator[None]:
    """Turn a refusal of the service into problem details."""
    try:
        yield
    except SolProblemError as error:
        type_ = f"urn:mano:problem:{error.slug}"
        raise ProblemError(error.status, error.title, error.detail, type=type_, **error.members) from error


def _instances(api: Api, release: Release, vnfs: VnfRequests) -> None:
    def shown(call: Call[Any], instance: VnfInstance) -> object:
        return release.shown(linked_instance(instance, call.url))

    @api.post(INSTANCES, body=CreateVnfRequest, answer=release.answer(VnfInstance))
    async def create(call: Call[CreateVnfRequest]) -> web.StreamResponse:
        with _problems():
            instance = await vnfs.create_vnf(call.body)
        return created(call, shown(call, instance), location=instance_path(instance.id), etag=1)

    @api.collection(
        INSTANCES, omitted=LEFT_OUT_OF_INSTANCES, indexed=INDEXED_IN_INSTANCES, answer=release.answer(VnfInstance)
    )
    async def query(call: Call[None]) -> web.StreamResponse:
        outlines = not call.wants("instantiatedVnfInfo")
        page = await vnfs.page(after=call.marker, limit=call.page_size, equal=call.equal, outlines=outlines)
        items = (shown(call, instance_of(stored.document)) for stored in page.items)
        return listing(call, items, next=page.next)

    @api.get(INSTANCE, answer=release.answer(VnfInstance))
    async def read(call: Call[None]) -> web.StreamResponse:
        stored = await vnfs.stored(call.path["vnfInstanceId"])
        with _problems():
            if stored is None:
                raise not_found("VNF instance", call.path["vnfInstanceId"])
        return ok(call, shown(call, instance_of(stored.document)), etag=stored.etag)

    @api.patch(INSTANCE, body=release.body(VnfInfoModificationRequest), status=202)
    async def modify(call: Call[Any]) -> web.StreamResponse:
        instance_id = call.path["vnfInstanceId"]
        stored = await vnfs.stored(instance_id)
        with _problems():
            if stored is None:
                raise not_found("VNF instance", instance_id)
            call.if_match(stored.etag)
            operation_id = await vnfs.modify(instance_id, release.meant(call.body, None))
        return await _begun(call, vnfs, operation_id)

    @api.delete(INSTANCE)
    async def delete(call: Call[None]) -> web.StreamResponse:
        instance_id = call.path["vnfInstanceId"]
        stored = await vnfs.stored(instance_id)
        with _problems():
            if stored is None:
                raise not_found("VNF instance", instance_id)
            call.if_match(stored.etag)
            await vnfs.delete_vnf(instance_id)
        return no_content(call)


def _operations(api: Api, release: Release, vnfs: VnfRequests) -> None:
    """Declare the tasks of an instance, each with its request and what begins it."""

    def task(name: str, asked: type[Asked], begin: Begin[Asked]) -> None:
        if name in release.lacks:
            return

        @api.post(f"{INSTANCE}/{name}", body=release.body(asked))
        async def perform(call: Call[Any]) -> web.StreamResponse:
            instance_id = call.path["vnfInstanceId"]
            with _problems():
                instance = await vnfs.get_vnf(instance_id) if release.bodies else None
                meant = release.meant(call.body, instance)
                operation_id = await begin(instance_id, meant)
            return await _begun(call, vnfs, operation_id)

    task("instantiate", InstantiateVnfRequest, vnfs.instantiate)
    task("scale", ScaleVnfRequest, vnfs.scale)
    task("scale_to_level", ScaleVnfToLevelRequest, vnfs.scale_to_level)
    task("change_flavour", ChangeVnfFlavourRequest, vnfs.change_flavour)
    task("terminate", TerminateVnfRequest, vnfs.terminate)
    task("heal", HealVnfRequest, vnfs.heal)
    task("operate", OperateVnfRequest, vnfs.operate)
    task("change_ext_conn", ChangeExtVnfConnectivityRequest, vnfs.change_ext_conn)
    task("change_vnfpkg", ChangeCurrentVnfPkgRequest, vnfs.change_vnfpkg)
    task("create_snapshot", CreateVnfSnapshotRequest, vnfs.create_snapshot)
    task("revert_to_snapshot", RevertToVnfSnapshotRequest, vnfs.revert_to_snapshot)


async def _begun(call: Call[Any], vnfs: VnfRequests, operation_id: str) -> web.StreamResponse:
    return await begun(call, partial(vnfs.ended, operation_id), occurrence_path(operation_id))
