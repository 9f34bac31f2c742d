"""The audit log over REST, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from mano_runtime.rest import Api, Call, listing
from mano_runtime.rest.problems import mistaken_query
from mano_runtime.security.audit import Audit, AuditEntry, first_id


def declare_audit(api: Api, audit: Audit) -> None:
    """Declare the audit log on ``api``."""

    @api.collection(
        "/audit",
        answer=AuditEntry,
        query=("since",),
        indexed={"who": "who", "resource": "resource", "outcome": "outcome"},
    )
    async def read_list(call: Call[None]) -> web.StreamResponse:
        """Oldest first; ``since`` passes over what is older without reading it."""
        after = max(call.marker or "", first_id(_moment(call.query["since"])) if "since" in call.query else "")
        page = await audit.page(equal=call.equal, after=after or None, limit=call.page_size)
        return listing(call, [stored.document for stored in page.items], next=page.next)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise mistaken_query(f"since is a time such as 2026-01-31T12:00:00Z, not {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
