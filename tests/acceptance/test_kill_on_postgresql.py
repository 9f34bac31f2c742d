"""With its database in PostgreSQL, too, a server loses nothing when it dies, or when its connections do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from example_packages import SERVICE, VNFS, package
from server_process import server_process

SLOW = ("--call", "ensure_present=0.1", "--boot", "server=0.5")
ACTIVE = {"STARTING", "PROCESSING", "ROLLING_BACK"}


@pytest.fixture
async def server(tmp_path, postgresql):
    url = await asyncio.to_thread(postgresql.emptied)
    async with server_process(tmp_path, "--database-url", url) as server:
        await server.make_vim(*SLOW)
        yield server


async def test_a_service_lives_through_the_death_of_server_and_connections(server, postgresql):
    """A service comes up, every resource once, although the server is killed and every connection cut; and goes."""
    await server.start()
    for name in VNFS:
        await server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", package(name))
    nsd = await server.onboard("/nsd/v2/ns_descriptors", "nsd_content", package(SERVICE))
    body = {"nsdId": nsd["nsdId"], "nsName": "branch", "nsDescription": ""}
    service, _ = await server.request("POST", "/nslcm/v2/ns_instances", 201, json=body)
    path = f"/nslcm/v2/ns_instances/{service['id']}"

    instantiation = await begin(server, f"{path}/instantiate", {"nsFlavourId": "default"})
    await until(lambda: of_kind(server, "port"))
    under_way = (await server.get(instantiation))["operationState"] in ACTIVE
    await server.kill()
    assert under_way, "it was over before the kill: make the VIM slower"
    await server.start()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mano'"
    assert await asyncio.to_thread(postgresql.execute, cut)
    assert await ended(server, instantiation) == "COMPLETED"
    paths = Counter(row["path"] for row in owned(server))
    assert [path for path, count in paths.items() if count > 1] == []
    assert of_kind(server, "server") == 5
    vnfs = await server.get("/vnflcm/v2/vnf_instances")
    assert {vnf["instantiationState"] for vnf in vnfs} == {"INSTANTIATED"}
    assert len(vnfs) == len(VNFS)
    whole = await server.get("/vnflcm/v2/vnf_instances?all_fields")
    assert [{name: vnf[name] for name in less} for vnf, less in zip(whole, vnfs, strict=True)] == vnfs
    assert await server.get("/vnflcm/v2/vnf_instances?filter=(eq,instantiatedVnfInfo/vnfState,STARTED)") == vnfs
    wanted = await server.get(f"/vnflcm/v2/vnf_instances?filter=(eq,vnfdId,{vnfs[0]['vnfdId']})")
    assert [vnf["id"] for vnf in wanted] == [vnfs[0]["id"]]

    assert await ended(server, await begin(server, f"{path}/terminate", {})) == "COMPLETED"
    assert owned(server) == []
    await server.request("DELETE", path, 204)
    await server.request("GET", f"{path}%00", 404)
    assert await server.stop() == 0
    assert not (server.data / "mano.sqlite").exists()


async def begin(server, path, body):
    """Ask for an operation and return where it is watched, without the server's address."""
    _, headers = await server.request("POST", path, 202, json=body)
    return headers["Location"].removeprefix(server.url)


async def ended(server, operation):
    """Return the state in which the operation ends."""
    async with asyncio.timeout(60):
        while True:
            state = (await server.get(operation))["operationState"]
            if state not in ACTIVE:
                return state
            await asyncio.sleep(0.1)


async def until(condition):
    """Wait until what the VIM has is as wanted."""
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  # the VIM tells nobody
            await asyncio.sleep(0.02)


def owned(server):
    """Return what the VIM has that is ours."""
    query = "SELECT kind, path FROM resources WHERE owner IS NOT NULL AND gone_at IS NULL"
    with closing(sqlite3.connect(f"file:{server.vim}?mode=ro", uri=True)) as vim:
        vim.row_factory = sqlite3.Row
        return [dict(row) for row in vim.execute(query)]


def of_kind(server, kind):
    """Count what the VIM has of a kind that is ours."""
    return sum(row["kind"] == kind for row in owned(server))
