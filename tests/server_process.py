"""``mano serve`` as a process of its own, to be talked to, killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from loop_complaints import LOGGER
from quick_vim import make_vim

from vim_adapters.simulated import console

READY = b"mano is ready at "
FOR_VNFMS = b"VNF managers are served at "
START_SECONDS = 60


class ServerProcess:
    """A server on a port of this machine, with a directory that outlives it."""

    def __init__(self, directory: Path, *options: str, port: int = 0) -> None:
        """Serve at ``port``, by default at any free one, with further ``options``."""
        self._options = ("--port", str(port), *options)
        self.data = directory / "data"
        self.log = directory / "server.log"
        self.vim = self.data / "simulated-vim.sqlite"
        self.url = ""
        self.url_for_vnfms = ""
        """Where a port of their own is."""
        self._process: asyncio.subprocess.Process | None = None

    async def make_vim(self, *latency: str) -> None:
        """Make the simulated VIM before the server does; ``latency`` says how slow it is, by default not at all."""
        await asyncio.to_thread(make_vim, self.data, *latency)

    async def tell_vim(self, *command: str) -> None:
        """Give a command at the console of the simulated VIM."""
        assert await asyncio.to_thread(console.main, [str(self.vim), "--create", *command]) == 0

    async def spawn(self) -> None:
        """Start the process without waiting until it serves."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "nfvo.cli.main",
                "serve",
                "--data-dir",
                str(self.data),
                *self._options,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def start(self) -> None:
        """Start the process and return when it serves."""
        await self.spawn()
        async with asyncio.timeout(START_SECONDS):
            line = await self._process.stdout.readline()
            if line.startswith(FOR_VNFMS):
                self.url_for_vnfms = line.removeprefix(FOR_VNFMS).decode().strip().rstrip("/")
                line = await self._process.stdout.readline()
        assert line.startswith(READY), f"it said {line!r}; its log ends in\n{self.tail()}"
        self.url = line.removeprefix(READY).decode().strip().rstrip("/")

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        return self._process.pid

    async def kill(self) -> None:
        """Kill the process as SIGKILL does: at once, with no chance to tidy up."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask the process to stop, and return what it exits with."""
        return await self._end(signal.SIGTERM)

    def tail(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def check_log(self) -> None:
        """Fail where the log has what nobody can make anything of: what the event loop or a thread complained of."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        found = [mark for mark in (f"[{LOGGER}]", "Exception in thread") if mark in log]
        assert not found, f"the log has {found}:\n{log}"

    async def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        await process.communicate()
        return process.returncode

    async def request(self, method: str, path: str, status: int, **request: Any) -> tuple[Any, dict[str, str]]:
        """Return the body and the headers of an answer, which must have this status."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, **request) as answer,
        ):
            text = await answer.text()
            assert answer.status == status, f"{method} {path} answers {answer.status}: {text}\n{self.tail()}"
            return (await answer.json() if text else None), dict(answer.headers)

    async def status(self, method: str, path: str, url: str = "") -> int:
        """Return the status of an answer, of what is served at ``url`` (empty: for everybody)."""
        async with aiohttp.ClientSession() as session, session.request(method, (url or self.url) + path) as answer:
            return answer.status

    async def get(self, path: str) -> Any:
        """Return the body of a resource."""
        return (await self.request("GET", path, 200))[0]

    async def onboard(self, collection: str, content_name: str, content: Any) -> dict[str, Any]:
        """Upload a package and return its entry once it is processed, which must have gone well."""
        made, _ = await self.request("POST", collection, 201, json={})
        path = f"{collection}/{made['id']}"
        headers = {"Content-Type": "application/zip"}
        await self.request("PUT", f"{path}/{content_name}", 202, data=content, headers=headers)
        return await self.processed(path)

    async def processed(self, path: str) -> dict[str, Any]:
        """Return an entry of the catalogue once its content is processed, which must have gone well."""
        while True:
            entry = await self.get(path)
            state = entry.get("onboardingState") or entry["nsdOnboardingState"]
            if state not in {"UPLOADING", "PROCESSING"}:
                assert state == "ONBOARDED", entry
                return entry
            await asyncio.sleep(0.02)


@asynccontextmanager
async def server_process(directory: Path, *options: str, port: int = 0) -> AsyncIterator[ServerProcess]:
    """Give a server that is not started yet; whatever happens, no process of it is left. Its log must be clean."""
    server = ServerProcess(directory, *options, port=port)
    try:
        yield server
    finally:
        await server.kill()
    await asyncio.to_thread(server.check_log)
