"""A network service of ten servers lives its whole life on a live OpenStack, through a server's REST interface."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter

import live_packages
import pytest
from live_cloud import LiveCloud
from live_operator import ACTIVE, Operator, named
from server_process import server_process

CLOUD = os.environ.get("MANO_OPENSTACK_ADMIN_CLOUD")
"""An administrator's: the descriptors ask for bit rates, and QoS policies are no member's to make."""
KILLS = 10

pytestmark = [
    pytest.mark.skipif(
        not CLOUD,
        reason="needs an OpenStack: MANO_OPENSTACK_ADMIN_CLOUD names a cloud of clouds.yaml (`make test-openstack`)",
    ),
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),  # openstacksdk warns of itself
]


@pytest.fixture
def cloud():
    cloud = LiveCloud(CLOUD)
    cloud.ensure_image(*live_packages.CIRROS)
    yield cloud
    cloud.close()


def hosts(ours, name):
    """Return the hosts of the servers that have this in their names."""
    return {found["OS-EXT-SRV-ATTR:host"] for found in ours["server"].values() if name in found["name"]}


def probes(ours):
    """Return the servers of the probe."""
    return [found for found in ours["server"].values() if "agent" in found["name"]]


async def outside(operator):
    """Return the addresses under which the edge router says that it is reached from outside."""
    info = (await operator.vnf(live_packages.EDGE_ROUTER))["instantiatedVnfInfo"]
    told = [
        address
        for point in info["extCpInfo"]
        for protocol in point["cpProtocolInfo"]
        for address in protocol["ipOverEthernet"].get("ipAddresses", ())
    ]
    return {one for address in told if "subnetId" not in address for one in address["addresses"]}


@pytest.fixture
async def operator(tmp_path, cloud):
    async with server_process(tmp_path) as server:
        await server.start()
        operator = Operator(server, cloud)
        await operator.connect(CLOUD)
        yield operator
        await server.stop()
        await asyncio.to_thread(cloud.wipe, operator.owner)  # of a test that failed


async def test_a_service_of_ten_servers_lives_its_whole_life(operator, cloud):
    """The inventory is what is on the cloud after every operation, and nothing is left at the end."""
    server, nsd = operator.server, await operator.onboard(floating=True)
    service, _ = await server.request("POST", "/nslcm/v2/ns_instances", 201, json=named(nsd))
    ns = f"/nslcm/v2/ns_instances/{service['id']}"
    await operator.done(f"{ns}/instantiate", {"nsFlavourId": "default"})
    ours = await operator.same(ns)
    assert len(ours["server"]) == live_packages.SERVERS
    (floating,) = ours["floating_address"].values()
    assert await outside(operator) == {floating["floating_ip_address"]}
    assert len(hosts(ours, "inspector")) == len(
        [1 for found in ours["server"].values() if "inspector" in found["name"]]
    )

    await operator.on_vnf(live_packages.FIREWALL, "scale", {"type": "SCALE_OUT", "aspectId": "inspection"})
    assert len((await operator.same(ns))["server"]) == live_packages.SERVERS + 1
    await operator.on_vnf(live_packages.FIREWALL, "scale", {"type": "SCALE_IN", "aspectId": "inspection"})
    assert len((await operator.same(ns))["server"]) == live_packages.SERVERS

    victim = next(id_ for id_, found in ours["server"].items() if "inspector" in found["name"])
    await asyncio.to_thread(cloud.remove_server, victim)
    await operator.on_vnf(live_packages.FIREWALL, "heal", {"cause": "an inspector vanished"})
    healed = await operator.same(ns)
    assert len(healed["server"]) == live_packages.SERVERS
    assert victim not in healed["server"]

    await operator.on_vnf(live_packages.FIREWALL, "operate", {"changeStateTo": "STOPPED"})
    stopped = {found["name"] for found in (await operator.same(ns))["server"].values() if found["status"] == "SHUTOFF"}
    assert len(stopped) == 3
    await operator.on_vnf(live_packages.FIREWALL, "operate", {"changeStateTo": "STARTED"})
    assert {found["status"] for found in (await operator.same(ns))["server"].values()} == {"ACTIVE"}

    await operator.on_vnf(
        live_packages.FIREWALL, "change_flavour", {"newFlavourId": "strong", "instantiationLevelId": "medium"}
    )
    strong = [found for found in (await operator.same(ns))["server"].values() if "inspector" in found["name"]]
    assert {found["flavor"]["vcpus"] for found in strong} == {4}

    await operator.server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", live_packages.next_probe())
    before = {found["image"]["id"] for found in probes(await operator.same(ns))}
    await operator.on_vnf(live_packages.PROBE, "change_vnfpkg", {"vnfdId": live_packages.NEXT_PROBE})
    after = {found["image"]["id"] for found in probes(await operator.same(ns))}
    assert len(before) == len(after) == 1
    assert before != after

    other = await asyncio.to_thread(cloud.network, "elsewhere", "198.51.100.0/24")
    try:
        (link,) = [
            link
            for link in (await operator.vnf(live_packages.NEXT_PROBE))["instantiatedVnfInfo"]["extVirtualLinkInfo"]
            if "mgmt" in json.dumps(link["currentVnfExtCpData"])
        ]
        moved = {
            "id": "elsewhere",
            "vimConnectionId": link["resourceHandle"]["vimConnectionId"],
            "resourceId": other,
            "extCps": link["currentVnfExtCpData"],
        }
        await operator.on_vnf(live_packages.NEXT_PROBE, "change_ext_conn", {"extVirtualLinks": [moved]})
        ports = [port for port in (await operator.same(ns))["port"].values() if port["network_id"] == other]
        agents = [found["id"] for found in probes(await operator.ours())]
        assert sorted(port["device_id"] for port in ports) == sorted(agents)
        await operator.done(f"{ns}/terminate", {})
        assert not any((await operator.ours()).values())
    finally:
        await asyncio.to_thread(cloud.remove_network, other)


async def test_a_service_comes_up_through_ten_kills(operator):
    """Killed at ten random instants of one instantiation, it completes, with every resource exactly once."""
    seed = int(os.environ.get("MANO_KILL_SEED") or random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"kill points by MANO_KILL_SEED={seed}\n")  # shown when the test fails
    dice, server = random.Random(seed), operator.server
    nsd = await operator.onboard(agents=1)
    service, _ = await server.request("POST", "/nslcm/v2/ns_instances", 201, json=named(nsd))
    ns = f"/nslcm/v2/ns_instances/{service['id']}"
    instantiate = await operator.begin(f"{ns}/instantiate", {"nsFlavourId": "default"})
    for number in range(KILLS):
        await asyncio.sleep(dice.uniform(0.0, 2.0))
        state = (await server.get(instantiate))["operationState"]
        assert state in ACTIVE, f"it is {state} before kill {number}"
        await server.kill()
        await server.start()
    await operator.ended(instantiate)
    ours = await operator.same(ns)
    assert len(ours["server"]) == live_packages.SERVERS - live_packages.AGENTS + 1
    (vim,) = await server.get("/mano/v1/vim_connections")
    listed = await server.get(f"/mano/v1/vim_connections/{vim['id']}/resources")
    assert [path for path, count in Counter(item["path"] for item in listed).items() if count > 1] == []
    assert sorted(item["id"] for item in listed) == sorted(id_ for found in ours.values() for id_ in found)
    await operator.done(f"{ns}/terminate", {})
    assert not any((await operator.ours()).values())
