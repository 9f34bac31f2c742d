"""What is on a VIM without a record is found, and removed when asked; what has a record never is."""

from __future__ import annotations

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from mano_runtime.rest import Api, application
from mano_runtime.storage import Database, Vault
from mano_runtime.workflow.graph import Resource
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.records import OPERATIONS
from nfvo.composition.instances import Instances
from nfvo.extensions.leftovers import Leftovers
from nfvo.extensions.sweep import declare_leftovers
from nfvo.inventory.vim_connections import VimConnections
from vim_adapters.connection import VimConnection
from vim_adapters.contract import Identity
from vim_adapters.registry import VimRegistry
from vim_adapters.resources import NetworkSpec, PortSpec, SubnetSpec
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.tables import VNF_INSTANCES

OWNER = "mano-test"


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    yield database
    await database.aclose()


@pytest.fixture
async def vim(tmp_path, database):
    """A VIM, and the function that sweeps it over HTTP."""
    registry, instances = VimRegistry(), Instances()
    vault = await Vault.open(database, tmp_path / "secret.key")
    connections = VimConnections(database, vault, registry, instances)
    path = {"path": str(tmp_path / "vim.sqlite")}
    known = await connections.add(
        "edge", VimConnection(id="", vim_id="edge", vim_type="SIMULATED", interface_info=path)
    )
    api = Api("mano", version="1.0.0", root="/mano/v1")
    declare_leftovers(api, connections, Leftovers(database, registry, instances, OWNER))

    async def ready():
        return []

    adapter = registry.adapter(known.id)
    async with TestClient(TestServer(application(api, ready=ready))) as client:

        async def sweep(**body):
            async with client.post(f"/mano/v1/vim_connections/{known.id}/sweep", json=body) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

        yield adapter, sweep
    await registry.aclose()


async def made(adapter, scope, owner=OWNER):
    """Make a network with a subnet and a port; return their identifiers."""

    def identity(path):
        return Identity(owner=owner, path=f"{scope}/{path}")

    network = (await adapter.ensure_present(NetworkSpec(name="net"), identity("vl/net"))).handle.id
    spec = SubnetSpec(name="sub", network=network, cidr="192.0.2.0/28")
    subnet = (await adapter.ensure_present(spec, identity("vl/sub"))).handle.id
    port = (await adapter.ensure_present(PortSpec(name="port", network=network), identity("cp"))).handle.id
    return {network, subnet, port}


async def known(database, instance, ids):
    """Record an instance that has these resources."""
    graph = {id_: Resource(path=id_, kind="network", spec={}, result={"id": id_}) for id_ in ids}
    graph["vl/untold"] = Resource(path="vl/untold", kind="network", spec={})
    record = VnfRecord(
        id=instance,
        label="vnf",
        vnfd_id="vnfd",
        provider="",
        product_name="",
        software_version="",
        vnfd_version="",
        graph=graph,
    )
    async with database.transaction() as connection:
        await VNF_INSTANCES.insert(connection, instance, record)


def ids(answer):
    return {found["id"] for found in answer["leftovers"]}


async def test_leftovers_are_shown_and_removed_on_demand(vim, database):
    """Those of an instance that is unknown, and those that an instance does not have; nobody else's.

    What an instance may have, because a step never told, is none.
    """
    adapter, sweep = vim
    lost = await made(adapter, "vnf/gone")
    kept = await made(adapter, "vnf/here")
    await known(database, "here", kept)
    extra = [Identity(owner=OWNER, path=f"vnf/here/vl/{name}") for name in ("beside", "untold")]
    spec = NetworkSpec(name="extra")
    beside, untold = [(await adapter.ensure_present(spec, one)).handle.id for one in extra]
    theirs = await made(adapter, "vnf/gone", owner="somebody")
    for _ in range(2):
        answer = await sweep()
        assert (ids(answer), answer["removing"]) == (lost | {beside}, False)
    answer = await sweep(remove=True)
    assert (ids(answer), answer["removing"]) == (lost | {beside}, True)
    while ids(await sweep(remove=True)):
        pass
    assert {seen.handle.id for seen in await adapter.list_owned(OWNER)} == kept | {untold}
    assert {seen.handle.id for seen in await adapter.list_owned("somebody")} == theirs


@pytest.mark.parametrize("state", [OperationState.PROCESSING, OperationState.FAILED_TEMP])
async def test_what_an_open_operation_may_have_made_is_no_leftover(vim, database, state):
    """Until it has ended; then what it made without telling is one."""
    adapter, sweep = vim
    made_by_it = await made(adapter, "ns/one")
    operation = Operation(
        id="op", level="ns", kind="INSTANTIATE", subject="one", state=state, state_entered_at="", started_at=""
    )
    async with database.transaction() as connection:
        await OPERATIONS.insert(connection, operation.id, operation)
    assert ids(await sweep(remove=True)) == set()
    assert {seen.handle.id for seen in await adapter.list_owned(OWNER)} == made_by_it
    async with database.transaction() as connection:
        failed = msgspec.structs.replace(operation, state=OperationState.FAILED)
        await OPERATIONS.replace(connection, operation.id, failed)
    assert ids(await sweep()) == made_by_it
