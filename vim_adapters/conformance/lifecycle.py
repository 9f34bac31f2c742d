"""Resources come up, can be looked at, and go."""

from __future__ import annotations

import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.conformance.bench import Bench
from vim_adapters.contract import Handle, Identity, State, VimAdapter
from vim_adapters.errors import (
    ConflictError,
    DependencyMissingError,
    InvalidSpecError,
    RequestRefusedError,
)
from vim_adapters.resources import (
    Kind,
    NetworkSpec,
    PlacementGroupSpec,
    PortSpec,
    SecurityGroupSpec,
    SecurityRule,
    ServerSpec,
    SubnetSpec,
    VolumeAttachment,
    VolumeSpec,
)

NOWHERE = "00000000-0000-4000-8000-000000000000"
"""The identifier of nothing."""


class LifecyclePromises(Bench):
    """No call waits, absent is an answer, and dependencies are kept."""

    async def test_a_whole_server_comes_up_and_goes(self, vim: VimAdapter, owner: str) -> None:
        """Every kind becomes READY in the order of dependencies, goes in the reverse order, and nothing is left."""
        spec = await self.server_spec(vim, owner)
        rule = SecurityRule(direction="ingress", protocol="tcp", port_min=22, port_max=22)
        await self.made(vim, SecurityGroupSpec(name="group", rules=(rule,)), owner)
        volumes, groups = [], []
        if Kind.VOLUME in vim.capabilities.kinds:
            volumes.append(await self.made(vim, VolumeSpec(name="volume", size_gib=1), owner))
        if Feature.ANTI_AFFINITY in vim.capabilities.features:
            groups.append(await self.made(vim, PlacementGroupSpec(name="apart", policy="anti-affinity"), owner))
        server = await self.made(
            vim,
            ServerSpec(
                name="server",
                vcpus=spec.vcpus,
                memory_mib=spec.memory_mib,
                disk_gib=spec.disk_gib,
                image=spec.image,
                ports=spec.ports,
                volumes=tuple(VolumeAttachment(volume=volume.handle.id) for volume in volumes),
                placement_groups=tuple(group.handle.id for group in groups),
            ),
            owner,
        )
        assert server.attributes["zone"]
        for seen in reversed(await vim.list_owned(owner)):
            await vim.ensure_absent(seen.handle)
            await self.gone(vim, seen.handle)
        assert await vim.list_owned(owner) == ()

    async def test_creation_does_not_wait(self, vim: VimAdapter, owner: str) -> None:
        """A server is answered while it still boots."""
        spec = await self.server_spec(vim, owner)
        created = await vim.ensure_present(spec, Identity(owner=owner, path="kit/server"))
        assert created.state is State.PENDING
        assert (await self.settled(vim, created.handle)).state is State.READY

    async def test_removing_what_is_absent_is_success(self, vim: VimAdapter, owner: str) -> None:
        """What never was, and what is gone already, is removed without complaint."""
        network = await self.made(vim, NetworkSpec(name="net"), owner)
        await vim.ensure_absent(network.handle)
        await self.gone(vim, network.handle)
        await vim.ensure_absent(network.handle)
        for kind in vim.capabilities.kinds:
            await vim.ensure_absent(Handle(kind=kind, id=NOWHERE))

    async def test_what_is_not_there_is_observed_absent(self, vim: VimAdapter, owner: str) -> None:
        """Absent is an answer about every kind, not an error."""
        for kind in vim.capabilities.kinds:
            seen = await vim.observe(Handle(kind=kind, id=NOWHERE))
            assert (seen.state, seen.identity) == (State.ABSENT, None)
            assert await vim.find(kind, Identity(owner=owner, path="kit/nothing")) is None
        assert await vim.list_owned(owner) == ()

    async def test_what_is_in_use_is_not_removed(self, vim: VimAdapter, owner: str) -> None:
        """A network that has ports, and a port that a server has, are conflicts, and stay."""
        spec = await self.server_spec(vim, owner)
        await self.made(vim, spec, owner)
        port = Handle(kind=Kind.PORT, id=spec.ports[0])
        network = Handle(kind=Kind.NETWORK, id=(await vim.observe(port)).attributes["network"])
        for used in (port, network):
            with pytest.raises(ConflictError):
                await vim.ensure_absent(used)
            assert (await vim.observe(used)).state is State.READY

    async def test_missing_dependencies_are_named(self, vim: VimAdapter, owner: str) -> None:
        """A spec that names something which is not there is refused as such, and creates nothing."""
        image = (await self.made(vim, self.found_image, owner)).handle.id
        for spec in (
            SubnetSpec(name="subnet", network=NOWHERE, cidr="192.0.2.0/28"),
            PortSpec(name="port", network=NOWHERE),
            ServerSpec(name="server", vcpus=1, memory_mib=512, disk_gib=1, image=NOWHERE),
            ServerSpec(name="server", vcpus=1, memory_mib=512, disk_gib=1, image=image, ports=(NOWHERE,)),
        ):
            with pytest.raises(DependencyMissingError, match=NOWHERE):
                await vim.ensure_present(spec, Identity(owner=owner, path=f"kit/{spec.name}"))
        assert await vim.list_owned(owner) == ()

    async def test_bad_specs_are_refused(self, vim: VimAdapter, owner: str) -> None:
        """A spec that no VIM can honour is an InvalidSpecError, and creates nothing."""
        network = (await self.made(vim, NetworkSpec(name="net"), owner)).handle
        for cidr in ("not-a-range", "192.0.2.1/28"):
            with pytest.raises(InvalidSpecError):
                await vim.ensure_present(
                    SubnetSpec(name="subnet", network=network.id, cidr=cidr), Identity(owner=owner, path="kit/subnet")
                )
        image = (await self.made(vim, self.found_image, owner)).handle.id
        with pytest.raises(RequestRefusedError):
            await vim.ensure_present(
                ServerSpec(name="server", vcpus=0, memory_mib=0, image=image), Identity(owner=owner, path="kit/server")
            )
        assert [seen.handle for seen in await vim.list_owned(owner)] == [network]
