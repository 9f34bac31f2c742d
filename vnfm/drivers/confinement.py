"""What a process of a package may reach: never what the orchestrator keeps, unless packages are trusted.

``confined``: the process belongs to another user when the orchestrator runs as root, and where the kernel has Landlock
it can read the system and write its own directory, and nothing else. One of the two there must be. ``trusted``: it is
the orchestrator's own user's and reaches what that reaches; for machines where every package is one's own.
"""

from __future__ import annotations

import ctypes
import functools
import os
import pwd
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from vnfm.drivers.contract import Host

_READABLE = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/proc", "/sys", "/dev",
    "/run/systemd/resolve", "/run/resolvconf", "/nix/store",
)  # fmt: skip
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


class Confinement(msgspec.Struct, frozen=True, kw_only=True):
    """How one process is confined."""

    uid: int | None = None
    """None: it stays the orchestrator's."""
    gid: int | None = None
    landlock: dict[str, list[str]] | None = None
    """Paths under ``read`` and ``write``; None: whatever the user can."""


def obstacle(host: Host) -> str | None:
    """Say why no process of a package may be run on this machine, or None."""
    if host.confinement == "trusted":
        return None
    if sys.platform != "linux":
        return "scripts can be confined on Linux only; MANO_SCRIPTS=trusted runs them as the server's own user"
    if _is_root() and host.user:
        try:
            pwd.getpwnam(host.user)
        except KeyError:
            return f"there is no user {host.user!r} to run scripts as; MANO_SCRIPT_USER names another"
        return None
    if not has_landlock():
        return (
            "scripts cannot be confined here: the server is not root, and the kernel has no Landlock;"
            " MANO_SCRIPTS=trusted runs them as the server's own user"
        )
    return None


def confinement(host: Host, directory: Path, *, readable: Iterable[str] = ()) -> Confinement:
    """Return how a process is confined that works in ``directory`` and needs to read what is ``readable``."""
    if host.confinement == "trusted":
        return Confinement()
    user = pwd.getpwnam(host.user) if _is_root() and host.user else None
    landlock = {"read": [*_READABLE, *readable], "write": [*_WRITABLE, str(directory)]} if has_landlock() else None
    return Confinement(uid=user.pw_uid if user else None, gid=user.pw_gid if user else None, landlock=landlock)


@functools.cache
def has_landlock() -> bool:
    """Whether the kernel can confine a process that is not privileged."""
    if sys.platform != "linux":
        return False
    version: int = ctypes.CDLL(None).syscall(_LANDLOCK, None, 0, _VERSION_ONLY)
    return version > 0


def _is_root() -> bool:
    return os.geteuid() == 0
