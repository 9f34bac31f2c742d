"""A checkout sets itself up, the same way everywhere, and says what to do when it cannot."""

import os
import re
import shutil
import stat
import subprocess
import tomllib

import pytest
from checkout import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DECLARED = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]


@pytest.fixture
def bare_checkout(tmp_path):
    """A checkout on a machine without uv, pip, ensurepip and apt: only what the shell needs."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "bootstrap-uv", tmp_path / "tools")
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("sh", "dirname", "mkdir", "rm", "ln", "echo"):
        (commands / name).symlink_to(shutil.which(name))

    def machine(name, script):
        command = commands / name
        command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        command.chmod(command.stat().st_mode | stat.S_IXUSR)

    return tmp_path, machine


def bootstrap(checkout):
    environment = {"PATH": str(checkout / "bin"), "HOME": str(checkout)}
    return subprocess.run(
        [checkout / "tools" / "bootstrap-uv"], env=environment, capture_output=True, text=True, check=False
    )


def test_a_machine_on_which_nothing_works_is_told_what_helps(bare_checkout):
    """The message names the package to install and where the reasons are; the exit code is a failure."""
    checkout, machine = bare_checkout
    machine("python3", "echo no ensurepip here >&2; exit 1")
    done = bootstrap(checkout)
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert "no ensurepip here" in (checkout / ".tools" / "bootstrap.log").read_text()
    assert not (checkout / ".tools" / "bin" / "uv").exists()


def test_uv_is_installed_into_the_checkout(bare_checkout):
    """With a Python that can make environments, uv is there afterwards, and nowhere else."""
    checkout, machine = bare_checkout
    machine("uv", "echo uv 1.2.3")
    # `python3 -m venv DIR` makes an environment, and its python's `-m pip install --quiet uv` has nothing to do.
    make_environment = 'mkdir -p "$3/bin"; ln -s "$0" "$3/bin/python"; ln -s "${0%/*}/uv" "$3/bin/uv"'
    machine("python3", f'[ "$2" = pip ] || {{ {make_environment}; }}')
    done = bootstrap(checkout)
    assert (done.returncode, done.stderr) == (0, "bootstrap-uv: uv 1.2.3 is ready in .tools/bin\n")
    assert {path.name for path in checkout.iterdir()} == {"tools", "bin", ".tools"}


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_help_lists_every_target():
    """What a person can ask of make is what `make help` shows."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(["make", "help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make (\S+)", shown.stdout, re.MULTILINE)) == targets


def test_the_lock_has_every_dependency_with_digests_and_no_host():
    """What is declared is locked; each locked version has a digest; mirrors work because no host is named."""
    locked = set(re.findall(r"^([a-z0-9-]+)==\S+", LOCK, re.MULTILINE))
    declared = {re.split(r"[\[<>=~!; ]", requirement)[0].lower().replace("_", "-") for requirement in DECLARED}
    assert declared <= locked
    assert LOCK.count("\\\n    --hash=sha256:") >= len(locked)
    assert not re.search(r"https?://|--index|--find-links", LOCK)


def test_setting_up_is_one_thing_everywhere():
    """Continuous integration runs what people run, and stops at the first failure."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "set -euo pipefail" in script
    assert re.findall(r"^make (\w+)$", script, re.MULTILINE) == ["lint", "test"]
