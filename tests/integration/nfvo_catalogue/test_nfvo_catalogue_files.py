"""What can be read of an onboarded package, one by one and together, with and without what proves it."""

import io
import shutil
import zipfile

import pytest
import signing
from catalogue_client import PACKAGES
from example_packages import EXAMPLES, files_of, package, packed, sealed

from descriptors.authoring.packing import pack
from descriptors.authoring.signing import sign_file, sign_package

DOCUMENTS = {"TOSCA-Metadata/TOSCA.meta", "Definitions/probe.yaml", "Definitions/probe_types.yaml"}
MANO = {"Files/ChangeLog.txt", "Files/Licenses/LICENSE.txt"}
DESIGN, TESTS = {"Design/service.json"}, {"Tests/plan.txt", "Tests/results.txt"}
SETS = """
non_mano_artifact_sets:
  design:
    Source: Design/service.json
  tests:
    Source: Tests/plan.txt
    Source: Tests/results.txt
"""
CHOICES = {
    "": MANO | DESIGN | TESTS,
    "?exclude_all_mano_artifacts": DESIGN | TESTS,
    "?exclude_all_non_mano_artifacts": MANO,
    "?select_non_mano_artifact_sets=tests": MANO | TESTS,
    "?select_non_mano_artifact_sets=tests,design&exclude_all_mano_artifacts": DESIGN | TESTS,
    "?select_non_mano_artifact_sets=nobodys&exclude_all_mano_artifacts": set(),
    "?exclude_all_mano_artifacts&exclude_all_non_mano_artifacts": set(),
    "?include_external_artifacts": MANO | DESIGN | TESTS,
    "?exclude_all_mano_artifacts&select_non_mano_artifact_sets=tests&include_signatures": (
        TESTS | {"Tests/plan.txt.cms", "Tests/plan.cert"}
    ),
}


def signed_package(directory):
    """Make a package with two sets of non-MANO artifacts, in which the manifest and two of the files are signed."""
    root = directory / "probe"
    shutil.copytree(EXAMPLES / "probe", root)
    signer = signing.signer(embedded=False)
    for path in (*DESIGN, *TESTS):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(path)
    (root / "probe.mf").write_text((root / "probe.mf").read_text() + SETS)
    for path in ("Files/ChangeLog.txt", "Tests/plan.txt"):
        sign_file(root / path, signer)
    pack(root, root.with_suffix(".csar"))
    sign_package(root.with_suffix(".csar"), root.with_suffix(".signed"), signer, detached=True)
    return root.with_suffix(".signed").read_bytes()


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return signed_package(tmp_path_factory.mktemp("signed"))


@pytest.fixture
async def signed(client, content):
    """Return the URL of the signed package."""
    entry = await client.onboard(content)
    assert entry["onboardingState"] == "ONBOARDED", entry
    return f"{PACKAGES}/{entry['id']}"


async def members(client, url, **headers):
    """Return the names of what a zip archive holds."""
    async with client.http.get(url, headers={"Accept": "*/*", **headers}) as answer:
        assert (answer.status, answer.content_type) == (200, "application/zip"), await answer.text()
        with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
            assert archive.testzip() is None
            return set(archive.namelist())


async def kind(client, url, accept=None):
    """Return the status of an answer and its media type."""
    async with client.http.get(url, headers={"Accept": accept} if accept else {}) as answer:
        return answer.status, answer.content_type


async def test_artifacts_come_together(client, signed):
    """The archive holds what is asked for, where it is in the package, and never a software image."""
    assert {query: await members(client, f"{signed}/artifacts{query}") for query in CHOICES} == CHOICES


async def test_the_archive_of_artifacts_conforms_and_is_had_in_ranges(client, signed, etsi):
    """Both reference points have it; two requests for the same artifacts get the same bytes."""
    onboarded = signed.replace("vnf_packages", "onboarded_vnf_packages").rpartition("/")[0]
    vnfd_id = (await client.get(signed))["vnfdId"]
    for judge, url in (("SOL005", signed), ("SOL003", f"{onboarded}/{vnfd_id}")):
        document = etsi(f"{judge}/VNFPackageManagement")
        async with client.http.get(f"{url}/artifacts") as answer:
            await document.check(answer)
            whole = await answer.read()
        async with client.http.get(f"{url}/artifacts", headers={"Range": "bytes=10-19"}) as answer:
            await document.check(answer)
            assert (answer.status, await answer.read()) == (206, whole[10:20])
        async with client.http.get(f"{url}/artifacts", headers={"Range": "bytes=99999999-"}) as answer:
            assert answer.status == 416


async def test_contradictions_are_refused(client, signed):
    """Sets of what is excluded cannot be selected; text is no archive; a package without content has none."""
    query = "exclude_all_non_mano_artifacts&select_non_mano_artifact_sets=tests"
    status, problem = await client.status("GET", f"{signed}/artifacts?{query}")
    assert status == 400
    assert "select_non_mano_artifact_sets" in problem["detail"]
    assert (await kind(client, f"{signed}/artifacts", "text/plain"))[0] == 406
    assert (await kind(client, f"{await client.create()}/artifacts"))[0] == 409
    assert (await kind(client, f"{PACKAGES}/nobody/artifacts"))[0] == 404


async def test_what_signs_is_no_artifact(client, signed):
    """Signatures and certificates prove artifacts and are none themselves (SOL003 10.5.2.2)."""
    entry = await client.get(signed)
    assert {artifact["artifactPath"] for artifact in entry["additionalArtifacts"]} == MANO | DESIGN | TESTS
    sets = {artifact["artifactPath"]: artifact.get("nonManoArtifactSetId") for artifact in entry["additionalArtifacts"]}
    assert sets["Tests/plan.txt"] == "tests"
    assert sets["Files/ChangeLog.txt"] is None


async def test_one_artifact_comes_with_its_signature(client, signed):
    """As it is by default; in an archive with signature and certificate for whoever asks for them."""
    url = f"{signed}/artifacts/Files/ChangeLog.txt"
    assert await kind(client, url) == (200, "text/plain")
    proved = {"Files/ChangeLog.txt", "Files/ChangeLog.txt.cms", "Files/ChangeLog.cert"}
    assert await members(client, f"{url}?include_signatures") == proved
    assert (await kind(client, f"{url}?include_signatures", "text/plain"))[0] == 406
    unsigned = f"{signed}/artifacts/Files/Licenses/LICENSE.txt?include_signatures"
    assert await members(client, unsigned) == {"Files/Licenses/LICENSE.txt"}


async def test_the_manifest_comes_with_its_signature(client, signed):
    """With a signature and a certificate that lie beside it; one that is whole in itself stays text."""
    assert await kind(client, f"{signed}/manifest") == (200, "text/plain")
    assert await members(client, f"{signed}/manifest?include_signatures") == {"probe.mf", "probe.cms", "probe.cert"}
    assert (await kind(client, f"{signed}/manifest?include_signatures", "text/plain"))[0] == 406
    assert await members(client, f"{signed}/manifest", Accept="application/zip") == {"probe.mf"}
    whole = f"{PACKAGES}/{(await client.onboard(package('firewall')))['id']}/manifest?include_signatures"
    assert await kind(client, whole) == (200, "text/plain")


async def test_the_vnfd_comes_as_the_client_takes_it(client, signed):
    """A VNFD of several documents is an archive only, with what says where to begin, and what proves it on demand."""
    assert await members(client, f"{signed}/vnfd") == DOCUMENTS
    assert (await kind(client, f"{signed}/vnfd", "text/plain"))[0] == 406
    proving = {"probe.mf", "probe.cms", "probe.cert"}
    assert await members(client, f"{signed}/vnfd?include_signatures") == DOCUMENTS | proving


def one_document():
    """Return the example whose VNFD is one document."""
    files = files_of("probe")
    types = files.pop("Definitions/probe_types.yaml")
    imported = b"  - probe_types.yaml\n"
    assert imported in files["Definitions/probe.yaml"]
    vnfd = files["Definitions/probe.yaml"].replace(imported, b"")
    return packed(sealed(files | {"Definitions/probe.yaml": vnfd + types[types.index(b"\nnode_types:") :]}))


async def test_a_vnfd_of_one_document_is_text_or_an_archive(client):
    """Text by default; an archive where the client takes nothing else, or wants what proves it."""
    entry = await client.onboard(one_document())
    assert entry["onboardingState"] == "ONBOARDED", entry
    url = f"{PACKAGES}/{entry['id']}/vnfd"
    for accept in (None, "text/plain", "application/zip, text/plain"):
        assert await kind(client, url, accept) == (200, "text/plain")
    archive = {"TOSCA-Metadata/TOSCA.meta", "Definitions/probe.yaml"}
    assert await members(client, url, Accept="application/zip") == archive
    assert await members(client, f"{url}?include_signatures") == archive | {"probe.mf"}
    assert (await kind(client, f"{url}?include_signatures", "text/plain"))[0] == 406
