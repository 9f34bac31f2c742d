from __future__ import annotations

import asyncio

import pytest

from mano_runtime.metrics import JOURNAL_BATCH, JOURNAL_COMMITS, REGISTRY
from mano_runtime.storage import Database
from mano_runtime.workflow.journal import BATCH, Entry, FencedError, Journal, Phase, Status
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.records import OPERATIONS, epoch_of, raise_epoch


@pytest.fixture
async def database(database_url):
    database = await Database.open(database_url)
    yield database
    await database.aclose()


@pytest.fixture
async def journal(database):
    journal = Journal(database)
    journal.start()
    for name in ("o1", "o2"):
        async with database.transaction() as connection:
            operation = Operation(
                id=name,
                level="toy",
                kind="BUILD",
                subject=name,
                state=OperationState.PROCESSING,
                state_entered_at="",
                started_at="",
            )
            await OPERATIONS.insert(connection, name, operation)
            assert await raise_epoch(connection, name) == 1
    yield journal
    await journal.aclose()


def entry(step, *, operation="o1", status=Status.INTENT, epoch=1, phase=Phase.FORWARD, **more):
    return Entry(operation=operation, phase=phase, step=step, status=status, epoch=epoch, started_at="t", **more)


async def commits():
    return REGISTRY.get_sample_value("mano_journal_commits_total") or 0


async def test_an_entry_is_durable_when_record_returns(journal, database):
    """What was recorded is read back by another journal on the same database."""
    written = entry("create:a", status=Status.DONE, result={"id": "1"}, ended_at="t2")
    await journal.record(written)
    assert await Journal(database).entries("o1", Phase.FORWARD) == {"create:a": written}
    assert await journal.entries("o1", Phase.ROLLBACK) == {}
    assert await journal.entries("o2", Phase.FORWARD) == {}


async def test_a_later_entry_replaces_an_earlier_one(journal):
    """One row per step; a result that was known once is kept until a newer one is."""
    await journal.record(entry("create:a", status=Status.DONE, result={"id": "1"}))
    await journal.record(entry("create:a"))
    await journal.record(entry("create:a", status=Status.FAILED, error={"title": "no"}))
    found = (await journal.entries("o1", Phase.FORWARD))["create:a"]
    assert (found.status, found.result, found.error) == (Status.FAILED, {"id": "1"}, {"title": "no"})
    await journal.record(entry("create:a", status=Status.DONE, result={"id": "2"}))
    found = (await journal.entries("o1", Phase.FORWARD))["create:a"]
    assert (found.result, found.error) == ({"id": "2"}, None)


async def test_entries_share_commits(journal):
    """Entries that come in together are made durable together, up to a batch at a time."""
    before = await commits()
    await asyncio.gather(*(journal.record(entry(f"create:{number}")) for number in range(BATCH + 10)))
    assert len(await journal.entries("o1", Phase.FORWARD)) == BATCH + 10
    assert await commits() - before <= 3
    assert JOURNAL_COMMITS
    assert JOURNAL_BATCH


async def test_an_older_epoch_is_fenced(journal, database):
    """Who was replaced writes nothing any more, while others in the same batch do."""
    async with database.transaction() as connection:
        assert await raise_epoch(connection, "o1") == 2
    results = await asyncio.gather(
        journal.record(entry("create:a", epoch=1)),
        journal.record(entry("create:b", epoch=2)),
        journal.record(entry("create:c", operation="o2", epoch=1)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [FencedError, type(None), type(None)]
    assert set(await journal.entries("o1", Phase.FORWARD)) == {"create:b"}


async def test_of_one_step_the_newer_epoch_is_written(journal, database):
    """Entries of an attempt and of the one that replaced it may come together for one step: one is written."""
    async with database.transaction() as connection:
        await raise_epoch(connection, "o1")
    older, newer = entry("create:a", status=Status.FAILED, error={"detail": "late"}), entry("create:a", epoch=2)
    results = await asyncio.gather(*(journal.record(each) for each in (older, newer, older)), return_exceptions=True)
    assert [type(result) for result in results] == [FencedError, type(None), FencedError]
    assert await journal.entries("o1", Phase.FORWARD) == {"create:a": newer}


async def test_an_unknown_operation_is_fenced(journal, database):
    """Nothing is written for an operation that is not there."""
    with pytest.raises(FencedError):
        await journal.record(entry("create:a", operation="nothing"))
    async with database.reading() as connection:
        with pytest.raises(KeyError):
            await epoch_of(connection, "nothing")


async def test_a_cancelled_caller_loses_no_entry(journal):
    """What was handed over is written, also when the one who waits for it is cancelled, and when the journal closes."""
    journal.record(entry("create:a", status=Status.DONE)).cancel()
    await journal.aclose()
    assert set(await journal.entries("o1", Phase.FORWARD)) == {"create:a"}


async def test_a_commit_that_fails_is_told_and_survived(journal, monkeypatch):
    """Everyone in the batch hears of the failure; the next entries are written again."""

    async def fail(_self, _entries):
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(Journal, "_commit", fail)
        with pytest.raises(OSError, match="disk full"):
            await journal.record(entry("create:a"))
    await journal.record(entry("create:a"))
    assert set(await journal.entries("o1", Phase.FORWARD)) == {"create:a"}
