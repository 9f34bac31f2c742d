"""What documents the interfaces of a server: ``/openapi.json``, and ``/docs``, a page to read and try it with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from importlib import metadata, resources

import msgspec
from aiohttp import web

from mano_runtime.rest.api import Api
from mano_runtime.rest.media_types import JSON
from mano_runtime.rest.openapi import document

_DISTRIBUTION = "mano-stack"
_OWN_ALONE = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"
"""The page brings all that it needs, and speaks with the server that it came from only."""


def documentation(apis: Sequence[Api]) -> list[web.RouteDef]:
    """Return the routes ``/openapi.json`` and ``/docs`` for ``apis``; the document is made when it is first asked for.

    Both can be read by anybody who reaches the server: they tell what it offers, nothing of what it has.
    """

    @cache
    def encoded() -> bytes:
        version = metadata.version(_DISTRIBUTION)
        return msgspec.json.encode(document(apis, title="MANO", version=version))

    @cache
    def page() -> str:
        return (resources.files("mano_runtime.rest") / "documentation.html").read_text(encoding="utf-8")

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(encoded), content_type=JSON)

    async def docs(_request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": _OWN_ALONE}
        return web.Response(text=await asyncio.to_thread(page), content_type="text/html", headers=headers)

    return [web.get("/openapi.json", openapi), web.get("/docs", docs)]
