"""NS representations in every state are what SOL005 says."""

from __future__ import annotations

import pytest


@pytest.fixture
def nslcm(etsi):
    return etsi("SOL005/NSLifecycleManagement")


async def test_an_instance_conforms_in_each_state(mano, nslcm):
    """Not instantiated, instantiated with addresses asked for at an access point and a VNF scaled, and in a list."""
    ns_id = await mano.create()
    path = f"/nslcm/v2/ns_instances/{ns_id}"
    await nslcm.check(await mano.client.get(path))
    address = {"type": "IPV4", "fixedAddresses": ["192.0.2.9"]}
    protocol = {"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": {"ipAddresses": [address]}}
    sap = {"sapdId": "uplink", "sapName": "to the world", "description": "x", "sapProtocolData": [protocol]}
    request = {"nsFlavourId": "edge", "sapData": [sap]}
    nslcm.check_request("POST", "/ns_instances/{nsInstanceId}/instantiate", request)
    await mano.run(ns_id, "instantiate", request)
    shown = await nslcm.check(await mano.client.get(path))
    (info,) = shown["sapInfo"]
    assert info["sapProtocolInfo"][0]["ipOverEthernet"]["ipAddresses"][0]["addresses"] == ["192.0.2.9"]
    await nslcm.check(await mano.client.get("/nslcm/v2/ns_instances?all_fields"))
    await nslcm.check(await mano.client.get("/nslcm/v2/ns_instances"))


async def test_an_occurrence_conforms_in_each_state(mano, nslcm):
    """Failed with an error, given up, completed, rolled back, and in a list."""
    await mano.vim.spoil(error="refused", kind="server", match="*firewall*", remaining=None)
    ns_id = await mano.create()
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    await mano.ended(occurrence)
    assert (await nslcm.check(await mano.client.get(occurrence)))["operationState"] == "FAILED_TEMP"
    await mano.ask(occurrence, "rollback")
    await mano.ended(occurrence)
    assert (await nslcm.check(await mano.client.get(occurrence)))["operationState"] == "ROLLED_BACK"
    occurrence = await mano.begin(ns_id, "instantiate", {"nsFlavourId": "edge"})
    await mano.ended(occurrence)
    await nslcm.check(await mano.client.post(f"{occurrence}/fail"))
    await mano.vim.heal()
    ended = await mano.run(ns_id, "terminate", {})
    assert ended["operationState"] == "COMPLETED"
    await nslcm.check(await mano.client.get(f"/nslcm/v2/ns_lcm_op_occs/{ended['id']}"))
    await nslcm.check(await mano.client.get("/nslcm/v2/ns_lcm_op_occs?all_fields"))
    await nslcm.check(await mano.client.get("/nslcm/v2/ns_lcm_op_occs"))
    await nslcm.check(await mano.client.post(f"{occurrence}/retry"))
