"""Ports are reached from the network outside."""

from __future__ import annotations

import asyncio

import pytest

from vim_adapters.conformance.bench import Bench
from vim_adapters.conformance.lifecycle import NOWHERE
from vim_adapters.contract import Handle, Identity, Observation, State, VimAdapter
from vim_adapters.errors import ConflictError, DependencyMissingError, RequestRefusedError
from vim_adapters.resources import (
    FixedAddress,
    FloatingAddressSpec,
    Kind,
    NetworkSpec,
    PortSpec,
    RouterSpec,
    SubnetSpec,
)


class RoutingPromises(Bench):
    """Routers lead outside; floating addresses lead to ports, and outlive them."""

    async def test_a_floating_address_leads_to_a_port(self, vim: VimAdapter, owner: str) -> None:
        """It is no address of the port's own, and asked for again it is the same; each port has another."""
        router, ports = await self._behind_a_router(vim, owner)
        specs = [FloatingAddressSpec(name=f"float-{n}", port=port, router=router) for n, port in enumerate(ports)]
        made = await asyncio.gather(*(self.made(vim, spec, owner) for spec in specs))
        assert [one.attributes["port"] for one in made] == ports
        addresses = {one.attributes["address"] for one in made}
        own = {address for port in ports for address in (await self._port(vim, port)).attributes["addresses"]}
        assert len(addresses | own) == len(addresses) + len(own) == 4
        for spec, one in zip(specs, made, strict=True):
            again = await vim.ensure_present(spec, Identity(owner=owner, path=f"kit/{spec.name}"))
            for seen in (again, await vim.observe(one.handle)):
                assert (seen.handle, seen.attributes["address"]) == (one.handle, one.attributes["address"])
        listed = await vim.list_owned(owner, Kind.FLOATING_ADDRESS)
        assert {seen.handle for seen in listed} == {one.handle for one in made}

    async def test_a_floating_address_outlives_its_port(self, vim: VimAdapter, owner: str) -> None:
        """With its port gone it leads nowhere and is there; it is led to another port and is the same address."""
        router, (first, second) = await self._behind_a_router(vim, owner)
        spec = FloatingAddressSpec(name="float", port=first, router=router)
        made = await self.made(vim, spec, owner)
        await vim.ensure_absent(Handle(kind=Kind.PORT, id=first))
        await self.gone(vim, Handle(kind=Kind.PORT, id=first))
        seen = await vim.observe(made.handle)
        assert (seen.state, seen.attributes["port"]) == (State.READY, "")
        for _ in range(2):
            seen = await vim.adjust(made.handle, FloatingAddressSpec(name="float", port=second, router=router))
            assert seen.attributes == {**made.attributes, "port": second}
        with pytest.raises(DependencyMissingError):
            await vim.adjust(Handle(kind=Kind.FLOATING_ADDRESS, id=NOWHERE), spec)

    async def test_the_way_outside_stays_while_it_is_used(self, vim: VimAdapter, owner: str) -> None:
        """A router that an address leads through is a conflict to remove, as is a network or subnet that is on one."""
        router, (port, _) = await self._behind_a_router(vim, owner)
        address = await self.made(vim, FloatingAddressSpec(name="float", port=port, router=router), owner)
        made = {seen.handle.kind: seen.handle for seen in await vim.list_owned(owner)}
        with pytest.raises(ConflictError):
            await vim.ensure_absent(made[Kind.ROUTER])
        assert (await vim.observe(address.handle)).attributes == address.attributes
        for seen in await vim.list_owned(owner, Kind.PORT):
            await vim.ensure_absent(seen.handle)
            await self.gone(vim, seen.handle)
        for kind in (Kind.SUBNET, Kind.NETWORK):
            with pytest.raises(ConflictError):
                await vim.ensure_absent(made[kind])
        for kind in (Kind.FLOATING_ADDRESS, Kind.ROUTER, Kind.SUBNET, Kind.NETWORK):
            await vim.ensure_absent(made[kind])
            await self.gone(vim, made[kind])

    async def test_a_port_is_an_interface_of_a_router(self, vim: VimAdapter, owner: str) -> None:
        """With the address that it asks for, on a network of its own; it goes, and then the router can."""
        self.need(vim, Kind.ROUTER)
        _, inside = await self.network(vim, owner)
        beyond = (await self.made(vim, NetworkSpec(name="beyond"), owner)).handle.id
        ranges = SubnetSpec(name="beyond", network=beyond, cidr="198.51.100.0/28")
        await self.made(vim, ranges, owner)
        router = await self.made(vim, RouterSpec(name="router", subnets=(inside,), outside=False), owner)
        address = FixedAddress(address="198.51.100.9")
        spec = PortSpec(name="way", network=beyond, fixed_addresses=(address,), router=router.handle.id)
        port = await self.made(vim, spec, owner)
        assert port.attributes["addresses"] == ["198.51.100.9"]
        again = await vim.ensure_present(spec, Identity(owner=owner, path=f"kit/{spec.name}"))
        assert (again.handle, again.digest) == (port.handle, port.digest)
        for handle in (port.handle, router.handle):
            await vim.ensure_absent(handle)
            await self.gone(vim, handle)
        nowhere = PortSpec(name="any", network=beyond, router=NOWHERE)
        with pytest.raises(DependencyMissingError):
            await vim.ensure_present(nowhere, Identity(owner=owner, path="kit/any"))

    async def test_what_leads_nowhere_is_refused(self, vim: VimAdapter, owner: str) -> None:
        """A router without a gateway to be, or of no subnet that is there, and an address that no router leads to."""
        self.need(vim, Kind.ROUTER, Kind.FLOATING_ADDRESS)
        network, subnet = await self.network(vim, owner)
        port = (await self.made(vim, PortSpec(name="port", network=network), owner)).handle.id
        closed = SubnetSpec(name="closed", network=network, cidr="198.51.100.0/28", gateway="")
        without = (await self.made(vim, closed, owner)).handle.id
        for spec, error, match in (
            (RouterSpec(name="any", subnets=(subnet, NOWHERE)), DependencyMissingError, NOWHERE),
            (RouterSpec(name="any", subnets=(without,)), RequestRefusedError, None),
            (FloatingAddressSpec(name="any", port=NOWHERE), DependencyMissingError, NOWHERE),
            (FloatingAddressSpec(name="any", port=port), DependencyMissingError, "no router"),
        ):
            with pytest.raises(error, match=match):
                await vim.ensure_present(spec, Identity(owner=owner, path="kit/any"))
        for kind in (Kind.ROUTER, Kind.FLOATING_ADDRESS):
            assert await vim.find(kind, Identity(owner=owner, path="kit/any")) is None

    async def test_what_is_taken_is_refused(self, vim: VimAdapter, owner: str) -> None:
        """A port has one floating address, and a subnet one router."""
        router, (port, _) = await self._behind_a_router(vim, owner)
        await self.made(vim, FloatingAddressSpec(name="float", port=port, router=router), owner)
        (subnet,) = [seen.handle.id for seen in await vim.list_owned(owner, Kind.SUBNET)]
        for spec in (
            FloatingAddressSpec(name="other", port=port, router=router),
            RouterSpec(name="other", subnets=(subnet,)),
        ):
            with pytest.raises(RequestRefusedError):
                await vim.ensure_present(spec, Identity(owner=owner, path="kit/other"))
        for kind in (Kind.ROUTER, Kind.FLOATING_ADDRESS):
            assert await vim.find(kind, Identity(owner=owner, path="kit/other")) is None

    async def _behind_a_router(self, vim: VimAdapter, owner: str) -> tuple[str, list[str]]:
        """Create two ports behind a router, and return the identifiers of the router and the ports."""
        self.need(vim, Kind.ROUTER, Kind.FLOATING_ADDRESS)
        network, subnet = await self.network(vim, owner)
        ports = [(await self.made(vim, PortSpec(name=f"port-{n}", network=network), owner)).handle.id for n in range(2)]
        return (await self.made(vim, RouterSpec(name="router", subnets=(subnet,)), owner)).handle.id, ports

    async def _port(self, vim: VimAdapter, port: str) -> Observation:
        return await vim.observe(Handle(kind=Kind.PORT, id=port))
