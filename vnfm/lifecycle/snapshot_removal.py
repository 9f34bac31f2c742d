"""The removal of a snapshot as an operation of its own: the difference to nothing, durable as any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import Database
from mano_runtime.workflow.engine import OperationRefusedError, Prepared
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.logic import Steps
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.performer import Performer
from mano_runtime.workflow.plan import Behaviours, difference
from mano_runtime.workflow.trust import with_uncertainty
from vim_adapters.performer import BEHAVIOURS, VimPerformer
from vim_adapters.registry import VimRegistry
from vim_adapters.resources import Kind
from vnfm.inventory.tables import VNF_SNAPSHOTS
from vnfm.lifecycle.snapshots import LEVEL
from vnfm.planning.snapshots import snapshot_scope


class SnapshotRemovals:
    """``mano_runtime.workflow.logic.OperationLogic`` of the level ``vnf_snapshot``.

    SOL003 has no occurrence of it, for it answers at once; so nobody is told of one.
    """

    level = LEVEL
    first_state = OperationState.PROCESSING
    behaviours: Behaviours = BEHAVIOURS

    def __init__(self, database: Database, registry: VimRegistry, *, owner: str) -> None:
        """Bind the level; ``owner`` is the installation's tag on VIMs."""
        self._database = database
        performer = VimPerformer(registry, owner)
        self.performers: Mapping[str, Performer] = {kind.value: performer for kind in Kind}

    async def prepare(self, operation: Operation) -> Prepared:
        """Plan the way from what there is of the snapshot to nothing."""
        async with self._database.reading() as connection:
            stored = await VNF_SNAPSHOTS.get(connection, operation.subject)
        if stored is None:
            raise OperationRefusedError("There is no such VNF snapshot", operation.subject, status=404)
        scope = snapshot_scope(operation.subject)
        return Prepared(plan=difference(stored.document.graph, {}, scope=scope, behaviours=BEHAVIOURS))

    async def settle(self, connection: AsyncConnection, operation: Operation, graph: Graph) -> None:
        """Forget the snapshot once all of it is gone; until then remember what is left."""
        stored = await VNF_SNAPSHOTS.get(connection, operation.subject)
        if stored is None or operation.plan is None:
            return
        if operation.state is OperationState.COMPLETED:
            await VNF_SNAPSHOTS.delete(connection, stored.id)
        else:
            left = msgspec.structs.replace(stored.document, graph=with_uncertainty(graph, operation))
            await VNF_SNAPSHOTS.replace(connection, stored.id, left)

    async def cancelled(self, operation: Operation, paths: Collection[str]) -> None:
        """Nobody works for it elsewhere."""

    async def told(self, connection: AsyncConnection, operation: Operation, steps: Steps) -> None:
        """Nobody asks for it."""
