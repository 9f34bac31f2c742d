"""PNF descriptors from their upload to their deletion, and what descriptors need of each other."""

import io
import zipfile

import pytest
from catalogue_client import DESCRIPTORS, PACKAGES, PNFDS
from descriptor_examples import NSD_ID, OUTER_ID, PNFD, PNFD_ID, outer_service, pnfd_archive, service_with_pnf
from example_packages import SERVICE, VNFS, package

NSDM = "SOL005/NSDManagement"


@pytest.fixture
async def vnfs(client):
    """Onboard the VNFs of the example service."""
    return {(await client.onboard(package(name)))["id"] for name in VNFS}


async def test_a_pnfd_is_onboarded_from_one_file_or_from_an_archive(client, etsi):
    """Either content makes it ONBOARDED with what the PNFD says, and comes back byte by byte, as what it is."""
    judge = etsi(NSDM)
    for content, media_type in ((PNFD.encode(), "text/plain"), (pnfd_archive(), "application/zip")):
        async with client.http.post(PNFDS, json={"userDefinedData": {"rack": 7}}) as answer:
            await judge.check(answer)
            base = answer.headers["Location"].removeprefix(str(client.http.make_url("")).rstrip("/"))
        headers = {"Content-Type": media_type}
        async with client.http.put(f"{base}/pnfd_content", data=content, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
        entry = await client.processed(base)
        assert entry["pnfdOnboardingState"] == "ONBOARDED", entry
        assert (entry["pnfdId"], entry["pnfdName"], entry["pnfdVersion"], entry["pnfdProvider"]) == (
            PNFD_ID,
            "SD-WAN uplink",
            "1.0.0",
            "Example Networks",
        )
        assert entry["pnfdUsageState"] == "NOT_IN_USE"
        for path in (base, f"{PNFDS}?all_fields"):
            async with client.http.get(path) as answer:
                await judge.check(answer)
        async with client.http.get(f"{base}/pnfd_content") as answer:
            assert (answer.content_type, await answer.read()) == (media_type, content)
        async with client.http.get(f"{base}/pnfd") as answer:
            assert (answer.content_type, await answer.text()) == ("text/plain", PNFD)
        async with client.http.patch(base, json={"userDefinedData": {"rack": None, "row": 1}}) as answer:
            await judge.check(answer)
        assert (await client.get(base))["userDefinedData"] == {"row": 1}
        assert "userDefinedData" not in (await client.get(f"{PNFDS}?filter=(eq,pnfdId,{PNFD_ID})"))[0]
        if media_type == "application/zip":
            assert [file["artifactPath"] for file in entry["artifacts"]] == ["Files/front.txt"]
            async with client.http.get(f"{base}/manifest") as answer:
                assert (await answer.text()).startswith("metadata:")
            async with client.http.get(f"{base}/artifacts/Files/front.txt", headers={"Range": "bytes=1-4"}) as answer:
                assert (answer.status, await answer.read()) == (206, b"o  o")
        else:
            assert (await client.status("GET", f"{base}/manifest"))[0] == 404
        async with client.http.delete(base) as answer:
            assert answer.status == 204
    assert [path.name for path in client.directory.iterdir()] == ["incoming"]


async def test_what_is_no_pnfd_is_refused_with_its_place(client):
    """A VNF package, a broken file and a PNFD that is there already each end in ERROR; another content may follow."""
    first = await client.onboard(pnfd_archive(), PNFDS)
    for content, code in (
        (package("probe"), "sol001-other-kind"),
        (PNFD.replace("nfv.PnfExtCp", "nfv.Nothing").encode(), "tosca-unknown-type"),
        (PNFD.encode(), "pnfd-already-onboarded"),
    ):
        entry = await client.onboard(content, PNFDS)
        assert entry["pnfdOnboardingState"] == "ERROR"
        assert "pnfdId" not in entry
        problem = entry["onboardingFailureDetails"]
        assert code in [finding["code"] for finding in problem["diagnostics"]], problem
    assert first["id"] in problem["detail"]
    found = await client.get(f"/mano/v1/pnf_descriptors/{entry['id']}/diagnostics")
    assert [finding["code"] for finding in found] == ["pnfd-already-onboarded"]
    again = PNFD.replace(PNFD_ID, "another-device").encode()
    assert await client.upload(f"{PNFDS}/{entry['id']}", again) == 202
    assert (await client.processed(f"{PNFDS}/{entry['id']}"))["pnfdId"] == "another-device"


async def test_states_of_a_pnfd_are_kept(client):
    """Without a content nothing can be read of it; with one, no other is taken; there is nothing to enable."""
    resource = await client.create(PNFDS)
    for what in ("pnfd_content", "pnfd", "manifest", "artifacts/a"):
        status, problem = await client.status("GET", f"{resource}/{what}")
        assert (status, problem["onboardingState"]) == (409, "CREATED")
        assert "operationalState" not in problem
    await client.upload(resource, pnfd_archive())
    await client.processed(resource)
    headers = {"Content-Type": "application/zip"}
    status, problem = await client.status("PUT", f"{resource}/pnfd_content", data=b"PK", headers=headers)
    assert (status, problem["type"]) == (409, "urn:mano:problem:pnf-descriptor-state")
    assert (await client.status("PATCH", resource, json={}))[0] == 400
    stale = {"If-Match": '"1"'}
    assert (await client.status("PATCH", resource, json={"userDefinedData": {}}, headers=stale))[0] == 412
    assert (await client.status("DELETE", resource, headers=stale))[0] == 412
    async with client.http.get(resource) as answer:
        current = {"If-Match": answer.headers["ETag"]}
    assert (await client.status("DELETE", resource, headers=current))[0] == 204


async def test_a_pnfd_stays_as_long_as_an_nsd_names_it(client, vnfs):
    """The NSD tells it in pnfdInfoIds; the PNFD cannot be deleted before the NSD, and is in use with its instances."""
    pnfd = await client.onboard(pnfd_archive(), PNFDS)
    service = await client.onboard(service_with_pnf(), DESCRIPTORS)
    assert service["nsdOnboardingState"] == "ONBOARDED", service["onboardingFailureDetails"]
    assert (set(service["vnfPkgIds"]), service["pnfdInfoIds"]) == (vnfs, [pnfd["id"]])
    resource = f"{PNFDS}/{pnfd['id']}"
    status, problem = await client.status("DELETE", resource)
    assert status == 409
    assert service["id"] in problem["detail"]
    client.used.descriptors.add(NSD_ID)
    assert (await client.get(resource))["pnfdUsageState"] == "IN_USE"
    status, problem = await client.status("DELETE", resource)
    assert (status, "IN_USE" in problem["detail"]) == (409, True)
    client.used.descriptors.clear()
    await client.http.patch(f"{DESCRIPTORS}/{service['id']}", json={"nsdOperationalState": "DISABLED"})
    assert (await client.status("DELETE", f"{DESCRIPTORS}/{service['id']}"))[0] == 204
    assert (await client.status("DELETE", resource))[0] == 204


async def test_an_nsd_says_which_pnfd_and_which_nested_nsd_it_misses(client, vnfs):
    """What is not onboarded is named with the template that needs it; once it is, the NSD is onboarded and tells it."""
    assert vnfs
    service = await client.onboard(service_with_pnf(), DESCRIPTORS)
    (finding,) = service["onboardingFailureDetails"]["diagnostics"]
    assert (finding["code"], PNFD_ID in finding["message"]) == ("pnfd-not-onboarded", True)
    assert finding["path"] == "topology_template/node_templates/uplink"

    outer = await client.onboard(outer_service(), DESCRIPTORS)
    (finding,) = (
        found for found in outer["onboardingFailureDetails"]["diagnostics"] if found["severity"] == "error"
    )  # fmt: skip
    assert (finding["code"], NSD_ID in finding["message"]) == ("nsd-not-onboarded", True)
    inner = await client.onboard(package(SERVICE), DESCRIPTORS)
    resource = f"{DESCRIPTORS}/{outer['id']}"
    await client.upload(resource, outer_service())
    outer = await client.processed(resource)
    assert (outer["nsdId"], outer["nestedNsdInfoIds"]) == (OUTER_ID, [inner["id"]])


async def test_one_file_may_stand_for_an_nsd(client):
    """Its text is taken, and read back as the content and as the NSD."""
    await client.onboard(package("probe"))
    text = zipfile.ZipFile(io.BytesIO(outer_service())).read("outer.yaml").replace(NSD_ID.encode(), b"none")
    resource = await client.create(DESCRIPTORS)
    headers = {"Content-Type": "text/plain"}
    async with client.http.put(f"{resource}/nsd_content", data=text, headers=headers) as answer:
        assert answer.status == 202
    entry = await client.processed(resource)
    assert [it["code"] for it in entry["onboardingFailureDetails"]["diagnostics"]] == ["nsd-not-onboarded"]
    assert (await client.status("PUT", f"{await client.create(PACKAGES)}/package_content", data=b"a", headers=headers))[
        0
    ] == 415
