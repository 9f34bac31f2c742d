"""What a server of any role consists of: data directory (locked), database, VIMs, notifications, engine."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from descriptors.limits import Limits
from mano_runtime.notifications import Notifications
from mano_runtime.rest import Api
from mano_runtime.rest.transport_security import TlsError, outgoing_tls
from mano_runtime.security.access import Access, open_access
from mano_runtime.security.audit import Audit
from mano_runtime.settings import Settings
from mano_runtime.storage import Database, Vault
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.operation_log import OperationLog
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.sources import seal_sources
from nfvo.composition.instances import Instances
from nfvo.composition.peers import CannotServeError
from nfvo.data_directory import DataDirectory, data_directory
from nfvo.extensions.api import mano_api
from nfvo.extensions.leftovers import Leftovers
from nfvo.inventory.vim_connections import VimConnections
from nfvo.roles import INSTALLATION_WIDE, ROLES
from vim_adapters.connection import VimConnection
from vim_adapters.registry import VimRegistry

SIMULATED = "simulated"
"""Name of the VIM connection that a fresh data directory begins with."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One data directory and what is opened of it; the engine is to be started once its levels are registered."""

    settings: Settings
    directory: DataDirectory
    database: Database
    vault: Vault
    registry: VimRegistry
    connections: VimConnections
    notifications: Notifications
    access: Access
    audit: Audit
    engine: Engine
    instances: Instances
    owner: str
    """The tag that our resources carry on VIMs."""

    @property
    def url(self) -> str:
        """Root of our interfaces, as others reach it."""
        scheme = "https" if self.settings.tls_certificate else "http"
        return self.settings.public_url or f"{scheme}://{self.settings.host}:{self.settings.port}"

    @property
    def limits(self) -> Limits:
        """The bounds on packages."""
        return limits_of(self.settings)

    def extensions(self, catalogue: Catalogue | None) -> Api:
        """Return the interface to what ETSI leaves open."""
        return mano_api(
            catalogue=catalogue,
            engine=self.engine,
            log=OperationLog(self.database),
            connections=self.connections,
            registry=self.registry,
            notifications=self.notifications,
            access=self.access,
            audit=self.audit,
            owner=self.owner,
            leftovers=Leftovers(self.database, self.registry, self.instances, self.owner),
        )

    async def obstacles(self) -> list[str]:
        """Return what keeps the server from working."""
        try:
            async with self.database.reading() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as error:  # noqa: BLE001  whatever it is, it is why we are not ready
            return [f"the database does not answer: {error}"]
        return []


@asynccontextmanager
async def installation(
    settings: Settings, *, overtaken: Callable[[], None] = lambda: None
) -> AsyncIterator[Installation]:
    """Open the installation at ``settings.data_dir``, and close it at the end.

    ``overtaken`` is called when another server has taken its database over; nothing can be written after that.

    Raises:
        DirectoryInUseError: another process serves this data directory.
        UnusableDatabaseError: its database is not there, cannot be used, or is another server's.
        VaultError: the key that secrets are sealed with is lost, or its file cannot be used.
    """
    instances = Instances(vnfm_elsewhere=settings.role == "nfvo")
    async with AsyncExitStack() as stack:
        directory = await stack.enter_async_context(data_directory(settings.data_dir))
        url = await asyncio.to_thread(directory.database, settings.database_url)
        database = await Database.open(url, alone=True, overtaken=overtaken)
        stack.push_async_callback(database.aclose)
        vault = await Vault.open(database, settings.data_dir / settings.secret_key_file)
        access = await open_access(settings, database, vault, roles=ROLES, everywhere=INSTALLATION_WIDE)
        stack.push_async_callback(access.aclose)
        audit = await Audit.open(database, age=settings.audit_age)
        stack.push_async_callback(audit.aclose)
        registry = VimRegistry()
        stack.push_async_callback(registry.aclose)
        connections = VimConnections(database, vault, registry, instances)
        await connections.load()
        await seal_sources(database, vault)
        await _set_up(settings, directory, connections)
        notifications = await Notifications.open(
            database,
            vault,
            age=settings.notification_age,
            timeout=settings.notification_timeout,
            tls=await asyncio.to_thread(_outgoing_tls, settings),
        )
        stack.push_async_callback(notifications.aclose)
        await vault.retire(database)
        yield Installation(
            settings=settings,
            directory=directory,
            database=database,
            vault=vault,
            registry=registry,
            connections=connections,
            notifications=notifications,
            access=access,
            audit=audit,
            engine=Engine(database),
            instances=instances,
            owner=f"mano-{await asyncio.to_thread(directory.installation)}",
        )


def _outgoing_tls(settings: Settings) -> ssl.SSLContext | None:
    """Return what subscribers are connected to with; CannotServeError when the settings cannot be used."""
    if not settings.outgoing_certificate:
        return None
    key = settings.data_dir / settings.outgoing_key if settings.outgoing_key else None
    try:
        return outgoing_tls(settings.data_dir / settings.outgoing_certificate, key)
    except TlsError as error:
        raise CannotServeError(str(error)) from error


def limits_of(settings: Settings) -> Limits:
    """Return the bounds on packages: each is the setting of its name after ``package_``."""
    return Limits(**{name: getattr(settings, f"package_{name}") for name in Limits.__struct_fields__})


async def _set_up(settings: Settings, directory: DataDirectory, connections: VimConnections) -> None:
    """Give a fresh installation a VIM to begin with; once more after a crash in between changes nothing.

    A VNFM elsewhere learns of VIMs from its NFVO.
    """
    if settings.role == "vnfm" or not settings.simulated_vim or not await asyncio.to_thread(lambda: directory.fresh):
        return
    if all(vim.name != SIMULATED for vim in await connections.all()):
        path = {"path": str(directory.simulated_vim)}
        await connections.add(
            SIMULATED, VimConnection(id="", vim_id=SIMULATED, vim_type="SIMULATED", interface_info=path)
        )
