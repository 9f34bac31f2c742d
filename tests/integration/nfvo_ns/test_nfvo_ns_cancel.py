"""Operations of network services that are cancelled, or go on without what failed, with their VNFs."""

from __future__ import annotations

import asyncio

import pytest

WORDS = "the hypervisor is on fire"


async def cancel(mano, occurrence, mode):
    response = await mano.client.post(f"{occurrence}/cancel", json={"cancelMode": mode})
    assert response.status == 202, await response.text()


@pytest.fixture
async def hanging(mano):
    """Return an NS, its instantiation whose servers do not come up, and the operations of its VNFs."""
    await mano.vim.boot(3600.0)
    ns_id = await mano.create()
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    while len(children := await mano.get("/vnflcm/v2/vnf_lcm_op_occs")) < 3:  # noqa: ASYNC110  seen from outside
        await asyncio.sleep(0.01)
    for child in children:
        while not await waits(mano, child["id"]):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
    return ns_id, occurrence, [f"/vnflcm/v2/vnf_lcm_op_occs/{child['id']}" for child in children]


async def waits(mano, operation):
    steps = await mano.engine.steps(operation)
    return any(step.state == "running" and step.id.endswith("/server") and step.verb == "ready" for step in steps)


async def test_a_cancel_reaches_the_operations_of_the_vnfs(mano, hanging):
    """GRACEFUL waits for the VIM and says so at both levels; FORCEFUL ends both, and rollback leaves nothing."""
    ns_id, occurrence, children = hanging
    await cancel(mano, occurrence, "GRACEFUL")
    for path in children:
        while not (pending := await mano.get(path))["isCancelPending"]:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
        assert (pending["operationState"], pending["cancelMode"]) == ("PROCESSING", "GRACEFUL")
    shown = await mano.get(occurrence)
    assert (shown["operationState"], shown["isCancelPending"], shown["cancelMode"]) == ("PROCESSING", True, "GRACEFUL")
    assert "cancel" in shown["_links"]
    await cancel(mano, occurrence, "FORCEFUL")
    ended = await mano.ended(occurrence)
    assert (ended["operationState"], ended["isCancelPending"]) == ("FAILED_TEMP", False)
    assert ended["error"]["title"] == "The operation was cancelled"
    assert "cancelMode" not in ended
    for path in children:
        below = await mano.ended(path)
        assert (below["operationState"], below["error"]["cancelMode"]) == ("FAILED_TEMP", "FORCEFUL")
    await mano.ask(occurrence, "rollback")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "ROLLED_BACK", ended
    assert await mano.owned() == []
    assert (await mano.show(ns_id))["nsState"] == "NOT_INSTANTIATED"


async def test_gracefully_what_the_vim_has_begun_comes_to_its_end(mano, hanging):
    """Servers that come up while a cancel is pending complete their VNFs' last steps, and so all that was asked for."""
    ns_id, occurrence, children = hanging
    await cancel(mano, occurrence, "GRACEFUL")
    await mano.vim.boot(0.0)
    assert (await mano.ended(occurrence))["operationState"] == "COMPLETED"
    assert [(await mano.get(path))["operationState"] for path in children] == ["COMPLETED"] * 3
    assert (await mano.show(ns_id))["nsState"] == "INSTANTIATED"


@pytest.mark.parametrize("way_out", ["retry", "continue"])
async def test_after_a_cancel_the_operation_goes_on(mano, hanging, way_out):
    """Retry and continue do what was left; continue too, for what was called off has not failed."""
    ns_id, occurrence, children = hanging
    await cancel(mano, occurrence, "FORCEFUL")
    await mano.ended(occurrence)
    for path in children:
        await mano.ended(path)
    await mano.vim.boot(0.0)
    await mano.ask(occurrence, way_out)
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "COMPLETED", ended
    assert [vnf["instantiationState"] for vnf in (await mano.show(ns_id))["vnfInstance"]] == ["INSTANTIATED"] * 3
    assert len(await mano.owned("server")) == 3


async def test_going_on_without_a_vnf_that_failed(mano):
    """Continue ends PARTIALLY_COMPLETED; the NS can be scaled, which mends it, and terminated, which leaves nothing."""
    await mano.vim.spoil(error="refused", kind="server", match="*firewall*", remaining=None, message=WORDS)
    ns_id = await mano.create()
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    failed = await mano.ended(occurrence)
    assert "continue" in failed["_links"]
    await mano.ask(occurrence, "continue")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "PARTIALLY_COMPLETED", ended
    assert WORDS in ended["error"]["detail"]
    assert (await mano.show(ns_id))["nsState"] == "INSTANTIATED"
    assert len(await mano.owned("server")) == 2
    await mano.vim.heal()
    steps = {"scalingDirection": "SCALE_OUT", "aspectId": "probes"}
    body = {"scaleType": "SCALE_NS", "scaleNsData": {"scaleNsByStepsData": steps}}
    ended = await mano.run(ns_id, "scale", body)
    assert ended["operationState"] == "COMPLETED", ended
    assert len(await mano.owned("server")) == 4
    assert (await mano.run(ns_id, "terminate", {}))["operationState"] == "COMPLETED"
    assert await mano.owned() == []


async def test_a_termination_that_is_continued_keeps_what_would_not_go(mano):
    """What could not be removed is still there, and so is the NS: it can be terminated again."""
    ns_id = await mano.instantiated()
    await mano.vim.spoil(error="refused", verb="ensure_absent", kind="server", remaining=None, message=WORDS)
    occurrence = await mano.begin(ns_id, "terminate", {})
    assert (await mano.ended(occurrence))["operationState"] == "FAILED_TEMP"
    await mano.ask(occurrence, "continue")
    assert (await mano.ended(occurrence))["operationState"] == "PARTIALLY_COMPLETED"
    assert (await mano.show(ns_id))["nsState"] == "INSTANTIATED"
    await mano.vim.heal()
    assert (await mano.run(ns_id, "terminate", {}))["operationState"] == "COMPLETED"
    assert await mano.owned() == []
    assert (await mano.show(ns_id))["nsState"] == "NOT_INSTANTIATED"
