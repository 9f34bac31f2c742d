"""The adapter of the simulated VIM, the reference for all others."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec

from vim_adapters.capabilities import Capabilities, Feature
from vim_adapters.connection import VimConnection
from vim_adapters.contract import AccessReport, Action, Handle, Identity, Observation, ZoneCapacity
from vim_adapters.errors import AdapterFaultError, MisconfiguredError, UnreachableError, VimError
from vim_adapters.resources import ImageSpec, Kind, ResourceSpec, kind_of
from vim_adapters.simulated.cloud import Admission, Cloud
from vim_adapters.simulated.faults import Call
from vim_adapters.simulated.store import Store
from vim_adapters.simulated.turns import Turns

_P = ParamSpec("_P")
_Answer = TypeVar("_Answer")

_EVERYTHING = Capabilities(kinds=frozenset(Kind), features=frozenset(Feature))

_THREADS = 4
"""The file lets one in at a time; the others read what is uploaded."""


class InterfaceInfo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a connection to a simulated VIM says."""

    path: str
    """The file that the VIM is; made, with two zones and an image, when it is not there."""


def connect(connection: VimConnection) -> SimulatedVim:
    """Return the adapter for a connection; the file is opened by the first call.

    Raises:
        MisconfiguredError: the interface information is not what InterfaceInfo says.
    """
    try:
        interface = msgspec.convert(connection.interface_info, InterfaceInfo)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(
            f"interfaceInfo of a simulated VIM has the one key 'path', the file that holds it: {error}"
        ) from error
    if not interface.path:
        raise MisconfiguredError("interfaceInfo.path must name the file that holds the simulated VIM")
    return SimulatedVim(Path(interface.path).expanduser())


class SimulatedVim:
    """A VIM in a file: outlives this process, and is shared by all that open the same file.

    Concurrent calls are served one after the other in a thread of its own, those that wait together in one transaction;
    a call is answered once that is durable. The event loop never waits for the file. Where calls take time, half of it
    passes on the way to the VIM and half on the way back.
    """

    def __init__(self, path: Path) -> None:
        store = Store(path)
        self._cloud = Cloud(store)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="simulated-vim")
        self._turns = Turns(store, self._threads)
        self._path = path

    @property
    def capabilities(self) -> Capabilities:
        """Everything."""
        return _EVERYTHING

    async def check_access(self) -> AccessReport:
        """Prove that the file can be used, and tell its zones."""
        return await self._call(Call(verb="check_access"), self._cloud.check_access)

    async def capacity(self) -> tuple[ZoneCapacity, ...]:
        """What is left, per zone."""
        return await self._call(Call(verb="capacity"), self._cloud.capacity)

    async def ensure_present(self, spec: ResourceSpec, identity: Identity) -> Observation:
        """Have the resource exist once and return what is true of it now."""
        call = Call(verb="ensure_present", kind=kind_of(spec), path=identity.path, name=spec.name)
        return await self._call(call, self._cloud.ensure_present, spec, identity)

    async def ensure_absent(self, handle: Handle) -> None:
        """Have the resource removed."""
        call = Call(verb="ensure_absent", kind=handle.kind, id=handle.id)
        return await self._call(call, self._cloud.ensure_absent, handle)

    async def observe(self, handle: Handle) -> Observation:
        """What is true of the resource now."""
        call = Call(verb="observe", kind=handle.kind, id=handle.id)
        return await self._call(call, self._cloud.observe, handle)

    async def find(self, kind: Kind, identity: Identity) -> Observation | None:
        """The resource with this identity, or None."""
        return await self._call(Call(verb="find", kind=kind, path=identity.path), self._cloud.find, kind, identity)

    async def list_owned(self, owner: str, kind: Kind | None = None) -> tuple[Observation, ...]:
        """Everything that carries this owner's tag, oldest first."""
        return await self._call(Call(verb="list_owned", kind=kind or ""), self._cloud.list_owned, owner, kind)

    async def operate(self, handle: Handle, action: Action) -> None:
        """Start, stop, halt or reboot a server."""
        call = Call(verb="operate", kind=handle.kind, id=handle.id)
        return await self._call(call, self._cloud.operate, handle, action)

    async def console(self, handle: Handle) -> str:
        """The end of what a server has written on its console."""
        return await self._call(Call(verb="console", kind=handle.kind, id=handle.id), self._cloud.console, handle)

    async def adjust(self, handle: Handle, spec: ResourceSpec) -> Observation:
        """Have what is adjustable of a resource be as the spec says."""
        call = Call(verb="adjust", kind=handle.kind, id=handle.id)
        return await self._call(call, self._cloud.adjust, handle, spec)

    async def aclose(self) -> None:
        """Close the file once calls that are under way have ended."""
        await self._turns.over()
        await asyncio.get_running_loop().run_in_executor(self._threads, self._cloud.close)
        self._threads.shutdown(wait=False)

    async def _call(
        self,
        call: Call,
        work: Callable[Concatenate[Admission, _P], _Answer],
        *arguments: _P.args,
        **options: _P.kwargs,
    ) -> _Answer:
        def carry_out(admission: Admission) -> _Answer:
            try:
                return work(admission, *arguments, **options)
            except VimError as error:
                self._cloud.refused(admission, error)
                raise

        def admit() -> tuple[Admission, tuple[_Answer] | None]:
            """Admit the call, and carry it out in the same go where nothing comes in between."""
            admission = self._cloud.admit(call)
            at_once = not (admission.delay_seconds or admission.fault or sends_content)
            return admission, (carry_out(admission),) if at_once else None

        sends_content = any(isinstance(it, ImageSpec) and it.content is not None for it in arguments)
        arrived = asyncio.get_running_loop().time()
        admission, done = await self._in_turn(admit)
        if done:
            return done[0]
        seconds = admission.delay_seconds
        await _until(arrived + seconds / 2)
        run = self._in_thread if sends_content else self._in_turn  # it takes as long as the content is
        try:
            if admission.fault and (refusal := admission.fault.refusal()):
                raise refusal
            answer = await run(partial(carry_out, admission))
        except VimError:
            await _until(arrived + seconds)
            raise
        await _until(arrived + seconds)
        if admission.fault and (loss := admission.fault.loss()):
            raise loss
        return answer

    async def _in_turn(self, work: Callable[[], _Answer]) -> _Answer:
        try:
            return await self._turns.take(work)
        except sqlite3.Error as error:
            raise self._translated(error) from error

    async def _in_thread(self, work: Callable[[], _Answer]) -> _Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except sqlite3.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: sqlite3.Error) -> VimError:
        """The one place where the file's errors become the contract's."""
        text: dict[str, Any] = {"vim_message": str(error)}
        if "locked" in str(error) or "busy" in str(error):
            return UnreachableError(f"{self._path} is in use by another process for too long", **text)
        if isinstance(error, sqlite3.OperationalError) and "unable to open" in str(error):
            return MisconfiguredError(f"{self._path} cannot be opened or made", **text)
        if type(error) is sqlite3.DatabaseError:
            return MisconfiguredError(f"{self._path} is not a simulated VIM", **text)
        return AdapterFaultError(f"{self._path} cannot be used", **text)


async def _until(moment: float) -> None:
    """Wait for a moment on the event loop's clock."""
    if (left := moment - asyncio.get_running_loop().time()) > 0:
        await asyncio.sleep(left)
