"""Subscribers hear of every operation, whatever becomes of it, in words that ETSI's documents know."""

from __future__ import annotations

import msgspec
import pytest
from unheard import Ears, heard

from vnfm.service import build_vnfm
from vnfm.sol003.operation_occurrences import LcmOperationType

FAILED = ["STARTING", "PROCESSING", "FAILED_TEMP"]
ROLLED_BACK = [*FAILED, "ROLLING_BACK", "ROLLED_BACK"]
RETRIED = [*FAILED, "PROCESSING", "COMPLETED"]
DETAILS = (
    "affectedVnfcs",
    "affectedVirtualLinks",
    "affectedExtLinkPorts",
    "affectedVirtualStorages",
    "changedInfo",
    "changedExtConnectivity",
    "modificationsTriggeredByVnfPkgChange",
)


@pytest.fixture
async def vnfm(database, engine, vim, grants, packages):
    ears = Ears(full=("2.3.0", "FULL"), short=("2.3.0", "SHORT"), old=("1.3.0", "FULL"))
    service = build_vnfm(database, engine, vim.registry, grants, packages, owner="mano-test", notifications=ears)
    await engine.start()
    return service


async def test_every_operation_is_told_in_every_state(  # noqa: PLR0917  # fixtures
    ask, ended, created, vim, database, acts, etsi, vnflcm_of_release_2
):
    """START first and RESULTs after it, in the order of the states; the last one tells what the occurrence tells.

    Of what went wrong as of what went well: each operation stops once and is rolled back, stops again and is tried
    again. A short notification has no details; one of the older release is left out where that knows no such operation.
    """
    _, place = await ask("POST", "/vnf_snapshots", {})
    told: set[str] = set()

    async def walk(task, body, fault, way_out, states):
        await vim.spoil(**fault, remaining=None)
        status, path = await ask("POST", f"/vnf_instances/{created}/{task}", msgspec.to_builtins(body))
        assert status == 202, path
        operation = path.rpartition("/")[2]
        assert (await ended(operation)).operation_state == "FAILED_TEMP", task
        await vim.heal()
        assert (await ask("POST", f"{path}/{way_out}"))[0] == 202
        await ended(operation)
        _, occurrence = await ask("GET", path)
        full = await heard(database, "full", operation)
        assert [body["operationState"] for body in full] == states
        assert [body["notificationStatus"] for body in full] == ["START", *["RESULT"] * (len(states) - 1)]
        assert {body["operationState"] for body in full if "error" in body} >= {"FAILED_TEMP"}
        known = {**occurrence, **occurrence.get("resourceChanges", {})}
        told_last = {name: full[-1][name] for name in DETAILS if name in full[-1]}
        assert told_last == {name: known[name] for name in DETAILS if known.get(name)}, (task, way_out)
        assert not set(DETAILS) & full[0].keys()
        short = await heard(database, "short", operation)
        assert [body["operationState"] for body in short] == states
        assert not set(DETAILS) & set().union(*short)
        assert len(await heard(database, "old", operation)) in {0, len(states)}
        told.add(occurrence["operation"])

    for task, body, fault in await acts(place.rpartition("/")[2]):
        await walk(task, body, fault, "rollback", ROLLED_BACK)
        await walk(task, body, fault, "retry", RETRIED)
    _, path = await ask("PATCH", f"/vnf_instances/{created}", {"vnfInstanceName": "another"})
    operation = path.rpartition("/")[2]
    await ended(operation)
    modified = await heard(database, "full", operation)
    assert [body["operationState"] for body in modified] == ["STARTING", "PROCESSING", "COMPLETED"]
    assert [body.get("changedInfo") for body in modified] == [None, None, {"vnfInstanceName": "another"}]
    assert told == set(LcmOperationType) - {"MODIFY_INFO"}
    assert (await ask("DELETE", f"/vnf_instances/{created}"))[0] == 204
    for subscriber in ("full", "short", "old"):
        first, *_, last = await heard(database, subscriber)
        life = [f"VnfIdentifier{what}Notification" for what in ("Creation", "Deletion")]
        assert [first["notificationType"], last["notificationType"]] == life
    document = etsi("SOL003/VNFLifecycleManagementNotification")
    paths = {path.lower(): path for method, path in document.operations if method == "POST"}
    for body in (*await heard(database, "full"), *await heard(database, "short")):
        (path,) = (path for low, path in paths.items() if low.endswith(body["notificationType"].lower()))
        document.check_request("POST", path, body)
    for body in await heard(database, "old"):
        name = body["notificationType"]
        name = f"{name[:1].lower()}{name[1:]}" if name.startswith("VnfIdentifierDeletion") else name
        vnflcm_of_release_2.check_body(name, body)
