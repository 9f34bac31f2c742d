"""Carries out the steps that are runs of scripts."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Self

import msgspec

from mano_runtime.background import in_background
from mano_runtime.storage import DatabaseAwayError
from mano_runtime.unbroken import Unbroken
from mano_runtime.workflow.operation_log import OperationLog
from mano_runtime.workflow.performer import StepFailedError, Task
from vnfm.drivers.contract import Driver, Run, RunFailedError
from vnfm.drivers.registry import DriverRegistry, UnknownDriverError
from vnfm.lifecycle.script_hooks import script_of
from vnfm.planning.scripts import ScriptSpec
from vnfm.sol003.ports import Packages

FLUSH_SECONDS = 0.25
FLUSH_CHARACTERS = 65536


class ScriptPerformer:
    """Performer of the kind ``script``: to create is to begin the run, ready is what has run to its end.

    A run that was under way when the process died, or that failed and is tried again, is run again, with the same key.
    What has run cannot be made not to have run: to delete does nothing.
    """

    def __init__(self, drivers: DriverRegistry, packages: Packages, log: OperationLog, *, timeout: float) -> None:
        """Bind to what is needed; ``timeout`` is for scripts whose descriptor gives none, in seconds."""
        self._drivers = drivers
        self._packages = packages
        self._log = log
        self._timeout = timeout

    async def create(self, task: Task) -> dict[str, Any]:
        """Begin the run."""
        async with LogOutput(self._log, task.operation, task.resource.path) as output:
            with _failures(task):
                run = self._run(task)
                begun = await self._driver(task).begin(run, output)
        return {"id": run.key, "state": "begun", "begun": begun}

    async def ready(self, task: Task) -> dict[str, Any]:
        """Return once the script has done its work."""
        known = task.resource.result or {}
        where = (task.operation, task.resource.path)
        async with LogOutput(self._log, *where) as output:
            with _failures(task):
                run = self._run(task)
                run = msgspec.structs.replace(run, again=run.again or await self._log.has(*where))
                # Durable before it begins: after a crash it tells that the run was begun.
                await self._log.append(
                    *where, "run", f"{run.script.hook}: {run.script.file or task.resource.spec['driver']}\n"
                )
                try:
                    answer = await self._driver(task).finish(run, known.get("begun") or {}, output)
                except RunFailedError as error:
                    await output.write("run", f"{error.title}\n")
                    raise
                except asyncio.CancelledError:
                    await output.write("run", "interrupted\n")
                    raise
                await output.write("run", "done\n")
        return {"id": run.key, "state": "ready", "answer": answer}

    async def update(self, task: Task) -> dict[str, Any]:
        """Nothing is changed in place: a run is wanted by one operation only, and that does not change its mind."""
        raise StepFailedError("A script cannot be changed", task.resource.path)

    async def delete(self, task: Task) -> None:
        """What has run has run."""

    async def gone(self, task: Task) -> None:
        """Nothing is left of a run but its log."""

    def _run(self, task: Task) -> Run:
        spec = msgspec.convert(task.resource.spec, ScriptSpec)

        async def files(directory: Path) -> None:
            await _copied(self._packages, spec.vnfd_id, directory)

        return Run(
            key=f"{task.scope}/{task.operation}/{task.resource.path}",
            script=script_of(spec),
            facts=spec.facts,
            timeout=spec.timeout or self._timeout,
            files=files,
            cancelled=task.cancelled,
            again=task.in_doubt,
        )

    def _driver(self, task: Task) -> Driver:
        return self._drivers.driver(task.resource.spec["driver"])


@contextlib.contextmanager
def _failures(task: Task) -> Iterator[None]:
    """Turn what a driver could not do into a failed step."""
    try:
        yield
    except RunFailedError as error:
        raise StepFailedError(
            error.title, error.detail, again=error.again, after=error.after, key=task.resource.path, **error.members
        ) from error
    except UnknownDriverError as error:
        raise StepFailedError("The driver is gone", str(error)) from error


async def _copied(packages: Packages, vnfd_id: str, directory: Path) -> None:
    """Lay the files of a package into a directory: copies, which whoever works there may spoil."""
    for path in await packages.artifact_paths(vnfd_id):
        parts = PurePosixPath(path).parts
        source = await packages.artifact_file(vnfd_id, path)
        if source is not None and parts and not path.startswith("/") and ".." not in parts:
            await asyncio.to_thread(_copy, source, directory.joinpath(*parts))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


class LogOutput:
    """Where a run says what it does: the operation's log, written in pieces of some size or some moments.

    Leaving it, even by an exception, writes what is left.
    """

    def __init__(self, log: OperationLog, operation: str, path: str) -> None:
        self._log = log
        self._operation = operation
        self._path = path
        self._waiting: list[tuple[str, str]] = []
        self._lock = asyncio.Lock()
        self._later: asyncio.Task[None] | None = None
        self._unbroken = Unbroken(DatabaseAwayError)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._later is not None:
            self._later.cancel()
        try:
            await self._flushed()
        finally:
            await self._unbroken.aclose()

    async def write(self, stream: str, text: str) -> None:
        """Take some text; it is durable soon."""
        if self._waiting and self._waiting[-1][0] == stream:
            self._waiting[-1] = (stream, self._waiting[-1][1] + text)
        else:
            self._waiting.append((stream, text))
        if sum(len(it) for _, it in self._waiting) >= FLUSH_CHARACTERS:
            await self._flush()
        elif self._later is None or self._later.done():
            self._later = in_background(self._flush_later(), name=f"output of {self._path}")

    async def _flush_later(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        await self._flushed()

    async def _flushed(self) -> None:
        await self._unbroken.done(f"output of {self._path}", self._flush())

    async def _flush(self) -> None:
        async with self._lock:
            waiting, self._waiting = self._waiting, []
            for stream, text in waiting:
                if text:
                    await self._log.append(self._operation, self._path, stream, text)
