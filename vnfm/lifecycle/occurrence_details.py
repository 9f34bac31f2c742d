"""Operation occurrences with what only the journal and the log of an operation can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.operation_log import said
from vnfm.drivers.coordination import REJECTED
from vnfm.lifecycle.lcm_coordinations import coordinates, rejections
from vnfm.lifecycle.occurrences import occurrence_of, tells_of_steps
from vnfm.sol003.operation_occurrences import VnfLcmOpOcc

LEVEL = "vnf"
"""Of the operations on VNFs."""
DETAILS = ("resourceChanges", "changedExtConnectivity", "lcmCoordinations", "warnings")
"""What an occurrence has of its steps, and lists leave out unless it is asked for."""


class OccurrenceDetails:
    """Reads what there is to tell of operations. Safe to use concurrently."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database = database
        self._engine = engine

    async def whole(self, operation: Operation) -> VnfLcmOpOcc:
        """Return the occurrence with what the operation has changed so far, and whom it has asked."""
        steps = await self._engine.steps(operation.id)
        if not coordinates(operation):
            return occurrence_of(operation, steps)
        async with self._database.reading() as connection:
            told = await said(connection, operation.id, REJECTED)
        return occurrence_of(operation, steps, rejections(operation, told))

    async def page(
        self, equal: Mapping[str, Any] | None, *, after: str | None, limit: int, details: bool
    ) -> tuple[list[VnfLcmOpOcc], str | None]:
        """Return some occurrences, oldest first, and where the next begin; ``equal`` as for ``Engine.page``."""
        page = await self._engine.page(level=LEVEL, equal=equal, after=after, limit=limit)
        return [await self._listed(stored.document, details=details) for stored in page.items], page.next

    async def of_instance(self, vnf_instance_id: str) -> list[VnfLcmOpOcc]:
        """Return the occurrences of an instance's operations, oldest first, without what the journal tells."""
        found: list[VnfLcmOpOcc] = []
        after: str | None = None
        while True:
            page = await self._engine.page(level=LEVEL, equal={"subject": vnf_instance_id}, after=after)
            found.extend(occurrence_of(stored.document) for stored in page.items)
            if page.next is None:
                return found
            after = page.next

    async def _listed(self, operation: Operation, *, details: bool) -> VnfLcmOpOcc:
        """Return the occurrence for a list: with all that lists show by default, and ``details`` only if asked for.

        Most operations have nothing of the steps to show by default, and then these are not read.
        """
        if details or tells_of_steps(operation):
            return await self.whole(operation)
        return occurrence_of(operation)
