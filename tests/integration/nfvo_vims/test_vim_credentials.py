"""Credentials of VIMs in the database of an installation: sealed, whatever the state it was in."""

from __future__ import annotations

import msgspec
import pytest

from mano_runtime.clock import timestamp
from mano_runtime.storage import Database, Vault
from nfvo.inventory.vim_connections import VIM_CONNECTIONS, RegisteredVim, VimConnections
from vim_adapters.connection import VimConnection

SECRETS = (b"opened by sesame", b"proxy-password")


class World:
    """The rooms around the VIM connections: who registers them, and who uses them."""

    def __init__(self):
        self.registered = {}

    def register(self, connection):
        self.registered[connection.id] = connection

    def remove(self, vim):
        del self.registered[vim]

    async def users(self, _connection, _vim):
        return ()


@pytest.fixture
def connection():
    return VimConnection(
        id="",
        vim_id="edge",
        vim_type="OPENSTACK",
        interface_info={"endpoint": "http://edge/v3", "proxy": "http://mano:proxy-password@proxy"},
        access_info={"username": "mano", "password": "opened by sesame"},
    )


class Installation:
    """A database and a key file, opened as often as a test likes."""

    def __init__(self, directory):
        self.directory = directory
        self.key = directory / "secret.key"
        self.url = f"sqlite+aiosqlite:///{directory}/mano.sqlite"

    async def start(self):
        """Start and stop, and return the VIMs that could be used in between."""
        database = await Database.open(self.url)
        try:
            vault = await Vault.open(database, self.key)
            world = World()
            await VimConnections(database, vault, world, world).load()
            await vault.retire(database)
            return world.registered
        finally:
            await database.aclose()

    async def add(self, connection):
        database = await Database.open(self.url)
        vault = await Vault.open(database, self.key)
        vim = await VimConnections(database, vault, World(), World()).add("edge", connection)
        await self.hold_no_secret()  # with what is only in the log of the database as yet
        await database.aclose()
        return vim.connection

    async def hold_no_secret(self):
        for file in self.directory.iterdir():
            if file != self.key:
                assert not [secret for secret in SECRETS if secret in file.read_bytes()], file


@pytest.fixture
def installation(tmp_path):
    return Installation(tmp_path)


async def test_no_credential_is_in_a_file_of_the_database(installation, connection):
    """What is registered is usable after a restart, and nothing of its secrets is in any file but sealed."""
    registered = await installation.add(connection)
    assert await installation.start() == {registered.id: registered}
    await installation.hold_no_secret()


async def test_what_was_stored_in_clear_is_sealed_without_a_trace(installation, connection):
    """The first start of this version seals what an older one wrote, and leaves nothing of it in unused pages."""
    database = await Database.open(installation.url)
    registered = msgspec.structs.replace(connection, id="1")
    async with database.transaction() as transaction:
        vim = RegisteredVim(name="edge", created_at=timestamp(), connection=registered)
        await VIM_CONNECTIONS.insert(transaction, "1", vim)
    await database.aclose()
    with pytest.raises(AssertionError):
        await installation.hold_no_secret()
    assert await installation.start() == {"1": registered}
    await installation.hold_no_secret()


async def test_a_key_is_changed_by_a_line_on_top(installation, connection):
    """A new first key seals everything at the next start; after it the old line may go."""
    registered = await installation.add(connection)
    old = installation.key.read_text()
    installation.key.write_text("aes256gcm:" + "A" * 43 + "=\n" + old)
    assert await installation.start() == {registered.id: registered}
    installation.key.write_text("aes256gcm:" + "A" * 43 + "=\n")
    assert await installation.start() == {registered.id: registered}


async def test_a_connection_whose_key_is_gone_is_left_out_and_stays_listed(installation, connection):
    """After the operator's word that the keys are gone the rest of the installation works, and says what does not."""
    await installation.add(connection)
    installation.key.write_text("")
    assert await installation.start() == {}
    database = await Database.open(installation.url)
    vault = await Vault.open(database, installation.key)
    (vim,) = await VimConnections(database, vault, World(), World()).all()
    assert (vim.name, vim.connection.access_info) == ("edge", {})
    assert vim.sealed
    await database.aclose()


async def test_a_vim_is_learned_of_once(installation, connection):
    """What others tell adds VIMs; it changes one only where it is meant to, and then what is not told stays. Sealed."""
    told = msgspec.structs.replace(connection, id="vim-1")
    database = await Database.open(installation.url)
    vault = await Vault.open(database, installation.key)
    world = World()
    vims = VimConnections(database, vault, world, world)
    await vims.learn(told)
    await vims.learn(msgspec.structs.replace(told, access_info={"password": "another"}))
    await vims.learn(VimConnection(id="vim-2", vim_type="OPENSTACK"))  # nothing that could be used
    assert world.registered == {"vim-1": told}
    moved = VimConnection(id="vim-1", vim_id="edge", vim_type="OPENSTACK", interface_info={"endpoint": "http://new/v3"})
    await vims.learn(moved, change=True)
    assert world.registered["vim-1"].interface_info == {"endpoint": "http://new/v3"}
    assert world.registered["vim-1"].access_info == connection.access_info
    await installation.hold_no_secret()
    await database.aclose()
    assert await installation.start() == world.registered
