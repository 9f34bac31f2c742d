"""What NS lifecycle management refuses, each time with problem details that name what is wrong."""

from __future__ import annotations

import pytest
from ns_examples import NSD

from nfvo.lifecycle import operations, requests

NSLCM = "/nslcm/v2"


async def refused(response, status: int, *words: str) -> dict:
    assert response.status == status, await response.text()
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:mano:problem:")
    for word in words:
        assert word in problem["detail"], problem
    return problem


async def test_an_unknown_nsd_is_refused(mano):
    """An nsdId of nothing onboarded: 422, and no instance is made."""
    body = {"nsdId": "nowhere", "nsName": "x", "nsDescription": "x"}
    problem = await refused(await mano.client.post(f"{NSLCM}/ns_instances", json=body), 422, "nsdId", "nowhere")
    assert problem["attribute"] == "nsdId"
    assert await mano.get(f"{NSLCM}/ns_instances") == []


async def test_a_disabled_nsd_is_refused(mano):
    """A disabled NSD makes no new instance: 409."""
    mano.descriptors.disabled.add(NSD.id)
    body = {"nsdId": NSD.id, "nsName": "x", "nsDescription": "x"}
    await refused(await mano.client.post(f"{NSLCM}/ns_instances", json=body), 409, "DISABLED")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"nsFlavourId": "huge"}, ("nsFlavourId", "huge", "edge")),
        ({"nsFlavourId": "edge", "nsInstantiationLevelId": "tiny"}, ("nsInstantiationLevelId", "tiny", "large, small")),
        (
            {"nsFlavourId": "edge", "additionalParamsForVnf": [{"vnfProfileId": "ghost"}]},
            ("additionalParamsForVnf[0].vnfProfileId", "ghost"),
        ),
        (
            {"nsFlavourId": "edge", "sapData": [{"sapdId": "ghost", "sapName": "x", "description": "x"}]},
            ("sapData[0].sapdId", "ghost"),
        ),
        ({"nsFlavourId": "edge", "startTime": "2099-01-01T00:00:00Z"}, ("startTime", "not supported")),
    ],
)
async def test_an_instantiation_that_does_not_fit_the_nsd_is_refused(mano, body, words):
    """422 naming the attribute and what there is instead; no operation is begun."""
    ns_id = await mano.create()
    await refused(await mano.client.post(f"{NSLCM}/ns_instances/{ns_id}/instantiate", json=body), 422, *words)
    assert await mano.get(f"{NSLCM}/ns_lcm_op_occs") == []


def by_step(direction: str, aspect: str) -> dict:
    step = {"scalingDirection": direction, "aspectId": aspect}
    return {"scaleType": "SCALE_NS", "scaleNsData": {"scaleNsByStepsData": step}}


async def test_a_scaling_that_does_not_fit_is_refused(mano):
    """422 naming the attribute; the NS is as it was."""
    ns_id = await mano.instantiated()
    ghost = {"vnfInstanceId": "ghost", "scaleVnfType": "SCALE_OUT"}
    for body, *words in (
        ({"scaleType": "SCALE_NS", "scaleNsData": {}}, "scaleNsData", "exactly one"),
        (by_step("SCALE_OUT", "x"), "aspectId", "probes"),
        (by_step("SCALE_IN", "probes"), "numberOfSteps", "level 0 of 0 to 2"),
        ({"scaleType": "SCALE_VNF"}, "scaleVnfData"),
        ({"scaleType": "SCALE_VNF", "scaleVnfData": [ghost]}, "scaleVnfData[0].vnfInstanceId", "ghost"),
    ):
        await refused(await mano.client.post(f"{NSLCM}/ns_instances/{ns_id}/scale", json=body), 422, *words)
    assert len((await mano.show(ns_id))["vnfInstance"]) == 3


async def test_an_operation_under_way_bars_every_other(mano):
    """409 names the operation that has not ended and its state."""
    await mano.vim.spoil(error="refused", kind="server", remaining=None)
    ns_id = await mano.create()
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    instance = f"{NSLCM}/ns_instances/{ns_id}"
    await mano.ended(occurrence)
    running = occurrence.rsplit("/", 1)[1]
    for request in (
        mano.client.post(f"{instance}/instantiate", json={"nsFlavourId": "edge"}),
        mano.client.post(f"{instance}/terminate", json={}),
        mano.client.delete(instance),
    ):
        problem = await refused(await request, 409, running, "FAILED_TEMP")
        assert problem["nsLcmOpOccId"] == running


async def test_the_wrong_state_of_an_instance_is_refused(mano):
    """What is not instantiated cannot be scaled or terminated; what is, not instantiated or deleted."""
    ns_id = await mano.create()
    instance = f"{NSLCM}/ns_instances/{ns_id}"
    await refused(await mano.client.post(f"{instance}/terminate", json={}), 409, "NOT_INSTANTIATED")
    scale = {"scaleType": "SCALE_VNF", "scaleVnfData": []}
    await refused(await mano.client.post(f"{instance}/scale", json=scale), 409, "NOT_INSTANTIATED")
    await mano.run(ns_id, "instantiate", {"nsFlavourId": "edge"})
    await refused(await mano.client.post(f"{instance}/instantiate", json={"nsFlavourId": "edge"}), 409, "INSTANTIATED")
    await refused(await mano.client.delete(instance), 409, "terminate it first")


async def test_the_wrong_state_of_an_operation_is_refused(mano):
    """Retry, rollback and fail need FAILED_TEMP."""
    ns_id = await mano.create()
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    await mano.ended(occurrence)
    for task in ("retry", "rollback", "fail"):
        await refused(await mano.client.post(f"{occurrence}/{task}"), 409, "COMPLETED", task, "FAILED_TEMP")


async def test_what_is_not_there_is_404(mano):
    """Unknown instances and occurrences, and the occurrence of a VNF operation."""
    await refused(await mano.client.get(f"{NSLCM}/ns_instances/ghost"), 404, "ghost")
    await refused(await mano.client.delete(f"{NSLCM}/ns_instances/ghost"), 404, "ghost")
    await refused(await mano.client.post(f"{NSLCM}/ns_instances/ghost/instantiate", json={"nsFlavourId": "e"}), 404)
    await refused(await mano.client.get(f"{NSLCM}/ns_lcm_op_occs/ghost"), 404, "ghost")
    await mano.instantiated()
    (vnf_operation, *_) = await mano.get("/vnflcm/v2/vnf_lcm_op_occs")
    await refused(await mano.client.post(f"{NSLCM}/ns_lcm_op_occs/{vnf_operation['id']}/retry"), 404)


async def test_a_body_of_another_shape_is_400(mano):
    """A missing attribute, a wrong type and malformed JSON name the place."""
    ns_id = await mano.create()
    path = f"{NSLCM}/ns_instances/{ns_id}/instantiate"
    await refused(await mano.client.post(path, json={}), 400, "nsFlavourId")
    await refused(await mano.client.post(path, json={"nsFlavourId": 7}), 400, "$.nsFlavourId")
    await refused(await mano.client.post(path, data="{", headers={"Content-Type": "application/json"}), 400)


async def test_a_stale_etag_does_not_delete(mano):
    """If-Match with another etag: 412, and the instance is still there."""
    ns_id = await mano.create()
    instance = f"{NSLCM}/ns_instances/{ns_id}"
    await refused(await mano.client.delete(instance, headers={"If-Match": '"99"'}), 412)
    assert (await mano.client.delete(instance, headers={"If-Match": '"1"'})).status == 204


async def test_a_descriptor_that_is_gone_is_named_and_a_defect_is_not_taken_for_it(mano, monkeypatch):
    """422 with the VNFD that is not onboarded; whatever else goes wrong as one plans is told as the defect it is."""
    ns_id = await mano.create()
    instantiation = f"{NSLCM}/ns_instances/{ns_id}/instantiate"
    body = {"nsFlavourId": "edge"}
    with monkeypatch.context() as gone:
        gone.setattr(mano.descriptors, "vnfds", {})
        problem = await refused(await mano.client.post(instantiation, json=body), 422, "not onboarded", "vnfd-router")
        assert problem["type"] == "urn:mano:problem:unknown-vnfd"

    def defective(_context, _size):
        raise KeyError("capacity")

    with monkeypatch.context() as broken:
        broken.setattr(requests, "desired_state", defective)
        problem = await refused(await mano.client.post(instantiation, json=body), 500)
        assert problem["type"] == "urn:mano:problem:internal-error"
    monkeypatch.setattr(operations, "desired_state", defective)
    occurrence = await mano.run(ns_id, "instantiate", body)
    assert occurrence["error"]["type"] == "urn:mano:problem:defect"
