"""NS lifecycle management (SOL005 clause 6): ``/nslcm/v2``.

Update, heal and subscriptions are not served yet.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from aiohttp import web

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Call, begun, created, listing, no_content, ok
from mano_runtime.storage import Stored
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.operation import Operation
from nfvo.inventory.ns_instances import NsRecord
from nfvo.lifecycle.decision import decision_of
from nfvo.lifecycle.requests import NsRequests
from nfvo.sol005.ns_description import described, instance_path
from nfvo.sol005.ns_instances import NsInstance, NsLcmOpOcc
from nfvo.sol005.ns_notifications import LifecycleChangeNotificationsFilter
from nfvo.sol005.ns_occurrences import occurrence_of, occurrence_path
from nfvo.sol005.ns_requests import CreateNsRequest, InstantiateNsRequest, ScaleNsRequest, TerminateNsRequest
from vnfm.sol003.operation_occurrences import CancelMode

INSTANCES = "/ns_instances"
INSTANCE = "/ns_instances/{nsInstanceId}"
OCCURRENCES = "/ns_lcm_op_occs"
OCCURRENCE = "/ns_lcm_op_occs/{nsLcmOpOccId}"

LEFT_OUT_OF_INSTANCES = (
    "vnfInstance",
    "virtualLinkInfo",
    "sapInfo",
    "nsScaleStatus",
    "additionalAffinityOrAntiAffinityRule",
)
"""What a list of instances leaves out by default (SOL005 clause 6.4.2.3.2)."""

LEFT_OUT_OF_OCCURRENCES = ("operationParams", "error", "resourceChanges")
"""What a list of operation occurrences leaves out by default (SOL005 clause 6.4.9.3.2)."""

INDEXED_IN_INSTANCES = {"nsdId": "nsd_id", "nsState": "state"}
INDEXED_IN_OCCURRENCES = {"nsInstanceId": "subject", "lcmOperationType": "kind", "operationState": "state"}
"""Attributes that lists are filtered by quickly, and their columns."""

_LOOKS_WITHIN = frozenset({"filter", "all_fields", "fields", "exclude_fields"})
"""Parameters of a list by which a client may want what is left out by default."""


def nslcm_api(services: NsRequests, engine: Engine, notifications: Notifications | None = None) -> Api:
    """Return the interface in front of ``services``; without ``notifications`` nobody can subscribe."""
    api = Api("nslcm", version="2.3.0", root="/nslcm/v2")
    _instances(api, services)
    _operations(api, services)
    _occurrences(api, services, engine)
    if notifications is not None:
        declare_subscriptions(api, notifications, LifecycleChangeNotificationsFilter, verbosity=True)
    return api


def _instances(api: Api, services: NsRequests) -> None:
    async def shown(call: Call[Any], record: NsRecord, busy: frozenset[str], *, whole: bool = True) -> NsInstance:
        flavour = await services.flavour(record) if whole else None
        vnfs = await services.vnfs(record) if whole else []
        return described(record, flavour, vnfs, call.url, busy=record.id in busy)

    @api.post(INSTANCES, body=CreateNsRequest, answer=NsInstance)
    async def create(call: Call[CreateNsRequest]) -> web.StreamResponse:
        stored = await services.create(call.body)
        instance = await shown(call, stored.document, frozenset())
        return created(call, instance, instance_path(stored.id), etag=stored.etag)

    @api.collection(INSTANCES, omitted=LEFT_OUT_OF_INSTANCES, indexed=INDEXED_IN_INSTANCES, answer=NsInstance)
    async def query(call: Call[None]) -> web.StreamResponse:
        page = await services.page(after=call.marker, limit=call.page_size, equal=call.equal)
        busy = await services.busy_ones(stored.id for stored in page.items)
        whole = bool(_LOOKS_WITHIN & call.query.keys())
        items = [await shown(call, stored.document, busy, whole=whole) for stored in page.items]
        return listing(call, items, next=page.next)

    @api.get(INSTANCE, answer=NsInstance)
    async def read(call: Call[None]) -> web.StreamResponse:
        stored: Stored[NsRecord] = await services.get(call.path["nsInstanceId"])
        busy = await services.busy_ones([stored.id])
        return ok(call, await shown(call, stored.document, busy), etag=stored.etag)

    @api.delete(INSTANCE)
    async def delete(call: Call[None]) -> web.StreamResponse:
        await services.delete(call.path["nsInstanceId"], call.if_match)
        return no_content(call)


def _operations(api: Api, services: NsRequests) -> None:
    @api.post(f"{INSTANCE}/instantiate", body=InstantiateNsRequest)
    async def instantiate(call: Call[InstantiateNsRequest]) -> web.StreamResponse:
        id_ = await services.instantiate(call.path["nsInstanceId"], call.body)
        return await begun(call, partial(services.ended, id_), occurrence_path(id_))

    @api.post(f"{INSTANCE}/scale", body=ScaleNsRequest)
    async def scale(call: Call[ScaleNsRequest]) -> web.StreamResponse:
        id_ = await services.scale(call.path["nsInstanceId"], call.body)
        return await begun(call, partial(services.ended, id_), occurrence_path(id_))

    @api.post(f"{INSTANCE}/terminate", body=TerminateNsRequest)
    async def terminate(call: Call[TerminateNsRequest]) -> web.StreamResponse:
        id_ = await services.terminate(call.path["nsInstanceId"], call.body)
        return await begun(call, partial(services.ended, id_), occurrence_path(id_))


def _occurrences(api: Api, services: NsRequests, engine: Engine) -> None:
    async def shown(call: Call[Any], operation: Operation) -> NsLcmOpOcc:
        steps = await engine.steps(operation.id)
        saps = {sap.id: sap.name for sap in decision_of(operation).saps}
        return occurrence_of(operation, call.url, steps=steps, saps=saps)

    @api.collection(OCCURRENCES, omitted=LEFT_OUT_OF_OCCURRENCES, indexed=INDEXED_IN_OCCURRENCES, answer=NsLcmOpOcc)
    async def query(call: Call[None]) -> web.StreamResponse:
        page = await services.operations(after=call.marker, limit=call.page_size, equal=call.equal)
        if _LOOKS_WITHIN & call.query.keys():
            items = [await shown(call, stored.document) for stored in page.items]
        else:
            items = [occurrence_of(stored.document, call.url) for stored in page.items]
        return listing(call, items, next=page.next)

    @api.get(OCCURRENCE, answer=NsLcmOpOcc)
    async def read(call: Call[None]) -> web.StreamResponse:
        return ok(call, await shown(call, await services.operation(call.path["nsLcmOpOccId"])))

    @api.post(f"{OCCURRENCE}/retry")
    async def retry(call: Call[None]) -> web.StreamResponse:
        await services.retry(id_ := call.path["nsLcmOpOccId"])
        return await begun(call, partial(services.ended, id_))

    @api.post(f"{OCCURRENCE}/rollback")
    async def rollback(call: Call[None]) -> web.StreamResponse:
        await services.rollback(id_ := call.path["nsLcmOpOccId"])
        return await begun(call, partial(services.ended, id_))

    @api.post(f"{OCCURRENCE}/continue")
    async def proceed(call: Call[None]) -> web.StreamResponse:
        await services.proceed(id_ := call.path["nsLcmOpOccId"])
        return await begun(call, partial(services.ended, id_))

    @api.post(f"{OCCURRENCE}/cancel", body=CancelMode)
    async def cancel(call: Call[CancelMode]) -> web.StreamResponse:
        await services.cancel(id_ := call.path["nsLcmOpOccId"], call.body.cancel_mode)
        return await begun(call, partial(services.ended, id_))

    @api.post(f"{OCCURRENCE}/fail", answer=NsLcmOpOcc, status=200)
    async def fail(call: Call[None]) -> web.StreamResponse:
        return ok(call, await shown(call, await services.fail(call.path["nsLcmOpOccId"])))
