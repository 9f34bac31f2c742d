"""Scripts of the package in the life of a VNF: real processes, the simulated VIM."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import msgspec
import pytest
from vnfm_examples import FIREWALL, SIMPLE

from descriptors.model.vnfd import Artifact, LcmOperationScript
from descriptors.onboarding import read_package
from mano_runtime.workflow.operation import CancelMode
from mano_runtime.workflow.operation_log import OperationLog
from vnfm.drivers.contract import Host
from vnfm.lifecycle.scripting import Scripting
from vnfm.service import build_vnfm
from vnfm.sol003.connectivity import ExtVirtualLinkData, VnfExtCpData
from vnfm.sol003.requests import (
    CreateVnfRequest,
    InstantiateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
    TerminateVnfRequest,
    TerminationType,
    VnfInfoModificationRequest,
)
from vnfm.sol003.snapshots import CreateVnfSnapshotRequest, RevertToVnfSnapshotRequest

OWNER = "mano-test"
HOOKS_OF_SNAPSHOTS = ("create_snapshot_start", "create_snapshot_end", "revert_to_snapshot_end")
SCALE_OUT = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
TERMINATE = TerminateVnfRequest(termination_type=TerminationType.FORCEFUL)
TELL = """
echo "$MANO_HOOK for $who at $address"
python3 - <<END
import json, os
facts = json.load(open(os.environ["MANO_FACTS"]))
print(json.dumps({"added": facts["changes"]["added"], "removed": facts["changes"]["removed"],
                  "state": facts["vnf"]["instantiationState"], "vnfcs": facts["vnfcs"]}))
END
"""


def bound(operation, file="Scripts/tell.sh", *, timeout_seconds=0, **inputs):
    return LcmOperationScript(
        operation=operation,
        artifact=Artifact(name=operation, file=file, type="tosca.artifacts.Implementation.Bash"),
        inputs={"who": {"get_input": "who"}, **inputs},
        timeout_seconds=timeout_seconds,
    )


@pytest.fixture
def host():
    directory = Path(tempfile.mkdtemp(prefix="mano-scripts-test-"))
    directory.chmod(0o711)  # others must be able to reach it
    yield Host(directory=directory / "runs")
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def vnfm(*, database, engine, vim, grants, packages, host):
    scripting = Scripting(host, timeout=20, output_bytes=10_000)
    service = build_vnfm(database, engine, vim.registry, grants, packages, owner=OWNER, scripting=scripting)
    await engine.start()
    return service


@pytest.fixture
def scripts(packages, tmp_path):
    """Return the function that binds scripts to operations of the firewall."""

    def bind(*bindings, **files):
        packages.vnfds[FIREWALL.id] = msgspec.structs.replace(
            FIREWALL, flavours={"simple": msgspec.structs.replace(SIMPLE, scripts=bindings)}
        )
        for name, text in {"tell": TELL, **files}.items():
            path = tmp_path / f"{name}.sh"
            path.write_text(text)
            packages.files[f"Scripts/{name}.sh"] = path

    return bind


@pytest.fixture
def said(database):
    """Return the function that tells what the scripts of an operation have written on stdout, by path."""

    async def read(operation, stream="stdout"):
        found = {}
        for entry in await OperationLog(database).page([operation]):
            if entry.stream == stream:
                found[entry.path] = found.get(entry.path, "") + entry.text
        return found

    return read


def with_params(request, **params):
    return msgspec.structs.replace(request, additional_params={"who": "the firm", **params})


async def states(engine, operation):
    return {step.id: step.state for step in await engine.steps(operation) if step.kind == "script"}


async def test_scripts_run_through_the_life_of_a_vnf(*, vnfm, vim, engine, created, attached, scripts, ended, said):
    """At start and end of each operation, with inputs and addresses as they are then; the VIM is left as ever."""
    address = {"get_attribute": ["fw-in", "ip_address"]}
    scripts(
        bound("instantiate_start", address="nowhere"),
        bound("instantiate_end", address=address),
        bound("scale_end", address={"concat": ["http://", {"get_attribute": ["firewall", "private_address"]}, "/"]}),
        bound("terminate_start", address=address),
        bound("terminate_end", address="nowhere"),
    )
    first = await vnfm.lifecycle.instantiate(created, with_params(attached))
    done = await ended(first)
    assert done.operation_state == "COMPLETED", done.error
    told = await said(first)
    line, facts = told["script/instantiate_start"].splitlines()
    assert line == "instantiate_start for the firm at nowhere"
    assert json.loads(facts) == {
        "added": ["vdu/database/0", "vdu/firewall/0"], "removed": [], "state": "NOT_INSTANTIATED", "vnfcs": []
    }  # fmt: skip
    line, facts = told["script/instantiate_end"].splitlines()
    assert line.startswith("instantiate_end for the firm at 192.168.7.")
    vnfcs = json.loads(facts)["vnfcs"]
    assert [vnfc["id"] for vnfc in vnfcs] == ["vdu/database/0", "vdu/firewall/0"]
    assert vnfcs[1]["connectionPoints"][0]["addresses"] == ["10.0.0.10"]
    assert vnfcs[1]["server"] in (await vim.resources())[f"vnf/{created}/vdu/firewall/0/server"]
    assert await vim.is_told_by(vnfm, created)

    second = await vnfm.lifecycle.scale(created, with_params(SCALE_OUT))
    done = await ended(second)
    assert done.operation_state == "COMPLETED", done.error
    line, facts = (await said(second))["script/scale_end"].splitlines()
    assert line == "scale_end for the firm at http://10.0.0.10/"
    assert json.loads(facts)["added"] == ["vdu/firewall/1"]

    third = await vnfm.lifecycle.terminate(created, with_params(TERMINATE))
    done = await ended(third)
    assert done.operation_state == "COMPLETED", done.error
    told = await said(third)
    assert told["script/terminate_start"].startswith("terminate_start for the firm at 192.168.7.")
    assert json.loads(told["script/terminate_end"].splitlines()[1])["state"] == "NOT_INSTANTIATED"
    steps = [step.id for step in await engine.steps(third)]
    assert steps[:2] == ["create:script/terminate_start", "ready:script/terminate_start"]
    assert steps[-2:] == ["create:script/terminate_end", "ready:script/terminate_end"]
    assert await vim.resources() == {}


async def test_what_scripts_print_is_kept_with_a_snapshot(*, vnfm, client, created, attached, scripts, ended, vim):
    """Scripts that are bound to taking it; going back to it runs those of reverting, and neither is left anywhere."""
    keep = 'echo "licence 7 of $MANO_HOOK"'
    scripts(*(bound(hook, "Scripts/keep.sh") for hook in HOOKS_OF_SNAPSHOTS), keep=keep)
    assert (await ended(await vnfm.lifecycle.instantiate(created, with_params(attached)))).error is None
    async with client.post("/vnflcm/v2/vnf_snapshots", json={}) as made:
        id_ = (await made.json())["id"]
    take = CreateVnfSnapshotRequest(vnf_snapshot_info_id=id_, additional_params={"who": "the firm"})
    taken = await ended(await vnfm.lifecycle.create_snapshot(created, take))
    assert taken.operation_state == "COMPLETED", taken.error
    async with client.get(f"/vnflcm/v2/vnf_snapshots/{id_}/vnf_state_snapshot") as answer:
        content = io.BytesIO(await answer.read())
    with zipfile.ZipFile(content) as archive:
        kept = {name: archive.read(name).decode() for name in archive.namelist() if name != "state.json"}
    assert kept == {
        f"scripts/script/create_snapshot_{stage}.txt": f"licence 7 of create_snapshot_{stage}\n"
        for stage in ("start", "end")
    }
    revert = RevertToVnfSnapshotRequest(vnf_snapshot_info_id=id_, additional_params={"who": "the firm"})
    reverted = await ended(await vnfm.lifecycle.revert_to_snapshot(created, revert))
    assert reverted.operation_state == "COMPLETED", reverted.error
    assert await vim.is_told_by(vnfm, created)


async def test_a_script_that_fails_can_be_tried_again(*, vnfm, vim, created, attached, scripts, ended, packages):
    """FAILED_TEMP with exit code and last lines; mended, retry does the rest only, and tells that it is one."""
    scripts(bound("instantiate_end", "Scripts/work.sh"), work="echo all is lost >&2; exit 3")
    operation = await vnfm.lifecycle.instantiate(created, with_params(attached))
    failed = await ended(operation)
    assert failed.operation_state == "FAILED_TEMP"
    assert failed.error["exitCode"] == 3
    assert "all is lost" in failed.error["detail"]
    before = await vim.resources()
    packages.files["Scripts/work.sh"].write_text('test "$MANO_AGAIN" = true')
    await vnfm.lifecycle.retry(operation)
    done = await ended(operation)
    assert done.operation_state == "COMPLETED", done.error
    assert await vim.resources() == before


async def test_a_failed_script_is_rolled_back_like_any_step(*, vnfm, vim, created, attached, scripts, ended):
    """The VIM is as it was, and so is the VNF."""
    scripts(bound("instantiate_end", "Scripts/work.sh"), work="exit 1")
    operation = await vnfm.lifecycle.instantiate(created, with_params(attached))
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vnfm.lifecycle.rollback(operation)
    assert (await ended(operation)).operation_state == "ROLLED_BACK"
    assert await vim.resources() == {}
    assert (await vnfm.lifecycle.get_vnf(created)).instantiation_state == "NOT_INSTANTIATED"


async def test_a_start_script_that_fails_lets_nothing_begin(*, vnfm, vim, created, attached, scripts, ended):
    """Nothing is made before the scripts of the start are done."""
    scripts(bound("instantiate_start", "Scripts/work.sh"), work="exit 1")
    assert (await ended(await vnfm.lifecycle.instantiate(created, with_params(attached)))).operation_state == (
        "FAILED_TEMP"
    )
    assert await vim.resources() == {}


async def test_missing_input_refuses_the_operation(*, vnfm, vim, grants, created, attached, scripts, ended):
    """Before anything is granted, with the name of the parameter."""
    scripts(bound("instantiate_end"))
    refused = await ended(await vnfm.lifecycle.instantiate(created, attached))
    assert refused.operation_state == "ROLLED_BACK"
    assert "additionalParams.who" in refused.error["detail"]
    assert (grants.asked, await vim.resources()) == ([], {})


async def test_a_script_that_takes_too_long_is_killed_whole(*, vnfm, created, attached, scripts, ended, said):
    """With what it started in the background, even in a session of its own."""
    scripts(
        bound("instantiate_start", "Scripts/work.sh", timeout_seconds=1),
        work="setsid sleep 600 & echo background $!; sleep 600",
    )
    operation = await vnfm.lifecycle.instantiate(created, with_params(attached))
    failed = await ended(operation)
    assert (failed.operation_state, failed.error["timeoutSeconds"]) == ("FAILED_TEMP", 1.0)
    pid = int((await said(operation))["script/instantiate_start"].split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("mode", list(CancelMode))
async def test_cancel_ends_a_script_forcefully_or_waits_for_it(
    *, vnfm, engine, created, attached, scripts, ended, said, tmp_path, mode, database
):
    """FORCEFUL kills what runs; GRACEFUL lets it come to its end, and nothing more begins."""
    scripts(
        bound("instantiate_start", "Scripts/work.sh"), work='echo begun; test -e "$HOME/package/go" || sleep "$who"'
    )
    patience = "600" if mode is CancelMode.FORCEFUL else "0.5"
    operation = await vnfm.lifecycle.instantiate(created, with_params(attached, who=patience))
    while "script/instantiate_start" not in await said(operation):  # noqa: ASYNC110  # only the script knows
        await asyncio.sleep(0.01)
    await engine.cancel(operation, mode)
    stopped = await ended(operation)
    assert stopped.operation_state == "FAILED_TEMP"
    state = (await states(engine, operation))["ready:script/instantiate_start"]
    assert state == ("done" if mode is CancelMode.GRACEFUL else "pending")
    assert not any(step.state == "done" for step in await engine.steps(operation) if step.kind != "script")


async def test_modification_has_its_scripts(*, vnfm, instantiated, scripts, ended, said):
    """modify_information_start and _end are run, although no resource changes: with the values before and after."""
    hooks = ("modify_information_start", "modify_information_end")
    name = {"who": {"get_property": ["SELF", "vnf_instance_name"]}, "address": "home"}
    scripts(*(msgspec.structs.replace(bound(hook), inputs=name) for hook in hooks))
    operation = await vnfm.lifecycle.modify(instantiated, VnfInfoModificationRequest(vnf_instance_name="new"))
    assert (await ended(operation)).operation_state == "COMPLETED"
    told = await said(operation)
    assert told["script/modify_information_start"].startswith("modify_information_start for fw at home")
    assert told["script/modify_information_end"].startswith("modify_information_end for new at home")


async def test_output_is_bounded(*, vnfm, created, attached, scripts, ended, said):
    """Of what a script says too much of, the newest is kept."""
    scripts(bound("instantiate_start", "Scripts/work.sh"), work="for n in $(seq 1 5000); do echo line $n; done")
    operation = await vnfm.lifecycle.instantiate(created, with_params(attached))
    assert (await ended(operation)).operation_state == "COMPLETED"
    kept = (await said(operation))["script/instantiate_start"]
    assert len(kept) <= 10_000
    assert kept.endswith("line 5000\n")


async def test_nothing_of_the_orchestrator_is_in_reach(*, vnfm, created, attached, scripts, ended, said, tmp_path):
    """Neither its environment nor its files; and nothing but the own directory can be written."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    scripts(
        bound("instantiate_start", "Scripts/work.sh"),
        work=f"""
        env | cut -d= -f1 | sort | tr '\\n' ' '; echo
        cat {secret} || echo unread
        touch /tmp/mano-was-here || echo unwritten
        touch $HOME/file && echo home
        cat /proc/$PPID/environ > /dev/null || echo unseen
        """,
    )
    operation = await vnfm.lifecycle.instantiate(created, with_params(attached))
    assert (await ended(operation)).operation_state == "COMPLETED"
    names, *rest = (await said(operation))["script/instantiate_start"].splitlines()
    assert set(names.split()) <= {
        "HOME", "LANG", "MANO_AGAIN", "MANO_FACTS", "MANO_HOOK", "MANO_KEY", "MANO_PACKAGE", "PATH", "PWD", "SHLVL",
        "TMPDIR", "_", "who", "OLDPWD",
    }  # fmt: skip
    assert rest == ["unread", "unwritten", "home", "unseen"]
    assert not await asyncio.to_thread(Path("/tmp/mano-was-here").exists)


@pytest.fixture
async def sample(shared, packages, tmp_path):
    """Return the VNFD of a package of Tacker's, with its files on the shelf."""
    path = shared / "corpus" / "open" / "packages" / "tacker" / "sol_v2_common-basic_lcms_min.csar"

    def read():
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "csar")
            names = [name for name in archive.namelist() if not name.endswith("/")]
        return read_package(path).vnfd, {name: tmp_path / "csar" / name for name in names}

    vnfd, files = await asyncio.to_thread(read)
    packages.vnfds[vnfd.id] = vnfd
    packages.files.update(files)
    return vnfd


async def test_scripts_made_for_tacker_run(*, vnfm, engine, vim, sample, ended, said):
    """The package's Python script gets its pickled dictionary, and finds the operation's method in it."""
    vnf = (await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=sample.id))).id
    link = ExtVirtualLinkData(
        id="outside", resource_id=await vim.outside_network(),
        ext_cps=tuple(VnfExtCpData(cpd_id=cp) for cp in sample.flavours["simple"].external_connection_points),
    )  # fmt: skip
    request = InstantiateVnfRequest(flavour_id="simple", ext_virtual_links=(link,))
    done = await ended(await vnfm.lifecycle.instantiate(vnf, request))
    assert done.operation_state == "COMPLETED", done.error
    assert (await states(engine, done.id))["ready:script/instantiate_end"] == "done"
    done = await ended(await vnfm.lifecycle.terminate(vnf, TERMINATE))
    assert done.operation_state == "COMPLETED", done.error
    assert (await states(engine, done.id))["ready:script/terminate_start"] == "done"
    done = await ended(await vnfm.lifecycle.modify(vnf, VnfInfoModificationRequest(vnf_instance_name="new")))
    assert done.operation_state == "COMPLETED", done.error
    assert (await states(engine, done.id))["ready:script/modify_information_start"] == "done"
