"""Driver ``ansible``: a playbook of the package, run with ansible-runner in a confined process of its own.

Its hosts are the VNFCs, in a group for each VDU, under names like ``firewall-0``; the evaluated inputs are its
variables, and ``mano`` has all that is known. Options: ``vdu``, ``on``, ``cp``, ``user``, ``port``, ``key`` and
``password`` as for ``ssh``; ``connection`` is Ansible's (ssh).
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from vnfm.drivers import confinement
from vnfm.drivers.components import components, key_file, misfit
from vnfm.drivers.contract import Facts, Host, Output, Run, RunFailedError, Script
from vnfm.drivers.processes import Command, environment, order_of, run_to_end, supervised
from vnfm.drivers.workplace import PACKAGE, facts_of, owned, workplace

_PRIVATE = "runner"
_INSTALLED = (sys.prefix, sys.base_prefix)
"""Where Ansible is."""
_EACH_ANEW = {"ANSIBLE_SSH_ARGS": "-o ControlMaster=no"}
"""Connections that are kept for later are behind a socket."""


class AnsibleDriver:
    """Implements ``vnfm.drivers.contract.Driver``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def obstacle(self, script: Script) -> str | None:
        """Say why no playbook can run on this machine, or why this one cannot."""
        wrong = misfit(script, self._host, {"connection"})
        return wrong or confinement.obstacle(self._host) or _unreachable(self._host)

    async def begin(self, run: Run, output: Output) -> Facts:  # noqa: ARG002  # the contract's
        """Nothing goes on yet."""
        return {}

    async def finish(self, run: Run, begun: Facts, output: Output) -> Facts:  # noqa: ARG002  # the contract's
        """Run the playbook to its end."""
        async with workplace(self._host, run) as directory:
            await asyncio.to_thread(self._prepared, run, directory)
            command = Command(
                program=(
                    sys.executable, "-I", "-m", "ansible_runner", "run", str(directory / _PRIVATE),
                    "--project-dir", str(directory / PACKAGE), "--playbook", run.script.file,
                ),
                environment={
                    **environment(self._host, run, directory),
                    "PATH": f"{Path(sys.executable).parent}:{self._host.search_path}",
                    "ANSIBLE_LOCAL_TEMP": str(directory / "tmp"),
                    "ANSIBLE_HOST_KEY_CHECKING": "false",
                    "ANSIBLE_RETRY_FILES_ENABLED": "false",
                    "ANSIBLE_NOCOLOR": "true",
                    **({} if confinement.has_local_sockets(self._host) else _EACH_ANEW),
                },
                directory=directory,
                readable=_INSTALLED,
            )  # fmt: skip
            await run_to_end(command, run, self._host, output)
        return {}

    def _prepared(self, run: Run, directory: Path) -> None:
        """Lay out what ansible-runner reads: the inventory and the variables."""
        if not (directory / PACKAGE / run.script.file).is_file():
            raise RunFailedError("The playbook is gone", f"the package has no file {run.script.file}")
        private = directory / _PRIVATE
        for name in ("inventory", "env"):
            (private / name).mkdir(parents=True)
        variables = {**run.script.parameters, "mano": msgspec.json.decode(facts_of(run))}
        _write(private / "inventory" / "hosts.json", self._inventory(run, directory))
        _write(private / "env" / "extravars", variables)
        _write(private / "env" / "settings", {"suppress_env_files": True})
        owned(self._host, directory)

    def _inventory(self, run: Run, directory: Path) -> dict[str, Any]:
        options = run.script.options
        common = {
            "ansible_connection": options.get("connection"),
            # On this machine, too, there is one place only to write to.
            "ansible_remote_tmp": str(directory / "tmp") if options.get("connection") == "local" else None,
            "ansible_user": options.get("user"),
            "ansible_port": options.get("port"),
            "ansible_password": options.get("password"),
        }
        if (name := options.get("key")) is not None and (source := key_file(self._host, str(name))):
            key = directory / "key"
            shutil.copyfile(source, key)
            key.chmod(0o600)
            common["ansible_ssh_private_key_file"] = str(key)
        common = {name: value for name, value in common.items() if value is not None}
        groups: dict[str, Any] = {}
        for component in components(run):
            hosts = groups.setdefault(component.vdu, {"hosts": {}})["hosts"]
            hosts[f"{component.vdu}-{component.index}"] = {"ansible_host": component.address, **common}
        return {"all": {"children": groups}}


def _write(file: Path, value: Any) -> None:
    file.write_bytes(msgspec.json.encode(value))


@functools.cache
def _unreachable(host: Host) -> str | None:
    """Try whether whoever runs scripts can run our Python, which may be installed in somebody's home."""
    command = Command(
        program=(sys.executable, "-I", "-c", "import ansible_runner"), environment={}, directory=Path("/"),
        readable=_INSTALLED,
    )  # fmt: skip
    with subprocess.Popen(  # noqa: S603  # our own supervisor
        supervised(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={}
    ) as process:
        if process.stdin:
            process.stdin.write(order_of(command, host, writable=os.devnull))
            process.stdin.flush()
        if process.wait(timeout=60) == 0:
            return None
    return (
        f"Ansible is installed in {sys.prefix}, where the user of scripts ({host.user or 'the server'}) cannot run it;"
        " install the server where everybody can read it, or choose another MANO_SCRIPT_USER"
    )
