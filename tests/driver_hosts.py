"""Where drivers run in tests, and who they talk to: guests behind a real SSH server, an element manager over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from vnfm.drivers.contract import Host


@contextmanager
def temporary_host(**changes: Any) -> Iterator[Host]:
    """Yield a host whose directory is where another user gets to."""
    directory = Path(tempfile.mkdtemp(prefix="mano-drivers-"))
    directory.chmod(0o711)
    try:
        yield msgspec.structs.replace(Host(directory=directory / "runs", grace=0.2), **changes)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def running(words: str) -> bool:
    """Tell whether any process has these words in its command line."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            if words.encode() in line:
                return True
    return False


class Guest:
    """A guest that can be logged in to over SSH: commands run on this machine, in a directory of their own."""

    def __init__(self, port: int, key: asyncssh.SSHKey, host_key: asyncssh.SSHKey, home: Path) -> None:
        self.port = port
        self.private_key = key.export_private_key().decode()
        self.host_key = host_key.export_public_key().decode()
        self.home = home


async def _entered(process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(asyncssh.Error, ConnectionError):
        while data := await process.stdin.read(65536):
            child.stdin.write(data)
            await child.stdin.drain()
    child.stdin.close()


async def _told(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    while data := await source.read(65536):
        target.write(data)


@asynccontextmanager
async def guest(home: Path) -> AsyncIterator[Guest]:
    """Serve SSH on loopback, for whoever has the guest's private key."""
    key, host_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))

    async def serve(process: asyncssh.SSHServerProcess[bytes]) -> None:
        child = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", process.command or "",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=home, env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)},
            start_new_session=True,
        )  # fmt: skip
        entering = asyncio.create_task(_entered(process, child))
        await asyncio.gather(
            _told(child.stdout, process.stdout), _told(child.stderr, process.stderr), return_exceptions=True
        )
        code = await child.wait()
        entering.cancel()
        if code < 0:
            process.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))
        else:
            process.exit(code)

    server = await asyncssh.listen(
        "127.0.0.1", 0,
        server_host_keys=[host_key], encoding=None, process_factory=serve,
        authorized_client_keys=asyncssh.import_authorized_keys(key.export_public_key().decode()),
    )  # fmt: skip
    async with server:
        yield Guest(server.get_port(), key, host_key, home)


class ElementManager:
    """The producer's side of SOL002's LCM coordination."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.cancelled: list[str] = []
        self.open: dict[str, dict[str, Any]] = {}
        """Requests without a result, by identifier; those that hang stay here."""
        self.busy = 0
        """How many requests are still to be told to come again."""
        self.polls = 0
        self._numbers = itertools.count(1)

    def application(self) -> web.Application:
        """Return the interface."""
        app = web.Application()
        app.router.add_post("/lcmcoord/v1/coordinations", self._post)
        app.router.add_get("/lcmcoord/v1/coordinations/{id}", self._get)
        app.router.add_post("/lcmcoord/v1/coordinations/{id}/cancel", self._cancel)
        return app

    async def _post(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.asked.append(asked)
        if self.busy:
            self.busy -= 1
            return web.json_response({"status": 503, "detail": "come again"}, status=503, headers={"Retry-After": "0"})
        if asked["coordinationActionName"] == "forbidden":
            return web.json_response({"status": 403, "detail": "not now, not ever"}, status=403)
        id_ = f"coordination-{next(self._numbers)}"
        headers = {"Location": f"/lcmcoord/v1/coordinations/{id_}", "Version": "1.1.0"}
        if asked["coordinationActionName"] == "synchronous":
            return web.json_response(self._result(id_, asked), status=201, headers=headers)
        self.open[id_] = asked
        return web.Response(status=202, headers={**headers, "Retry-After": "0"})

    async def _get(self, request: web.Request) -> web.Response:
        self.polls += 1
        id_ = request.match_info["id"]
        asked = self.open[id_]
        if asked["coordinationActionName"] == "hangs" or not self.polls % 2:
            return web.Response(status=202, headers={"Retry-After": "0", "Version": "1.1.0"})
        return web.json_response(self._result(id_, self.open.pop(id_)), headers={"Version": "1.1.0"})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.cancelled.append(request.match_info["id"])
        self.open.pop(request.match_info["id"])
        return web.Response(status=202, headers={"Version": "1.1.0"})

    def _result(self, id_: str, asked: dict[str, Any]) -> dict[str, Any]:
        aborts = asked["coordinationActionName"] == "fails"
        result = {
            name: asked[name]
            for name in ("vnfInstanceId", "vnfLcmOpOccId", "lcmOperationType", "coordinationActionName")
        }
        return {
            **result,
            "id": id_,
            "coordinationResult": "ABORT" if aborts else "CONTINUE",
            "outputParams": asked.get("inputParams", {}),
            "_links": {**asked["_links"], "self": {"href": f"http://em.example/lcmcoord/v1/coordinations/{id_}"}},
            **({"error": {"status": 500, "detail": "bad luck"}} if aborts else {"warnings": "mind the gap"}),
        }


@asynccontextmanager
async def element_manager() -> AsyncIterator[tuple[ElementManager, str]]:
    """Serve an element manager on loopback; yield it with the address of its interface."""
    manager = ElementManager()
    async with TestServer(manager.application()) as server:
        yield manager, str(server.make_url("/lcmcoord/v1"))
