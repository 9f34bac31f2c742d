"""The VIMs that an operator registered (SOL003 clause 4.4.1.6; how they are registered ETSI leaves open).

How a VIM is reached and who we are there lies in the database sealed (``mano_runtime.storage.vault``).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.rest import ProblemError
from mano_runtime.storage import Database, Documents, Page, Vault, VaultError
from mano_runtime.tenancy import INSTALLATION, acting_for
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
    sealed: str = ""
    """Interface and access information of the connection, in the database: sealed. Else empty, unless it will not open,
    and then ``connection`` is without them."""

    @property
    def id(self) -> str:
        """By which plans, grants and resources name it."""
        return self.connection.id


def _vim_id(vim: RegisteredVim) -> str | None:
    return vim.connection.vim_id or None


def _vim_type(vim: RegisteredVim) -> str:
    return vim.connection.vim_type


VIM_CONNECTIONS = Documents(
    "vim_connections", RegisteredVim, promoted={"vim_id": _vim_id, "vim_type": _vim_type}, shareable=True
)


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

    async def seen(self, connection: AsyncConnection, instances: Collection[str]) -> frozenset[str]:
        """Return those of the instances that the acting party sees."""


class VimConnections:
    """The registered VIMs of one installation."""

    def __init__(self, database: Database, vault: Vault, vims: Vims, users: VimUsers) -> None:
        self._database = database
        self._vault = vault
        self._vims = vims
        self._users = users

    async def load(self) -> None:
        """Make every registered VIM usable; one that no longer can be is logged, and only what needs it will fail.

        What is not sealed with the current key, or not at all, is sealed with it first.
        """
        await self._seal_all()
        async with self._database.reading() as connection:
            for stored in await VIM_CONNECTIONS.all(connection):
                vim = stored.document
                try:
                    self._vims.register(self._unsealed(vim).connection)
                except (VaultError, VimError, ValueError) as error:
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
            await VIM_CONNECTIONS.insert(transaction, vim.id, self._sealed(vim), tenant=connection.tenant)
        return vim

    async def learn(self, connection: VimConnection, *, change: bool = False) -> None:
        """Register a VIM as somebody else knows it, by the identifier that it has there.

        One that is registered is left alone, unless ``change``; where it is not said then where the VIM is, or how one
        gets in, what was known of that counts on. So is one of which neither is known.

        Raises:
            UnknownVimTypeError, MisconfiguredError: it could never be used; nothing is recorded.
        """
        with acting_for(INSTALLATION):  # whoever it is told to, it is known to the installation
            await self._learn(connection, change=change)

    async def _learn(self, connection: VimConnection, *, change: bool) -> None:
        async with self._database.transaction() as transaction:
            stored = await VIM_CONNECTIONS.get(transaction, connection.id)
            before = self._shown(stored.document) if stored else None
            if before is not None and not change and not before.sealed:
                return
            known = before.connection if before else None
            told = msgspec.structs.replace(
                connection,
                interface_info=connection.interface_info or (known.interface_info if known else {}),
                access_info=connection.access_info or (known.access_info if known else {}),
                tenant=known.tenant if known else connection.tenant,
            )
            if told == known or not told.interface_info:
                return
            self._vims.register(told)
            if before is not None:
                vim = msgspec.structs.replace(before, connection=told)
                await VIM_CONNECTIONS.replace(transaction, vim.id, self._sealed(vim))
                return
            taken = {other.document.name for other in await VIM_CONNECTIONS.all(transaction)}
            name = told.vim_id if told.vim_id and told.vim_id not in taken else told.id
            vim = RegisteredVim(name=name, created_at=timestamp(), connection=told)
            await VIM_CONNECTIONS.insert(transaction, vim.id, self._sealed(vim), tenant=told.tenant)

    async def get(self, vim: str) -> RegisteredVim:
        """Return a registered VIM; ProblemError 404 when there is none."""
        async with self._database.reading() as connection:
            return self._shown(await _existing(connection, vim))

    async def page(self, *, after: str | None, limit: int) -> Page[RegisteredVim]:
        """Return registered VIMs in the order of their registration."""
        async with self._database.reading() as connection:
            page = await VIM_CONNECTIONS.page(connection, after=after, limit=limit)
        items = [msgspec.structs.replace(stored, document=self._shown(stored.document)) for stored in page.items]
        return Page(items=items, next=page.next)

    async def all(self) -> list[RegisteredVim]:
        """Return every registered VIM in the order of registration."""
        async with self._database.reading() as connection:
            return [self._shown(stored.document) for stored in await VIM_CONNECTIONS.all(connection)]

    async def seen(self, instances: Collection[str]) -> frozenset[str]:
        """Return those of the instances, by identifier, that the acting party sees."""
        async with self._database.reading() as connection:
            return await self._users.seen(connection, instances)

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

    async def _seal_all(self) -> None:
        clear = False
        async with self._database.transaction() as transaction:
            for stored in await VIM_CONNECTIONS.all(transaction):
                vim = stored.document
                if self._vault.is_current(vim.sealed):
                    continue
                try:
                    again = self._sealed(self._unsealed(vim))
                except VaultError:
                    continue  # told when it is registered
                clear = clear or not vim.sealed
                await VIM_CONNECTIONS.replace(transaction, vim.id, again)
        if clear:
            await self._database.forget_deleted()

    def _sealed(self, vim: RegisteredVim) -> RegisteredVim:
        private = _Private(
            interface_info=vim.connection.interface_info,
            access_info=vim.connection.access_info,
        )
        return msgspec.structs.replace(
            vim,
            connection=msgspec.structs.replace(vim.connection, interface_info={}, access_info={}),
            sealed=self._vault.seal(msgspec.json.encode(private), _place(vim)),
        )

    def _unsealed(self, vim: RegisteredVim) -> RegisteredVim:
        """Return the VIM as it was registered; VaultError when it will not open."""
        if not vim.sealed:
            return vim
        private = msgspec.json.decode(self._vault.unseal(vim.sealed, _place(vim)), type=_Private)
        connection = msgspec.structs.replace(
            vim.connection, interface_info=private.interface_info, access_info=private.access_info
        )
        return msgspec.structs.replace(vim, connection=connection, sealed="")

    def _shown(self, vim: RegisteredVim) -> RegisteredVim:
        try:
            return self._unsealed(vim)
        except VaultError:
            return vim


class _Private(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is sealed of a connection."""

    interface_info: dict[str, str]
    access_info: dict[str, str]


def _place(vim: RegisteredVim) -> str:
    return f"VIM connection {vim.id}"


async def _existing(connection: AsyncConnection, vim: str) -> RegisteredVim:
    stored = await VIM_CONNECTIONS.get(connection, vim)
    if stored is None:
        raise ProblemError(
            404, "Not found", f"there is no VIM connection {vim!r}", type="urn:mano:problem:unknown-vim-connection"
        )
    return stored.document
