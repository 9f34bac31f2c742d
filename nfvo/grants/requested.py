"""Grants that are asked for over HTTP: recorded before they are decided, decided once, and told as often as asked."""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from mano_runtime.background import in_background
from mano_runtime.storage import Database
from mano_runtime.tenancy import acting_for, owner
from nfvo.grants.decisions import GrantDecisions
from nfvo.grants.reservations import GRANTS, UNDECIDED, GrantRecord, Refusal
from vnfm.sol003.grants import GrantRequest
from vnfm.sol003.ports import GrantRefusedError

_log = structlog.get_logger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0
"""Seconds until a decision that could not be made (the database failed) is tried again."""


class RequestedGrants:
    """What VNFMs elsewhere have asked for, and what became of it. Belongs to one event loop.

    The identifier of a grant is that of the operation occurrence that it is for: asked again for an operation, whatever
    has happened in between, a VNFM finds the grant that it was given, or the refusal.
    """

    def __init__(self, database: Database, decisions: GrantDecisions, *, answer_seconds: float) -> None:
        """Have ``decisions`` decide; who asks waits ``answer_seconds`` for it, and looks again after that."""
        self._database = database
        self._decisions = decisions
        self._answer_seconds = answer_seconds
        self._deciding: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Decide what an earlier process has left undecided."""
        async with self._database.reading() as connection:
            left = await GRANTS.all(connection, equal={"reserving": UNDECIDED})
        for stored in left:
            with acting_for(owner(stored.tenant)):
                self._begin(stored.document.request)

    async def aclose(self) -> None:
        """Stop deciding; what is undecided is taken up at the next start."""
        tasks = list(self._deciding.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(self, request: GrantRequest) -> GrantRecord:
        """Return the record of the request, decided or not; the first request for an operation is the one that counts.

        It is recorded when this returns, and will be decided whether or not anybody waits for it.
        """
        operation = request.vnf_lcm_op_occ_id
        async with self._database.transaction() as connection:
            known = await GRANTS.get(connection, operation)
            if known is None:
                known = await GRANTS.insert(connection, operation, GrantRecord(request=request))
        if known.document.grant or known.document.refusal:
            return known.document
        deciding = self._begin(known.document.request)
        if self._answer_seconds:
            await asyncio.wait({deciding}, timeout=self._answer_seconds)
        return await self.get(operation) or known.document

    async def get(self, grant: str) -> GrantRecord | None:
        """Return the record, or None where nobody asked for such a grant."""
        async with self._database.reading() as connection:
            stored = await GRANTS.get(connection, grant)
        return stored.document if stored else None

    def _begin(self, request: GrantRequest) -> asyncio.Task[None]:
        operation = request.vnf_lcm_op_occ_id
        task = self._deciding.get(operation)
        if task is None:
            task = in_background(self._decide(request), name=f"grant {operation}")
            self._deciding[operation] = task
            task.add_done_callback(lambda _: self._deciding.pop(operation, None))
        return task

    async def _decide(self, request: GrantRequest) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._decided(request)
            except Exception:  # noqa: BLE001  # whatever it is, giving up would leave the VNFM waiting for ever
                _log.exception("a grant was not decided", operation=request.vnf_lcm_op_occ_id, pause=pause)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _decided(self, request: GrantRequest) -> None:
        try:
            await self._decisions.grant(request)
        except GrantRefusedError as error:
            refusal = Refusal(detail=error.detail, members=error.members)
            async with self._database.transaction() as connection:
                stored = await GRANTS.get(connection, request.vnf_lcm_op_occ_id)
                if stored is not None and stored.document.grant is None:
                    record = msgspec.structs.replace(stored.document, refusal=refusal)
                    await GRANTS.replace(connection, stored.id, record)
