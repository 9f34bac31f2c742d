"""Operations that wait for an element manager's word."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from driver_hosts import element_manager, temporary_host
from vnfm_examples import FIREWALL, SIMPLE

from descriptors.model.vnfd import Coordination, CoordinationAction, Declaration, PackageChange, PackageTransition
from mano_runtime.workflow.operation import CancelMode
from vnfm.lifecycle.scripting import Scripting
from vnfm.service import build_vnfm
from vnfm.sol003.requests import ChangeCurrentVnfPkgRequest


@pytest.fixture
async def manager():
    async with element_manager() as (manager, endpoint):
        manager.endpoint = endpoint
        yield manager


@pytest.fixture
async def vnfm(*, database, engine, vim, grants, packages, manager):
    with temporary_host(coordination=manager.endpoint, url="http://mano.example") as host:
        scripting = Scripting(host, timeout=20)
        service = build_vnfm(database, engine, vim.registry, grants, packages, owner="mano-test", scripting=scripting)
        await engine.start()
        yield service


@pytest.fixture
def coordinated(packages):
    """Return the function that has the instantiation of the firewall coordinated."""

    def declare(**stages):
        actions = {
            name: CoordinationAction(
                id=name, action_name=name, stage=stage, inputs={"site": Declaration(name="site", default="north")}
            )
            for name, stage in stages.items()
        }
        flavour = msgspec.structs.replace(
            SIMPLE,
            coordination_actions=actions,
            coordinations=(Coordination(operation="instantiate", actions=tuple(actions)),),
        )
        packages.vnfds[FIREWALL.id] = msgspec.structs.replace(FIREWALL, flavours={"simple": flavour})

    return declare


async def told(occurrence, ask):
    """What the occurrence says of coordination, as ETSI's document has it."""
    _, found = await ask("GET", f"/vnf_lcm_op_occs/{occurrence.id}")
    return found.get("lcmCoordinations", [])


async def test_the_operation_goes_on_when_it_may(*, vnfm, ask, manager, created, attached, coordinated, ended, etsi):
    """Asked at start and end, at once and later, with what SOL002 has; told to come again, it comes again."""
    manager.busy = 1
    coordinated(synchronous="start", works="end")
    done = await ended(await vnfm.lifecycle.instantiate(created, attached))
    assert done.operation_state == "COMPLETED", done.error
    actions = [asked["coordinationActionName"] for asked in manager.asked]
    assert actions == ["synchronous", "synchronous", "works"]
    lcmcoord = etsi("SOL002/VNFLCMCoordination")
    for asked in manager.asked:
        lcmcoord.check_request("POST", "/coordinations", asked)
        assert (asked["vnfInstanceId"], asked["vnfLcmOpOccId"]) == (created, done.id)
        assert asked["inputParams"] == {"site": "north"}
    (rejected,) = done.rejected_lcm_coordinations
    assert (rejected.coordination_action_name, rejected.endpoint_type) == ("synchronous", "MGMT")
    assert rejected.rejection_time == rejected.delay  # the element manager asks for no pause
    at_once, later = await told(done, ask)
    assert rejected.rejection_time < at_once["startTime"]
    _, (listed,) = await ask("GET", f"/vnf_lcm_op_occs?filter=(eq,vnfInstanceId,{created})")
    assert [it["coordinationActionName"] for it in listed["rejectedLcmCoordinations"]] == ["synchronous"]
    assert "lcmCoordinations" not in listed
    assert (at_once["coordinationActionName"], later["coordinationActionName"]) == ("synchronous", "works")
    assert (at_once["id"], later["id"]) == ("coordination-1", "coordination-2")
    assert {it["coordinationResult"] for it in (at_once, later)} == {"CONTINUE"}
    assert at_once["startTime"] <= at_once["endTime"] <= later["startTime"] <= later["endTime"]
    assert done.warnings == ("mind the gap", "mind the gap")


@pytest.mark.parametrize(("action", "why"), [("fails", "bad luck"), ("forbidden", "not now, not ever")])
async def test_an_abort_stops_the_operation(*, vnfm, ask, vim, created, attached, coordinated, ended, action, why):
    """In FAILED_TEMP, with the element manager's reason, before anything is made."""
    coordinated(**{action: "start"})
    stopped = await ended(await vnfm.lifecycle.instantiate(created, attached))
    assert stopped.operation_state == "FAILED_TEMP"
    assert why in stopped.error["detail"]
    assert [it["coordinationResult"] for it in await told(stopped, ask)] == (["ABORT"] if action == "fails" else [])
    assert await vim.resources() == {}


async def test_a_cancelled_operation_cancels_its_coordination(
    *, vnfm, ask, engine, manager, created, attached, coordinated, ended
):
    """The element manager is told that nobody waits any more."""
    coordinated(hangs="start")
    operation = await vnfm.lifecycle.instantiate(created, attached)
    while not manager.polls:  # noqa: ASYNC110  # only the element manager knows
        await asyncio.sleep(0.01)
    (waiting,) = await told(await vnfm.lifecycle.get_operation(operation), ask)
    assert waiting.keys() == {"id", "coordinationActionName", "startTime", "endpointType", "delay"}
    await engine.cancel(operation, CancelMode.FORCEFUL)
    stopped = await ended(operation)
    assert stopped.operation_state == "FAILED_TEMP"
    assert [it["id"] for it in await told(stopped, ask)] == ["coordination-1"]
    assert manager.cancelled == ["coordination-1"]


async def test_nobody_to_ask_refuses_the_operation(
    *, database, engine, vim, grants, packages, tmp_path, created, attached, coordinated, ended, vnfm
):
    """Before anything is granted, with what to do about it."""
    coordinated(works="start")
    vnfd = packages.vnfds[FIREWALL.id]
    action = msgspec.structs.replace(vnfd.flavours["simple"].coordination_actions["works"], endpoint_type="vnf")
    vnfd.flavours["simple"].coordination_actions["works"] = action
    refused = await ended(await vnfm.lifecycle.instantiate(created, attached))
    assert refused.operation_state == "ROLLED_BACK"
    assert "lcmcoord" in refused.error["detail"]
    assert grants.asked == []


async def test_a_change_of_the_package_asks_for_the_actions_of_its_way(*, vnfm, manager, instantiated, packages, ended):
    """What the VNFD binds to the way between two packages is asked for when it is gone, and not on another one."""
    action = CoordinationAction(id="prepare", action_name="works", stage="start")
    transition = PackageTransition(source_descriptor_id=FIREWALL.id, destination_descriptor_id="next")
    way = PackageChange(id="way", transitions=(transition,), actions=("prepare",))
    flavour = msgspec.structs.replace(SIMPLE, coordination_actions={"works": action})
    for id_ in ("next", "other"):
        packages.vnfds[id_] = msgspec.structs.replace(
            FIREWALL, id=id_, flavours={"simple": flavour}, package_changes=(way,)
        )
    for id_, asked in (("next", 1), ("other", 1)):
        done = await ended(await vnfm.lifecycle.change_vnfpkg(instantiated, ChangeCurrentVnfPkgRequest(vnfd_id=id_)))
        assert done.operation_state == "COMPLETED", done.error
        assert [it["lcmOperationType"] for it in manager.asked] == ["CHANGE_VNFPKG"] * asked
