"""The VIMs that an operator registered (SOL003 clause 4.4.1.6; how they are registered ETSI leaves open).

Credentials lie in the database as they were given; its file, like all of the data directory, can be read by the
server's own user only.
"""

from __future__ import annotations

from typing import Protocol

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.rest import ProblemError
from mano_runtime.storage import Database, Documents, Page
from vim_adapters.connection import VimConnection
from vim_adapters.errors import VimError

_log = structlog.get_logger(__name__)


class RegisteredVim(msgspec.Struct, frozen=True, kw_only=True):
    """A VIM connection with what only the operator's view of it needs."""

    name: str
    """By which people call it; unique."""
    created_at: str
    """UTC, ISO 8601."""
    connection: VimConnection

    @property
    def id(self) -> str:
        """By which plans, grants and resources name it."""
        return self.connection.id


def _vim_id(vim: RegisteredVim) -> str | None:
    return vim.connection.vim_id or None


def _vim_type(vim: RegisteredVim) -> str:
    return vim.connection.vim_type


VIM_CONNECTIONS = Documents("vim_connections", RegisteredVim, promoted={"vim_id": _vim_id, "vim_type": _vim_type})


class Vims(Protocol):
    """Where VIMs are made usable (``vim_adapters.registry``); supplied by the composition root."""

    def register(self, connection: VimConnection) -> None:
        """Make a VIM usable; raises when it never could be."""

    def remove(self, vim: str) -> None:
        """Stop using a VIM."""


class VimUsers(Protocol):
    """Who knows what runs where; supplied by the composition root."""

    async def users(self, connection: AsyncConnection, vim: str) -> tuple[str, ...]:
        """Return in words the instances that have something on this VIM."""


class VimConnections:
    """The registered VIMs of one installation."""

    def __init__(self, database: Database, vims: Vims, users: VimUsers) -> None:
        self._database = database
        self._vims = vims
        self._users = users

    async def load(self) -> None:
        """Make every registered VIM usable; one that no longer can be is logged, and only what needs it will fail."""
        for vim in await self.all():
            try:
                self._vims.register(vim.connection)
            except (VimError, ValueError) as error:
                _log.error("VIM cannot be used", vim=vim.id, name=vim.name, reason=str(error))

    async def add(self, name: str, connection: VimConnection) -> RegisteredVim:
        """Register a VIM under an identifier of its own (``connection.id`` is replaced), usable at once.

        Raises:
            ProblemError: 409 when the name is taken.
            UnknownVimTypeError, MisconfiguredError: it could never be used (``vim_adapters``); nothing is recorded.
        """
        vim = RegisteredVim(
            name=name, created_at=timestamp(), connection=msgspec.structs.replace(connection, id=new_id())
        )
        async with self._database.transaction() as transaction:
            for other in await VIM_CONNECTIONS.all(transaction):
                if other.document.name == name:
                    raise ProblemError(
                        409,
                        "Name taken",
                        f"name: the VIM connection {other.id} is called {name!r} already",
                        type="urn:mano:problem:vim-name-taken",
                        attribute="$.name",
                    )
            self._vims.register(vim.connection)
            await VIM_CONNECTIONS.insert(transaction, vim.id, vim)
        return vim

    async def get(self, vim: str) -> RegisteredVim:
        """Return a registered VIM; ProblemError 404 when there is none."""
        async with self._database.reading() as connection:
            return await _existing(connection, vim)

    async def page(self, *, after: str | None, limit: int) -> Page[RegisteredVim]:
        """Return registered VIMs in the order of their registration."""
        async with self._database.reading() as connection:
            return await VIM_CONNECTIONS.page(connection, after=after, limit=limit)

    async def all(self) -> list[RegisteredVim]:
        """Return every registered VIM in the order of registration."""
        async with self._database.reading() as connection:
            return [stored.document for stored in await VIM_CONNECTIONS.all(connection)]

    async def remove(self, vim: str) -> None:
        """Forget a VIM; ProblemError 404, 409 while instances have something on it."""
        async with self._database.transaction() as connection:
            await _existing(connection, vim)
            users = await self._users.users(connection, vim)
            if users:
                raise ProblemError(
                    409,
                    "VIM in use",
                    f"VIM connection {vim} is used by {', '.join(users)}",
                    type="urn:mano:problem:vim-in-use",
                    users=list(users),
                )
            await VIM_CONNECTIONS.delete(connection, vim)
        self._vims.remove(vim)


async def _existing(connection: AsyncConnection, vim: str) -> RegisteredVim:
    stored = await VIM_CONNECTIONS.get(connection, vim)
    if stored is None:
        raise ProblemError(
            404, "Not found", f"there is no VIM connection {vim!r}", type="urn:mano:problem:unknown-vim-connection"
        )
    return stored.document
