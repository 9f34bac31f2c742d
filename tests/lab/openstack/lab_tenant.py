"""A project of its own on the lab, and a MANO server that has it as its only VIM."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import openstack
from server_process import ServerProcess, server_process

ENDED = frozenset({"COMPLETED", "FAILED_TEMP", "FAILED", "ROLLED_BACK"})
LIMIT_SECONDS = 180
PACKAGES = "/vnfpkgm/v2/vnf_packages"
INSTANCES = "/vnflcm/v2/vnf_instances"
_ANY_ADDRESS = {
    "layerProtocol": "IP_OVER_ETHERNET",
    "ipOverEthernet": {"ipAddresses": [{"type": "IPV4", "numDynamicAddresses": 1}]},
}


class Tenant:
    """A project: whatever is in it and was not put there by :func:`tenant` is the server's."""

    def __init__(self, administrator: Any, project: Any, user: str, password: str) -> None:
        self.administrator = administrator
        self.project = project
        self.access = {"username": user, "password": password, "project": project.name}
        self.endpoint = administrator.config.get_auth_args()["auth_url"]
        self.cloud = openstack.connect(
            auth_url=self.endpoint,
            username=user,
            password=password,
            project_name=project.name,
            user_domain_id="default",
            project_domain_id="default",
            region_name=administrator.config.region_name,
        )
        self.network = ""
        """The network outside of all VNFs."""

    def found(self, *, images: bool = True) -> dict[str, list[str]]:
        """Return identifiers by kind, as OpenStack itself lists them."""
        network, compute = self.cloud.network, self.cloud.compute
        mine = {"project_id": self.project.id}
        there = {
            "server": compute.servers(),
            "placement_group": compute.server_groups(),
            "volume": self.cloud.block_storage.volumes(),
            "port": [port for port in network.ports(**mine) if not port.device_owner.startswith("network:")],
            "network": [one for one in network.networks(**mine) if one.id != self.network],
            "router": network.routers(**mine),
            "floating_address": network.ips(**mine),
            "security_group": [one for one in network.security_groups(**mine) if one.name != "default"],
        }
        if images:
            there["image"] = self.cloud.image.images(owner=self.project.id)
        listed = {kind: sorted(one.id for one in found) for kind, found in there.items()}
        return {kind: found for kind, found in listed.items() if found}


@contextmanager
def tenant(cloud: str, *, role: str = "member") -> Iterator[Tenant]:
    """Give a new project with a network, and a user of it in this role; what a failed test has left is removed, too."""
    administrator = openstack.connect(cloud=cloud)
    identity = administrator.identity
    name = f"mano-{uuid.uuid4().hex[:8]}"
    project = identity.create_project(name=name, domain_id="default")
    user = identity.create_user(name=name, password=name, domain_id="default", default_project_id=project.id)
    identity.assign_project_role_to_user(project, user, identity.find_role(role))
    made = Tenant(administrator, project, name, name)
    try:
        network = made.cloud.network.create_network(name="outside")
        made.cloud.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.77.0.0/20")
        made.network = network.id
        yield made
    finally:
        _swept(made)
        identity.delete_user(user)
        identity.delete_project(project)
        made.cloud.close()
        administrator.close()


def _swept(left: Tenant) -> None:
    _without_servers(left.cloud.compute)
    cloud, mine = left.cloud, {"project_id": left.project.id}
    network = cloud.network
    ports = [port for port in network.ports(**mine) if not port.device_owner.startswith("network:")]
    for remove, found in (
        (cloud.compute.delete_server_group, cloud.compute.server_groups()),
        (cloud.block_storage.delete_volume, cloud.block_storage.volumes()),
        (cloud.image.delete_image, cloud.image.images(owner=left.project.id)),
        (network.delete_ip, network.ips(**mine)),
        (partial(_without_router, network), network.routers(**mine)),
        (network.delete_trunk, network.trunks(**mine)),
        (network.delete_port, ports),
        (network.delete_network, network.networks(**mine)),
        (left.administrator.network.delete_security_group, network.security_groups(**mine)),
    ):
        for one in found:
            remove(one)


def _without_router(network: Any, router: Any) -> None:
    for port in network.ports(device_id=router.id, device_owner="network:router_interface"):
        network.remove_interface_from_router(router, port_id=port.id)
    network.delete_router(router)


def _without_servers(compute: Any) -> None:
    for _ in range(2):  # the first removal may be one that the lab lets fail
        for server in compute.servers():
            compute.delete_server(server)
    for server in compute.servers():
        compute.wait_for_delete(server, interval=1, wait=60)


class Manager:
    """An operator before a MANO server whose only VIM is the project."""

    def __init__(self, server: ServerProcess, tenant: Tenant, vim: str) -> None:
        self.server = server
        self.tenant = tenant
        self.vim = vim

    async def onboard(self, content: bytes) -> str:
        """Onboard a package and return its vnfdId."""
        return str((await self.server.onboard(PACKAGES, "package_content", content))["vnfdId"])

    async def remove_packages(self) -> None:
        """Take all packages that no VNF is made of out of the catalogue."""
        for package in await self.server.get(f"{PACKAGES}?filter=(eq,usageState,NOT_IN_USE)"):
            one = f"{PACKAGES}/{package['id']}"
            await self.server.request("PATCH", one, 200, json={"operationalState": "DISABLED"})
            await self.server.request("DELETE", one, 204)

    async def create(self, vnfd: str) -> str:
        """Make a VNF instance and return its path."""
        made, _ = await self.server.request("POST", INSTANCES, 201, json={"vnfdId": vnfd})
        return f"{INSTANCES}/{made['id']}"

    def links(self, *points: str, instances: int = 1) -> list[dict[str, Any]]:
        """Return these external connection points, so many instances of each, attached to the network outside."""
        configured = {str(number + 1): {"cpProtocolData": [_ANY_ADDRESS]} for number in range(instances)}
        attached = [{"cpdId": point, "cpConfig": configured} for point in points]
        link = {
            "id": "outside",
            "vimConnectionId": self.vim,
            "resourceId": self.tenant.network,
            "extCps": attached,
        }
        return [link] if points else []

    async def operation(self, vnf: str, task: str, body: dict[str, Any]) -> dict[str, Any]:
        """Have an operation carried out and return its occurrence when it has ended."""
        return await self.ended(await self.begun(vnf, task, body))

    async def begun(self, vnf: str, task: str, body: dict[str, Any]) -> str:
        """Ask for an operation and return the path of its occurrence."""
        _, headers = await self.server.request("POST", f"{vnf}/{task}", 202, json=body)
        return headers["Location"].removeprefix(self.server.url)

    async def told(self, occurrence: str, order: str) -> dict[str, Any]:
        """Have an operation that failed retried or rolled back, and return its occurrence when it has ended."""
        await self.server.request("POST", f"{occurrence}/{order}", 202)
        return await self.ended(occurrence)

    async def ended(self, occurrence: str) -> dict[str, Any]:
        """Return an occurrence when it has ended."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                found = await self.server.get(occurrence)
                if found["operationState"] in ENDED:
                    return dict(found)
                await asyncio.sleep(0.3)

    async def owned(self) -> dict[str, list[str]]:
        """Return what the server sees on the VIM that carries its tag, like :meth:`Tenant.found`."""
        seen = await self.server.get(f"/mano/v1/vim_connections/{self.vim}/resources")
        kinds = sorted({one["kind"] for one in seen} - {"subnet"})
        return {kind: sorted(one["id"] for one in seen if one["kind"] == kind) for kind in kinds}

    async def inventory(self, vnf: str) -> dict[str, list[str]]:
        """Return the servers, volumes, ports and networks that a VNF instance names as its own."""
        info = (await self.server.get(vnf)).get("instantiatedVnfInfo", {})
        internal = info.get("vnfVirtualLinkResourceInfo", ())
        named = {
            "server": [one["computeResource"] for one in info.get("vnfcResourceInfo", ())],
            "volume": [one["storageResource"] for one in info.get("virtualStorageResourceInfo", ())],
            "network": [one["networkResource"] for one in internal],
            "port": [
                *(port["resourceHandle"] for link in internal for port in link.get("vnfLinkPorts", ())),
                *(
                    port["resourceHandle"]
                    for link in info.get("extVirtualLinkInfo", ())
                    for port in link.get("extLinkPorts", ())
                ),
            ],
        }
        return {kind: sorted(one["resourceId"] for one in handles) for kind, handles in named.items() if handles}


@asynccontextmanager
async def manager(directory: Path, tenant: Tenant) -> AsyncIterator[Manager]:
    """Give a server of its own for the project, which is registered by endpoint and password."""
    async with server_process(directory) as server:
        await server.start()
        for vim in await server.get("/mano/v1/vim_connections"):
            await server.request("DELETE", f"/mano/v1/vim_connections/{vim['id']}", 204)
        body = {
            "name": "lab",
            "vimType": "ETSINFV.OPENSTACK_KEYSTONE.V_3",
            "interfaceInfo": {"endpoint": tenant.endpoint},
            "accessInfo": tenant.access,
        }
        vim, _ = await server.request("POST", "/mano/v1/vim_connections", 201, json=body)
        checked, _ = await server.request("POST", f"/mano/v1/vim_connections/{vim['id']}/check", 200)
        assert checked["accessible"], checked
        yield Manager(server, tenant, vim["id"])


def records(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return of what was found the kinds that an inventory names."""
    return {kind: ids for kind, ids in found.items() if kind in {"server", "volume", "network", "port"}}
