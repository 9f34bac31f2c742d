"""The first client of an installation: made in its data directory, while no server holds it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from mano_runtime.security.client_resources import CreateClientRequest, view
from mano_runtime.security.clients import ClientExistsError, Clients
from mano_runtime.security.scopes import UnknownRoleError, scopes_of
from mano_runtime.storage import Database, DatabaseInUseError, UnusableDatabaseError
from nfvo.data_directory import DirectoryInUseError, data_directory
from nfvo.roles import ROLES


class CannotCreateError(Exception):
    """The client cannot be made; ``hint`` says what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


def create_first_client(
    data_dir: Path, name: str, *, roles: tuple[str, ...], tenant: str, database_url: str = ""
) -> dict[str, Any]:
    """Make a client in a data directory that no server uses, and return it with its secret.

    ``database_url`` says where its database is, if not in it.

    Raises:
        CannotCreateError: a server runs, the database cannot be used, the name is taken or unusable, or a role is
            unknown.
    """
    try:
        wanted = msgspec.convert({"id": name, "roles": roles, "tenant": tenant}, CreateClientRequest)
        scopes_of(wanted.roles, ROLES)
        return asyncio.run(_create(data_dir, database_url, wanted))
    except (DirectoryInUseError, DatabaseInUseError) as error:
        raise CannotCreateError(
            str(error), "Leave --data-dir out to ask the server that runs, or stop it first."
        ) from error
    except (msgspec.ValidationError, UnknownRoleError, UnusableDatabaseError, OSError) as error:
        raise CannotCreateError(str(error)) from error
    except ClientExistsError as error:
        raise CannotCreateError(
            f"there is a client {name!r} already", "Choose another name; an administrator can rotate its secret."
        ) from error


async def _create(data_dir: Path, database_url: str, wanted: CreateClientRequest) -> dict[str, Any]:
    async with data_directory(data_dir) as directory:
        url = await asyncio.to_thread(directory.database, database_url)
        database = await Database.open(url, alone=True)
        try:
            client, secret = await Clients(database).create(wanted.id, roles=wanted.roles, tenant=wanted.tenant)
        finally:
            await database.aclose()
    return dict(msgspec.to_builtins(view(client, secret)))
