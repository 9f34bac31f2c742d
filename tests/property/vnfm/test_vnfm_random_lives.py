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
    st.builds(OperateVnfRequest, change_state_to=st.sampled_from(VnfOperationalState), vnfc_instance_id=vnfcs).map(
        lambda request: ("operate", request)
    ),
    st.builds(
        HealVnfRequest, vnfc_instance_id=vnfcs, additional_params=st.booleans().map(lambda whole: {"all": whole})
    ).map(lambda request: ("heal", request)),
    st.sampled_from(["simple", "large"]).map(
        lambda flavour: ("change_flavour", ChangeVnfFlavourRequest(new_flavour_id=flavour))
    ),
    st.sampled_from(NETWORKS).map(lambda network: ("change_ext_conn", network)),
    st.sampled_from([FIREWALL.id, UPGRADED.id]).map(
        lambda package: ("change_vnfpkg", ChangeCurrentVnfPkgRequest(vnfd_id=package))
    ),
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


class VnfLife(Life):
    networks: dict[str, str]

    async def begin(self, operation):
        name, request = operation
        if name == "instantiate":
            request = InstantiateVnfRequest(flavour_id="simple", ext_virtual_links=(self.link("outside"),))
        elif name == "change_ext_conn":
            request = ChangeExtVnfConnectivityRequest(ext_virtual_links=(self.link(request),))
        return await getattr(self.world.vnfs, name)(self.subject, request)

    def link(self, network):
        return msgspec.structs.replace(OUTSIDE, id=network, resource_id=self.networks[network])

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
