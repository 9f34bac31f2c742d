"""The VNFM: bound to an NFVO of this process, or to one elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

from descriptors.shelf import Shelf
from mano_runtime.settings import Settings
from nfvo.composition.installation import Installation
from nfvo.composition.interfaces import Interfaces
from nfvo.composition.peers import CannotServeError, the_nfvo
from nfvo.inventory.vim_connections import VimConnections
from vim_adapters.connection import VimConnection
from vim_adapters.errors import MisconfiguredError
from vim_adapters.registry import UnknownVimTypeError
from vnfm.drivers.contract import Host
from vnfm.lifecycle.scripting import Scripting
from vnfm.or_vnfm.asked_grants import AskedGrants
from vnfm.or_vnfm.granting import RemoteGranting
from vnfm.or_vnfm.kept_packages import KeptPackages
from vnfm.or_vnfm.packages import RemotePackages
from vnfm.service import VnfService, build_vnfm
from vnfm.sol003.general import VimConnectionInfo
from vnfm.sol003.grants import GRANTING
from vnfm.sol003.ports import Granting, Packages, SolProblemError, VimBook

_ANYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  what to listen on, and no address of anybody


class LearnedVims:
    """Implements ``vnfm.sol003.ports.VimBook``: the VIM connections of the installation, as the NFVO tells them."""

    def __init__(self, connections: VimConnections) -> None:
        self._connections = connections

    async def learn(self, vims: Mapping[str, VimConnectionInfo], *, change: bool = False) -> None:
        """Have VIMs usable under these identifiers; SolProblemError when one cannot be used."""
        for vim, info in vims.items():
            connection = VimConnection(
                id=vim,
                vim_id=info.vim_id or "",
                vim_type=info.vim_type,
                interface_info=_texts(info.interface_info),
                access_info=_texts(info.access_info),
                extra=info.extra,
            )
            try:
                await self._connections.learn(connection, change=change)
            except (UnknownVimTypeError, MisconfiguredError) as error:
                where = f"vimConnectionInfo.{vim}"
                raise SolProblemError(
                    422, "The VIM cannot be used", f"{where}: {error}", slug="unknown-vim", attribute=where
                ) from error


def _texts(info: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in info.items()}


async def vnf_manager(
    here: Installation, granting: Granting, packages: Packages, vims: VimBook | None = None, *, granting_url: str = ""
) -> VnfService:
    """Return the VNFM of the installation, which asks ``granting`` and reads ``packages``.

    ``granting_url``: where grants are read; empty: at this server.
    """
    return build_vnfm(
        here.database,
        here.engine,
        here.registry,
        granting,
        packages,
        owner=here.owner,
        notifications=here.notifications,
        scripting=await _scripting(here),
        vims=vims,
        granting_url=granting_url,
    )


async def vnf_manager_alone(here: Installation, stack: AsyncExitStack) -> Interfaces:
    """Return the interfaces of a VNFM whose NFVO is elsewhere; it need not be there yet.

    Raises:
        CannotServeError: it is not said where it is, or where it finds us.
    """
    if here.settings.or_vnfm_port is not None:
        raise CannotServeError("all that the role vnfm serves is for its NFVO: leave out --or-vnfm-port, use --port")
    _check_findable(here.settings)
    nfvo = await stack.enter_async_context(await asyncio.to_thread(the_nfvo, here.settings))
    packages = RemotePackages(
        nfvo, Shelf(here.directory.packages, here.limits), KeptPackages(here.directory.kept_packages)
    )
    stack.callback(packages.close)
    asked = AskedGrants(here.directory.asked_grants)
    async with here.database.reading() as connection:
        await asked.sweep(await here.instances.vnfs(connection))
        await packages.open(await here.instances.vnfds(connection))
    vims = LearnedVims(here.connections)
    granting = RemoteGranting(nfvo, asked, vims, url=here.url, patience_seconds=here.settings.grant_patience)
    vnfm = await vnf_manager(here, granting, packages, vims, granting_url=f"{nfvo.url}{GRANTING}")
    return Interfaces(main=[*vnfm.apis, here.extensions(None)])


def _check_findable(settings: Settings) -> None:
    """Refuse settings by which the links that an NFVO gets would lead nowhere."""
    if not settings.public_url and (settings.port == 0 or settings.host in _ANYWHERE):
        raise CannotServeError(
            "a server of the role vnfm tells its NFVO where it is: give it a --host and a --port that others reach it"
            " at, or say in MANO_PUBLIC_URL how they do"
        )


async def _scripting(here: Installation) -> Scripting | None:
    """Return what runs scripts of packages, with nothing left of those that died with an earlier process."""
    settings = here.settings
    if settings.scripts == "off":
        return None
    scripting = Scripting(
        Host(
            directory=settings.script_directory / f"{here.owner}-scripts",
            confinement=settings.scripts,
            user=settings.script_user,
            search_path=settings.script_path,
            memory_bytes=settings.script_memory_bytes,
            keys=settings.data_dir / settings.script_keys,
            coordination=settings.coordination_url,
            url=here.url,
        ),
        timeout=settings.script_timeout,
        output_bytes=settings.script_output_characters,
    )
    await scripting.tidy()
    return scripting
