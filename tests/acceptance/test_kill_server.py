"""Whenever the server is killed, nothing is lost, nothing is made twice and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, suppress

import aiohttp
import pytest
from example_packages import SERVICE, VNFS, package
from server_process import ServerProcess, server_process

ACTIVE = {"STARTING", "PROCESSING", "ROLLING_BACK"}
KILLS = 3
LATENCY = (
    "--call",
    "ensure_present=0.15",
    "--call",
    "ensure_absent=0.1",
    "--boot",
    "server=0.8",
    "--boot",
    "volume=0.3",
)


@pytest.fixture
async def server(tmp_path):
    async with server_process(tmp_path) as server:
        await server.make_vim(*LATENCY)
        yield server


@pytest.fixture
def dice():
    """Choose the kill points; the seed is shown when the test fails."""
    seed = int(os.environ.get("MANO_KILL_SEED") or random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"kill points by MANO_KILL_SEED={seed}\n")
    return random.Random(seed)


@pytest.mark.timeout(300)  # half a minute on an idle machine; most of it is starting Python
async def test_a_service_comes_up_and_goes_down_through_kills(server: ServerProcess, dice: random.Random):
    """Killed at random moments of each operation, each completes, every resource exactly once."""
    await server.start()
    for name in VNFS:
        await server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", package(name))
    nsd = await server.onboard("/nsd/v2/ns_descriptors", "nsd_content", package(SERVICE))
    body = {"nsdId": nsd["nsdId"], "nsName": "branch", "nsDescription": ""}
    service, _ = await server.request("POST", "/nslcm/v2/ns_instances", 201, json=body)
    path = f"/nslcm/v2/ns_instances/{service['id']}"

    instantiate = await _begin(server, f"{path}/instantiate", {"nsFlavourId": "default"})
    hits = await _kill_at_random(server, instantiate, dice, KILLS)
    assert hits, "the operation was over before the first kill: make the VIM slower"
    occurrence = await _ended(server, instantiate)
    assert occurrence["operationState"] == "COMPLETED", occurrence

    created = await _created(server, instantiate)
    ours = _owned(server)
    assert [path for path, count in Counter(row["path"] for row in ours).items() if count > 1] == []
    assert {row["id"] for row in ours} <= created.keys()
    assert {created[row["id"]] for row in ours} == {row["path"] for row in ours}
    assert created.keys() - {row["id"] for row in ours} <= _found(server)
    assert len([row for row in ours if row["kind"] == "server"]) == 5
    vnfs = await server.get("/vnflcm/v2/vnf_instances")
    assert len(vnfs) == len(VNFS)
    assert {vnf["instantiationState"] for vnf in vnfs} == {"INSTANTIATED"}
    await _changes_survive(server, *[vnf["id"] for vnf in vnfs[:2]], dice)

    terminate = await _begin(server, f"{path}/terminate", {})
    await _kill_at_random(server, terminate, dice, 1)
    occurrence = await _ended(server, terminate)
    assert occurrence["operationState"] == "COMPLETED", occurrence
    assert _owned(server) == []
    assert await server.get("/vnflcm/v2/vnf_instances") == []
    await server.request("DELETE", path, 204)
    assert await server.stop() == 0


async def _changes_survive(server, one, other, dice):
    """Killed while it takes a snapshot and heals VNFCs batch by batch, and while it removes the snapshot."""
    place, _ = await server.request("POST", "/vnflcm/v2/vnf_snapshots", 201, json={})
    snapshot = f"/vnflcm/v2/vnf_snapshots/{place['id']}"
    before = {row["path"] for row in _owned(server)}
    operations = [
        await _begin(server, f"/vnflcm/v2/vnf_instances/{vnf}/{task}", body)
        for vnf, task, body in (
            (one, "create_snapshot", {"vnfSnapshotInfoId": place["id"]}),
            (other, "heal", {"additionalParams": {"all": True, "upgradeType": "ROLLING"}}),
        )
    ]
    await asyncio.sleep(dice.uniform(0.0, 0.8))
    await server.kill()
    await server.start()
    for operation in operations:
        occurrence = await _ended(server, operation)
        assert occurrence["operationState"] == "COMPLETED", occurrence
    there = Counter(row["path"] for row in _owned(server))
    assert set(there.values()) == {1}
    taken = there.keys() - before
    assert there.keys() >= before
    assert taken
    assert all(path.startswith(f"vnf_snapshot/{place['id']}/") for path in taken)
    deletion = asyncio.create_task(server.status("DELETE", snapshot))
    await asyncio.sleep(dice.uniform(0.0, 0.2))
    await server.kill()
    await server.start()
    with suppress(aiohttp.ClientError):
        await deletion
    assert await server.status("DELETE", snapshot) in {204, 404}
    assert {row["path"] for row in _owned(server)} == before


async def _begin(server, path, body):
    """Ask for an operation and return where it is watched, without the server's address."""
    _, headers = await server.request("POST", path, 202, json=body)
    return headers["Location"].removeprefix(server.url)


async def _kill_at_random(server, operation, dice, kills):
    """Kill the server up to ``kills`` times while the operation is at work; return how often it was.

    Each life ends at a random moment: of the work, or of the start, where what the last one left is taken up.
    """
    for hits in range(kills):
        await asyncio.sleep(dice.uniform(0.0, 1.2))
        if (await server.get(operation))["operationState"] not in ACTIVE:
            return hits
        await server.kill()
        if dice.random() < 1 / 2:
            await server.spawn()
            await asyncio.sleep(dice.uniform(0.5, 2.5))
            await server.kill()
        await server.start()
    return kills


async def _ended(server, operation):
    async with asyncio.timeout(60):
        while True:
            occurrence = await server.get(operation)
            if occurrence["operationState"] not in ACTIVE:
                return occurrence
            await asyncio.sleep(0.1)


async def _created(server, operation):
    """Return what the operation and the VNF operations below it say that they created on the VIM: path by id."""
    view = await server.get(f"/mano/v1/operations/{operation.rpartition('/')[2]}/steps?children=true")
    return {
        step["result"]["id"]: f"{level['level']}/{level['subject']}/{step['path']}"
        for level in (view, *view["children"])
        for step in level["steps"]
        if step["verb"] == "create" and step["kind"] != "vnf"
    }


def _rows(server, condition):
    """Return what is on the VIM: in its own file, whoever made it."""
    query = f"SELECT id, kind, path FROM resources WHERE {condition} AND (gone_at IS NULL OR gone_at > ?)"
    with closing(sqlite3.connect(f"file:{server.vim}?mode=ro", uri=True)) as vim:
        vim.row_factory = sqlite3.Row
        return [dict(row) for row in vim.execute(query, (time.time(),))]


def _owned(server):
    """Return what carries an owner's tag."""
    return _rows(server, "owner IS NOT NULL")


def _found(server):
    """Return the identifiers of what the VIM had from the beginning."""
    return {row["id"] for row in _rows(server, "owner IS NULL")}
