"""Processes of packages: confined, bounded, run to their end or killed whole, with what they say passed on."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vnfm.drivers import supervisor
from vnfm.drivers.confinement import confinement
from vnfm.drivers.contract import Host, Output, Run, RunFailedError
from vnfm.drivers.tidying import tidied

_CHUNK = 65536
TAIL_CHARACTERS = 2000
"""Of the output, that go into the problem of a run that failed."""
TAIL_LINES = 20


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What to run."""

    program: tuple[str, ...]
    """Absolute path, then arguments."""
    environment: Mapping[str, str]
    """All of it: nothing is inherited."""
    directory: Path
    """Where it works; the one place where it may write."""
    stdin: Path | None = None
    readable: tuple[str, ...] = ()
    """Further paths that it needs to read."""


class Tail:
    """The last lines of an output that passes through it."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._kept = ""

    async def write(self, stream: str, text: str) -> None:
        """Pass it on, and keep its end."""
        if stream != "run":
            self._kept = (self._kept + text)[-TAIL_CHARACTERS:]
        await self._output.write(stream, text)

    def lines(self) -> str:
        """Return the last lines that were written."""
        return "\n".join(self._kept.splitlines()[-TAIL_LINES:])


async def run_to_end(command: Command, run: Run, host: Host, output: Output) -> None:
    """Return once the process has ended with exit code 0; whatever else ends it, it and all that it began is gone.

    Raises:
        RunFailedError: another exit code, or the run took longer than it may.
    """
    tail = Tail(output)
    try:
        async with asyncio.timeout(run.timeout):
            code = await _run(command, host, tail)
    except TimeoutError:
        raise too_slow(run, tail) from None
    if code:
        raise failed(run, code, tail)


def failed(run: Run, code: int, tail: Tail, **members: Any) -> RunFailedError:
    """Return the failure of a script that ended with another exit code than 0."""
    return RunFailedError(
        "The script failed",
        f"{run.script.hook}: {run.script.file} ended with exit code {code}; {_said(tail)}",
        exitCode=code,
        output=tail.lines(),
        **members,
    )


def too_slow(run: Run, tail: Tail) -> RunFailedError:
    """Return the failure of a script that was killed because its time was over."""
    return RunFailedError(
        "The script takes too long",
        f"{run.script.hook}: {run.script.file} did not end within {run.timeout:g} s and was killed; {_said(tail)}",
        timeoutSeconds=run.timeout,
        output=tail.lines(),
    )


def _said(tail: Tail) -> str:
    lines = tail.lines()
    return f"the last that it said: {lines}" if lines else "it said nothing"


def supervised() -> tuple[str, ...]:
    """Return the command that runs what it is ordered to; see ``vnfm.drivers.supervisor``."""
    return (sys.executable, "-I", "-S", supervisor.__file__)


def order_of(command: Command, host: Host, *, writable: str = "") -> bytes:
    """Return the order for the supervisor: the line that it begins with. ``writable`` is the command's directory.

    Blocks: what may be read is looked for.
    """
    confined = confinement(host, Path(writable or command.directory), readable=command.readable)
    order = {
        "command": command.program,
        "environment": dict(command.environment),
        "directory": str(command.directory),
        "stdin": str(command.stdin) if command.stdin else "",
        "grace": host.grace,
        "uid": confined.uid,
        "gid": confined.gid,
        "landlock": confined.landlock,
        "local_sockets": confined.local_sockets,
        "limits": {
            "RLIMIT_AS": host.memory_bytes,
            "RLIMIT_FSIZE": host.file_bytes,
            "RLIMIT_CORE": 0,
            # Counted per user: what else the server's own user runs is not the script's doing.
            **({} if confined.uid is None else {"RLIMIT_NPROC": host.processes}),
        },
    }
    return json.dumps(order).encode() + b"\n"


async def _run(command: Command, host: Host, output: Output) -> int:
    process = await asyncio.create_subprocess_exec(
        *supervised(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
        start_new_session=True,
    )
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise RuntimeError("a process without the pipes that were asked for")
    reading = asyncio.gather(_passed_on(process.stdout, "stdout", output), _passed_on(process.stderr, "stderr", output))
    try:
        process.stdin.write(await asyncio.to_thread(order_of, command, host))
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        await asyncio.wait((reading,))  # which goes on when this is cancelled
        reading.result()
        return await process.wait()
    finally:
        process.stdin.close()  # the cord: what still runs is killed
        await tidied(asyncio.gather(reading, process.wait()))


async def _passed_on(pipe: asyncio.StreamReader, stream: str, output: Output) -> None:
    """Read to the end whatever happens: who is not read from does not end."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    failure: Exception | None = None
    while chunk := await pipe.read(_CHUNK):
        if failure is None:
            try:
                await output.write(stream, decoder.decode(chunk))
            except Exception as error:  # noqa: BLE001  # told once everything is read
                failure = error
    if failure is not None:
        raise failure


def environment(host: Host, run: Run, directory: Path, parameters: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return all that a process finds in its environment: parameters never hide what it is told of its run."""
    return {
        **dict(parameters),
        "PATH": host.search_path,
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "LANG": "C.UTF-8",
        "MANO_KEY": run.key,
        "MANO_HOOK": run.script.hook,
        "MANO_AGAIN": "true" if run.again else "false",
        "MANO_FACTS": str(directory / "facts.json"),
        "MANO_PACKAGE": str(directory / "package"),
    }
