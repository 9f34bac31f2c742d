"""The composition root: everything that a server of its role consists of, made in order and closed in reverse.

settings -> log -> installation (data directory, database, VIMs, engine) -> NFVO, VNFM or both -> REST
"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_address

import structlog
from aiohttp import web
from yarl import URL

from mano_runtime import structured_log
from mano_runtime.event_loop import run_process
from mano_runtime.process import settle_process
from mano_runtime.rest import Api, Paging, application, serving
from mano_runtime.rest.transport_security import TlsError, server_tls
from mano_runtime.settings import Settings
from mano_runtime.storage import UnusableDatabaseError, VaultError
from mano_runtime.struct_types import settle_struct_types
from nfvo.composition.installation import Installation, installation, limits_of
from nfvo.composition.interfaces import Interfaces
from nfvo.composition.orchestrator import orchestrator, orchestrator_alone
from nfvo.composition.peers import CannotServeError
from nfvo.composition.vnf_manager import vnf_manager, vnf_manager_alone
from nfvo.data_directory import DirectoryInUseError

__all__ = ["CannotServeError", "build_application", "limits_of", "run"]

OR_VNFM = web.AppKey("OR_VNFM", web.Application)
"""Where the application keeps the one that is served on the port for VNFMs alone, if there is one."""
_log = structlog.get_logger(__name__)


@asynccontextmanager
async def build_application(
    settings: Settings, *, overtaken: Callable[[], None] = lambda: None
) -> AsyncIterator[web.Application]:
    """Open everything that the server consists of, and give the application that serves it, with ``OR_VNFM`` in it.

    Work that an earlier process left is taken up at once; at the end what is at work stops promptly, to be resumed at
    the next start. ``overtaken`` is called when another server has taken the database over: this one is to end.

    Raises:
        DirectoryInUseError: another process serves this data directory.
        UnusableDatabaseError: its database is not there, cannot be used, or is another server's.
        VaultError: the key that secrets are sealed with is lost, or its file cannot be used.
        CannotServeError: the role needs a setting that is missing.
    """
    settle_struct_types()
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(installation(settings, overtaken=overtaken))
        interfaces = await _interfaces(here, stack)
        stack.push_async_callback(here.engine.aclose)
        await here.engine.start()
        app = _application(here, interfaces.main)
        if interfaces.or_vnfm:
            app[OR_VNFM] = _application(here, interfaces.or_vnfm)
        yield app


def _application(here: Installation, apis: Sequence[Api]) -> web.Application:
    settings = here.settings
    return application(
        *apis,
        ready=here.obstacles,
        paging=Paging(page_size=settings.page_size, list_limit=settings.list_limit),
        body_limit=settings.body_limit,
        gate=here.access.gate,
        routes=here.access.routes,
        witness=here.audit.witness,
    )


async def _interfaces(here: Installation, stack: AsyncExitStack) -> Interfaces:
    """Return the interfaces of the role, and no others."""
    match here.settings.role:
        case "nfvo":
            return await orchestrator_alone(here, stack)
        case "vnfm":
            return await vnf_manager_alone(here, stack)
        case _:
            nfvo = await orchestrator(here, stack)
            vnfm = await vnf_manager(here, nfvo.grants, nfvo.catalogue)
            return await nfvo.interfaces(stack, vnfm.lifecycle, vnfm.apis, with_access=False)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, and return when everything is closed.

    One line on stdout, ``mano is ready at URL``, tells when requests are accepted and where; one before it where VNFMs
    are served, if they have a port of their own. The log goes to stderr.

    Raises:
        CannotServeError: the address, the data directory or the database cannot be used, or not any more.
    """
    if settings.access == "open" and not _is_loopback(settings.host):
        raise CannotServeError(
            f"{settings.host} can be reached from other machines, and everybody who reaches it could do everything: set"
            f" MANO_ACCESS=clients, and make the first client with `mano client create NAME --role administrator"
            f" --data-dir {settings.data_dir}`"
        )
    issuer = URL(settings.oidc_issuer)
    if settings.oidc_issuer and not (issuer.scheme == "https" or (issuer.host and _is_loopback(issuer.host))):
        raise CannotServeError(
            f"MANO_OIDC_ISSUER is {settings.oidc_issuer!r}: an issuer is reached over https, lest somebody on the way"
            " gives other keys"
        )
    os.umask(0o077)  # what the server writes holds credentials of VIMs
    structured_log.configure(json=settings.log_format == "json", level=settings.log_level)
    try:
        run_process(_serve(settings))
    except (DirectoryInUseError, UnusableDatabaseError, VaultError) as error:
        raise CannotServeError(str(error)) from error
    except OSError as error:
        raise CannotServeError(
            f"cannot serve {settings.host}:{settings.port} from {settings.data_dir}: {error}"
        ) from error


async def _serve(settings: Settings) -> None:
    tls = await asyncio.to_thread(_tls, settings)
    stop = asyncio.Event()
    overtaken = False

    def end() -> None:
        nonlocal overtaken
        overtaken = True
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(build_application(settings, overtaken=end))
        if settings.or_vnfm_port is not None:
            listener = serving(app[OR_VNFM], host=settings.host, port=settings.or_vnfm_port, tls=tls)
            url = await stack.enter_async_context(listener)
            sys.stdout.write(f"VNF managers are served at {url}\n")
        url = await stack.enter_async_context(serving(app, host=settings.host, port=settings.port, tls=tls))
        if settings.access == "open":
            _log.warning("access is open: everybody on this machine may do everything (MANO_ACCESS=clients ends that)")
        settle_process()
        sys.stdout.write(f"mano is ready at {url}\n")
        sys.stdout.flush()
        await stop.wait()
        _log.info("stopping")
    if overtaken:
        raise CannotServeError("another server has taken the database over while this one could not reach it")


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """Return what the listener speaks TLS with; CannotServeError when the settings are no whole."""
    if not settings.tls_certificate:
        if settings.tls_key or settings.tls_client_ca:
            raise CannotServeError(
                "tls_key and tls_client_ca need the server's certificate: set MANO_TLS_CERTIFICATE as well"
            )
        return None
    if not settings.tls_key:
        raise CannotServeError("tls_certificate needs its key: set MANO_TLS_KEY as well")
    authorities = settings.data_dir / settings.tls_client_ca if settings.tls_client_ca else None
    try:
        return server_tls(
            settings.data_dir / settings.tls_certificate, settings.data_dir / settings.tls_key, authorities
        )
    except TlsError as error:
        raise CannotServeError(str(error)) from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
