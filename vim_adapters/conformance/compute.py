"""Servers and volumes."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.conformance.bench import Bench
from vim_adapters.conformance.lifecycle import NOWHERE
from vim_adapters.contract import Action, Handle, Identity, State, VimAdapter
from vim_adapters.errors import DependencyMissingError
from vim_adapters.resources import Kind, PlacementGroupSpec, ServerSpec, VolumeAttachment, VolumeSpec


class ComputePromises(Bench):
    """Servers run where and how they shall."""

    async def test_operations_are_idempotent(self, vim: VimAdapter, owner: str) -> None:
        """Stopping what is stopped and starting what runs is success, and the state follows."""
        self.need(vim, Feature.START_STOP)
        server = await self.made(vim, await self.server_spec(vim, owner), owner)
        for action, state in (
            (Action.STOP, State.STOPPED),
            (Action.START, State.READY),
            (Action.HALT, State.STOPPED),
            (Action.START, State.READY),
        ):
            await vim.operate(server.handle, action)
            assert (await self._reached(vim, server.handle, state)) is state
            await vim.operate(server.handle, action)
            assert (await self._reached(vim, server.handle, state)) is state

    async def test_a_stopped_server_is_still_itself(self, vim: VimAdapter, owner: str) -> None:
        """Asked for again, a stopped server is returned as it is: neither started nor made anew."""
        self.need(vim, Feature.START_STOP)
        spec = await self.server_spec(vim, owner)
        server = await self.made(vim, spec, owner)
        await vim.operate(server.handle, Action.STOP)
        await self._reached(vim, server.handle, State.STOPPED)
        again = await vim.ensure_present(spec, Identity(owner=owner, path="kit/server"))
        assert (again.handle, again.state) == (server.handle, State.STOPPED)

    async def test_a_reboot_leaves_it_running(self, vim: VimAdapter, owner: str) -> None:
        """A server that was rebooted is READY again."""
        self.need(vim, Feature.REBOOT)
        server = await self.made(vim, await self.server_spec(vim, owner), owner)
        await vim.operate(server.handle, Action.REBOOT)
        assert (await self._reached(vim, server.handle, State.READY)) is State.READY

    async def test_operating_on_nothing_is_refused(self, vim: VimAdapter, owner: str) -> None:
        """What is not there cannot be started."""
        self.need(vim, Feature.START_STOP)
        with pytest.raises(DependencyMissingError):
            await vim.operate(Handle(kind=Kind.SERVER, id=NOWHERE), Action.START)
        assert await vim.list_owned(owner) == ()

    async def test_a_console_can_be_read(self, vim: VimAdapter, owner: str) -> None:
        """What a server writes is told, as far as it has written something; what is not there writes nothing."""
        self.need(vim, Feature.CONSOLE)
        server = await self.made(vim, await self.server_spec(vim, owner), owner)
        assert await self.eventually(lambda: vim.console(server.handle), bool)
        with pytest.raises(DependencyMissingError):
            await vim.console(Handle(kind=Kind.SERVER, id=NOWHERE))

    async def test_a_server_boots_from_a_volume(self, vim: VimAdapter, owner: str) -> None:
        """A volume that was filled with an image boots a server, and is in its hands."""
        self.need(vim, Feature.BOOT_FROM_VOLUME)
        image = (await self.made(vim, self.found_image, owner)).handle.id
        volume = (await self.made(vim, VolumeSpec(name="root", size_gib=1, image=image), owner)).handle.id
        boot = (VolumeAttachment(volume=volume, boot=True),)
        server = await self.made(vim, ServerSpec(name="server", vcpus=1, memory_mib=512, volumes=boot), owner)
        assert server.state is State.READY

    @pytest.mark.parametrize(
        ("policy", "hosts", "feature"),
        [("anti-affinity", 2, Feature.ANTI_AFFINITY), ("affinity", 1, Feature.AFFINITY)],
    )
    async def test_placement_groups_decide_on_hosts(
        self, vim: VimAdapter, owner: str, policy: str, hosts: int, feature: Feature
    ) -> None:
        """Two servers of a group are on one host or on two, as its policy says, where the VIM tells hosts."""
        self.need(vim, feature)
        group = (await self.made(vim, PlacementGroupSpec(name="group", policy=policy), owner)).handle.id
        spec = await self.server_spec(vim, owner)
        spec = msgspec.structs.replace(spec, ports=(), placement_groups=(group,))
        servers = [
            await self.made(vim, msgspec.structs.replace(spec, name=name), owner) for name in ("server-1", "server-2")
        ]
        told = [server.attributes["host"] for server in servers if server.attributes.get("host")]
        assert len(set(told)) == (hosts if told else 0)

    async def test_servers_that_come_together_share_a_host(self, vim: VimAdapter, owner: str) -> None:
        """Servers of an affinity group that are asked for at the same moment run, all on one host."""
        self.need(vim, Feature.AFFINITY)
        group = (await self.made(vim, PlacementGroupSpec(name="group", policy="affinity"), owner)).handle.id
        spec = await self.server_spec(vim, owner)
        spec = msgspec.structs.replace(spec, ports=(), placement_groups=(group,))
        names = [f"server-{number}" for number in range(4)]
        servers = await asyncio.gather(
            *(self.made(vim, msgspec.structs.replace(spec, name=name), owner) for name in names)
        )
        assert {server.state for server in servers} == {State.READY}
        assert len({server.attributes.get("host") for server in servers}) == 1

    async def test_a_server_can_be_in_several_placement_groups(self, vim: VimAdapter, owner: str) -> None:
        """It is where a server of its one group has to be, and where a server of its other group must not be."""
        self.need(vim, Feature.SEVERAL_PLACEMENT_GROUPS)
        together, apart = [
            (await self.made(vim, PlacementGroupSpec(name=policy, policy=policy), owner)).handle.id
            for policy in ("affinity", "anti-affinity")
        ]
        spec = msgspec.structs.replace(await self.server_spec(vim, owner), ports=())
        both, away, beside = [
            (
                await self.made(
                    vim, msgspec.structs.replace(spec, name=f"server-{number}", placement_groups=groups), owner
                )
            ).attributes.get("host")
            for number, groups in enumerate(((together, apart), (apart,), (together,)))
        ]
        assert both is None or (beside == both and away != both)

    async def _reached(self, vim: VimAdapter, handle: Handle, state: State) -> State:
        """Return the state once it is that one; TimeoutError when the server does not come to it."""
        return (await self.eventually(lambda: vim.observe(handle), lambda seen: seen.state is state)).state
