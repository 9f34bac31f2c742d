"""A subscriber: an HTTP server with a callback that remembers what it was told, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


class Subscriber:
    """What a callback heard. Whatever is in ``answers`` is answered first; 204 afterwards."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        """Bodies that were taken, in the order of their arrival."""
        self.attempts: list[dict[str, Any]] = []
        """Every body that arrived, taken or not."""
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.down = False
        """Answers 503 to every POST while it is."""
        self.test_answer = 204
        self.tokens: list[str] = []
        """Every token that was issued."""
        self.token_requests: list[str] = []
        self.expires_in = 3600
        self.url = ""
        self._news = asyncio.Condition()

    async def until(self, count: int, what: str = "heard") -> list[dict[str, Any]]:
        """Return once so many bodies were taken, or arrived."""
        async with self._news:
            await self._news.wait_for(lambda: len(getattr(self, what)) >= count)
        return list(getattr(self, what))

    async def _tested(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        return web.Response(status=self.test_answer, headers={"Location": "/elsewhere"})

    async def _told(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.headers.append(dict(request.headers))
        status = 503 if self.down else self.answers.pop(0) if self.answers else 204
        async with self._news:
            self.attempts.append(body)
            if status == 204:
                self.heard.append(body)
            self._news.notify_all()
        return web.Response(status=status)

    async def _token(self, request: web.Request) -> web.Response:
        self.token_requests.append(base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode())
        assert (await request.post())["grant_type"] == "client_credentials"
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        return web.json_response({"access_token": self.tokens[-1], "expires_in": self.expires_in})


@asynccontextmanager
async def subscriber() -> AsyncIterator[Subscriber]:
    """Serve a callback at ``/callback`` and a token endpoint at ``/token`` of a port of this machine."""
    heard = Subscriber()
    app = web.Application()
    app.add_routes(
        [
            web.get("/callback", heard._tested),
            web.post("/callback", heard._told),
            web.post("/token", heard._token),
        ]
    )
    async with TestServer(app) as server:
        heard.url = str(server.make_url("/callback"))
        yield heard
