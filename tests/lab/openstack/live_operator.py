"""Someone who operates the service of ten servers on a live cloud through a server's REST interface."""

from __future__ import annotations

import asyncio
import json

import live_packages
from live_cloud import LiveCloud
from server_process import ServerProcess

ACTIVE = {"STARTING", "PROCESSING", "ROLLING_BACK"}


class Operator:
    """Someone who operates the service over REST and compares what is told with what is on the cloud."""

    def __init__(self, server: ServerProcess, cloud: LiveCloud) -> None:
        self.server = server
        self.cloud = cloud
        self.owner = f"mano-{(server.data / 'installation').read_text().strip()}"

    async def connect(self, name, **extra):
        """Have the cloud as the only VIM."""
        for vim in await self.server.get("/mano/v1/vim_connections"):
            await self.server.request("DELETE", f"/mano/v1/vim_connections/{vim['id']}", 204)
        body = {"name": "lab", "vimType": "OPENSTACK", "interfaceInfo": {"cloud": name}, "extra": extra}
        await self.server.request("POST", "/mano/v1/vim_connections", 201, json=body)

    async def onboard(self, *, floating=False, **probe):
        """Onboard the service and its VNFs; return the identifier of its descriptor."""
        router = live_packages.edge_router(floating=floating)
        for content in (router, live_packages.firewall(), live_packages.probe(**probe)):
            await self.server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", content)
        content = live_packages.service()
        return (await self.server.onboard("/nsd/v2/ns_descriptors", "nsd_content", content))["nsdId"]

    async def begin(self, path, body):
        """Ask for an operation and return where it is watched."""
        _, headers = await self.server.request("POST", path, 202, json=body)
        return headers["Location"].removeprefix(self.server.url)

    async def ended(self, operation):
        """Return an occurrence once it has ended, which must have gone well."""
        async with asyncio.timeout(400):
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


def named(nsd):
    """Return what asks for an instance of a descriptor."""
    return {"nsdId": nsd, "nsName": "branch", "nsDescription": ""}
