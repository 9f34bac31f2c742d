"""The clients of a stand-alone installation: who they are, whose, and what they may do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta

from mano_runtime.clock import timestamp
from mano_runtime.security.client_secrets import hashed, matches, new_secret
from mano_runtime.storage import Database, Documents, DuplicateDocumentError, Page

HASHES_AT_ONCE = 2
"""Secrets that are looked at together: more would take the processor away from those who have tokens."""

ClientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""By which a client names itself; also how people call it."""
TenantName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A program, or a person at a command line, that asks for tokens."""

    id: str
    roles: tuple[str, ...]
    tenant: str
    """Whose what it makes is, and whose it sees."""
    hash: str
    """Of its secret."""
    created_at: str
    """UTC, ISO 8601."""
    valid_from: str
    """When it got its secret: no token from before is good."""

    def __repr__(self) -> str:
        return f"Client({self.id!r})"


CLIENTS = Documents("access_clients", Client, tenanted=False)


class UnknownClientError(Exception):
    """There is no client of this name."""


class ClientExistsError(Exception):
    """There is a client of this name already."""


class Clients:
    """The clients of one installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Callable[[], None]] = []
        self._hashes = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobody: str | None = None

    def when_changed(self, call: Callable[[], None]) -> None:
        """Have ``call`` called when a client is gone or has another secret: what it showed before is good no longer."""
        self._listeners.append(call)

    def _changed(self) -> None:
        for call in self._listeners:
            call()

    async def create(self, id_: str, *, roles: tuple[str, ...], tenant: str) -> tuple[Client, str]:
        """Make a client and return it with its secret, which is nowhere kept.

        Raises:
            ClientExistsError: the name is taken.
        """
        secret = new_secret()
        moment = timestamp()
        client = Client(
            id=id_, roles=roles, tenant=tenant, hash=await self._hashed(secret), created_at=moment, valid_from=moment
        )
        try:
            async with self._database.transaction() as connection:
                await CLIENTS.insert(connection, id_, client)
        except DuplicateDocumentError as error:
            raise ClientExistsError(id_) from error
        return client, secret

    async def rotate(self, id_: str) -> tuple[Client, str]:
        """Give a client another secret and return it; the one before, and all its tokens, end at once.

        Raises:
            UnknownClientError: there is no such client.
        """
        secret = new_secret()
        kept = await self._hashed(secret)
        async with self._database.transaction() as connection:
            stored = await CLIENTS.get(connection, id_)
            if stored is None:
                raise UnknownClientError(id_)
            client = msgspec.structs.replace(stored.document, hash=kept, valid_from=timestamp())
            await CLIENTS.replace(connection, id_, client)
        self._changed()
        return client, secret

    async def delete(self, id_: str) -> None:
        """Forget a client; its tokens end at once. What it made stays.

        Raises:
            UnknownClientError: there is no such client.
        """
        async with self._database.transaction() as connection:
            if not await CLIENTS.delete(connection, id_):
                raise UnknownClientError(id_)
        self._changed()

    async def get(self, id_: str) -> Client | None:
        """Return a client, or None."""
        async with self._database.reading() as connection:
            stored = await CLIENTS.get(connection, id_)
        return None if stored is None else stored.document

    async def page(self, *, after: str | None, limit: int) -> Page[Client]:
        """Return clients in the order of their names."""
        async with self._database.reading() as connection:
            return await CLIENTS.page(connection, after=after, limit=limit)

    async def authenticated(self, id_: str, secret: str) -> Client | None:
        """Return the client whose secret this is, or None; how long it takes tells nothing of which names exist."""
        client = await self.get(id_)
        if client is None and self._nobody is None:
            self._nobody = await self._hashed(new_secret())
        kept = client.hash if client else self._nobody or ""
        async with self._hashes:
            good = await matches(secret, kept)
        return client if good else None

    async def _hashed(self, secret: str) -> str:
        async with self._hashes:
            return await hashed(secret)
