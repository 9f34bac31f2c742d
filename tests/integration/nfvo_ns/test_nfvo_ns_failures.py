"""A network service when the VIM fails: what is shown, and each way out."""

from __future__ import annotations

import asyncio

import pytest

WORDS = "the hypervisor is on fire"


@pytest.fixture
async def failed(mano):
    """Return an NS whose firewall's server could not be made, and the path of the operation in FAILED_TEMP."""
    await mano.vim.spoil(error="refused", kind="server", match="*firewall*", remaining=None, message=WORDS)
    ns_id = await mano.create()
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    assert (await mano.ended(occurrence))["operationState"] == "FAILED_TEMP"
    return ns_id, occurrence


async def test_a_failure_shows_the_words_of_the_vim_and_the_ways_out(mano, failed):
    """The NS operation's error names the VNF, its operation and the VIM's words; retry, rollback, fail are linked."""
    ns_id, occurrence = failed
    shown = await mano.get(occurrence)
    error = shown["error"]
    assert WORDS in error["detail"]
    assert "firewall" in error["detail"]
    vnf_operation = await mano.get(f"/vnflcm/v2/vnf_lcm_op_occs/{error['vnfLcmOpOccId']}")
    assert vnf_operation["operationState"] == "FAILED_TEMP"
    assert error["cause"]["detail"] == vnf_operation["error"]["detail"]
    assert {"retry", "rollback", "fail"} < shown["_links"].keys()
    results = {vnf["vnfProfileId"]: vnf["changeResult"] for vnf in shown["resourceChanges"]["affectedVnfs"]}
    assert results == {"router": "COMPLETED", "firewall": "FAILED", "probe": "COMPLETED"}
    assert "instantiate" not in (await mano.show(ns_id))["_links"]


async def test_retry_completes_what_failed(mano, failed):
    """Once the VIM is well again, retry finishes the same operation; nothing is there twice."""
    ns_id, occurrence = failed
    await mano.vim.heal()
    await mano.ask(occurrence, "retry")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "COMPLETED", ended
    assert len((await mano.show(ns_id))["vnfInstance"]) == 3
    assert len(await mano.owned("server")) == 3
    assert len(await mano.get("/vnflcm/v2/vnf_instances")) == 3


async def test_retry_that_meets_the_same_fault_ends_where_it_was(mano, failed):
    """A retry in vain is FAILED_TEMP again, and can be retried again."""
    _, occurrence = failed
    await mano.ask(occurrence, "retry")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "FAILED_TEMP"
    assert WORDS in ended["error"]["detail"]


async def test_rollback_leaves_nothing(mano, failed):
    """Rollback takes back the VNFs that came up as well as the one that did not, and every network."""
    ns_id, occurrence = failed
    await mano.ask(occurrence, "rollback")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "ROLLED_BACK", ended
    assert await mano.owned() == []
    assert await mano.get("/vnflcm/v2/vnf_instances") == []
    shown = await mano.show(ns_id)
    assert shown["nsState"] == "NOT_INSTANTIATED"
    assert "instantiate" in shown["_links"]


async def test_fail_keeps_what_there_is_so_that_it_can_be_terminated(mano, failed):
    """Given up, the NS counts as instantiated with what exists, and terminating it leaves nothing."""
    ns_id, occurrence = failed
    response = await mano.client.post(f"{occurrence}/fail")
    assert response.status == 200
    assert (await response.json())["operationState"] == "FAILED"
    assert (await mano.show(ns_id))["nsState"] == "INSTANTIATED"
    await mano.vim.heal()
    ended = await mano.run(ns_id, "terminate", {})
    assert ended["operationState"] == "COMPLETED", ended
    assert await mano.owned() == []
    assert await mano.get("/vnflcm/v2/vnf_instances") == []


async def test_after_fail_the_next_scaling_finishes_what_was_left(mano, failed):
    """What was never seen ready is not taken for granted by the operation that follows."""
    ns_id, occurrence = failed
    await mano.client.post(f"{occurrence}/fail")
    await mano.vim.heal()
    steps = {"scalingDirection": "SCALE_OUT", "aspectId": "probes"}
    body = {"scaleType": "SCALE_NS", "scaleNsData": {"scaleNsByStepsData": steps}}
    ended = await mano.run(ns_id, "scale", body)
    assert ended["operationState"] == "COMPLETED", ended
    vnfs = (await mano.show(ns_id))["vnfInstance"]
    assert [vnf["instantiationState"] for vnf in vnfs] == ["INSTANTIATED"] * 4
    assert len(await mano.owned("server")) == 4


async def test_a_scaling_that_failed_is_rolled_back_to_the_size_before(mano):
    """The VNF's own failed scaling is rolled back, and the VNF has the levels that it had."""
    ns_id = await mano.instantiated()
    firewall = next(v for v in (await mano.show(ns_id))["vnfInstance"] if v["vnfProductName"] == "firewall")
    await mano.vim.spoil(error="boot_fault", kind="server", match="*node/2*", remaining=None, message=WORDS)
    scale = {
        "vnfInstanceId": firewall["id"],
        "scaleVnfType": "SCALE_OUT",
        "scaleByStepData": {"aspectId": "capacity", "numberOfSteps": 2},
    }
    occurrence = await mano.begin(ns_id, "scale", {"scaleType": "SCALE_VNF", "scaleVnfData": [scale]})
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "FAILED_TEMP"
    assert WORDS in ended["error"]["detail"]
    await mano.ask(occurrence, "rollback")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "ROLLED_BACK", ended
    shown = await mano.get(f"/vnflcm/v2/vnf_instances/{firewall['id']}")
    assert shown["instantiatedVnfInfo"]["scaleStatus"] == firewall["instantiatedVnfInfo"]["scaleStatus"]
    assert len(await mano.owned("server")) == 3


async def test_a_termination_that_failed_can_be_retried(mano):
    """A server that will not go stops the NS's termination; retry finishes it."""
    ns_id = await mano.instantiated()
    await mano.vim.spoil(error="refused", verb="ensure_absent", kind="server", remaining=None, message=WORDS)
    occurrence = await mano.begin(ns_id, "terminate", {})
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "FAILED_TEMP"
    assert WORDS in ended["error"]["detail"]
    await mano.vim.heal()
    await mano.ask(occurrence, "retry")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "COMPLETED", ended
    assert await mano.owned() == []


async def test_a_termination_that_failed_can_be_rolled_back(mano):
    """What was removed comes back: the NS is whole again, with every VNF instantiated."""
    ns_id = await mano.instantiated()
    await mano.vim.spoil(error="refused", verb="ensure_absent", kind="server", remaining=2, message=WORDS)
    occurrence = await mano.begin(ns_id, "terminate", {})
    assert (await mano.ended(occurrence))["operationState"] == "FAILED_TEMP"
    await mano.vim.heal()
    await mano.ask(occurrence, "rollback")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "ROLLED_BACK", ended
    shown = await mano.show(ns_id)
    assert shown["nsState"] == "INSTANTIATED"
    assert [vnf["instantiationState"] for vnf in shown["vnfInstance"]] == ["INSTANTIATED"] * 3
    assert len(await mano.owned("server")) == 3
    assert (await mano.run(ns_id, "terminate", {}))["operationState"] == "COMPLETED"
    assert await mano.owned() == []


async def test_without_room_nothing_is_begun_and_the_numbers_are_told(mano):
    """No VIM has room: FAILED_TEMP with asked and left, nothing on the VIM; rollback ends it at once."""
    await mano.vim.spoil(error="capacity", verb="capacity", remaining=None)
    ns_id = await mano.create()
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "FAILED_TEMP"
    assert ended["error"]["title"] == "No VIM takes the network service"
    assert await mano.owned() == []
    await mano.ask(occurrence, "rollback")
    assert (await mano.ended(occurrence))["operationState"] == "ROLLED_BACK"
    assert "instantiate" in (await mano.show(ns_id))["_links"]


async def test_a_refused_grant_can_be_retried_once_there_is_a_vim_again(mano):
    """A VNF whose grant was refused was rolled back by itself; the NS's retry instantiates it anew."""
    ns_id = await mano.create()
    await mano.vim.spoil(error="denied", verb="capacity", after_calls=1, remaining=None, message=WORDS)
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "FAILED_TEMP"
    assert ended["error"]["title"] == "The VNF's INSTANTIATE operation was rolled back"
    await mano.vim.heal()
    await mano.ask(occurrence, "retry")
    ended = await mano.ended(occurrence)
    assert ended["operationState"] == "COMPLETED", ended
    assert len(await mano.owned("server")) == 3


async def test_no_vim_at_all_tells_how_to_add_one(mano):
    """Without any VIM connection the error says what to do."""
    await asyncio.to_thread(mano.registry.remove, "vim-1")
    ns_id = await mano.create()
    ended = await mano.run(ns_id, "instantiate", {"nsFlavourId": "edge"})
    assert "mano vim add" in ended["error"]["detail"]
