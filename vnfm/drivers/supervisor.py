"""Runs one program for somebody, and nothing of it outlives that somebody. Started as a program of its own.

The first line of its standard input is the order, as JSON; then its standard input is the cord to whoever gave it. When
the cord is cut, by intent or because the other end died, the program and everything that it started is asked to
end, and killed when it does not. Nor does anything outlive the program: what it left in the background is killed.

Needs the standard library only, so that it starts in milliseconds with no package of ours in reach. Ends with the
program's exit code, or 128 and the number of the signal that ended it.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from pathlib import Path
from typing import Any

_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVS = 38
_SET_SECCOMP, _FILTER = 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""System calls of Landlock: the same numbers on every architecture."""
_ALL_RIGHTS = (13, 14, 15, 15, 16, 16, 16)
"""How many rights on files each version of Landlock knows, from 1 on."""
_SCOPES_SINCE = 6
_READ, _WRITE = 0b1101, (1 << 16) - 1
"""Execute, read files, list directories; and all that there is."""
_FILE_RIGHTS = 0b1100000000000111
"""Those that can be granted on something that is no directory: the others are about what is in one."""
SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198), "riscv64": (0xC00000F3, 198)}
"""By processor: how the kernel calls its system calls, and the number of the one that makes a socket."""
_FIRST_X32, _IO_URING, _AF_UNIX = 0x40000000, 425, 1
_LOAD, _EQUAL, _AT_LEAST, _ANSWER = 0x20, 0x15, 0x35, 0x06
"""Instructions of seccomp's filters: load a word, compare it, answer."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
CANNOT_RUN = 126


def main() -> int:
    """Run the order on standard input."""
    order = json.loads(_first_line())
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        _become(order, libc)
    code = _watched(child, order["grace"])
    _kill_all(child, signal.SIGKILL)
    return code


def _first_line() -> bytes:
    """Read no further than the line: what is behind it is never read, only its end is waited for."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 65536)
        if not part:
            raise SystemExit(CANNOT_RUN)
        line += part
    return line


def _watched(child: int, grace: float) -> int:
    """Wait for the child's end, and hasten it when the cord is cut."""
    pidfd = os.pidfd_open(child)
    readable, _, _ = select.select([0, pidfd], [], [])
    if pidfd not in readable:
        _kill_all(child, signal.SIGTERM)
        select.select([pidfd], [], [], grace)
        _kill_all(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _kill_all(child: int, number: int) -> None:
    """Signal the child's group, and whatever else descends from us; until nothing is left when the signal kills."""
    while True:
        try:
            os.killpg(child, number)
        except ProcessLookupError:
            pass
        except PermissionError:  # only a group with nobody of ours in it
            pass
        left = _descendants()
        for pid in left:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        if number != signal.SIGKILL:
            return
        if not _reaped(child) and not left:
            return
        time.sleep(0.005)


def _reaped(child: int) -> bool:
    """Bury what became ours when its parent died; tell whether anything lives. The child is left for its waiter."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    if found is not None and found.si_pid != child:
        os.waitpid(found.si_pid, 0)
        return True
    return False


def _descendants() -> list[int]:
    """Return the processes that descend from this one and are not dead, from the table of all processes."""
    parents: dict[int, int] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                state, parent = (process / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            except OSError:  # it has ended meanwhile
                continue
            if state != b"Z":
                parents[int(process.name)] = int(parent)
    own, found = os.getpid(), []
    for pid, parent_of_it in parents.items():
        above = parent_of_it
        while above in parents and above != own:
            above = parents[above]
        if above == own:
            found.append(pid)
    return found


def _become(order: dict[str, Any], libc: Any) -> None:
    """Turn into the program; never returns."""
    try:
        os.setsid()
        source = os.open(order["stdin"], os.O_RDONLY) if order["stdin"] else os.open(os.devnull, os.O_RDONLY)
        os.dup2(source, 0)
        os.closerange(3, 4096)
        os.umask(0o077)
        for name, amount in order["limits"].items():
            number = getattr(resource, name)
            _, hard = resource.getrlimit(number)
            most = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
            resource.setrlimit(number, (most, most))
        rules = _ruleset(order["landlock"], libc) if order["landlock"] else None
        os.chdir(order["directory"])
        if order["uid"] is not None:
            os.setgroups([])
            os.setgid(order["gid"])
            os.setuid(order["uid"])
        _called(libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        if rules is not None:
            _called(libc.syscall(_RESTRICT_SELF, rules, 0))
            os.close(rules)
        if not order["local_sockets"]:
            _without_local_sockets(libc)
        os.execve(order["command"][0], order["command"], order["environment"])  # noqa: S606  # to run it is the point
    except BaseException as error:  # noqa: BLE001  # this process must not go on as another supervisor
        os.write(2, f"cannot run {order['command'][0]}: {error}\n".encode())
    os._exit(CANNOT_RUN)


def _ruleset(paths: dict[str, list[str]], libc: Any) -> int:
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    known = (1 << _ALL_RIGHTS[min(version, len(_ALL_RIGHTS)) - 1]) - 1
    scopes = 0b11 if version >= _SCOPES_SINCE else 0  # no signals and no abstract sockets to others
    attributes = struct.pack("QQQ", known, 0, scopes)
    size = len(attributes) if scopes else 8
    rules: int = _called(libc.syscall(_CREATE_RULESET, attributes, size, 0))
    for rights, named in ((_READ, paths["read"]), (_WRITE, paths["write"])):
        for path in named:
            _allow(libc, rules, path, rights & known)
    return rules


def _allow(libc: Any, rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not Path(path).is_dir():
        rights &= _FILE_RIGHTS
    _called(libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", rights, place), 0))
    os.close(place)


def _without_local_sockets(libc: Any) -> None:
    """Refuse every socket of the file system, which Landlock lets through: who listens there may know us by our user.

    System calls of another kind than the processor's own, and those that come by way of a ring, have no way in either.
    """
    kind, socket_call = SOCKET_CALLS[os.uname().machine]
    steps = [
        (_LOAD, 0, 0, 4),  # the kind of system call
        (_EQUAL, 0, 7, kind),
        (_LOAD, 0, 0, 0),  # its number
        (_AT_LEAST, 5, 0, _FIRST_X32),
        (_EQUAL, 5, 0, _IO_URING),
        (_EQUAL, 0, 2, socket_call),
        (_LOAD, 0, 0, 16),  # its first argument
        (_EQUAL, 1, 0, _AF_UNIX),
        (_ANSWER, 0, 0, _ALLOW),
        (_ANSWER, 0, 0, _REFUSE | errno.EACCES),
        (_ANSWER, 0, 0, _REFUSE | errno.ENOSYS),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    told = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(program)))
    _called(libc.prctl(_SET_SECCOMP, _FILTER, told, 0, 0))


def _called(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({errno.errorcode.get(number, number)})")
    return answer


if __name__ == "__main__":
    sys.exit(main())
