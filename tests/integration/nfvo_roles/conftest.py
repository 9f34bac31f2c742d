"""An NFVO and a VNFM, each a server of its own on loopback, that know of each other by URL only.

A process can run one engine: the VNFM's here. The NFVO is whole but for that, so that its network services do not move;
acceptance tests have two processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from quick_vim import make_vim

from mano_runtime.rest import ProblemError, application, serving
from mano_runtime.settings import Settings
from nfvo.composition.installation import installation
from nfvo.composition.orchestrator import orchestrator_alone
from nfvo.server import build_application

ACTIVE = {"STARTING", "PROCESSING", "ROLLING_BACK"}


@asynccontextmanager
async def nfvo_at_rest(settings: Settings) -> AsyncIterator[web.Application]:
    """Open an NFVO whose engine is not started."""
    async with installation(settings) as here, AsyncExitStack() as stack:
        yield application(
            *(await orchestrator_alone(here, stack)).main,
            ready=here.obstacles,
            gate=here.access.gate,
            routes=here.access.routes,
        )


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request that a server got, and what it answered."""

    method: str
    path: str
    body: Any
    status: int
    answer: Any


class Server:
    """A server of one role, to be opened and closed as often as a test wants, and somebody who works with it."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self.settings = settings
        self.url = f"http://{settings.host}:{settings.port}"
        self.headers: dict[str, str] = {}
        """Of every request of ours."""
        self._session = session
        self._open: AsyncExitStack | None = None
        self.exchanges: list[Exchange] = []
        """At the interfaces of Or-Vnfm that the NFVO has, oldest first."""

    async def open(self) -> None:
        """Serve."""
        if not await asyncio.to_thread(self.settings.data_dir.exists):
            await asyncio.to_thread(make_vim, self.settings.data_dir)
        async with AsyncExitStack() as stack:
            app = await stack.enter_async_context(self._application())
            app.middlewares.append(self._noted)
            await stack.enter_async_context(serving(app, host=self.settings.host, port=self.settings.port))
            self._open = stack.pop_all()

    def _application(self) -> AbstractAsyncContextManager[web.Application]:
        return nfvo_at_rest(self.settings) if self.settings.role == "nfvo" else build_application(self.settings)

    @web.middleware
    async def _noted(self, request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        """Remember what was asked about grants."""
        if not request.path.startswith("/grant/v1/grants"):
            return await handler(request)
        body = await request.json() if request.method == "POST" else None
        try:
            answer = await handler(request)
        except ProblemError as refusal:
            self._note(request, body, refusal.status, None)
            raise
        self._note(request, body, answer.status, msgspec.json.decode(answer.body) if answer.body else None)
        return answer

    def _note(self, request: web.Request, body: Any, status: int, answer: Any) -> None:
        path = request.path.removeprefix("/grant/v1")
        self.exchanges.append(Exchange(method=request.method, path=path, body=body, status=status, answer=answer))

    async def close(self) -> None:
        """Serve no more; what is at work is resumed by the next ``open``."""
        stack, self._open = self._open, None
        if stack is not None:
            await stack.aclose()

    async def call(self, method: str, path: str, expected: int, **request: Any) -> Any:
        """Return the body of the answer, which must have the expected status, with its Location as a path."""
        headers = {**self.headers, **request.pop("headers", {})}
        async with self._session.request(method, self.url + path, headers=headers, **request) as answer:
            text = await answer.text()
            assert answer.status == expected, f"{method} {path}: {answer.status} {text}"
            body = await answer.json() if text else {}
            if location := answer.headers.get("Location"):
                return {**body, "location": location.removeprefix(self.url)}
            return body

    async def get(self, path: str) -> Any:
        """Return a resource."""
        return await self.call("GET", path, 200)

    async def onboard(self, content: bytes, *, nsd: bool = False) -> dict[str, Any]:
        """Return the entry of a package that was uploaded and onboarded."""
        collection = "/nsd/v2/ns_descriptors" if nsd else "/vnfpkgm/v2/vnf_packages"
        path = f"{collection}/{(await self.call('POST', collection, 201, json={}))['id']}"
        headers = {"Content-Type": "application/zip"}
        await self.call("PUT", f"{path}/{'nsd' if nsd else 'package'}_content", 202, data=content, headers=headers)
        state = "nsdOnboardingState" if nsd else "onboardingState"
        while (entry := await self.get(path))[state] in {"UPLOADING", "PROCESSING"}:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(0.01)
        assert entry[state] == "ONBOARDED", entry
        return entry

    async def begin(self, path: str, body: dict[str, Any]) -> str:
        """Begin an operation and return the path of its occurrence."""
        return (await self.call("POST", path, 202, json=body))["location"]

    async def ended(self, occurrence: str) -> dict[str, Any]:
        """Return the occurrence once nothing moves any more."""
        while (shown := await self.get(occurrence))["operationState"] in ACTIVE:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(0.02)
        return shown

    async def completed(self, path: str, body: dict[str, Any]) -> None:
        """Have an operation carried out."""
        shown = await self.ended(await self.begin(path, body))
        assert shown["operationState"] == "COMPLETED", shown


@pytest.fixture
async def server(tmp_path: Path, unused_tcp_port_factory: Callable[[], int]) -> AsyncIterator[Callable[..., Server]]:
    """Make servers, which are closed at the end whatever happens."""
    made: list[Server] = []
    async with aiohttp.ClientSession() as session:

        def make(name: str, **settings: Any) -> Server:
            port = settings.pop("port", None) or unused_tcp_port_factory()
            made.append(Server(Settings(data_dir=tmp_path / name, port=port, **settings), session))
            return made[-1]

        yield make
        for one in reversed(made):
            await one.close()
