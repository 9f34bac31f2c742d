"""Operations that are cancelled, as clients of the interface see it (SOL003 clauses 5.4.17 and 5.6.2.2)."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from vim_adapters.simulated import adapter

STOP = {"changeStateTo": "STOPPED", "stopType": "GRACEFUL", "gracefulStopTimeout": 1000}


def seen(occurrence):
    return occurrence["operationState"], occurrence["isCancelPending"], occurrence.get("cancelMode")


@pytest.mark.parametrize("mode", ["GRACEFUL", "FORCEFUL"])
async def test_waiting_for_a_grant_is_ended_by_either_mode(  # noqa: PLR0917  # fixtures
    ask, ended, created, attached, grants, vim, monkeypatch, mode
):
    """Nothing was changed, so there is nothing to come back from: ROLLED_BACK, and another operation may begin."""
    asked = asyncio.Event()

    async def never(_request):
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(grants, "grant", never)
    path = f"/vnf_instances/{created}/instantiate"
    _, occurrence = await ask("POST", path, msgspec.to_builtins(attached))
    await asked.wait()
    assert seen((await ask("GET", occurrence))[1]) == ("STARTING", False, None)
    assert (await ask("POST", f"{occurrence}/cancel", {"cancelMode": mode}))[0] == 202
    await ended(occurrence.rpartition("/")[2])
    _, told = await ask("GET", occurrence)
    assert seen(told) == ("ROLLED_BACK", False, None)
    assert told["error"]["cancelMode"] == mode
    assert await vim.resources() == {}
    monkeypatch.undo()
    assert (await ask("POST", path, msgspec.to_builtins(attached)))[0] == 202


async def test_graceful_waits_for_what_was_begun_and_forceful_hurries_it(ask, done, ended, instantiated, vim):
    """The wish is told as pending until then; the operation stops in FAILED_TEMP, from where it is taken back."""
    before = await vim.picture()
    await vim.slow_guests(1000.0)
    _, occurrence = await ask("POST", f"/vnf_instances/{instantiated}/operate", STOP)
    while seen((await ask("GET", occurrence))[1])[0] != "PROCESSING":
        pass
    assert (await ask("POST", f"{occurrence}/cancel", {"cancelMode": "GRACEFUL"}))[0] == 202
    _, told = await ask("GET", occurrence)
    assert seen(told) == ("PROCESSING", True, "GRACEFUL")
    assert "cancel" in told["_links"]
    assert (await ask("POST", f"{occurrence}/cancel", {"cancelMode": "FORCEFUL"}))[0] == 202
    await ended(occurrence.rpartition("/")[2])
    _, told = await ask("GET", occurrence)
    assert seen(told) == ("FAILED_TEMP", False, None)
    assert told["error"]["cancelMode"] == "FORCEFUL"
    assert (await ask("POST", f"{occurrence}/cancel", {"cancelMode": "FORCEFUL"}))[0] == 409
    assert (await ask("POST", f"{occurrence}/rollback"))[0] == 202
    await ended(occurrence.rpartition("/")[2])
    assert seen((await ask("GET", occurrence))[1]) == ("ROLLED_BACK", False, None)
    assert await vim.picture() == before
    assert (await done("operate", {"changeStateTo": "STOPPED"}))["operationState"] == "COMPLETED"


@pytest.fixture
def held(monkeypatch):
    """Return two events: a call that the VIM delays is out, and such calls may come back."""
    out, back = asyncio.Event(), asyncio.Event()

    async def until(moment):
        if moment > asyncio.get_running_loop().time():
            out.set()
            await back.wait()

    monkeypatch.setattr(adapter, "_until", until)
    return out, back


async def test_every_operation_is_cancelled_in_either_mode(ask, ended, created, vim, acts, held):  # noqa: PLR0917  # fixtures
    """In its middle: gracefully it ends what it has begun and is taken back, forcefully at once, and is taken on."""
    _, place = await ask("POST", "/vnf_snapshots", {})
    out, back = held

    async def cancelled(task, body, fault, mode):
        out.clear()
        back.clear()
        await vim.spoil(**(fault | {"error": "delay", "delay_seconds": 1000.0}), remaining=None)
        status, occurrence = await ask("POST", f"/vnf_instances/{created}/{task}", msgspec.to_builtins(body))
        assert status == 202, occurrence
        await out.wait()
        assert (await ask("POST", f"{occurrence}/cancel", {"cancelMode": mode}))[0] == 202
        await vim.heal()
        if mode == "GRACEFUL":
            assert seen((await ask("GET", occurrence))[1]) == ("PROCESSING", True, "GRACEFUL"), task
            back.set()
        await ended(occurrence.rpartition("/")[2])
        back.set()
        _, told = await ask("GET", occurrence)
        assert (seen(told), told["error"]["cancelMode"]) == (("FAILED_TEMP", False, None), mode), task
        return occurrence

    for task, body, fault in await acts(place.rpartition("/")[2]):
        before = await vim.picture()
        for mode, way_out, state in (("GRACEFUL", "rollback", "ROLLED_BACK"), ("FORCEFUL", "retry", "COMPLETED")):
            occurrence = await cancelled(task, body, fault, mode)
            assert (await ask("POST", f"{occurrence}/{way_out}"))[0] == 202
            await ended(occurrence.rpartition("/")[2])
            _, told = await ask("GET", occurrence)
            assert told["operationState"] == state, (task, told.get("error"))
            if state == "ROLLED_BACK":
                assert await vim.picture() == before, task
