"""A VNFM by itself: it asks an NFVO elsewhere for grants, and reads packages there."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import encode_basic_auth
from example_packages import package

from mano_runtime.peer import Peer
from nfvo.first_client import create_first_client
from nfvo.server import CannotServeError, build_application
from nfvo.sol003.remote_vnfm import RemoteVnfm
from vnfm.sol003.ports import IDENTITY, SolProblemError
from vnfm.sol003.requests import CreateVnfRequest, InstantiateVnfRequest, TerminateVnfRequest, TerminationType

VIMS = "/mano/v1/vim_connections"
VNF = "/vnflcm/v2/vnf_instances"


@pytest.fixture
def nfvo_settings():
    return {}


@pytest.fixture
def vnfm_settings():
    return {}


@pytest.fixture
async def nfvo(server, unused_tcp_port, nfvo_settings):
    nfvo = server("nfvo", role="nfvo", vnfm=f"http://127.0.0.1:{unused_tcp_port}", **nfvo_settings)
    await nfvo.open()
    return nfvo


@pytest.fixture
async def vnfm(server, nfvo, unused_tcp_port, vnfm_settings):
    vnfm = server("vnfm", role="vnfm", nfvo=nfvo.url, port=unused_tcp_port, **vnfm_settings)
    await vnfm.open()
    return vnfm


async def instance(nfvo, vnfm, name="probe"):
    """The path of a VNF instance of an example package, which is onboarded for it."""
    entry = await nfvo.onboard(package(name))
    return f"{VNF}/{(await vnfm.call('POST', VNF, 201, json={'vnfdId': entry['vnfdId']}))['id']}"


async def test_a_vnf_lives_where_a_far_nfvo_has_it(nfvo, vnfm, etsi):
    """Instantiated, scaled, healed and terminated on a VIM that the VNFM had never heard of, with nothing left.

    Each operation has one grant, asked for and given as ETSI's document has it; nothing shows how to get into the VIM.
    """
    path = await instance(nfvo, vnfm, "firewall")
    await vnfm.completed(f"{path}/instantiate", {"flavourId": "scalable"})
    (vim,), (known,) = await nfvo.get(VIMS), await vnfm.get(VIMS)
    assert (known["id"], known["vimType"]) == (vim["id"], "SIMULATED")
    shown = (await vnfm.get(path))["vimConnectionInfo"][vim["id"]]
    assert shown["vimType"] == "SIMULATED"
    assert "accessInfo" not in shown
    before = await servers(vnfm, vim)
    out = {"type": "SCALE_OUT", "aspectId": "inspection", "numberOfSteps": 1}
    await vnfm.completed(f"{path}/scale", out)
    scaled = await servers(vnfm, vim)
    assert (scaled > before, len(scaled) - len(before)) == (True, 1)
    await vnfm.completed(f"{path}/heal", {"cause": "to be sure"})
    healed = await servers(vnfm, vim)
    assert (len(healed), healed & scaled) == (len(scaled), set())
    await vnfm.completed(f"{path}/terminate", {"terminationType": "FORCEFUL"})
    await vnfm.call("DELETE", path, 204)
    assert await vnfm.get(f"{VIMS}/{vim['id']}/resources") == []

    assert [it.body["operation"] for it in nfvo.exchanges] == ["INSTANTIATE", "SCALE", "HEAL", "TERMINATE"]
    granting = etsi("SOL003/VNFLifecycleOperationGranting")
    for it in nfvo.exchanges:
        granting.check_request(it.method, it.path, it.body)
        granting.check_answer(it.method, it.path, it.status, it.answer)
        assert it.body["_links"]["vnfInstance"]["href"] == vnfm.url + path
    for occurrence in await vnfm.get("/vnflcm/v2/vnf_lcm_op_occs"):
        link = occurrence["_links"]["grant"]["href"]
        assert (await nfvo.get(link.removeprefix(nfvo.url)))["id"] == occurrence["grantId"]


@pytest.mark.parametrize("nfvo_settings", [{"grant_answer_seconds": 0}])
async def test_a_grant_that_takes_its_time_is_waited_for(nfvo, vnfm):
    """202, then looked for until it is given; one grant all the same."""
    path = await instance(nfvo, vnfm)
    await vnfm.completed(f"{path}/instantiate", {"flavourId": "default"})
    first, *_, last = nfvo.exchanges
    assert (first.method, first.status, last.method, last.status) == ("POST", 202, "GET", 200)
    assert [it.method for it in nfvo.exchanges].count("POST") == 1


@pytest.mark.parametrize("nfvo_settings", [{"simulated_vim": False}])
async def test_a_refusal_ends_the_operation_in_the_nfvo_s_words(nfvo, vnfm):
    """ROLLED_BACK, with the reason as the NFVO gives it to everybody who asks; nothing was made."""
    path = await instance(nfvo, vnfm)
    occurrence = await vnfm.ended(await vnfm.begin(f"{path}/instantiate", {"flavourId": "default"}))
    assert occurrence["operationState"] == "ROLLED_BACK"
    told = await nfvo.call("GET", f"/grant/v1/grants/{occurrence['id']}", 403)
    assert occurrence["error"]["detail"] == told["detail"]
    assert occurrence["error"]["cause"]["detail"] == told["detail"]
    assert (await vnfm.get(path))["instantiationState"] == "NOT_INSTANTIATED"


async def test_an_nfvo_that_is_away_is_waited_for(nfvo, vnfm):
    """STARTING while it is away and COMPLETED when it is back; cancelled meanwhile, ROLLED_BACK at once."""
    path, other = [await instance(nfvo, vnfm, name) for name in ("probe", "firewall")]
    await nfvo.close()
    waiting = await vnfm.begin(f"{path}/instantiate", {"flavourId": "default"})
    cancelled = await vnfm.begin(f"{other}/instantiate", {"flavourId": "scalable"})
    refusal = await vnfm.call("POST", VNF, 503, json={"vnfdId": "never-fetched"})
    assert refusal["type"] == "urn:mano:problem:nfvo-failed"
    await vnfm.call("POST", f"{cancelled}/cancel", 202, json={"cancelMode": "GRACEFUL"})
    assert (await vnfm.ended(cancelled))["operationState"] == "ROLLED_BACK"
    assert (await vnfm.get(waiting))["operationState"] == "STARTING"
    await vnfm.close()
    await vnfm.open()
    assert (await vnfm.get(waiting))["operationState"] == "STARTING"
    await nfvo.open()
    assert (await vnfm.ended(waiting))["operationState"] == "COMPLETED"
    assert {it.body["vnfLcmOpOccId"] for it in nfvo.exchanges} == {waiting.rpartition("/")[2]}


async def test_an_nfvo_that_asks_who_is_there_is_told(server, unused_tcp_port):
    """The VNFM gets itself tokens as a client of the role ``vnfm``, with a secret that its directory holds."""
    nfvo = server("nfvo", role="nfvo", vnfm=f"http://127.0.0.1:{unused_tcp_port}", access="clients")
    token_url = f"{nfvo.url}/token"
    vnfm = server("vnfm", role="vnfm", nfvo=nfvo.url, peer_client="vnfm-1", peer_token_url=token_url)
    made = {
        name: await asyncio.to_thread(
            create_first_client, nfvo.settings.data_dir, name, roles=(role,), tenant="default"
        )
        for name, role in (("root", "administrator"), ("vnfm-1", "vnfm"))
    }
    vnfm.settings.data_dir.mkdir()
    (vnfm.settings.data_dir / "peer-secret").write_text(made["vnfm-1"]["secret"] + "\n")
    await nfvo.open()
    await vnfm.open()
    proof = {"Authorization": encode_basic_auth("root", made["root"]["secret"])}
    form = {"grant_type": "client_credentials"}
    token = (await nfvo.call("POST", "/token", 200, headers=proof, data=form))["access_token"]
    nfvo.headers = {"Authorization": f"Bearer {token}"}
    path = await instance(nfvo, vnfm)
    await vnfm.completed(f"{path}/instantiate", {"flavourId": "default"})


async def test_a_vnfm_elsewhere_is_driven_like_one_that_is_here(nfvo, vnfm):
    """Through its port: found by metadata, operated, and refused in the VNFM's own words; gone is gone."""
    entry = await nfvo.onboard(package("probe"))
    async with Peer(vnfm.url, name="the VNFM") as peer:
        vnfs = RemoteVnfm(peer)
        request = CreateVnfRequest(vnfd_id=entry["vnfdId"], metadata={IDENTITY: "it's/mine,(1)"})
        vnf = await vnfs.create_vnf(request)
        await vnfs.create_vnf(CreateVnfRequest(vnfd_id=entry["vnfdId"], metadata={IDENTITY: "another"}))
        assert [found.id for found in await vnfs.find_vnfs(IDENTITY, "it's/mine,(1)")] == [vnf.id]
        operation = await vnfs.instantiate(vnf.id, InstantiateVnfRequest(flavour_id="default"), parent="ns-operation")
        with pytest.raises(SolProblemError) as refused:
            await vnfs.instantiate(vnf.id, InstantiateVnfRequest(flavour_id="default"))
        assert (refused.value.status, refused.value.slug) == (409, "operation-in-progress")
        assert (await vnfm.ended(f"/vnflcm/v2/vnf_lcm_op_occs/{operation}"))["operationState"] == "COMPLETED"
        terminated = await vnfs.terminate(vnf.id, TerminateVnfRequest(termination_type=TerminationType.FORCEFUL))
        await vnfm.ended(f"/vnflcm/v2/vnf_lcm_op_occs/{terminated}")
        assert [done.id for done in await vnfs.operations_of(vnf.id)] == [operation, terminated]
        await vnfs.delete_vnf(vnf.id)
        await vnfs.delete_vnf(vnf.id)
        assert (await vnfs.get_vnf(vnf.id), await vnfs.get_operation("unheard")) == (None, None)
        await vnfm.close()
        with pytest.raises(SolProblemError, match="cannot be reached") as away:
            await vnfs.get_vnf(vnf.id)
        assert away.value.status == 503


async def test_each_role_serves_its_own_interfaces(nfvo, vnfm):
    """What is the other one's is not there."""
    for root in ("/nsd/v2", "/nslcm/v2", "/vnfpkgm/v2", "/grant/v1"):
        await nfvo.get(f"{root}/api_versions")
        await vnfm.call("GET", f"{root}/api_versions", 404)
    for root in ("/vnflcm/v2", "/vnflcm/v1"):
        await vnfm.get(f"{root}/api_versions")
        await nfvo.call("GET", f"{root}/api_versions", 404)
    for one in (nfvo, vnfm):
        assert (await one.get("/readyz"))["status"] == "ready"
        await one.get("/mano/v1/api_versions")


NFVO = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"role": "vnfm"}, "--nfvo or MANO_NFVO"),
        ({"role": "nfvo"}, "--vnfm or MANO_VNFM"),
        ({"role": "vnfm", "nfvo": "nfvo.example"}, "absolute http or https URL"),
        ({"role": "vnfm", "nfvo": NFVO, "peer_client": "vnfm-1"}, "peer-secret"),
        ({"role": "vnfm", "nfvo": NFVO, "host": "0.0.0.0"}, "MANO_PUBLIC_URL"),
    ],
)
async def test_what_a_role_needs_is_named(server, settings, said):
    """Without the other one's URL, the secret that goes with a name, or an address of its own, no role is served."""
    lacking = server("lacking", **settings)
    with pytest.raises(CannotServeError, match=said):
        async with build_application(lacking.settings):
            pass


async def servers(of, vim):
    """The servers on the VIM that carry the tag of an installation."""
    owned = await of.get(f"{VIMS}/{vim['id']}/resources")
    return {resource["id"] for resource in owned if resource["kind"] == "server"}
