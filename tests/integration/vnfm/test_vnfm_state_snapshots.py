"""The file of a VNF's state that a snapshot has (SOL003 clause 5.4.25)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

from vnfm_examples import FIREWALL


async def test_a_snapshot_tells_what_the_vnfm_knew(client, ask, place, snapshot, instantiated, vim):  # noqa: PLR0917  # fixtures
    """Its file is announced with the digest, is read whole and in part, and has every resource, and no boot data."""
    _, info = await ask("GET", f"/vnf_snapshots/{snapshot}")
    told, links = info["vnfSnapshot"]["vnfStateSnapshotInfo"], info["vnfSnapshot"]["_links"]
    where = f"/vnflcm/v2/vnf_snapshots/{snapshot}/vnf_state_snapshot"
    assert links["vnfStateSnapshot"]["href"].endswith(where)
    assert links["self"] == info["_links"]["self"]
    async with client.get(where) as whole, client.get(where, headers={"Range": "bytes=4-11"}) as part:
        content = await whole.read()
        assert (whole.status, whole.content_type, part.status) == (200, "application/zip", 206)
        assert await part.read() == content[4:12]
        assert part.headers["Content-Range"] == f"bytes 4-11/{len(content)}"
        assert whole.headers["ETag"] == part.headers["ETag"] == f'"{told["checksum"]["hash"]}"'
    assert told["checksum"] == {"algorithm": "SHA-256", "hash": hashlib.sha256(content).hexdigest()}
    assert (told["isEncrypted"], told["metadata"]["size"]) == (False, len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["state.json"]
        text = archive.read("state.json").decode()
    state = json.loads(text)
    assert (state["vnfSnapshotId"], state["vnfInstanceId"], state["vnfdId"]) == (snapshot, instantiated, FIREWALL.id)
    assert state["shape"]["flavourId"] == "simple"
    assert "user_data" not in text
    known = {f"vnf/{instantiated}/{it['path']}": [it["known"]["id"]] for it in state["resources"]}
    there = {path: ids for path, ids in (await vim.resources()).items() if path.startswith("vnf/")}
    assert {path: ids for path, ids in known.items() if "/image/" not in path} == there
    server = next(it for it in state["resources"] if it["path"] == "vdu/firewall/0/server")
    assert "vdu/firewall/0/storage/log" in server["needs"]
    empty, extracted = await place(), await place({"vnfSnapshotPkgId": "package", "vnfSnapshot": info["vnfSnapshot"]})
    refusals = ((empty, 409, "create_snapshot"), (extracted, 404, "package"), ("nobody", 404, "not known"))
    for name, expected, word in refusals:
        status, problem = await ask("GET", f"/vnf_snapshots/{name}/vnf_state_snapshot")
        assert (status, word in problem["detail"]) == (expected, True), problem
    _, info = await ask("GET", f"/vnf_snapshots/{extracted}")
    assert "vnfStateSnapshot" not in info["vnfSnapshot"]["_links"]


async def test_a_snapshot_that_is_being_taken_has_no_state_yet(ask, done, place, vim):
    """The refusal names the operation that takes it."""
    id_ = await place()
    await vim.spoil(error="refused", kind="volume_snapshot", match="*system*", remaining=None)
    stopped = await done("create_snapshot", {"vnfSnapshotInfoId": id_})
    status, problem = await ask("GET", f"/vnf_snapshots/{id_}/vnf_state_snapshot")
    assert (status, problem["vnfLcmOpOccId"]) == (409, stopped["id"])
