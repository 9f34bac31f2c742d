"""Ports get the addresses that they shall have."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address, ip_network

import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.conformance.bench import Bench
from vim_adapters.contract import Handle, Identity, VimAdapter
from vim_adapters.errors import ConflictError, InvalidSpecError
from vim_adapters.resources import (
    AddressPair,
    AllocationPool,
    FixedAddress,
    Kind,
    NetworkSpec,
    PortSpec,
    SecurityGroupSpec,
    SubnetSpec,
)

_CIDR = "192.0.2.0/28"


class NetworkingPromises(Bench):
    """Addresses are of the subnet, unique, and as asked for."""

    async def test_ports_get_addresses_of_their_own(self, vim: VimAdapter, owner: str) -> None:
        """Each port tells its network, a MAC address and an address of the subnet; concurrent ports share none."""
        network, _ = await self.network(vim, owner, cidr=_CIDR)
        ports = await asyncio.gather(
            *(self.made(vim, PortSpec(name=f"port-{number}", network=network), owner) for number in range(6))
        )
        addresses = [address for port in ports for address in port.attributes["addresses"]]
        assert len(addresses) == len(set(addresses)) == 6
        assert all(ip_address(address) in ip_network(_CIDR) for address in addresses)
        assert not {"192.0.2.0", "192.0.2.1", "192.0.2.15"} & set(addresses)
        assert len({port.attributes["mac_address"] for port in ports}) == 6
        assert {port.attributes["network"] for port in ports} == {network}

    async def test_attributes_do_not_change(self, vim: VimAdapter, owner: str) -> None:
        """A port that is looked at again has the addresses that it was given."""
        network, _ = await self.network(vim, owner)
        spec = PortSpec(name="port", network=network)
        port = await self.made(vim, spec, owner)
        again = await vim.ensure_present(spec, Identity(owner=owner, path="kit/port"))
        for seen in (again, await vim.observe(port.handle)):
            assert seen.attributes["addresses"] == port.attributes["addresses"]
            assert seen.attributes["mac_address"] == port.attributes["mac_address"]

    async def test_allocation_pools_are_kept(self, vim: VimAdapter, owner: str) -> None:
        """Addresses come from the pools of the subnet."""
        network = (await self.made(vim, NetworkSpec(name="net"), owner)).handle.id
        pool = AllocationPool(start="192.0.2.9", end="192.0.2.10")
        await self.made(vim, SubnetSpec(name="sub", network=network, cidr=_CIDR, allocation_pools=(pool,)), owner)
        ports = [await self.made(vim, PortSpec(name=name, network=network), owner) for name in ("one", "two")]
        assert sorted(port.attributes["addresses"][0] for port in ports) == ["192.0.2.10", "192.0.2.9"]

    async def test_fixed_addresses_are_given(self, vim: VimAdapter, owner: str) -> None:
        """A port gets the address that it asks for; one that is taken or elsewhere is refused."""
        self.need(vim, Feature.FIXED_ADDRESSES)
        network, subnet = await self.network(vim, owner, cidr=_CIDR)

        def asking(name: str, address: str) -> PortSpec:
            fixed = FixedAddress(subnet=subnet, address=address)
            return PortSpec(name=name, network=network, fixed_addresses=(fixed,))

        port = await self.made(vim, asking("one", "192.0.2.7"), owner)
        assert port.attributes["addresses"] == ["192.0.2.7"]
        with pytest.raises(ConflictError):
            await vim.ensure_present(asking("two", "192.0.2.7"), Identity(owner=owner, path="kit/two"))
        with pytest.raises(InvalidSpecError):
            await vim.ensure_present(asking("three", "198.51.100.7"), Identity(owner=owner, path="kit/three"))
        ports = await vim.list_owned(owner, Kind.PORT)
        assert [seen.handle for seen in ports] == [port.handle]

    async def test_addresses_are_free_again(self, vim: VimAdapter, owner: str) -> None:
        """The address of a port that is gone can be given to another."""
        self.need(vim, Feature.FIXED_ADDRESSES)
        network, _ = await self.network(vim, owner, cidr=_CIDR)
        fixed = (FixedAddress(address="192.0.2.7"),)
        port = await self.made(vim, PortSpec(name="one", network=network, fixed_addresses=fixed), owner)
        await vim.ensure_absent(port.handle)
        await self.gone(vim, port.handle)
        again = await self.made(vim, PortSpec(name="two", network=network, fixed_addresses=fixed), owner)
        assert again.attributes["addresses"] == ["192.0.2.7"]

    async def test_both_versions_of_ip(self, vim: VimAdapter, owner: str) -> None:
        """A port of a network with subnets of both versions gets an address of each."""
        self.need(vim, Feature.IPV6)
        network, _ = await self.network(vim, owner, cidr=_CIDR)
        six = SubnetSpec(name="six", network=network, cidr="2001:db8::/64", ip_version=6)
        await self.made(vim, six, owner)
        port = await self.made(vim, PortSpec(name="port", network=network), owner)
        addresses = [ip_address(address) for address in port.attributes["addresses"]]
        assert sorted(address.version for address in addresses) == [4, 6]
        assert ip_address("2001:db8::") != addresses[-1]

    async def test_security_groups_and_address_pairs(self, vim: VimAdapter, owner: str) -> None:
        """A port is put under its security groups, which then are in use."""
        self.need(vim, Feature.ALLOWED_ADDRESS_PAIRS)
        network, _ = await self.network(vim, owner)
        group = (await self.made(vim, SecurityGroupSpec(name="group"), owner)).handle.id
        pairs = (AddressPair(address="192.0.2.14"),)
        spec = PortSpec(name="port", network=network, security_groups=(group,), allowed_address_pairs=pairs)
        await self.made(vim, spec, owner)
        with pytest.raises(ConflictError):
            await vim.ensure_absent(Handle(kind=Kind.SECURITY_GROUP, id=group))
