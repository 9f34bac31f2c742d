"""Grants over HTTP, for VNFMs that this NFVO cannot look into, judged by ETSI's document."""

from __future__ import annotations

import asyncio

import pytest
from ns_examples import FIREWALL, Descriptors

from mano_runtime.rest import application
from nfvo.grants.decisions import GrantDecisions
from nfvo.grants.requested import RequestedGrants
from nfvo.sol003.granting import granting_api

NODE = {"type": "COMPUTE", "vduId": "node", "resourceTemplateId": "node", "vnfdId": FIREWALL.id}
LINKS = {
    "vnfLcmOpOcc": {"href": "http://vnfm.example/vnflcm/v2/vnf_lcm_op_occs/op-1"},
    "vnfInstance": {"href": "http://vnfm.example/vnflcm/v2/vnf_instances/vnf-1"},
}


def asked(operation: str = "op-1", kind: str = "INSTANTIATE", **attributes):
    return {
        "vnfInstanceId": "vnf-1",
        "vnfLcmOpOccId": operation,
        "vnfdId": FIREWALL.id,
        "flavourId": "simple",
        "operation": kind,
        "isAutomaticInvocation": False,
        "addResources": [{"id": "a", **NODE}],
        "_links": LINKS,
    } | attributes


class Nfvo:
    """The grant interface, opened and closed as a process would."""

    def __init__(self, database, registry, aiohttp_client, granting) -> None:
        self.database, self.registry, self.open_client, self.granting = database, registry, aiohttp_client, granting
        self.decisions = GrantDecisions(database, registry, Descriptors())

    async def open(self, *, answer_seconds: float = 5, with_access: bool = True):
        self.grants = RequestedGrants(self.database, self.decisions, answer_seconds=answer_seconds)
        await self.grants.start()
        api = granting_api(self.grants, self.registry.connections, with_access=with_access)

        async def ready() -> list[str]:
            return []

        self.client = await self.open_client(application(api, ready=ready))
        return self

    async def ask(self, body, status: int):
        self.granting.check_request("POST", "/grants", body)
        async with self.client.post("/grant/v1/grants", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await self.granting.check(answer), answer.headers.get("Location")

    async def read(self, grant: str, status: int):
        async with self.client.get(f"/grant/v1/grants/{grant}") as answer:
            assert answer.status == status, await answer.text()
            return await self.granting.check(answer)

    async def settled(self, grant: str, status: int):
        """Read until it is decided."""
        while (await self.grants.get(grant)).grant is None and (await self.grants.get(grant)).refusal is None:
            if deciding := set(self.grants._deciding.values()):  # it may have been decided since
                await asyncio.wait(deciding)
        return await self.read(grant, status)


@pytest.fixture
async def nfvo(database, registry, aiohttp_client, etsi):
    nfvo = Nfvo(database, registry, aiohttp_client, etsi("SOL003/VNFLifecycleOperationGranting"))
    yield nfvo
    await nfvo.grants.aclose()


async def test_a_grant_is_given_with_the_vim_and_how_to_reach_it(nfvo, vim):
    """201 with the grant, where it is, and a VIM connection that a VNFM elsewhere can use; again: the same grant."""
    await nfvo.open()
    grant, location = await nfvo.ask(asked(), 201)
    assert location.endswith("/grant/v1/grants/op-1")
    assert grant["addResources"][0]["vimConnectionId"] == "vim-1"
    assert grant["vimConnectionInfo"]["vim-1"]["interfaceInfo"] == {"path": str(vim.path)}
    assert grant["_links"]["self"]["href"] == location
    assert grant["_links"]["vnfInstance"] == LINKS["vnfInstance"]
    assert await nfvo.ask(asked(addResources=[]), 201) == (grant, location)
    assert await nfvo.read("op-1", 200) == grant


async def test_how_to_get_into_a_vim_is_told_only_where_it_may_be(nfvo, vim):
    """Credentials are in a grant for a VNFM of another machine, not in its record, and else nowhere."""
    secret = {"username": "nfvo", "password": "hush"}
    connection = vim.connection("vim-2")
    await asyncio.to_thread(
        nfvo.registry.register, type(connection)(**{**_attributes(connection), "access_info": secret})
    )
    nfvo.registry.remove("vim-1")
    await nfvo.open()
    grant, _ = await nfvo.ask(asked(), 201)
    assert grant["vimConnectionInfo"]["vim-2"]["accessInfo"] == secret
    assert "hush" not in str(await nfvo.grants.get("op-1"))
    await nfvo.grants.aclose()
    await nfvo.open(with_access=False)
    assert "hush" not in str(await nfvo.read("op-1", 200))


def _attributes(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


async def test_a_grant_that_takes_longer_is_looked_for(nfvo):
    """202 at once where that is the setting, 202 while it is undecided, and then the grant, over a restart too."""
    async with nfvo.decisions._turn:  # nothing is decided meanwhile
        await nfvo.open(answer_seconds=0)
        body, location = await nfvo.ask(asked(), 202)
        assert body is None
        assert location.endswith("/grant/v1/grants/op-1")
        assert await nfvo.read("op-1", 202) is None
        assert (await nfvo.ask(asked(), 202))[1] == location
        await nfvo.grants.aclose()
    await nfvo.open(answer_seconds=0)
    grant = await nfvo.settled("op-1", 200)
    assert grant["id"] == "op-1"


async def test_a_refusal_is_told_and_kept(nfvo):
    """403 with the reason, at once or when it is looked for, and the same to the same operation ever after."""
    await nfvo.open()
    told, _ = await nfvo.ask(asked(vnfdId="unheard"), 403)
    assert "unheard" in told["detail"]
    assert (await nfvo.ask(asked(), 403))[0] == told  # the first request of an operation is the one that counts
    assert await nfvo.read("op-1", 403) == told


async def test_what_exists_of_a_vnf_is_known_from_requests(nfvo, vim):
    """A later operation of a VNF goes where the request says that it is, else where the first one was granted."""
    await nfvo.open()
    await nfvo.ask(asked(), 201)
    other = vim.connection("vim-0")
    nfvo.registry.remove("vim-1")
    await asyncio.to_thread(nfvo.registry.register, other)
    await asyncio.to_thread(nfvo.registry.register, vim.connection("vim-1"))
    more = asked("op-2", "SCALE", addResources=[{"id": "b", **NODE}])
    del more["flavourId"]
    grant, _ = await nfvo.ask(more, 201)
    assert grant["addResources"][0]["vimConnectionId"] == "vim-1"
    there = {"vimConnectionId": "vim-0", "resourceId": "server-1"}
    elsewhere = asked("op-3", "HEAL", vnfInstanceId="vnf-2", removeResources=[{"id": "x", **NODE, "resource": there}])
    grant, _ = await nfvo.ask(elsewhere, 201)
    assert grant["addResources"][0]["vimConnectionId"] == "vim-0"
    assert "zoneId" not in grant["removeResources"][0]


async def test_what_cannot_be_a_request_is_refused(nfvo):
    """A missing link is named, an operation of another VNF is refused, and an unknown grant is not there."""
    await nfvo.open()
    body = asked()
    del body["_links"]
    async with nfvo.client.post("/grant/v1/grants", json=body) as answer:
        assert answer.status == 400
        assert "_links" in (await nfvo.granting.check(answer))["detail"]
    await nfvo.ask(asked(), 201)
    told, _ = await nfvo.ask(asked(vnfInstanceId="vnf-2"), 422)
    assert told["attribute"] == "$.vnfLcmOpOccId"
    await nfvo.read("op-9", 404)
    async with nfvo.client.get("/grant/v1/api_versions") as answer:
        assert (await answer.json())["apiVersions"] == [{"version": "1.7.0", "isDeprecated": False}]
        assert answer.headers["Version"] == "1.7.0"
