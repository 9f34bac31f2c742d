from __future__ import annotations

import asyncio
import json
import pkgutil
import threading
from importlib import import_module

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from migrated_databases import by_migrations

import mano_runtime.storage.migrations as chain
from mano_runtime.storage import Database, UnusableDatabaseError, metadata
from mano_runtime.storage import database as storage
from mano_runtime.storage.dialects import dialect_of
from mano_runtime.storage.one_trip import OneTripConnection

ROOMS_WITH_TABLES = (
    "mano_runtime.security",
    "mano_runtime.workflow",
    "mano_runtime.security",
    "mano_runtime.notifications",
    "vnfm.inventory",
    "nfvo.inventory",
    "nfvo.catalogue",
    "nfvo.grants",
)


@pytest.fixture(autouse=True)
def every_database_is_migrated(monkeypatch):
    monkeypatch.setattr(storage, "upgrade", by_migrations)


@pytest.fixture
async def database(database_url):
    database = await Database.open(database_url)
    yield database
    await database.aclose()


def declare_every_table():
    for room in ROOMS_WITH_TABLES:
        package = import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            import_module(module.name)


def test_the_chain_ends_where_it_says():
    """``HEAD`` is the last migration, so that a database at it is not migrated, and an older one is."""
    config = Config()
    config.set_main_option("script_location", chain.__path__[0])
    assert ScriptDirectory.from_config(config).get_heads() == [chain.HEAD]


async def test_the_migrated_schema_is_what_the_rooms_declare(database, database_url):
    """Every table, column, index and key that a room declares is made by the migrations, and no other."""
    await asyncio.to_thread(declare_every_table)

    def differences():
        engine = dialect_of(database_url).blocking()
        with engine.connect() as connection:
            found = compare_metadata(MigrationContext.configure(connection), metadata)
        engine.dispose()
        return found

    assert await asyncio.to_thread(differences) == []


async def test_an_older_database_is_brought_up_to_date_with_what_it_holds(database, database_url):
    """What a migration looks up anew is filled in for what was there before."""
    info = {"flavourId": "x", "vnfcResourceInfo": []}

    def rewind():
        engine = dialect_of(database_url).blocking()
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", chain.__path__[0])
            config.attributes["connection"] = connection
            command.downgrade(config, "0001")
            connection.execute(
                sa.text("INSERT INTO vnf_instances (id, etag, doc) VALUES ('a', 1, :a), ('b', 1, '{}')"),
                {"a": json.dumps({"metadata": {"mano.identity": "ns/1/vnf/fw/0"}, "graph": {}, "info": info})},
            )
        engine.dispose()

    await asyncio.to_thread(rewind)
    again = await Database.open(database_url)
    async with again.reading() as connection:
        rows = await connection.execute(sa.text("SELECT id, identity, outline FROM vnf_instances ORDER BY id"))
        found = [(row.id, row.identity, json.loads(row.outline)) for row in rows]
    await again.aclose()
    outline = {"metadata": {"mano.identity": "ns/1/vnf/fw/0"}, "info": {"flavourId": "x"}}
    assert found == [("a", "ns/1/vnf/fw/0", outline), ("b", None, {})]


async def test_opening_is_idempotent(database_url):
    """A database that is there is opened as it is, several times over, and by several at once."""
    first, second = await asyncio.gather(Database.open(database_url), Database.open(database_url))
    async with first.transaction() as connection:
        await connection.execute(INSERT, {"id": "a"})
    third = await Database.open(database_url)
    async with third.reading() as connection:
        assert await counted(connection) == 1
    for database in (first, second, third):
        await database.aclose()


async def test_a_newer_schema_is_refused(database, database_url):
    """A program does not work on a schema that a later version made."""
    async with database.transaction() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Exception, match="9999"):
        await Database.open(database_url)


@pytest.mark.parametrize(
    "url", ["mysql://h/d", "postgresql+asyncpg://h/d", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "sesame"]
)
async def test_unsupported_databases_are_refused(url):
    """A database of another kind, or without a file that several connections can share, is refused in words."""
    with pytest.raises(UnusableDatabaseError, match="database"):
        await Database.open(url)


async def test_a_file_is_set_up_to_survive_a_crash(tmp_path):
    """The write-ahead log is on and synced at checkpoints: commits survive the death of the process."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    async with database.transaction() as connection:
        modes = [
            (await connection.execute(sa.text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await database.aclose()
    assert modes == ["wal", 1, 1]


async def counted(connection):
    return (await connection.execute(sa.text("SELECT COUNT(*) FROM operations"))).scalar_one()


INSERT = sa.text("INSERT INTO operations (id, etag, doc) VALUES (:id, 1, '{}')")


async def test_a_transaction_commits_or_leaves_nothing(database):
    """All of a block is stored, or nothing of it when it raises."""
    async with database.transaction() as connection:
        await connection.execute(INSERT, {"id": "a"})

    async def fail():
        async with database.transaction() as connection:
            await connection.execute(INSERT, {"id": "b"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.reading() as connection:
        assert await counted(connection) == 1


async def test_a_cancelled_transaction_leaves_nothing(database):
    """Cancelled in its midst, a block stores nothing, and the next writer can go on."""
    inside = asyncio.Event()

    async def write():
        async with database.transaction() as connection:
            await connection.execute(INSERT, {"id": "a"})
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with database.transaction() as connection:
        assert await counted(connection) == 0


async def test_a_transaction_that_is_cancelled_in_a_statement_lets_go(tmp_path):
    """Whatever still refers to the statement, as the traceback of the cancellation does, the next writer can go on."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    begun, cancelled, kept = threading.Event(), threading.Event(), []

    def hold():
        begun.set()
        cancelled.wait(10)

    async def write():
        try:
            async with database.transaction() as connection:
                await connection.execute(INSERT, {"id": "a"})
                driver = (await connection.get_raw_connection()).driver_connection
                await driver.create_function("hold", 0, hold)
                await connection.execute(sa.text("SELECT hold() UNION ALL SELECT 1"))
        except asyncio.CancelledError as error:
            kept.append(error)
            raise

    task = asyncio.create_task(write())
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    cancelled.set()
    await asyncio.gather(task, return_exceptions=True)
    assert kept
    async with asyncio.timeout(10), database.transaction() as connection:
        assert await counted(connection) == 0
    await database.aclose()


async def test_writers_take_turns(database):
    """What a block has read is still true when it commits: no update is lost."""
    async with database.transaction() as connection:
        await connection.execute(INSERT, {"id": "a"})

    async def add_one():
        async with database.transaction() as connection:
            etag = (await connection.execute(sa.text("SELECT etag FROM operations"))).scalar_one()
            await asyncio.sleep(0)
            await connection.execute(sa.text("UPDATE operations SET etag = :etag"), {"etag": etag + 1})

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with database.reading() as connection:
        assert (await connection.execute(sa.text("SELECT etag FROM operations"))).scalar_one() == 21


async def test_a_reader_sees_one_moment(database):
    """A reader is not disturbed by what is written meanwhile, and does not hold it up."""
    async with database.reading() as reader:
        assert await counted(reader) == 0
        async with database.transaction() as writer:
            await writer.execute(INSERT, {"id": "a"})
        assert await counted(reader) == 0


async def test_a_reader_cannot_write(database):
    """Writing outside a transaction is refused by the database itself."""
    async with database.reading() as connection:
        with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
            await connection.execute(INSERT, {"id": "a"})


async def test_a_nested_transaction_is_refused(database):
    """A block that opens another in the same task is told so, for it would wait for itself."""
    async with database.transaction() as connection:
        with pytest.raises(RuntimeError, match="pass its connection on"):
            async with database.transaction():
                pass
        await connection.execute(INSERT, {"id": "a"})
    async with database.reading() as connection:
        assert await counted(connection) == 1


async def test_many_readers_wait_for_each_other(database):
    """More readers than connections all get their turn."""

    async def read():
        async with database.reading() as connection:
            return await counted(connection)

    assert await asyncio.gather(*(read() for _ in range(50))) == [0] * 50


async def test_a_statement_on_sqlite_makes_one_trip_to_its_thread(tmp_path, monkeypatch):
    """Cursor, statement, rows and closing go together; what the statement says of itself arrives with them."""
    trips = []
    through = OneTripConnection._execute

    async def counted(connection, work, *arguments):
        trips.append(work)
        return await through(connection, work, *arguments)

    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'mano.sqlite'}")
    async with database.transaction() as connection:
        monkeypatch.setattr(OneTripConnection, "_execute", counted)
        await connection.exec_driver_sql("CREATE TABLE numbers (number INTEGER)")
        many = await connection.exec_driver_sql("INSERT INTO numbers VALUES (?)", [(1,), (2,), (3,)])
        changed = await connection.exec_driver_sql("UPDATE numbers SET number = number + 1 WHERE number > 1")
        rows = (await connection.exec_driver_sql("SELECT number FROM numbers ORDER BY number")).all()
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            await connection.exec_driver_sql("SELECT * FROM letters")
        assert len(trips) == 5
        monkeypatch.undo()
    await database.aclose()
    assert (changed.rowcount, rows) == (2, [(1,), (3,), (4,)])
    assert not many.returns_rows
