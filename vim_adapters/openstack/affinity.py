"""Servers that have to share a host: one of them is given it before the others are asked for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from vim_adapters.contract import Handle, Observation, State
from vim_adapters.errors import VimError


class Affinity:
    """Lets one server of a group go ahead while the group has no host.

    Servers of an affinity group that are asked for at the same moment Nova begins on hosts of their own, finds that
    out when it builds them, and moves each elsewhere until it has run out of hosts. Those who come while one is ahead
    wait until it has its host, has failed, or ``seconds`` have passed. Belongs to one event loop.
    """

    def __init__(
        self,
        lacks_host: Callable[[str], Awaitable[bool]],
        observe: Callable[[Handle], Awaitable[Observation]],
        *,
        seconds: float = 20.0,
        pause: float = 0.3,
    ) -> None:
        """``lacks_host`` tells whether the servers of a group have to share a host, and none of them has one yet."""
        self._lacks_host = lacks_host
        self._observe = observe
        self._seconds = seconds
        self._pause = pause
        self._ahead: dict[str, asyncio.Future[None]] = {}

    async def made(self, group: str, make: Callable[[], Awaitable[Observation]]) -> Observation:
        """Return what ``make`` makes of a server of the group, once it is its turn."""
        if ahead := self._ahead.get(group):
            await asyncio.wait((ahead,))
            return await make()
        self._ahead[group] = ahead = asyncio.get_running_loop().create_future()
        try:
            if await self._lacks_host(group):
                seen = await make()
                await self._given_host(seen.handle)
                return seen
        finally:
            del self._ahead[group]
            ahead.set_result(None)
        return await make()

    async def _given_host(self, server: Handle) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._seconds
        with contextlib.suppress(VimError):  # whoever waits for the server will be told
            while (seen := await self._observe(server)).state is State.PENDING and not seen.attributes.get("host"):
                if loop.time() > deadline:
                    return
                await asyncio.sleep(self._pause)
