"""The server documents what it serves (OpenAPI 3.1)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import jsonschema
import pytest
from aiohttp.test_utils import TestClient, TestServer

from nfvo.server import build_application


@pytest.fixture
async def server(settings) -> AsyncIterator[TestClient]:
    async with build_application(settings) as app, TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def document(server) -> dict[str, Any]:
    async with server.get("/openapi.json") as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        return await answer.json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


async def test_every_route_is_documented_once(server, document):
    """What the router has below an API's root is in the document, and nothing else; each has a name of its own."""
    roots = tuple(f"/{tag['name']}/" for tag in document["tags"])
    routes = {
        (re.sub(r"{(\w+):[^}]*}", r"{\1}", route.resource.canonical), route.method.lower())
        for route in server.app.router.routes()
        if route.method != "HEAD" and route.resource.canonical.startswith(roots)
        if not route.resource.canonical.endswith("/api_versions")
    }
    documented = [(path, verb) for path, verb, _ in operations(document)]
    assert sorted(documented) == sorted(routes)
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)


async def test_every_reference_leads_somewhere(document):
    """Schemas that are referred to are there, and are schemas; every variable of a path is described."""

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(found := value.get("$ref"), str):
                yield found.removeprefix("#/components/schemas/")
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    schemas = document["components"]["schemas"]
    assert set(references(document)) <= schemas.keys()
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for path, _, operation in operations(document):
        described = {it["name"] for it in operation["parameters"] if it["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path))


async def test_answers_are_as_documented(server, document):
    """What a list answers fits the schema that the document has for it."""
    answers = document["paths"]["/mano/v1/vim_connections"]["get"]["responses"]["200"]["content"]["application/json"]
    schema = {**answers["schema"], "components": document["components"]}
    async with server.get("/mano/v1/vim_connections") as answer:
        entries = await answer.json()
    assert entries
    jsonschema.Draft202012Validator(schema).validate(entries)


async def test_there_is_a_page_to_read_it(server):
    """The page comes whole, and may load nothing from elsewhere."""
    async with server.get("/docs") as answer:
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        text = await answer.text()
    assert "openapi.json" in text
    assert not re.search(r"(src|href)=\"?https?:", text)
