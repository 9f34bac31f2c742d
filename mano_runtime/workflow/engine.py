"""Runs operations durably: prepares, plans, executes, settles, and takes up after a crash what was left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import Database, Page
from mano_runtime.workflow.logic import OperationLogic, OperationRefusedError, Prepared
from mano_runtime.workflow.operation import Operation, OperationState

__all__ = [
    "Engine",
    "OperationLogic",
    "OperationRefusedError",
    "Prepared",
    "StepStatus",
    "SubjectBusyError",
    "WrongStateError",
]


class SubjectBusyError(Exception):
    """The subject has an operation that has not ended; ``operation`` is its identifier, ``state`` where it stands."""

    def __init__(self, operation: str, state: OperationState) -> None:
        super().__init__(f"operation {operation} is in state {state}")
        self.operation = operation
        self.state = state


class WrongStateError(Exception):
    """What was asked for cannot happen in the state that the operation ``id`` is in."""

    def __init__(self, id: str, state: OperationState, allowed: tuple[OperationState, ...]) -> None:  # noqa: A002  # the seam's word
        super().__init__(f"operation {id} is in state {state}; this needs {' or '.join(allowed)}")
        self.id = id
        self.state = state
        self.allowed = allowed


class StepStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where one step of an operation stands."""

    id: str
    verb: str
    path: str
    kind: str
    after: tuple[str, ...] = ()
    state: str = "pending"
    """pending, running, done, failed or blocked (a step that it needs has failed)."""
    error: dict[str, Any] | None = None
    started_at: str | None = None
    ended_at: str | None = None
    phase: str = "forward"
    """forward or rollback."""


class Engine:
    """All operations of an installation."""

    def __init__(self, database: Database, *, directory: Path) -> None:
        self._database = database
        self._directory = directory

    def register(self, logic: OperationLogic) -> None:
        """Have operations of ``logic.level`` run by ``logic``."""
        raise NotImplementedError

    async def start(self) -> None:
        """Begin to work, first on what an earlier process left."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Stop promptly; what is at work resumes at the next start."""
        raise NotImplementedError

    async def begin(
        self,
        *,
        level: str,
        kind: str,
        subject: str,
        request: dict[str, Any],
        parent: str | None = None,
        automatic: bool = False,
        within: Callable[[AsyncConnection], Awaitable[None]] | None = None,
    ) -> Operation:
        """Accept an operation."""
        raise NotImplementedError

    async def retry(self, id: str) -> Operation:  # noqa: A002  # the seam's word
        """Try again what failed."""
        raise NotImplementedError

    async def rollback(self, id: str) -> Operation:  # noqa: A002  # the seam's word
        """Put back what was there before."""
        raise NotImplementedError

    async def fail(self, id: str) -> Operation:  # noqa: A002  # the seam's word
        """Give up; what exists stays in the inventory."""
        raise NotImplementedError

    async def get(self, id: str) -> Operation | None:  # noqa: A002  # the seam's word
        """Return the operation."""
        raise NotImplementedError

    async def page(
        self, *, level: str, equal: Mapping[str, Any] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Operation]:
        """Return operations of a level."""
        raise NotImplementedError

    async def steps(self, id: str) -> list[StepStatus]:  # noqa: A002  # the seam's word
        """Return every step."""
        raise NotImplementedError

    async def ended(self, id: str, *, timeout: float | None = None) -> Operation:  # noqa: A002, ASYNC109  # the seam's words
        """Wait until nothing moves by itself."""
        raise NotImplementedError
