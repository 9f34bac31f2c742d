"""Tenants: what one has is not there for others, except for what is shared."""

import asyncio
import re
from urllib.parse import quote

import pytest
from callback_server import subscriber
from example_packages import SERVICE, VNFS, package

ZIP = {"Content-Type": "application/zip"}
RESERVED = ("/mano/v1/clients", "/mano/v1/audit", "/grant/v1")
"""What neither operators nor designers may look at, whichever tenant theirs is."""
PACKAGES = "/vnfpkgm/v2/vnf_packages"


async def made(door, client, path, body):
    status, found = await door.ask(client, "POST", path, json=body)
    assert status == 201, found
    return found


async def onboarded(door, client, name):
    """Have a client onboard an example; return its path."""
    nsd = name == SERVICE
    collection, content = ("/nsd/v2/ns_descriptors", "nsd_content") if nsd else (PACKAGES, "package_content")
    path = f"{collection}/{(await made(door, client, collection, {}))['id']}"
    status, found = await door.ask(client, "PUT", f"{path}/{content}", data=package(name), headers=ZIP)
    assert status == 202, found
    while True:
        entry = (await door.ask(client, "GET", path))[1]
        state = entry.get("onboardingState") or entry["nsdOnboardingState"]
        if state not in {"UPLOADING", "PROCESSING"}:
            assert state == "ONBOARDED", entry
            return path
        await asyncio.sleep(0.02)


async def vnfd_of(door, client, path):
    return (await door.ask(client, "GET", path))[1]["vnfdId"]


@pytest.fixture
async def tenants(door):
    """Make a client that may all in each of two tenants, and one in the shared one."""
    for tenant in ("blue", "green", "shared"):
        await door.made(tenant, "designer", "operator", tenant=tenant)
    return door


async def ids(door, client, path):
    status, found = await door.ask(client, "GET", path)
    assert status == 200, found
    return [entry["id"] for entry in found]


@pytest.mark.timeout(120)
async def test_what_a_tenant_has_is_not_there_for_others(tenants, tmp_path):
    """Whatever it is, and wherever it is asked for: neither listed, nor found, nor usable by reference."""
    for name in (*VNFS, SERVICE):
        path = await onboarded(tenants, "blue", name)
        for method in ("GET", "DELETE", "PATCH"):
            assert (await tenants.ask("green", method, path, json={"userDefinedData": {}}))[0] == 404
    probe = (await tenants.ask("blue", "GET", PACKAGES))[1][-1]
    assert await ids(tenants, "green", PACKAGES) == []
    assert len(await ids(tenants, "root", PACKAGES)) == len(VNFS)
    wanted = {"vnfdId": probe["vnfdId"]}
    assert (await tenants.ask("green", "POST", "/vnflcm/v2/vnf_instances", json=wanted))[0] == 422
    assert (await vnfd_of(tenants, "green", await onboarded(tenants, "green", "probe"))) == probe["vnfdId"]

    nsd = (await tenants.ask("blue", "GET", "/nsd/v2/ns_descriptors"))[1][0]["nsdId"]
    body = {"nsdId": nsd, "nsName": "branch", "nsDescription": ""}
    assert (await tenants.ask("green", "POST", "/nslcm/v2/ns_instances", json=body))[0] == 422
    assert (await tenants.ask("root", "POST", "/nslcm/v2/ns_instances", json=body))[0] == 422
    service = f"/nslcm/v2/ns_instances/{(await made(tenants, 'blue', '/nslcm/v2/ns_instances', body))['id']}"
    order = {"json": {"nsFlavourId": "default"}, "headers": {"Prefer": "wait=60"}}
    assert (await tenants.ask("green", "POST", f"{service}/instantiate", **order))[0] == 404
    assert (await tenants.ask("root", "POST", f"{service}/instantiate", **order))[0] == 202

    occurrences = (await tenants.ask("blue", "GET", "/nslcm/v2/ns_lcm_op_occs"))[1]
    assert [each["operationState"] for each in occurrences] == ["COMPLETED"]
    vim = {"vimType": "SIMULATED", "interfaceInfo": {"path": str(tmp_path / "blue.sqlite")}, "tenant": "blue"}
    await made(tenants, "root", "/mano/v1/vim_connections", vim | {"name": "blues"})
    shared = {each["id"] for each in (await tenants.ask("green", "GET", "/mano/v1/vim_connections"))[1]}
    for path in map("/mano/v1/vim_connections/{}/resources".format, shared):
        assert await ids(tenants, "root", path) == await ids(tenants, "blue", path) != []
        assert await ids(tenants, "green", path) == []
    async with subscriber() as listener:
        await make_what_is_missing(tenants, "blue", listener.url)
    await walk_as_another(tenants, "blue", "green")


def routes(door):
    """Return method and path of everything that is served at an interface."""
    return [
        (route.method, route.resource.canonical)
        for route in door.http.app.router.routes()
        if re.match(r"/\w+/v\d", route.resource.canonical) and not route.resource.canonical.endswith("/api_versions")
    ]


async def make_what_is_missing(door, client, callback):
    """Have a client make something in every collection that takes something without further ado."""
    for method, path in routes(door):
        if method == "POST" and "{" not in path:
            body = {"callbackUri": callback} if path.endswith("/subscriptions") else {}
            status, answer = await door.ask(client, method, path, json=body)
            assert status in {201, 303, 400, 403}, answer  # the rest was made in its life


async def walk_as_another(door, owner, other):
    """Read every collection and everything in it as the owner, and find that for the other one none of it is there."""
    theirs, others, all_ = [await collections(door, client) for client in (owner, other, "root")]
    for collection, entries in theirs.items():
        entries[:] = [entry for entry in entries if entry.get("tenant") != "shared"]
        own = {entry["id"] for entry in entries}
        assert own, f"{collection} has nothing: let the life above make something there"
        assert own <= {entry["id"] for entry in all_[collection]}
        assert not own & {entry["id"] for entry in others[collection]}
    seen = set()
    for collection, identifiers in named(theirs).items():
        at_the_others = {entry.get("vnfdId") for entry in others.get(collection, [])}
        chosen = next(name for name in identifiers if name not in at_the_others)
        for method, template in routes(door):
            if not template.startswith(f"{collection}/{{"):
                continue
            seen.add(template)
            path = re.sub(r"\{[^}]*\}", "x", template.replace(re.findall(r"\{[^}]*\}", template)[0], quote(chosen), 1))
            status, answer = await door.ask(other, method, path, json={})
            assert status in ({404} if method == "GET" else {400, 403, 404, 415}), f"{method} {path}: {status} {answer}"
            if method == "GET" and template.endswith("}") and template.count("{") == 1:
                assert (await door.ask(owner, method, path))[0] == 200, path
    unseen = {path for method, path in routes(door) if method == "GET" and "{" in path} - seen
    assert {path for path in unseen if not path.startswith(RESERVED)} == set()


async def collections(door, client):
    """Return the entries of every collection that a client may read, by its path."""
    found = {}
    for method, path in routes(door):
        if method == "GET" and "{" not in path:
            status, body = await door.ask(client, "GET", path)
            assert status == (403 if path.startswith(RESERVED) and client != "root" else 200), f"{client} {path}"
            if status == 200 and not path.startswith(RESERVED):
                found[path] = body
    return found


def named(collections):
    """Return what the paths below each collection name its entries by, those without a list of their own too."""
    names = {
        path: [entry["vnfdId"] if path.endswith("onboarded_vnf_packages") else entry["id"] for entry in entries]
        for path, entries in collections.items()
    }
    names["/mano/v1/operations"] = [*names["/nslcm/v2/ns_lcm_op_occs"], *names["/vnflcm/v2/vnf_lcm_op_occs"]]
    for path, entries in collections.items():
        interface, _, resource = path.strip("/").split("/")
        if interface in {"nsd", "vnfpkgm"}:
            names.setdefault(f"/mano/v1/{resource}", [entry["id"] for entry in entries])
    return names


async def test_what_is_shared_is_used_by_all_and_changed_by_none(tenants):
    """Packages of the tenant `shared`: found and used by others; changed by its own clients and administrators."""
    path = await onboarded(tenants, "shared", "probe")
    vnfd = await vnfd_of(tenants, "green", path)
    status, refusal = await tenants.ask("green", "PATCH", path, json={"operationalState": "DISABLED"})
    assert (status, refusal["type"]) == (403, "urn:mano:problem:only-shared")
    assert (await tenants.ask("green", "DELETE", path))[0] == 403
    vnf = await made(tenants, "green", "/vnflcm/v2/vnf_instances", {"vnfdId": vnfd})
    assert (await tenants.ask("shared", "PATCH", path, json={"operationalState": "DISABLED"}))[0] == 200
    status, refusal = await tenants.ask("shared", "DELETE", path)
    assert status == 409
    assert vnf["id"] not in refusal["detail"]
    assert (await tenants.ask("green", "DELETE", f"/vnflcm/v2/vnf_instances/{vnf['id']}"))[0] == 204
    assert (await tenants.ask("shared", "DELETE", path))[0] == 204


async def test_a_vim_is_everybodys_or_one_tenants(tenants, tmp_path):
    """A VIM of a tenant is neither found nor usable by others; without a word it is everybody's."""
    vim = {"vimType": "SIMULATED", "interfaceInfo": {"path": str(tmp_path / "other.sqlite")}}
    blues = await made(tenants, "root", "/mano/v1/vim_connections", vim | {"name": "blues", "tenant": "blue"})
    common = await made(tenants, "root", "/mano/v1/vim_connections", vim | {"name": "common"})
    assert (blues["tenant"], common["tenant"]) == ("blue", "shared")
    path = "/mano/v1/vim_connections"
    assert blues["id"] in await ids(tenants, "blue", path)
    assert blues["id"] not in await ids(tenants, "green", path)
    assert common["id"] in await ids(tenants, "green", path)
    assert (await tenants.ask("green", "GET", f"{path}/{blues['id']}"))[0] == 404
    vnfd = await vnfd_of(tenants, "green", await onboarded(tenants, "shared", "probe"))
    for client, vims, begun in (("green", blues, 422), ("green", common, 202), ("blue", blues, 202)):
        vnf = await made(tenants, client, "/vnflcm/v2/vnf_instances", {"vnfdId": vnfd})
        order = {"flavourId": "default", "vimConnectionInfo": {vims["id"]: {"vimType": "SIMULATED"}}}
        status, answer = await tenants.ask(
            client, "POST", f"/vnflcm/v2/vnf_instances/{vnf['id']}/instantiate", json=order
        )
        assert status == begun, answer


async def test_subscribers_hear_of_their_tenant(tenants):
    """A tenant's subscribers hear of what is its own and of what is shared; those of administrators of everything."""
    async with subscriber() as blue, subscriber() as green, subscriber() as root:
        for client, heard in (("blue", blue), ("green", green), ("root", root)):
            await made(tenants, client, "/vnfpkgm/v2/subscriptions", {"callbackUri": heard.url})
        assert len(await ids(tenants, "green", "/vnfpkgm/v2/subscriptions")) == 1
        own = (await onboarded(tenants, "blue", "probe")).rsplit("/", 1)[1]
        common = (await onboarded(tenants, "shared", "firewall")).rsplit("/", 1)[1]
        for heard, wanted in ((blue, [own, common]), (green, [common]), (root, [own, common])):
            assert [body["vnfPkgId"] for body in await heard.until(len(wanted))] == wanted
