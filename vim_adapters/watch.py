"""Waiting for resources of one VIM: one poller serves everyone who waits there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from mano_runtime.background import in_background
from vim_adapters.contract import Handle, Observation, State, VimAdapter
from vim_adapters.errors import RetryLaterError

Wanted = Callable[[Observation], bool]
"""Whether an observation is one that was waited for."""
Waiting = dict[asyncio.Future[Observation], tuple[Handle, Wanted]]
"""What each is waiting for."""


class Watch:
    """Looks at the resources that are waited for on one VIM, for all who wait at once.

    A look is one ``list_owned`` of each kind that is waited for, however many wait, or an ``observe`` each while only a
    few do. Those who come are gathered until nobody else comes, no longer than ``seconds``, and looked for once without
    waiting for a look that is under way, which may miss what they wait for. From then on all are looked for together,
    every ``seconds``, and that takes no more than half of the time, so that a slow VIM is not kept busy by it. A VIM
    that cannot be reached, or asks for a pause, is given ``tolerance`` looks in a row; then all who wait get its error,
    as they do at once for any other error.

    Belongs to one event loop. Whoever waits may be cancelled; nobody looks when nobody waits.
    """

    _FEW = 3
    _FIRST_LISTS = 3
    """At once. A fourth group of many waits for one of them to end."""
    _QUIET = 0.1
    """Part of ``seconds`` in which nobody comes, so that those who came are looked for."""

    def __init__(self, adapter: VimAdapter, owner: str, *, seconds: float, tolerance: int = 5) -> None:
        self._adapter = adapter
        self._owner = owner
        self._seconds = seconds
        self._tolerance = tolerance
        self._failures = 0
        self._waiting: Waiting = {}
        self._came: list[asyncio.Future[Observation]] = []
        """Those who are to be looked for the first time."""
        self._last_came = 0.0
        """When the last of them did."""
        self._fresh: set[asyncio.Future[Observation]] = set()
        """The same, and those whose first look is under way."""
        self._gathering: asyncio.Task[None] | None = None
        self._first_looks: dict[asyncio.Task[None], int] = {}
        """Under way, each for so many."""
        self._poller: asyncio.Task[None] | None = None

    async def until(self, handle: Handle, wanted: Wanted) -> Observation:
        """Return the first observation of the resource that is wanted; VimError when the VIM cannot be asked."""
        answer: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            self._failures = 0
        self._waiting[answer] = (handle, wanted)
        self._came.append(answer)
        self._last_came = time.monotonic()
        self._fresh.add(answer)
        if self._gathering is None:
            self._gathering = in_background(self._gather(), name="vim-watch")
        try:
            return await answer
        finally:
            self._waiting.pop(answer, None)
            self._fresh.discard(answer)

    async def aclose(self) -> None:
        """Stop looking; those who wait are cancelled."""
        for answer in list(self._waiting):
            answer.cancel()
        tasks = {task for task in (self._gathering, self._poller, *self._first_looks) if task is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _gather(self) -> None:
        """Have those looked for who come one soon after the other."""
        try:
            left = quiet = self._QUIET * self._seconds
            latest = time.monotonic() + self._seconds
            while left > 0:
                await asyncio.sleep(left)
                left = min(self._last_came + quiet, latest) - time.monotonic()
            while len(self._came) > self._FEW and len(lists := self._first_lists()) >= self._FIRST_LISTS:
                await asyncio.wait(lists, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._gathering = None
        came, self._came = self._came, []
        task = in_background(self._look_first(came), name="vim-watch-first")
        self._first_looks[task] = len(came)
        task.add_done_callback(self._first_looks.pop)

    def _first_lists(self) -> list[asyncio.Task[None]]:
        return [task for task, number in self._first_looks.items() if number > self._FEW]

    async def _look_first(self, came: list[asyncio.Future[Observation]]) -> None:
        pause = await self._round({answer: self._waiting[answer] for answer in came if answer in self._waiting})
        self._fresh.difference_update(came)
        if self._poller is None or self._poller.done():
            self._poller = in_background(self._poll(pause), name="vim-watch-poll")

    async def _poll(self, pause: float) -> None:
        while self._patient():
            await asyncio.sleep(pause)
            pause = await self._round(self._patient())

    def _patient(self) -> Waiting:
        """Those who were looked for in vain. Whoever was answered may not have had the time to go."""
        return {
            answer: what for answer, what in self._waiting.items() if answer not in self._fresh and not answer.done()
        }

    async def _round(self, waiting: Waiting) -> float:
        """Look once for all of them; return the seconds until they may be looked for again."""
        started, wish = time.monotonic(), 0.0
        try:
            seen = await self._look({handle for handle, _ in waiting.values()})
        except RetryLaterError as error:
            self._failures += 1
            wish = error.after or 0.0
            if self._failures >= self._tolerance:
                _fail(waiting, error)
        except Exception as error:  # noqa: BLE001  # whoever waits must hear of a defect too, or waits for ever
            _fail(waiting, error)
        else:
            self._failures = 0
            for answer, (handle, wanted) in waiting.items():
                if not answer.done() and wanted(seen[handle]):
                    answer.set_result(seen[handle])
        return max(self._seconds, time.monotonic() - started, wish)

    async def _look(self, handles: set[Handle]) -> dict[Handle, Observation]:
        if len(handles) > self._FEW:
            kinds = sorted({handle.kind for handle in handles})
            lists = await asyncio.gather(*(self._adapter.list_owned(self._owner, kind) for kind in kinds))
            seen = {observation.handle: observation for listed in lists for observation in listed}
            return {handle: seen.get(handle, Observation(handle=handle, state=State.ABSENT)) for handle in handles}
        observed = await asyncio.gather(*(self._adapter.observe(handle) for handle in handles))
        return {observation.handle: observation for observation in observed}


def _fail(waiting: Waiting, error: Exception) -> None:
    for answer in waiting:
        if not answer.done():
            answer.set_exception(error)
