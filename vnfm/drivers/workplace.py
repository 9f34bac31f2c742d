"""A run's own directory: the package's files, the facts, and room to work; gone when the run is over."""

from __future__ import annotations

import asyncio
import hashlib
import os
import pwd
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from vnfm.drivers.contract import Host, Run
from vnfm.drivers.tidying import tidied

PACKAGE = "package"
FACTS = "facts.json"
_PASSABLE = 0o711
_PRIVATE = 0o700


@asynccontextmanager
async def workplace(host: Host, run: Run) -> AsyncIterator[Path]:
    """Make the directory of a run and remove it afterwards; what an earlier attempt left there goes first.

    It belongs to the user whose process works there. Below it ``package`` has the files of the package and
    ``facts.json`` what is known, with the script's parameters.
    """
    directory = place_of(host, run.key)
    await asyncio.to_thread(_made, host, directory)
    try:
        await run.files(directory / PACKAGE)
        await asyncio.to_thread(_handed_over, host, directory, facts_of(run))
        yield directory
    finally:
        await tidied(asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True))


def place_of(host: Host, key: str) -> Path:
    """Return where the directory of the run with this key is."""
    return host.directory / hashlib.sha256(key.encode()).hexdigest()[:24]


def facts_of(run: Run) -> bytes:
    """Return what a run is told, as JSON."""
    told = {
        **run.facts,
        "key": run.key,
        "hook": run.script.hook,
        "again": run.again,
        "parameters": run.script.parameters,
    }
    return msgspec.json.format(msgspec.json.encode(told))


def _made(host: Host, directory: Path) -> None:
    host.directory.mkdir(mode=_PASSABLE, parents=True, exist_ok=True)
    host.directory.chmod(_PASSABLE)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=_PRIVATE)
    (directory / PACKAGE).mkdir(mode=_PRIVATE)


def _handed_over(host: Host, directory: Path, facts: bytes) -> None:
    (directory / FACTS).write_bytes(facts)
    owned(host, directory)


def owned(host: Host, directory: Path) -> None:
    """Give a directory, with what is in it, to the user whose process works there; again, when there is more."""
    if host.confinement == "trusted" or os.geteuid() != 0 or not host.user:
        return
    user = pwd.getpwnam(host.user)
    os.chown(directory, user.pw_uid, user.pw_gid)
    for above, directories, files in os.walk(directory):
        for name in (*directories, *files):
            os.chown(Path(above) / name, user.pw_uid, user.pw_gid, follow_symlinks=False)
