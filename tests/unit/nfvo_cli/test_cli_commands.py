"""The commands against a small server that answers as the real one does."""

import io
import json

import pytest
from aiohttp import web
from rich.console import Console

from nfvo.cli import archives, operations, services, vnf_packages
from nfvo.cli.archives import VNF_PACKAGES
from nfvo.cli.client import Client
from nfvo.cli.errors import InputError, NotFoundError, OperationError, RefusedError, UnreachableError
from nfvo.cli.operations import NS_LEVEL
from nfvo.cli.output import Output

PACKAGES = "/vnfpkgm/v2/vnf_packages"


class Server:
    """Answers with what a test put in; remembers what was asked."""

    def __init__(self):
        self.answers = {}
        self.asked = []

    def answer(self, method, path, *bodies, status=200, headers=None):
        """Answer with these bodies one after the other, and with the last of them from then on."""
        self.answers[method, path] = [(status, body, headers or {}) for body in bodies or (None,)]

    def problem(self, method, path, status, **members):
        self.answers[method, path] = [(status, {"title": "No", "status": status} | members, {})]

    async def handle(self, request):
        text = await request.text() if "zip" not in request.content_type else "zip"
        self.asked.append((request.method, request.path, text))
        left = self.answers.get((request.method, request.path))
        if left is None:
            return web.json_response({"title": "Not found", "status": 404}, status=404)
        status, body, headers = left.pop(0) if len(left) > 1 else left[0]
        if callable(body):
            body = body(request)
        return (
            web.json_response(body, status=status, headers=headers) if body is not None else web.Response(status=status)
        )


@pytest.fixture
def fake():
    return Server()


@pytest.fixture
async def client(fake, aiohttp_server):
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", fake.handle)
    server = await aiohttp_server(app)
    async with Client(str(server.make_url("/"))) as client:
        yield client


@pytest.fixture
def paper():
    return io.StringIO()


@pytest.fixture
def output(paper):
    return Output(out=Console(file=paper, width=200))


def entry(**changes):
    return {
        "id": "p1",
        "vnfProductName": "Router",
        "onboardingState": "ONBOARDED",
        "operationalState": "ENABLED",
        "usageState": "NOT_IN_USE",
    } | changes


async def test_a_list_is_read_page_after_page(fake, client):
    """Every entry is seen, however long the server's pages are."""
    second = client.url + "/list?nextpage_opaque_marker=2"

    def page(request):
        return [{"id": "2"}] if request.query else [{"id": "1"}]

    fake.answer("GET", "/list", page, page, headers={"Link": f'<{second}>; rel="next"'})
    fake.answers["GET", "/list"][1] = (200, page, {})
    assert await client.all("/list") == [{"id": "1"}, {"id": "2"}]


async def test_an_enabled_package_is_disabled_before_it_is_deleted(fake, client, output, paper):
    """SOL005 deletes disabled packages only: the command says so and sees to it."""
    fake.answer("GET", f"{PACKAGES}/p1", entry())
    fake.answer("PATCH", f"{PACKAGES}/p1", {})
    fake.answer("DELETE", f"{PACKAGES}/p1", status=204)
    await archives.delete(client, output, VNF_PACKAGES, "p1")
    assert [(method, text) for method, _, text in fake.asked[1:]] == [
        ("PATCH", '{"operationalState": "DISABLED"}'),
        ("DELETE", ""),
    ]
    assert "Disabling Router first" in paper.getvalue()


async def test_a_package_in_use_is_left_enabled(fake, client, output):
    """What instances are made from is refused before anything was changed."""
    fake.answer("GET", f"{PACKAGES}/p1", entry(usageState="IN_USE"))
    with pytest.raises(RefusedError, match="in use"):
        await archives.delete(client, output, VNF_PACKAGES, "p1")
    assert [method for method, *_ in fake.asked] == ["GET"]


async def test_a_package_with_errors_leaves_nothing_behind(fake, client, output, tmp_path):
    """The diagnostics reach the person, and the server's record of the failure goes."""
    package = tmp_path / "bad.csar"
    package.write_bytes(b"PK")
    failure = {"title": "The VNF package cannot be onboarded", "detail": "a.yaml:1:1: no", "diagnostics": []}
    fake.answer("POST", PACKAGES, entry(onboardingState="CREATED"), status=201)
    fake.answer("PUT", f"{PACKAGES}/p1/package_content", status=202)
    fake.answer(
        "GET",
        f"{PACKAGES}/p1",
        entry(onboardingState="PROCESSING"),
        entry(onboardingState="ERROR", onboardingFailureDetails=failure),
    )
    fake.answer("DELETE", f"{PACKAGES}/p1", status=204)
    with pytest.raises(InputError, match=r"a\.yaml:1:1"):
        await archives.onboard(client, output, VNF_PACKAGES, package)
    assert fake.asked[-1][:2] == ("DELETE", f"{PACKAGES}/p1")


async def test_a_refused_upload_leaves_nothing_behind(fake, client, output, tmp_path):
    """When the server does not take the content at all, the record made for it goes."""
    package = tmp_path / "bad.csar"
    package.write_bytes(b"PK")
    fake.answer("POST", PACKAGES, entry(onboardingState="CREATED"), status=201)
    fake.problem("PUT", f"{PACKAGES}/p1/package_content", 413, detail="too large")
    fake.answer("DELETE", f"{PACKAGES}/p1", status=204)
    with pytest.raises(RefusedError, match="too large"):
        await archives.onboard(client, output, VNF_PACKAGES, package)
    assert fake.asked[-1][0] == "DELETE"


async def test_a_package_is_fetched_by_the_server(fake, client, output):
    """The server is told where, and who it is there; what it says about that reaches the person."""
    fake.answer("POST", PACKAGES, entry(onboardingState="CREATED"), status=201)
    fake.answer("POST", f"{PACKAGES}/p1/package_content/upload_from_uri", status=202)
    fake.answer("GET", f"{PACKAGES}/p1", entry(onboardingState="UPLOADING"), entry())
    fake.answer("GET", "/mano/v1/vnf_packages/p1/diagnostics", [])
    fetched = await vnf_packages.onboard_from(client, output, "https://v/p", user="me", password="s3cret")
    assert fetched["id"] == "p1"
    asked = next(json.loads(text) for _, path, text in fake.asked if path.endswith("upload_from_uri"))
    assert asked == {
        "addressInformation": "https://v/p",
        "authType": "BASIC",
        "paramsBasic": {"userName": "me", "password": "s3cret"},
    }


async def test_a_uri_that_is_refused_leaves_nothing_behind(fake, client, output):
    """When the server does not fetch from there at all, the record made for it goes."""
    fake.answer("POST", PACKAGES, entry(onboardingState="CREATED"), status=201)
    fake.problem("POST", f"{PACKAGES}/p1/package_content/upload_from_uri", 400, detail="no http")
    fake.answer("DELETE", f"{PACKAGES}/p1", status=204)
    with pytest.raises(RefusedError, match="no http"):
        await vnf_packages.onboard_from(client, output, "file:///etc/passwd")
    assert fake.asked[-1][0] == "DELETE"


async def test_artifacts_are_fetched(fake, client, output, tmp_path, monkeypatch):
    """All as an archive, or one of them; what cannot be had leaves no file, and the one that was there."""
    monkeypatch.chdir(tmp_path)
    fake.answer("GET", PACKAGES, [entry()])
    fake.answer("GET", f"{PACKAGES}/p1", entry())
    fake.answer("GET", f"{PACKAGES}/p1/artifacts", {"all": "artifacts"})
    await vnf_packages.artifacts(client, output, "Router", sets=["tests"])
    assert json.loads((tmp_path / "Router artifacts.zip").read_text()) == {"all": "artifacts"}
    fake.answer("GET", f"{PACKAGES}/p1/artifacts/Files/a b.txt", {"one": "artifact"})
    await vnf_packages.artifacts(client, output, "Router", path="Files/a b.txt")
    assert json.loads((tmp_path / "a b.txt").read_text()) == {"one": "artifact"}
    fake.problem("GET", f"{PACKAGES}/p1/artifacts/Files/a b.txt", 409, detail="not onboarded")
    with pytest.raises(RefusedError, match="not onboarded"):
        await vnf_packages.artifacts(client, output, "Router", path="Files/a b.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Router artifacts.zip", "a b.txt"]


async def test_a_name_stands_for_an_identifier_when_it_is_unambiguous(fake, client):
    """One match by name is taken; two are refused with both identifiers."""
    fake.answer("GET", PACKAGES, [entry()], [entry(), entry(id="p2")])
    fake.answer("GET", f"{PACKAGES}/p1", entry())
    assert (await VNF_PACKAGES.entry(client, "Router 'A'"))["id"] == "p1"
    with pytest.raises(NotFoundError, match="p1, p2"):
        await VNF_PACKAGES.entry(client, "Router 'A'")


async def test_an_unknown_name_tells_what_to_list(fake, client):
    """The next step is named."""
    fake.answer("GET", PACKAGES, [])
    with pytest.raises(NotFoundError) as raised:
        await VNF_PACKAGES.entry(client, "nothing")
    assert raised.value.hint == "`mano vnf-package list` shows what there is."


async def test_scaling_names_the_vnf_by_its_profile(fake, client, output):
    """The VNF profile of the NSD is enough to say which VNF is meant."""
    vnf = {"id": "v1", "vnfProductName": "Firewall", "metadata": {"mano.identity": "ns/n1/vnf/firewall/0"}}
    fake.answer(
        "GET",
        f"{services.PATH}/n1",
        {"id": "n1", "nsInstanceName": "n", "nsState": "INSTANTIATED", "vnfInstance": [vnf]},
    )
    fake.answer("POST", f"{services.PATH}/n1/scale", status=202, headers={"Location": f"{NS_LEVEL.path}/o1"})
    fake.answers["POST", f"{services.PATH}/n1/scale"] = [(202, {}, {"Location": f"http://x{NS_LEVEL.path}/o1"})]
    fake.answer("GET", f"{NS_LEVEL.path}/o1", occurrence("PROCESSING"))
    await services.scale_vnf(client, output, "n1", "firewall", aspect="inspection", steps=-2, wait=False)
    (sent,) = [json.loads(text) for method, _, text in fake.asked if method == "POST"]
    assert sent["scaleVnfData"] == [
        {
            "vnfInstanceId": "v1",
            "scaleVnfType": "SCALE_IN",
            "scaleByStepData": {"aspectId": "inspection", "numberOfSteps": 2},
        }
    ]


def occurrence(state, **changes):
    return {
        "id": "o1",
        "operationState": state,
        "lcmOperationType": "SCALE",
        "nsInstanceId": "n1",
        "startTime": "2026-01-01T00:00:00Z",
    } | changes


async def test_a_failed_operation_tells_why_and_what_can_be_done(fake, client, output, monkeypatch):
    """FAILED_TEMP is no dead end: the VIM's words, and retry, rollback and fail with the identifier."""
    monkeypatch.setattr(operations, "POLL_SECONDS", 0.001)
    error = {"title": "A step failed", "detail": "no host has 64 vcpus left"}
    fake.answer(
        "GET",
        f"{NS_LEVEL.path}/o1",
        occurrence("PROCESSING"),
        occurrence("PROCESSING"),
        occurrence("FAILED_TEMP", error=error),
    )
    fake.answer("GET", "/mano/v1/operations/o1/steps", {"id": "o1", "steps": []})
    with pytest.raises(OperationError, match="64 vcpus") as raised:
        await operations.follow(client, output, "o1", NS_LEVEL)
    assert "mano op retry o1" in raised.value.hint


async def test_a_rollback_is_followed_to_its_own_good_end(fake, client, output, monkeypatch):
    """ROLLED_BACK is what a rollback is for, and an error for everything else."""
    monkeypatch.setattr(operations, "POLL_SECONDS", 0.001)
    fake.answer("GET", f"{NS_LEVEL.path}/o1", occurrence("ROLLING_BACK"), occurrence("ROLLED_BACK"))
    fake.answer("GET", "/mano/v1/operations/o1/steps", {"id": "o1", "steps": []})
    fake.answer("POST", f"{NS_LEVEL.path}/o1/rollback", status=202)
    await operations.intervene(client, output, "o1", "rollback")
    with pytest.raises(OperationError):
        await operations.follow(client, output, "o1", NS_LEVEL)


async def test_nobody_there_is_said_with_the_url():
    """A server that does not answer is an error of its own, with what to do about it."""
    async with Client("http://127.0.0.1:1") as client:
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:1") as raised:
            await client.get("/anything")
    assert "mano serve" in raised.value.hint


async def test_the_log_shows_what_scripts_said(fake, client, output, paper):
    """Below the name of each run; as JSON as the server tells it."""
    entries = [
        {"operation": "o1", "path": path, "at": "2026-01-01T00:00:00Z", "stream": stream, "text": text}
        for path, stream, text in (
            ("script/scale_start", "run", "scale_start: a.sh\n"),
            ("script/scale_start", "stdout", "half a "),
            ("script/scale_start", "stdout", "line\n"),
            ("script/scale_end", "stderr", "oh\n"),
        )
    ]
    fake.answer("GET", "/nslcm/v2/ns_lcm_op_occs/o1", {"id": "o1"})
    fake.answer("GET", "/mano/v1/operations/o1/log", entries)
    await operations.log(client, output, "o1")
    assert paper.getvalue() == "script/scale_start\nscale_start: a.sh\nhalf a line\nscript/scale_end\noh\n"
