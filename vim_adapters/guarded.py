"""What surrounds every adapter: nothing undeclared is sent, nothing waits for ever, nothing unlawful comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import cache
from typing import Any, TypeVar

import msgspec
from prometheus_client import Counter, Histogram

from mano_runtime.metrics import VIM_CALL_SECONDS, VIM_CALLS
from vim_adapters.capabilities import Capabilities, Feature
from vim_adapters.contract import (
    AccessReport,
    Action,
    Handle,
    Identity,
    Observation,
    VimAdapter,
    ZoneCapacity,
)
from vim_adapters.errors import (
    AdapterFaultError,
    OutcomeUnknownError,
    UnreachableError,
    UnsupportedError,
    VimError,
    slug,
)
from vim_adapters.lawfulness import check_answer, check_found, check_listed, check_observed, check_type
from vim_adapters.redaction import Redaction
from vim_adapters.resources import ADJUSTABLE, Kind, ResourceSpec

_Answer = TypeVar("_Answer")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How one VIM is to be treated."""

    deadline_seconds: float = 60.0
    """How long a call may take."""
    upload_deadline_seconds: float = 3600.0
    """How long a call may take that sends an image's content."""
    calls_per_second: float | None = None
    """Mean rate that is not exceeded; None: as fast as asked."""
    burst: float = 10.0
    """Calls that may come at once after a quiet time, where a rate is set."""


class Guarded:
    """An adapter that keeps its contract even where the adapter inside does not.

    * What the VIM does not declare is an UnsupportedError before anything is sent.
    * A call that outlasts its deadline ends: OutcomeUnknownError where it may have changed something, else
      UnreachableError.
    * Calls beyond the rate wait for their turn, first come first served; the wait does not count for the deadline.
    * Secrets do not leave in error texts.
    * A change whose caller goes away is seen to its end, and whoever looks for the same thing waits for that: what it
      finds does not change behind its back.
    * An answer that the contract does not allow, or a foreign exception, is an AdapterFaultError.
    * Every call that is sent is counted and timed by kind of adapter, verb and outcome.
    """

    def __init__(
        self, adapter: VimAdapter, *, kind: str, limits: Limits | None = None, secrets: Iterable[str] = ()
    ) -> None:
        self._adapter = adapter
        self._kind = kind
        self._limits = limits = limits or Limits()
        self._redaction = Redaction(secrets)
        self._bucket = TokenBucket(limits.calls_per_second, limits.burst) if limits.calls_per_second else None
        self._left_alone: dict[asyncio.Task[Any], Identity | Kind] = {}
        """Changes that are out and whose caller is gone, with what they are about."""

    @property
    def capabilities(self) -> Capabilities:
        """What this VIM can do."""
        return self._adapter.capabilities

    async def check_access(self) -> AccessReport:
        """Prove that endpoint and credentials work, and tell what was found."""
        return await self._call("check_access", self._adapter.check_access, lambda a: check_type(a, AccessReport))

    async def capacity(self) -> tuple[ZoneCapacity, ...]:
        """What is left, per zone."""
        self._require(Feature.CAPACITY)
        return await self._call("capacity", self._adapter.capacity, lambda a: check_type(a, tuple))

    async def ensure_present(self, spec: ResourceSpec, identity: Identity) -> Observation:
        """Have the resource exist once and return what is true of it now."""
        self._require_offered(spec)
        sends_content = getattr(spec, "content", None) is not None
        return await self._call(
            "ensure_present",
            lambda: self._adapter.ensure_present(spec, identity),
            lambda answer: check_answer(answer, spec, identity),
            deadline=self._limits.upload_deadline_seconds if sends_content else None,
            changes=True,
            about=None if sends_content else identity,
        )

    async def ensure_absent(self, handle: Handle) -> None:
        """Have the resource removed; absent is success."""
        await self._call(
            "ensure_absent",
            lambda: self._adapter.ensure_absent(handle),
            lambda answer: check_type(answer, type(None)),
            changes=True,
            about=handle.kind,
        )

    async def observe(self, handle: Handle) -> Observation:
        """What is true of the resource now."""
        return await self._call("observe", lambda: self._adapter.observe(handle), lambda a: check_observed(a, handle))

    async def find(self, kind: Kind, identity: Identity) -> Observation | None:
        """The resource with this identity, or None."""
        if out := [task for task, about in self._left_alone.items() if about in {identity, kind}]:
            await asyncio.wait(out)
        return await self._call(
            "find", lambda: self._adapter.find(kind, identity), lambda answer: check_found(answer, kind, identity)
        )

    async def list_owned(self, owner: str, kind: Kind | None = None) -> tuple[Observation, ...]:
        """Everything on the VIM that carries this owner's tag, oldest first."""
        return await self._call(
            "list_owned",
            lambda: self._adapter.list_owned(owner, kind),
            lambda answer: check_listed(answer, owner, kind),
        )

    async def operate(self, handle: Handle, action: Action) -> None:
        """Start, stop, halt or reboot a server; already so is success."""
        self._require(Feature.REBOOT if action is Action.REBOOT else Feature.START_STOP)
        await self._call(
            "operate",
            lambda: self._adapter.operate(handle, action),
            lambda answer: check_type(answer, type(None)),
            changes=True,
        )

    async def console(self, handle: Handle) -> str:
        """The end of what a server has written on its console."""
        self._require(Feature.CONSOLE)
        written = await self._call("console", lambda: self._adapter.console(handle), lambda a: check_type(a, str))
        return self._redaction.text(written)

    async def adjust(self, handle: Handle, spec: ResourceSpec) -> Observation:
        """Have what is adjustable of a resource be as the spec says."""
        if handle.kind not in ADJUSTABLE:
            raise UnsupportedError(f"a {handle.kind} cannot be changed in place")
        self._require_offered(spec)
        return await self._call(
            "adjust",
            lambda: self._adapter.adjust(handle, spec),
            lambda answer: check_observed(answer, handle),
            changes=True,
        )

    async def aclose(self) -> None:
        """Let go of connections; changes that nobody waits for any more have ended then."""
        left_alone = list(self._left_alone)
        for task in left_alone:
            task.cancel()
        await asyncio.gather(*left_alone, return_exceptions=True)
        await self._adapter.aclose()

    def _require(self, feature: Feature) -> None:
        if feature not in self.capabilities.features:
            raise UnsupportedError(f"this VIM does not offer {feature.value}")

    def _require_offered(self, spec: ResourceSpec) -> None:
        if missing := self.capabilities.missing(spec):
            raise UnsupportedError(f"{spec.name!r} needs what this VIM does not offer: {', '.join(missing)}")

    async def _call(
        self,
        verb: str,
        call: Callable[[], Coroutine[Any, Any, _Answer]],
        check: Callable[[Any], None],
        *,
        deadline: float | None = None,
        changes: bool = False,
        about: Identity | Kind | None = None,
    ) -> _Answer:
        """Make a call; with ``about`` one that goes on when the caller is cancelled."""
        if self._bucket:
            await self._bucket.take()
        seconds = deadline or self._limits.deadline_seconds
        started = time.perf_counter()
        outcome = "cancelled"  # what remains when neither an answer nor an error came
        try:
            if about is None:
                answer = await self._bounded(call, seconds, verb=verb, changes=changes)
            else:
                answer = await self._to_its_end(call, seconds, verb=verb, about=about)
            check(answer)
        except VimError as error:
            outcome = slug(error)
            raise self._redaction.error(error) from None
        except Exception as error:  # whatever it is, the caller gets an error of the contract
            outcome = slug(AdapterFaultError)
            told = self._redaction.text(f"{verb} failed in the adapter: {type(error).__name__}: {error}")
            raise AdapterFaultError(told) from error
        else:
            outcome = "ok"
            return answer
        finally:
            calls, seconds_taken = _metrics(self._kind, verb, outcome)
            calls.inc()
            seconds_taken.observe(time.perf_counter() - started)

    async def _to_its_end(
        self, call: Callable[[], Coroutine[Any, Any, _Answer]], seconds: float, *, verb: str, about: Identity | Kind
    ) -> _Answer:
        """Make a call that changes something; it goes on, within its deadline, when the caller goes away."""
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(call())
        answered_or_late: asyncio.Future[None] = loop.create_future()
        task.add_done_callback(lambda _: _wake(answered_or_late))
        timer = loop.call_later(seconds, _wake, answered_or_late)
        try:
            await answered_or_late
        except asyncio.CancelledError:
            self._left_alone[task] = about
            late = loop.call_at(timer.when(), task.cancel)
            task.add_done_callback(lambda task: self._forget(task, late))
            raise
        finally:
            timer.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)  # what it makes of that tells nobody more
            raise OutcomeUnknownError(_no_answer(verb, seconds))
        return task.result()

    def _forget(self, task: asyncio.Task[Any], timer: asyncio.TimerHandle) -> None:
        timer.cancel()
        del self._left_alone[task]
        if not task.cancelled():
            task.exception()  # nobody else asks for it

    async def _bounded(
        self, call: Callable[[], Awaitable[_Answer]], seconds: float, *, verb: str, changes: bool
    ) -> _Answer:
        try:
            async with asyncio.timeout(seconds) as bound:
                return await call()
        except TimeoutError as error:
            if not bound.expired():
                raise  # the adapter's own, which it should have translated
            gone = _no_answer(verb, seconds)
            raise (OutcomeUnknownError(gone) if changes else UnreachableError(gone)) from error


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


def _no_answer(verb: str, seconds: float) -> str:
    return f"no answer to {verb} within {seconds:g} s"


@cache
def _metrics(kind: str, verb: str, outcome: str) -> tuple[Counter, Histogram]:
    return VIM_CALLS.labels(kind, verb, outcome), VIM_CALL_SECONDS.labels(kind, verb, outcome)


class TokenBucket:
    """Lets calls through at a mean rate, in the order in which they came."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = max(1.0, burst)
        self._tokens = self._burst
        self._filled_at = time.monotonic()
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Return when one more call may be made."""
        async with self._turn:  # asyncio's lock is fair: waiting in it is the queue
            self._fill()
            while self._tokens < 1:
                await asyncio.sleep((1 - self._tokens) / self._rate)
                self._fill()
            self._tokens -= 1

    def _fill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
