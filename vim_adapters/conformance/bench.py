"""What the tests of the kit stand on: what an adapter's suite supplies, and how to wait."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import ClassVar, TypeVar

import pytest
import pytest_asyncio

from vim_adapters.capabilities import Feature
from vim_adapters.contract import Handle, Identity, Observation, State, VimAdapter
from vim_adapters.errors import ConflictError
from vim_adapters.resources import ImageSpec, Kind, NetworkSpec, PortSpec, ResourceSpec, ServerSpec, SubnetSpec

_Seen = TypeVar("_Seen")


class Bench:
    """What an adapter's suite supplies besides the fixture ``vim``, and what the tests are made of."""

    vim_type: ClassVar[str]
    """The kind of VIM in the registry; a test there asserts that every kind has a suite."""
    found_image: ClassVar[ImageSpec]
    """An image that the VIM has, nobody's, with the digest that the VIM knows; a server of 1 vCPU and 512 MiB boots."""
    poll_seconds: ClassVar[float] = 0.01
    patience_seconds: ClassVar[float] = 30.0
    """How long any resource may take to become ready, or to go."""

    pytestmark = pytest.mark.asyncio

    async def make_twin(self, vim: VimAdapter, spec: ResourceSpec, identity: Identity) -> None:
        """Create a second resource of this identity past the adapter, as happens after a lost answer."""
        raise NotImplementedError

    @pytest_asyncio.fixture
    async def owner(self, vim: VimAdapter) -> AsyncIterator[str]:
        """An owner whom the VIM has never seen; whatever is left of it in the end is removed."""
        owner = f"kit-{uuid.uuid4().hex[:12]}"
        yield owner
        async with asyncio.timeout(self.patience_seconds):
            while left := await vim.list_owned(owner):
                for observation in reversed(left):
                    try:
                        await vim.ensure_absent(observation.handle)
                    except ConflictError:
                        continue  # something that is still going uses it; the next round gets it
                await asyncio.sleep(self.poll_seconds)

    def need(self, vim: VimAdapter, *needed: Feature | Kind) -> None:
        """Skip the test where the VIM lacks one of these."""
        if missing := set(needed) - vim.capabilities.features - vim.capabilities.kinds:
            pytest.skip(f"the VIM does not offer {', '.join(sorted(missing))}")

    async def eventually(self, look: Callable[[], Awaitable[_Seen]], wanted: Callable[[_Seen], bool]) -> _Seen:
        """Look until what is seen is wanted, and return it; TimeoutError when patience ends."""
        async with asyncio.timeout(self.patience_seconds):
            while True:
                if wanted(seen := await look()):
                    return seen
                await asyncio.sleep(self.poll_seconds)

    async def settled(self, vim: VimAdapter, handle: Handle) -> Observation:
        """Return what is true of the resource once it is no longer PENDING."""
        return await self.eventually(lambda: vim.observe(handle), lambda seen: seen.state is not State.PENDING)

    async def gone(self, vim: VimAdapter, handle: Handle) -> None:
        """Return once the resource is ABSENT."""
        await self.eventually(lambda: vim.observe(handle), lambda seen: seen.state is State.ABSENT)

    async def made(self, vim: VimAdapter, spec: ResourceSpec, owner: str) -> Observation:
        """Create a resource whose identity follows from its name, and return it READY."""
        created = await vim.ensure_present(spec, Identity(owner=owner, path=f"kit/{spec.name}"))
        ready = created if created.state is State.READY else await self.settled(vim, created.handle)
        assert ready.state is State.READY, f"{spec.name} is {ready.state}: {ready.fault}"
        return ready

    async def network(self, vim: VimAdapter, owner: str, *, cidr: str = "192.0.2.0/28") -> tuple[str, str]:
        """Create a network with a subnet and return their identifiers."""
        network = await self.made(vim, NetworkSpec(name="net"), owner)
        subnet = await self.made(vim, SubnetSpec(name="subnet", network=network.handle.id, cidr=cidr), owner)
        return network.handle.id, subnet.handle.id

    async def server_spec(self, vim: VimAdapter, owner: str, *, name: str = "server") -> ServerSpec:
        """Create what a small server needs and return its spec."""
        network, _ = await self.network(vim, owner)
        port = await self.made(vim, PortSpec(name=f"{name}-port", network=network), owner)
        image = await self.made(vim, self.found_image, owner)
        return ServerSpec(
            name=name, vcpus=1, memory_mib=512, disk_gib=1, image=image.handle.id, ports=(port.handle.id,)
        )
