from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from ns_examples import NSD, Descriptors
from yarl import URL

from mano_runtime.rest import application
from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.patience import Patience
from nfvo.grants.decisions import GrantDecisions
from nfvo.lifecycle.service import build_nslcm
from vim_adapters.registry import VimConnection, VimRegistry
from vim_adapters.simulated.faults import FaultRule, add_rule, clear_rules
from vim_adapters.simulated.settings import DEFAULTS, set_setting
from vim_adapters.simulated.store import Store
from vnfm.service import build_vnfm

QUICK = Patience(tries=2, first=0.001, longest=0.002, total=5.0)
OWNER = "mano-test"


class Vim:
    """A simulated VIM, from the outside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with Store(path).transaction() as connection:
            for key in DEFAULTS:
                set_setting(connection, key, 0.0)

    def connection(self, vim: str) -> VimConnection:
        return VimConnection(
            id=vim, vim_type="SIMULATED", interface_info={"path": str(self.path)}, extra={"poll_seconds": 0.005}
        )

    async def spoil(self, **rule: Any) -> None:
        """Have calls go wrong."""

        def add() -> None:
            with Store(self.path).transaction() as connection:
                add_rule(connection, FaultRule(**rule))

        await asyncio.to_thread(add)

    async def boot(self, seconds: float) -> None:
        """Have servers take so long to come up, those that are coming up included."""

        def change() -> None:
            with Store(self.path).transaction() as connection:
                set_setting(connection, "boot.server", seconds)
                if not seconds:
                    connection.execute("UPDATE resources SET ready_at = 0")

        await asyncio.to_thread(change)

    async def heal(self) -> None:
        """Have no more calls go wrong."""

        def clear() -> None:
            with Store(self.path).transaction() as connection:
                clear_rules(connection)

        await asyncio.to_thread(clear)


class Orchestrator:
    """NFVO and VNFM on one simulated VIM, over REST."""

    def __init__(self, client: TestClient, engine: Engine, registry: VimRegistry, vim: Vim) -> None:
        self.client = client
        self.engine = engine
        self.registry = registry
        self.vim = vim
        self.descriptors = Descriptors()

    async def get(self, path: str) -> Any:
        response = await self.client.get(path)
        assert response.status == 200, await response.text()
        return await response.json()

    async def create(self, name: str = "shop") -> str:
        body = {"nsdId": NSD.id, "nsName": name, "nsDescription": "A test"}
        response = await self.client.post("/nslcm/v2/ns_instances", json=body)
        assert response.status == 201, await response.text()
        return (await response.json())["id"]

    async def begin(self, ns_id: str, task: str, body: dict[str, Any]) -> str:
        """Ask for an operation, and return the path of its occurrence."""
        response = await self.client.post(f"/nslcm/v2/ns_instances/{ns_id}/{task}", json=body)
        assert response.status == 202, await response.text()
        return URL(response.headers["Location"]).path

    async def ask(self, occurrence: str, task: str) -> None:
        response = await self.client.post(f"{occurrence}/{task}")
        assert response.status == 202, await response.text()

    async def ended(self, occurrence: str) -> dict[str, Any]:
        """Wait until nothing moves by itself, and return the occurrence."""
        await self.engine.ended(occurrence.rsplit("/", 1)[1], timeout=60)
        return await self.get(occurrence)

    async def run(self, ns_id: str, task: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self.ended(await self.begin(ns_id, task, body))

    async def instantiated(self) -> str:
        """Return the identifier of an NS that is instantiated."""
        ns_id = await self.create()
        occurrence = await self.run(ns_id, "instantiate", {"nsFlavourId": "edge"})
        assert occurrence["operationState"] == "COMPLETED", occurrence
        return ns_id

    async def show(self, ns_id: str) -> dict[str, Any]:
        return await self.get(f"/nslcm/v2/ns_instances/{ns_id}")

    async def owned(self, kind: str | None = None) -> list[str]:
        """Return the paths of the identities of all that is ours on the VIM, one for each resource."""
        seen = await self.registry.adapter("vim-1").list_owned(OWNER)
        return sorted(it.identity.path for it in seen if it.identity and kind in {None, it.handle.kind.value})


@pytest.fixture
async def vim(tmp_path) -> Vim:
    return await asyncio.to_thread(Vim, tmp_path / "vim.sqlite")


@pytest.fixture
async def registry(vim) -> AsyncIterator[VimRegistry]:
    registry = VimRegistry()
    await asyncio.to_thread(registry.register, vim.connection("vim-1"))
    yield registry
    await registry.aclose()


@pytest.fixture
async def database(tmp_path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    yield database
    await database.aclose()


@pytest.fixture
async def mano(database, registry, vim, aiohttp_client) -> AsyncIterator[Orchestrator]:
    descriptors = Descriptors()
    engine = Engine(database, patience=QUICK)
    grants = GrantDecisions(database, registry, descriptors)
    vnfm = build_vnfm(database, engine, registry, grants, descriptors, owner=OWNER)
    grants.attach(vnfm.lifecycle)
    nslcm = build_nslcm(database, engine, registry, descriptors, vnfm.lifecycle, owner=OWNER)

    async def ready() -> list[str]:
        return []

    client = await aiohttp_client(application(*nslcm.apis, *vnfm.apis, ready=ready))
    await engine.start()
    orchestrator = Orchestrator(client, engine, registry, vim)
    orchestrator.descriptors = descriptors
    yield orchestrator
    await engine.aclose()
