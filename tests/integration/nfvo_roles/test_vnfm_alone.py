"""A VNFM by itself: it asks an NFVO elsewhere for grants, and reads packages there."""

from __future__ import annotations

import pytest
from example_packages import package

VIMS = "/mano/v1/vim_connections"
VNF = "/vnflcm/v2/vnf_instances"


@pytest.fixture
async def nfvo(server, unused_tcp_port):
    nfvo = server("nfvo", role="nfvo", vnfm=f"http://127.0.0.1:{unused_tcp_port}")
    await nfvo.open()
    return nfvo


@pytest.fixture
async def vnfm(server, nfvo, unused_tcp_port):
    vnfm = server("vnfm", role="vnfm", nfvo=nfvo.url, port=unused_tcp_port)
    await vnfm.open()
    return vnfm


async def test_a_vnf_lives_where_a_far_nfvo_has_it(nfvo, vnfm):
    """Instantiated, scaled, healed and terminated on a VIM that the VNFM had never heard of, with nothing left."""
    entry = await nfvo.onboard(package("firewall"))
    vnf = await vnfm.call("POST", VNF, 201, json={"vnfdId": entry["vnfdId"]})
    path = f"{VNF}/{vnf['id']}"
    await vnfm.completed(f"{path}/instantiate", {"flavourId": "scalable"})
    (vim,), (known,) = await nfvo.get(VIMS), await vnfm.get(VIMS)
    assert (known["id"], known["vimType"]) == (vim["id"], "SIMULATED")
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


async def servers(of, vim):
    """The servers on the VIM that carry the tag of an installation."""
    owned = await of.get(f"{VIMS}/{vim['id']}/resources")
    return {resource["id"] for resource in owned if resource["kind"] == "server"}
