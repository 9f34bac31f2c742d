"""Whole lives of VNFs on the simulated VIM: any operations, faults, cancels and ways out, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ns_examples import Descriptors
from vnfm_examples import FIREWALL, LARGE, OUTSIDE, SIMPLE, UPGRADED
from walk_world import Life, World, acts, identifiers, lives, quietly

from vnfm.sol003.connectivity import (
    CpProtocolData,
    IpAddressData,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
)
from vnfm.sol003.general import ScaleInfo
from vnfm.sol003.instances import VnfOperationalState
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    CreateVnfRequest,
    HealVnfRequest,
    InstantiateVnfRequest,
    OperateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
    ScaleVnfToLevelRequest,
    StopType,
    TerminateVnfRequest,
    TerminationType,
    VnfInfoModificationRequest,
)

# DBOS's thread draws random numbers while a life is drawn; Hypothesis takes them for ours.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

TWO_FLAVOURS = msgspec.structs.replace(FIREWALL, flavours={"simple": SIMPLE, "large": LARGE})
NETWORKS = ("outside", "other")

vnfcs = st.lists(st.sampled_from(["vdu/firewall/0", "vdu/database/0", "vdu/cache/0"]), unique=True, max_size=2).map(
    tuple
)
in_batches = st.sampled_from([{}, {"upgradeType": "ROLLING"}, {"upgradeType": "ROLLING", "batchSize": 2}])
in_any_way = st.one_of(in_batches, st.just({"upgradeType": "BLUE_GREEN"}))
"""How VNFCs make place for their successors, where they do so."""
operations = st.one_of(
    st.just(("instantiate", None)),
    st.builds(ScaleVnfRequest, type=st.sampled_from(ScaleType), aspect_id=st.just("throughput")).map(
        lambda request: ("scale", request)
    ),
    st.integers(0, 2).map(
        lambda level: (
            "scale_to_level",
            ScaleVnfToLevelRequest(scale_info=(ScaleInfo(aspect_id="throughput", scale_level=level),)),
        )
    ),
    st.one_of(
        st.builds(OperateVnfRequest, change_state_to=st.just(VnfOperationalState.STARTED), vnfc_instance_id=vnfcs),
        st.builds(
            OperateVnfRequest,
            change_state_to=st.just(VnfOperationalState.STOPPED),
            vnfc_instance_id=vnfcs,
        ),
        st.builds(
            OperateVnfRequest,
            change_state_to=st.just(VnfOperationalState.STOPPED),
            vnfc_instance_id=vnfcs,
            stop_type=st.just(StopType.GRACEFUL),
            graceful_stop_timeout=st.just(1),
        ),
    ).map(lambda request: ("operate", request)),
    st.builds(
        HealVnfRequest,
        cause=st.sampled_from([None, "disk errors"]),
        vnfc_instance_id=vnfcs,
        additional_params=st.builds(lambda whole, way: {"all": whole, **way}, st.booleans(), in_batches),
    ).map(lambda request: ("heal", request)),
    st.builds(
        ChangeVnfFlavourRequest, new_flavour_id=st.sampled_from(["simple", "large"]), additional_params=in_any_way
    ).map(lambda request: ("change_flavour", request)),
    st.sampled_from(NETWORKS).map(lambda network: ("change_ext_conn", network)),
    st.builds(
        ChangeCurrentVnfPkgRequest, vnfd_id=st.sampled_from([FIREWALL.id, UPGRADED.id]), additional_params=in_any_way
    ).map(lambda request: ("change_vnfpkg", request)),
    st.just(("modify", VnfInfoModificationRequest(vnf_instance_name="another"))),
    st.sampled_from(TerminationType).map(
        lambda kind: ("terminate", TerminateVnfRequest(termination_type=kind, graceful_termination_timeout=1))
    ),
)
ways_out = st.sampled_from(["retry", "rollback", "fail"])


class Packages(Descriptors):
    """Two packages, one of which carries its image."""

    def __init__(self, directory: Path) -> None:
        super().__init__(vnfds={FIREWALL.id: TWO_FLAVOURS, UPGRADED.id: UPGRADED})
        self._image = directory / "own.img"
        self._image.write_bytes(b"an image" * 1000)

    async def artifact_file(self, vnfd_id: str, path: str) -> Path | None:
        return self._image if path == "Files/own.img" else None


def with_address(index, block):
    addresses = IpAddressData(type=IpAddressType.IPV4, fixed_addresses=(f"10.0.{block}.{index + 10}",))
    data = CpProtocolData(
        layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
        ip_over_ethernet=IpOverEthernetAddressData(ip_addresses=(addresses,)),
    )
    return f"out-{index}", VnfExtCpConfig(cp_protocol_data=(data,))


class VnfLife(Life):
    networks: dict[str, str]
    blue_greens = 0

    async def begin(self, operation):
        name, request = operation
        if name == "instantiate":
            request = InstantiateVnfRequest(flavour_id="simple", ext_virtual_links=(self.link("outside"),))
        elif name == "change_ext_conn":
            request = ChangeExtVnfConnectivityRequest(ext_virtual_links=(self.link(request),))
        elif getattr(request, "additional_params", {}).get("upgradeType") == "BLUE_GREEN":
            self.blue_greens += 1
            request = msgspec.structs.replace(request, ext_virtual_links=(self.link("outside", self.blue_greens),))
        return await getattr(self.world.vnfs, name)(self.subject, request)

    def link(self, network, addresses=0):
        """The firewalls attached to a network, with the addresses that are at hand or with others."""
        (outside,) = OUTSIDE.ext_cps
        moved = msgspec.structs.replace(outside, cp_config=dict(map(with_address, range(2), (addresses,) * 2)))
        return msgspec.structs.replace(OUTSIDE, id=network, resource_id=self.networks[network], ext_cps=(moved,))

    async def there(self):
        owned = [(seen.identity.path, seen) for seen in await self.world.owned()]
        return [(path, seen) for path, seen in owned if path.startswith(f"vnf/{self.subject}/")]

    async def recorded(self):
        return identifiers((await self.world.vnf_record(self.subject)).graph)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def world(runner, tmp_path_factory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("walks")
    world = World(directory, Packages(directory))
    runner.run(world.start())
    yield world
    runner.run(world.stop())


@lives(5)
@given(st.lists(acts(operations, ways_out), min_size=1, max_size=8))
def test_whatever_happens_inventory_and_vim_agree(runner, world, life):
    """Every operation ends in a legal state; inventory and VIM agree whenever one ends well or is rolled back.

    After a rollback the VIM has what it had before; after a termination, nothing.
    """

    async def story() -> None:
        vnf = await world.vnfs.create_vnf(CreateVnfRequest(vnfd_id=FIREWALL.id, vnf_instance_name="walker"))
        lived = VnfLife(world, vnf.id)
        lived.networks = {name: await world.network(f"{name}-of-{vnf.id}") for name in NETWORKS}
        for act in [
            quietly(("instantiate", None)),
            *life,
            quietly(("terminate", TerminateVnfRequest(termination_type=TerminationType.FORCEFUL))),
        ]:
            await lived.act(act)
        assert await lived.there() == []
        await world.vnfs.delete_vnf(vnf.id)

    runner.run(story())
