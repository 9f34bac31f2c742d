"""The whole server in this process, with its simulated VIM, where nothing takes time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from quick_vim import make_vim

from mano_runtime.settings import Settings
from nfvo.server import OR_VNFM, build_application

ACTIVE = {"STARTING", "PROCESSING", "ROLLING_BACK"}


class Operator:
    """Someone who works with the server over HTTP."""

    def __init__(self, http: TestClient[Any, Any]) -> None:
        self.http = http

    async def call(self, method: str, path: str, expected: int, **request: Any) -> Any:
        """Return the body of the answer, which must have the expected status."""
        async with self.http.request(method, path, **request) as answer:
            text = await answer.text()
            assert answer.status == expected, f"{method} {path}: {answer.status} {text}"
            if expected >= 400:
                assert answer.content_type == "application/problem+json"
            if answer.headers.get("Location"):
                return {**(await answer.json() if text else {}), "location": answer.headers["Location"]}
            return await answer.json() if text else None

    async def get(self, path: str) -> Any:
        """Return a resource."""
        return await self.call("GET", path, 200)

    async def onboard(self, content: bytes, *, nsd: bool = False) -> dict[str, Any]:
        """Return the entry of a package that was uploaded and onboarded."""
        collection = "/nsd/v2/ns_descriptors" if nsd else "/vnfpkgm/v2/vnf_packages"
        entry = await self.call("POST", collection, 201, json={})
        path = f"{collection}/{entry['id']}"
        headers = {"Content-Type": "application/zip"}
        await self.call("PUT", f"{path}/{'nsd' if nsd else 'package'}_content", 202, data=content, headers=headers)
        state = "nsdOnboardingState" if nsd else "onboardingState"
        while (entry := await self.get(path))[state] in {"UPLOADING", "PROCESSING"}:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(0.01)
        assert entry[state] == "ONBOARDED", entry
        return entry

    async def operate(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Begin an operation and return its occurrence once nothing moves any more."""
        location = (await self.call("POST", path, 202, json=body))["location"]
        path = location.split(str(self.http.make_url("/")), 1)[-1]
        while (occurrence := await self.get(f"/{path}"))["operationState"] in ACTIVE:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(0.02)
        return occurrence


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    make_vim(tmp_path / "data")
    return Settings(data_dir=tmp_path / "data", port=0)


@pytest.fixture
async def listeners(tmp_path: Path) -> AsyncIterator[tuple[Operator, Operator]]:
    """Give those who work with both ports of a server: an operator, and a VNFM."""
    settings = Settings(data_dir=tmp_path / "data", port=0, or_vnfm_port=0)
    async with (
        build_application(settings) as app,
        TestClient(TestServer(app)) as main,
        TestClient(TestServer(app[OR_VNFM])) as or_vnfm,
    ):
        yield Operator(main), Operator(or_vnfm)


@pytest.fixture
def opened(settings: Settings) -> Callable[[], AbstractAsyncContextManager[Operator]]:
    """Open the server on the test's data directory, as often as it is called."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Operator]:
        async with build_application(settings) as app, TestClient(TestServer(app)) as http:
            yield Operator(http)

    return opened


@pytest.fixture
async def operator(opened: Callable[[], AbstractAsyncContextManager[Operator]]) -> AsyncIterator[Operator]:
    async with opened() as operator:
        yield operator
