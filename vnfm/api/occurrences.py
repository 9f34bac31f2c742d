"""The operation occurrences of the VNF lifecycle management interface (SOL003 clauses 5.4.12 to 5.4.17)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from urllib.parse import quote

from aiohttp import web

from mano_runtime.rest import Api, Call, begun, listing, ok
from vnfm.api.links import linked_occurrence
from vnfm.lifecycle.occurrence_details import DETAILS
from vnfm.lifecycle.problems import not_found
from vnfm.lifecycle.requests import VnfRequests
from vnfm.sol003.grants import GRANTING
from vnfm.sol003.operation_occurrences import CancelMode, VnfLcmOpOcc
from vnfm.sol003.releases import Release

OCCURRENCES = "/vnf_lcm_op_occs"
OCCURRENCE = "/vnf_lcm_op_occs/{vnfLcmOpOccId}"
LEFT_OUT_OF_OCCURRENCES = (
    "operationParams",
    "error",
    "resourceChanges",
    "changedInfo",
    "changedExtConnectivity",
    "lcmCoordinations",
    "modificationsTriggeredByVnfPkgChange",
    "warnings",
)
"""What a list of operation occurrences leaves out by default (SOL003 clause 5.4.12.3.2)."""
INDEXED_IN_OCCURRENCES = {"vnfInstanceId": "subject", "operation": "kind", "operationState": "state"}
"""Attributes that lists are filtered by quickly, and their columns."""

Problems = Callable[[], AbstractContextManager[None]]
Show = Callable[[Call[Any], VnfLcmOpOcc], object | None]


def declare_occurrences(api: Api, release: Release, vnfs: VnfRequests, problems: Problems, *, granting: str) -> None:
    """Declare them on an API; ``problems`` turns refusals into problem details.

    ``granting``: as for ``vnf_lifecycle_apis``.
    """

    def shown(call: Call[Any], occurrence: VnfLcmOpOcc) -> object | None:
        grant = _grant(call, occurrence.grant_id, granting)
        return release.shown(linked_occurrence(occurrence, call.url, grant=grant))

    left_out = set(LEFT_OUT_OF_OCCURRENCES) - set(release.required)

    @api.collection(
        OCCURRENCES,
        omitted=left_out,
        kept=release.required,
        indexed=INDEXED_IN_OCCURRENCES,
        answer=release.answer(VnfLcmOpOcc),
    )
    async def query(call: Call[None]) -> web.StreamResponse:
        found, following = await vnfs.operations(
            after=call.marker, limit=call.page_size, equal=call.equal, details=any(map(call.wants, DETAILS))
        )
        return listing(call, filter(None, (shown(call, occurrence) for occurrence in found)), next=following)

    _declare_one(api, release, vnfs, problems, shown)


def _declare_one(api: Api, release: Release, vnfs: VnfRequests, problems: Problems, shown: Show) -> None:
    async def known(call: Call[Any]) -> tuple[str, object]:
        """Return an occurrence's identifier and what is shown of it; what a release has no name for is none to it."""
        id_ = call.path["vnfLcmOpOccId"]
        occurrence = await vnfs.get_operation(id_)
        told = occurrence and shown(call, occurrence)
        if told is None:
            raise not_found("VNF LCM operation occurrence", id_)
        return id_, told

    async def task(call: Call[Any], begin: Callable[[str], Awaitable[None]]) -> web.StreamResponse:
        with problems():
            id_, _ = await known(call)
            await begin(id_)
        return await begun(call, partial(vnfs.ended, id_))

    @api.get(OCCURRENCE, answer=release.answer(VnfLcmOpOcc))
    async def read(call: Call[None]) -> web.StreamResponse:
        with problems():
            _, told = await known(call)
        return ok(call, told)

    @api.post(f"{OCCURRENCE}/retry")
    async def retry(call: Call[None]) -> web.StreamResponse:
        return await task(call, vnfs.retry)

    @api.post(f"{OCCURRENCE}/rollback")
    async def rollback(call: Call[None]) -> web.StreamResponse:
        return await task(call, vnfs.rollback)

    @api.post(f"{OCCURRENCE}/cancel", body=CancelMode)
    async def cancel(call: Call[CancelMode]) -> web.StreamResponse:
        return await task(call, partial(vnfs.cancel, mode=call.body.cancel_mode))

    @api.post(f"{OCCURRENCE}/fail", answer=release.answer(VnfLcmOpOcc), status=200)
    async def fail(call: Call[None]) -> web.StreamResponse:
        with problems():
            id_, _ = await known(call)
            occurrence = await vnfs.fail(id_)
        return ok(call, shown(call, occurrence))


def _grant(call: Call[Any], grant_id: str | None, granting: str) -> str | None:
    """The URL of a grant: at the NFVO that gave it, or beside us if this listener serves grants."""
    if grant_id is None:
        return None
    path = f"/grants/{quote(grant_id, safe='')}"
    return f"{granting}{path}" if granting else call.beside(GRANTING, path)
