"""Driver ``local``: a script of the package, run on the orchestrator's machine.

Its interpreter goes by the type of the artifact or the ending of the file's name: Python, a shell; else the file's own
first line says. It finds the evaluated inputs as environment variables, and all that is known as JSON in the file
``$MANO_FACTS`` and on its standard input.

A Python script that unpickles its standard input is one made for OpenStack Tacker, and gets what Tacker gives it: a
dictionary with ``operation``, ``request``, ``vnf_instance``, ``grant_request``, ``grant_response``, ``tmp_csar_dir``.
"""

from __future__ import annotations

import asyncio
import pickle
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from vnfm.drivers import confinement
from vnfm.drivers.components import stray_option
from vnfm.drivers.contract import Facts, Host, Output, Run, RunFailedError, Script
from vnfm.drivers.processes import Command, environment, run_to_end
from vnfm.drivers.workplace import FACTS, PACKAGE, workplace

_INTERPRETERS = {".py": "python3", ".sh": "sh", ".bash": "bash"}
_BY_TYPE = {"python": "python3", "bash": "bash"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TACKER = re.compile(rb"pickle\.load\(\s*sys\.stdin")
_EXECUTABLE = 0o700


class LocalDriver:
    """Implements ``vnfm.drivers.contract.Driver``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def obstacle(self, script: Script) -> str | None:
        """Say why no script can run on this machine, or why this one cannot."""
        interpreter = interpreter_of(script)
        if interpreter and not shutil.which(interpreter, path=self._host.search_path):
            return f"{interpreter} is not installed in {self._host.search_path}"
        return stray_option(script, ()) or confinement.obstacle(self._host)

    async def begin(self, run: Run, output: Output) -> Facts:  # noqa: ARG002  # the contract's
        """Nothing goes on elsewhere."""
        return {}

    async def finish(self, run: Run, begun: Facts, output: Output) -> Facts:  # noqa: ARG002  # the contract's
        """Run the script to its end."""
        async with workplace(self._host, run) as directory:
            file = directory / PACKAGE / run.script.file
            command = Command(
                program=await asyncio.to_thread(self._program, run.script, file),
                environment=environment(self._host, run, directory, variables(run.script.parameters)),
                directory=directory,
                stdin=await asyncio.to_thread(_stdin, run, directory, file),
            )
            await run_to_end(command, run, self._host, output)
        return {}

    def _program(self, script: Script, file: Path) -> tuple[str, ...]:
        if not file.is_file():
            raise RunFailedError("The script is gone", f"the package has no file {script.file}")
        interpreter = interpreter_of(script)
        if interpreter is None:
            file.chmod(_EXECUTABLE)
            return (str(file),)
        found = shutil.which(interpreter, path=self._host.search_path)
        if found is None:
            raise RunFailedError("The script cannot be run", f"{interpreter} is not installed")
        return (found, str(file))


def interpreter_of(script: Script) -> str | None:
    """Return the program that runs the script, or None where its first line says."""
    return _BY_TYPE.get(script.type.rpartition(".")[2].lower()) or _INTERPRETERS.get(Path(script.file).suffix)


def variables(parameters: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parameters as environment variables: texts and numbers as they are, all else as JSON.

    Those whose names no shell can read are found in the facts only.
    """
    for name, value in parameters.items():
        if _VARIABLE.fullmatch(name):
            yield name, value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _stdin(run: Run, directory: Path, file: Path) -> Path:
    if file.suffix != ".py" or not _TACKER.search(file.read_bytes()):
        return directory / FACTS
    told = {
        "operation": run.script.hook,
        "request": run.facts.get("request", {}),
        "vnf_instance": run.facts.get("vnf", {}),
        "grant_request": run.facts.get("grantRequest", {}),
        "grant_response": run.facts.get("grant", {}),
        "tmp_csar_dir": str(directory / PACKAGE),
    }
    pickled = directory / "stdin"
    pickled.write_bytes(pickle.dumps(told))
    return pickled
