"""The port for VNFMs alone: what SOL003 has, exactly; and what is left to the other one."""

import re

import pytest
from etsi_walk import Walk
from example_packages import package

from mano_runtime.settings import Settings
from nfvo.server import CannotServeError, build_application

OURS = {"/metrics", "/healthz", "/readyz", "/token", "/.well-known/jwks.json", "/openapi.json", "/docs"}


def offered(http, root):
    """Return method and path of what is offered below a root; variables are all called the same."""
    return {
        (route.method, re.sub(r"\{[^}]*\}", "{}", route.resource.canonical.removeprefix(root)))
        for route in http.app.router.routes()
        if route.resource.canonical.startswith(root + "/") and route.method != "HEAD"
    }


def documented(document):
    return {(method, re.sub(r"\{[^}]*\}", "{}", path)) for method, path in document.operations}


async def test_each_port_has_what_its_document_has(listeners, etsi):
    """VNF packages: SOL005's and nothing else on one port, SOL003's and nothing else on the other."""
    operator, vnfm = listeners
    root = "/vnfpkgm/v2"
    of_005, of_003 = (documented(etsi(f"SOL00{number}/VNFPackageManagement")) for number in (5, 3))
    assert offered(operator.http, root) - {("GET", "/api_versions")} <= of_005
    assert offered(vnfm.http, root) - {("GET", "/api_versions")} <= of_003
    by_vnfd = {operation for operation in of_003 if operation[1].startswith("/onboarded_vnf_packages")}
    assert len(by_vnfd & offered(vnfm.http, root)) >= 6
    assert not by_vnfd & offered(operator.http, root)


async def test_packages_are_read_and_not_changed(listeners, etsi):
    """Every resource answers as SOL003 has it; what would change a package is 405, which names what there is."""
    operator, vnfm = listeners
    entry = await operator.onboard(package("probe"))
    awaiting = await operator.call("POST", "/vnfpkgm/v2/vnf_packages", 201, json={})
    walk = Walk(vnfm.http.session, str(vnfm.http.make_url("")).rstrip("/"), etsi("SOL003/VNFPackageManagement"))
    assert {found["id"] for found in await walk.get("/vnf_packages")} == {entry["id"], awaiting["id"]}
    assert {found["id"] for found in await walk.get("/onboarded_vnf_packages?all_fields")} == {entry["id"]}
    for one in (f"/vnf_packages/{entry['id']}", f"/onboarded_vnf_packages/{entry['vnfdId']}"):
        found = await walk.get(one)
        assert found["_links"]["self"]["href"].endswith(one)
        for name in ("vnfd", "manifest", "package_content", "artifacts/Files/ChangeLog.txt"):
            await walk.get(f"{one}/{name}")
    await walk.get(f"/vnf_packages/{awaiting['id']}")
    await walk.send("GET", f"/vnf_packages/{awaiting['id']}/package_content", 409)
    one = f"/vnf_packages/{entry['id']}"
    for method, path in (("POST", "/vnf_packages"), ("PATCH", one), ("DELETE", one), ("PUT", f"{one}/package_content")):
        async with vnfm.http.request(method, f"/vnfpkgm/v2{path}", json={}) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


async def test_grants_are_on_the_port_for_vnfms(listeners):
    """That port has grants, packages and VNF lifecycle management, and nothing else; the other one has no grants."""
    operator, vnfm = listeners
    roots = {
        "/".join(route.resource.canonical.split("/")[:2])
        for route in vnfm.http.app.router.routes()
        if route.resource.canonical not in OURS
    }
    assert roots == {"/vnfpkgm", "/grant", "/vnflcm"}
    await operator.call("GET", "/grant/v1/grants/x", 404)
    assert "there is no resource" in (await operator.call("GET", "/grant/v1/grants/x", 404))["detail"]
    assert "there is no resource" not in (await vnfm.call("GET", "/grant/v1/grants/x", 404))["detail"]
    assert await operator.get("/vnflcm/v2/vnf_instances") == await vnfm.get("/vnflcm/v2/vnf_instances") == []


async def test_a_vnfm_has_one_port(tmp_path):
    """All that a server of the role vnfm has is for its NFVO: a second port for the same is refused."""
    settings = Settings(data_dir=tmp_path, role="vnfm", nfvo="http://127.0.0.1:1", port=8485, or_vnfm_port=0)
    with pytest.raises(CannotServeError, match="--or-vnfm-port"):
        async with build_application(settings):
            pass
