"""Whatever goes wrong, the client gets problem details of the right status that say what and where."""

import asyncio
import json

import pytest
import structlog
from aiohttp import web
from estate import estate

from mano_runtime import rest
from mano_runtime.storage import DatabaseAwayError

JSON = {"Content-Type": "application/json"}
HOUSES = "/estate/v1/houses"

CASES = [
    ("GET", "/nowhere", {}, 404, "there is no resource /nowhere"),
    ("GET", "/estate/v1/nowhere", {}, 404, "there is no resource /estate/v1/nowhere"),
    ("GET", f"{HOUSES}/404", {}, 404, "no house 404"),
    ("PUT", HOUSES, {"data": b"{", "headers": JSON}, 405, "/estate/v1/houses has no PUT; it has GET, HEAD, POST"),
    ("PROPFIND", HOUSES, {}, 405, "/estate/v1/houses has no PROPFIND"),
    ("GET", HOUSES, {"headers": {"Version": "9.0.0"}}, 406, "'9.0.0'; /estate/v1 serves 1.2.0"),
    ("GET", HOUSES, {"headers": {"Accept": "text/html"}}, 406, "available as application/json"),
    ("GET", f"{HOUSES}?colour=red", {}, 400, "no query parameter 'colour'; it knows all_fields"),
    ("GET", f"{HOUSES}/1?filter=(eq,a,1)", {}, 400, "no query parameter 'filter'; it takes none"),
    ("GET", f"{HOUSES}?filter=(eq,a,1)&filter=(eq,a,2)", {}, 400, "'filter' is given more than once"),
    ("GET", f"{HOUSES}?filter=a=1", {}, 400, "filter: expected"),
    ("GET", f"{HOUSES}?all_fields&fields=a", {}, 400, "all_fields and fields exclude each other"),
    ("POST", HOUSES, {"data": b"a=1", "headers": {"Content-Type": "text/plain"}}, 415, "takes application/json"),
    ("PATCH", f"{HOUSES}/1", {"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}, 415, "merge-patch+json"),
    ("PUT", f"{HOUSES}/1/plan", {"data": b"GIF", "headers": {"Content-Type": "image/gif"}}, 415, "application/zip"),
    ("POST", HOUSES, {}, 400, "the request has no body"),
    ("POST", HOUSES, {"data": b'{"owner":\n  "a",,}', "headers": JSON}, 400, "line 2, column 7"),
    ("POST", HOUSES, {"data": b'{"owner": "a"', "headers": JSON}, 400, "line 1, column 14: Input data was truncated"),
    ("POST", HOUSES, {"data": b'{"owner": "\xff"}', "headers": JSON}, 400, "line 1, column 12: not UTF-8"),
    ("POST", HOUSES, {"data": b'{"owner": NaN}', "headers": JSON}, 400, "line 1, column 11: invalid character"),
    ("POST", HOUSES, {"data": b"[" * 1999, "headers": JSON}, 400, "$: Expected `object`, got `array`"),
    ("PATCH", f"{HOUSES}/1", {"data": b'{"a":' + b"[" * 1990, "headers": JSON}, 400, "recursion"),
    ("POST", HOUSES, {"json": {}}, 400, "$.owner: the attribute is required and missing"),
    ("POST", HOUSES, {"json": {"owner": 1}}, 400, "$.owner: Expected `str`, got `int`"),
    (
        "POST",
        HOUSES,
        {"json": {"owner": "a", "addresses": [{"streetName": "b", "number": 0}]}},
        400,
        "$.addresses[0].number: Expected `int` >= 1",
    ),
    (
        "POST",
        HOUSES,
        {"json": {"owner": "a", "addresses": [{"number": 1}]}},
        400,
        "$.addresses[0].streetName: the attribute is required and missing",
    ),
    ("POST", HOUSES, {"json": {"owner": "a" * 2000}}, 413, "2000 bytes at most"),
    ("POST", HOUSES, {"data": iter([b" " * 1500, b" " * 1500]), "headers": JSON}, 413, "2000 bytes at most"),
    ("PATCH", f"{HOUSES}/1", {"json": {}, "headers": {"If-Match": '"6"'}}, 412, 'which has the ETag "7"'),
    ("GET", f"{HOUSES}/1/plan", {"headers": {"Range": "bytes=9000000-"}}, 416, "of 1048576 bytes"),
    ("GET", "/estate/v1/archive", {}, 503, "connection refused; ask again in a while, and look first"),
    ("GET", "/estate/v1/collapse", {}, 500, "its log has the details of incident"),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case[3]}-{index}" for index, case in enumerate(CASES)])
async def test_every_error_is_problem_details(client, case):
    """Media type, status, title, type and a detail that names the culprit, whatever raised the error."""
    method, path, request_, status, detail = case
    if not isinstance(request_.get("data", b""), bytes):
        request_ = request_ | {"data": _streamed(request_["data"])}
    response = await client.request(method, path, **request_)
    problem = json.loads(await response.read())
    assert response.content_type == "application/problem+json"
    assert (response.status, problem["status"]) == (status, status), problem
    assert detail in problem["detail"]
    assert problem["title"]
    assert problem["type"].startswith("urn:mano:problem:")
    assert response.headers["X-Request-Id"]
    assert ("Version" in response.headers) is path.startswith("/estate/v1/")


async def _streamed(chunks):
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(
    "request_line", [b"BREW / HTTP/1.1", b"GET /%s HTTP/1.1" % (b"a" * 9000), b"hello", b"GET / HTTP/9.9"]
)
async def test_what_is_no_request_gets_problem_details_too(request_line):
    """What the parser of HTTP refuses is answered in the same form, and the connection is closed."""

    async def ready():
        return []

    async with rest.serving(rest.application(ready=ready), host="127.0.0.1", port=0) as url:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(request_line + b"\r\nHost: localhost\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == 400


async def test_members_of_a_problem_reach_the_client(client):
    """A handler's own members stand beside the standard ones."""
    problem = await (await client.get("/estate/v1/houses/404")).json(content_type="application/problem+json")
    assert (problem["type"], problem["houses"]) == ("urn:mano:problem:no-house", 25)


async def test_a_missing_method_is_told_before_the_body_is_read(client):
    """405 with Allow comes although the announced body never does."""

    async def never():
        await client.server.runner.shutdown()
        yield b""

    response = await client.put("/estate/v1/houses", data=never(), headers=JSON, expect100=True)
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"


async def test_an_unforeseen_failure_is_in_the_log_and_not_in_the_answer(client):
    """The client gets the number of an incident; the log has the trace under the same number."""
    with structlog.testing.capture_logs() as log:
        response = await client.get("/estate/v1/collapse")
    text = await response.text()
    incident = json.loads(text)["incident"]
    assert "password" not in text
    assert "Traceback" not in text
    entry = next(entry for entry in log if entry.get("incident") == incident)
    assert "password" in str(entry["exc_info"])


async def test_a_supported_media_type_is_told_with_415(client):
    """The Accept header of a 415 names what can be sent (RFC 9110 15.5.16)."""
    response = await client.post("/estate/v1/houses", data=b"x", headers={"Content-Type": "text/csv"})
    assert response.headers["Accept"] == "application/json"


async def test_what_cannot_be_witnessed_is_problem_details_too(aiohttp_client, tmp_path):
    """A witness that has lost the database keeps the answer back: the client is told that, in the same form."""

    @web.middleware
    async def witness(request, handler):
        await handler(request)
        raise DatabaseAwayError("the database does not answer")

    async def ready():
        return []

    client = await aiohttp_client(rest.application(estate(tmp_path), ready=ready, witness=witness))
    response = await client.post(HOUSES, json={"owner": "a"})
    problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["type"]) == (503, "urn:mano:problem:database-away")
    assert response.headers["Retry-After"] == "5"
