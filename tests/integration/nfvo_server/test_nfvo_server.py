"""The composition: what only shows when everything is together."""

import stat

import pytest
from example_packages import SERVICE, VNFS, package

from mano_runtime.settings import Settings
from nfvo.server import CannotServeError, build_application, run

VIMS = "/mano/v1/vim_connections"
PROBE = "7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3"


async def test_a_fresh_data_directory_is_private_and_has_a_vim(operator, settings):
    """Nobody but the server's user can look into it, and the simulated VIM is there and answers."""
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    (vim,) = await operator.get(VIMS)
    assert (vim["name"], vim["vimType"]) == ("simulated", "SIMULATED")
    assert (await operator.call("POST", f"{VIMS}/{vim['id']}/check", 200))["accessible"]
    assert (await operator.get("/readyz"))["status"] == "ready"


async def test_what_was_removed_does_not_come_back(opened, settings):
    """The simulated VIM is given once: who removes it has no VIM after a restart either. The installation stays."""
    async with opened() as operator:
        (vim,) = await operator.get(VIMS)
        await operator.call("DELETE", f"{VIMS}/{vim['id']}", 204)
    installation = settings.data_dir.joinpath("installation").read_text()
    async with opened() as operator:
        assert await operator.get(VIMS) == []
    assert settings.data_dir.joinpath("installation").read_text() == installation


async def test_the_simulated_vim_can_be_left_out(tmp_path):
    """A setting keeps a fresh installation without any VIM."""
    async with build_application(Settings(data_dir=tmp_path / "data", simulated_vim=False)):
        pass
    assert not (tmp_path / "data" / "simulated-vim.sqlite").exists()


async def test_every_interface_answers(operator):
    """Each of the interfaces tells its versions."""
    for root in ("/vnfpkgm/v2", "/nsd/v2", "/nslcm/v2", "/vnflcm/v2", "/mano/v1"):
        assert (await operator.get(f"{root}/api_versions"))["apiVersions"]


async def test_a_service_from_package_to_resources_and_back(operator):
    """Up and down again: steps of both levels are told, what is in use is protected, nothing is left."""
    packages = {name: await operator.onboard(package(name)) for name in VNFS}
    nsd = await operator.onboard(package(SERVICE), nsd=True)
    body = {"nsdId": nsd["nsdId"], "nsName": "branch", "nsDescription": ""}
    service = await operator.call("POST", "/nslcm/v2/ns_instances", 201, json=body)
    path = f"/nslcm/v2/ns_instances/{service['id']}"
    up = await operator.operate(f"{path}/instantiate", {"nsFlavourId": "default"})
    assert up["operationState"] == "COMPLETED", up

    view = await operator.get(f"/mano/v1/operations/{up['id']}/steps?children=true")
    assert (view["level"], view["kind"], view["state"]) == ("ns", "INSTANTIATE", "COMPLETED")
    assert {child["level"] for child in view["children"]} == {"vnf"}
    assert len(view["children"]) == len(VNFS)
    steps = [step for level in (view, *view["children"]) for step in level["steps"]]
    assert {step["state"] for step in steps} == {"done"}
    assert "steps" not in await operator.get(f"/mano/v1/operations/{up['id']}")
    assert "children" not in await operator.get(f"/mano/v1/operations/{up['id']}/steps")

    (vim,) = await operator.get(VIMS)
    owned = await operator.get(f"{VIMS}/{vim['id']}/resources")
    assert len([resource for resource in owned if resource["kind"] == "server"]) == 5
    assert (await operator.call("DELETE", f"{VIMS}/{vim['id']}", 409))["users"]
    for entry, collection, state in (
        (packages["probe"], "/vnfpkgm/v2/vnf_packages", "operationalState"),
        (nsd, "/nsd/v2/ns_descriptors", "nsdOperationalState"),
    ):
        resource = f"{collection}/{entry['id']}"
        await operator.call("PATCH", resource, 200, json={state: "DISABLED"})
        assert "IN_USE" in (await operator.call("DELETE", resource, 409))["detail"]

    down = await operator.operate(f"{path}/terminate", {})
    assert down["operationState"] == "COMPLETED", down
    assert await operator.get(f"{VIMS}/{vim['id']}/resources") == []
    await operator.call("DELETE", path, 204)
    await operator.call("DELETE", f"/nsd/v2/ns_descriptors/{nsd['id']}", 204)
    await operator.call("DELETE", f"/vnfpkgm/v2/vnf_packages/{packages['probe']['id']}", 204)
    await operator.call("DELETE", f"{VIMS}/{vim['id']}", 204)


async def test_a_disabled_package_makes_no_new_instances(operator):
    """While it is DISABLED no VNF instance is created from it; instances that exist stay manageable."""
    entry = await operator.onboard(package("probe"))
    vnf = await operator.call("POST", "/vnflcm/v2/vnf_instances", 201, json={"vnfdId": PROBE})
    await operator.call("PATCH", f"/vnfpkgm/v2/vnf_packages/{entry['id']}", 200, json={"operationalState": "DISABLED"})
    refusal = await operator.call("POST", "/vnflcm/v2/vnf_instances", 422, json={"vnfdId": PROBE})
    assert PROBE in refusal["detail"]
    await operator.call("DELETE", f"/vnflcm/v2/vnf_instances/{vnf['id']}", 204)


async def test_unknown_operations_are_told(operator):
    """404 for an operation that there is not, 400 for a flag that is neither true nor false."""
    await operator.call("GET", "/mano/v1/operations/unheard", 404)
    await operator.call("GET", "/mano/v1/operations/unheard/steps", 404)


async def test_the_metrics_tell_what_was_onboarded(operator):
    """Onboardings are counted by descriptor and outcome."""
    await operator.onboard(package("probe"))
    async with operator.http.get("/metrics") as answer:
        text = await answer.text()
    assert 'mano_onboardings_total{descriptor="vnfd",outcome="onboarded"}' in text


async def test_a_data_directory_has_one_server(operator, settings):
    """A second server on the same directory is refused, and the first is not disturbed."""
    with pytest.raises(Exception, match="in use"):
        async with build_application(settings):
            pass
    assert (await operator.get("/readyz"))["status"] == "ready"


def test_an_address_that_cannot_be_used_is_told(tmp_path):
    """The message names the address and the directory."""
    with pytest.raises(CannotServeError, match=r"192\.0\.2\.1:8484"):
        run(Settings(host="192.0.2.1", access="clients", data_dir=tmp_path / "data"))


def test_other_machines_are_not_served_without_access_control(tmp_path):
    """Off loopback an open server does not start, not even when it is asked to; the message says what to do."""
    for host in ("0.0.0.0", "192.0.2.1", "::", "mano.example"):
        with pytest.raises(CannotServeError, match=r"MANO_ACCESS=clients.*mano client create"):
            run(Settings(data_dir=tmp_path / "data", host=host, access="open"))
    assert not (tmp_path / "data").exists()
