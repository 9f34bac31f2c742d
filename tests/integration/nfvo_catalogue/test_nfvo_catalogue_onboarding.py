"""From an upload to an onboarded package, over HTTP."""

import asyncio
import hashlib
import io
import shutil
import zipfile

import msgspec
import pytest
from catalogue_client import DESCRIPTORS, PACKAGES
from example_packages import SERVICE, VNFS, changed, files_of, package

from nfvo.catalogue.entries import OnboardingState
from nfvo.catalogue.tables import VNF_PACKAGES
from vnfm.sol003.ports import NotOnboardedError

PROBE = "7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3"
VNFPKGM = "SOL005/VNFPackageManagement"
NSDM = "SOL005/NSDManagement"


async def test_a_vnf_package_is_onboarded(client):
    """A new entry is CREATED and DISABLED; its content makes it ONBOARDED and ENABLED, with what the VNFD says."""
    resource = await client.create()
    before = await client.get(resource)
    assert (before["onboardingState"], before["operationalState"], before["usageState"]) == (
        "CREATED",
        "DISABLED",
        "NOT_IN_USE",
    )
    assert "vnfdId" not in before

    content = package("probe")
    assert await client.upload(resource, content) == 202
    after = await client.processed(resource)
    assert (after["onboardingState"], after["operationalState"]) == ("ONBOARDED", "ENABLED")
    assert after["vnfdId"] == PROBE
    assert after["checksum"] == {"algorithm": "SHA-256", "hash": hashlib.sha256(content).hexdigest()}
    (image,) = after["softwareImages"]
    assert image["imagePath"] == "Files/images/probe-1.0.0.img"
    assert image["size"] == len(files_of("probe")[image["imagePath"]])
    artifacts = {artifact["artifactPath"] for artifact in after["additionalArtifacts"]}
    assert artifacts == {"Files/ChangeLog.txt", "Files/Licenses/LICENSE.txt"}
    assert after["compatibleSpecificationVersions"] == "3.6.1"


async def test_every_answer_conforms_to_the_openapi_documents(client, etsi):
    """Creating, reading, listing and changing packages and descriptors answers as ETSI's documents have it."""
    for collection, name, states, content in (
        (PACKAGES, VNFPKGM, {"operationalState": "DISABLED"}, package("probe")),
        (DESCRIPTORS, NSDM, {"nsdOperationalState": "DISABLED"}, b"no archive"),
    ):
        judge = etsi(name)
        async with client.http.post(collection, json={"userDefinedData": {"a": "b"}}) as answer:
            await judge.check(answer)
            resource = f"{collection}/{(await answer.json())['id']}"
        await client.upload(resource, content)
        await client.processed(resource)
        for path in (resource, collection, f"{collection}?all_fields"):
            async with client.http.get(path) as answer:
                await judge.check(answer)
        async with client.http.patch(resource, json=states) as answer:
            await judge.check(answer)


async def test_a_service_is_onboarded_after_its_vnfs(client):
    """The NSD names the packages that its VNFDs came in."""
    ids = {(await client.onboard(package(name)))["id"] for name in VNFS}
    service = await client.onboard(package(SERVICE), DESCRIPTORS)
    assert service["nsdOnboardingState"] == "ONBOARDED", service["onboardingFailureDetails"]
    assert service["nsdOperationalState"] == "ENABLED"
    assert set(service["vnfPkgIds"]) == ids


async def test_a_service_without_its_vnfs_says_which_are_missing(client):
    """Each VNFD that is not onboarded is named, with the NSD's file."""
    service = await client.onboard(package(SERVICE), DESCRIPTORS)
    assert service["nsdOnboardingState"] == "ERROR"
    found = service["onboardingFailureDetails"]["diagnostics"]
    missing = [finding for finding in found if finding["code"] == "vnfd-not-onboarded"]
    assert len(missing) == len(VNFS)
    assert any(PROBE in finding["message"] for finding in missing)
    assert {finding["file"] for finding in missing} == {"Definitions/sd_wan_edge.yaml"}
    assert not await client.debris()


async def test_a_vnfd_is_onboarded_once(client):
    """A second package with the same VNFD ends in ERROR and says which package has it; the first stays whole."""
    first = await client.onboard(package("probe"))
    second = await client.onboard(changed("probe", "Files/ChangeLog.txt", "1.0.0", "1.0.0 again"))
    assert second["onboardingState"] == "ERROR"
    assert "vnfdId" not in second
    assert first["id"] in second["onboardingFailureDetails"]["detail"]
    third = await client.onboard(package("probe"))  # the very same content as the first
    assert third["onboardingState"] == "ERROR"
    assert (await client.get(f"{PACKAGES}/{first['id']}"))["onboardingState"] == "ONBOARDED"
    async with client.http.get(f"{PACKAGES}/{first['id']}/package_content") as answer:
        assert await answer.read() == package("probe")
    assert not await client.debris()


async def test_a_failed_content_can_be_replaced(client):
    """From ERROR another content may be uploaded, and the failure is forgotten."""
    resource = await client.create()
    await client.upload(resource, b"this is no archive")
    assert (await client.processed(resource))["onboardingState"] == "ERROR"
    assert await client.upload(resource, package("probe")) == 202
    after = await client.processed(resource)
    assert after["onboardingState"] == "ONBOARDED"
    assert "onboardingFailureDetails" not in after


async def test_what_was_found_can_be_read(client):
    """Findings of every severity are listed, also of a package that was onboarded in spite of them."""
    entry = await client.onboard(package("edge-router"))
    assert entry["onboardingState"] == "ONBOARDED", entry
    found = await client.get(f"/mano/v1/vnf_packages/{entry['id']}/diagnostics")
    assert "error" not in {finding["severity"] for finding in found}
    failed = await client.onboard(b"no archive")
    found = await client.get(f"/mano/v1/vnf_packages/{failed['id']}/diagnostics")
    assert {finding["severity"] for finding in found} == {"error"}


async def test_contents_and_files_are_read_back(client):
    """The content whole and in part, the descriptor, the manifest and any file come back byte by byte."""
    files, content = files_of("probe"), package("probe")
    base = f"{PACKAGES}/{(await client.onboard(content))['id']}"
    async with client.http.get(f"{base}/package_content") as answer:
        assert answer.content_type == "application/zip"
        assert await answer.read() == content
    async with client.http.get(f"{base}/package_content", headers={"Range": "bytes=2-9"}) as answer:
        assert (answer.status, await answer.read()) == (206, content[2:10])
    async with client.http.get(f"{base}/package_content", headers={"Range": "bytes=99999999-"}) as answer:
        assert answer.status == 416
    async with client.http.get(f"{base}/manifest") as answer:
        assert answer.content_type == "text/plain"
        assert await answer.read() == files["probe.mf"]
    for path in ("Files/images/probe-1.0.0.img", "Files/ChangeLog.txt"):
        async with client.http.get(f"{base}/artifacts/{path}") as answer:
            assert await answer.read() == files[path]
    async with client.http.get(f"{base}/vnfd") as answer:
        assert answer.content_type == "application/zip"
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert archive.read("Definitions/probe.yaml") == files["Definitions/probe.yaml"]
    assert "TOSCA-Metadata/TOSCA.meta" in archive.namelist()
    assert (await client.status("GET", f"{base}/vnfd", headers={"Accept": "text/plain"}))[0] == 406
    status, problem = await client.status("GET", f"{base}/artifacts/Files/../../mano.sqlite")
    assert status == 404, problem


async def test_user_defined_data_is_merged(client):
    """A patch replaces and adds keys, and null removes one (RFC 7396); other keys stay."""
    resource = await client.create()
    await client.http.patch(resource, json={"userDefinedData": {"site": "a", "rack": {"row": 1, "slot": 2}}})
    async with client.http.patch(resource, json={"userDefinedData": {"site": "b", "rack": {"slot": None}}}) as answer:
        assert answer.status == 200
        etag = answer.headers["ETag"]
    async with client.http.get(resource) as answer:
        assert answer.headers["ETag"] == etag
        assert (await answer.json())["userDefinedData"] == {"site": "b", "rack": {"row": 1}}
    stale = {"If-Match": '"1"'}
    assert (await client.status("PATCH", resource, json={"userDefinedData": {}}, headers=stale))[0] == 412


async def test_the_list_is_short_unless_more_is_asked_for(client):
    """A plain list leaves large attributes out; filters find packages by what their VNFD says."""
    await client.onboard(package("probe"))
    await client.create()
    plain = await client.get(PACKAGES)
    assert len(plain) == 2
    assert not {"softwareImages", "checksum"} & plain[0].keys()
    assert "softwareImages" in (await client.get(f"{PACKAGES}?all_fields"))[0]
    found = await client.get(f"{PACKAGES}?filter=(eq,vnfdId,{PROBE})")
    assert [entry["vnfdId"] for entry in found] == [PROBE]


async def test_an_unused_disabled_package_is_deleted_with_all_its_files(client):
    """ENABLED and IN_USE protect a package; otherwise entry, content and everything made from it go."""
    resource = f"{PACKAGES}/{(await client.onboard(package('probe')))['id']}"
    await client.http.get(f"{resource}/vnfd")
    status, problem = await client.status("DELETE", resource)
    assert (status, problem["operationalState"]) == (409, "ENABLED")
    await client.http.patch(resource, json={"operationalState": "DISABLED"})
    client.used.descriptors.add(PROBE)
    assert (await client.get(resource))["usageState"] == "IN_USE"
    status, problem = await client.status("DELETE", resource)
    assert status == 409
    assert "IN_USE" in problem["detail"]
    client.used.descriptors.clear()
    async with client.http.delete(resource) as answer:
        assert answer.status == 204
    assert (await client.status("GET", resource))[0] == 404
    assert [path.name for path in client.directory.iterdir()] == ["incoming"]


async def test_the_vnfm_sees_packages_by_their_vnfd(client):
    """The VNFM's port finds the descriptor, the package and files of it, also while the package is disabled."""
    entry = await client.onboard(package("probe"))
    await client.http.patch(f"{PACKAGES}/{entry['id']}", json={"operationalState": "DISABLED"})
    assert (await client.catalogue.vnfd(PROBE)).id == PROBE
    assert await client.catalogue.package_id(PROBE) == entry["id"]
    assert not await client.catalogue.enabled("vnfd", PROBE)
    path = "Files/images/probe-1.0.0.img"
    file = await client.catalogue.artifact_file(PROBE, path)
    assert file.read_bytes() == files_of("probe")[path]
    assert await client.catalogue.artifact_file(PROBE, path) == file
    assert await client.catalogue.artifact_file(PROBE, "Files/images/none.img") is None
    with pytest.raises(NotOnboardedError, match="unheard of"):
        await client.catalogue.vnfd("unheard of")


async def test_models_are_read_without_their_documents(client, reopened):
    """After a restart the descriptor comes from the stored model; one of another format is made anew."""
    entry = await client.onboard(package("probe"))
    model = client.directory / entry["checksum"]["hash"] / "model"
    async with reopened() as again:
        assert (await again.catalogue.vnfd(PROBE)).id == PROBE
    model.write_bytes(b"of another release")
    async with reopened() as again:
        assert (await again.catalogue.vnfd(PROBE)).id == PROBE
    assert model.read_bytes() != b"of another release"


async def test_a_crash_leaves_nothing_half_done(client, reopened):
    """A broken-off upload counts as never begun, a stored content is processed, and what nobody needs is removed."""
    uploading, processing = await client.create(), await client.create()
    await client.upload(processing, package("probe"))
    onboarded = await client.processed(processing)
    await _force(client, uploading, onboarding_state=OnboardingState.UPLOADING)
    await _force(client, processing, onboarding_state=OnboardingState.PROCESSING, descriptor_id="", onboarded_at="")
    client.directory.joinpath("incoming", "upload.part").write_bytes(b"half")
    client.directory.joinpath("0" * 64).mkdir()
    partial = client.directory / onboarded["checksum"]["hash"] / "file.partial"
    partial.write_bytes(b"half")

    async with reopened() as again:
        assert (await again.get(uploading))["onboardingState"] == "CREATED"
        assert (await again.processed(processing))["vnfdId"] == PROBE
        assert not await again.debris()
        assert not partial.exists()
        assert await again.upload(uploading, package("edge-router")) == 202


async def test_a_lost_content_is_told_and_can_be_given_again(client, reopened):
    """Who loses the directory of packages still sees the entries, in ERROR, and uploads the contents anew."""
    entry = await client.onboard(package("probe"))
    shutil.rmtree(client.directory)
    async with reopened() as again:
        resource = f"{PACKAGES}/{entry['id']}"
        problem = (await again.get(resource))["onboardingFailureDetails"]
        assert [finding["code"] for finding in problem["diagnostics"]] == ["content-lost"]
        assert await again.upload(resource, package("probe")) == 202
        assert (await again.processed(resource))["vnfdId"] == PROBE


async def test_an_upload_that_breaks_off_leaves_nothing(client):
    """When the client goes away in the middle, the entry awaits a content again and no file stays."""
    resource = await client.create()
    url = client.http.make_url(f"{resource}/package_content")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"PUT {url.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/zip\r\nContent-Length: 9000\r\n\r\n"
    writer.write(head.encode() + b"PK")
    await writer.drain()
    await client.until(resource, "UPLOADING")
    writer.close()
    await client.until(resource, "CREATED")
    assert not await client.debris()
    del reader


async def _force(client, resource, **values):
    """Put an entry into a state as a killed process leaves it."""
    entry_id = resource.rpartition("/")[2]
    async with client.catalogue._database.transaction() as connection:
        entry = (await VNF_PACKAGES.get(connection, entry_id)).document
        await VNF_PACKAGES.replace(connection, entry_id, msgspec.structs.replace(entry, **values))
