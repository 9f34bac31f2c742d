"""Waiting for resources of one VIM: one poller serves everyone who waits there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from vim_adapters.contract import Handle, Observation, State, VimAdapter
from vim_adapters.errors import RetryLaterError
from vim_adapters.resources import Kind

Wanted = Callable[[Observation], bool]
"""Whether an observation is one that was waited for."""


class Watch:
    """Looks at the resources that are waited for on one VIM, for all who wait at once.

    A look is one ``list_owned`` however many wait, or an ``observe`` each while only a few do. Looking takes no more
    than half of the time, so that a slow VIM is not kept busy by it; only who comes during a look does not wait for
    that. A VIM that cannot be reached, or asks for a pause, is given ``tolerance`` looks in a row; then all who wait
    get its error, as they do at once for any other error.

    Belongs to one event loop. Whoever waits may be cancelled; the poller ends when nobody waits.
    """

    _FEW = 3

    def __init__(self, adapter: VimAdapter, owner: str, *, seconds: float, tolerance: int = 5) -> None:
        self._adapter = adapter
        self._owner = owner
        self._seconds = seconds
        self._tolerance = tolerance
        self._waiting: dict[asyncio.Future[Observation], tuple[Handle, Wanted]] = {}
        self._poller: asyncio.Task[None] | None = None

    async def until(self, handle: Handle, wanted: Wanted) -> Observation:
        """Return the first observation of the resource that is wanted; VimError when the VIM cannot be asked."""
        answer: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        self._waiting[answer] = (handle, wanted)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="vim-watch")
        try:
            return await answer
        finally:
            self._waiting.pop(answer, None)

    async def aclose(self) -> None:
        """Stop looking; those who wait are cancelled."""
        for answer in list(self._waiting):
            answer.cancel()
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.wait([self._poller])

    async def _poll(self) -> None:
        failures = 0
        while self._waiting:
            # Those who come while a look is under way may wait for what the look missed: they are for the next.
            waiting = dict(self._waiting)
            started = time.monotonic()
            pause = 0.0
            try:
                seen = await self._look({handle for handle, _ in waiting.values()})
            except RetryLaterError as error:
                failures += 1
                pause = error.after or 0.0
                if failures >= self._tolerance:
                    _fail(waiting, error)
            except Exception as error:  # noqa: BLE001  # whoever waits must hear of a defect too, or waits for ever
                _fail(waiting, error)
            else:
                failures = 0
                for answer, (handle, wanted) in waiting.items():
                    if not answer.done() and wanted(seen[handle]):
                        answer.set_result(seen[handle])
            spent = time.monotonic() - started
            newcomers = not waiting.keys() >= self._waiting.keys()
            await asyncio.sleep(max(self._seconds - spent if newcomers else max(self._seconds, spent), pause))

    async def _look(self, handles: set[Handle]) -> dict[Handle, Observation]:
        if len(handles) > self._FEW:
            kinds: set[Kind] = {handle.kind for handle in handles}
            listed = await self._adapter.list_owned(self._owner, kinds.pop() if len(kinds) == 1 else None)
            seen = {observation.handle: observation for observation in listed}
            return {handle: seen.get(handle, Observation(handle=handle, state=State.ABSENT)) for handle in handles}
        observed = await asyncio.gather(*(self._adapter.observe(handle) for handle in handles))
        return {observation.handle: observation for observation in observed}


def _fail(waiting: dict[asyncio.Future[Observation], tuple[Handle, Wanted]], error: Exception) -> None:
    for answer in waiting:
        if not answer.done():
            answer.set_exception(error)
