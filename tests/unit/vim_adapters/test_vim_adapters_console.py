from __future__ import annotations

import json

import pytest

from vim_adapters.contract import Identity
from vim_adapters.errors import UnreachableError
from vim_adapters.resources import NetworkSpec
from vim_adapters.simulated.adapter import SimulatedVim
from vim_adapters.simulated.console import main


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "vim.sqlite"
    assert main([str(made), "--create", "latency"]) == 0
    return made


def run(capsys, path, *arguments):
    capsys.readouterr()
    assert main([str(path), "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


async def test_the_inventory_shows_what_orchestrators_made(path, capsys):
    """What an adapter created is listed with its state and owner, beside what the VIM came with."""
    vim = SimulatedVim(path)
    await vim.ensure_present(NetworkSpec(name="mgmt"), Identity(owner="mano-1", path="ns/1/mgmt"))
    await vim.aclose()
    assert [row["kind"] for row in run(capsys, path, "inventory")] == ["image", "network"]
    (network,) = run(capsys, path, "inventory", "--owner", "mano-1")
    assert (network["name"], network["state"], network["path"]) == ("mgmt", "ready", "ns/1/mgmt")
    assert run(capsys, path, "inventory", "--kind", "server") == []
    assert main([str(path), "inventory"]) == 0
    assert "cirros-0.5.2-x86_64-disk" in capsys.readouterr().out


async def test_faults_are_set_listed_and_cleared(path, capsys):
    """A fault that is injected hits an adapter that is at work, until it is cleared."""
    vim = SimulatedVim(path)
    run(capsys, path, "inject", "unreachable", "--verb", "*", "--for-ever", "--message", "cable cut")
    (rule,) = run(capsys, path, "faults")
    assert (rule["error"], rule["remaining"], rule["message"]) == ("unreachable", None, "cable cut")
    with pytest.raises(UnreachableError):
        await vim.check_access()
    assert run(capsys, path, "clear") == [{"cleared": 1}]
    assert run(capsys, path, "faults") == []
    await vim.check_access()
    outcomes = [(row["verb"], row["outcome"], row["count"]) for row in run(capsys, path, "calls")]
    assert outcomes == [("check_access", "ok", 1), ("check_access", "unreachable", 1)]
    await vim.aclose()


async def test_zones_can_be_changed(path, capsys):
    """A zone gets other hosts, another is added, and adapters see it."""
    hosts = run(capsys, path, "capacity", "--zone", "az3", "--hosts", "1", "--vcpus", "8", "--memory-gib", "16")
    assert [row["host"] for row in hosts if row["zone"] == "az3"] == ["az3-host1"]
    run(capsys, path, "capacity", "--zone", "az1", "--hosts", "0")
    vim = SimulatedVim(path)
    zones = {zone.zone: (zone.vcpus_free, zone.memory_mib_free) for zone in await vim.capacity()}
    assert zones == {"az2": (128, 4 * 128 * 1024), "az3": (8, 16 * 1024)}
    await vim.aclose()


def test_times_and_quotas_can_be_changed(path, capsys):
    """Each kind of number is set by its option, and lifted with none."""
    run(capsys, path, "latency", "--call", "observe=0.5", "--boot", "server=3", "--quota", "servers=2")
    shown = {row["key"]: row["value"] for row in run(capsys, path, "latency", "--quota", "servers=none")}
    assert (shown["call.observe"], shown["boot.server"]) == (0.5, 3.0)
    assert "quota.servers" not in shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["latency", "--call", "dance=1"], "there is no setting 'call.dance'"),
        (["latency", "--boot", "server=-1"], "must not be negative"),
    ],
)
def test_what_cannot_be_is_refused(path, capsys, arguments, complaint):
    """A setting that means nothing is an error on stderr and exit code 1."""
    assert main([str(path), *arguments]) == 1
    assert complaint in capsys.readouterr().err


def test_mistakes_are_explained(tmp_path, capsys):
    """A VIM that is not there is not made by looking at it; a command that is not understood exits with 2."""
    assert main([str(tmp_path / "none.sqlite"), "inventory"]) == 1
    assert "--create" in capsys.readouterr().err
    assert not (tmp_path / "none.sqlite").exists()
    for arguments in (["x", "inject", "gremlins"], ["x", "latency", "--call", "observe=fast"], ["x"]):
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        assert exit_.value.code == 2


def test_help_shows_how(capsys):
    """The help names every command and gives examples."""
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    for command in ("inventory", "inject", "faults", "clear", "calls", "capacity", "latency", "examples:"):
        assert command in shown
