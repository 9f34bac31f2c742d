"""What passes ports: virtual addresses, trunks and limits of bandwidth."""

from __future__ import annotations

import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.conformance.bench import Bench
from vim_adapters.conformance.lifecycle import NOWHERE
from vim_adapters.contract import Handle, Identity, State, VimAdapter
from vim_adapters.errors import ConflictError, DependencyMissingError, RequestRefusedError
from vim_adapters.resources import AddressPair, Kind, NetworkSpec, PortSpec, QosPolicySpec, SubPort, TrunkSpec


class TrafficPromises(Bench):
    """Ports carry what they shall, and no more of it than they may."""

    async def test_a_virtual_address_is_carried_by_others(self, vim: VimAdapter, owner: str) -> None:
        """A port tells the addresses it may carry besides its own: those it was given, and those of other ports."""
        self.need(vim, Feature.ALLOWED_ADDRESS_PAIRS)
        network, _ = await self.network(vim, owner)
        virtual = await self.made(vim, PortSpec(name="virtual", network=network), owner)
        spec = PortSpec(
            name="port",
            network=network,
            allowed_address_pairs=(AddressPair(address="198.51.100.0/24"),),
            carries_addresses_of=(virtual.handle.id,),
        )
        port = await self.made(vim, spec, owner)
        wanted = {"198.51.100.0/24", *virtual.attributes["addresses"]}
        assert set(port.attributes["allowed_addresses"]) == wanted
        assert set((await vim.observe(port.handle)).attributes["allowed_addresses"]) == wanted
        lost = PortSpec(name="lost", network=network, carries_addresses_of=(NOWHERE,))
        with pytest.raises(DependencyMissingError, match=NOWHERE):
            await vim.ensure_present(lost, Identity(owner=owner, path="kit/lost"))

    async def test_a_trunk_carries_several_ports(self, vim: VimAdapter, owner: str) -> None:
        """A server gets a trunk's port; the ports on the trunk, and its own, stay while it is there."""
        self.need(vim, Kind.TRUNK)
        spec = await self.server_spec(vim, owner)
        network = (await self.made(vim, NetworkSpec(name="behind"), owner)).handle.id
        behind = (await self.made(vim, PortSpec(name="sub-port", network=network), owner)).handle
        sub_port = SubPort(port=behind.id, segmentation_id=101)
        trunk = await self.made(vim, TrunkSpec(name="trunk", port=spec.ports[0], sub_ports=(sub_port,)), owner)
        assert trunk.attributes["port"] == spec.ports[0]
        server = await self.made(vim, spec, owner)
        with pytest.raises(ConflictError):
            await vim.ensure_absent(behind)
        for handle in (server.handle, trunk.handle, behind):
            await vim.ensure_absent(handle)
            await self.gone(vim, handle)

    async def test_bad_trunks_are_refused(self, vim: VimAdapter, owner: str) -> None:
        """A trunk of ports that are not there, or that tells two ports apart by the same number, is not made."""
        self.need(vim, Kind.TRUNK)
        network, _ = await self.network(vim, owner)
        ports = [await self.made(vim, PortSpec(name=f"port-{n}", network=network), owner) for n in range(3)]
        own, *others = [port.handle.id for port in ports]
        same = tuple(SubPort(port=port, segmentation_id=101) for port in others)
        for spec, error in (
            (TrunkSpec(name="trunk", port=NOWHERE), DependencyMissingError),
            (TrunkSpec(name="trunk", port=own, sub_ports=same), RequestRefusedError),
        ):
            with pytest.raises(error):
                await vim.ensure_present(spec, Identity(owner=owner, path="kit/trunk"))
        assert await vim.list_owned(owner, Kind.TRUNK) == ()

    async def test_rates_are_adjusted(self, vim: VimAdapter, owner: str) -> None:
        """A policy tells its rates; they change under the ports that have it, and it stays the same policy."""
        self.need(vim, Kind.QOS_POLICY)
        spec = QosPolicySpec(name="rate", max_bps=8_000_000)
        policy = await self.made(vim, spec, owner)
        assert policy.attributes["max_bps"] == 8_000_000
        wanted = QosPolicySpec(name="rate", max_bps=16_000_000)
        for _ in range(2):
            seen = await vim.adjust(policy.handle, wanted)
            assert (seen.handle, seen.attributes["max_bps"]) == (policy.handle, 16_000_000)
        again = await vim.ensure_present(wanted, Identity(owner=owner, path="kit/rate"))
        assert (again.handle, again.state, again.attributes["max_bps"]) == (policy.handle, State.READY, 16_000_000)
        with pytest.raises(DependencyMissingError):
            await vim.adjust(Handle(kind=Kind.QOS_POLICY, id=NOWHERE), wanted)

    async def test_bandwidth_is_kept_free(self, vim: VimAdapter, owner: str) -> None:
        """A policy tells what a port can count on; it can be taken away again."""
        self.need(vim, Kind.QOS_POLICY, Feature.MINIMUM_BANDWIDTH)
        policy = await self.made(vim, QosPolicySpec(name="rate", min_bps=8_000_000), owner)
        assert (policy.attributes["min_bps"], policy.attributes["max_bps"]) == (8_000_000, None)
        seen = await vim.adjust(policy.handle, QosPolicySpec(name="rate", max_bps=16_000_000))
        assert (seen.attributes["min_bps"], seen.attributes["max_bps"]) == (None, 16_000_000)

    async def test_ports_are_adjusted(self, vim: VimAdapter, owner: str) -> None:
        """A port that is there comes under another policy and carries other addresses, and keeps its own."""
        self.need(vim, Kind.QOS_POLICY, Feature.ALLOWED_ADDRESS_PAIRS)
        network, _ = await self.network(vim, owner)
        policy = (await self.made(vim, QosPolicySpec(name="rate", max_bps=8_000_000), owner)).handle
        port, virtual = [await self.made(vim, PortSpec(name=name, network=network), owner) for name in ("one", "two")]
        wanted = PortSpec(name="one", network=network, qos_policy=policy.id, carries_addresses_of=(virtual.handle.id,))
        seen = await vim.adjust(port.handle, wanted)
        assert seen.attributes["allowed_addresses"] == virtual.attributes["addresses"]
        assert seen.attributes["addresses"] == port.attributes["addresses"]
        with pytest.raises(ConflictError):
            await vim.ensure_absent(policy)
        seen = await vim.adjust(port.handle, PortSpec(name="one", network=network))
        assert seen.attributes["allowed_addresses"] == []
        await vim.ensure_absent(policy)
        await self.gone(vim, policy)

    async def test_a_policy_in_use_stays(self, vim: VimAdapter, owner: str) -> None:
        """A policy that a network or a port is under is a conflict to remove; one that is not there is named."""
        self.need(vim, Kind.QOS_POLICY)
        policy = (await self.made(vim, QosPolicySpec(name="rate", max_bps=8_000_000), owner)).handle
        network = (await self.made(vim, NetworkSpec(name="net", qos_policy=policy.id), owner)).handle
        with pytest.raises(ConflictError):
            await vim.ensure_absent(policy)
        port = (await self.made(vim, PortSpec(name="port", network=network.id, qos_policy=policy.id), owner)).handle
        for handle in (port, network, policy):
            await vim.ensure_absent(handle)
            await self.gone(vim, handle)
        spec = NetworkSpec(name="lost", qos_policy=NOWHERE)
        with pytest.raises(DependencyMissingError, match=NOWHERE):
            await vim.ensure_present(spec, Identity(owner=owner, path="kit/lost"))
