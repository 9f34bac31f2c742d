"""What servers and volumes have at a moment, kept."""

from __future__ import annotations

import msgspec
import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.conformance.bench import Bench
from vim_adapters.conformance.lifecycle import NOWHERE
from vim_adapters.contract import Identity, State, VimAdapter
from vim_adapters.errors import DependencyMissingError
from vim_adapters.resources import (
    Kind,
    ResourceSpec,
    ServerSnapshotSpec,
    ServerSpec,
    VolumeAttachment,
    VolumeSnapshotSpec,
    VolumeSpec,
)


class SnapshotPromises(Bench):
    """A snapshot is a thing of its own: what it is of may go."""

    async def test_a_server_snapshot_outlives_the_server(self, vim: VimAdapter, owner: str) -> None:
        """A server that runs on can be snapshotted, and another starts from that when the first is gone."""
        self.need(vim, Kind.SERVER_SNAPSHOT)
        spec = msgspec.structs.replace(await self.server_spec(vim, owner), ports=())
        first = await self.made(vim, spec, owner)
        snapshot = await self.made(vim, ServerSnapshotSpec(name="kept", server=first.handle.id), owner)
        assert (await vim.observe(first.handle)).state is State.READY
        await vim.ensure_absent(first.handle)
        await self.gone(vim, first.handle)
        assert (await vim.observe(snapshot.handle)).state is State.READY
        assert [seen.handle for seen in await vim.list_owned(owner, Kind.SERVER_SNAPSHOT)] == [snapshot.handle]
        assert await vim.list_owned(owner, Kind.IMAGE) == ()
        again = msgspec.structs.replace(spec, name="second", image=snapshot.handle.id)
        await self.made(vim, again, owner)

    async def test_a_volume_snapshot_outlives_the_volume(self, vim: VimAdapter, owner: str) -> None:
        """A volume that a server has can be snapshotted, goes all the same, and another is filled with what it had.

        Where the first could be booted from, so can the other.
        """
        self.need(vim, Kind.VOLUME_SNAPSHOT, Feature.BOOT_FROM_VOLUME)
        image = (await self.made(vim, self.found_image, owner)).handle.id
        first = await self.made(vim, VolumeSpec(name="first", size_gib=1, image=image), owner)
        server = await self.made(vim, _booted_from(first.handle.id, "server"), owner)
        kept = VolumeSnapshotSpec(name="kept", volume=first.handle.id, size_gib=1)
        snapshot = await self.made(vim, kept, owner)
        assert snapshot.attributes["size_gib"] == 1
        for handle in (server.handle, first.handle):
            await vim.ensure_absent(handle)
            await self.gone(vim, handle)
        assert (await vim.observe(snapshot.handle)).state is State.READY
        assert await vim.list_owned(owner, Kind.VOLUME) == ()
        filled = VolumeSpec(name="filled", size_gib=1, snapshot=snapshot.handle.id)
        second = await self.made(vim, filled, owner)
        assert [seen.handle for seen in await vim.list_owned(owner, Kind.VOLUME)] == [second.handle]
        await self.made(vim, _booted_from(second.handle.id, "second"), owner)

    async def test_a_snapshot_is_of_something(self, vim: VimAdapter, owner: str) -> None:
        """A snapshot of what is not there, or made from one that is not there, is refused with its name."""
        self.need(vim, Kind.SERVER_SNAPSHOT, Kind.VOLUME_SNAPSHOT)
        lost: tuple[ResourceSpec, ...] = (
            ServerSnapshotSpec(name="of-a-server", server=NOWHERE),
            VolumeSnapshotSpec(name="of-a-volume", volume=NOWHERE, size_gib=1),
            VolumeSpec(name="filled", size_gib=1, snapshot=NOWHERE),
        )
        for spec in lost:
            with pytest.raises(DependencyMissingError, match=NOWHERE):
                await vim.ensure_present(spec, Identity(owner=owner, path=f"kit/{spec.name}"))
        assert await vim.list_owned(owner) == ()


def _booted_from(volume: str, name: str) -> ServerSpec:
    return ServerSpec(name=name, vcpus=1, memory_mib=512, volumes=(VolumeAttachment(volume=volume, boot=True),))
