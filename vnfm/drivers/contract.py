"""The driver contract: how a script of a VNF package is run, or somebody else asked to do something.

* A run has a *key*: the same for every attempt at the same step of the same operation. A run may be begun again after a
  crash, a time-out or a failure, so what it does has to be idempotent by its key.
* ``begin`` is quick: it refuses what cannot be done and starts what goes on elsewhere; what it returns is kept, and is
  handed to ``finish``, in whichever process that is. ``finish`` returns once all is done.
* Both may be cancelled at any moment and then leave nothing running that they started on this machine. Whether the
  operation is being cancelled, or only the orchestrator stops and will come back, ``Run.cancelled`` tells.
* Failure is :class:`RunFailedError`; anything else is a defect of the driver. Secrets are in no message and no output.
* Drivers keep no state and never block the event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

Facts = dict[str, Any]
"""JSON."""


class Script(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be run, as far as the descriptor tells."""

    hook: str
    """When it is run: instantiate_start, scale_end ..."""
    file: str = ""
    """Path in the package; empty where no file is run."""
    type: str = ""
    """Type of the artifact."""
    parameters: Facts = {}
    """Inputs of the operation, evaluated."""
    options: Facts = {}
    """What is meant for the driver: the inputs whose names begin with ``mano_``, without that."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run, at one attempt."""

    key: str
    """What identifies it: derived, never random, the same at every attempt."""
    script: Script
    facts: Facts
    """What is known of the VNF, the operation and the request; see docs/guides/scripts.md."""
    timeout: float
    """Seconds that ``finish`` may take."""
    files: Callable[[Path], Awaitable[None]]
    """Puts the files of the package into a directory."""
    cancelled: Callable[[], bool]
    """Whether the operation is being cancelled."""
    again: bool = False
    """An earlier attempt may have run, wholly or in part."""


class Output(Protocol):
    """Where a run says what it does; safe to use from several tasks."""

    async def write(self, stream: str, text: str) -> None:
        """Take some output of stream ``stdout`` or ``stderr``, or a remark of the driver's (``run``)."""


class RunFailedError(Exception):
    """The run did not do what it was to do.

    ``again`` asks for another attempt by itself, with back-off, ``after`` so many seconds at the least: for a peer that
    is busy or cannot be reached. ``members`` go into the operation's problem, such as ``exitCode``.
    """

    def __init__(
        self, title: str, detail: str, *, again: bool = False, after: float | None = None, **members: Any
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.title = title
        self.detail = detail
        self.again = again
        self.after = after
        self.members = members


class Driver(Protocol):
    """One way to run things."""

    def obstacle(self, script: Script) -> str | None:
        """Say why this script can never be run here, or None: something is not installed, an option is wrong.

        Called in a thread of its own while an operation is planned, before anything has changed; it looks at this
        machine, and at no other.
        """

    async def begin(self, run: Run, output: Output) -> Facts:
        """Start what goes on elsewhere, if anything; return what ``finish`` needs to know, as JSON."""

    async def finish(self, run: Run, begun: Facts, output: Output) -> Facts:
        """Return once the run has done what it was to do, with what it answered (JSON, may be empty)."""


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """What drivers share of the machine that they run on; made once, by the composition root."""

    directory: Path
    """Where the directories of runs are made; others may pass through it, not look into it."""
    confinement: str = "confined"
    """confined or trusted (``vnfm.drivers.confinement``)."""
    user: str = "nobody"
    """Whose processes scripts are, when the orchestrator runs as root."""
    search_path: str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    """Where programs are looked for."""
    memory_bytes: int = 4 * 2**30
    """Address space of one process."""
    file_bytes: int = 2**30
    """Size of one file that a process writes."""
    processes: int = 1024
    """Processes of the user at the same time."""
    grace: float = 2.0
    """Seconds that a process that shall end gets to tidy up before it is killed."""
    keys: Path | None = None
    """Where the operator keeps private keys that scripts may be run with, by name."""
    coordination: str = ""
    """Where element managers are asked (SOL002 LCM coordination), unless a VNF says otherwise; empty: nowhere."""
    url: str = ""
    """Root of the orchestrator's own interfaces, for links to them."""
