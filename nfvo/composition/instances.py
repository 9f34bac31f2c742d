"""What exists, for those that must not pull the ground from under it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import Stored
from mano_runtime.tenancy import INSTALLATION, acting_for
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import OPEN_STATES, Operation
from mano_runtime.workflow.records import OPERATIONS
from nfvo.catalogue.entries import Kind
from nfvo.extensions.leftovers import Account
from nfvo.inventory.ns_instances import NS_INSTANCES
from vnfm.inventory.tables import VNF_INSTANCES


class Instances:
    """Answers the catalogue (``nfvo.catalogue.catalogue.Usage``) and the VIM connections
    (``nfvo.inventory.vim_connections.VimUsers``), and accounts for what is on VIMs
    (``nfvo.extensions.leftovers.Accounts``), from both levels' inventories.

    Where the VNFM is elsewhere its inventory is not here: VNFs are known as parts of network services then.
    """  # noqa: D205  # the promise takes two lines

    def __init__(self, *, vnfm_elsewhere: bool = False) -> None:
        self._vnfm_elsewhere = vnfm_elsewhere

    async def in_use(self, connection: AsyncConnection, kind: Kind, descriptor_ids: Collection[str]) -> frozenset[str]:
        """Return those of the descriptors that instances exist of."""
        if not descriptor_ids:
            return frozenset()
        with acting_for(INSTALLATION):  # what is shared, other tenants may use
            return await self._in_use(connection, kind, descriptor_ids)

    async def _in_use(self, connection: AsyncConnection, kind: Kind, descriptor_ids: Collection[str]) -> frozenset[str]:
        if kind == "nsd":
            services = await NS_INSTANCES.all(connection, equal={"nsd_id": list(descriptor_ids)})
            return frozenset(stored.document.nsd_id for stored in services)
        if self._vnfm_elsewhere:
            named = await self._named(connection)
            return named & frozenset(descriptor_ids)
        vnfs = await VNF_INSTANCES.all(connection, equal={"vnfd_id": list(descriptor_ids)})
        return frozenset(stored.document.vnfd_id for stored in vnfs)

    async def users(self, connection: AsyncConnection, vim: str) -> tuple[str, ...]:
        """Return in words the instances with something on this VIM, and the operations that may put something there."""
        vnfs = await VNF_INSTANCES.all(connection)
        services = await NS_INSTANCES.all(connection)
        operations = await _open(connection)
        return (
            *(f"VNF instance {vnf.id}" for vnf in vnfs if _touches(vnf.document.graph, vim)),
            *(f"NS instance {ns.id}" for ns in services if _touches(ns.document.graph, vim)),
            *(
                f"operation {operation.id}"
                for operation in operations
                if operation.document.plan and _touches(operation.document.plan.desired, vim)
            ),
        )

    async def seen(self, connection: AsyncConnection, instances: Collection[str]) -> frozenset[str]:
        """Return those of the instances, of either level, that the acting party sees."""
        return frozenset(
            [
                instance
                for instance in instances
                if await VNF_INSTANCES.get(connection, instance) or await NS_INSTANCES.get(connection, instance)
            ]
        )

    async def vnfs(self, connection: AsyncConnection) -> frozenset[str]:
        """Return the VNF instances of this process."""
        return frozenset(stored.id for stored in await VNF_INSTANCES.all(connection))

    async def account(self, connection: AsyncConnection) -> Account:
        """Return what instances have on VIMs, by the scope of their plans."""
        with acting_for(INSTALLATION):  # whoever asks: what any tenant has is accounted for
            return await self._account(connection)

    async def _account(self, connection: AsyncConnection) -> Account:
        account: dict[str, frozenset[str] | None] = {
            f"{level}/{stored.id}": _identifiers(stored.document.graph)
            for level, table in (("vnf", VNF_INSTANCES), ("ns", NS_INSTANCES))
            for stored in await table.all(connection)
        }
        account |= {f"{open_.document.level}/{open_.document.subject}": None for open_ in await _open(connection)}
        return account

    async def vnfds(self, connection: AsyncConnection) -> frozenset[str]:
        """Return the VNFDs that VNF instances of this process exist of, or are being changed to."""
        there = frozenset(stored.document.vnfd_id for stored in await VNF_INSTANCES.all(connection))
        named = (stored.document.request.get("vnfdId") for stored in await _open(connection))
        return there | {vnfd_id for vnfd_id in named if isinstance(vnfd_id, str)}

    async def _named(self, connection: AsyncConnection) -> frozenset[str]:
        """The VNFDs of the VNFs that network services have, or are about to have."""
        graphs = [stored.document.graph for stored in await NS_INSTANCES.all(connection)]
        operations = await _open(connection)
        graphs.extend(stored.document.plan.desired for stored in operations if stored.document.plan)
        return frozenset(
            str(resource.spec["vnfdId"]) for graph in graphs for resource in graph.values() if resource.kind == "vnf"
        )


def _identifiers(graph: Graph) -> frozenset[str]:
    return frozenset(str(it.result["id"]) if it.result and "id" in it.result else path for path, it in graph.items())


def _touches(graph: Graph, vim: str) -> bool:
    return any(resource.target == vim for resource in graph.values())


async def _open(connection: AsyncConnection) -> list[Stored[Operation]]:
    """The operations that have not ended."""
    return await OPERATIONS.all(connection, equal={"state": [state.value for state in OPEN_STATES]})
