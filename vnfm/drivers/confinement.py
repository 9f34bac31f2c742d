"""What a process of a package may reach: never what the orchestrator keeps, unless packages are trusted.

``confined``: the process belongs to another user when the orchestrator runs as root, and where the kernel has Landlock
it can read the system and write its own directory, and nothing else. When the orchestrator is no root, the process
stays its user's, so that Landlock there must be; of the system it reads what everybody may read, and no socket on this
machine that would know it as the orchestrator's user (a database, a message bus, an agent with keys) answers it.
``trusted``: it is the orchestrator's own user's and reaches what that reaches; for machines where every package is
one's own.
"""

from __future__ import annotations

import ctypes
import functools
import os
import pwd
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from vnfm.drivers import supervisor
from vnfm.drivers.contract import Host

_READABLE = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/proc", "/sys", "/dev",
    "/run/systemd/resolve", "/run/resolvconf", "/nix/store",
)  # fmt: skip
_MIXED = ("/etc", "/opt")
"""Of those, where services keep what their own user only may read."""
_ENTER = stat.S_IROTH | stat.S_IXOTH
"""What everybody must be allowed to find what is in a directory."""
_WRITABLE = (
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/shm",  # noqa: S108  # semaphores of processes that work together
)
_LANDLOCK = 444
_VERSION_ONLY = 1
_GET_SECCOMP = 21


class Confinement(msgspec.Struct, frozen=True, kw_only=True):
    """How one process is confined."""

    uid: int | None = None
    """None: it stays the orchestrator's."""
    gid: int | None = None
    landlock: dict[str, list[str]] | None = None
    """Paths under ``read`` and ``write``; None: whatever the user can."""
    local_sockets: bool = True
    """Whether it may talk to services of this machine over sockets in the file system."""


def obstacle(host: Host) -> str | None:
    """Say why no process of a package may be run on this machine, or None."""
    if host.confinement == "trusted":
        return None
    if sys.platform != "linux":
        return "scripts can be confined on Linux only; MANO_SCRIPTS=trusted runs them as the server's own user"
    if _is_root():
        return _user_missing(host)
    lacking = "Landlock" if not has_landlock() else "seccomp for this processor" if not _has_seccomp() else ""
    if lacking:
        return (
            f"scripts cannot be confined here: the server is not root, and the kernel has no {lacking};"
            " MANO_SCRIPTS=trusted runs them as the server's own user"
        )
    return None


def confinement(host: Host, directory: Path, *, readable: Iterable[str] = ()) -> Confinement:
    """Return how a process is confined that works in ``directory`` and needs to read what is ``readable``.

    Blocks: it looks through directories of the system.
    """
    if host.confinement == "trusted":
        return Confinement()
    user = pwd.getpwnam(host.user) if _is_root() else None
    system = _READABLE if user else [*(path for path in _READABLE if path not in _MIXED), *_for_everybody(_MIXED)]
    landlock = {"read": [*system, *readable], "write": [*_WRITABLE, str(directory)]} if has_landlock() else None
    return Confinement(
        uid=user.pw_uid if user else None,
        gid=user.pw_gid if user else None,
        landlock=landlock,
        local_sockets=has_local_sockets(host),
    )


def has_local_sockets(host: Host) -> bool:
    """Whether a process may talk to services of this machine over sockets in the file system."""
    return host.confinement == "trusted" or _is_root()


def _user_missing(host: Host) -> str | None:
    if not host.user:
        return (
            "MANO_SCRIPT_USER names no user, so that scripts would be root's, whom nothing confines;"
            " name one, or have them run so all the same with MANO_SCRIPTS=trusted"
        )
    try:
        user = pwd.getpwnam(host.user)
    except KeyError:
        return f"there is no user {host.user!r} to run scripts as; MANO_SCRIPT_USER names another"
    if user.pw_uid == 0:
        return f"MANO_SCRIPT_USER is {host.user!r}, which is root, whom nothing confines; name another"
    return None


def _for_everybody(places: Iterable[str]) -> list[str]:
    """Return these, or what of them everybody may read: the largest directories with nothing else in them."""
    return [path for place in places for path in _open_parts(place)[0]]


def _open_parts(path: str) -> tuple[list[str], bool]:
    """Return what of a path everybody may read, and whether that is all of it. Links lead to what has its own rule."""
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISDIR(mode):
            may = stat.S_ISLNK(mode) or bool(mode & stat.S_IROTH)
            return [path] if may and not stat.S_ISLNK(mode) else [], may
        if mode & _ENTER != _ENTER:
            return [], False
        parts = [_open_parts(entry.path) for entry in os.scandir(path)]
    except OSError:  # gone meanwhile, or not for us either
        return [], False
    if all(whole for _, whole in parts):
        return [path], True
    return [found for some, _ in parts for found in some], False


@functools.cache
def has_landlock() -> bool:
    """Whether the kernel can confine a process that is not privileged."""
    if sys.platform != "linux":
        return False
    version: int = ctypes.CDLL(None).syscall(_LANDLOCK, None, 0, _VERSION_ONLY)
    return version > 0


@functools.cache
def _has_seccomp() -> bool:
    """Whether the kernel can keep system calls from a process, and we know their numbers here."""
    known = os.uname().machine in supervisor.SOCKET_CALLS
    return known and ctypes.CDLL(None).prctl(_GET_SECCOMP, 0, 0, 0, 0) >= 0


def _is_root() -> bool:
    return os.geteuid() == 0
