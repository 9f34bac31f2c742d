"""What a functional block supplies so that the engine can run its operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.performer import Performer
from mano_runtime.workflow.plan import Behaviours, Plan
from mano_runtime.workflow.progress import StepStatus

Steps = Callable[[], Awaitable[list[StepStatus]]]
"""Reads where each step of an operation stands; asked only when somebody wants to know."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What preparing an operation came to."""

    plan: Plan
    context: dict[str, Any] = {}
    """Stored as ``operation.context``; JSON."""


class OperationRefusedError(Exception):
    """The operation may not, or cannot, be carried out; nothing was changed outside."""

    def __init__(self, title: str, detail: str, *, status: int = 409, **members: Any) -> None:
        super().__init__(f"{title}: {detail}")
        self.title = title
        self.detail = detail
        self.status = status
        """For the operation's problem details."""
        self.members = members
        """Further JSON members for the problem; ``type`` replaces the one that is made from the class."""


class OperationLogic(Protocol):
    """One level's planning and inventory. The engine does the rest."""

    @property
    def level(self) -> str:
        """``vnf``, ``ns``; unique in an engine."""

    @property
    def first_state(self) -> OperationState:
        """What an operation begins in: STARTING where permission is asked first (SOL003), else PROCESSING."""

    @property
    def performers(self) -> Mapping[str, Performer]:
        """Who carries out the steps, by ``Resource.kind``."""

    @property
    def behaviours(self) -> Behaviours:
        """What the planner must know of each kind, as ``prepare`` uses it; the engine plans the way back with it."""

    async def prepare(self, operation: Operation) -> Prepared:
        """Make the plan. Called again after a crash, so what it does outside must be idempotent by ``operation.id``.

        Raises:
            OperationRefusedError: the operation ends in ROLLED_BACK if it is in STARTING (SOL003: nothing was changed),
                else in FAILED_TEMP, from where retry prepares anew.
            StepFailedError: with ``again`` it is tried again with back-off; in the end as above.
            Exception: anything else is a defect; it is logged, and the operation ends as above.
        """

    async def settle(self, connection: AsyncConnection, operation: Operation, graph: Graph) -> None:
        """Write the inventory, in the transaction that moves ``operation`` to where it now stands.

        Called on COMPLETED, FAILED_TEMP, FAILED and ROLLED_BACK. ``graph`` is what exists: nothing that may exist is
        left out, and what was never confirmed has no result. Without a plan the graph is empty and says nothing:
        nothing was changed. Writes through ``connection`` only.
        """

    async def cancelled(self, operation: Operation, paths: Collection[str]) -> None:
        """Pass ``operation.cancel`` on to whoever works for the operation elsewhere; where nobody does, do nothing.

        ``paths`` are those of resources whose steps were begun and are not all done. Called soon after the cancel,
        again when its mode changes, after a restart and once nothing is begun any more: idempotent. Waits for nobody.
        What it raises is logged, and the operation comes to its end all the same.
        """

    async def told(self, connection: AsyncConnection, operation: Operation, steps: Steps) -> None:
        """Tell subscribers that ``operation`` has come to the state it is in, in the transaction that stores it.

        Called once for each state, the first included, in the order in which the states were entered; after ``settle``
        where that is called. Writes through ``connection`` only, and waits for nobody.
        """
