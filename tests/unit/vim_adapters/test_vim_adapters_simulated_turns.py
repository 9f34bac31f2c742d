from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from vim_adapters.contract import Identity
from vim_adapters.errors import ConflictError
from vim_adapters.resources import FixedAddress, NetworkSpec, PortSpec, SubnetSpec
from vim_adapters.simulated.adapter import SimulatedVim
from vim_adapters.simulated.settings import set_setting, setting
from vim_adapters.simulated.store import Store
from vim_adapters.simulated.turns import Turns


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "vim.sqlite")
    yield store
    store.close()


@pytest.fixture
def turns(store):
    with ThreadPoolExecutor(1) as threads:
        yield Turns(store, threads)


def _set(store, value):
    with store.transaction() as connection:
        set_setting(connection, "boot.server", value)


def _setting(store):
    with store.transaction() as connection:
        return setting(connection, "boot.server")


async def test_a_refused_call_undoes_nothing_but_itself(tmp_path):
    """Of calls that are carried out in one transaction, the refused one leaves nothing, not even its address."""
    vim = SimulatedVim(tmp_path / "vim.sqlite")
    network = (await vim.ensure_present(NetworkSpec(name="n"), Identity(owner="me", path="n"))).handle.id
    subnet = SubnetSpec(name="s", network=network, cidr="10.0.0.0/29")
    await vim.ensure_present(subnet, Identity(owner="me", path="s"))
    taken = FixedAddress(address="10.0.0.2")
    specs = [
        PortSpec(name="a", network=network),
        PortSpec(name="refused", network=network, fixed_addresses=(FixedAddress(), taken)),
        PortSpec(name="b", network=network),
    ]
    made = await asyncio.gather(
        *(vim.ensure_present(spec, Identity(owner="me", path=spec.name)) for spec in specs), return_exceptions=True
    )
    assert isinstance(made[1], ConflictError)
    assert [made[0].attributes["addresses"], made[2].attributes["addresses"]] == [["10.0.0.2"], ["10.0.0.3"]]
    assert [seen.identity.path for seen in await vim.list_owned("me")] == ["n", "s", "a", "b"]
    await vim.aclose()


async def test_what_waits_is_carried_out_in_order_and_answered_each(store, turns):
    """Each caller gets what its own work returned or raised, and sees what came before it."""

    def fail():
        _set(store, 7.0)
        with store.transaction():
            raise ValueError("no")

    works = [lambda: _set(store, 5.0), lambda: _setting(store), fail, lambda: _setting(store)]
    answers = await asyncio.gather(*(turns.take(work) for work in works), return_exceptions=True)
    assert answers[:2] == [None, 5.0]
    assert isinstance(answers[2], ValueError)
    assert answers[3] == 7.0  # a transaction of its own, which ended well


async def test_whoever_goes_away_before_its_turn_is_not_served(store, turns):
    """Work whose caller was cancelled while it waited is left out; the others are served."""
    first = asyncio.create_task(turns.take(lambda: _set(store, 5.0)))
    gone = asyncio.create_task(turns.take(lambda: _set(store, 6.0)))
    await asyncio.sleep(0)
    gone.cancel()
    await first
    assert await turns.take(lambda: _setting(store)) == 5.0
    await turns.over()


async def test_a_lost_transaction_fails_all_that_were_in_it(store, turns):
    """Where SQLite gives up the whole transaction nobody is told that something was done which is not."""

    def lose():
        with store.transaction() as connection:
            connection.execute("ROLLBACK")
            raise sqlite3.OperationalError("disk I/O error")

    before = _setting(store)
    works = [lambda: _set(store, 5.0), lose]
    answers = await asyncio.gather(*(turns.take(work) for work in works), return_exceptions=True)
    assert [type(answer) for answer in answers] == [sqlite3.OperationalError] * 2
    assert await turns.take(lambda: _setting(store)) == before


def test_what_another_connection_sets_is_known_at_once(tmp_path, store):
    """What is known by heart is what the file says, whoever wrote it."""
    other = Store(tmp_path / "vim.sqlite")
    for value in (5.0, 6.0):
        _set(other, value)
        assert _setting(store) == value
    other.close()
