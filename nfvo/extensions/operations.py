"""Operations and their steps, of both levels: what a progress display needs."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError, listing, ok
from mano_runtime.rest.problems import mistaken_query
from mano_runtime.workflow.engine import Engine, StepStatus
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.operation_log import OperationLog

CHILD_LEVEL = "vnf"
"""Operations that others ask for are of this level, until network services nest."""


class StepView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Where one step of an operation stands (``StepStatus`` on the wire)."""

    id: str
    verb: str
    path: str
    kind: str
    state: str
    """pending, running, done, failed or blocked (a step that it needs has failed)."""
    phase: str
    """forward or rollback."""
    after: tuple[str, ...] = ()
    """Identifiers of the steps of the same phase that must be done first."""
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    """What the peer answered, with ``id`` at least."""
    started_at: str | None = None
    ended_at: str | None = None


class OperationView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An operation, of whichever level, without what only execution needs."""

    id: str
    level: str
    kind: str
    subject: str
    """Identifier of the instance that it works on."""
    state: OperationState
    state_entered_at: str
    started_at: str
    attempt: int
    parent: str | None = None
    error: dict[str, Any] | None = None
    changes: dict[str, int] | None = None
    """How many resources its plan creates, updates and deletes."""
    steps: list[StepView] | msgspec.UnsetType = msgspec.UNSET
    """Of the way forward, then of the way back."""
    children: list[OperationView] | msgspec.UnsetType = msgspec.UNSET
    """Operations that it asked for, oldest first."""


class LogEntryView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that work on an operation had to say (``LogEntry`` on the wire)."""

    operation: str
    path: str
    """Of the resource whose step said it."""
    at: str
    stream: str
    """stdout or stderr of a script; run for what the orchestrator says of its run, rejected for
    coordinations (``vnfm.drivers.coordination``)."""
    text: str


def declare_operations(api: Api, engine: Engine, log: OperationLog) -> None:
    """Declare the operations of ``engine``, and what work on them had to say, on ``api``."""

    async def found(call: Call[None]) -> Operation:
        operation = await engine.get(call.path["operationId"])
        if operation is None:
            raise ProblemError(
                404,
                "Not found",
                f"there is no operation {call.path['operationId']!r}",
                type="urn:mano:problem:unknown-operation",
            )
        return operation

    async def children(operation: Operation) -> list[OperationView]:
        views: list[OperationView] = []
        after: str | None = None
        while True:
            page = await engine.page(level=CHILD_LEVEL, equal={"parent": operation.id}, after=after)
            views += [_view(stored.document, steps=await engine.steps(stored.id)) for stored in page.items]
            after = page.next
            if after is None:
                return views

    @api.get("/operations/{operationId}", answer=OperationView)
    async def read(call: Call[None]) -> web.StreamResponse:
        return ok(call, _view(await found(call)))

    @api.get("/operations/{operationId}/steps", query=("children",), answer=OperationView)
    async def read_steps(call: Call[None]) -> web.StreamResponse:
        """Answer with the operation and its steps; with ``children=true`` those of the operations it asked for too."""
        operation = await found(call)
        steps = await engine.steps(operation.id)
        if not _flag(call, "children"):
            return ok(call, _view(operation, steps=steps))
        return ok(call, _view(operation, steps=steps, children=await children(operation)))

    @api.collection("/operations/{operationId}/log", answer=LogEntryView)
    async def read_log(call: Call[None]) -> web.StreamResponse:
        """Answer with what was said for the operation, and for those that it asked for, oldest first."""
        operation = await found(call)
        operations = [operation.id, *(child.id for child in await children(operation))]
        entries = await log.page(operations, after=_number(call.marker), limit=call.page_size)
        following = str(entries[-1].number) if len(entries) == call.page_size else None
        return listing(
            call, [msgspec.convert(entry, LogEntryView, from_attributes=True) for entry in entries], next=following
        )


def _view(
    operation: Operation,
    *,
    steps: list[StepStatus] | msgspec.UnsetType = msgspec.UNSET,
    children: list[OperationView] | msgspec.UnsetType = msgspec.UNSET,
) -> OperationView:
    return OperationView(
        id=operation.id,
        level=operation.level,
        kind=operation.kind,
        subject=operation.subject,
        state=operation.state,
        state_entered_at=operation.state_entered_at,
        started_at=operation.started_at,
        attempt=operation.attempt,
        parent=operation.parent,
        error=operation.error,
        changes=operation.plan.counts() if operation.plan else None,
        steps=msgspec.UNSET
        if steps is msgspec.UNSET
        else [msgspec.convert(step, StepView, from_attributes=True) for step in steps],
        children=children,
    )


def _number(marker: str | None) -> int:
    try:
        return int(marker or 0)
    except ValueError as error:
        raise mistaken_query(f"{marker!r} is no marker of this list: take the link of the page before") from error


def _flag(call: Call[None], name: str) -> bool:
    value = call.query.get(name, "false")
    if value not in {"", "true", "false"}:
        raise mistaken_query(f"{name} is true or false, not {value!r}")
    return value != "false"
