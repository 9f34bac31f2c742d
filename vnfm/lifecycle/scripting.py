"""Everything that running scripts of packages takes, made once by the composition root."""

from __future__ import annotations

import asyncio
import shutil

from mano_runtime.storage import Database
from mano_runtime.workflow.operation_log import OperationLog
from vnfm.drivers.contract import Host
from vnfm.drivers.registry import DriverRegistry
from vnfm.lifecycle.script_performer import ScriptPerformer
from vnfm.sol003.ports import Packages


class Scripting:
    """That scripts are run, where, and how long and how much they may at most."""

    def __init__(self, host: Host, *, timeout: float = 600.0, output_bytes: int = 2**20) -> None:
        """``timeout`` is for scripts whose descriptor gives none, ``output_bytes`` is kept of the output of each."""
        self.drivers = DriverRegistry(host)
        self._host = host
        self._timeout = timeout
        self._output_bytes = output_bytes

    def performer(self, database: Database, packages: Packages) -> ScriptPerformer:
        """Return who carries out the steps."""
        log = OperationLog(database, limit=self._output_bytes)
        return ScriptPerformer(self.drivers, packages, log, timeout=self._timeout)

    async def tidy(self) -> None:
        """Remove the directories that runs of a process left that was killed; before any is begun."""
        await asyncio.to_thread(shutil.rmtree, self._host.directory, ignore_errors=True)
