"""The audit log: who did what to which resource, and how that ended. Never what was in it: bodies may hold secrets."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Literal, Self

import msgspec
import structlog
from aiohttp import web

from mano_runtime.background import in_background
from mano_runtime.clock import now, timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.rest.gate import CLAIMANT, PRINCIPAL
from mano_runtime.storage import Database, Documents, Page

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SWEEP_SECONDS = 3600.0
"""How often what is too old is removed."""
STRANGERS_A_MINUTE = 100
"""Refusals of those who did not show who they are that are written: more would let anybody fill the disk."""
_LONGEST = 1000
"""Characters of a path that are kept."""
_GONE = 499
_SENT_AWAY = frozenset({401, 403, 429})
_ERROR = 400
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_log = structlog.get_logger(__name__)


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One request that changed something, or was sent away."""

    id: str
    at: str
    """When it came; UTC, ISO 8601."""
    who: str
    """The client that asked; who it said it was, when it could not show that; else nothing."""
    tenant: str = ""
    """Whose client that is."""
    remote: str
    """Address that it came from."""
    method: str
    resource: str
    """Path of the resource, without the query."""
    made: str = ""
    """URL of what was made or begun."""
    status: int
    outcome: Literal["DONE", "REFUSED", "FAILED"]
    """REFUSED: sent away for want of permission; FAILED: allowed, and not done."""
    problem: str = ""
    """Type of the problem that it was answered with."""
    request_id: str = ""
    """By which the server's log knows the request."""


AUDIT = Documents(
    "audit",
    AuditEntry,
    promoted={
        "who": lambda entry: entry.who,
        "resource": lambda entry: entry.resource,
        "outcome": lambda entry: entry.outcome,
    },
    tenanted=False,
)


class Audit:
    """The audit log of one installation. An entry is durable before its request is answered."""

    def __init__(self, database: Database, *, age: float) -> None:
        """Keep entries for ``age`` seconds."""
        self._database = database
        self._age = age
        self._sweeper: asyncio.Task[None] | None = None
        self._minute, self._strangers = 0, 0

    @classmethod
    async def open(cls, database: Database, *, age: float) -> Self:
        """Begin to remove what is older than ``age`` seconds."""
        audit = cls(database, age=age)
        audit._sweeper = in_background(audit._sweep(), name="audit")
        return audit

    async def aclose(self) -> None:
        """Stop. Idempotent."""
        sweeper, self._sweeper = self._sweeper, None
        if sweeper is not None:
            sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeper

    async def page(self, *, equal: dict[str, list[str]], after: str | None, limit: int) -> Page[AuditEntry]:
        """Return entries, oldest first."""
        async with self._database.reading() as connection:
            return await AUDIT.page(connection, equal=equal, after=after, limit=limit)

    @web.middleware
    async def witness(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Serve the request, and write what came of it where that is worth an entry."""
        came = timestamp()
        try:
            answer = await handler(request)
        except ConnectionError:
            await self._note(request, came, _GONE, None)
            raise
        await self._note(request, came, answer.status, answer)
        return answer

    async def _note(self, request: web.Request, came: str, status: int, answer: web.StreamResponse | None) -> None:
        if request.match_info.route.resource is None:
            return  # nothing is served there, for anybody
        sent_away = status in _SENT_AWAY
        principal = request.get(PRINCIPAL)
        if not sent_away and (principal is None or request.method in _READING):
            return
        if principal is None and not self._has_room():
            return
        entry = AuditEntry(
            id=new_id(),
            at=came,
            who=principal.subject if principal else request.get(CLAIMANT, ""),
            tenant=principal.party.tenant if principal else "",
            remote=request.remote or "",
            method=request.method,
            resource=request.path[:_LONGEST],
            made="" if answer is None else answer.headers.get("Location", ""),
            status=status,
            outcome="REFUSED" if sent_away else "FAILED" if status >= _ERROR else "DONE",
            problem=_problem(answer),
            request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        )
        insertion = AUDIT.insertion(entry.id, entry)
        await self._database.write(lambda connection: connection.execute(insertion))

    def _has_room(self) -> bool:
        """Whether one more refusal of somebody unknown may be written; the metric counts all of them."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._strangers = minute, 0
        self._strangers += 1
        return self._strangers <= STRANGERS_A_MINUTE

    async def _sweep(self) -> None:
        while True:
            try:
                await self.forget_before(now() - timedelta(seconds=self._age))
            except Exception:  # noqa: BLE001  whatever it is, the next hour may do better
                _log.exception("old entries of the audit log could not be removed")
            await asyncio.sleep(SWEEP_SECONDS)

    async def forget_before(self, moment: datetime) -> None:
        """Remove the entries that were written before ``moment``."""
        statement = AUDIT.table.delete().where(AUDIT.table.c.id < first_id(moment))
        await self._database.write(lambda connection: connection.execute(statement))


def first_id(moment: datetime) -> str:
    """Return what comes before every identifier that is made from ``moment`` on, and after those before."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return str(uuid.UUID(int=milliseconds << 80))


def _problem(answer: web.StreamResponse | None) -> str:
    if not isinstance(answer, web.Response) or answer.status < _ERROR or not isinstance(answer.body, bytes):
        return ""
    try:
        told: dict[str, Any] = msgspec.json.decode(answer.body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return ""
    return str(told.get("type") or told.get("error") or "")
