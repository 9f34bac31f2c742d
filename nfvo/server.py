"""The composition root: NFVO, VNFM, VIMs and catalogue in one process, made in order and closed in reverse.

settings -> log -> data directory (locked) -> database -> VIMs -> catalogue -> VNFM and NS levels -> engine -> REST
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_address

import structlog
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from descriptors.limits import Limits
from descriptors.mode import Mode
from descriptors.signatures import SignaturePolicy
from mano_runtime import structured_log
from mano_runtime.notifications import Notifications
from mano_runtime.rest import application, serving
from mano_runtime.security.access import open_access
from mano_runtime.settings import Settings
from mano_runtime.storage import Database, Vault, VaultError
from mano_runtime.struct_types import settle_struct_types
from mano_runtime.workflow.engine import DirectoryInUseError, Engine
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import OPEN_STATES
from mano_runtime.workflow.operation_log import OperationLog
from mano_runtime.workflow.records import OPERATIONS
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Kind
from nfvo.data_directory import DataDirectory, data_directory
from nfvo.extensions.api import mano_api
from nfvo.grants.decisions import GrantDecisions
from nfvo.grants.requested import RequestedGrants
from nfvo.inventory.ns_instances import NS_INSTANCES
from nfvo.inventory.vim_connections import VimConnections
from nfvo.lifecycle.service import build_nslcm
from nfvo.roles import INSTALLATION_WIDE, ROLES
from nfvo.sol003.granting import granting_api
from nfvo.sol005.catalogue_notices import CatalogueNotices
from nfvo.sol005.nsd import nsd_api
from nfvo.sol005.vnfpkgm import vnfpkgm_api
from vim_adapters.connection import VimConnection
from vim_adapters.registry import VimRegistry
from vnfm.drivers.contract import Host
from vnfm.inventory.tables import VNF_INSTANCES
from vnfm.lifecycle.scripting import Scripting
from vnfm.service import build_vnfm

_log = structlog.get_logger(__name__)

SIMULATED = "simulated"
"""Name of the VIM connection that a fresh data directory begins with."""


class CannotServeError(Exception):
    """The server cannot start; the message says why, in words for whoever started it."""


class Instances:
    """What exists, for those that must not pull the ground from under it.

    Answers the catalogue (``nfvo.catalogue.catalogue.Usage``) and the VIM connections
    (``nfvo.inventory.vim_connections.VimUsers``) from both levels' inventories.
    """

    async def in_use(self, connection: AsyncConnection, kind: Kind, descriptor_ids: Collection[str]) -> frozenset[str]:
        """Return those of the descriptors that instances exist of."""
        if not descriptor_ids:
            return frozenset()
        if kind == "vnfd":
            vnfs = await VNF_INSTANCES.all(connection, equal={"vnfd_id": list(descriptor_ids)})
            return frozenset(stored.document.vnfd_id for stored in vnfs)
        services = await NS_INSTANCES.all(connection, equal={"nsd_id": list(descriptor_ids)})
        return frozenset(stored.document.nsd_id for stored in services)

    async def users(self, connection: AsyncConnection, vim: str) -> tuple[str, ...]:
        """Return in words the instances with something on this VIM, and the operations that may put something there."""
        vnfs = await VNF_INSTANCES.all(connection)
        services = await NS_INSTANCES.all(connection)
        operations = await OPERATIONS.all(connection, equal={"state": [state.value for state in OPEN_STATES]})
        return (
            *(f"VNF instance {vnf.id}" for vnf in vnfs if _touches(vnf.document.graph, vim)),
            *(f"NS instance {ns.id}" for ns in services if _touches(ns.document.graph, vim)),
            *(
                f"operation {operation.id}"
                for operation in operations
                if operation.document.plan and _touches(operation.document.plan.desired, vim)
            ),
        )


def _touches(graph: Graph, vim: str) -> bool:
    return any(resource.target == vim for resource in graph.values())


@asynccontextmanager
async def build_application(settings: Settings) -> AsyncIterator[web.Application]:
    """Open everything that the server consists of, and give the application that serves it.

    Work that an earlier process left is taken up at once; at the end what is at work stops promptly, to be resumed at
    the next start.

    Raises:
        DirectoryInUseError: another process serves this data directory.
        VaultError: the key that secrets are sealed with is lost, or its file cannot be used.
    """
    settle_struct_types()
    async with AsyncExitStack() as stack:
        directory = await stack.enter_async_context(data_directory(settings.data_dir))
        database = await Database.open(directory.database)
        stack.push_async_callback(database.aclose)
        vault = await Vault.open(database, settings.data_dir / settings.secret_key_file)
        access = await open_access(settings, database, vault, roles=ROLES, everywhere=INSTALLATION_WIDE)
        registry = VimRegistry()
        stack.push_async_callback(registry.aclose)
        connections = VimConnections(database, vault, registry, Instances())
        await connections.load()
        await vault.retire(database)
        await _set_up(settings, directory, connections)
        owner = f"mano-{await asyncio.to_thread(directory.installation)}"
        notifications = await Notifications.open(
            database, age=settings.notification_age, timeout=settings.notification_timeout
        )
        stack.push_async_callback(notifications.aclose)
        catalogue = await Catalogue.open(
            database,
            directory.packages,
            Instances(),
            listener=CatalogueNotices(notifications),
            upload_limit=settings.upload_limit,
            limits=limits_of(settings),
            mode=Mode(settings.package_mode),
            signatures=_signature_policy(settings),
        )
        stack.push_async_callback(catalogue.aclose)
        engine = Engine(database, directory=directory.engine)
        grants = GrantDecisions(database, registry, catalogue)
        scripting = await _scripting(settings, owner)
        vnfm = build_vnfm(
            database,
            engine,
            registry,
            grants,
            catalogue,
            owner=owner,
            notifications=notifications,
            scripting=scripting,
        )
        grants.attach(vnfm.lifecycle)
        nslcm = build_nslcm(
            database, engine, registry, catalogue, vnfm.lifecycle, owner=owner, notifications=notifications
        )
        requested = RequestedGrants(database, grants, answer_seconds=settings.grant_answer_seconds)
        stack.push_async_callback(requested.aclose)
        stack.push_async_callback(engine.aclose)
        await engine.start()
        await requested.start()

        async def obstacles() -> list[str]:
            try:
                async with database.reading() as connection:
                    await connection.execute(text("SELECT 1"))
            except Exception as error:  # noqa: BLE001  whatever it is, it is why we are not ready
                return [f"the database does not answer: {error}"]
            return []

        yield application(
            vnfpkgm_api(catalogue, notifications),
            nsd_api(catalogue, notifications),
            *nslcm.apis,
            *vnfm.apis,
            granting_api(requested, registry.connections, with_access=False),
            mano_api(
                catalogue=catalogue,
                engine=engine,
                log=OperationLog(database),
                connections=connections,
                registry=registry,
                notifications=notifications,
                access=access,
                owner=owner,
            ),
            ready=obstacles,
            page_size=settings.page_size,
            body_limit=settings.body_limit,
            gate=access.gate,
            routes=access.routes,
        )


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, and return when everything is closed.

    One line on stdout, ``mano is ready at URL``, tells when requests are accepted and where; the log goes to stderr.

    Raises:
        CannotServeError: the address or the data directory cannot be used.
    """
    if settings.access == "open" and not _is_loopback(settings.host):
        raise CannotServeError(
            f"{settings.host} can be reached from other machines, and everybody who reaches it could do everything: set"
            f" MANO_ACCESS=clients, and make the first client with `mano client create NAME --role administrator"
            f" --data-dir {settings.data_dir}`"
        )
    os.umask(0o077)  # what the server writes holds credentials of VIMs
    structured_log.configure(json=settings.log_format == "json", level=settings.log_level)
    try:
        asyncio.run(_serve(settings))
    except (DirectoryInUseError, VaultError) as error:
        raise CannotServeError(str(error)) from error
    except OSError as error:
        raise CannotServeError(
            f"cannot serve {settings.host}:{settings.port} from {settings.data_dir}: {error}"
        ) from error


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        build_application(settings) as app,
        serving(app, host=settings.host, port=settings.port) as url,
    ):
        if settings.access == "open":
            _log.warning("access is open: everybody on this machine may do everything (MANO_ACCESS=clients ends that)")
        gc.collect()
        gc.freeze()  # what is there now stays to the end: no collection need walk it again
        sys.stdout.write(f"mano is ready at {url}\n")
        sys.stdout.flush()
        await stop.wait()
        _log.info("stopping")


def limits_of(settings: Settings) -> Limits:
    """Return the bounds on packages: each is the setting of its name after ``package_``."""
    return Limits(**{name: getattr(settings, f"package_{name}") for name in Limits.__struct_fields__})


def _signature_policy(settings: Settings) -> SignaturePolicy:
    return SignaturePolicy(
        require=settings.package_signatures,
        time=settings.signature_time,
        trust_store=settings.data_dir / settings.trust_store,
    )


async def _scripting(settings: Settings, owner: str) -> Scripting | None:
    """Return what runs scripts of packages, with nothing left of those that died with an earlier process."""
    if settings.scripts == "off":
        return None
    scripting = Scripting(
        Host(
            directory=settings.script_directory / f"{owner}-scripts",
            confinement=settings.scripts,
            user=settings.script_user,
            search_path=settings.script_path,
            memory_bytes=settings.script_memory_bytes,
            keys=settings.data_dir / settings.script_keys,
            coordination=settings.coordination_url,
            url=settings.public_url or f"http://{settings.host}:{settings.port}",
        ),
        timeout=settings.script_timeout,
        output_bytes=settings.script_output_characters,
    )
    await scripting.tidy()
    return scripting


async def _set_up(settings: Settings, directory: DataDirectory, connections: VimConnections) -> None:
    """Give a fresh installation a VIM to begin with; once more after a crash in between changes nothing."""
    if not settings.simulated_vim or not await asyncio.to_thread(lambda: directory.fresh):
        return
    if all(vim.name != SIMULATED for vim in await connections.all()):
        path = {"path": str(directory.simulated_vim)}
        await connections.add(
            SIMULATED, VimConnection(id="", vim_id=SIMULATED, vim_type="SIMULATED", interface_info=path)
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
