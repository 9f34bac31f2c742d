"""What the tests of the kit stand on: what a driver's suite supplies, and runs to try it with."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
import pytest

from vnfm.drivers.contract import Driver, Run, Script

What = Literal["works", "fails", "hangs"]
GREETING = "hello, world"
"""A parameter that every job gets as ``greeting``; one that works says it."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Something to run."""

    script: Script
    files: dict[str, str] = {}
    """Content of the files of the package, by path."""
    facts: dict[str, Any] = {}
    """In place of what every run is told, or besides it."""


class Said:
    """An output that can be asked for what was said."""

    def __init__(self) -> None:
        self.text = ""
        self.streams: set[str] = set()
        self._changed = asyncio.Event()

    async def write(self, stream: str, text: str) -> None:
        """Keep it."""
        self.text += text
        self.streams.add(stream)
        self._changed.set()

    async def until(self, words: str) -> None:
        """Return once these words were said."""
        while words not in self.text:
            self._changed.clear()
            await self._changed.wait()


class Bench:
    """What a driver's suite supplies besides the fixture ``driver``, and what the tests are made of."""

    driver_name: ClassVar[str]
    """The driver's name in the registry; a test there asserts that every driver has a suite."""
    hanging_words: ClassVar[str] = "hanging"
    """What is said once a job that hangs is under way."""
    patience_seconds: ClassVar[float] = 30.0

    pytestmark = pytest.mark.asyncio

    def job(self, what: What) -> Job:
        """Return what to run: it says its greeting and ends well; ends badly, saying ``bad luck``; or never ends."""
        raise NotImplementedError

    def misfit(self) -> Script:
        """Return a script that the driver can tell it can never run."""
        raise NotImplementedError

    async def under_way(self) -> bool:
        """Tell whether anything of a job that hangs still goes on, here or elsewhere."""
        raise NotImplementedError

    def run(self, what: What, *, timeout: float = 30.0, cancelled: bool = False, again: bool = False) -> Run:
        """Return a run of a job, with a key of its own."""
        job = self.job(what)

        async def files(directory: Path) -> None:
            def write() -> None:
                for path, content in job.files.items():
                    file = directory / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(content)

            await asyncio.to_thread(write)

        return Run(
            key=f"kit/{uuid.uuid4()}",
            script=msgspec.structs.replace(job.script, parameters={"greeting": GREETING, **job.script.parameters}),
            facts={
                "vnf": {"id": "vnf-1", "instantiationState": "INSTANTIATED"},
                "operation": {"id": "operation-1", "kind": "INSTANTIATE", "isAutomatic": False},
                "request": {},
                "vnfcs": [],
                "changes": {"added": [], "removed": [], "renewed": []},
                **job.facts,
            },
            timeout=timeout,
            files=files,
            cancelled=lambda: cancelled,
            again=again,
        )

    async def finished(self, driver: Driver, run: Run, said: Said | None = None) -> Any:
        """Have the run begun and finished, the way the orchestrator does: what is kept in between is JSON."""
        output = said or Said()
        begun = msgspec.json.decode(msgspec.json.encode(await driver.begin(run, output)))
        return await driver.finish(run, begun, output)
