"""Every resource that a running server offers answers as the OpenAPI documents of ETSI say, along a whole life."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from callback_server import subscriber
from descriptor_examples import pnfd_archive
from etsi_walk import Walk
from example_packages import SERVICE, VNFS, package
from server_process import ServerProcess, server_process
from vnf_walk import cancel, ended, leave, live_as_vnf, live_in_release_2, remove

ZIP = {"Content-Type": "application/zip"}

SERVED_TO_OTHERS = {("GET", "/vnf_packages"), ("GET", "/vnf_packages/{vnfPkgId}")}
"""What one listener serves to the OSS and to VNFMs, where release 3.7.1 differs: SOL005 counts."""


WHOLE = (
    *("vnfpkgm", "nsd", "vnfpkgm for VNFMs", "vnfpkgm v1", "nsd v1", "vnfpkgm v1 for VNFMs"),
    *("vnflcm", "vnflcm v1", "grant"),
)
"""The interfaces of which everything is served that the documents have."""


@pytest.fixture
async def server(tmp_path) -> AsyncIterator[ServerProcess]:
    async with server_process(tmp_path) as running:
        await running.make_vim()
        await running.start()
        yield running


@pytest.fixture
async def walks(
    server, etsi, vnflcm_of_release_2, vnfpkgm_of_release_2, nsd_of_release_2
) -> AsyncIterator[dict[str, Walk]]:
    """A walk for each interface that the server offers, and one for an element manager, who has SOL002's document."""
    names = {
        "vnfpkgm": "SOL005/VNFPackageManagement",
        "vnfpkgm for VNFMs": "SOL003/VNFPackageManagement",
        "nsd": "SOL005/NSDManagement",
        "nslcm": "SOL005/NSLifecycleManagement",
        "vnflcm": "SOL003/VNFLifecycleManagement",
        "grant": "SOL003/VNFLifecycleOperationGranting",
    }
    async with ClientSession() as session:
        yield {
            **{api: Walk(session, server.url, etsi(name)) for api, name in names.items()},
            "vnflcm v1": Walk(session, server.url, vnflcm_of_release_2),
            "nsd v1": Walk(session, server.url, nsd_of_release_2),
            "vnfpkgm v1": Walk(session, server.url, vnfpkgm_of_release_2[0]),
            "vnfpkgm v1 for VNFMs": Walk(session, server.url, vnfpkgm_of_release_2[1]),
            "element manager": Walk(session, server.url, etsi("SOL002/VNFLifecycleManagement"), exact=False),
        }


async def test_a_whole_life_conforms(server, walks):
    """From onboarding to the last deletion, every operation that is served succeeds once and conforms each time."""
    packages = [await onboard_package(walks["vnfpkgm"], name) for name in VNFS]
    await manage_packages_in_release_2(walks["vnfpkgm v1"])
    await read_as_vnfm(walks["vnfpkgm for VNFMs"], packages[0], ["vnfd", "manifest", "artifacts"], exact=False)
    await read_as_vnfm(walks["vnfpkgm v1 for VNFMs"], packages[0], ["vnfd"])
    descriptor = await onboard_descriptor(walks["nsd"])
    await live_as_pnfd(walks["nsd"])
    await manage_descriptors_in_release_2(walks["nsd v1"])
    await live_as_network_service(server, walks, descriptor["nsdId"])
    await remove(walks["nsd"], "/ns_descriptors", descriptor["id"])
    for entry in packages:
        await remove(walks["vnfpkgm"], "/vnf_packages", entry["id"])
    for name, walk in walks.items():
        if name == "element manager":
            continue  # it needs no resource that "vnflcm" has not
        if name != "grant":
            await subscribe(walk)
        await walk.get("/api_versions")
        others = SERVED_TO_OTHERS if name == "vnfpkgm for VNFMs" else set()
        assert await walk.served() - walk.walked == others, f"{name}: served and not walked"
        if name in WHOLE:
            missing = {path for _, path in walk.operations - await walk.served()}
            assert missing <= {"/api_versions"}, f"{name}: not served"  # whose other methods are all 405


async def subscribe(walk):
    """Subscribe, read that everywhere, and end it."""
    async with subscriber() as listener:
        made = await walk.send("POST", "/subscriptions", 201, {"callbackUri": listener.url})
        await walk.get("/subscriptions")
        await walk.get(f"/subscriptions/{made['id']}")
        await walk.send("DELETE", f"/subscriptions/{made['id']}", 204)


async def onboard_package(walk, name):
    """Create, upload, read everything that a VNF package has, and enable it."""
    content = package(name)
    entry = await walk.send("POST", "/vnf_packages", 201, {"userDefinedData": {"example": name}})
    one = f"/vnf_packages/{entry['id']}"
    await walk.send("GET", f"{one}/package_content", 409)
    await walk.send("PUT", f"{one}/package_content", 202, data=content, headers=ZIP)
    entry = await walk.until(one, "onboardingState", "ONBOARDED", "ERROR")
    assert entry["onboardingState"] == "ONBOARDED", entry["onboardingFailureDetails"]
    assert await walk.get(f"{one}/package_content") == content
    await walk.send("GET", f"{one}/package_content", 206, headers={"Range": "bytes=0-9"})
    await walk.send("GET", f"{one}/package_content", 416, headers={"Range": "bytes=99999999-"})
    await walk.get(f"{one}/vnfd")
    await walk.get(f"{one}/manifest")
    await walk.get(f"{one}/artifacts")
    for artifact in entry.get("additionalArtifacts", [])[:1]:
        await walk.get(f"{one}/artifacts/{artifact['artifactPath']}")
    for state in ("DISABLED", "ENABLED"):
        await walk.send("PATCH", one, 200, {"operationalState": state})
    await walk.send("PATCH", one, 200, {"userDefinedData": {"example": "patched"}})
    await walk.send("PUT", f"{one}/package_content", 409, data=content, headers=ZIP)
    await walk.send("DELETE", one, 409)
    await fetch_package(walk, one)
    await walk.get("/vnf_packages")
    assert len(await walk.get(f"/vnf_packages?all_fields&filter=(eq,id,{entry['id']})")) == 1
    return await walk.get(one)


async def manage_packages_in_release_2(walk):
    """Create, upload, read, change and delete a package that is not whole, in the words of release 2.6.1."""
    for old in await walk.get("/vnf_packages"):
        await walk.get(f"/vnf_packages/{old['id']}")
    one = f"/vnf_packages/{old['id']}"
    await walk.get(f"{one}/package_content")
    await walk.get(f"{one}/vnfd")
    await walk.get(f"{one}/artifacts/Files/ChangeLog.txt")
    for state in ("DISABLED", "ENABLED"):
        await walk.send("PATCH", one, 200, {"operationalState": state})
    entry = await walk.send("POST", "/vnf_packages", 201, {})
    other = f"/vnf_packages/{entry['id']}"
    await walk.send("PUT", f"{other}/package_content", 202, data=b"no archive", headers=ZIP)
    await walk.until(other, "onboardingState", "CREATED")
    nowhere = {"addressInformation": "http://127.0.0.1:9/package.csar", "userName": "me", "password": "secret"}
    await walk.send("POST", f"{other}/package_content/upload_from_uri", 202, nowhere)
    await walk.until(other, "onboardingState", "CREATED")
    await walk.send("DELETE", other, 204)


async def read_as_vnfm(walk, package, below, *, exact=True):
    """Read a package by its own identifier and by that of its VNFD, as VNFMs do."""
    for collection, name in (("/vnf_packages", package["id"]), ("/onboarded_vnf_packages", package["vnfdId"])):
        one = f"{collection}/{name}"
        if exact or ("GET", collection) not in SERVED_TO_OTHERS:
            await walk.get(f"{collection}?all_fields")
            await walk.get(one)
        for resource in ("package_content", "artifacts/Files/ChangeLog.txt", *below):
            await walk.get(f"{one}/{resource}")


async def fetch_package(walk, one):
    """Have a package fetched from where nobody listens, see why it failed, and delete it."""
    nowhere = {"addressInformation": "http://127.0.0.1:9/package.csar"}
    await walk.send("POST", f"{one}/package_content/upload_from_uri", 409, nowhere)
    entry = await walk.send("POST", "/vnf_packages", 201, {})
    other = f"/vnf_packages/{entry['id']}"
    access = {"artifact": [{"artifactUri": "https://vendor.example/a", "overrideUri": "https://mirror.example/a"}]}
    await walk.send("PUT", f"{one}/ext_artifacts_access", 409, access)
    assert await walk.send("PUT", f"{other}/ext_artifacts_access", 200, access) == access
    assert await walk.get(f"{other}/ext_artifacts_access") == access
    await walk.send("POST", f"{other}/package_content/upload_from_uri", 202, nowhere)
    failed = await walk.until(other, "onboardingState", "ERROR")
    assert "127.0.0.1" in failed["onboardingFailureDetails"]["detail"]
    await walk.send("DELETE", other, 204)


async def onboard_descriptor(walk):
    """Create, upload, read everything that an NS descriptor has, and enable it."""
    entry = await walk.send("POST", "/ns_descriptors", 201, {"userDefinedData": {"example": SERVICE}})
    one = f"/ns_descriptors/{entry['id']}"
    await walk.send("PUT", f"{one}/nsd_content", 202, data=package(SERVICE), headers=ZIP)
    entry = await walk.until(one, "nsdOnboardingState", "ONBOARDED", "ERROR")
    assert entry["nsdOnboardingState"] == "ONBOARDED", entry["onboardingFailureDetails"]
    await walk.get(f"{one}/nsd_content")
    await walk.send("GET", f"{one}/nsd_content", 206, headers={"Range": "bytes=0-9"})
    await walk.send("PUT", f"{one}/nsd_content", 409, data=package(SERVICE), headers=ZIP)
    await walk.send("DELETE", one, 409)
    await walk.get(f"{one}/nsd")
    await walk.get(f"{one}/manifest")
    await walk.get(f"{one}/artifacts/Files/ChangeLog.txt")
    for state in ("DISABLED", "ENABLED"):
        await walk.send("PATCH", one, 200, {"nsdOperationalState": state})
    await walk.send("PATCH", one, 409, {"nsdOperationalState": "ENABLED"})
    await walk.send("PATCH", one, 200, {"userDefinedData": {"example": "patched"}})
    await walk.get("/ns_descriptors?all_fields")
    return await walk.get(one)


async def live_as_pnfd(walk):
    """Create, upload, read everything that a PNF descriptor has, change and delete it."""
    entry = await walk.send("POST", "/pnf_descriptors", 201, {"userDefinedData": {"rack": 7}})
    one = f"/pnf_descriptors/{entry['id']}"
    for what in ("pnfd_content", "pnfd", "manifest", "artifacts/Files/front.txt"):
        await walk.send("GET", f"{one}/{what}", 409)
    await walk.send("PUT", f"{one}/pnfd_content", 202, data=pnfd_archive(), headers=ZIP)
    entry = await walk.until(one, "pnfdOnboardingState", "ONBOARDED", "ERROR")
    assert entry["pnfdOnboardingState"] == "ONBOARDED", entry["onboardingFailureDetails"]
    await walk.send("PUT", f"{one}/pnfd_content", 409, data=pnfd_archive(), headers=ZIP)
    assert await walk.get(f"{one}/pnfd_content") == pnfd_archive()
    await walk.send("GET", f"{one}/pnfd_content", 206, headers={"Range": "bytes=0-9"})
    await walk.send("GET", f"{one}/pnfd_content", 416, headers={"Range": "bytes=99999999-"})
    await walk.get(f"{one}/pnfd")
    await walk.get(f"{one}/pnfd?include_signatures")
    await walk.get(f"{one}/manifest")
    await walk.get(f"{one}/artifacts/Files/front.txt")
    await walk.send("GET", f"{one}/artifacts/Files/front.txt", 206, headers={"Range": "bytes=0-1"})
    await walk.send("PATCH", one, 200, {"userDefinedData": {"rack": 8}})
    await walk.get("/pnf_descriptors")
    assert len(await walk.get(f"/pnf_descriptors?all_fields&filter=(eq,pnfdId,{entry['pnfdId']})")) == 1
    await remove(walk, "/pnf_descriptors", entry["id"])


async def manage_descriptors_in_release_2(walk):
    """Create, upload, read, change and delete descriptors in the words of release 2.6.1, whole ones and broken ones."""
    (service,) = await walk.get("/ns_descriptors?all_fields")
    one = f"/ns_descriptors/{service['id']}"
    assert await walk.get(f"{one}/nsd_content") == package(SERVICE)
    for change in (
        {"nsdOperationalState": "DISABLED"},
        {"nsdOperationalState": "ENABLED", "userDefinedData": {"a": 1}},
    ):
        await walk.send("PATCH", one, 200, change)
    for kind, content, whole in (("ns", "nsd", package(VNFS[0])), ("pnf", "pnfd", pnfd_archive())):
        entry = await walk.send("POST", f"/{kind}_descriptors", 201, {"userDefinedData": {"rack": 7}})
        other, state = f"/{kind}_descriptors/{entry['id']}", f"{content}OnboardingState"
        await walk.send("GET", f"{other}/{content}_content", 409)
        await walk.send("PUT", f"{other}/{content}_content", 202, data=b"neither", headers=ZIP)
        failed = await walk.until(other, state, "CREATED")
        assert failed["onboardingFailureDetails"]["detail"]
        await walk.send("PUT", f"{other}/{content}_content", 202, data=whole, headers=ZIP)
        if kind == "pnf":
            await walk.until(other, state, "ONBOARDED")
            assert await walk.get(f"{other}/pnfd_content") == whole
            await walk.send("GET", f"{other}/pnfd_content", 206, headers={"Range": "bytes=0-9"})
            await walk.send("PATCH", other, 200, {"userDefinedData": {"rack": 8}})
        else:
            await walk.until(other, state, "CREATED")
        await walk.get(f"/{kind}_descriptors")
        await walk.send("DELETE", other, 204)


async def live_as_network_service(server, walks, nsd_id):
    """Create, instantiate with a failure that is retried, scale with every way out, terminate, delete."""
    walk, vnflcm = walks["nslcm"], walks["vnflcm"]
    created = await walk.send("POST", "/ns_instances", 201, {"nsdId": nsd_id, "nsName": "n", "nsDescription": "d"})
    one = f"/ns_instances/{created['id']}"
    await server.tell_vim("inject", "refused", "--kind", "server", "--match", "*probe*")
    occurrence = await walk.operate(
        f"{one}/instantiate", {"nsFlavourId": "default", "nsInstantiationLevelId": "branch"}
    )
    await walk.send("POST", f"{one}/terminate", 409, {})
    await ended(walk, occurrence, "FAILED_TEMP")
    await leave(walk, occurrence, "retry")
    instance = await walk.get(one)
    assert instance["nsState"] == "INSTANTIATED"
    assert len(await vnflcm.get("/vnf_instances?all_fields")) == len(instance["vnfInstance"]) == len(VNFS)
    await walk.get("/ns_instances?all_fields")
    await read_grants(walks["grant"], await vnflcm.get("/vnf_lcm_op_occs?all_fields"))
    await walk.send("DELETE", one, 409)
    firewall = next(vnf for vnf in instance["vnfInstance"] if vnf["vnfProductName"] == "SD-WAN firewall")
    twin = await vnflcm.get(f"/vnf_instances/{firewall['id']}")
    await live_as_vnf(server, vnflcm, twin, walks["element manager"])
    await live_in_release_2(server, walks["vnflcm v1"], twin, vnflcm)
    scale = {"scaleType": "SCALE_VNF", "scaleVnfData": [scale_vnf(firewall["id"])]}
    await cancel(server, walk, f"{one}/scale", scale)
    for way_out in ("rollback", "fail", "continue"):
        await server.tell_vim("inject", "refused", "--kind", "server")
        occurrence = await walk.operate(f"{one}/scale", scale)
        await ended(walk, occurrence, "FAILED_TEMP")
        await leave(walk, occurrence, way_out)
    await ended(walk, await walk.operate(f"{one}/terminate", {}), "COMPLETED")
    await walk.get("/ns_lcm_op_occs?all_fields")
    await remove(walk, "/ns_instances", created["id"])


async def read_grants(walk, occurrences):
    """Follow the links of occurrences to the grants that they were given, and ask for one as a VNFM elsewhere does."""
    for occurrence in occurrences:
        _, _, path = occurrence["_links"]["grant"]["href"].partition(walk.root)
        assert (await walk.get(path))["vnfInstanceId"] == occurrence["vnfInstanceId"]
    elsewhere = "http://vnfm.example/vnflcm/v2"
    wanted = {
        "vnfInstanceId": "vnf-1",
        "vnfLcmOpOccId": "operation-1",
        "vnfdId": "vnfd-1",
        "operation": "TERMINATE",
        "isAutomaticInvocation": False,
        "_links": {
            "vnfInstance": {"href": f"{elsewhere}/vnf_instances/vnf-1"},
            "vnfLcmOpOcc": {"href": f"{elsewhere}/vnf_lcm_op_occs/operation-1"},
        },
    }
    given = await walk.send("POST", "/grants", 201, wanted)
    assert await walk.get(f"/grants/{given['id']}") == given
    await walk.send("GET", "/grants/nobody", 404)


def scale_vnf(vnf):
    by_step = {"aspectId": "inspection", "numberOfSteps": 1}
    return {"vnfInstanceId": vnf, "scaleVnfType": "SCALE_OUT", "scaleByStepData": by_step}
