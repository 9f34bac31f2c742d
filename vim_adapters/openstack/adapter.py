"""The adapter of OpenStack clouds: the contract's verbs, each on a thread of the cloud's own."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from vim_adapters.capabilities import Capabilities
from vim_adapters.connection import VimConnection
from vim_adapters.contract import AccessReport, Action, Handle, Identity, Observation, ZoneCapacity
from vim_adapters.openstack.access import Access, access_of
from vim_adapters.openstack.affinity import Affinity
from vim_adapters.openstack.bulk import Bulk
from vim_adapters.openstack.collection import Document
from vim_adapters.openstack.discovery import EVERYTHING
from vim_adapters.resources import Kind, PortSpec, ResourceSpec, ServerSpec

if TYPE_CHECKING:
    from vim_adapters.openstack.cloud import Cloud

_Answer = TypeVar("_Answer")


def connect(connection: VimConnection) -> OpenStack:
    """Return the adapter for a connection; the first call logs in.

    Raises:
        MisconfiguredError: the connection has an unknown key, or lacks one.
    """
    return OpenStack(access_of(connection))


class OpenStack:
    """One cloud, as one project sees it.

    The first call logs in and finds out what the cloud offers. Calls about one identity take turns; all others overlap,
    as many at once as there are threads. Ports that are wanted at about the same time are made by one request, and the
    first server of an affinity group goes ahead of the others.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._threads = ThreadPoolExecutor(access.threads, thread_name_prefix="openstack")
        self._cloud: Cloud | None = None
        self._opening = asyncio.Lock()
        self._ports = Bulk(self._ports_made)
        self._affinity = Affinity(self._lacks_host, self.observe)
        self._turns: weakref.WeakValueDictionary[Identity, asyncio.Lock] = weakref.WeakValueDictionary()

    @property
    def capabilities(self) -> Capabilities:
        """What the cloud was found to offer; before the first call, what any might."""
        return self._cloud.capabilities if self._cloud else EVERYTHING

    async def check_access(self) -> AccessReport:
        """Log in anew, and tell versions, zones and what is missing."""
        cloud = await self._opened(anew=True)
        return await self._in_thread(cloud.report)

    async def capacity(self) -> tuple[ZoneCapacity, ...]:
        """What is left, per zone."""
        cloud = await self._opened()
        return await self._in_thread(cloud.capacity)

    async def ensure_present(self, spec: ResourceSpec, identity: Identity) -> Observation:
        """Have the resource exist once and return what is true of it now."""
        cloud = await self._opened()
        turn = self._turns.setdefault(identity, asyncio.Lock())
        async with turn:
            if isinstance(spec, PortSpec) and not spec.router and (made := await self._ports.made((spec, identity))):
                return await self._in_thread(partial(cloud.completed, spec, identity, made))
            make = partial(self._in_thread, partial(cloud.ensure_present, spec, identity))
            if isinstance(spec, ServerSpec) and spec.placement_groups:
                return await self._affinity.made(spec.placement_groups[0], make)
            return await make()

    async def ensure_absent(self, handle: Handle) -> None:
        """Have the resource removed."""
        cloud = await self._opened()
        await self._in_thread(lambda: cloud.ensure_absent(handle))

    async def observe(self, handle: Handle) -> Observation:
        """What is true of the resource now."""
        cloud = await self._opened()
        return await self._in_thread(lambda: cloud.observe(handle))

    async def find(self, kind: Kind, identity: Identity) -> Observation | None:
        """The resource with this identity, or None."""
        cloud = await self._opened()
        return await self._in_thread(lambda: cloud.find(kind, identity))

    async def list_owned(self, owner: str, kind: Kind | None = None) -> tuple[Observation, ...]:
        """Everything that carries this owner's tag, oldest first; one list of each kind, all at once."""
        cloud = await self._opened()
        kinds = sorted(cloud.capabilities.kinds) if kind is None else [kind]
        lists = await asyncio.gather(*(self._in_thread(partial(cloud.list_owned, owner, one)) for one in kinds))
        return tuple(sorted((seen for listed in lists for seen in listed), key=lambda seen: seen.created_at))

    async def operate(self, handle: Handle, action: Action) -> None:
        """Start, stop, halt or reboot a server."""
        cloud = await self._opened()
        await self._in_thread(lambda: cloud.operate(handle, action))

    async def console(self, handle: Handle) -> str:
        """The end of what a server has written on its console."""
        cloud = await self._opened()
        return await self._in_thread(lambda: cloud.console(handle))

    async def adjust(self, handle: Handle, spec: ResourceSpec) -> Observation:
        """Have what is adjustable of a resource be as the spec says."""
        cloud = await self._opened()
        return await self._in_thread(lambda: cloud.adjust(handle, spec))

    async def aclose(self) -> None:
        """Let go of connections once the calls that are under way have ended."""
        if self._cloud:
            await self._in_thread(self._cloud.close)
        self._threads.shutdown(wait=False)

    async def _ports_made(self, wanted: Sequence[tuple[PortSpec, Identity]]) -> list[Document | None]:
        cloud = await self._opened()
        return await self._in_thread(lambda: cloud.ports_made(wanted))

    async def _lacks_host(self, group: str) -> bool:
        cloud = await self._opened()
        return await self._in_thread(lambda: cloud.lacks_host(group))

    async def _opened(self, *, anew: bool = False) -> Cloud:
        async with self._opening:
            if self._cloud is None or anew:
                self._cloud = await self._in_thread(self._open)
            return self._cloud

    def _open(self) -> Cloud:
        from vim_adapters.openstack.cloud import Cloud  # noqa: PLC0415  # importing openstacksdk takes a second

        return Cloud.opened(self._access)

    async def _in_thread(self, work: Callable[[], _Answer]) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
