"""The OpenAPI 3.1 document of what a server serves, made from the declarations of its routes.

Nothing of it is written by hand, so it cannot lag behind: a route says the types of its body and its answer, and the
rules that hold for every route (versions, media types, filters, problem details) are known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from mano_runtime.rest.api import LIST_PARAMETERS, Api
from mano_runtime.rest.call import LONGEST_WAIT, Route
from mano_runtime.rest.media_types import JSON
from mano_runtime.rest.problems import MEDIA_TYPE

Schema = dict[str, Any]

_VARIABLE = re.compile(r"{(\w+)(?::[^}]*)?}")
_TEMPLATE = "#/components/schemas/{name}"
_PROBLEM: Schema = {
    "title": "ProblemDetails",
    "description": "What is wrong, where, and what to do (RFC 9457, SOL013 6).",
    "type": "object",
    "properties": {
        "type": {"type": "string", "description": "Stable: `urn:mano:problem:...`"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
_FLAGS = frozenset({"all_fields", "exclude_default"})
_QUERY = {
    "filter": "Attribute filter (SOL013 5.2): `(eq,attribute/path,value)`, several joined by `;`.",
    "all_fields": "Have every attribute in the answer (SOL013 5.3).",
    "fields": "Have these structured attributes in the answer, separated by commas.",
    "exclude_fields": "Leave these structured attributes out of the answer, separated by commas.",
    "exclude_default": "Leave out what a plain list leaves out.",
    "nextpage_opaque_marker": "Where the page begins: taken from the `Link` of the page before (SOL013 5.4).",
}
_ALWAYS = (400, 401, 403, 406, 429, 500, 503)


def document(apis: Sequence[Api], *, title: str, version: str) -> Schema:
    """Return the OpenAPI document of ``apis``, JSON-able; the same for the same declarations."""
    paths: dict[str, Schema] = {}
    components: dict[str, Schema] = {"ProblemDetails": _PROBLEM}
    for api in apis:
        schemas, named = _schemas(api)
        components |= named
        for route in api.routes:
            path = _VARIABLE.sub(r"{\1}", api.root + route.path)
            paths.setdefault(path, {})[route.method.lower()] = _operation(api, route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "tags": [{"name": _tag(api), "description": f"Version {api.version}, below {api.root}"} for api in apis],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": _scopes(apis)}},
                }
            },
        },
    }


def _schemas(api: Api) -> tuple[dict[Any, Schema], dict[str, Schema]]:
    """Return the schema of each type, and what they refer to; names begin with the interface's."""
    prefix = _tag(api).replace("/", ".")
    declared = (type_ for route in api.routes for type_ in (route.body, route.answer) if type_ is not None)
    types = list(dict.fromkeys(declared))
    named, components = msgspec.json.schema_components(types, ref_template=_TEMPLATE.format(name=f"{prefix}.{{name}}"))
    return dict(zip(types, named, strict=True)), {f"{prefix}.{name}": schema for name, schema in components.items()}


def _scopes(apis: Iterable[Api]) -> dict[str, str]:
    needed = {api.scope(route): f"{_tag(api)}: {route.permission}" for api in apis for route in api.routes}
    return dict(sorted(needed.items()))


def _operation(api: Api, route: Route, schemas: dict[Any, Schema]) -> Schema:
    operation: Schema = {
        "operationId": _name(api, route),
        "tags": [_tag(api)],
        "summary": _summary(route),
        "parameters": list(_parameters(api, route)),
        "responses": dict(_responses(route, schemas)),
        "security": [{"oauth2": [api.scope(route)]}, {}],
    }
    if text := (route.handler.__doc__ or "").strip():
        operation["description"] = re.sub(r"\s*\n\s*", " ", text)
    if route.body is not None:
        content = {media: {"schema": schemas[route.body]} for media in sorted(route.accepts)}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.raw:
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in sorted(route.accepts)}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _tag(api: Api) -> str:
    return api.root.strip("/")


def _name(api: Api, route: Route) -> str:
    words = [route.method.lower(), *api.root.split("/"), *_VARIABLE.sub(r"\1", route.path).split("/")]
    return "_".join(word for word in words if word)


def _summary(route: Route) -> str:
    parts = route.path.strip("/").split("/")
    last = next((part for part in reversed(parts) if "{" not in part), "").replace("_", " ")
    if route.collection:
        return f"Query {last}"
    one = f"one of {last}" if "{" in parts[-1] else last
    task = route.method == "POST" and "{" in route.path and route.status != HTTPStatus.CREATED
    return f"{'Ask for' if task else _DOES[route.method]} {one}"


_DOES = {"GET": "Read", "POST": "Create one of", "PUT": "Upload", "PATCH": "Modify", "DELETE": "Delete"}


def _parameters(api: Api, route: Route) -> Iterator[Schema]:
    for name in _VARIABLE.findall(route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name in sorted(route.query):
        schema: Schema = {"const": ""} if name in _FLAGS else {"type": "string"}
        parameter: Schema = {"name": name, "in": "query", "schema": schema}
        if name in _FLAGS:
            parameter["allowEmptyValue"] = True
        if name in LIST_PARAMETERS:
            parameter["description"] = _QUERY[name]
        yield parameter
    yield _header("Version", f"Version of the interface that is meant (SOL013 9.2): {api.version}", const=api.version)
    if route.method in {"PATCH", "DELETE"}:
        yield _header("If-Match", "Do it only if this is still the ETag (SOL013 5.6)")
    if route.status == HTTPStatus.ACCEPTED:
        yield _header("Prefer", f"`wait=N`: answer when the operation has ended, or after N seconds ({LONGEST_WAIT})")
    if _is_file(route):
        yield _header("Range", "`bytes=FIRST-LAST`: a part of the content")


def _header(name: str, description: str, *, const: str = "") -> Schema:
    schema = {"const": const} if const else {"type": "string"}
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _is_file(route: Route) -> bool:
    return route.method == "GET" and JSON not in route.produces


def _responses(route: Route, schemas: dict[Any, Schema]) -> Iterator[tuple[str, Schema]]:
    success: Schema = {"description": HTTPStatus(route.status).phrase}
    if _is_file(route):
        success["content"] = {media: {"schema": {"type": "string"}} for media in sorted(route.produces)}
        yield "206", {**success, "description": "The part that was asked for"}
    elif route.answer is not None:
        schema = schemas[route.answer]
        success["content"] = {JSON: {"schema": {"type": "array", "items": schema} if route.collection else schema}}
    yield str(route.status), success
    for status in route.also:
        yield str(status), {"description": HTTPStatus(status).phrase}
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": _TEMPLATE.format(name="ProblemDetails")}}}}
    for status in sorted({*_ALWAYS, *_refusals(route)}):
        yield str(status), {"description": HTTPStatus(status).phrase, **problem}


def _refusals(route: Route) -> Iterator[int]:
    """The statuses with which a route of this form may refuse, beyond those of every route."""
    if "{" in route.path:
        yield 404
    if route.method != "GET":
        yield from (409, 412, 422)
    if route.body is not None or route.raw:
        yield from (413, 415)
    if _is_file(route):
        yield from (409, 416)
