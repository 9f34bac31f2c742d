"""The answers that handlers give, each with the headers that SOL013 asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web
from yarl import URL

from mano_runtime.rest.call import CLOSING, Call
from mano_runtime.rest.filters import parse_filter
from mano_runtime.rest.media_types import JSON
from mano_runtime.rest.paging import MARKER, Listing
from mano_runtime.rest.selectors import selection


def _json(status: int, body: object, headers: Mapping[str, str]) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), headers={**headers, "Content-Type": JSON})


def _tag(etag: int | str | None) -> dict[str, str]:
    return {} if etag is None else {"ETag": f'"{etag}"'}


def _location(call: Call[Any], location: str) -> dict[str, str]:
    return {"Location": location if "://" in location else call.url(location)}


def ok(call: Call[Any], body: object, etag: int | str | None = None) -> web.Response:
    """Answer 200 with ``body`` (a Struct or other JSON-able value) and its ``ETag`` when given."""
    del call
    return _json(200, body, _tag(etag))


def created(call: Call[Any], body: object, location: str, etag: int | str | None = None) -> web.Response:
    """Answer 201 with the new resource and its ``Location``: a path below the API's root or an absolute URL."""
    return _json(201, body, _location(call, location) | _tag(etag))


def accepted(call: Call[Any], location: str | None = None) -> web.Response:
    """Answer 202 without a body: the work is recorded; ``location`` tells where its progress is seen."""
    return web.Response(status=202, headers={} if location is None else _location(call, location))


async def begun(
    call: Call[Any], ended: Callable[[float], Awaitable[object]], location: str | None = None
) -> web.Response:
    """Answer 202 to a request that began an operation: at once, or when it has ended for a client that waits for that.

    ``ended`` returns when the operation has ended, or when the seconds that it is given are over. A client says with
    ``Prefer: wait=N`` how long it waits (RFC 7240 4.3), and ``Preference-Applied`` tells it that this was heard. A
    server that stops keeps nobody waiting: the operation goes on without either.
    """
    answer = accepted(call, location)
    if (seconds := call.patience) is not None:
        ending = asyncio.ensure_future(ended(seconds))
        closing = asyncio.ensure_future(call.request.app[CLOSING].wait())
        try:
            await asyncio.wait({ending, closing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            if not ending.done():
                ending.cancel()
            await asyncio.gather(ending, closing, return_exceptions=True)
        if ending.done() and not ending.cancelled():
            ending.result()  # what went wrong with it, the client is told
        answer.headers["Preference-Applied"] = f"wait={seconds}"
    return answer


def no_content(call: Call[Any]) -> web.Response:
    """Answer 204."""
    del call
    return web.Response(status=204)


def listing(call: Call[Any], items: Iterable[object], next: str | None = None) -> web.Response:  # noqa: A002  the seam's word
    """Answer 200 with the entries of a page that pass the client's filter, cut by its selectors.

    ``items`` are full representations (Structs or JSON); ``next`` is the marker of the following page, which
    the client gets as a ``Link`` (SOL013 5.2 to 5.4). The route must be declared with ``api.collection``.
    A page may have fewer entries than the page size, or none, though more follow.
    """
    if not call.route.collection:
        msg = f"{call.route.method} {call.route.path} answers a list: declare it with api.collection"
        raise TypeError(msg)
    accepts = parse_filter(call.query.get("filter", ""))
    select = selection(call.query, omitted=call.route.omitted, kept=call.route.kept)
    entries = [select(entry) for entry in _plain(items) if accepts(entry)]
    return Listing(entries, following=next, link="" if next is None else _next_link(call, next))


def _plain(items: Iterable[object]) -> list[Any]:
    """Return entries as JSON has them; ``to_builtins`` would leave tuples, which no filter looks into."""
    entries: list[Any] = msgspec.json.decode(msgspec.json.encode(list(items)))
    return entries


def _next_link(call: Call[Any], marker: str) -> str:
    following: URL = call.request.url.update_query({MARKER: marker})
    return f'<{following}>; rel="next"'
