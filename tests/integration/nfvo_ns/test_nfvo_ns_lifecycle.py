"""A network service's life over REST, with the real VNFM and the simulated VIM."""

from __future__ import annotations

from ns_examples import FIREWALL, VNFDS, floating


async def test_instantiate_brings_up_vnfs_on_the_links_that_the_nsd_says(mano):
    """Every VNF is attached to the networks that its profile is bound to, and all is told in one representation."""
    ns_id = await mano.instantiated()
    shown = await mano.show(ns_id)
    assert shown["nsState"] == "INSTANTIATED"
    assert shown["flavourId"] == "edge"
    assert {vnf["vnfProductName"] for vnf in shown["vnfInstance"]} == {"router", "firewall", "probe"}
    assert all(vnf["instantiationState"] == "INSTANTIATED" for vnf in shown["vnfInstance"])
    ports = {link["id"]: len(link["linkPort"]) for link in shown["virtualLinkInfo"]}
    assert ports == {"vl/wan": 1, "vl/transit": 2, "vl/lan": 2}
    assert all(link["resourceHandle"][0]["vimId"] == "vim-1" for link in shown["virtualLinkInfo"])
    assert [sap["sapdId"] for sap in shown["sapInfo"]] == ["uplink"]
    assert shown["nsScaleStatus"] == [{"nsScalingAspectId": "probes", "nsScaleLevelId": "probes-1"}]
    assert len(await mano.owned("server")) == 3
    assert len(await mano.owned("network")) == 3


async def test_the_occurrence_tells_what_was_changed(mano):
    """ResourceChanges list VNFs, virtual links and service access points with their results."""
    ns_id = await mano.create()
    occurrence = await mano.run(ns_id, "instantiate", {"nsFlavourId": "edge"})
    changes = occurrence["resourceChanges"]
    vnfs = {vnf["vnfProfileId"]: (vnf["changeType"], vnf["changeResult"]) for vnf in changes["affectedVnfs"]}
    assert vnfs == dict.fromkeys(("router", "firewall", "probe"), ("INSTANTIATE", "COMPLETED"))
    assert {link["nsVirtualLinkDescId"] for link in changes["affectedVls"]} == {"wan", "transit", "lan"}
    assert [sap["changeType"] for sap in changes["affectedSaps"]] == ["ADD"]
    assert occurrence["operationParams"] == {"nsFlavourId": "edge"}


async def test_vnf_operations_name_the_ns_operation_they_serve(mano):
    """The operations that an NS operation asks of the VNFM are its children."""
    ns_id = await mano.create()
    occurrence = await mano.run(ns_id, "instantiate", {"nsFlavourId": "edge"})
    children = await mano.engine.page(level="vnf", equal={"parent": occurrence["id"]})
    assert [stored.document.kind for stored in children.items] == ["INSTANTIATE"] * 3


async def test_a_vnf_is_reached_from_outside_through_a_router_of_the_service(mano):
    """The NFVO makes the link's way outside before the VNF, and removes it after; the VNFM makes the address."""
    mano.descriptors.vnfds = {**VNFDS, FIREWALL.id: floating(FIREWALL, "ext-inside")}
    ns_id = await mano.instantiated()
    assert await mano.owned("router") == [f"ns/{ns_id}/vl/lan/router"]
    (path,) = await mano.owned("floating_address")
    assert path.startswith("vnf/")
    ended = await mano.run(ns_id, "terminate", {})
    assert ended["operationState"] == "COMPLETED", ended
    assert await mano.owned() == []


async def test_ns_scales_out_and_in_by_steps_and_levels(mano):
    """VNFs come and go with the levels of an aspect; the others are not touched."""
    ns_id = await mano.instantiated()
    before = {vnf["id"] for vnf in (await mano.show(ns_id))["vnfInstance"]}
    steps = {"scalingDirection": "SCALE_OUT", "aspectId": "probes", "numberOfSteps": 2}
    out = await mano.run(ns_id, "scale", _ns({"scaleNsByStepsData": steps}))
    assert out["operationState"] == "COMPLETED", out
    shown = await mano.show(ns_id)
    assert len(shown["vnfInstance"]) == 5
    assert before < {vnf["id"] for vnf in shown["vnfInstance"]}
    assert shown["nsScaleStatus"][0]["nsScaleLevelId"] == "probes-3"
    back = await mano.run(ns_id, "scale", _ns({"scaleNsToLevelData": {"nsInstantiationLevel": "small"}}))
    assert back["operationState"] == "COMPLETED", back
    assert {vnf["id"] for vnf in (await mano.show(ns_id))["vnfInstance"]} == before
    assert len(await mano.owned("server")) == 3


async def test_a_vnf_scales_out_to_a_level_and_in(mano):
    """SCALE_VNF reaches the VNFM as a change of the VNF's scale levels, and the NS shows what came of it."""
    ns_id = await mano.instantiated()
    firewall = _vnf(await mano.show(ns_id), "firewall")["id"]

    async def scaled(**how) -> dict:
        body = {"scaleType": "SCALE_VNF", "scaleVnfData": [{"vnfInstanceId": firewall, **how}]}
        occurrence = await mano.run(ns_id, "scale", body)
        assert occurrence["operationState"] == "COMPLETED", occurrence
        return _vnf(await mano.show(ns_id), "firewall")["instantiatedVnfInfo"]

    out = await scaled(scaleVnfType="SCALE_OUT", scaleByStepData={"aspectId": "capacity", "numberOfSteps": 1})
    assert len(out["vnfcResourceInfo"]) == 2
    level = {"vnfInstantiationLevelId": "large"}
    large = await scaled(scaleVnfType="SCALE_TO_INSTANTIATION_LEVEL", scaleToLevelData=level)
    assert len(large["vnfcResourceInfo"]) == 3
    levels = {"vnfScaleInfo": [{"aspectId": "capacity", "scaleLevel": 3}]}
    top = await scaled(scaleVnfType="SCALE_TO_SCALE_LEVEL(S)", scaleToLevelData=levels)
    assert len(top["vnfcResourceInfo"]) == 4
    down = await scaled(scaleVnfType="SCALE_IN", scaleByStepData={"aspectId": "capacity", "numberOfSteps": 3})
    assert len(down["vnfcResourceInfo"]) == 1


async def test_terminate_leaves_nothing(mano):
    """Nothing is left on the VIM and at the VNFM, and the NS can be deleted, or instantiated again."""
    ns_id = await mano.instantiated()
    ended = await mano.run(ns_id, "terminate", {})
    assert ended["operationState"] == "COMPLETED", ended
    assert [sap["changeType"] for sap in ended["resourceChanges"]["affectedSaps"]] == ["REMOVE"]
    assert await mano.owned() == []
    assert await mano.get("/vnflcm/v2/vnf_instances") == []
    shown = await mano.show(ns_id)
    assert shown["nsState"] == "NOT_INSTANTIATED"
    assert "vnfInstance" not in shown
    again = await mano.run(ns_id, "instantiate", {"nsFlavourId": "edge", "nsInstantiationLevelId": "large"})
    assert again["operationState"] == "COMPLETED", again
    assert len((await mano.show(ns_id))["vnfInstance"]) == 4
    assert (await mano.run(ns_id, "terminate", {}))["operationState"] == "COMPLETED"
    response = await mano.client.delete(f"/nslcm/v2/ns_instances/{ns_id}")
    assert response.status == 204
    assert (await mano.client.get(f"/nslcm/v2/ns_instances/{ns_id}")).status == 404


async def test_parameters_for_a_profile_reach_its_vnfs(mano):
    """Name, metadata and additional parameters of ``additionalParamsForVnf`` are those of the VNF."""
    ns_id = await mano.create()
    params = {"vnfProfileId": "probe", "vnfInstanceName": "eye", "metadata": {"rack": "7"}}
    body = {"nsFlavourId": "edge", "additionalParamsForVnf": [params]}
    assert (await mano.run(ns_id, "instantiate", body))["operationState"] == "COMPLETED"
    probe = _vnf(await mano.show(ns_id), "probe")
    assert probe["vnfInstanceName"] == "eye-0"
    assert probe["metadata"]["rack"] == "7"


async def test_a_list_leaves_out_what_is_large(mano):
    """A plain list has no VNFs; ``all_fields`` has them."""
    await mano.instantiated()
    (short,) = await mano.get("/nslcm/v2/ns_instances")
    assert "vnfInstance" not in short
    (whole,) = await mano.get("/nslcm/v2/ns_instances?all_fields")
    assert len(whole["vnfInstance"]) == 3
    (occurrence,) = await mano.get("/nslcm/v2/ns_lcm_op_occs?filter=(eq,lcmOperationType,INSTANTIATE)")
    assert "operationParams" not in occurrence


def _ns(data: dict) -> dict:
    return {"scaleType": "SCALE_NS", "scaleNsData": data}


def _vnf(shown: dict, product: str) -> dict:
    return next(vnf for vnf in shown["vnfInstance"] if vnf["vnfProductName"] == product)
