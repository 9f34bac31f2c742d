"""``/vnflcm/v2``: the VNF lifecycle management interface, API version 2.3.0 (SOL003 3.7.1 clause 5.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from aiohttp import web

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Call, ProblemError, accepted, created, listing, no_content, ok
from vnfm.api.links import instance_path, linked_instance, linked_occurrence, occurrence_path
from vnfm.inventory.records import instance_of
from vnfm.lifecycle.occurrences import occurrence_of
from vnfm.lifecycle.problems import not_found
from vnfm.lifecycle.requests import VnfRequests
from vnfm.sol003.notifications import LifecycleChangeNotificationsFilter
from vnfm.sol003.operation_occurrences import CancelMode
from vnfm.sol003.ports import SolProblemError
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

INSTANCES = "/vnf_instances"
INSTANCE = "/vnf_instances/{vnfInstanceId}"
OCCURRENCES = "/vnf_lcm_op_occs"
OCCURRENCE = "/vnf_lcm_op_occs/{vnfLcmOpOccId}"

LEFT_OUT_OF_INSTANCES = (
    "vnfConfigurableProperties",
    "vimConnectionInfo",
    "instantiatedVnfInfo",
    "metadata",
    "extensions",
)
"""What a list of instances leaves out by default (SOL003 clause 5.4.2.3.2)."""

LEFT_OUT_OF_OCCURRENCES = ("operationParams", "error", "resourceChanges", "changedInfo", "changedExtConnectivity")
"""What a list of operation occurrences leaves out by default (SOL003 clause 5.4.12.3.2)."""


Asked = TypeVar("Asked")
Begin = Callable[[str, Asked], Awaitable[str]]
"""Begins an operation that is asked of an instance, and returns the identifier of its occurrence."""


def vnf_lifecycle_api(vnfs: VnfRequests, notifications: Notifications | None = None) -> Api:
    """Return the interface in front of ``vnfs``; without ``notifications`` nobody can subscribe."""
    api = Api("vnflcm", version="2.3.0", root="/vnflcm/v2")
    _instances(api, vnfs)
    _operations(api, vnfs)
    _occurrences(api, vnfs)
    if notifications is not None:
        declare_subscriptions(api, notifications, LifecycleChangeNotificationsFilter, verbosity=True)
    return api


@contextmanager
def _problems() -> Iterator[None]:
    """Turn a refusal of the service into problem details."""
    try:
        yield
    except SolProblemError as error:
        type_ = f"urn:mano:problem:{error.slug}"
        raise ProblemError(error.status, error.title, error.detail, type=type_, **error.members) from error


def _instances(api: Api, vnfs: VnfRequests) -> None:
    @api.post(INSTANCES, body=CreateVnfRequest)
    async def create(call: Call[CreateVnfRequest]) -> web.StreamResponse:
        with _problems():
            instance = await vnfs.create_vnf(call.body)
        return created(call, linked_instance(instance, call.url), location=instance_path(instance.id), etag=1)

    @api.collection(INSTANCES, omitted=LEFT_OUT_OF_INSTANCES)
    async def query(call: Call[None]) -> web.StreamResponse:
        page = await vnfs.page(after=call.marker, limit=call.page_size)
        items = (linked_instance(instance_of(stored.document), call.url) for stored in page.items)
        return listing(call, items, next=page.next)

    @api.get(INSTANCE)
    async def read(call: Call[None]) -> web.StreamResponse:
        stored = await vnfs.stored(call.path["vnfInstanceId"])
        with _problems():
            if stored is None:
                raise not_found("VNF instance", call.path["vnfInstanceId"])
        return ok(call, linked_instance(instance_of(stored.document), call.url), etag=stored.etag)

    @api.patch(INSTANCE, body=VnfInfoModificationRequest)
    async def modify(call: Call[VnfInfoModificationRequest]) -> web.StreamResponse:
        instance_id = call.path["vnfInstanceId"]
        stored = await vnfs.stored(instance_id)
        with _problems():
            if stored is None:
                raise not_found("VNF instance", instance_id)
            call.if_match(stored.etag)
            return _begun(call, await vnfs.modify(instance_id, call.body))

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


def _operations(api: Api, vnfs: VnfRequests) -> None:
    """Declare the tasks of an instance, each with its request and what begins it."""
    _task(api, "instantiate", InstantiateVnfRequest, vnfs.instantiate)
    _task(api, "scale", ScaleVnfRequest, vnfs.scale)
    _task(api, "scale_to_level", ScaleVnfToLevelRequest, vnfs.scale_to_level)
    _task(api, "change_flavour", ChangeVnfFlavourRequest, vnfs.change_flavour)
    _task(api, "terminate", TerminateVnfRequest, vnfs.terminate)
    _task(api, "heal", HealVnfRequest, vnfs.heal)
    _task(api, "operate", OperateVnfRequest, vnfs.operate)
    _task(api, "change_ext_conn", ChangeExtVnfConnectivityRequest, vnfs.change_ext_conn)
    _task(api, "change_vnfpkg", ChangeCurrentVnfPkgRequest, vnfs.change_vnfpkg)


def _task(api: Api, name: str, body: type[Asked], begin: Begin[Asked]) -> None:
    @api.post(f"{INSTANCE}/{name}", body=body)
    async def task(call: Call[Asked]) -> web.StreamResponse:
        with _problems():
            return _begun(call, await begin(call.path["vnfInstanceId"], call.body))


def _begun(call: Call[Any], operation_id: str) -> web.StreamResponse:
    return accepted(call, occurrence_path(operation_id))


def _occurrences(api: Api, vnfs: VnfRequests) -> None:
    @api.collection(OCCURRENCES, omitted=LEFT_OUT_OF_OCCURRENCES)
    async def query(call: Call[None]) -> web.StreamResponse:
        page = await vnfs.operations(after=call.marker, limit=call.page_size)
        items = (linked_occurrence(occurrence_of(stored.document), call.url) for stored in page.items)
        return listing(call, items, next=page.next)

    @api.get(OCCURRENCE)
    async def read(call: Call[None]) -> web.StreamResponse:
        occurrence = await vnfs.get_operation(call.path["vnfLcmOpOccId"])
        with _problems():
            if occurrence is None:
                raise not_found("VNF LCM operation occurrence", call.path["vnfLcmOpOccId"])
        return ok(call, linked_occurrence(occurrence, call.url))

    @api.post(f"{OCCURRENCE}/retry")
    async def retry(call: Call[None]) -> web.StreamResponse:
        with _problems():
            await vnfs.retry(call.path["vnfLcmOpOccId"])
        return accepted(call)

    @api.post(f"{OCCURRENCE}/rollback")
    async def rollback(call: Call[None]) -> web.StreamResponse:
        with _problems():
            await vnfs.rollback(call.path["vnfLcmOpOccId"])
        return accepted(call)

    @api.post(f"{OCCURRENCE}/cancel", body=CancelMode)
    async def cancel(call: Call[CancelMode]) -> web.StreamResponse:
        with _problems():
            await vnfs.cancel(call.path["vnfLcmOpOccId"], call.body.cancel_mode)
        return accepted(call)

    @api.post(f"{OCCURRENCE}/fail")
    async def fail(call: Call[None]) -> web.StreamResponse:
        with _problems():
            occurrence = await vnfs.fail(call.path["vnfLcmOpOccId"])
        return ok(call, linked_occurrence(occurrence, call.url))
