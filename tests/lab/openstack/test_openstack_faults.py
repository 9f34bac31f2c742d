"""Whatever the cloud does wrong, an operation is retried, rolled back or healed, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import re
import uuid

import pytest
import pytest_asyncio
from example_packages import files_of, packed, sealed
from lab_tenant import manager, records, tenant

ADMINISTRATOR = os.environ.get("MANO_OPENSTACK_ADMIN_CLOUD")

pytestmark = [
    pytest.mark.skipif(
        not ADMINISTRATOR, reason="needs MANO_OPENSTACK_ADMIN_CLOUD, a cloud of the lab (`make test-openstack`)"
    ),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(600),
    *(
        pytest.mark.filterwarnings(f"ignore::openstack.warnings.{name}")  # openstacksdk warns of its own code
        for name in ("RemovedInSDK50Warning", "RemovedInSDK60Warning", "OpenStackDeprecationWarning")
    ),
]

_IDENTIFIER = "7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3"
_DEFINITIONS = "Definitions/probe.yaml"
_BOOT_DATA = re.compile(r"            content: \|\n(?: {14}.*\n)+")
_POINTS = ("agent_mgmt", "agent_test")


@pytest.fixture(scope="module")
def project():
    with tenant(ADMINISTRATOR) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory, project):
    async with manager(tmp_path_factory.mktemp("faults"), project) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def mano(served):
    """The server, and at the end of each test nothing in its catalogue and on its project."""
    yield served
    await served.remove_packages()
    assert await asyncio.to_thread(served.tenant.found, images=False) == {}


def probe(*, memory: str = "512 MiB", **metadata: str) -> bytes:
    """Return the example's probe with other memory, and metadata of its server: how faults are asked for."""
    files = files_of("probe")
    text = files[_DEFINITIONS].decode()
    data = "".join(f"              {name}: {value!r}\n" for name, value in metadata.items())
    text, count = _BOOT_DATA.subn(f"            data:\n{data}" if data else r"\g<0>", text)
    assert count == 1
    files[_DEFINITIONS] = text.replace("virtual_mem_size: 512 MiB", f"virtual_mem_size: {memory}").encode()
    other = str(uuid.uuid4())
    return packed(
        sealed({path: content.replace(_IDENTIFIER.encode(), other.encode()) for path, content in files.items()})
    )


async def instance(mano, package):
    """Return a VNF instance of a package, and what instantiates it."""
    vnf = await mano.create(await mano.onboard(package))
    return vnf, {"flavourId": "default", "extVirtualLinks": mano.links(*_POINTS)}


async def whole(mano, vnf):
    """Hold that the inventory, what the server finds by its tag, and what OpenStack lists are the same."""
    found = await asyncio.to_thread(mano.tenant.found)
    assert records(found) == await mano.inventory(vnf)
    assert {kind: ids for kind, ids in (await mano.owned()).items() if kind in found} == found
    return found


async def terminated(mano, vnf):
    ended = await mano.operation(vnf, "terminate", {"terminationType": "FORCEFUL"})
    assert ended["operationState"] == "COMPLETED", ended
    await mano.server.request("DELETE", vnf, 204)


@pytest.mark.parametrize("fault", ["spawn_abort", "spawn_fail"])
async def test_a_server_that_cannot_be_built_is_rolled_back(mano, fault):
    """The operation tells OpenStack's own words, waits for a decision, and rolled back leaves nothing."""
    vnf, body = await instance(mano, probe(lab_fault=fault))
    begun = await mano.begun(vnf, "instantiate", body)
    ended = await mano.ended(begun)
    assert ended["operationState"] == "FAILED_TEMP", ended
    assert {"spawn_abort": "lab_fault", "spawn_fail": "retries"}[fault].lower() in ended["error"]["detail"].lower()
    assert (await mano.told(begun, "retry"))["operationState"] == "FAILED_TEMP"
    assert (await mano.told(begun, "rollback"))["operationState"] == "ROLLED_BACK"
    assert await asyncio.to_thread(mano.tenant.found, images=False) == {}
    await mano.server.request("DELETE", vnf, 204)


async def test_a_server_without_a_host_is_rolled_back(mano):
    """A flavour that no host has room for is a matter of capacity, and leaves nothing."""
    vnf, body = await instance(mano, probe(memory="880000 MiB"))
    begun = await mano.begun(vnf, "instantiate", body)
    ended = await mano.ended(begun)
    assert ended["operationState"] == "FAILED_TEMP", ended
    assert "No valid host" in ended["error"]["detail"]
    assert (await mano.told(begun, "rollback"))["operationState"] == "ROLLED_BACK"
    await mano.server.request("DELETE", vnf, 204)


async def test_slow_servers_are_waited_for(mano):
    """A server that takes its time is ready when OpenStack says so; one that will not go is removed in the end."""
    vnf, body = await instance(mano, probe(lab_fault="spawn_slow:6"))
    ended = await mano.operation(vnf, "instantiate", body)
    assert ended["operationState"] == "COMPLETED", ended
    await whole(mano, vnf)
    await terminated(mano, vnf)


async def test_a_server_that_will_not_go_is_removed(mano):
    """A removal that fails in OpenStack is asked for again, at once or by the operator's retry."""
    vnf, body = await instance(mano, probe(lab_fault="delete_fail"))
    ended = await mano.operation(vnf, "instantiate", body)
    assert ended["operationState"] == "COMPLETED", ended
    begun = await mano.begun(vnf, "terminate", {"terminationType": "FORCEFUL"})
    ended = await mano.ended(begun)
    if ended["operationState"] == "FAILED_TEMP":
        ended = await mano.told(begun, "retry")
    assert ended["operationState"] == "COMPLETED", ended
    await mano.server.request("DELETE", vnf, 204)


@pytest.mark.parametrize(
    ("service", "quota", "status"),
    [("compute", "instances", 403), ("network", "ports", 409), ("volume", "volumes", 413)],
)
async def test_a_quota_is_raised_and_the_operation_retried(mano, service, quota, status):
    """What a quota refuses is told as that; when it is raised, a retry completes what is there."""
    administrator, project = mano.tenant.administrator, mano.tenant.project.id
    change = {
        "compute": administrator.set_compute_quotas,
        "network": administrator.set_network_quotas,
        "volume": administrator.set_volume_quotas,
    }[service]
    vnf, body = await instance(mano, probe())
    await asyncio.to_thread(change, project, **{quota.rstrip("s") if service == "network" else quota: 0})
    try:
        begun = await mano.begun(vnf, "instantiate", body)
        ended = await mano.ended(begun)
    finally:
        await asyncio.to_thread(change, project, **{quota.rstrip("s") if service == "network" else quota: 50})
    assert ended["operationState"] == "FAILED_TEMP", ended
    assert f"answered {status}" in ended["error"]["detail"]
    assert "quota" in ended["error"]["detail"].lower()
    ended = await mano.told(begun, "retry")
    assert ended["operationState"] == "COMPLETED", ended
    found = await whole(mano, vnf)
    assert {kind: len(found[kind]) for kind in ("server", "volume", "port")} == {"server": 1, "volume": 1, "port": 2}
    await terminated(mano, vnf)


async def test_what_is_gone_behind_our_back_is_seen_and_healed(mano):
    """A server that was deleted, or that broke, is seen; healing makes it anew."""
    vnf, body = await instance(mano, probe())
    ended = await mano.operation(vnf, "instantiate", body)
    assert ended["operationState"] == "COMPLETED", ended
    before = await whole(mano, vnf)
    cloud = mano.tenant.cloud
    server = cloud.compute.get_server(before["server"][0])
    await asyncio.to_thread(cloud.compute.delete_server, server)
    await asyncio.to_thread(cloud.compute.wait_for_delete, server, interval=1, wait=60)
    owned = await mano.owned()
    assert "server" not in owned
    assert owned["port"] == before["port"]
    assert (await mano.inventory(vnf))["server"] == before["server"]
    ended = await mano.operation(vnf, "heal", {"additionalParams": {"all": True}})
    assert ended["operationState"] == "COMPLETED", ended
    healed = await whole(mano, vnf)
    assert healed["server"] != before["server"]
    assert {kind: len(ids) for kind, ids in healed.items()} == {kind: len(ids) for kind, ids in before.items()}

    await asyncio.to_thread(mano.tenant.administrator.compute.reset_server_state, healed["server"][0], "error")
    seen = await mano.server.get(f"/mano/v1/vim_connections/{mano.vim}/resources")
    assert [one["state"] for one in seen if one["kind"] == "server"] == ["faulted"]
    ended = await mano.operation(vnf, "heal", {})
    assert ended["operationState"] == "COMPLETED", ended
    again = await whole(mano, vnf)
    assert again["server"] != healed["server"]
    await terminated(mano, vnf)


async def test_what_has_our_tag_and_no_record_is_found(mano):
    """What bears our marks and is in no inventory is found; a port that was deleted is seen to be missing."""
    vnf, body = await instance(mano, probe())
    ended = await mano.operation(vnf, "instantiate", body)
    assert ended["operationState"] == "COMPLETED", ended
    found = await whole(mano, vnf)
    network = mano.tenant.cloud.network
    port = await asyncio.to_thread(network.get_port, found["port"][0])
    stray = await asyncio.to_thread(
        network.create_port,
        network_id=port.network_id,
        description=port.description.replace("vnf/", "vnf/gone-", 1),
    )
    await asyncio.to_thread(network.set_tags, stray, port.tags)
    owned = await mano.owned()
    assert set(owned["port"]) - set((await mano.inventory(vnf))["port"]) == {stray.id}
    await asyncio.to_thread(network.delete_port, stray)
    await asyncio.to_thread(mano.tenant.administrator.network.delete_port, port)
    assert set((await mano.inventory(vnf))["port"]) - set((await mano.owned())["port"]) == {port.id}
    await terminated(mano, vnf)
