"""VNF lifecycle operation granting (SOL003 clause 9): ``/grant/v1``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError, accepted, created, ok
from nfvo.grants.requested import RequestedGrants
from nfvo.grants.reservations import GrantRecord
from vim_adapters.connection import VimConnection
from vnfm.sol003.general import Link, VimConnectionInfo
from vnfm.sol003.grants import GRANTING, Grant, GrantLinks, GrantRequest, GrantRequestLinks
from vnfm.sol003.releases import RELEASE_3

GRANT = "/grants/{grantId}"


class AskedGrant(GrantRequest, frozen=True, kw_only=True):
    """A grant request with all that one over HTTP must have (SOL003 clause 9.5.2.2)."""

    links: GrantRequestLinks = msgspec.field(name="_links")


def granting_api(
    grants: RequestedGrants, connections: Callable[[], Iterable[VimConnection]], *, with_access: bool
) -> Api:
    """Return the interface that VNFMs elsewhere ask for grants at.

    A grant names VIMs of ``connections`` and says where they are; ``with_access`` also how to get in, which a VNFM of
    another machine needs, and which nobody else may see.
    """
    api = Api("grant", version="1.7.0", root=GRANTING)

    def shown(call: Call[Any], record: GrantRecord, grant: Grant) -> Grant:
        vims = {vim.id: _reached(vim, with_access=with_access) for vim in connections()}
        asked = record.request.links or _of_own_vnfm(call, record.request)
        links = GrantLinks(
            self=Link(href=call.url(f"/grants/{grant.id}")),
            vnf_lcm_op_occ=asked.vnf_lcm_op_occ,
            vnf_instance=asked.vnf_instance,
        )
        info = {vim: vims.get(vim, known) for vim, known in grant.vim_connection_info.items()}
        return msgspec.structs.replace(grant, vim_connection_info=info, links=links)

    @api.post("/grants", body=AskedGrant, answer=Grant, also=(202,))
    async def ask(call: Call[AskedGrant]) -> web.StreamResponse:
        record = await grants.ask(call.body)
        location = f"/grants/{call.body.vnf_lcm_op_occ_id}"
        if record.request.vnf_instance_id != call.body.vnf_instance_id:
            raise _another(record)
        if record.grant is None:
            _check(record)
            return accepted(call, location)
        return created(call, shown(call, record, record.grant), location)

    @api.get(GRANT, answer=Grant, also=(202,))
    async def read(call: Call[None]) -> web.StreamResponse:
        record = await grants.get(call.path["grantId"])
        if record is None:
            raise ProblemError(
                404,
                "There is no such grant",
                f"no grant {call.path['grantId']!r} was asked for: ask with POST /grant/v1/grants",
                type="urn:mano:problem:not-found",
            )
        if record.grant is None:
            _check(record)
            return accepted(call)
        return ok(call, shown(call, record, record.grant))

    return api


def _of_own_vnfm(call: Call[Any], request: GrantRequest) -> GrantRequestLinks:
    """The links of what the VNFM of this very process has asked for, which has no URI there."""
    root = f"{call.origin}{RELEASE_3.root}"
    return GrantRequestLinks(
        vnf_lcm_op_occ=Link(href=f"{root}/vnf_lcm_op_occs/{request.vnf_lcm_op_occ_id}"),
        vnf_instance=Link(href=f"{root}/vnf_instances/{request.vnf_instance_id}"),
    )


def _reached(vim: VimConnection, *, with_access: bool) -> VimConnectionInfo:
    return VimConnectionInfo(
        vim_id=vim.vim_id or vim.id,
        vim_type=vim.vim_type,
        interface_info=vim.interface_info,
        access_info=vim.access_info if with_access else {},
        extra=vim.extra,
    )


def _check(record: GrantRecord) -> None:
    """Raise the refusal of a request that was refused."""
    if record.refusal is not None:
        raise ProblemError(
            403,
            "The grant is refused",
            record.refusal.detail,
            type="urn:mano:problem:grant-refused",
            **record.refusal.members,
        )


def _another(record: GrantRecord) -> ProblemError:
    return ProblemError(
        422,
        "The operation belongs to another VNF instance",
        f"vnfLcmOpOccId: a grant for {record.request.vnf_lcm_op_occ_id} was asked for VNF instance"
        f" {record.request.vnf_instance_id} before: give each operation occurrence an identifier of its own",
        type="urn:mano:problem:grant-of-another-vnf",
        attribute="$.vnfLcmOpOccId",
    )
