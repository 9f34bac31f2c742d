"""Whole lives of VNFs on the simulated VIM: any operations, faults, cancels and ways out, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ns_examples import FIREWALL
from walk_world import Life, World, acts, identifiers, lives, quietly

from vnfm.sol003.general import ScaleInfo
from vnfm.sol003.requests import (
    CreateVnfRequest,
    InstantiateVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
    TerminationType,
)

# DBOS's thread draws random numbers while a life is drawn; Hypothesis takes them for ours.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

operations = st.sampled_from(["instantiate", 0, 1, 3, "terminate"])
ways_out = st.sampled_from(["retry", "rollback", "fail"])


class VnfLife(Life):
    async def begin(self, operation):
        vnfs = self.world.vnfs
        if operation == "instantiate":
            return await vnfs.instantiate(self.subject, InstantiateVnfRequest(flavour_id="simple"))
        if operation == "terminate":
            return await vnfs.terminate(self.subject, TerminateVnfRequest(termination_type=TerminationType.FORCEFUL))
        level = ScaleInfo(aspect_id="capacity", scale_level=operation)
        return await vnfs.scale_to_level(self.subject, ScaleVnfToLevelRequest(scale_info=(level,)))

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
    world = World(tmp_path_factory.mktemp("walks"))
    runner.run(world.start())
    yield world
    runner.run(world.stop())


@lives(5)
@given(st.lists(acts(operations, ways_out), min_size=1, max_size=5))
def test_whatever_happens_inventory_and_vim_agree(runner, world, life):
    """Every operation ends in a legal state; inventory and VIM agree whenever one ends well or is rolled back.

    After a rollback the VIM has what it had before; after a termination, nothing.
    """

    async def story() -> None:
        vnf = await world.vnfs.create_vnf(CreateVnfRequest(vnfd_id=FIREWALL.id, vnf_instance_name="walker"))
        lived = VnfLife(world, vnf.id)
        for act in [quietly("instantiate"), *life, quietly("terminate")]:
            await lived.act(act)
        assert await lived.there() == []
        await world.vnfs.delete_vnf(vnf.id)

    runner.run(story())
