"""A catalogue behind its REST interfaces, and what a client does with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from descriptors.limits import Limits
from mano_runtime.rest import Api, application
from mano_runtime.storage import Database, Vault
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.sources import Sources
from nfvo.catalogue.tables import ENTRIES
from nfvo.extensions.diagnostics import declare_diagnostics
from nfvo.sol005.nsd import nsd_apis
from nfvo.sol005.vnfpkgm import vnfpkgm_apis

UPLOAD_LIMIT = 8 * 1024 * 1024
PACKAGES = "/vnfpkgm/v2/vnf_packages"
DESCRIPTORS = "/nsd/v2/ns_descriptors"
PNFDS = "/nsd/v2/pnf_descriptors"
CONTENT = {PACKAGES: "package_content", DESCRIPTORS: "nsd_content", PNFDS: "pnfd_content"}
STATE = {PACKAGES: "onboardingState", DESCRIPTORS: "nsdOnboardingState", PNFDS: "pnfdOnboardingState"}


class Used:
    """Says of which descriptors instances exist."""

    def __init__(self) -> None:
        self.descriptors: set[str] = set()

    async def in_use(self, _connection: object, _kind: str, descriptor_ids: Collection[str]) -> frozenset[str]:
        return frozenset(self.descriptors & set(descriptor_ids))


class Client:
    """A client of the catalogue, with a look behind it."""

    def __init__(self, http: TestClient[Any, Any], catalogue: Catalogue, used: Used, directory: Path) -> None:
        self.http = http
        self.catalogue = catalogue
        self.used = used
        self.directory = directory

    async def create(self, collection: str = PACKAGES) -> str:
        async with self.http.post(collection, json={}) as answer:
            assert answer.status == 201, await answer.text()
            return f"{collection}/{(await answer.json())['id']}"

    async def upload(self, resource: str, content: bytes) -> int:
        collection = resource.rpartition("/")[0]
        headers = {"Content-Type": "application/zip"}
        async with self.http.put(f"{resource}/{CONTENT[collection]}", data=content, headers=headers) as answer:
            return answer.status

    async def onboard(self, content: bytes, collection: str = PACKAGES) -> dict[str, Any]:
        """Upload a content to an entry of its own, and return the entry once it is processed."""
        resource = await self.create(collection)
        assert await self.upload(resource, content) == 202
        return await self.processed(resource)

    async def processed(self, resource: str) -> dict[str, Any]:
        await self.catalogue.onboarding.idle()
        return await self.get(resource)

    async def until(self, resource: str, state: str) -> None:
        """Return once the entry is in this onboarding state."""
        while (await self.get(resource))[STATE[resource.rpartition("/")[0]]] != state:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(0.005)

    async def get(self, path: str) -> Any:
        async with self.http.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def status(self, method: str, path: str, **request: Any) -> tuple[int, dict[str, Any]]:
        """Return the status of a refusal and its problem details."""
        async with self.http.request(method, path, **request) as answer:
            if answer.status < 400:
                return answer.status, {}
            assert answer.content_type == "application/problem+json"
            problem = await answer.json()
            assert problem["status"] == answer.status
            assert {"type", "title", "detail"} <= problem.keys()
            return answer.status, problem

    async def debris(self) -> set[str]:
        """Return what lies on disk and belongs to no entry."""
        async with self.catalogue._database.reading() as connection:
            digests = {e.document.digest for documents in ENTRIES.values() for e in await documents.all(connection)}
        return {path.name for path in self.directory.iterdir()} - digests - {"incoming"} | {
            path.name for path in (self.directory / "incoming").iterdir()
        }


@asynccontextmanager
async def opened(directory: Path, used: Used, **judged: Any) -> AsyncIterator[Client]:
    """Open the catalogue of a directory, as a server does when it starts."""
    database = await Database.open(f"sqlite+aiosqlite:///{directory}/mano.sqlite")
    sources = Sources(await Vault.open(database, directory / "secret.key"))
    limits = Limits(total_bytes=64 * 1024**2, member_bytes=32 * 1024**2)
    catalogue = await Catalogue.open(
        database, directory / "packages", used, sources, upload_limit=UPLOAD_LIMIT, limits=limits, **judged
    )
    mano = Api("mano", version="1.0.0", root="/mano/v1")
    declare_diagnostics(mano, catalogue)

    async def ready() -> list[str]:
        return []

    app = application(*vnfpkgm_apis(catalogue), *nsd_apis(catalogue), mano, ready=ready)
    try:
        async with TestClient(TestServer(app)) as http:
            yield Client(http, catalogue, used, directory / "packages")
    finally:
        await catalogue.aclose()
        await database.aclose()
