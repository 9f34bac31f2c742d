"""From a raw request to a handler's call: who asks, version, media types, query and body, decided in this order."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec
from aiohttp import web

from mano_runtime.rest.api import Api
from mano_runtime.rest.call import Call, Route
from mano_runtime.rest.filters import parse_filter
from mano_runtime.rest.gate import GATE, PRINCIPAL
from mano_runtime.rest.paging import MARKER, PAGING, whole
from mano_runtime.rest.problems import ProblemError, mistaken_query
from mano_runtime.rest.selectors import selection
from mano_runtime.rest.wrong_attributes import wrong_attribute
from mano_runtime.tenancy import acting_for

_POSITION = re.compile(r" \(byte (\d+)\)")


def endpoint(api: Api, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the aiohttp handler of ``route``."""
    decoder: msgspec.json.Decoder[Any] | None = None if route.body is None else msgspec.json.Decoder(route.body)
    scope = api.scope(route)

    async def answer(request: web.Request) -> web.StreamResponse:
        principal = await request.app[GATE].admit(request, scope)
        request[PRINCIPAL] = principal
        _check_version(api, request)
        _check_accept(route, request)
        with acting_for(principal.party):
            call: Call[Any] = Call(
                api=api,
                route=route,
                request=request,
                path=request.match_info,
                query=_query(route, request),
                body=await _body(route, decoder, request),
            )
            paging = request.app[PAGING]
            if route.collection and not paging.page_size:
                return await whole(paging, call.query, lambda query: route.handler(replace(call, query=query)))
            return await route.handler(call)

    return answer


def _check_version(api: Api, request: web.Request) -> None:
    """Refuse a ``Version`` that is not served (SOL013 9); without one the only version is meant."""
    wanted = request.headers.get("Version")
    if wanted is not None and wanted.strip().partition("-impl:")[0] != api.version:
        raise ProblemError(
            406,
            "Version not supported",
            f"the Version header asks for {wanted!r}; {api.root} serves {api.version}",
            type="urn:mano:problem:unsupported-version",
            supportedVersions=[api.version],
        )


def _check_accept(route: Route, request: web.Request) -> None:
    ranges = ",".join(request.headers.getall("Accept", ())).lower().split(",")
    wanted = {media.partition(";")[0].strip() for media in ranges} - {""}
    if not wanted or any(_matches(media, produced) for media in wanted for produced in route.produces):
        return
    raise ProblemError(
        406,
        "Not acceptable",
        f"the Accept header asks for {request.headers['Accept']}; this resource is available as"
        f" {', '.join(route.produces)}",
        type="urn:mano:problem:not-acceptable",
    )


def _matches(wanted: str, produced: str) -> bool:
    return wanted in {"*/*", produced, produced.partition("/")[0] + "/*"}


def _query(route: Route, request: web.Request) -> dict[str, str]:
    understood = route.query if request.app[PAGING].page_size else route.query - {MARKER}
    for name in request.query:
        if name not in understood:
            known = f"it knows {', '.join(sorted(understood))}" if understood else "it takes none"
            raise mistaken_query(f"this resource has no query parameter {name!r}; {known}")
        if len(request.query.getall(name)) > 1:
            raise mistaken_query(f"the query parameter {name!r} is given more than once")
    query = dict(request.query)
    if route.collection:  # what makes no sense is refused before anything is looked for
        parse_filter(query.get("filter", ""))
        selection(query)
    return query


async def _body(route: Route, decoder: msgspec.json.Decoder[Any] | None, request: web.Request) -> Any:
    if route.accepts and request.can_read_body:
        _check_content_type(route, request)
    if decoder is None:
        return None
    content = await _read(request)
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        raise _invalid(content, route.body, error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(content, error) from error


async def _read(request: web.Request) -> bytes:
    """Read the body; one that is too large is refused before it is read when its length is told."""
    limit = request.client_max_size
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=request.content_length or 0)
    return await request.read()


def _check_content_type(route: Route, request: web.Request) -> None:
    if request.content_type not in route.accepts:
        raise ProblemError(
            415,
            "Unsupported media type",
            f"the body is {request.content_type}; this resource takes {', '.join(route.accepts)}",
            type="urn:mano:problem:unsupported-media-type",
            headers={"Accept": ", ".join(route.accepts)},
        )


def _invalid(content: bytes, body: Any, error: msgspec.ValidationError) -> ProblemError:
    path, what = wrong_attribute(content, body, error)
    return ProblemError(
        400,
        "Invalid request body",
        f"{path}: {what}",
        type="urn:mano:problem:invalid-body",
        attribute=path,
    )


def _malformed(content: bytes, error: Exception) -> ProblemError:
    if not content.strip():
        detail = "the request has no body, and this resource needs a JSON one"
    else:
        position, what = _fault(content, str(error))
        lines = content[:position].decode(errors="replace").split("\n")
        detail = f"line {len(lines)}, column {len(lines[-1]) + 1}: {what}"
    return ProblemError(400, "Malformed JSON", detail, type="urn:mano:problem:malformed-json")


def _fault(content: bytes, message: str) -> tuple[int, str]:
    """Return the position of the first byte that is wrong (the end unless it is known), and what is wrong."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start, f"not UTF-8 ({error.reason})"
    found = _POSITION.search(message)
    what = _POSITION.sub("", message).removeprefix("JSON is malformed: ")
    return (int(found[1]) if found else len(content)), what
