"""Snapshots of VNFs: taken, reverted to and removed on the simulated VIM, and what is refused."""

from __future__ import annotations

import pytest
from vnfm_examples import FIREWALL

from vnfm.sol003.requests import ScaleType, ScaleVnfRequest
from vnfm.sol003.snapshots import CreateVnfSnapshotRequest, RevertToVnfSnapshotRequest

FIREWALL_0, DATABASE_0 = "vdu/firewall/0", "vdu/database/0"
NOBODY = "00000000-0000-7000-8000-000000000000"
RESOURCES = {
    f"snapshot/{FIREWALL_0}/server",
    f"snapshot/{FIREWALL_0}/storage/log",
    f"snapshot/{DATABASE_0}/storage/scratch",
    f"snapshot/{DATABASE_0}/storage/system",
}


async def of_snapshots(vim):
    """What the VIM has of snapshots, by path after the snapshot's identifier."""
    found = await vim.resources()
    return {path.split("/", 2)[2]: ids for path, ids in found.items() if path.startswith("vnf_snapshot/")}


async def of_vnf(vim):
    return {path.split("/", 2)[2]: ids for path, ids in (await vim.resources()).items() if path.startswith("vnf/")}


async def made_from(vim, path):
    """What a server or volume of the VNF was made from, with paths for identifiers."""
    return next(spec for where, (spec, _) in (await vim.picture()).items() if where.endswith(path))


async def test_a_snapshot_has_all_that_the_vnf_has(ask, done, place, vim, grants, instantiated):  # noqa: PLR0917  # fixtures
    """Everything on the VIM is copied, beside the VNF, which stays the very same; the snapshot tells it completely."""
    before = await of_vnf(vim)
    id_ = await place()
    _, empty = await ask("GET", f"/vnf_snapshots/{id_}")
    assert "vnfSnapshot" not in empty
    occurrence = await done("create_snapshot", {"vnfSnapshotInfoId": id_, "userDefinedData": {"why": "upgrade"}})
    assert occurrence["operationState"] == "COMPLETED", occurrence
    assert occurrence["vnfSnapshotInfoId"] == id_
    assert occurrence["_links"]["vnfSnapshot"]["href"].endswith(f"/vnf_snapshots/{id_}")
    assert occurrence["resourceChanges"] == {}
    assert await of_vnf(vim) == before
    there = await of_snapshots(vim)
    assert there.keys() == RESOURCES
    _, info = await ask("GET", f"/vnf_snapshots/{id_}")
    _, instance = await ask("GET", f"/vnf_instances/{instantiated}")
    assert info["_links"]["takenFrom"]["href"] == instance["_links"]["self"]["href"]
    snapshot = info["vnfSnapshot"]
    assert snapshot["vnfdId"] == FIREWALL.id
    assert snapshot["userDefinedData"] == {"why": "upgrade"}
    assert snapshot["creationStartedAt"] <= snapshot["creationFinishedAt"]
    assert {**snapshot["vnfInstance"], "_links": 0} == {**instance, "_links": 0}
    by_vnfc = {vnfc["vnfcInstanceId"]: vnfc for vnfc in snapshot["vnfcSnapshots"]}
    assert by_vnfc.keys() == {FIREWALL_0, DATABASE_0}
    compute = by_vnfc[FIREWALL_0]["computeSnapshotResource"]
    assert [compute["resourceId"]] == there[f"snapshot/{FIREWALL_0}/server"]
    assert "computeSnapshotResource" not in by_vnfc[DATABASE_0]  # it boots from its volume
    storages = {it["storageResourceId"]: it for it in by_vnfc[DATABASE_0]["storageSnapshotResources"]}
    assert storages.keys() == {f"{DATABASE_0}/storage/{name}" for name in ("scratch", "system")}
    for path, storage in storages.items():
        assert [storage["storageSnapshotResource"]["resourceId"]] == there[f"snapshot/{path}"]
    asked = grants.asked[-1]
    assert {(it.id, it.type, it.resource_template_id) for it in asked.add_resources} == {
        (f"snapshot/{FIREWALL_0}/server", "COMPUTE", "firewall"),
        (f"snapshot/{FIREWALL_0}/storage/log", "STORAGE", "log"),
        (f"snapshot/{DATABASE_0}/storage/scratch", "STORAGE", "scratch"),
        (f"snapshot/{DATABASE_0}/storage/system", "STORAGE", "system"),
    }
    assert {it.snapshot_res_def.vnf_snapshot_id for it in asked.add_resources} == {id_}
    assert not asked.remove_resources + asked.update_resources


async def test_lists_of_snapshots_are_cut_and_filtered(ask, snapshot, place, instantiated):
    """The copy of the instance and the VNFCs are left out unless they are asked for."""
    await place()
    _, listed = await ask("GET", "/vnf_snapshots?all_fields")
    assert [bool(entry.get("vnfSnapshot")) for entry in listed] == [True, False]
    assert listed[0]["vnfSnapshot"]["vnfcSnapshots"]
    _, one = await ask("GET", f"/vnf_snapshots?filter=(eq,vnfSnapshot/vnfInstanceId,{instantiated})&all_fields")
    assert [entry["id"] for entry in one] == [snapshot]


async def test_a_vnf_is_what_it_was(ask, done, ended, vnfm, vim, grants, instantiated, snapshot):  # noqa: PLR0917  # fixtures
    """After a scale and a stop it has size and power again, on the same ports, made from the snapshot."""
    out = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
    assert (await ended(await vnfm.lifecycle.scale(instantiated, out))).operation_state == "COMPLETED"
    await done("operate", {"changeStateTo": "STOPPED", "vnfcInstanceId": [FIREWALL_0]})
    before = await of_vnf(vim)
    reverted = await done("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot})
    assert reverted["operationState"] == "COMPLETED", reverted
    after = await of_vnf(vim)
    made = {path for path in after if after[path] != before.get(path)}
    assert made == {
        f"{FIREWALL_0}/server", f"{FIREWALL_0}/storage/log", f"{DATABASE_0}/server",
        f"{DATABASE_0}/storage/scratch", f"{DATABASE_0}/storage/system",
    }  # fmt: skip
    assert {path for path in before if path not in after and path.endswith("server")} == {"vdu/firewall/1/server"}
    assert await vim.is_told_by(vnfm, instantiated)
    assert f"{snapshot}/snapshot/{FIREWALL_0}/server" in await made_from(vim, f"{FIREWALL_0}/server")
    assert f"{snapshot}/snapshot/{DATABASE_0}/storage/system" in await made_from(vim, f"{DATABASE_0}/storage/system")
    _, instance = await ask("GET", f"/vnf_instances/{instantiated}")
    info = instance["instantiatedVnfInfo"]
    assert (info["vnfState"], info["scaleStatus"][0]["scaleLevel"]) == ("STARTED", 0)
    asked = {it.id: it.snapshot_res_def for it in grants.asked[-1].add_resources}
    assert asked[f"{DATABASE_0}/server"] is None
    used = asked[f"{DATABASE_0}/storage/system"]
    assert (used.vnf_snapshot_id, used.vnfc_snapshot_id) == (snapshot, DATABASE_0)
    assert used.storage_snapshot_id == f"{DATABASE_0}/storage/system"
    assert [used.snapshot_resource.resource_id] == (await of_snapshots(vim))[f"snapshot/{DATABASE_0}/storage/system"]
    kept = await of_vnf(vim)
    out_again = await ended(await vnfm.lifecycle.scale(instantiated, out))
    assert out_again.operation_state == "COMPLETED", out_again.error
    assert kept.items() <= (await of_vnf(vim)).items()  # what was made from the snapshot stays
    again = await done("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot})
    assert again["operationState"] == "COMPLETED", again
    twice = await of_vnf(vim)
    assert {path for path in twice if twice[path] != kept.get(path)} == made


@pytest.mark.usefixtures("two_packages")
async def test_a_vnf_goes_back_to_the_package_that_it_had(ask, done, instantiated, snapshot, vim, vnfm):  # noqa: PLR0917  # fixtures
    """What another package has brought is gone, what it has taken is there again."""
    changed = await done("change_vnfpkg", {"vnfdId": "firewall-2"})
    assert changed["operationState"] == "COMPLETED", changed
    reverted = await done("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot})
    assert reverted["operationState"] == "COMPLETED", reverted
    assert "modificationsTriggeredByVnfPkgChange" not in reverted
    assert reverted["changedInfo"]["vnfdId"] == FIREWALL.id
    assert reverted["changedInfo"]["vnfdVersion"] == FIREWALL.version
    _, instance = await ask("GET", f"/vnf_instances/{instantiated}")
    assert instance["vnfdId"] == FIREWALL.id
    vnfcs = {vnfc["id"] for vnfc in instance["instantiatedVnfInfo"]["vnfcResourceInfo"]}
    assert vnfcs == {FIREWALL_0, DATABASE_0}
    assert await vim.is_told_by(vnfm, instantiated)


@pytest.mark.parametrize(
    "single", [{"vnfcInstanceId": FIREWALL_0}, {"additionalParams": {"vnfcInstanceId": [FIREWALL_0]}}]
)
async def test_one_vnfc_is_snapshotted_and_reverted(ask, done, place, vim, single):
    """The others are in neither; a snapshot of one VNFC is for that one alone."""
    id_ = await place()
    await done("create_snapshot", {"vnfSnapshotInfoId": id_, **single})
    assert (await of_snapshots(vim)).keys() == {path for path in RESOURCES if FIREWALL_0 in path}
    _, info = await ask("GET", f"/vnf_snapshots/{id_}")
    assert [vnfc["id"] for vnfc in info["vnfSnapshot"]["vnfcSnapshots"]] == [FIREWALL_0]
    before = await of_vnf(vim)
    reverted = await done("revert_to_snapshot", {"vnfSnapshotInfoId": id_, **single})
    assert reverted["operationState"] == "COMPLETED", reverted
    after = await of_vnf(vim)
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {f"{FIREWALL_0}/server", f"{FIREWALL_0}/storage/log"}


CREATION = {"error": "refused", "kind": "volume_snapshot", "match": "*system*", "remaining": None}


async def test_taking_is_rolled_back_retried_and_given_up(ask, done, place, vim, vnfm, ended):  # noqa: PLR0917  # fixtures
    """Rolled back, nothing is left and the place is empty; retried, it is whole; given up, all goes with the place."""
    id_ = await place()
    await vim.spoil(**CREATION)
    stopped = await done("create_snapshot", {"vnfSnapshotInfoId": id_})
    assert stopped["operationState"] == "FAILED_TEMP"
    status, problem = await ask("DELETE", f"/vnf_snapshots/{id_}")
    assert (status, problem["vnfLcmOpOccId"]) == (409, stopped["id"])
    await vim.heal()
    await vnfm.lifecycle.rollback(stopped["id"])
    assert (await ended(stopped["id"])).operation_state == "ROLLED_BACK"
    assert await of_snapshots(vim) == {}
    await vim.spoil(**CREATION)
    stopped = await done("create_snapshot", {"vnfSnapshotInfoId": id_})
    await vim.heal()
    await vnfm.lifecycle.retry(stopped["id"])
    assert (await ended(stopped["id"])).operation_state == "COMPLETED"
    assert (await of_snapshots(vim)).keys() == RESOURCES
    status, problem = await ask(
        "POST",
        f"/vnf_instances/{stopped['vnfInstanceId']}/create_snapshot",
        {"vnfSnapshotInfoId": id_},
    )
    assert (status, "already" in problem["detail"]) == (409, True)
    other = await place()
    await vim.spoil(**CREATION)
    stopped = await done("create_snapshot", {"vnfSnapshotInfoId": other})
    await vim.heal()
    await vnfm.lifecycle.fail(stopped["id"])
    _, info = await ask("GET", f"/vnf_snapshots/{other}")
    assert "vnfSnapshot" not in info
    for one in (id_, other):
        assert (await ask("DELETE", f"/vnf_snapshots/{one}"))[0] == 204
        assert (await ask("GET", f"/vnf_snapshots/{one}"))[0] == 404
    assert await of_snapshots(vim) == {}


async def test_reverting_is_rolled_back_retried_and_cancelled(done, vim, vnfm, ended, instantiated, snapshot):  # noqa: PLR0917  # fixtures
    """Rolled back, the VIM has what it had, made from the same; retried, it is what it was in the snapshot."""
    out = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
    assert (await ended(await vnfm.lifecycle.scale(instantiated, out))).operation_state == "COMPLETED"
    picture = await vim.picture()
    fault = {"error": "boot_fault", "kind": "server", "match": "*firewall-0*", "remaining": None}
    await vim.spoil(**fault)
    stopped = await done("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot})
    assert stopped["operationState"] == "FAILED_TEMP"
    await vim.heal()
    await vnfm.lifecycle.rollback(stopped["id"])
    rolled_back = await ended(stopped["id"])
    assert rolled_back.operation_state == "ROLLED_BACK", rolled_back.error
    assert await vim.picture() == picture
    assert await vim.is_told_by(vnfm, instantiated)
    await vim.spoil(**fault)
    stopped = await done("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot})
    await vim.heal()
    await vnfm.lifecycle.retry(stopped["id"])
    completed = await ended(stopped["id"])
    assert completed.operation_state == "COMPLETED", completed.error
    assert await vim.is_told_by(vnfm, instantiated)
    assert "vdu/firewall/1/server" not in await of_vnf(vim)


async def test_a_snapshot_outlives_its_vnf(ask, done, vim, snapshot, instantiated):
    """Terminated and deleted, the VNF leaves its snapshots, which then go with everything they have."""
    await done("terminate", {"terminationType": "FORCEFUL"})
    assert await of_vnf(vim) == {}
    assert (await ask("DELETE", f"/vnf_instances/{instantiated}"))[0] == 204
    assert (await ask("GET", f"/vnf_snapshots/{snapshot}"))[1]["vnfSnapshot"]["vnfInstanceId"] == instantiated
    assert (await ask("DELETE", f"/vnf_snapshots/{snapshot}", headers={"If-Match": '"99"'}))[0] == 412
    assert (await ask("DELETE", f"/vnf_snapshots/{snapshot}"))[0] == 204
    assert await vim.resources() == {}
    assert (await ask("DELETE", f"/vnf_snapshots/{snapshot}"))[0] == 404


async def test_what_is_in_use_is_not_removed(ask, done, vim, snapshot):
    """A snapshot that the VNF is made from stays, until healing has made everything from the package.

    Healing without storages makes servers from it again: a server from the package does not go with older volumes.
    """
    await done("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot})
    assert (await done("heal", {}))["operationState"] == "COMPLETED"
    assert "vnf_snapshot" in await made_from(vim, f"{FIREWALL_0}/server")
    status, problem = await ask("DELETE", f"/vnf_snapshots/{snapshot}")
    assert (status, f"{FIREWALL_0}/server" in problem["detail"]) == (409, True)
    healed = await done("heal", {"additionalParams": {"all": True}})
    assert healed["operationState"] == "COMPLETED", healed
    assert "vnf_snapshot" not in await made_from(vim, f"{FIREWALL_0}/server")
    assert (await ask("DELETE", f"/vnf_snapshots/{snapshot}"))[0] == 204
    assert await of_snapshots(vim) == {}


async def test_a_vim_that_refuses_is_quoted_and_asked_again(ask, done, vim, snapshot, instantiated):
    """The snapshot stays with what is left and can only be removed, which goes on when it is asked for again."""
    await vim.spoil(error="refused", verb="ensure_absent", kind="volume_snapshot", message="Not today", remaining=None)
    for _ in range(2):
        status, problem = await ask("DELETE", f"/vnf_snapshots/{snapshot}")
        assert (status, "Not today" in problem["detail"]) == (409, True), problem
    assert (await ask("GET", f"/vnf_snapshots/{snapshot}"))[0] == 200
    task = f"/vnf_instances/{instantiated}/revert_to_snapshot"
    status, problem = await ask("POST", task, {"vnfSnapshotInfoId": snapshot})
    assert (status, "is being removed" in problem["detail"]) == (409, True)
    await vim.heal()
    assert (await ask("DELETE", f"/vnf_snapshots/{snapshot}"))[0] == 204
    assert await of_snapshots(vim) == {}


async def test_what_cannot_be_is_refused_at_once(ask, done, place, snapshot, instantiated):
    """Each refusal says what is wrong; those of the state are 409, those of the request 422."""
    one, empty = f"/vnf_instances/{instantiated}", await place()
    extracted = await place({"vnfSnapshotPkgId": "package"})
    _, info = await ask("GET", f"/vnf_snapshots/{snapshot}")
    status, _ = await ask("PATCH", f"/vnf_snapshots/{extracted}", {"vnfSnapshot": info["vnfSnapshot"]})
    assert status == 200
    partial = await place()
    await done("create_snapshot", {"vnfSnapshotInfoId": partial, "vnfcInstanceId": FIREWALL_0})
    _, stranger = await ask("POST", "/vnf_instances", {"vnfdId": FIREWALL.id})
    refusals = (
        ("create_snapshot", {}, 400, "vnfSnapshotInfoId"),
        ("create_snapshot", {"vnfSnapshotInfoId": NOBODY}, 422, "vnfSnapshotInfoId"),
        ("create_snapshot", {"vnfSnapshotInfoId": snapshot}, 409, "already"),
        ("create_snapshot", {"vnfSnapshotInfoId": empty, "vnfcInstanceId": "vdu/x/0"}, 422, "vnfcInstanceId"),
        ("revert_to_snapshot", {"vnfSnapshotInfoId": NOBODY}, 422, "vnfSnapshotInfoId"),
        ("revert_to_snapshot", {"vnfSnapshotInfoId": empty}, 409, "is empty"),
        ("revert_to_snapshot", {"vnfSnapshotInfoId": extracted}, 409, "extracted from a package"),
        ("revert_to_snapshot", {"vnfSnapshotInfoId": partial}, 422, "vnfcInstanceId"),
        ("revert_to_snapshot", {"vnfSnapshotInfoId": partial, "vnfcInstanceId": DATABASE_0}, 422, "has no"),
        ("revert_to_snapshot", {"vnfSnapshotInfoId": snapshot, "vnfcSnapshotInfoId": "x"}, 422, "vnfcSnapshotInfoId"),
        (
            "revert_to_snapshot",
            {"vnfSnapshotInfoId": snapshot, "vnfcInstanceId": FIREWALL_0, "vnfcSnapshotInfoId": DATABASE_0},
            422,
            "another VNFC",
        ),
    )
    for task, body, expected, word in refusals:
        status, problem = await ask("POST", f"{one}/{task}", body)
        assert (status, word in problem["detail"]) == (expected, True), problem
    for task in ("create_snapshot", "revert_to_snapshot"):
        status, problem = await ask("POST", f"{stranger}/{task}", {"vnfSnapshotInfoId": empty})
        assert (status, problem["instantiationState"]) == (409, "NOT_INSTANTIATED")
    for path in (snapshot, extracted):
        assert (await ask("PATCH", f"/vnf_snapshots/{path}", {"vnfSnapshotPkgId": "p"}))[0] == 409
    assert (await ask("PATCH", f"/vnf_snapshots/{empty}", {"vnfSnapshotPkgId": "p"}, headers={"If-Match": '"9"'}))[
        0
    ] == 412
    assert (await ask("GET", f"/vnf_snapshots/{NOBODY}"))[0] == 404


async def test_a_snapshot_of_another_vnf_is_refused(ask, vnfm, ended, snapshot, attached):
    """It names whose it is."""
    _, other = await ask("POST", "/vnf_instances", {"vnfdId": FIREWALL.id})
    occurrence = await ended(await vnfm.lifecycle.instantiate(other.rpartition("/")[2], _unattached(attached)))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    status, problem = await ask("POST", f"{other}/revert_to_snapshot", {"vnfSnapshotInfoId": snapshot})
    assert (status, "was taken of VNF instance" in problem["detail"]) == (409, True)


def _unattached(request):
    return request.__class__(flavour_id=request.flavour_id)


async def test_release_2_has_no_snapshots(client):
    """Neither the resources nor the tasks."""
    for path in ("/vnflcm/v1/vnf_snapshots", f"/vnflcm/v1/vnf_snapshots/{NOBODY}"):
        async with client.get(path) as answer:
            assert answer.status == 404


async def test_in_process_it_is_the_same(vnfm, ended, place, instantiated):
    """The NFVO's port takes and reverts to snapshots."""
    id_ = await place()
    taken = await vnfm.lifecycle.create_snapshot(instantiated, CreateVnfSnapshotRequest(vnf_snapshot_info_id=id_))
    assert (await ended(taken)).vnf_snapshot_info_id == id_
    revert = RevertToVnfSnapshotRequest(vnf_snapshot_info_id=id_)
    assert (await ended(await vnfm.lifecycle.revert_to_snapshot(instantiated, revert))).operation_state == "COMPLETED"
