"""Creations that are asked for at about the same time, made by one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from mano_runtime.background import in_background

_Wanted = TypeVar("_Wanted")
_Made = TypeVar("_Made")


class Bulk(Generic[_Wanted, _Made]):
    """Gathers what is wanted and has it made together.

    Whoever comes first waits ``seconds`` for others. While ``at_once`` requests are under way, those who come are
    gathered for the next, which takes ``most`` of them. An error of the request is everyone's whose wish it carried.
    Belongs to one event loop. Whoever waits may be cancelled; what was asked for by then is made all the same.
    """

    def __init__(
        self,
        make: Callable[[Sequence[_Wanted]], Awaitable[Sequence[_Made]]],
        *,
        seconds: float = 0.02,
        most: int = 8,
        at_once: int = 4,
    ) -> None:
        """Have things made by ``make``, which returns what was made in the order of what is wanted."""
        self._make = make
        self._seconds = seconds
        self._most = most
        self._free = at_once
        self._waiting: list[tuple[_Wanted, asyncio.Future[_Made]]] = []
        self._rounds: set[asyncio.Task[None]] = set()

    async def made(self, wanted: _Wanted) -> _Made:
        """Return what was made of a wish."""
        answer: asyncio.Future[_Made] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, answer))
        if self._free:
            self._free -= 1
            task = in_background(self._serve(), name="openstack-bulk")
            self._rounds.add(task)
            task.add_done_callback(self._rounds.discard)
        return await answer

    async def _serve(self) -> None:
        """Make what waits, round by round, until nothing does."""
        try:
            await asyncio.sleep(self._seconds)
            while self._waiting:
                taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                if patient := [one for one in taken if not one[1].done()]:
                    await self._round(patient)
        finally:
            self._free += 1

    async def _round(self, taken: list[tuple[_Wanted, asyncio.Future[_Made]]]) -> None:
        try:
            made = await self._make([wanted for wanted, _ in taken])
            answered = list(zip(taken, made, strict=True))
        except Exception as error:  # noqa: BLE001  # whoever waits must hear of a defect too, or waits for ever
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for (_, answer), one in answered:
                if not answer.done():
                    answer.set_result(one)
