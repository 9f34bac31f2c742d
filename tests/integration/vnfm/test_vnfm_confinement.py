"""What a process of a package can reach while the server is an ordinary user, and who is never confined."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
from pathlib import Path

import pytest
from driver_hosts import temporary_host

from vnfm.drivers import confinement, processes, supervisor
from vnfm.drivers.conformance.bench import Said
from vnfm.drivers.contract import Host, Run, Script
from vnfm.drivers.processes import Command

ASKS = """
import ctypes, os, socket, sys
place, port, server = sys.argv[1:]

def tried(what, attempt):
    try:
        attempt()
    except OSError as error:
        print(what, "refused:", error.strerror)
    else:
        print(what, "granted")

def read(path):
    return lambda: open(path).close()

tried("open file", read(f"{place}/open/everybody"))
tried("private file", read(f"{place}/mixed/private"))
tried("file beside it", read(f"{place}/mixed/everybody"))
tried("private directory", read(f"{place}/closed/everybody"))
tried("server's environment", read(f"/proc/{server}/environ"))
tried("local socket", lambda: socket.socket(socket.AF_UNIX).connect(f"{place}/socket"))
tried("pair of sockets", lambda: socket.socketpair())
tried("network", lambda: socket.create_connection(("127.0.0.1", int(port))))
libc = ctypes.CDLL(None, use_errno=True)
print("ring", os.strerror(ctypes.get_errno()) if libc.syscall(425, 1, ctypes.create_string_buffer(128)) < 0 else "made")
"""


@pytest.fixture
def place(monkeypatch):
    """Return a part of the system with what everybody may read, and what only whoever runs scripts may."""
    with temporary_host() as host:
        place = host.directory.parent / "etc"
        for name in ("open", "mixed", "closed"):
            (place / name).mkdir(parents=True)
        for name in ("open/everybody", "mixed/everybody", "mixed/private", "closed/everybody"):
            (place / name).write_text("s3cret")
        (host.directory.parent / "work").mkdir()
        for path in (place, *place.rglob("*")):  # whatever the umask is
            path.chmod(0o755 if path.is_dir() else 0o644)
        (place / "mixed" / "private").chmod(0o600)
        (place / "closed").chmod(0o700)
        monkeypatch.setattr(confinement, "_MIXED", ("/etc", str(place)))
        monkeypatch.setattr(confinement, "_is_root", lambda: False)
        yield place


@pytest.fixture
def ordinary(place, monkeypatch):
    """Have an ordinary user run what the server runs, and return a command that somebody of that user's runs."""
    if os.geteuid() != 0:
        return ()
    user = pwd.getpwnam("nobody")
    for path in (place.parent, *place.parent.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    python, setpriv = (shutil.which(name, path=Host(directory=place).search_path) for name in ("python3", "setpriv"))
    if not (python and setpriv):
        pytest.skip("root needs setpriv and a python3 of the system's to become somebody else")
    copied = shutil.copy(supervisor.__file__, place / "open" / "supervisor.py")
    becomes = (setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    monkeypatch.setattr(processes, "supervised", lambda: (*becomes, python, "-I", "-S", str(copied)))
    return becomes


async def test_an_ordinary_users_secrets_are_out_of_reach(place, ordinary):
    """Of the system what everybody may read; no service that knows the process by its user; the network."""
    host = Host(directory=place.parent)
    if reason := confinement.obstacle(host):
        pytest.skip(reason)
    python = shutil.which("python3", path=host.search_path)
    said = Said()
    with socket.socket(socket.AF_UNIX) as local, socket.create_server(("127.0.0.1", 0)) as network:
        local.bind(str(place / "socket"))
        (place / "socket").chmod(0o777)
        local.listen()
        server = await asyncio.create_subprocess_exec(*ordinary, "sleep", "60", env={**os.environ, "SECRET": "s3cret"})
        try:
            told = (str(place), str(network.getsockname()[1]), str(server.pid))
            command = Command(program=(python, "-c", ASKS, *told), environment={}, directory=place.parent / "work")
            await processes.run_to_end(command, _run(), host, said)
        finally:
            server.kill()
            await server.wait()
    assert said.text.splitlines() == [
        "open file granted",
        "private file refused: Permission denied",
        "file beside it granted",
        "private directory refused: Permission denied",
        "server's environment refused: Permission denied",
        "local socket refused: Permission denied",
        "pair of sockets granted",
        "network granted",
        "ring Function not implemented",
    ]


def _run() -> Run:
    async def no_files(_directory: Path) -> None:
        """Nothing of a package is needed."""

    script = Script(hook="instantiate_end", file="asks")
    return Run(key="run", script=script, facts={}, timeout=30, files=no_files, cancelled=lambda: False)


@pytest.mark.parametrize(
    ("root", "lacking", "changes", "why"),
    [
        (True, None, {"user": ""}, "MANO_SCRIPT_USER names no user"),
        (True, None, {"user": "root"}, "which is root"),
        (True, None, {"user": "no-such-user"}, "no user 'no-such-user'"),
        (False, "has_landlock", {}, "no Landlock"),
        (False, "_has_seccomp", {}, "no seccomp"),
        (False, "has_landlock", {"confinement": "trusted"}, None),
        (True, None, {"user": "", "confinement": "trusted"}, None),
        (True, "has_landlock", {}, None),
    ],
)
def test_what_cannot_be_confined_is_refused_with_the_reason(monkeypatch, root, lacking, changes, why):
    """Unless packages are trusted, no script is run as root, nor as the server's user with nothing in between."""
    monkeypatch.setattr(confinement, "_is_root", lambda: root)
    for name in ("has_landlock", "_has_seccomp"):
        monkeypatch.setattr(confinement, name, lambda name=name: name != lacking)
    told = confinement.obstacle(Host(directory=Path("/nowhere"), **changes))
    assert told is None if why is None else why in told
