"""Grants of an NFVO elsewhere (SOL003 clause 9): asked for once, and waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from mano_runtime.peer import Answer, Peer, PeerError
from mano_runtime.workflow.performer import StepFailedError
from vnfm.lifecycle.vim_connections import without_secrets
from vnfm.or_vnfm.asked_grants import AskedGrants
from vnfm.sol003.general import Link
from vnfm.sol003.grants import GRANTING, Grant, GrantRequest, GrantRequestLinks
from vnfm.sol003.ports import GrantRefusedError, VimBook

VERSION = "1.7.0"
GRANTS = f"{GRANTING}/grants"
_log = structlog.get_logger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.1, 30.0, 2.0
"""Seconds between two looks where the NFVO does not say when to look again."""
_ACCEPTED, _NOT_FOUND = 202, 404


class RemoteGranting:
    """Implements ``vnfm.sol003.ports.Granting``.

    Where a grant is, is kept before it is waited for: whatever dies in between, the same operation looks there again,
    and asks for no second one. How VIMs are reached goes from a grant to ``vims``, and no further: what is returned has
    no credentials.
    """

    def __init__(
        self,
        nfvo: Peer,
        asked: AskedGrants,
        vims: VimBook,
        *,
        url: str,
        patience_seconds: float,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Ask ``nfvo``, which finds us at ``url``; it may be away, or undecided, for ``patience_seconds``.

        ``pause`` lets as many seconds pass as it is given.
        """
        self._nfvo = nfvo
        self._asked = asked
        self._vims = vims
        self._url = url
        self._patience = patience_seconds
        self._pause = pause

    async def grant(self, request: GrantRequest) -> Grant:
        """Return the NFVO's grant, however long it takes within our patience; to be interrupted at any time.

        Raises:
            GrantRefusedError: with the NFVO's own words, and its problem details as ``cause``.
            StepFailedError: our patience is over.
        """
        operation = request.vnf_lcm_op_occ_id
        body = self._complete(request)
        until = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            try:
                answer = await self._looked(body)
            except PeerError as error:
                if not error.passing:
                    await self._asked.forget(request.vnf_instance_id)
                    raise _refused(error) from error
                why, after = f"{error.title}: {error.detail}", error.after
            else:
                if answer.status != _ACCEPTED:
                    return await self._taken(answer)
                why, after = "it is not decided yet", answer.after
            delay = pause if after is None else after
            if time.monotonic() + delay > until:
                raise StepFailedError("The NFVO gave no grant", f"in {self._patience:g} seconds; at last: {why}")
            _log.info("waiting for the grant", operation=operation, why=why, pause=delay)
            await self._pause(delay)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    async def _looked(self, body: GrantRequest) -> Answer:
        """Look where the grant is, or ask for it; it is asked for anew where the NFVO knows of none there."""
        vnf_instance, operation = body.vnf_instance_id, body.vnf_lcm_op_occ_id
        location = await self._asked.location(vnf_instance, operation)
        if location:
            try:
                return await self._nfvo.ask("GET", location, version=VERSION)
            except PeerError as error:
                if error.status != _NOT_FOUND:
                    raise
        answer = await self._nfvo.ask("POST", GRANTS, body=body, version=VERSION)
        if answer.location:
            await self._asked.keep(vnf_instance, operation, answer.location)
        return answer

    async def _taken(self, answer: Answer) -> Grant:
        try:
            grant = msgspec.json.decode(answer.body, type=Grant)
        except msgspec.MsgspecError as error:
            raise GrantRefusedError(f"the NFVO's grant is none (SOL003 clause 9.5.2.3): {error}") from error
        await self._vims.learn(grant.vim_connection_info)
        shown = {vim: without_secrets(info) for vim, info in grant.vim_connection_info.items()}
        return msgspec.structs.replace(grant, vim_connection_info=shown)

    def _complete(self, request: GrantRequest) -> GrantRequest:
        root = f"{self._url}/vnflcm/v2"
        links = GrantRequestLinks(
            vnf_lcm_op_occ=Link(href=f"{root}/vnf_lcm_op_occs/{request.vnf_lcm_op_occ_id}"),
            vnf_instance=Link(href=f"{root}/vnf_instances/{request.vnf_instance_id}"),
        )
        return msgspec.structs.replace(request, links=links)


def _refused(error: PeerError) -> GrantRefusedError:
    members: dict[str, Any] = {"peerStatus": error.status}
    if "problem" in error.members:
        members["cause"] = error.members["problem"]
    return GrantRefusedError(error.detail, **members)
