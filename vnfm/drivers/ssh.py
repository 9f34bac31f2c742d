"""Driver ``ssh``: a script of the package, run in the guests of VNFCs, one after the other.

Options: ``vdu`` (whose VNFCs; all), ``on`` (all, added, renewed or removed ones), ``cp`` (connection point whose
address is used; the first external one), ``user`` (root), ``port`` (22), ``key`` (name of a private key that the
operator keeps), ``password``, ``host_key`` (public key that the guest must show; without it any is taken, and logged).

A guest that does not answer yet is tried again until the time is over. The package is unpacked into a directory of its
own there, which is removed afterwards; the guest needs a POSIX shell and tar.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import shlex
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh

from vnfm.drivers.components import Component, components, key_file, misfit
from vnfm.drivers.contract import Facts, Host, Output, Run, RunFailedError, Script
from vnfm.drivers.local import interpreter_of, variables
from vnfm.drivers.processes import Tail, failed, too_slow
from vnfm.drivers.tidying import tidied
from vnfm.drivers.workplace import FACTS, PACKAGE, workplace

CONNECT_SECONDS = 10.0
PAUSE_SECONDS = 2.0
"""Between two tries to reach a guest."""
_CLEAN_UP_SECONDS = 5.0
_BY_SIGNAL = 255
"""In place of the exit code of what a signal ended, as ssh has it."""
_KILL = """
kill -TERM -$(cat {directory}/pid); sleep {grace:g}
for process in /proc/[0-9]*; do
    if tr '\\0' '\\n' < $process/environ 2> /dev/null | grep -qxF MANO_KEY={key}; then
        kill -KILL ${{process#/proc/}}
    fi
done
"""
"""Whatever the script started has the key of its run in its environment, and is found by it."""


class SshDriver:
    """Implements ``vnfm.drivers.contract.Driver``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def obstacle(self, script: Script) -> str | None:
        """Say what is wrong with the options."""
        if (host_key := script.options.get("host_key")) is not None:
            try:
                asyncssh.import_public_key(str(host_key))
            except asyncssh.KeyImportError as error:
                return f"mano_host_key is no public key: {error}"
        return misfit(script, self._host, {"host_key"})

    async def begin(self, run: Run, output: Output) -> Facts:  # noqa: ARG002  # the contract's
        """Nothing goes on yet."""
        return {}

    async def finish(self, run: Run, begun: Facts, output: Output) -> Facts:  # noqa: ARG002  # the contract's
        """Run the script on every component; the first that fails ends it."""
        done: list[str] = []
        tail = Tail(output)
        try:
            async with asyncio.timeout(run.timeout), workplace(self._host, run) as directory:
                packed = await asyncio.to_thread(_packed, directory, run)
                for component in components(run):
                    await output.write("run", f"on {component.id} at {component.address}\n")
                    async with self._connected(run.script, component, output) as connection:
                        code = await _run(connection, run, packed, tail, self._host.grace)
                    if code:
                        raise failed(run, code, tail, on=component.id)
                    done.append(component.id)
        except TimeoutError:
            raise too_slow(run, tail) from None
        return {"ran": done}

    @contextlib.asynccontextmanager
    async def _connected(
        self, script: Script, component: Component, output: Output
    ) -> AsyncIterator[asyncssh.SSHClientConnection]:
        options = await asyncio.to_thread(self._credentials, script)
        told = ""
        while True:
            try:
                connection = await asyncssh.connect(
                    component.address,
                    int(script.options.get("port", 22)),
                    username=str(script.options.get("user", "root")),
                    connect_timeout=CONNECT_SECONDS,
                    config=None,
                    agent_path=None,
                    **options,
                )
                break
            except asyncssh.PermissionDenied as error:
                raise RunFailedError(
                    "The guest refuses us", f"{component.id} at {component.address}: {error.reason}"
                ) from error
            except asyncssh.HostKeyNotVerifiable as error:
                raise RunFailedError("The guest is not who it should be", f"{component.id}: {error.reason}") from error
            except (OSError, asyncssh.Error) as error:
                if str(error) != told:
                    told = str(error)
                    await output.write("run", f"{component.address} does not answer yet: {told}\n")
            await asyncio.sleep(PAUSE_SECONDS)
        async with connection:
            if (key := connection.get_server_host_key()) is not None and "host_key" not in script.options:
                await output.write("run", f"took the host key {key.get_fingerprint()} on trust\n")
            yield connection

    def _credentials(self, script: Script) -> dict[str, Any]:
        options = script.options
        known = options.get("host_key")
        name = options.get("key")
        file = key_file(self._host, str(name)) if name is not None else None
        return {
            "known_hosts": ([asyncssh.import_public_key(str(known))], [], []) if known else None,
            "client_keys": [asyncssh.read_private_key(file)] if file else (),
            "password": options.get("password"),
        }


async def _run(connection: asyncssh.SSHClientConnection, run: Run, packed: bytes, output: Output, grace: float) -> int:
    """Run the script in a directory of its own on the guest and return its exit code; nothing is left there."""
    made = await connection.run("umask 077 && mktemp -d", check=True)
    directory = shlex.quote(str(made.stdout).strip())
    try:
        await connection.run(f"cd {directory} && tar -xf -", input=packed, encoding=None, check=True)
        ended = await _ended(connection, run, f"cd {directory} && echo $$ > pid && . ./env", output)
    except asyncio.CancelledError:
        kill = _KILL.format(directory=directory, grace=grace, key=shlex.quote(run.key))
        await tidied(_quickly(connection, kill, grace))
        raise
    finally:
        await tidied(_quickly(connection, f"rm -rf {directory}"))
    if ended.exit_status is None or ended.exit_status < 0:
        return _BY_SIGNAL
    return ended.exit_status


async def _ended(
    connection: asyncssh.SSHClientConnection, run: Run, prepared: str, output: Output
) -> asyncssh.SSHCompletedProcess:
    interpreter = interpreter_of(run.script) or ""
    file = shlex.quote(f"{PACKAGE}/{run.script.file}")
    process = await connection.create_process(f"{prepared} && exec {interpreter} ./{file} < {FACTS}")
    await asyncio.gather(_passed_on(process.stdout, "stdout", output), _passed_on(process.stderr, "stderr", output))
    return await process.wait()


async def _quickly(connection: asyncssh.SSHClientConnection, command: str, longer: float = 0.0) -> None:
    """Tidy up, as far as the guest still answers."""
    with contextlib.suppress(OSError, asyncssh.Error, TimeoutError):
        async with asyncio.timeout(_CLEAN_UP_SECONDS + longer):
            await connection.run(command)


async def _passed_on(reader: asyncssh.SSHReader[str], stream: str, output: Output) -> None:
    while text := await reader.read(65536):
        await output.write(stream, text)


def _packed(directory: Path, run: Run) -> bytes:
    """Return the package, the facts and the environment as an archive; the guest's paths are its own."""
    environment = {
        **dict(variables(run.script.parameters)),
        "MANO_KEY": run.key,
        "MANO_HOOK": run.script.hook,
        "MANO_AGAIN": "true" if run.again else "false",
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    lines += [f'export MANO_FACTS="$PWD/{FACTS}" MANO_PACKAGE="$PWD/{PACKAGE}"', ""]
    file = directory / PACKAGE / run.script.file
    if not file.is_file():
        raise RunFailedError("The script is gone", f"the package has no file {run.script.file}")
    file.chmod(0o700)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(directory / PACKAGE, PACKAGE, filter=_nobodys)
        archive.add(directory / FACTS, FACTS, filter=_nobodys)
        content = "\n".join(lines).encode()
        entry = tarfile.TarInfo("env")
        entry.size, entry.mode = len(content), 0o600
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The guest has other users than we."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
