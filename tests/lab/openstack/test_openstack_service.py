"""A network service of ten servers lives its whole life on a live OpenStack, through a server's REST interface."""

from __future__ import annotations

import asyncio
import json
import os

import live_packages
import pytest
from live_cloud import LiveCloud
from server_process import ServerProcess, server_process

CLOUD = os.environ.get("MANO_OPENSTACK_ADMIN_CLOUD")
"""An administrator's: the descriptors ask for bit rates, and QoS policies are no member's to make."""
ACTIVE = {"STARTING", "PROCESSING", "ROLLING_BACK"}

pytestmark = [
    pytest.mark.skipif(
        not CLOUD,
        reason="needs an OpenStack: MANO_OPENSTACK_ADMIN_CLOUD names a cloud of clouds.yaml (`make test-openstack`)",
    ),
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),  # openstacksdk warns of itself
]


@pytest.fixture
def cloud():
    cloud = LiveCloud(CLOUD)
    cloud.ensure_image(*live_packages.CIRROS)
    yield cloud
    cloud.close()


class Operator:
    """Someone who operates the service over REST and compares what is told with what is on the cloud."""

    def __init__(self, server: ServerProcess, cloud: LiveCloud) -> None:
        self.server = server
        self.cloud = cloud
        self.owner = f"mano-{(server.data / 'installation').read_text().strip()}"

    async def connect(self, **extra):
        """Have the cloud as the only VIM."""
        for vim in await self.server.get("/mano/v1/vim_connections"):
            await self.server.request("DELETE", f"/mano/v1/vim_connections/{vim['id']}", 204)
        body = {"name": "lab", "vimType": "OPENSTACK", "interfaceInfo": {"cloud": CLOUD}, "extra": extra}
        await self.server.request("POST", "/mano/v1/vim_connections", 201, json=body)

    async def onboard(self):
        """Onboard the service and its VNFs; return the identifier of its descriptor."""
        for content in (live_packages.edge_router(), live_packages.firewall(), live_packages.probe()):
            await self.server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", content)
        content = live_packages.service()
        return (await self.server.onboard("/nsd/v2/ns_descriptors", "nsd_content", content))["nsdId"]

    async def begin(self, path, body):
        """Ask for an operation and return where it is watched."""
        _, headers = await self.server.request("POST", path, 202, json=body)
        return headers["Location"].removeprefix(self.server.url)

    async def ended(self, operation):
        """Return an occurrence once it has ended, which must have gone well."""
        async with asyncio.timeout(240):
            while True:
                occurrence = await self.server.get(operation)
                if occurrence["operationState"] not in ACTIVE:
                    break
                await asyncio.sleep(0.25)
        assert occurrence["operationState"] == "COMPLETED", json.dumps(occurrence.get("error"))
        return occurrence

    async def done(self, path, body):
        """Ask for an operation and return its occurrence once it has gone well."""
        return await self.ended(await self.begin(path, body))

    async def vnf(self, vnfd_id):
        """Return the only VNF of a descriptor."""
        (found,) = [vnf for vnf in await self.server.get("/vnflcm/v2/vnf_instances") if vnf["vnfdId"] == vnfd_id]
        return await self.server.get(f"/vnflcm/v2/vnf_instances/{found['id']}")

    async def on_vnf(self, vnfd_id, task, body):
        """Have a VNF do something, which must go well."""
        return await self.done(f"/vnflcm/v2/vnf_instances/{(await self.vnf(vnfd_id))['id']}/{task}", body)

    async def ours(self):
        """Return what is on the cloud and bears our mark."""
        return await asyncio.to_thread(self.cloud.bearing, self.owner)

    async def same(self, ns):
        """Hold the inventories of the service and its VNFs against the cloud; return what is on the cloud."""
        told = {kind: [] for kind in ("server", "volume", "port", "network")}
        for listed in await self.server.get("/vnflcm/v2/vnf_instances"):
            info = (await self.server.get(f"/vnflcm/v2/vnf_instances/{listed['id']}"))["instantiatedVnfInfo"]
            told["server"] += _ids(info.get("vnfcResourceInfo", ()), "computeResource")
            told["volume"] += _ids(info.get("virtualStorageResourceInfo", ()), "storageResource")
            told["network"] += _ids(info.get("vnfVirtualLinkResourceInfo", ()), "networkResource")
            links = (*info.get("vnfVirtualLinkResourceInfo", ()), *info.get("extVirtualLinkInfo", ()))
            for link in links:
                told["port"] += _ids(link.get("vnfLinkPorts", link.get("extLinkPorts", ())), "resourceHandle")
        for link in (await self.server.get(ns)).get("virtualLinkInfo", ()):
            told["network"] += [handle["resourceId"] for handle in link["resourceHandle"]]
        ours = await self.ours()
        for kind, ids in told.items():
            assert sorted(ids) == sorted(ours[kind]), kind
        assert {server["status"] for server in ours["server"].values()} <= {"ACTIVE", "SHUTOFF"}
        attached = {
            volume["id"]
            for server in ours["server"].values()
            for volume in server["os-extended-volumes:volumes_attached"]
        }
        assert attached == set(ours["volume"])
        return ours


def _ids(infos, attribute):
    return [info[attribute]["resourceId"] for info in infos]


@pytest.fixture
async def operator(tmp_path, cloud):
    async with server_process(tmp_path) as server:
        await server.start()
        operator = Operator(server, cloud)
        await operator.connect()
        yield operator
        await server.stop()
        await asyncio.to_thread(cloud.wipe, operator.owner)  # of a test that failed


async def test_a_service_of_ten_servers_lives_its_whole_life(operator, cloud):
    """The inventory is what is on the cloud after every operation, and nothing is left at the end."""
    server, nsd = operator.server, await operator.onboard()
    body = {"nsdId": nsd, "nsName": "branch", "nsDescription": ""}
    service, _ = await server.request("POST", "/nslcm/v2/ns_instances", 201, json=body)
    ns = f"/nslcm/v2/ns_instances/{service['id']}"
    await operator.done(f"{ns}/instantiate", {"nsFlavourId": "default"})
    ours = await operator.same(ns)
    assert len(ours["server"]) == live_packages.SERVERS

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

    await operator.done(f"{ns}/terminate", {})
    assert not any((await operator.ours()).values())
