"""A server from which packages are fetched, which can be told to misbehave."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer


class Contents:
    """Gives ``content`` at ``/package.csar``, and remembers who asked how."""

    def __init__(self) -> None:
        self.content = b""
        self.etag = True
        self.break_after: list[int] = []
        """After so many bytes each the next answers break off."""
        self.statuses: list[int] = []
        """What is answered first."""
        self.authorizations: list[str | None] = []
        self.ranges: list[str | None] = []
        self.wanted: str | None = None
        """The ``Authorization`` without which nothing is given."""
        self.held = asyncio.Event()
        """What is not given before it is set: everything but the first byte."""
        self.held.set()
        self.asked = asyncio.Event()
        self.url: Callable[[str], str] = str

    async def _package(self, request: web.Request) -> web.StreamResponse:
        self.authorizations.append(request.headers.get("Authorization"))
        self.ranges.append(request.headers.get("Range"))
        self.asked.set()
        if self.wanted and self.authorizations[-1] != self.wanted:
            return web.Response(status=401, text="who are you?")
        if self.statuses:
            return web.Response(status=self.statuses.pop(0), text="not now")
        tag = f'"{hashlib.sha256(self.content).hexdigest()}"'
        start = 0
        if (wanted := request.headers.get("Range")) and request.headers.get("If-Range") == tag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        answer = web.StreamResponse(status=206 if start else 200, headers={"ETag": tag} if self.etag else {})
        answer.content_length = len(self.content) - start
        await answer.prepare(request)
        if self.break_after:
            await answer.write(self.content[start : start + self.break_after.pop(0)])
            assert request.transport is not None
            request.transport.close()
            return answer
        await answer.write(self.content[start : start + 1])
        await self.held.wait()
        await answer.write(self.content[start + 1 :])
        return answer

    async def _elsewhere(self, request: web.Request) -> web.Response:
        left = int(request.match_info["left"])
        return web.Response(status=302, headers={"Location": f"/elsewhere/{left - 1}" if left else "/package.csar"})

    async def _away(self, request: web.Request) -> web.Response:
        self.authorizations.append(request.headers.get("Authorization"))
        return web.Response(status=307, headers={"Location": request.query["to"]})

    async def _token(self, request: web.Request) -> web.Response:
        assert (await request.post())["grant_type"] == "client_credentials"
        proof = request.headers["Authorization"].removeprefix("Basic ")
        if base64.b64decode(proof) != b"mano:s3cret":
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"access_token": "good", "expires_in": 60})


@asynccontextmanager
async def content_server() -> AsyncIterator[Contents]:
    """Serve on a port of this machine."""
    contents = Contents()
    app = web.Application()
    app.add_routes(
        [
            web.get("/package.csar", contents._package),
            web.get("/elsewhere/{left}", contents._elsewhere),
            web.get("/away", contents._away),
            web.post("/token", contents._token),
        ]
    )
    async with TestServer(app) as server:
        contents.url = lambda path: str(server.make_url(path))
        yield contents
        contents.held.set()
