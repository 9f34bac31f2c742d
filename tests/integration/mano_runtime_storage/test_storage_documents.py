from __future__ import annotations

import msgspec
import pytest
import sqlalchemy as sa

from mano_runtime.storage import Database, Documents, DuplicateDocumentError, StaleDocumentError, Stored, metadata
from mano_runtime.tenancy import acting_for, owner


class Book(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    shelf: str | None = None
    year: int = 2000


BOOKS = Documents("books_of_a_test", Book, promoted={"shelf": lambda book: book.shelf, "year": lambda book: book.year})
metadata.remove(BOOKS.table)  # no migration makes it


@pytest.fixture
async def connection(database_url):
    database = await Database.open(database_url)
    async with database.transaction() as connection:
        await connection.run_sync(BOOKS.table.create)
        yield connection
        await connection.rollback()
    await database.aclose()


async def shelve(connection, *titles, **more):
    return [await BOOKS.insert(connection, title, Book(title=title, **more)) for title in titles]


async def test_what_is_stored_is_what_comes_back(connection):
    """A document is read as it was written, typed, with the etag of its first version."""
    stored = await BOOKS.insert(connection, "1", Book(title="Ἰλιάς", shelf="a"))
    assert stored == Stored(id="1", etag=1, document=Book(title="Ἰλιάς", shelf="a"))
    assert await BOOKS.get(connection, "1") == stored
    assert await BOOKS.get(connection, "2") is None


async def test_an_identifier_is_used_once(connection):
    """Inserting where there is a document is refused, and changes nothing."""
    await shelve(connection, "1")
    with pytest.raises(DuplicateDocumentError, match="1"):
        await BOOKS.insert(connection, "1", Book(title="other"))
    assert (await BOOKS.get(connection, "1")).document.title == "1"


async def test_a_replacement_counts_the_etag_up(connection):
    """Each version has an etag of its own; promoted columns follow the document."""
    await shelve(connection, "1", shelf="a")
    assert (await BOOKS.replace(connection, "1", Book(title="x", shelf="b"))).etag == 2
    assert (await BOOKS.replace(connection, "1", Book(title="y", shelf="b"), etag=2)).etag == 3
    assert [it.document.title for it in await BOOKS.all(connection, equal={"shelf": "b"})] == ["y"]
    assert await BOOKS.all(connection, equal={"shelf": "a"}) == []


async def test_a_stale_writer_is_refused(connection):
    """Who has read an older version neither replaces nor deletes the newer one."""
    await shelve(connection, "1")
    await BOOKS.replace(connection, "1", Book(title="x"))
    with pytest.raises(StaleDocumentError, match="etag 1"):
        await BOOKS.replace(connection, "1", Book(title="y"), etag=1)
    with pytest.raises(StaleDocumentError, match="etag 1"):
        await BOOKS.delete(connection, "1", etag=1)
    assert (await BOOKS.get(connection, "1")).document.title == "x"


async def test_what_is_not_there_cannot_be_replaced(connection):
    """Replacing is not inserting."""
    for etag in (None, 1):
        with pytest.raises(KeyError):
            await BOOKS.replace(connection, "1", Book(title="x"), etag=etag)


async def test_deleting_is_idempotent(connection):
    """The second deletion says that nothing was there."""
    await shelve(connection, "1", "2")
    assert await BOOKS.delete(connection, "1")
    assert not await BOOKS.delete(connection, "1")
    assert not await BOOKS.delete(connection, "1", etag=1)
    assert await BOOKS.delete(connection, "2", etag=1)
    assert await BOOKS.all(connection) == []


async def test_pages_are_a_walk_through_the_identifiers(connection):
    """Each page begins where the last one ended, whatever was inserted or deleted meanwhile."""
    await shelve(connection, "a", "b", "c", "d", "e")
    first = await BOOKS.page(connection, limit=2)
    assert ([it.id for it in first.items], first.next) == (["a", "b"], "b")
    await BOOKS.delete(connection, "b")
    await shelve(connection, "aa")
    second = await BOOKS.page(connection, after=first.next, limit=2)
    assert ([it.id for it in second.items], second.next) == (["c", "d"], "d")
    third = await BOOKS.page(connection, after=second.next, limit=2)
    assert ([it.id for it in third.items], third.next) == (["e"], None)
    assert (await BOOKS.page(connection, limit=5)).next is None


async def test_promoted_columns_are_found_by(connection):
    """Documents are found by a value, by any of several, by number, and by the absence of a value."""
    await shelve(connection, "a", shelf="x", year=1999)
    await shelve(connection, "b", shelf="y")
    await shelve(connection, "c")

    async def found(**equal):
        return [it.id for it in await BOOKS.all(connection, equal=equal)]

    assert await found(shelf="x") == ["a"]
    assert await found(shelf=["x", "y"]) == ["a", "b"]
    assert await found(shelf=None) == ["c"]
    assert await found(year=2000) == ["b", "c"]
    assert await found(shelf="y", year=1999) == []
    with pytest.raises(KeyError, match="no promoted column 'title'"):
        await found(title="a")


@pytest.mark.parametrize("equal", [{"shelf": "x"}, {"shelf": ["x"]}, {"shelf": None}])
async def test_promoted_columns_have_an_index(connection, equal):
    """Finding by a promoted column does not read the whole table, whatever is looked for."""
    statement = str(BOOKS._where(equal).compile(connection.sync_engine, compile_kwargs={"literal_binds": True}))
    words = "EXPLAIN QUERY PLAN"
    if connection.dialect.name == "postgresql":
        words = "EXPLAIN"
        await connection.execute(sa.text("SET LOCAL enable_seqscan = off"))  # which is right for a table this small
    plan = await connection.execute(sa.text(f"{words} {statement}"))
    assert "ix_books_of_a_test_shelf" in str(plan.all())


SONGS = Documents("songs_of_a_test", Book, promoted={"shelf": lambda book: book.shelf}, shareable=True)
metadata.remove(SONGS.table)


async def test_who_acts_for_a_tenant_finds_and_changes_what_is_its_own(connection):
    """Others' documents are not there: not read, listed, replaced or removed; the installation does all of that."""
    with acting_for(owner("blue")):
        mine = await BOOKS.insert(connection, "1", Book(title="mine", shelf="a"))
    assert mine.tenant == "blue"
    with acting_for(owner("green")):
        await BOOKS.insert(connection, "2", Book(title="other", shelf="a"))
        assert await BOOKS.get(connection, "1") is None
        assert [it.id for it in await BOOKS.all(connection, equal={"shelf": "a"})] == ["2"]
        assert [it.id for it in (await BOOKS.page(connection)).items] == ["2"]
        with pytest.raises(KeyError):
            await BOOKS.replace(connection, "1", Book(title="stolen"), etag=1)
        assert await BOOKS.delete(connection, "1", etag=1) is False
        with pytest.raises(DuplicateDocumentError):
            await BOOKS.insert(connection, "1", Book(title="again"))
    assert [it.tenant for it in await BOOKS.all(connection)] == ["blue", "green"]
    assert (await BOOKS.replace(connection, "1", Book(title="corrected"))).tenant == "blue"


async def test_what_can_be_shared_is_read_by_all(connection):
    """Of a shareable table everybody reads what is the shared tenant's, and only that tenant changes it."""
    await connection.run_sync(SONGS.table.create)
    for table in (SONGS, BOOKS):
        await table.insert(connection, "1", Book(title="for all"), tenant="shared")
    with acting_for(owner("green")):
        assert (await SONGS.get(connection, "1")).tenant == "shared"
        assert await BOOKS.get(connection, "1") is None
        with pytest.raises(KeyError):
            await SONGS.replace(connection, "1", Book(title="stolen"))
        assert await SONGS.delete(connection, "1") is False
    with acting_for(owner("shared")):
        assert await SONGS.delete(connection, "1") is True
