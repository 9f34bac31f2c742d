"""What PostgreSQL has to be made to do that a file does by itself."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from private_postgresql import name_of

from mano_runtime.notifications.outbox import Letter, first, write
from mano_runtime.storage import Database, DatabaseInUseError, OvertakenError, UnusableDatabaseError, Vault, holding
from mano_runtime.workflow.operation_log import OperationLog

INSERT = sa.text("INSERT INTO operations (id, etag, doc) VALUES (:id, 1, '{}')")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Have nobody wait long for a server that has just died, or look seldom after a connection."""
    monkeypatch.setattr(holding, "_PATIENCE", 0.0)
    monkeypatch.setattr(holding, "_LOOK", 0.01)
    monkeypatch.setattr(holding, "_PAUSE", 0.01)


@pytest.fixture
def url(postgresql):
    return postgresql.emptied()


@pytest.fixture
async def database(url):
    database = await Database.open(url)
    yield database
    await database.aclose()


@pytest.fixture
def overtaken():
    return asyncio.Event()


@pytest.fixture
async def server(url, overtaken):
    """The database of a server, which is alone with it."""
    server = await Database.open(url, alone=True, overtaken=overtaken.set)
    yield server
    await server.aclose()


@pytest.fixture
def hang_up(postgresql):
    """Return a function that ends every connection of ours, as a network that fails does."""
    statement = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'mano'"
    return lambda: asyncio.to_thread(postgresql.execute, statement)


@pytest.fixture
def held(postgresql, url):
    """Return a function that tells whether a server holds the database."""
    name = name_of(url)
    statement = (
        "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        f" WHERE datname = '{name}' AND locktype = 'advisory' AND objid = {holding.SERVERS_LOCK & 0xFFFFFFFF}"
    )
    return lambda: asyncio.to_thread(postgresql.execute, statement)


async def written(database):
    async with database.reading() as connection:
        return set((await connection.execute(sa.text("SELECT id FROM operations"))).scalars())


async def insert(database, id_):
    async with database.transaction() as connection:
        await connection.execute(INSERT, {"id": id_})


async def test_an_empty_database_is_set_up_by_several_at_once(postgresql):
    """Whoever comes first migrates, and the others find it done."""
    url = await asyncio.to_thread(postgresql.create)
    opened = await asyncio.gather(*(Database.open(url) for _ in range(3)))
    for database in opened:
        assert await written(database) == set()
        await database.aclose()
    await asyncio.to_thread(postgresql.drop, url)


async def test_a_second_server_is_refused(server, url):
    """It is told that there is another one; the first goes on, and once it has ended the next one may."""
    with pytest.raises(DatabaseInUseError, match="in use by another server, which connected from this machine at"):
        await Database.open(url, alone=True)
    await insert(server, "a")
    await server.aclose()
    after = await Database.open(url, alone=True)
    assert await written(after) == {"a"}
    await after.aclose()


async def test_a_server_that_was_cut_off_goes_on(server, url, overtaken, hang_up, held):
    """When all its connections end it connects anew, holds the database again, and loses nothing."""
    await insert(server, "a")
    await hang_up()
    await insert(server, "b")
    assert await server.write(lambda connection: connection.execute(INSERT, {"id": "c"}).rowcount) == 1
    assert await written(server) == {"a", "b", "c"}
    while not await held():  # noqa: ASYNC110  the database tells nobody
        await asyncio.sleep(0.01)
    with pytest.raises(DatabaseInUseError):
        await Database.open(url, alone=True)
    assert not overtaken.is_set()


async def test_a_server_that_was_overtaken_writes_nothing(server, url, overtaken, hang_up, monkeypatch):
    """Once another server has the database, the first is told, and whatever it would write is refused."""
    monkeypatch.setattr(server._holding, "_regained", lambda _term: asyncio.Event().wait())
    await hang_up()
    other = await Database.open(url, alone=True)
    for writing in (insert(server, "a"), server.write(lambda connection: connection.execute(INSERT, {"id": "b"}))):
        with pytest.raises(OvertakenError):
            await writing
    assert await written(other) == set()
    await insert(other, "c")
    await other.aclose()


async def test_a_server_learns_that_it_was_overtaken(server, url, overtaken, postgresql, hang_up):
    """It need not try to write: whoever has begun a new term is seen when the connection is back."""
    await asyncio.to_thread(postgresql.execute, "UPDATE database_terms SET term = term + 1", name_of(url))
    await hang_up()
    async with asyncio.timeout(10):
        await overtaken.wait()


async def test_what_is_told_stays_in_order(database):
    """Letters of the outbox come out as they went in, whoever wrote them."""
    wanted = [f"n{number}" for number in range(7)]
    for notification in wanted:
        async with database.transaction() as connection:
            letter = Letter(subscription="s", notification=notification, written_at="t", body="{}")
            await write(connection, [letter])
    async with database.reading() as connection:
        assert [letter.notification for letter in await first(connection, "s", 10)] == wanted


async def test_text_may_be_anything(database):
    """What PostgreSQL has no room for in text, NUL, is shown by its symbol, and found by it; all else is kept."""
    log = OperationLog(database, limit=40)
    await log.append("o", "p", "stdout", "\0\x01 Ἰλιάς \ufffe")
    await log.append("o", "p", "stdout", "x" * 40)
    assert "".join(entry.text for entry in await log.page(["o"])) == "x" * 40
    await log.append("o", "q", "stdout", "\0\x01 Ἰλιάς \ufffe")
    assert "".join(entry.text for entry in await log.page(["o"])).endswith("\N{SYMBOL FOR NULL}\x01 Ἰλιάς \ufffe")
    assert not await log.has("o", "\0")


async def test_the_vault_opens_again(database, tmp_path):
    """What was sealed is opened by the key that lies in the data directory, wherever the database is."""
    sealed = (await Vault.open(database, tmp_path / "secret.key")).seal(b"sesame", "door")
    again = await Vault.open(database, tmp_path / "secret.key")
    assert again.unseal(sealed, "door") == b"sesame"
    await again.retire(database)
    await database.forget_deleted()


async def test_what_keeps_a_database_from_being_opened_is_told(postgresql):
    """Each refusal says what to do, and none has the password."""
    for statement in (
        "CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1",
        "CREATE ROLE guest LOGIN",
        "CREATE DATABASE foreign_one TEMPLATE template0",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ):
        await asyncio.to_thread(postgresql.execute, statement)
    host = postgresql.socket
    for url, message in {
        f"postgresql://mano:sesame@/latin?host={host}": "createdb --encoding=UTF8",
        f"postgresql://guest:sesame@/foreign_one?host={host}": "ALTER DATABASE",
        f"postgresql://mano:sesame@/nowhere?host={host}": "nowhere",
        f"postgresql://mano:sesame@/mano?host={host}/not": "cannot be reached",
        "postgresql://mano:sesame@localhost:port/mano": "URL",
    }.items():
        for alone in (False, True):
            with pytest.raises(UnusableDatabaseError, match=message) as refused:
                await Database.open(url, alone=alone)
            assert "sesame" not in str(refused.value)
