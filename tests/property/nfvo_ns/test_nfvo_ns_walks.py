"""Whole lives of network services on the simulated VIM: any operations, faults, cancels and ways out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ns_examples import NSD
from walk_world import MARKS, Life, World, acts, lives, quietly

from mano_runtime.workflow.operation import ACTIVE_STATES
from nfvo.inventory.ns_instances import NS_INSTANCES
from nfvo.sol005.ns_requests import (
    CreateNsRequest,
    InstantiateNsRequest,
    ScaleNsData,
    ScaleNsRequest,
    ScaleNsToLevelData,
    ScaleType,
    TerminateNsRequest,
)
from vnfm.inventory.tables import VNF_INSTANCES
from vnfm.sol003.ports import IDENTITY

pytestmark = MARKS

operations = st.sampled_from(["instantiate", "small", "large", "terminate"])
ways_out = st.sampled_from(["retry", "rollback", "proceed", "fail"])


class NsLife(Life):
    async def begin(self, operation):
        services = self.world.services.requests
        if operation == "instantiate":
            return await services.instantiate(self.subject, InstantiateNsRequest(ns_flavour_id="edge"))
        if operation == "terminate":
            return await services.terminate(self.subject, TerminateNsRequest())
        data = ScaleNsData(scale_ns_to_level_data=ScaleNsToLevelData(ns_instantiation_level=operation))
        return await services.scale(self.subject, ScaleNsRequest(scale_type=ScaleType.SCALE_NS, scale_ns_data=data))

    async def quiet(self):
        equal = {"state": ACTIVE_STATES}
        for moving in (await self.world.engine.page(level="vnf", equal=equal)).items:
            await self.world.engine.ended(moving.id, timeout=60)

    async def there(self):
        names = {}
        for vnf in await self.vnfs():
            names[f"vnf/{vnf.id}"] = vnf.metadata[IDENTITY]
        found = []
        for seen in await self.world.owned():
            scope = "/".join(seen.identity.path.split("/")[:2])
            found.append((seen.identity.path.replace(scope, names.get(scope, scope)), seen))
        return found

    async def known(self):
        async with self.world.database.reading() as connection:
            record = (await NS_INSTANCES.get(connection, self.subject)).document
        found = {f"ns/{self.subject}/{path}" for path in record.graph}
        for vnf in await self.vnfs():
            found |= {f"{vnf.metadata[IDENTITY]}/{path}" for path in vnf.graph}
        return found

    async def graphs(self):
        async with self.world.database.reading() as connection:
            record = (await NS_INSTANCES.get(connection, self.subject)).document
        return [record.graph, *(vnf.graph for vnf in await self.vnfs())]

    async def vnfs(self):
        """Every VNF: a world has one network service at a time."""
        async with self.world.database.reading() as connection:
            return [stored.document for stored in await VNF_INSTANCES.all(connection)]


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


@lives(2)
@given(st.lists(acts(operations, ways_out), min_size=1, max_size=4))
def test_whatever_happens_inventories_and_vim_agree(runner, world, life):
    """Every operation ends in a legal state; both inventories and the VIM agree when one ends well or is rolled back.

    After a rollback the VIM has what it had before; after a termination, nothing, and there is no VNF either.
    """

    async def story() -> None:
        request = CreateNsRequest(nsd_id=NSD.id, ns_name="walker", ns_description="walks")
        service = await world.services.requests.create(request)
        lived = NsLife(world, service.id)
        for act in [quietly("instantiate"), *life, quietly("terminate")]:
            await lived.act(act)
        assert await lived.there() == []
        assert await lived.vnfs() == []
        await world.services.requests.delete(service.id, lambda _etag: None)

    runner.run(story())
