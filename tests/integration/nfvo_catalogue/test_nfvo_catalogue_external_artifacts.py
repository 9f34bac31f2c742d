"""External artifacts: named by a package, fetched from where somebody said, and given out like the others."""

import base64
import hashlib
import io
import zipfile

import pytest
from catalogue_client import PACKAGES
from content_server import content_server
from example_packages import files_of, package, packed

URI = "https://vendor.example/tools/plan.bin"
CONTENT = b"an external artifact" * 1000
SECRET = "s3cret"


def naming(sha256):
    """Return the probe with an external artifact of this digest in its manifest."""
    files = files_of("probe")
    files["probe.mf"] += f"\nSource: {URI}\nAlgorithm: SHA-256\nHash: {sha256}\n".encode()
    return packed(files)


@pytest.fixture
async def contents():
    async with content_server() as contents:
        contents.content = CONTENT
        yield contents


def access(contents, **more):
    return {"artifact": [{"artifactUri": URI, "overrideUri": contents.url("/package.csar"), **more}]}


async def put(client, resource, body):
    async with client.http.put(f"{resource}/ext_artifacts_access", json=body) as answer:
        return answer.status, (await answer.json() if answer.status == 200 else await answer.read())


async def test_an_external_artifact_is_fetched_and_given_out(client, contents, etsi):
    """With access to it, it has a path of its own, comes with all the others on demand, and is what VNFMs are given."""
    judge = etsi("SOL005/VNFPackageManagement")
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    resource = await client.create()
    assert (await put(client, resource, access(contents)))[0] == 200
    assert await client.upload(resource, naming(sha256)) == 202
    entry = await client.processed(resource)
    assert entry["onboardingState"] == "ONBOARDED", entry
    async with client.http.get(resource) as answer:
        await judge.check(answer)
    (external,) = [artifact for artifact in entry["additionalArtifacts"] if artifact.get("artifactURI") == URI]
    assert external["artifactPath"] == "External/plan.bin"
    assert external["checksum"] == {"algorithm": "SHA-256", "hash": sha256}
    async with client.http.get(f"{resource}/artifacts/External/plan.bin") as answer:
        assert await answer.read() == CONTENT
    names = {}
    for query in ("", "?include_external_artifacts"):
        async with client.http.get(f"{resource}/artifacts{query}") as answer:
            with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
                names[query] = set(archive.namelist())
    assert names["?include_external_artifacts"] - names[""] == {"External/plan.bin"}
    file = await client.catalogue.artifact_file(entry["vnfdId"], URI)
    assert file.read_bytes() == CONTENT
    assert (await put(client, resource, access(contents)))[0] == 409


async def test_without_access_an_external_artifact_stays_where_it_is(client):
    """It is named with its checksum and without a path, and there is none to include."""
    entry = await client.onboard(naming("0" * 64))
    assert entry["onboardingState"] == "ONBOARDED"
    (external,) = [artifact for artifact in entry["additionalArtifacts"] if "artifactURI" in artifact]
    assert "artifactPath" not in external
    assert (await client.status("GET", f"{PACKAGES}/{entry['id']}/artifacts/External/plan.bin"))[0] == 404
    old = await client.get(f"/vnfpkgm/v1/vnf_packages/{entry['id']}")
    assert all("artifactPath" in artifact for artifact in old["additionalArtifacts"])


async def test_access_is_shown_without_secrets(client, contents, etsi):
    """Who we are is, how we prove it is not, and an empty list where nobody said anything."""
    judge = etsi("SOL005/VNFPackageManagement")
    resource = await client.create()
    assert await client.get(f"{resource}/ext_artifacts_access") == {"artifact": []}
    oauth2 = {"clientId": "mano", "clientPassword": SECRET, "tokenEndpoint": contents.url("/token")}
    body = access(contents, authType="OAUTH2_CLIENT_CREDENTIALS", paramsOauth2ClientCredentials=oauth2)
    judge.check_request("PUT", "/vnf_packages/1/ext_artifacts_access", body)
    async with client.http.put(f"{resource}/ext_artifacts_access", json=body) as answer:
        written = await judge.check(answer)
    async with client.http.get(f"{resource}/ext_artifacts_access") as answer:
        assert await judge.check(answer) == written
    (shown,) = written["artifact"]
    assert shown["paramsOauth2ClientCredentials"] == {"clientId": "mano"}
    assert SECRET not in str(written)


async def test_a_content_waits_for_access_that_works(client, contents):
    """What cannot be had leaves the package in ERROR with its content: better access is all that it needs."""
    contents.wanted = f"Basic {base64.b64encode(b'mano:s3cret').decode()}"
    resource = await client.create()
    await put(client, resource, access(contents))
    await client.upload(resource, naming(hashlib.sha256(CONTENT).hexdigest()))
    failed = await client.processed(resource)
    assert failed["onboardingState"] == "ERROR"
    assert URI in failed["onboardingFailureDetails"]["detail"]
    assert "answers 401" in failed["onboardingFailureDetails"]["detail"]
    better = access(contents, authType="BASIC", paramsBasic={"userName": "mano", "password": SECRET})
    assert await put(client, resource, better) == (202, b"")
    assert (await client.processed(resource))["onboardingState"] == "ONBOARDED"
    assert not await client.debris()


async def test_another_content_takes_the_place_of_one_that_waits(client, contents):
    """The one that waited goes, and access that was given stays for the next."""
    contents.statuses = [404]
    resource = await client.create()
    await put(client, resource, access(contents))
    await client.upload(resource, naming(hashlib.sha256(CONTENT).hexdigest()))
    assert (await client.processed(resource))["onboardingState"] == "ERROR"
    assert await client.upload(resource, package("probe")) == 202
    assert (await client.processed(resource))["onboardingState"] == "ONBOARDED"
    assert not await client.debris()
    assert len((await client.get(f"{resource}/ext_artifacts_access"))["artifact"]) == 1


async def test_what_is_fetched_must_be_what_the_package_says(client, contents):
    """Anything else would be taken for what the vendor vouches for."""
    resource = await client.create()
    await put(client, resource, access(contents))
    await client.upload(resource, naming("0" * 64))
    failed = await client.processed(resource)
    assert "its SHA-256 differs" in failed["onboardingFailureDetails"]["detail"]
    assert not await client.debris()


async def test_a_server_that_ends_meanwhile_goes_on_at_the_next_start(reopened, contents):
    """A package whose external artifacts were being fetched is processed again."""
    contents.held.clear()
    async with reopened() as client:
        resource = await client.create()
        await put(client, resource, access(contents))
        await client.upload(resource, naming(hashlib.sha256(CONTENT).hexdigest()))
        await contents.asked.wait()
    contents.held.set()
    async with reopened() as client:
        assert (await client.processed(resource))["onboardingState"] == "ONBOARDED"
        assert not await client.debris()


async def test_access_that_cannot_work_is_refused(client):
    """The attribute is named, and nothing is noted."""
    resource = await client.create()
    for artifact, attribute in (
        ([{"artifactUri": "file:///etc/passwd"}], "artifact[0].artifactUri"),
        ([{"artifactUri": URI, "overrideUri": "file:///etc/passwd"}], "artifact[0].overrideUri"),
        ([{"artifactUri": URI}, {"artifactUri": URI}], "artifact[1].artifactUri"),
        ([{"artifactUri": URI, "authType": "BASIC"}], "artifact[0].paramsBasic"),
        ([{}], "$.artifact[0].artifactUri"),
    ):
        status, problem = await client.status("PUT", f"{resource}/ext_artifacts_access", json={"artifact": artifact})
        assert (status, problem["attribute"]) == (400, attribute)
    assert await client.get(f"{resource}/ext_artifacts_access") == {"artifact": []}
