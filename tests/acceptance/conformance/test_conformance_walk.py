"""Every resource that a running server offers answers as the OpenAPI documents of ETSI say, along a whole life."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from callback_server import subscriber
from descriptor_examples import pnfd_archive
from etsi_walk import Walk
from example_packages import SERVICE, VNFS, package

READY = "mano is ready at "
ZIP = {"Content-Type": "application/zip"}
ENDED = ("COMPLETED", "PARTIALLY_COMPLETED", "FAILED_TEMP", "FAILED", "ROLLED_BACK")

SERVED_TO_OTHERS = {("GET", "/vnf_packages"), ("GET", "/vnf_packages/{vnfPkgId}")}
"""What one listener serves to the OSS and to VNFMs, where release 3.7.1 differs: SOL005 counts."""

LEFT = {"retry": "COMPLETED", "rollback": "ROLLED_BACK", "continue": "PARTIALLY_COMPLETED", "fail": "FAILED"}
"""The state in which each way out of FAILED_TEMP ends."""


class Server:
    """A server in a process of its own, and the file of its simulated VIM."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        command = [sys.executable, "-m", "nfvo.cli.main", "serve", "--host", "127.0.0.1", "--port", "0"]
        with (directory.parent / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--data-dir", directory], stdout=subprocess.PIPE, stderr=log, text=True
            )
        lines = iter(self._process.stdout or ())
        self.url = next((line.removeprefix(READY).strip() for line in lines if line.startswith(READY)), "")
        assert self.url, (directory.parent / "server.log").read_text()[-3000:]

    def simulated_vim(self, *command: str) -> None:
        """Tell the simulated VIM what to do."""
        vim = str(self._directory / "simulated-vim.sqlite")
        subprocess.run(
            [sys.executable, "-m", "vim_adapters.simulated", "--create", vim, *command], check=True, capture_output=True
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("conformance") / "data")
    yield running
    running.stop()


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
        await subscribe(walk)
        await walk.get("/api_versions")
        others = SERVED_TO_OTHERS if name == "vnfpkgm for VNFMs" else set()
        assert await walk.served() - walk.walked == others, f"{name}: served and not walked"


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
    server.simulated_vim("inject", "refused", "--kind", "server", "--match", "*probe*")
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
    await vnflcm.get("/vnf_lcm_op_occs?all_fields")
    await walk.send("DELETE", one, 409)
    firewall = next(vnf for vnf in instance["vnfInstance"] if vnf["vnfProductName"] == "SD-WAN firewall")
    twin = await vnflcm.get(f"/vnf_instances/{firewall['id']}")
    await live_as_vnf(server, vnflcm, twin, walks["element manager"])
    await live_in_release_2(server, walks["vnflcm v1"], twin, vnflcm)
    scale = {"scaleType": "SCALE_VNF", "scaleVnfData": [scale_vnf(firewall["id"])]}
    await cancel(server, walk, f"{one}/scale", scale)
    for way_out in ("rollback", "fail", "continue"):
        server.simulated_vim("inject", "refused", "--kind", "server")
        occurrence = await walk.operate(f"{one}/scale", scale)
        await ended(walk, occurrence, "FAILED_TEMP")
        await leave(walk, occurrence, way_out)
    await ended(walk, await walk.operate(f"{one}/terminate", {}), "COMPLETED")
    await walk.get("/ns_lcm_op_occs?all_fields")
    await remove(walk, "/ns_instances", created["id"])


def scale_vnf(vnf):
    by_step = {"aspectId": "inspection", "numberOfSteps": 1}
    return {"vnfInstanceId": vnf, "scaleVnfType": "SCALE_OUT", "scaleByStepData": by_step}


def attached_as(vnf):
    """Return the connectivity by which another VNF is attached to the same networks."""
    links = vnf["instantiatedVnfInfo"]["extVirtualLinkInfo"]
    return [
        {
            "id": f"link-{number}",
            "vimConnectionId": link["resourceHandle"]["vimConnectionId"],
            "resourceId": link["resourceHandle"]["resourceId"],
            "extCps": link["currentVnfExtCpData"],
        }
        for number, link in enumerate(links)
    ]


async def live_as_vnf(server, walk, twin, element_manager):
    """Create another VNF like ``twin``, instantiate, scale with every way out of a failure, terminate, delete."""
    wanted = {"vnfdId": twin["vnfdId"], "vnfInstanceName": "alone", "vnfInstanceDescription": "beside a service"}
    created = await walk.send("POST", "/vnf_instances", 201, wanted)
    one = f"/vnf_instances/{created['id']}"
    instantiate = {"flavourId": "scalable", "extVirtualLinks": attached_as(twin)}
    await ended(walk, await walk.operate(f"{one}/instantiate", instantiate), "COMPLETED")
    assert (await walk.get(one))["instantiationState"] == "INSTANTIATED"
    out = {"type": "SCALE_OUT", "aspectId": "inspection", "numberOfSteps": 1}
    for way_out in ("retry", "rollback", "fail"):
        server.simulated_vim("inject", "refused", "--kind", "server")
        occurrence = await walk.operate(f"{one}/scale", out)
        await ended(walk, occurrence, "FAILED_TEMP")
        await leave(walk, occurrence, way_out)
        await walk.send("POST", f"{occurrence}/retry", 409)
    await cancel(server, walk, f"{one}/scale", out)
    level = {"scaleInfo": [{"aspectId": "inspection", "scaleLevel": 0}]}
    await ended(walk, await walk.operate(f"{one}/scale_to_level", level), "COMPLETED")
    await change_in_every_way(walk, one, twin)
    await manage_components(walk, element_manager, one)
    snapshot = await keep_snapshots(walk, one)
    end = {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 10}
    await ended(walk, await walk.operate(f"{one}/terminate", end), "COMPLETED")
    await remove(walk, "/vnf_snapshots", snapshot)
    await walk.get("/vnf_lcm_op_occs?all_fields")
    await walk.get("/vnf_instances?all_fields")
    await remove(walk, "/vnf_instances", created["id"])


async def live_in_release_2(server, walk, twin, vnflcm):
    """Do the same with the interface of release 2.6.1: connectivity and VIMs are lists there, and less is known."""
    created = await walk.send("POST", "/vnf_instances", 201, {"vnfdId": twin["vnfdId"], "vnfInstanceName": "old"})
    one = f"/vnf_instances/{created['id']}"
    links = attached_as(twin)
    for link in links:
        for cp in link["extCps"]:
            cp["cpConfig"] = [{"cpProtocolData": config["cpProtocolData"]} for config in cp["cpConfig"].values()]
    vims = [{"id": link["vimConnectionId"], "vimType": "SIMULATED"} for link in links]
    instantiate = {"flavourId": "scalable", "extVirtualLinks": links, "vimConnectionInfo": vims[:1]}
    occurrence = await walk.operate(f"{one}/instantiate", instantiate)
    await ended(walk, occurrence, "COMPLETED")
    assert (await walk.get(occurrence))["operationParams"] == instantiate
    info = (await walk.get(one))["instantiatedVnfInfo"]
    assert info["extCpInfo"]
    assert "virtualLinkResourceInfo" in info
    out = {"type": "SCALE_OUT", "aspectId": "inspection", "numberOfSteps": 1}
    for way_out in ("retry", "rollback", "fail"):
        server.simulated_vim("inject", "refused", "--kind", "server")
        occurrence = await walk.operate(f"{one}/scale", out)
        await ended(walk, occurrence, "FAILED_TEMP")
        await leave(walk, occurrence, way_out)
    await cancel(server, walk, f"{one}/scale", out)
    level = {"scaleInfo": [{"aspectId": "inspection", "scaleLevel": 0}]}
    await ended(walk, await walk.operate(f"{one}/scale_to_level", level), "COMPLETED")
    patch = {"vnfInstanceName": "older", "vimConnectionInfo": vims[:1], "vimConnectionInfoDeleteIds": ["gone"]}
    await walk.send("PATCH", one, 202, patch)
    await walk.until(one, "vnfInstanceName", "older")
    for change in ({"changeStateTo": "STOPPED"}, {"changeStateTo": "STARTED"}):
        await ended(walk, await walk.operate(f"{one}/operate", change), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/heal", {"cause": "it hangs"}), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/change_flavour", {"newFlavourId": "scalable"}), "COMPLETED")
    first = (await walk.get(one))["instantiatedVnfInfo"]["extCpInfo"][0]
    config = {"cpInstanceId": first["id"], "cpProtocolData": [{"layerProtocol": "IP_OVER_ETHERNET"}]}
    moved = [{**links[-1], "extCps": [{"cpdId": first["cpdId"], "cpConfig": [config]}]}]
    await ended(walk, await walk.operate(f"{one}/change_ext_conn", {"extVirtualLinks": moved}), "COMPLETED")
    config["cpInstanceId"] = "nobody"
    problem = await walk.send("POST", f"{one}/change_ext_conn", 422, {"extVirtualLinks": moved})
    assert problem["attribute"] == "extVirtualLinks[0].extCps[0].cpConfig[0].cpInstanceId"
    await release_2_has_no_word_for_it(walk, vnflcm, one, twin)
    end = {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 10}
    await ended(walk, await walk.operate(f"{one}/terminate", end), "COMPLETED")
    await walk.get("/vnf_instances?all_fields")
    await remove(walk, "/vnf_instances", created["id"])


async def release_2_has_no_word_for_it(walk, vnflcm, one, twin):
    """A change of the package is asked for in release 3, and not seen in release 2; nor can it be asked for there."""
    changed = await vnflcm.operate(f"{one}/change_vnfpkg", {"vnfdId": twin["vnfdId"]})
    await ended(vnflcm, changed, "COMPLETED")
    await walk.send("GET", changed, 404)
    assert changed.rpartition("/")[2] not in str(await walk.get("/vnf_lcm_op_occs?all_fields"))
    problem = await walk.send("PATCH", one, 422, {"vnfdId": twin["vnfdId"]})
    assert "change_vnfpkg" in problem["detail"]


async def change_in_every_way(walk, one, twin):
    """Modify, stop, start, heal, and change connectivity, flavour and package: the latter two to what they are."""
    patch = {"vnfInstanceName": "renamed", "metadata": {"tier": "edge"}, "extensions": {"site": "b"}}
    await walk.send("PATCH", one, 202, patch)
    occurrences = await walk.get("/vnf_lcm_op_occs?filter=(eq,operation,MODIFY_INFO)&all_fields")
    await ended(walk, f"/vnf_lcm_op_occs/{occurrences[-1]['id']}", "COMPLETED")
    assert (await walk.get(one))["vnfInstanceName"] == "renamed"
    stop = {"changeStateTo": "STOPPED", "stopType": "GRACEFUL", "gracefulStopTimeout": 1}
    await ended(walk, await walk.operate(f"{one}/operate", stop), "COMPLETED")
    assert (await walk.get(one))["instantiatedVnfInfo"]["vnfState"] == "STOPPED"
    await ended(walk, await walk.operate(f"{one}/operate", {"changeStateTo": "STARTED"}), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/heal", {"cause": "it hangs"}), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/change_flavour", {"newFlavourId": "scalable"}), "COMPLETED")
    connectivity = {"extVirtualLinks": attached_as(twin)}
    await ended(walk, await walk.operate(f"{one}/change_ext_conn", connectivity), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/change_vnfpkg", {"vnfdId": twin["vnfdId"]}), "COMPLETED")
    await walk.get(one)
    await walk.get("/vnf_lcm_op_occs?all_fields")


async def manage_components(walk, element_manager, one):
    """What SOL002 has beyond SOL003: single VNFCs are stopped, started, healed, kept and put back."""
    first = (await element_manager.get(one))["instantiatedVnfInfo"]["vnfcResourceInfo"][0]["id"]
    place = await walk.send("POST", "/vnf_snapshots", 201, {})
    kept = {"vnfSnapshotInfoId": place["id"], "vnfcInstanceId": first}
    for task, body in (
        ("operate", {"changeStateTo": "STOPPED", "vnfcInstanceId": [first]}),
        ("operate", {"changeStateTo": "STARTED", "vnfcInstanceId": [first]}),
        ("heal", {"cause": "it hangs", "vnfcInstanceId": [first], "additionalParams": {"all": True}}),
        ("create_snapshot", kept),
        ("revert_to_snapshot", kept | {"vnfcSnapshotInfoId": first}),
        ("heal", {"vnfcInstanceId": [first], "additionalParams": {"all": True}}),
    ):
        occurrence = await element_manager.operate(f"{one}/{task}", body)
        await ended(walk, occurrence, "COMPLETED")
        changes = (await element_manager.get(occurrence))["resourceChanges"]
        assert {vnfc["id"] for vnfc in changes.get("affectedVnfcs", ())} == (
            {first} if task != "create_snapshot" else set()
        )
    await element_manager.send("POST", f"{one}/heal", 422, {"vnfcInstanceId": ["nobody"]})
    await remove(walk, "/vnf_snapshots", place["id"])


async def keep_snapshots(walk, one):
    """Take a snapshot, revert to it, have another place filled from a package, and return the one that is in use."""
    taken, extracted = [await walk.send("POST", "/vnf_snapshots", 201, {}) for _ in range(2)]
    chosen = {"vnfSnapshotInfoId": taken["id"]}
    await walk.send("POST", f"{one}/revert_to_snapshot", 409, chosen)
    user_defined = {"userDefinedData": {"why": "upgrade"}}
    await ended(walk, await walk.operate(f"{one}/create_snapshot", chosen | user_defined), "COMPLETED")
    await walk.send("POST", f"{one}/create_snapshot", 409, chosen)
    assert len(await walk.get("/vnf_snapshots")) == len(await walk.get("/vnf_snapshots?all_fields")) == 2
    snapshot = (await walk.get(f"/vnf_snapshots/{taken['id']}"))["vnfSnapshot"]
    assert snapshot["vnfcSnapshots"]
    filled = {"vnfSnapshotPkgId": "package", "vnfSnapshot": snapshot}
    await walk.send("PATCH", f"/vnf_snapshots/{extracted['id']}", 200, filled)
    await ended(walk, await walk.operate(f"{one}/revert_to_snapshot", chosen), "COMPLETED")
    await remove(walk, "/vnf_snapshots", extracted["id"])
    await walk.send("DELETE", f"/vnf_snapshots/{taken['id']}", 409)
    return taken["id"]


async def ended(walk, occurrence, state):
    """Wait for an operation to end, in this state."""
    found = await walk.until(occurrence, "operationState", *ENDED)
    assert found["operationState"] == state, found.get("error")
    assert ("error" in found) == (state != "COMPLETED"), found


async def cancel(server, walk, task, body):
    """Cancel an operation that waits for a server that never comes up, and roll it back."""
    server.simulated_vim("latency", "--boot", "server=3600")
    occurrence = await walk.operate(task, body)
    await walk.until(occurrence, "operationState", "PROCESSING")
    await walk.send("POST", f"{occurrence}/cancel", 202, {"cancelMode": "FORCEFUL"})
    await ended(walk, occurrence, "FAILED_TEMP")
    await walk.send("POST", f"{occurrence}/cancel", 409, {"cancelMode": "GRACEFUL"})
    server.simulated_vim("latency", "--boot", "server=0")
    await leave(walk, occurrence, "rollback")


async def leave(walk, occurrence, way_out):
    """Leave FAILED_TEMP in one of the ways that it offers."""
    await walk.send("POST", f"{occurrence}/{way_out}", 200 if way_out == "fail" else 202)
    await ended(walk, occurrence, LEFT[way_out])


async def remove(walk, collection, identifier):
    """Delete a resource, which needs to be disabled first in a catalogue."""
    one = f"{collection}/{identifier}"
    if collection == "/vnf_packages":
        await walk.send("PATCH", one, 200, {"operationalState": "DISABLED"})
    elif collection == "/ns_descriptors":
        await walk.send("PATCH", one, 200, {"nsdOperationalState": "DISABLED"})
    await walk.send("DELETE", one, 204)
    await walk.send("GET", one, 404)
