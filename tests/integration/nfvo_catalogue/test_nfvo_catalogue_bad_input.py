"""What is wrong is told, with the right status and the place, and leaves nothing behind."""

import io
import re
import zipfile

import pytest
from catalogue_client import DESCRIPTORS, PACKAGES, UPLOAD_LIMIT, opened
from example_packages import changed, files_of, package, packed, sealed

from descriptors.mode import Mode

VNFD = "Definitions/probe.yaml"
TYPES = "Definitions/probe_types.yaml"


def bomb():
    """Return an archive of a few kilobytes that unpacks to hundreds of megabytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path, content in files_of("probe").items():
            target.writestr(path, content)
        with target.open("Files/zeros", "w") as member:
            for _ in range(128):
                member.write(bytes(1024 * 1024))
    return archive.getvalue()


def escaping():
    return packed(files_of("probe") | {"../../outside.txt": b"out"})


def wrong_digest():
    return packed(files_of("probe") | {"Files/ChangeLog.txt": b"something else\n"})


def without_definitions():
    files = files_of("probe")
    del files[VNFD]
    return packed(files)


def cyclic_types():
    added = "node_types:\n  a.Ring:\n    derived_from: b.Ring\n  b.Ring:\n    derived_from: a.Ring\n"
    return changed("probe", TYPES, "node_types:\n", added)


def broken_yaml():
    return changed("probe", VNFD, "topology_template:", "topology_template: [")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"this is no archive", "zip"),
        (package("probe")[:-40], "zip"),
        (bomb(), "Files/zeros"),
        (escaping(), "outside.txt"),
        (wrong_digest(), "Files/ChangeLog.txt"),
        (without_definitions(), VNFD),
        (cyclic_types(), rf"{TYPES}:\d+ "),
        (broken_yaml(), rf"{VNFD}:\d+ "),
    ],
    ids=["no-zip", "cut-short", "zip-bomb", "path-escape", "wrong-digest", "no-definitions", "cyclic-types", "no-yaml"],
)
async def test_a_bad_package_ends_in_error(client, content, told):
    """The entry ends in ERROR, its failure names the file, and where there is one the line; nothing stays on disk."""
    entry = await client.onboard(content)
    assert (entry["onboardingState"], entry["operationalState"]) == ("ERROR", "DISABLED")
    assert "vnfdId" not in entry
    problem = entry["onboardingFailureDetails"]
    assert problem["type"] == "urn:mano:problem:onboarding-failed"
    assert problem["status"] == 422
    assert any(
        re.search(told, f"{f.get('file', '')}:{f.get('line', '')} {f['message']}") for f in problem["diagnostics"]
    ), problem
    assert problem["detail"]
    assert not await client.debris()
    assert not (client.directory.parent.parent / "outside.txt").exists()


async def test_an_nsd_is_no_vnf_package_and_the_other_way_round(client):
    """A content of the other kind is refused for what it is."""
    entry = await client.onboard(package("service"))
    assert entry["onboardingState"] == "ERROR"
    entry = await client.onboard(package("probe"), DESCRIPTORS)
    assert entry["nsdOnboardingState"] == "ERROR"
    assert not await client.debris()


async def test_an_unknown_vnfd_reference_is_told_by_the_service(client):
    """A descriptor with another identifier does not stand in for the one that the NSD names."""
    other = "00000000-0000-4000-8000-000000000000"
    files = files_of("probe")
    text = files[TYPES].decode().replace("7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3", other)
    files |= {
        TYPES: text.encode(),
        "probe.mf": files["probe.mf"].replace(b"7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3", other.encode()),
    }
    await client.onboard(packed(sealed(files)))
    service = await client.onboard(package("service"), DESCRIPTORS)
    assert service["nsdOnboardingState"] == "ERROR"


async def test_too_large_a_content_is_refused(client):
    """Whether its size is announced or only comes to light, the answer is 413 and the entry awaits a content."""
    resource = await client.create()
    headers = {"Content-Type": "application/zip"}
    announced = io.BytesIO(bytes(UPLOAD_LIMIT + 1))
    status, problem = await client.status("PUT", f"{resource}/package_content", data=announced, headers=headers)
    assert (status, problem["limit"]) == (413, UPLOAD_LIMIT)

    async def stream():
        for _ in range(UPLOAD_LIMIT // 1024**2 + 1):
            yield bytes(1024**2)

    status, _ = await client.status("PUT", f"{resource}/package_content", data=stream(), headers=headers)
    assert status == 413
    assert (await client.get(resource))["onboardingState"] == "CREATED"
    assert not await client.debris()


async def test_what_the_state_does_not_allow_is_refused(client):
    """409 for a second upload, for reading what is not onboarded, and for enabling what is enabled or not onboarded."""
    created = await client.create()
    onboarded = f"{PACKAGES}/{(await client.onboard(package('probe')))['id']}"
    for method, path, request in (
        ("GET", f"{created}/package_content", {}),
        ("GET", f"{created}/vnfd", {}),
        ("GET", f"{created}/manifest", {}),
        ("GET", f"{created}/artifacts/Files/ChangeLog.txt", {}),
        ("PATCH", created, {"json": {"operationalState": "ENABLED"}}),
        ("PATCH", onboarded, {"json": {"operationalState": "ENABLED"}}),
        ("PUT", f"{onboarded}/package_content", {"data": b"PK", "headers": {"Content-Type": "application/zip"}}),
        ("DELETE", onboarded, {}),
    ):
        status, problem = await client.status(method, path, **request)
        assert status == 409, (method, path)
        assert problem["type"] == "urn:mano:problem:vnf-package-state"


@pytest.mark.parametrize(
    ("method", "path", "request_", "status", "told"),
    [
        ("POST", PACKAGES, {"data": b"{", "headers": {"Content-Type": "application/json"}}, 400, "line 1"),
        ("POST", PACKAGES, {"json": {"userDefinedData": "x"}}, 400, "$.userDefinedData"),
        ("POST", PACKAGES, {"data": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "text/plain"),
        ("GET", f"{PACKAGES}/unheard", {}, 404, "unheard"),
        ("DELETE", f"{DESCRIPTORS}/unheard", {}, 404, "unheard"),
        ("PUT", f"{PACKAGES}/unheard/package_content", {"data": b"PK"}, 404, "unheard"),
        ("GET", f"{PACKAGES}?filter=nonsense", {}, 400, "filter"),
        ("GET", f"{PACKAGES}?unheard=1", {}, 400, "unheard"),
        ("PUT", PACKAGES, {}, 405, "PUT"),
    ],
)
async def test_a_bad_request_is_named(client, method, path, request_, status, told):  # noqa: PLR0917  what is sent and what is expected, as one row of the table
    """Malformed, mistyped, unknown: each has its status and says what is meant."""
    answered, problem = await client.status(method, path, **request_)
    assert answered == status
    assert told in problem["detail"]


async def test_a_patch_names_what_is_wrong_with_it(client):
    """A state that does not exist, and a body that changes nothing, are refused."""
    resource = await client.create()
    status, problem = await client.status("PATCH", resource, json={"operationalState": "ASLEEP"})
    assert (status, problem["attribute"]) == (400, "$.operationalState")
    assert (await client.status("PATCH", resource, json={}))[0] == 400


async def test_an_upload_of_another_type_is_refused(client):
    """A content that calls itself JSON is refused before it is read, and the entry stays CREATED."""
    resource = await client.create()
    headers = {"Content-Type": "application/json"}
    assert (await client.status("PUT", f"{resource}/package_content", data=b"{}", headers=headers))[0] == 415
    assert (await client.get(resource))["onboardingState"] == "CREATED"


@pytest.mark.parametrize(("mode", "state"), [(Mode.ETSI, "ONBOARDED"), (Mode.STRICT, "ERROR")])
async def test_how_strictly_packages_are_judged_is_the_operators_choice(tmp_path, used, mode, state):
    """A known slip is read as it is meant in one mode and refused, with its place, in the other; a restart keeps it."""
    slip = changed("probe", VNFD, "topology_template:", "groups: {}\ntopology_template:")
    async with opened(tmp_path, used, mode=mode) as client:
        entry = await client.onboard(slip)
        assert entry["onboardingState"] == state
        if state == "ERROR":
            assert f"{VNFD}:" in entry["onboardingFailureDetails"]["detail"]
