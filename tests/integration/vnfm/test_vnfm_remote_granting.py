"""Grants of an NFVO elsewhere: asked for once, waited for as it says, judged by ETSI's document."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from aiohttp import web

from mano_runtime.peer import Peer
from mano_runtime.workflow.performer import StepFailedError
from vnfm.or_vnfm.asked_grants import AskedGrants
from vnfm.or_vnfm.granting import RemoteGranting
from vnfm.sol003.grants import GrantRequest, ResourceDefinition, ResourceType
from vnfm.sol003.operation_occurrences import LcmOperationType
from vnfm.sol003.ports import GrantRefusedError

REQUEST = GrantRequest(
    vnf_instance_id="vnf-1",
    vnf_lcm_op_occ_id="op-1",
    vnfd_id="vnfd-1",
    flavour_id="simple",
    operation=LcmOperationType.INSTANTIATE,
    is_automatic_invocation=False,
    add_resources=(
        ResourceDefinition(
            id="vdu/a/0/server", type=ResourceType.COMPUTE, vdu_id="a", vnfd_id="vnfd-1", resource_template_id="a"
        ),
    ),
)
GRANT = {
    "id": "grant-1",
    "vnfInstanceId": "vnf-1",
    "vnfLcmOpOccId": "op-1",
    "vimConnectionInfo": {
        "vim-1": {
            "vimType": "SIMULATED",
            "interfaceInfo": {"proxy": "http://us:hush@proxy"},
            "accessInfo": {"password": "hush"},
        }
    },
    "addResources": [{"resourceDefinitionId": "vdu/a/0/server", "vimConnectionId": "vim-1"}],
    "_links": {
        "self": {"href": "http://nfvo.example/grant/v1/grants/grant-1"},
        "vnfLcmOpOcc": {"href": "http://vnfm.example/vnflcm/v2/vnf_lcm_op_occs/op-1"},
        "vnfInstance": {"href": "http://vnfm.example/vnflcm/v2/vnf_instances/vnf-1"},
    },
}
GRANTS, GRANT_1 = "/grant/v1/grants", "/grant/v1/grants/grant-1"
AT_GRANT_1 = {"Location": GRANT_1}
NO_ROOM = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "Kein Platz, nirgends: 'az1' is full."}


class Nfvo:
    """Answers as it is told to, one answer a request; every request and every grant must be as ETSI has it."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self.answers: list[web.Response] = []
        self.asked: list[tuple[str, str]] = []

    def will(self, status: int, body: Any = None, **headers: str) -> None:
        if body is not None and status != 403:
            self._document.check_answer("POST", "/grants", 201, body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        media = "application/problem+json" if status >= 400 else "application/json"
        if body is None:
            self.answers.append(web.Response(status=status, headers=named))
        else:
            self.answers.append(web.json_response(body, status=status, headers=named, content_type=media))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        if request.method == "POST":
            self._document.check_request("POST", "/grants", await request.json())
        assert request.headers["Version"] == "1.7.0"
        return self.answers.pop(0)


class Vims:
    """What was learned of VIMs."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    async def learn(self, vims) -> None:
        self.known |= vims


@pytest.fixture
async def nfvo(aiohttp_server, etsi):
    nfvo = Nfvo(etsi("SOL003/VNFLifecycleOperationGranting"))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", nfvo.answer)
    nfvo.server = await aiohttp_server(app)
    return nfvo


@pytest.fixture
def vims():
    return Vims()


@pytest.fixture
def pauses():
    """Return the seconds that were let pass, which take no time."""
    return []


@pytest.fixture
async def vnfm(nfvo, vims, pauses, tmp_path):
    """Return what makes a VNFM's side of granting, anew as a process that starts does; the directory stays."""
    async with Peer(str(nfvo.server.make_url("")), name="the NFVO") as peer:

        async def pause(seconds: float) -> None:
            pauses.append(seconds)
            await asyncio.sleep(0)

        async def start(patience: float = 3600) -> RemoteGranting:
            asked = AskedGrants(tmp_path / "asked")
            await asked.sweep(["vnf-1"])
            return RemoteGranting(peer, asked, vims, url="http://vnfm.example", patience_seconds=patience, pause=pause)

        yield start


async def test_a_grant_is_given_at_once(nfvo, vnfm, vims):
    """201: the VIM is learned of with how to get in, and that goes no further than there."""
    nfvo.will(201, GRANT, **AT_GRANT_1)
    grant = await (await vnfm()).grant(REQUEST)
    assert (grant.id, grant.add_resources[0].vim_connection_id) == ("grant-1", "vim-1")
    assert vims.known["vim-1"].access_info == {"password": "hush"}
    assert "hush" not in str(grant)


async def test_a_grant_is_waited_for_as_the_nfvo_says(nfvo, vnfm, pauses):
    """202: looked for where it says, not before Retry-After is over; without that, ever more slowly."""
    nfvo.will(202, **AT_GRANT_1, Retry_After="7")
    nfvo.will(202, Retry_After="3")
    for _ in range(12):
        nfvo.will(202)
    nfvo.will(200, GRANT)
    await (await vnfm()).grant(REQUEST)
    assert nfvo.asked == [("POST", GRANTS)] + [("GET", GRANT_1)] * 14
    assert pauses[:2] == [7, 3]
    assert pauses[2:] == sorted(pauses[2:])
    assert pauses[-1] == 30


async def test_one_that_died_waiting_asks_for_no_second_grant(nfvo, vnfm):
    """The next process looks where the grant is, also when it has been given; it asks anew only where there is none."""
    nfvo.will(202, **AT_GRANT_1)
    with pytest.raises(StepFailedError):  # its time is up
        await (await vnfm(patience=0)).grant(REQUEST)
    nfvo.will(200, GRANT)
    assert (await (await vnfm()).grant(REQUEST)).id == "grant-1"
    assert [method for method, _ in nfvo.asked] == ["POST", "GET"]
    nfvo.will(404)
    nfvo.will(201, GRANT, **AT_GRANT_1)
    await (await vnfm()).grant(REQUEST)
    assert nfvo.asked[-2:] == [("GET", GRANT_1), ("POST", GRANTS)]


async def test_each_operation_has_a_grant_of_its_own(nfvo, vnfm, tmp_path):
    """The next operation of a VNF asks for its own; what is kept is one file for each VNF that is there."""
    granting = await vnfm()
    for operation in ("op-1", "op-2"):
        nfvo.will(201, GRANT, **AT_GRANT_1)
        await granting.grant(msgspec.structs.replace(REQUEST, vnf_lcm_op_occ_id=operation))
    assert [method for method, _ in nfvo.asked] == ["POST", "POST"]
    assert [file.name for file in (tmp_path / "asked").iterdir()] == ["vnf-1"]
    await AskedGrants(tmp_path / "asked").sweep([])
    assert list((tmp_path / "asked").iterdir()) == []


async def test_an_nfvo_that_fails_is_asked_again(nfvo, vnfm, pauses):
    """What may be otherwise the next time is tried again, with what it asks for in between."""
    nfvo.will(503, Retry_After="11")
    nfvo.will(500)
    nfvo.will(201, GRANT, **AT_GRANT_1)
    await (await vnfm()).grant(REQUEST)
    assert [method for method, _ in nfvo.asked] == ["POST"] * 3
    assert pauses[0] == 11


async def test_a_refusal_has_the_nfvo_s_own_words(nfvo, vnfm):
    """Word for word, at once or when it is looked for, with the problem as it came; a retry asks anew."""
    nfvo.will(202, **AT_GRANT_1)
    nfvo.will(403, NO_ROOM)
    with pytest.raises(GrantRefusedError) as refused:
        await (await vnfm()).grant(REQUEST)
    assert refused.value.detail == NO_ROOM["detail"]
    assert refused.value.members == {"peerStatus": 403, "cause": NO_ROOM}
    nfvo.will(201, GRANT, **AT_GRANT_1)
    await (await vnfm()).grant(REQUEST)
    assert nfvo.asked[-1] == ("POST", GRANTS)


async def test_patience_ends(nfvo, vnfm):
    """A wait that would be longer than our patience is not begun; the error says what it was waiting for."""
    nfvo.will(202, **AT_GRANT_1, Retry_After="30")
    with pytest.raises(StepFailedError, match="not decided yet"):
        await (await vnfm(patience=20)).grant(REQUEST)
