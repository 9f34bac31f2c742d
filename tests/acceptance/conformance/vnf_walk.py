"""The walk through a VNF's life, in both releases and as an element manager, and how operations end on it."""

from __future__ import annotations

import hashlib

ENDED = ("COMPLETED", "PARTIALLY_COMPLETED", "FAILED_TEMP", "FAILED", "ROLLED_BACK")

LEFT = {"retry": "COMPLETED", "rollback": "ROLLED_BACK", "continue": "PARTIALLY_COMPLETED", "fail": "FAILED"}
"""The state in which each way out of FAILED_TEMP ends."""


def attached_as(vnf):
    """Return the connectivity by which another VNF is attached to the same networks."""
    links = vnf["instantiatedVnfInfo"]["extVirtualLinkInfo"]
    return [
        {
            "id": f"link-{number}",
            "vimConnectionId": link["resourceHandle"]["vimConnectionId"],
            "resourceId": link["resourceHandle"]["resourceId"],
            "extCps": link["currentVnfExtCpData"],
        }
        for number, link in enumerate(links)
    ]


async def live_as_vnf(server, walk, twin, element_manager):
    """Create another VNF like ``twin``, instantiate, scale with every way out of a failure, terminate, delete."""
    wanted = {"vnfdId": twin["vnfdId"], "vnfInstanceName": "alone", "vnfInstanceDescription": "beside a service"}
    created = await walk.send("POST", "/vnf_instances", 201, wanted)
    one = f"/vnf_instances/{created['id']}"
    instantiate = {"flavourId": "scalable", "extVirtualLinks": attached_as(twin)}
    await ended(walk, await walk.operate(f"{one}/instantiate", instantiate), "COMPLETED")
    assert (await walk.get(one))["instantiationState"] == "INSTANTIATED"
    out = {"type": "SCALE_OUT", "aspectId": "inspection", "numberOfSteps": 1}
    for way_out in ("retry", "rollback", "fail"):
        await server.tell_vim("inject", "refused", "--kind", "server")
        occurrence = await walk.operate(f"{one}/scale", out)
        await ended(walk, occurrence, "FAILED_TEMP")
        await leave(walk, occurrence, way_out)
        await walk.send("POST", f"{occurrence}/retry", 409)
    await cancel(server, walk, f"{one}/scale", out)
    level = {"scaleInfo": [{"aspectId": "inspection", "scaleLevel": 0}]}
    await ended(walk, await walk.operate(f"{one}/scale_to_level", level), "COMPLETED")
    await change_in_every_way(walk, one, twin)
    await manage_components(walk, element_manager, one)
    snapshot = await keep_snapshots(walk, one)
    end = {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 10}
    await ended(walk, await walk.operate(f"{one}/terminate", end), "COMPLETED")
    await remove(walk, "/vnf_snapshots", snapshot)
    await walk.get("/vnf_lcm_op_occs?all_fields")
    await walk.get("/vnf_instances?all_fields")
    await remove(walk, "/vnf_instances", created["id"])


async def live_in_release_2(server, walk, twin, vnflcm):
    """Do the same with the interface of release 2.6.1: connectivity and VIMs are lists there, and less is known."""
    created = await walk.send("POST", "/vnf_instances", 201, {"vnfdId": twin["vnfdId"], "vnfInstanceName": "old"})
    one = f"/vnf_instances/{created['id']}"
    links = attached_as(twin)
    for link in links:
        for cp in link["extCps"]:
            cp["cpConfig"] = [{"cpProtocolData": config["cpProtocolData"]} for config in cp["cpConfig"].values()]
    vims = [{"id": link["vimConnectionId"], "vimType": "SIMULATED"} for link in links]
    instantiate = {"flavourId": "scalable", "extVirtualLinks": links, "vimConnectionInfo": vims[:1]}
    occurrence = await walk.operate(f"{one}/instantiate", instantiate)
    await ended(walk, occurrence, "COMPLETED")
    assert (await walk.get(occurrence))["operationParams"] == instantiate
    info = (await walk.get(one))["instantiatedVnfInfo"]
    assert info["extCpInfo"]
    assert "virtualLinkResourceInfo" in info
    out = {"type": "SCALE_OUT", "aspectId": "inspection", "numberOfSteps": 1}
    for way_out in ("retry", "rollback", "fail"):
        await server.tell_vim("inject", "refused", "--kind", "server")
        occurrence = await walk.operate(f"{one}/scale", out)
        await ended(walk, occurrence, "FAILED_TEMP")
        await leave(walk, occurrence, way_out)
    await cancel(server, walk, f"{one}/scale", out)
    level = {"scaleInfo": [{"aspectId": "inspection", "scaleLevel": 0}]}
    await ended(walk, await walk.operate(f"{one}/scale_to_level", level), "COMPLETED")
    patch = {"vnfInstanceName": "older", "vimConnectionInfo": vims[:1], "vimConnectionInfoDeleteIds": ["gone"]}
    await walk.send("PATCH", one, 202, patch)
    await walk.until(one, "vnfInstanceName", "older")
    for change in ({"changeStateTo": "STOPPED"}, {"changeStateTo": "STARTED"}):
        await ended(walk, await walk.operate(f"{one}/operate", change), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/heal", {"cause": "it hangs"}), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/change_flavour", {"newFlavourId": "scalable"}), "COMPLETED")
    first = (await walk.get(one))["instantiatedVnfInfo"]["extCpInfo"][0]
    config = {"cpInstanceId": first["id"], "cpProtocolData": [{"layerProtocol": "IP_OVER_ETHERNET"}]}
    moved = [{**links[-1], "extCps": [{"cpdId": first["cpdId"], "cpConfig": [config]}]}]
    await ended(walk, await walk.operate(f"{one}/change_ext_conn", {"extVirtualLinks": moved}), "COMPLETED")
    config["cpInstanceId"] = "nobody"
    problem = await walk.send("POST", f"{one}/change_ext_conn", 422, {"extVirtualLinks": moved})
    assert problem["attribute"] == "extVirtualLinks[0].extCps[0].cpConfig[0].cpInstanceId"
    await release_2_has_no_word_for_it(walk, vnflcm, one, twin)
    end = {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 10}
    await ended(walk, await walk.operate(f"{one}/terminate", end), "COMPLETED")
    await walk.get("/vnf_instances?all_fields")
    await remove(walk, "/vnf_instances", created["id"])


async def release_2_has_no_word_for_it(walk, vnflcm, one, twin):
    """A change of the package is asked for in release 3, and not seen in release 2; nor can it be asked for there."""
    changed = await vnflcm.operate(f"{one}/change_vnfpkg", {"vnfdId": twin["vnfdId"]})
    await ended(vnflcm, changed, "COMPLETED")
    await walk.send("GET", changed, 404)
    assert changed.rpartition("/")[2] not in str(await walk.get("/vnf_lcm_op_occs?all_fields"))
    problem = await walk.send("PATCH", one, 422, {"vnfdId": twin["vnfdId"]})
    assert "change_vnfpkg" in problem["detail"]


async def change_in_every_way(walk, one, twin):
    """Modify, stop, start, heal, and change connectivity, flavour and package: the latter two to what they are."""
    patch = {"vnfInstanceName": "renamed", "metadata": {"tier": "edge"}, "extensions": {"site": "b"}}
    await walk.send("PATCH", one, 202, patch)
    occurrences = await walk.get("/vnf_lcm_op_occs?filter=(eq,operation,MODIFY_INFO)&all_fields")
    await ended(walk, f"/vnf_lcm_op_occs/{occurrences[-1]['id']}", "COMPLETED")
    assert (await walk.get(one))["vnfInstanceName"] == "renamed"
    stop = {"changeStateTo": "STOPPED", "stopType": "GRACEFUL", "gracefulStopTimeout": 1}
    await ended(walk, await walk.operate(f"{one}/operate", stop), "COMPLETED")
    assert (await walk.get(one))["instantiatedVnfInfo"]["vnfState"] == "STOPPED"
    await ended(walk, await walk.operate(f"{one}/operate", {"changeStateTo": "STARTED"}), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/heal", {"cause": "it hangs"}), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/change_flavour", {"newFlavourId": "scalable"}), "COMPLETED")
    connectivity = {"extVirtualLinks": attached_as(twin)}
    await ended(walk, await walk.operate(f"{one}/change_ext_conn", connectivity), "COMPLETED")
    await ended(walk, await walk.operate(f"{one}/change_vnfpkg", {"vnfdId": twin["vnfdId"]}), "COMPLETED")
    await walk.get(one)
    await walk.get("/vnf_lcm_op_occs?all_fields")


async def manage_components(walk, element_manager, one):
    """What SOL002 has beyond SOL003: single VNFCs are stopped, started, healed, kept and put back."""
    first = (await element_manager.get(one))["instantiatedVnfInfo"]["vnfcResourceInfo"][0]["id"]
    place = await walk.send("POST", "/vnf_snapshots", 201, {})
    kept = {"vnfSnapshotInfoId": place["id"], "vnfcInstanceId": first}
    for task, body in (
        ("operate", {"changeStateTo": "STOPPED", "vnfcInstanceId": [first]}),
        ("operate", {"changeStateTo": "STARTED", "vnfcInstanceId": [first]}),
        ("heal", {"cause": "it hangs", "vnfcInstanceId": [first], "additionalParams": {"all": True}}),
        ("create_snapshot", kept),
        ("revert_to_snapshot", kept | {"vnfcSnapshotInfoId": first}),
        ("heal", {"vnfcInstanceId": [first], "additionalParams": {"all": True}}),
    ):
        occurrence = await element_manager.operate(f"{one}/{task}", body)
        await ended(walk, occurrence, "COMPLETED")
        changes = (await element_manager.get(occurrence))["resourceChanges"]
        assert {vnfc["id"] for vnfc in changes.get("affectedVnfcs", ())} == (
            {first} if task != "create_snapshot" else set()
        )
    await element_manager.send("POST", f"{one}/heal", 422, {"vnfcInstanceId": ["nobody"]})
    properties = {"id": first, "vnfcConfigurableProperties": {"role": "standby"}}
    await element_manager.send("PATCH", one, 202, {"vnfcInfoModifications": [properties]})
    while (vnfc := await vnfc_of(element_manager, one, first)).get("vnfcConfigurableProperties") is None:
        await walk.get("/vnf_lcm_op_occs?all_fields")
    assert vnfc["vnfcConfigurableProperties"] == {"role": "standby"}
    await remove(walk, "/vnf_snapshots", place["id"])


async def vnfc_of(element_manager, one, vnfc):
    """What an element manager is told of a VNFC."""
    info = (await element_manager.get(one))["instantiatedVnfInfo"]["vnfcInfo"]
    return next(each for each in info if each["id"] == vnfc)


async def keep_snapshots(walk, one):
    """Take a snapshot, revert to it, have another place filled from a package, and return the one that is in use."""
    taken, extracted = [await walk.send("POST", "/vnf_snapshots", 201, {}) for _ in range(2)]
    chosen = {"vnfSnapshotInfoId": taken["id"]}
    await walk.send("POST", f"{one}/revert_to_snapshot", 409, chosen)
    state = f"/vnf_snapshots/{taken['id']}/vnf_state_snapshot"
    await walk.send("GET", state, 409)
    user_defined = {"userDefinedData": {"why": "upgrade"}}
    await ended(walk, await walk.operate(f"{one}/create_snapshot", chosen | user_defined), "COMPLETED")
    await walk.send("POST", f"{one}/create_snapshot", 409, chosen)
    assert len(await walk.get("/vnf_snapshots")) == len(await walk.get("/vnf_snapshots?all_fields")) == 2
    snapshot = (await walk.get(f"/vnf_snapshots/{taken['id']}"))["vnfSnapshot"]
    assert snapshot["vnfcSnapshots"]
    file = await walk.get(state)
    assert snapshot["vnfStateSnapshotInfo"]["checksum"]["hash"] == hashlib.sha256(file).hexdigest()
    assert await walk.send("GET", state, 206, headers={"Range": "bytes=2-9"}) == file[2:10]
    await walk.send("GET", state, 416, headers={"Range": "bytes=99999999-"})
    filled = {"vnfSnapshotPkgId": "package", "vnfSnapshot": snapshot}
    await walk.send("PATCH", f"/vnf_snapshots/{extracted['id']}", 200, filled)
    await walk.send("GET", f"/vnf_snapshots/{extracted['id']}/vnf_state_snapshot", 404)
    await ended(walk, await walk.operate(f"{one}/revert_to_snapshot", chosen), "COMPLETED")
    await remove(walk, "/vnf_snapshots", extracted["id"])
    await walk.send("DELETE", f"/vnf_snapshots/{taken['id']}", 409)
    return taken["id"]


async def ended(walk, occurrence, state):
    """Wait for an operation to end, in this state."""
    found = await walk.until(occurrence, "operationState", *ENDED)
    assert found["operationState"] == state, found.get("error")
    assert ("error" in found) == (state != "COMPLETED"), found


async def cancel(server, walk, task, body):
    """Cancel an operation that waits for a server that never comes up, and roll it back."""
    await server.tell_vim("latency", "--boot", "server=3600")
    occurrence = await walk.operate(task, body)
    await walk.until(occurrence, "operationState", "PROCESSING")
    await walk.send("POST", f"{occurrence}/cancel", 202, {"cancelMode": "FORCEFUL"})
    await ended(walk, occurrence, "FAILED_TEMP")
    await walk.send("POST", f"{occurrence}/cancel", 409, {"cancelMode": "GRACEFUL"})
    await server.tell_vim("latency", "--boot", "server=0")
    await leave(walk, occurrence, "rollback")


async def leave(walk, occurrence, way_out):
    """Leave FAILED_TEMP in one of the ways that it offers."""
    await walk.send("POST", f"{occurrence}/{way_out}", 200 if way_out == "fail" else 202)
    await ended(walk, occurrence, LEFT[way_out])


async def remove(walk, collection, identifier):
    """Delete a resource, which needs to be disabled first in a catalogue."""
    one = f"{collection}/{identifier}"
    if collection == "/vnf_packages":
        await walk.send("PATCH", one, 200, {"operationalState": "DISABLED"})
    elif collection == "/ns_descriptors":
        await walk.send("PATCH", one, 200, {"nsdOperationalState": "DISABLED"})
    await walk.send("DELETE", one, 204)
    await walk.send("GET", one, 404)
