"""VIM resources as steps of a plan."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from mano_runtime.workflow.graph import UNCERTAIN
from mano_runtime.workflow.performer import StepFailedError, Task
from mano_runtime.workflow.plan import Behaviour
from vim_adapters.contract import Action, Handle, Identity, Observation, State, VimAdapter
from vim_adapters.errors import (
    ConflictError,
    DependencyMissingError,
    InvalidSpecError,
    MisconfiguredError,
    OutcomeUnknownError,
    RetryLaterError,
    UnsupportedError,
    VimError,
    family,
    slug,
)
from vim_adapters.registry import UnknownVimError, VimRegistry
from vim_adapters.resources import ADJUSTABLE, AWAITED_KINDS, Kind, Power, ResourceSpec, decode_spec, spec_digest

_MUTABLE = {Kind.SERVER: frozenset({"power"}), **ADJUSTABLE}
BEHAVIOURS: Mapping[str, Behaviour] = {
    kind.value: Behaviour(awaited=kind in AWAITED_KINDS, mutable=_MUTABLE.get(kind, frozenset())) for kind in Kind
}
"""What planners need to know of each kind of VIM resource: a server's power and what is adjustable change in
place."""

GRACE_SECONDS = "grace_seconds"
"""Key of ``Resource.manner``: how long a guest may take to shut down before its server is switched off or removed.

None: as long as the performer's patience lasts. Without the key the power is cut."""

_GONE_OR_NOT = frozenset({State.ABSENT, State.FAULTED})
_SETTLED = frozenset(State) - {State.PENDING}
_ON_OR_OFF = frozenset({State.READY, State.STOPPED})
_DOWN = frozenset(State) - {State.READY}


class VimPerformer:
    """Carries out the steps on every kind of VIM resource, on the VIM that ``Resource.target`` names.

    A step's result is ``{"id", "vim", "kind", "state", **attributes}``, the attributes those of ``Observation``. The
    state of a server that is off because it shall be is ``ready``: it is as it is wanted.

    A failed step's problem has the members ``vim``, ``family`` (what can be done next), ``error`` (the kind of failure:
    ``vim_adapters.errors.slug``, or ``faulted``, ``not_ready``, ``too_slow``) and, where the VIM gave one,
    ``request_id``, and of a server that is faulted or too slow ``console``, the end of what it has written; its detail
    ends with the VIM's own words. The executor is asked to try again for everything of the
    family retry_later.

    Belongs to one event loop.
    """

    def __init__(
        self,
        registry: VimRegistry,
        owner: str,
        *,
        patience_seconds: float = 3600.0,
        in_use_pauses: Sequence[float] = (0.25, 0.5, 1.0, 2.0),
    ) -> None:
        self._registry = registry
        self._owner = owner
        self._patience = patience_seconds
        """How long a resource may take to become ready, or to go."""
        self._in_use_pauses = in_use_pauses
        """Seconds between the tries to remove what is in use."""

    async def create(self, task: Task) -> dict[str, Any]:
        """Have the resource, once; one that an earlier attempt left FAULTED is removed first and made anew.

        That removal is the only thing waited for here: two resources of one identity must never be.
        """
        with self._failures(task):
            spec, adapter = _spec(task), self._adapter(task)
            if task.in_doubt or task.resource.result is not None:
                left = await self._find(task)
                if left and left.state is State.FAULTED:
                    await self._remove(task, left.handle)
                    await self._until_gone(task, left.handle)
            try:
                seen = await adapter.ensure_present(spec, self._identity(task))
                if task.in_doubt and task.resource.kind in ADJUSTABLE:  # it may be left from other numbers
                    seen = await adapter.adjust(seen.handle, spec)
                return _result(task, seen)
            except OutcomeUnknownError:
                found = await self._find(task)
                if found is None or found.state is State.DELETING or found.digest != spec_digest(spec):
                    raise
                return _result(task, found)

    async def ready(self, task: Task) -> dict[str, Any]:
        """Return once the resource is READY; a server that is to be off, once it is off.

        A server that is up is switched off, after its grace where it has one; one that is down is started.
        StepFailedError with the VIM's words when it is FAULTED, and when it vanished or took too long.
        """
        if _was_ready_at_once(task):
            return task.resource.result or {}
        with self._failures(task):
            handle = _known_handle(task)
            if handle is None and (found := await self._find(task)):
                handle = found.handle
            if handle and _is_shared(task):  # no owner's list has it, so the watch would miss it
                seen: Observation | None = await self._adapter(task).observe(handle)
            else:
                seen = await self._until(task, handle, _SETTLED) if handle else None
            if seen and task.resource.kind == Kind.SERVER and seen.state in _ON_OR_OFF:
                seen = await self._switched(task, seen)
        if seen and seen.state is _wanted_state(task):
            return {**_result(task, seen), "state": State.READY.value}
        if seen and seen.state is State.FAULTED:
            elsewhere = seen.fault_family == "capacity"
            raise _failed(
                task,
                "The VIM could not bring the resource up",
                seen.fault or "it gives no reason",
                family="retry_elsewhere" if elsewhere else "needs_operator",
                error="faulted",
                console=await self._console(task, seen.handle),
            )
        state = seen.state if seen else State.ABSENT
        detail = f"it was waited for to become ready, and is {state}"
        raise _failed(task, "The resource did not become ready", detail, family="needs_operator", error="not_ready")

    async def update(self, task: Task) -> dict[str, Any]:
        """Adjust a resource, or begin to switch a server on or off, which ``ready`` sees through."""
        with self._failures(task):
            if task.resource.kind not in _MUTABLE:
                raise UnsupportedError(f"a {task.resource.kind} cannot be changed in place")
            handle = _known_handle(task)
            if handle is None and (found := await self._find(task)):
                handle = found.handle
            if handle is None:
                raise DependencyMissingError(f"there is no {task.resource.kind} to change")
            if task.resource.kind in ADJUSTABLE:
                return _result(task, await self._adapter(task).adjust(handle, _spec(task)))
            await self._adapter(task).operate(handle, _action(task))
            return {"id": handle.id}

    async def delete(self, task: Task) -> None:
        """Have the resource removed; an image that was found on the VIM is left alone.

        In doubt, or where the result is uncertain, everything with its identity goes: an earlier attempt or operation
        may have put another in the place of the one that the result names. What is still in use is tried again for a
        few seconds: VIMs let go late. A server that has a grace is shut down first, which is waited for.
        """
        if _is_shared(task):
            return
        with self._failures(task):
            handle = _known_handle(task)
            if handle and task.resource.kind == Kind.SERVER and GRACE_SECONDS in task.resource.manner:
                with contextlib.suppress(ConflictError, DependencyMissingError, UnsupportedError):
                    await self._adapter(task).operate(handle, Action.STOP)
                    await self._within_grace(task, handle)
            if handle:
                await self._remove(task, handle)
            if handle and not _may_be_another(task):
                return
            while (found := await self._find(task)) and found.state is not State.DELETING and found.handle != handle:
                handle = found.handle
                await self._remove(task, handle)

    async def gone(self, task: Task) -> None:
        """Return once the VIM has nothing of the resource; at once for an image that is left alone.

        What comes back FAULTED, as the VIM failed to remove it, is asked to go a few times more; StepFailedError with
        the VIM's words when that does not help.
        """
        if _is_shared(task):
            return
        with self._failures(task):
            handle = _known_handle(task)
            if handle:
                await self._until_gone(task, handle)
            if handle and not _may_be_another(task):
                return
            while (found := await self._find(task)) and found.state is State.DELETING:
                await self._until_gone(task, found.handle)

    def _identity(self, task: Task) -> Identity:
        return Identity(owner=self._owner, path=f"{task.scope}/{task.resource.path}")

    def _adapter(self, task: Task) -> VimAdapter:
        return self._registry.adapter(task.resource.target)

    async def _find(self, task: Task) -> Observation | None:
        return await self._adapter(task).find(Kind(task.resource.kind), self._identity(task))

    async def _remove(self, task: Task, handle: Handle) -> None:
        for pause in self._in_use_pauses:
            with contextlib.suppress(ConflictError):
                return await self._adapter(task).ensure_absent(handle)
            await asyncio.sleep(pause)
        return await self._adapter(task).ensure_absent(handle)

    async def _until_gone(self, task: Task, handle: Handle) -> None:
        for pause in self._in_use_pauses:
            if (await self._until(task, handle, _GONE_OR_NOT)).state is State.ABSENT:
                return
            await asyncio.sleep(pause)
            await self._remove(task, handle)
        seen = await self._until(task, handle, _GONE_OR_NOT)
        if seen.state is State.FAULTED:
            detail = seen.fault or "it gives no reason"
            raise _failed(
                task, "The VIM could not remove the resource", detail, family="needs_operator", error="faulted"
            )

    async def _until(self, task: Task, handle: Handle, states: frozenset[State]) -> Observation:
        try:
            async with asyncio.timeout(self._patience) as patience:
                watch = self._registry.watch(task.resource.target, self._owner)
                return await watch.until(handle, lambda seen: seen.state in states)
        except TimeoutError:
            if not patience.expired():
                raise
            wanted = "gone" if states == _GONE_OR_NOT else "ready"
            detail = f"{handle.id} is not {wanted} after {self._patience:g} s"
            raise _failed(
                task,
                "The VIM takes too long",
                detail,
                family=family(RetryLaterError),
                error="too_slow",
                console=await self._console(task, handle),
            ) from None

    async def _console(self, task: Task, handle: Handle) -> str:
        """What a server has written, to tell why it is not as it shall be; nothing where that cannot be had."""
        if handle.kind is Kind.SERVER:
            with contextlib.suppress(VimError):
                return await self._adapter(task).console(handle)
        return ""

    async def _switched(self, task: Task, seen: Observation) -> Observation:
        """Bring a server that is up or down to the power that it shall have."""
        wanted, handle = _wanted_state(task), seen.handle
        if seen.state is State.READY and wanted is State.STOPPED and GRACE_SECONDS in task.resource.manner:
            seen = await self._within_grace(task, handle) or seen
        if seen.state is wanted or seen.state not in _ON_OR_OFF:
            return seen
        await self._adapter(task).operate(handle, Action.HALT if wanted is State.STOPPED else Action.START)
        return await self._until(task, handle, _SETTLED - {seen.state})

    async def _within_grace(self, task: Task, handle: Handle) -> Observation | None:
        """Wait for the guest to shut down; None when it does not within its grace."""
        seconds = task.resource.manner[GRACE_SECONDS]
        try:
            async with asyncio.timeout(self._patience if seconds is None else seconds):
                watch = self._registry.watch(task.resource.target, self._owner)
                return await watch.until(handle, lambda seen: seen.state in _DOWN)
        except TimeoutError:
            return None

    @contextlib.contextmanager
    def _failures(self, task: Task) -> Iterator[None]:
        """Turn what a VIM refused into a failed step."""
        try:
            yield
        except VimError as error:
            raise _failed(
                task,
                error.title,
                f"{error.message}: {error.vim_message}" if error.vim_message else error.message,
                family=family(error),
                error=slug(error),
                again=isinstance(error, RetryLaterError),
                after=error.after,
                request_id=error.request_id,
            ) from error
        except UnknownVimError as error:
            raise _failed(
                task,
                "The VIM connection is unknown",
                str(error),
                family=family(MisconfiguredError),
                error=slug(MisconfiguredError),
            ) from error


def _failed(
    task: Task,
    title: str,
    detail: str,
    *,
    family: str,
    error: str,
    again: bool = False,
    after: float | None = None,
    request_id: str = "",
    console: str = "",
) -> StepFailedError:
    told = {"request_id": request_id, "console": console}
    members = {"vim": task.resource.target, "family": family, "error": error}
    members |= {name: text for name, text in told.items() if text}
    detail = f"{task.resource.kind} {task.resource.path} on VIM {task.resource.target}: {detail}"
    return StepFailedError(title, detail, again=again, after=after, **members)


def _known_handle(task: Task) -> Handle | None:
    """Where the resource is, if its result says so."""
    result = task.resource.result
    return Handle(kind=Kind(task.resource.kind), id=str(result["id"])) if result and "id" in result else None


def _may_be_another(task: Task) -> bool:
    """Whether the VIM may have something under the task's identity that is not what its result names."""
    return task.in_doubt or (task.resource.result or {}).get("state") == UNCERTAIN


def _spec(task: Task) -> ResourceSpec:
    try:
        return decode_spec(Kind(task.resource.kind), task.resource.spec)
    except msgspec.ValidationError as error:
        raise InvalidSpecError(str(error)) from error


def _result(task: Task, seen: Observation) -> dict[str, Any]:
    return {
        **seen.attributes,
        "id": seen.handle.id,
        "vim": task.resource.target,
        "kind": task.resource.kind,
        "state": seen.state.value,
    }


def _wanted_state(task: Task) -> State:
    return State.STOPPED if task.resource.spec.get("power") == Power.OFF else State.READY


def _action(task: Task) -> Action:
    if _wanted_state(task) is State.READY:
        return Action.START
    return Action.STOP if GRACE_SECONDS in task.resource.manner else Action.HALT


def _was_ready_at_once(task: Task) -> bool:
    """Whether this attempt was told that it is ready. A server is looked at all the same: it may go down again."""
    told = task.resource.result and task.resource.result.get("state") == State.READY
    return bool(told) and not task.in_doubt and task.resource.kind != Kind.SERVER


def _is_shared(task: Task) -> bool:
    return bool(task.resource.result and task.resource.result.get("shared"))
