"""What SOL013 demands of every resource, asked of every resource that the server has."""

import asyncio
import re
from http import HTTPStatus

import pytest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")
NAMES = {"ETag", "WWW-Authenticate"}
"""Header names whose canonical case is not that of their words."""
ODD = ("filter=(eq,a", "filter=(like,a,b)", "filter=a=b", "fields=a&exclude_fields=b", "all_fields&fields=a")
JSON = "Content-Type: application/json"


@pytest.fixture
async def operations(operator):
    """Every operation of the server's own document, as (method, path, declaration); variables have a value."""
    paths = (await operator.get("/openapi.json"))["paths"]
    found = [
        (method.upper(), re.sub(r"\{[^}]*\}", "x", path), declared)
        for path, methods in paths.items()
        for method, declared in methods.items()
        if re.match(r"/\w+/v\d", path)
    ]
    assert len(found) > 80
    return found


async def refused(operator, method, path, status, **request):
    """Have a request sent away; return the headers of the answer."""
    async with operator.http.request(method, path, **request) as answer:
        problem = await answer.json(content_type=None)
        assert answer.status == status, f"{method} {path}: {answer.status} {problem}"
        assert answer.content_type == "application/problem+json"
        assert problem["status"] == status
        assert problem["title"]
        assert problem["detail"]
        assert answer.headers["Version"]
        assert [name for name in map(bytes.decode, dict(answer.raw_headers)) if name != canonical(name)] == []
        return answer.headers


def canonical(name):
    return next((odd for odd in NAMES if odd.lower() == name.lower()), name.title())


async def head_of(operator, method, path, *lines):
    """Send the head of a request whose body never comes; return the head of the answer."""
    reader, writer = await asyncio.open_connection(operator.http.host, operator.http.port)
    try:
        writer.write("\r\n".join((f"{method} {path} HTTP/1.1", "Host: x", *lines, "", "")).encode())
        async with asyncio.timeout(20):
            answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    finally:
        writer.close()
    status, _, headers = answer.partition("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in headers.strip().split("\r\n"))


async def test_a_method_that_a_resource_has_not_is_405_before_the_body_is_read(operator, operations):
    """With Allow, which names those that it has (SOL013 6.4)."""
    had = {}
    for method, path, _ in operations:
        had.setdefault(path, set()).add(method)
    for path, methods in had.items():
        allowed = methods | ({"HEAD"} if "GET" in methods else set())
        for method in set(METHODS) - methods:
            status, headers = await head_of(
                operator, method, path, "Content-Type: application/json", "Content-Length: 9"
            )
            assert status == HTTPStatus.METHOD_NOT_ALLOWED, f"{method} {path}"
            assert headers["Allow"] == ", ".join(sorted(allowed)), path


async def test_a_body_that_is_too_large_is_413_before_it_is_read(operator, operations):
    """Wherever JSON is taken."""
    taken = [(method, path) for method, path, declared in operations if "application/json" in bodies(declared)]
    assert len(taken) > 25
    for method, path in taken:
        status, _ = await head_of(operator, method, path, JSON, "Content-Length: 99999999")
        assert status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{method} {path}"


async def test_a_body_of_another_type_is_415(operator, operations):
    """With Accept, which names the types that are taken (RFC 9110 15.5.16)."""
    for method, path, declared in operations:
        if bodies(declared):
            headers = await refused(operator, method, path, 415, data=b"x", headers={"Content-Type": "text/x-odd"})
            assert set(headers["Accept"].split(", ")) == set(bodies(declared)), f"{method} {path}"


async def test_what_cannot_be_answered_as_wanted_is_406(operator, operations):
    """A type that there is not, and a version that is not served; the version that is, is taken."""
    for method, path, _ in operations:
        await refused(operator, method, path, 406, headers={"Accept": "text/x-odd"})
        headers = await refused(operator, method, path, 406, headers={"Version": "77.0.0"})
        same = {"Version": headers["Version"]}
        async with operator.http.request(method, path, headers=same) as answer:
            assert answer.status != HTTPStatus.NOT_ACCEPTABLE, f"{method} {path}"


async def test_an_unknown_parameter_is_400(operator, operations):
    """Of every operation; and of a list, filters and selectors that make no sense."""
    lists = 0
    for method, path, declared in operations:
        await refused(operator, method, f"{path}?colour=red", 400)
        parameters = {parameter["name"] for parameter in declared["parameters"]}
        if "filter" not in parameters:
            await refused(operator, method, f"{path}?filter=(eq,a,b)", 400)
            continue
        lists += 1
        for odd in (
            "filter=(eq,a",
            "filter=(like,a,b)",
            "filter=a=b",
            "fields=a&exclude_fields=b",
            "all_fields&fields=a",
        ):
            await refused(operator, method, f"{path}?{odd}", 400)
    assert lists > 10


async def test_every_list_is_paged_selected_and_filtered(operator, operations):
    """All parameters of lists are understood by each, with and without values (SOL013 5.2 to 5.4)."""
    for _, path, declared in operations:
        parameters = {parameter["name"] for parameter in declared["parameters"]}
        if "filter" in parameters and "/x" not in path:
            assert "nextpage_opaque_marker" in parameters
            for query in ("", "all_fields", "all_fields=", "fields=a,b/c", "exclude_fields=a", "exclude_default",
                          "fields=a&exclude_default", "filter=(eq,a,b);(cont,c/d,'e,'',f')",
                          "nextpage_opaque_marker=zzzz"):  # fmt: skip
                async with operator.http.get(f"{path}?{query}") as answer:
                    assert answer.status == HTTPStatus.OK, f"{path}?{query}: {await answer.text()}"
                    assert isinstance(await answer.json(), list)


async def test_versions_are_told_at_both_levels(operator, operations):
    """Of each interface: those of a major version, and all."""
    roots = {"/".join(path.split("/")[:3]) for _, path, _ in operations}
    for root in roots:
        name = root.split("/")[1]
        majors = sorted(other for other in roots if other.split("/")[1] == name)
        (told,) = (await operator.get(f"{root}/api_versions"))["apiVersions"]
        assert root.endswith(f"/v{told['version'].split('.')[0]}")
        above = await operator.get(f"/{name}/api_versions")
        assert above["uriPrefix"].endswith(f"/{name}")
        assert [f"/{name}/v{each['version'].split('.')[0]}" for each in above["apiVersions"]] == majors
        for path in (f"{root}/api_versions", f"/{name}/api_versions"):
            await operator.call("GET", f"{path}?colour=red", 400)
            status, headers = await head_of(operator, "POST", path, "Content-Length: 9")
            assert (status, headers["Allow"]) == (405, "GET, HEAD")


def bodies(declared):
    return declared.get("requestBody", {}).get("content", {})


async def test_a_change_of_another_state_than_the_current_one_is_412(operator):
    """Whatever has an ETag is changed with its own, and not with another one (SOL013 5.6)."""
    for collection in ("/vnfpkgm/v2/vnf_packages", "/vnfpkgm/v1/vnf_packages", "/nsd/v2/ns_descriptors"):
        made = await operator.call("POST", collection, 201, json={})
        one = f"{collection}/{made['id']}"
        async with operator.http.get(one) as answer:
            etag = answer.headers["ETag"]
        change = {"userDefinedData": {"a": "b"}}
        await refused(operator, "PATCH", one, 412, json=change, headers={"If-Match": '"odd"'})
        await operator.call("PATCH", one, 200, json=change, headers={"If-Match": etag})
        await refused(operator, "PATCH", one, 412, json=change, headers={"If-Match": etag})
