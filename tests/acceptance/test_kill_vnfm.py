"""NFVO and VNFM as two processes, of which one is killed: a service comes up and goes down all the same."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import Counter
from contextlib import closing

import pytest
from example_packages import SERVICE, VNFS, package
from server_process import ServerProcess, server_process

ACTIVE = {"STARTING", "PROCESSING", "ROLLING_BACK"}
OCCURRENCES = "/vnflcm/v2/vnf_lcm_op_occs"
LATENCY = ("--call", "capacity=1.5", "--call", "ensure_present=0.15", "--boot", "server=0.8")


@pytest.fixture
async def nfvo_and_vnfm(tmp_path, monkeypatch, unused_tcp_port_factory):
    """Give both, not started yet: the NFVO answers requests for grants at once, at a port for VNFMs alone, and decides
    them later.
    """  # noqa: D205  # the promise takes two lines
    monkeypatch.setenv("MANO_GRANT_ANSWER_SECONDS", "0")
    one, for_vnfms, other = (unused_tcp_port_factory() for _ in range(3))
    urls = [f"http://127.0.0.1:{port}" for port in (for_vnfms, other)]
    apart = ("--or-vnfm-port", str(for_vnfms))
    async with (
        server_process(tmp_path / "nfvo", "--role", "nfvo", "--vnfm", urls[1], *apart, port=one) as nfvo,
        server_process(tmp_path / "vnfm", "--role", "vnfm", "--nfvo", urls[0], port=other) as vnfm,
    ):
        await nfvo.make_vim(*LATENCY)
        await asyncio.to_thread(vnfm.data.mkdir, mode=0o700, parents=True)
        yield nfvo, vnfm


@pytest.mark.timeout(300)  # most of it is starting Python
async def test_a_service_lives_although_its_vnfm_is_killed(nfvo_and_vnfm: tuple[ServerProcess, ServerProcess]):
    """Killed while it waits for a grant, and while it makes things: one grant an operation, and each resource once."""
    nfvo, vnfm = nfvo_and_vnfm
    await asyncio.gather(nfvo.start(), vnfm.start())
    for name in VNFS:
        await nfvo.onboard("/vnfpkgm/v2/vnf_packages", "package_content", package(name))
    nsd = await nfvo.onboard("/nsd/v2/ns_descriptors", "nsd_content", package(SERVICE))
    body = {"nsdId": nsd["nsdId"], "nsName": "branch", "nsDescription": ""}
    service, _ = await nfvo.request("POST", "/nslcm/v2/ns_instances", 201, json=body)
    path = f"/nslcm/v2/ns_instances/{service['id']}"
    _, headers = await nfvo.request("POST", f"{path}/instantiate", 202, json={"nsFlavourId": "default"})
    up = headers["Location"].removeprefix(nfvo.url)

    waiting = await _until(vnfm, "STARTING")
    await _while(lambda: nfvo.status("GET", f"/grant/v1/grants/{waiting}", nfvo.url_for_vnfms), {404})
    assert await nfvo.status("GET", f"/grant/v1/grants/{waiting}", nfvo.url_for_vnfms) == 202
    await vnfm.kill()
    await vnfm.start()
    await _until(vnfm, "PROCESSING")
    await vnfm.kill()
    await vnfm.start()
    assert (await _ended(nfvo, up))["operationState"] == "COMPLETED", vnfm.tail()

    rows = _owned(nfvo)
    assert [path for path, count in Counter(row["path"] for row in rows).items() if count > 1] == []
    assert len([row for row in rows if row["kind"] == "server"]) == 5
    operations = await vnfm.get(OCCURRENCES)
    assert {it["operationState"] for it in operations} == {"COMPLETED"}
    assert len(operations) == len(VNFS)
    asked, decided = _grants(nfvo)
    assert asked == decided == {operation["id"] for operation in operations}

    _, headers = await nfvo.request("POST", f"{path}/terminate", 202, json={})
    down = headers["Location"].removeprefix(nfvo.url)
    assert (await _ended(nfvo, down))["operationState"] == "COMPLETED"
    assert _owned(nfvo) == []
    assert await vnfm.get("/vnflcm/v2/vnf_instances") == []
    assert [await server.stop() for server in (vnfm, nfvo)] == [0, 0]


async def _until(vnfm, state):
    """The identifier of the first operation that is found in this state."""
    async with asyncio.timeout(60):
        while True:
            for operation in await vnfm.get(OCCURRENCES):
                if operation["operationState"] == state:
                    return operation["id"]
            await asyncio.sleep(0.02)


async def _while(status, answers):
    async with asyncio.timeout(60):
        while await status() in answers:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(0.02)


async def _ended(server, operation):
    async with asyncio.timeout(120):
        while (occurrence := await server.get(operation))["operationState"] in ACTIVE:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(0.1)
    return occurrence


def _grants(nfvo):
    """The operations that a grant was asked for, and those that one was given for, as the NFVO keeps them."""
    with closing(sqlite3.connect(f"file:{nfvo.data / 'mano.sqlite'}?mode=ro", uri=True)) as database:
        kept = [(id_, json.loads(document)) for id_, document in database.execute("SELECT id, doc FROM grants")]
    return {id_ for id_, _ in kept}, {id_ for id_, record in kept if record.get("grant")}


def _owned(nfvo):
    """What carries an owner's tag on the VIM: in its own file, whoever made it."""
    query = "SELECT id, kind, path FROM resources WHERE owner IS NOT NULL AND (gone_at IS NULL OR gone_at > ?)"
    with closing(sqlite3.connect(f"file:{nfvo.vim}?mode=ro", uri=True)) as vim:
        vim.row_factory = sqlite3.Row
        return [dict(row) for row in vim.execute(query, (time.time(),))]
