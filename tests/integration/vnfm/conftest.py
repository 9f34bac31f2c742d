from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from vim_picture import Picture, picture_of
from vnfm_examples import FIREWALL, LARGE, OUTSIDE, SIMPLE, UPGRADED, Grants

from descriptors.model.vnfd import Vnfd
from mano_runtime.rest import application
from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.patience import Patience
from vim_adapters.contract import Identity
from vim_adapters.registry import VimConnection, VimRegistry
from vim_adapters.resources import NetworkSpec, PortSpec, SubnetSpec
from vim_adapters.simulated.faults import FaultRule, add_rule, clear_rules
from vim_adapters.simulated.settings import DEFAULTS, set_setting
from vim_adapters.simulated.store import Store
from vnfm.service import VnfService, build_vnfm
from vnfm.sol003.ports import NotOnboardedError
from vnfm.sol003.requests import CreateVnfRequest, InstantiateVnfRequest

QUICK = Patience(tries=2, first=0.001, longest=0.002, total=5.0)
OWNER = "mano-test"


class Shelf:
    """The packages of a test."""

    def __init__(self, *vnfds: Vnfd) -> None:
        self.vnfds = {vnfd.id: vnfd for vnfd in vnfds}
        self.files: dict[str, Path] = {}

    async def vnfd(self, vnfd_id: str) -> Vnfd:
        if vnfd_id not in self.vnfds:
            raise NotOnboardedError(vnfd_id)
        return self.vnfds[vnfd_id]

    async def package_enabled(self, vnfd_id: str) -> bool:
        return vnfd_id in self.vnfds

    async def package_id(self, vnfd_id: str) -> str:
        return f"package-of-{(await self.vnfd(vnfd_id)).id}"

    async def artifact_file(self, vnfd_id: str, path: str) -> Path | None:
        return self.files.get(path)

    async def artifact_paths(self, vnfd_id: str) -> tuple[str, ...]:
        return tuple(self.files)


class Vim:
    """The simulated VIM behind the registry, from the outside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with Store(path).transaction() as connection:
            for key in DEFAULTS:
                set_setting(connection, key, 0.0)
        self.registry = VimRegistry()
        self.registry.register(
            VimConnection(
                id="vim-1",
                vim_type="SIMULATED",
                interface_info={"path": str(path)},
                extra={"poll_seconds": 0.005},
            )
        )

    async def spoil(self, **rule: Any) -> None:
        """Have a call go wrong."""

        def add() -> None:
            with Store(self._path).transaction() as connection:
                add_rule(connection, FaultRule(**rule))

        await asyncio.to_thread(add)

    async def heal(self) -> None:
        """Have no more calls go wrong."""

        def clear() -> None:
            with Store(self._path).transaction() as connection:
                clear_rules(connection)

        await asyncio.to_thread(clear)

    async def resources(self) -> dict[str, list[str]]:
        """Return what we own there: identifiers by path of the identity."""
        found: dict[str, list[str]] = {}
        for seen in await self.registry.adapter("vim-1").list_owned(OWNER):
            if seen.identity:
                found.setdefault(seen.identity.path, []).append(seen.handle.id)
        return found

    async def picture(self) -> Picture:
        """Return what we own there."""
        return await asyncio.to_thread(lambda: picture_of(Store(self._path), OWNER))

    async def is_told_by(self, vnfm: VnfService, vnf: str) -> bool:
        """Whether the inventory of the VNF names every server, port, trunk, network and storage of ours, no others."""
        owned = await self.resources()
        instance = await vnfm.lifecycle.get_vnf(vnf)
        if instance is None or instance.instantiated_vnf_info is None:
            return not owned
        info = instance.instantiated_vnf_info
        told = [vnfc.compute_resource for vnfc in info.vnfc_resource_info]
        told += [storage.storage_resource for storage in info.virtual_storage_resource_info]
        told += [link.network_resource for link in info.vnf_virtual_link_resource_info]
        told += [port.resource_handle for link in info.ext_virtual_link_info for port in link.ext_link_ports]
        told += [port.resource_handle for link in info.vnf_virtual_link_resource_info for port in link.vnf_link_ports]
        ports = [port for link in info.ext_virtual_link_info for port in link.ext_link_ports]
        ports += [port for link in info.vnf_virtual_link_resource_info for port in link.vnf_link_ports]
        trunks = [port.trunk_resource_id for port in ports if port.trunk_resource_id]
        untold = ("/subnet/", "/router", "/floating", "/sg/", "/group/", "/image/", "/qos", "vnf_snapshot/")
        there = [id_ for path, ids in owned.items() if not any(word in path for word in untold) for id_ in ids]
        return sorted([*(handle.resource_id for handle in told), *trunks]) == sorted(there)

    async def slow_guests(self, seconds: float) -> None:
        """Have guests take their time when they are asked to shut down."""

        def slow() -> None:
            with Store(self._path).transaction() as connection:
                set_setting(connection, "shutdown.server", seconds)

        await asyncio.to_thread(slow)

    async def outside_network(self, name: str = "outside") -> str:
        """Make the network of an NS virtual link, as an NFVO would, and return its identifier."""
        adapter = self.registry.adapter("vim-1")
        identity = Identity(owner="somebody-else", path=name)
        network = await adapter.ensure_present(NetworkSpec(name=name), identity)
        subnet = SubnetSpec(name=name, network=network.handle.id, cidr="10.0.0.0/24")
        await adapter.ensure_present(subnet, Identity(owner="somebody-else", path=f"{name}/subnet"))
        return network.handle.id

    async def outside_port(self, network: str) -> str:
        """Make a link port on that network beforehand, and return its identifier."""
        port = PortSpec(name="given", network=network)
        made = await self.registry.adapter("vim-1").ensure_present(
            port, Identity(owner="somebody-else", path="outside/port")
        )
        return made.handle.id


@pytest.fixture
async def vim(tmp_path) -> AsyncIterator[Vim]:
    vim = await asyncio.to_thread(Vim, tmp_path / "vim.sqlite")
    yield vim
    await vim.registry.aclose()


@pytest.fixture
def packages() -> Shelf:
    return Shelf(FIREWALL)


@pytest.fixture
def grants() -> Grants:
    return Grants()


@pytest.fixture
async def database(tmp_path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    yield database
    await database.aclose()


@pytest.fixture
async def engine(database) -> AsyncIterator[Engine]:
    engine = Engine(database, patience=QUICK)
    yield engine
    await engine.aclose()


@pytest.fixture
async def vnfm(database, engine, vim, grants, packages) -> VnfService:
    service = build_vnfm(database, engine, vim.registry, grants, packages, owner=OWNER)
    await engine.start()
    return service


@pytest.fixture
async def client(vnfm, aiohttp_client):
    async def ready() -> list[str]:
        return []

    return await aiohttp_client(application(*vnfm.apis, ready=ready))


Ended = Callable[[str], Awaitable[Any]]


@pytest.fixture
def ended(vnfm, engine) -> Ended:
    """Return the function that waits for an operation and returns its occurrence."""

    async def wait(operation_id: str) -> Any:
        await engine.ended(operation_id, timeout=30)
        return await vnfm.lifecycle.get_operation(operation_id)

    return wait


@pytest.fixture
async def attached(vim):
    """Return the request that attaches the firewall to a network outside."""
    link = msgspec.structs.replace(OUTSIDE, resource_id=await vim.outside_network())
    return InstantiateVnfRequest(flavour_id="simple", ext_virtual_links=(link,))


@pytest.fixture
async def created(vnfm):
    """Return the identifier of a VNF that is not instantiated."""
    return (await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=FIREWALL.id, vnf_instance_name="fw"))).id


@pytest.fixture
async def instantiated(vnfm, ended, created, attached):
    """Return the identifier of a VNF that is instantiated."""
    occurrence = await ended(await vnfm.lifecycle.instantiate(created, attached))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    return created


@pytest.fixture
def two_packages(packages, tmp_path):
    """Have two flavours, and another package to change to."""
    packages.vnfds[FIREWALL.id] = msgspec.structs.replace(FIREWALL, flavours={"simple": SIMPLE, "large": LARGE})
    packages.vnfds[UPGRADED.id] = UPGRADED
    packages.files["Files/own.img"] = tmp_path / "own.img"
    packages.files["Files/own.img"].write_bytes(b"an image" * 1000)
    return packages


@pytest.fixture
def acts(vim, attached, two_packages):
    """Return all that is done to a VNF in turn: the task, its request, and a fault that stops it half-way."""
    server = {"error": "refused", "kind": "server"}
    stop = {"changeStateTo": "STOPPED", "vnfcInstanceId": ["vdu/firewall/0"]}

    async def plan(snapshot: str) -> tuple[tuple[str, Any, dict[str, Any]], ...]:
        other = msgspec.structs.replace(OUTSIDE, id="other", resource_id=await vim.outside_network("other"))
        size = {"scaleInfo": [{"aspectId": "throughput", "scaleLevel": 0}]}
        return (
            ("instantiate", attached, server),
            ("scale", {"type": "SCALE_OUT", "aspectId": "throughput"}, server),
            ("scale_to_level", size, {"error": "denied", "verb": "ensure_absent", "kind": "volume"}),
            ("operate", stop, {"error": "refused", "verb": "operate"}),
            ("heal", {"additionalParams": {"all": True}}, {"error": "refused", "kind": "volume"}),
            ("create_snapshot", {"vnfSnapshotInfoId": snapshot}, {"error": "refused", "kind": "volume_snapshot"}),
            ("change_flavour", {"newFlavourId": "large"}, server),
            ("change_ext_conn", {"extVirtualLinks": [other]}, server),
            ("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot}, server),
            ("change_vnfpkg", {"vnfdId": UPGRADED.id, "extensions": {"x": 1}}, server),
            ("terminate", {"terminationType": "FORCEFUL"}, {"error": "denied", "verb": "ensure_absent"}),
        )  # fmt: skip

    return plan


@pytest.fixture
async def ask(client, etsi):
    """Return the function that sends a request and returns status and body, each answer judged by ETSI's document."""
    document = etsi("SOL003/VNFLifecycleManagement")

    async def send(method: str, path: str, body: object = None, **request: object):
        data = {} if body is None else {"json": body}
        async with client.request(method, f"/vnflcm/v2{path}", **data, **request) as response:
            answer = await document.check(response)
            location = response.headers.get("Location", "").partition("/vnflcm/v2")[2]
            return response.status, location or answer

    return send


@pytest.fixture
def done(ask, ended, instantiated):
    """Return the function that asks for an operation and returns its occurrence once it has ended."""

    async def run(task: str, body: object, *, method: str = "POST") -> dict:
        path = f"/vnf_instances/{instantiated}"
        status, occurrence = await ask(method, f"{path}/{task}" if task else path, body)
        assert status == 202, occurrence
        await ended(occurrence.rpartition("/")[2])
        return (await ask("GET", occurrence))[1]

    return run


@pytest.fixture
def place(ask):
    """Return the function that makes the place of a snapshot and returns its identifier."""

    async def make(body: object | None = None) -> str:
        status, made = await ask("POST", "/vnf_snapshots", body or {})
        assert status == 201
        return made.rpartition("/")[2]

    return make


@pytest.fixture
async def snapshot(place, done):
    """Return the identifier of a snapshot that was taken of the VNF."""
    id_ = await place()
    taken = await done("create_snapshot", {"vnfSnapshotInfoId": id_, "userDefinedData": {"why": "upgrade"}})
    assert taken["operationState"] == "COMPLETED", taken
    return id_
