"""What the VIM says of itself is true."""

from __future__ import annotations

import msgspec
import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.conformance.bench import Bench
from vim_adapters.contract import Action, Handle, Identity, VimAdapter
from vim_adapters.errors import UnsupportedError
from vim_adapters.resources import (
    AddressPair,
    FileShareSpec,
    FixedAddress,
    FloatingAddressSpec,
    ImageSpec,
    Kind,
    NetworkSpec,
    ObjectContainerSpec,
    PlacementGroupSpec,
    PortSpec,
    QosPolicySpec,
    ResourceSpec,
    RouterSpec,
    SecurityGroupSpec,
    ServerSpec,
    SubnetSpec,
    TrunkSpec,
    VolumeAttachment,
    VolumeSpec,
)

_NEEDING: dict[Feature, tuple[ResourceSpec, ...]] = {
    Feature.BOOT_FROM_VOLUME: (
        VolumeSpec(name="any", size_gib=1, image="any"),
        ServerSpec(name="any", vcpus=1, memory_mib=512, volumes=(VolumeAttachment(volume="any", boot=True),)),
    ),
    Feature.USER_DATA: (ServerSpec(name="any", vcpus=1, memory_mib=512, image="any", user_data="#!/bin/sh"),),
    Feature.IPV6: (SubnetSpec(name="any", network="any", cidr="2001:db8::/64", ip_version=6),),
    Feature.FIXED_ADDRESSES: (
        PortSpec(name="any", network="any", fixed_addresses=(FixedAddress(address="192.0.2.7"),)),
    ),
    Feature.ALLOWED_ADDRESS_PAIRS: (
        PortSpec(name="any", network="any", allowed_address_pairs=(AddressPair(address="192.0.2.7"),)),
        PortSpec(name="any", network="any", carries_addresses_of=("any",)),
    ),
    Feature.VNIC_TYPES: (PortSpec(name="any", network="any", vnic_type="direct"),),
    Feature.VLAN_TRANSPARENCY: (NetworkSpec(name="any", vlan_transparent=True),),
    Feature.MINIMUM_BANDWIDTH: (QosPolicySpec(name="any", min_bps=8_000_000),),
    Feature.RDMA_STORAGE: (VolumeSpec(name="any", size_gib=1, rdma=True),),
    Feature.STORAGE_REQUIREMENTS: (VolumeSpec(name="any", size_gib=1, requirements={"any": "any"}),),
    Feature.PROVIDER_NETWORKS: (NetworkSpec(name="any", provider_type="vlan", provider_segment=7),),
    Feature.AFFINITY: (PlacementGroupSpec(name="any", policy="affinity"),),
    Feature.ANTI_AFFINITY: (PlacementGroupSpec(name="any", policy="anti-affinity"),),
    Feature.SEVERAL_PLACEMENT_GROUPS: (
        ServerSpec(name="any", vcpus=1, memory_mib=512, image="any", placement_groups=("one", "another")),
    ),
}
"""What needs a feature. What it refers to is not there, and need not be: it is refused before anyone looks."""

_OF_KIND: dict[Kind, ResourceSpec] = {
    Kind.QOS_POLICY: QosPolicySpec(name="any", max_bps=8_000_000),
    Kind.NETWORK: NetworkSpec(name="any"),
    Kind.SUBNET: SubnetSpec(name="any", network="any", cidr="192.0.2.0/28"),
    Kind.PORT: PortSpec(name="any", network="any"),
    Kind.TRUNK: TrunkSpec(name="any", port="any"),
    Kind.ROUTER: RouterSpec(name="any", subnets=("any",)),
    Kind.FLOATING_ADDRESS: FloatingAddressSpec(name="any", port="any"),
    Kind.SECURITY_GROUP: SecurityGroupSpec(name="any"),
    Kind.IMAGE: ImageSpec(name="any"),
    Kind.VOLUME: VolumeSpec(name="any", size_gib=1),
    Kind.FILE_SHARE: FileShareSpec(name="any", size_gib=1, network="any"),
    Kind.OBJECT_CONTAINER: ObjectContainerSpec(name="any"),
    Kind.PLACEMENT_GROUP: PlacementGroupSpec(name="any", policy="affinity"),
    Kind.SERVER: ServerSpec(name="any", vcpus=1, memory_mib=512, image="any"),
}
"""The least that can be asked of each kind."""

_ACTIONS = {Feature.START_STOP: (Action.START, Action.STOP, Action.HALT), Feature.REBOOT: (Action.REBOOT,)}


class HonestyPromises(Bench):
    """Capabilities and capacity can be relied on."""

    async def test_access_is_proven(self, vim: VimAdapter) -> None:
        """A connection that works says where it goes."""
        report = await vim.check_access()
        assert report.endpoint
        assert len(report.zones) == len(set(report.zones))

    async def test_capacity_adds_up(self, vim: VimAdapter) -> None:
        """Each zone is told once, and has no more free than it has."""
        self.need(vim, Feature.CAPACITY)
        zones = await vim.capacity()
        assert zones
        assert len({zone.zone for zone in zones}) == len(zones)
        for zone in zones:
            for what in ("vcpus", "memory_mib", "storage_gib"):
                total, free = getattr(zone, f"{what}_total"), getattr(zone, f"{what}_free")
                assert total is None or free is None or free <= total

    async def test_capacity_follows_what_is_made(self, vim: VimAdapter, owner: str) -> None:
        """A server takes what it asks for out of what is free in its zone."""
        self.need(vim, Feature.CAPACITY)
        before = {zone.zone: zone.vcpus_free for zone in await vim.capacity()}
        spec = msgspec.structs.replace(await self.server_spec(vim, owner), vcpus=2)
        zone = (await self.made(vim, spec, owner)).attributes["zone"]
        after = {zone.zone: zone.vcpus_free for zone in await vim.capacity()}
        was, is_ = before[zone], after[zone]
        assert was is None or is_ == was - 2

    @pytest.mark.parametrize("feature", sorted(Feature))
    async def test_what_is_not_declared_is_refused(self, vim: VimAdapter, owner: str, feature: Feature) -> None:
        """A feature that the VIM does not declare is an UnsupportedError, not a request that half works."""
        if feature in vim.capabilities.features:
            return  # declared: the tests of what it does are the proof
        identity = Identity(owner=owner, path="kit/any")
        for spec in _NEEDING.get(feature, ()):
            with pytest.raises(UnsupportedError):
                await vim.ensure_present(spec, identity)
        for action in _ACTIONS.get(feature, ()):
            with pytest.raises(UnsupportedError):
                await vim.operate(Handle(kind=Kind.SERVER, id="any"), action)
        if feature is Feature.CAPACITY:
            with pytest.raises(UnsupportedError):
                await vim.capacity()
        assert await vim.list_owned(owner) == ()

    @pytest.mark.parametrize("kind", sorted(Kind))
    async def test_kinds_not_declared_are_refused(self, vim: VimAdapter, owner: str, kind: Kind) -> None:
        """A kind of resource that the VIM does not declare is an UnsupportedError before anyone looks for it."""
        if kind in vim.capabilities.kinds:
            return  # declared: the tests of what it does are the proof
        with pytest.raises(UnsupportedError, match=kind.value):
            await vim.ensure_present(_OF_KIND[kind], Identity(owner=owner, path="kit/any"))
        assert await vim.list_owned(owner) == ()
