from __future__ import annotations

import asyncio

from vim_adapters.contract import Handle, Identity, Observation, State
from vim_adapters.resources import Kind
from vim_adapters.watch import Watch

OWNER = "me"


class Listed:
    """A VIM whose lists are what the test says, each held back until the test lets it go."""

    def __init__(self):
        self.there = []
        self.asked = []
        self.looking = asyncio.Event()
        self.go_on = asyncio.Event()

    async def list_owned(self, owner, kind=None):
        self.asked.append(kind)
        answer = tuple(
            Observation(handle=handle, state=State.READY, identity=Identity(owner=owner, path=handle.id))
            for handle in self.there
        )
        self.looking.set()
        await self.go_on.wait()
        return answer

    async def observe(self, handle):
        return Observation(handle=handle, state=State.READY if handle in self.there else State.ABSENT)


def servers(*names):
    return [Handle(kind=Kind.SERVER, id=name) for name in names]


async def listed_for(vim, watch, group):
    """Have four more waited for, and return once they are being looked for with a list."""
    vim.looking.clear()
    waiting = come(vim, watch, group)
    await vim.looking.wait()
    return waiting


def come(vim, watch, group):
    vim.there += servers(*(f"{group}{number}" for number in range(4)))
    return [asyncio.create_task(watch.until(handle, lambda _: True)) for handle in vim.there[-4:]]


async def test_who_comes_during_a_look_waits_for_the_next():
    """A resource that was created while a list was under way is not taken for absent because the list lacks it."""
    vim = Listed()
    watch = Watch(vim, OWNER, seconds=0.001)
    vim.there = servers("a", "b", "c", "d")
    first = [asyncio.create_task(watch.until(handle, lambda _: True)) for handle in vim.there]
    await vim.looking.wait()
    vim.there = servers("a", "b", "c", "d", "e", "f", "g", "h")
    late = [asyncio.create_task(watch.until(handle, lambda _: True)) for handle in vim.there[4:]]
    await asyncio.sleep(0)
    vim.go_on.set()
    seen = await asyncio.gather(*first, *late)
    assert {observation.state for observation in seen} == {State.READY}
    await watch.aclose()


async def test_a_few_do_not_wait_for_lists_that_are_under_way():
    """However many groups are being looked for with a list each, one resource more is looked at by itself, at once."""
    vim = Listed()
    watch = Watch(vim, OWNER, seconds=0.001)
    waiting = [task for group in "abc" for task in await listed_for(vim, watch, group)]
    assert (await watch.until(vim.there[0], lambda _: True)).state is State.READY
    assert not any(one.done() for one in waiting)
    vim.go_on.set()
    assert {seen.state for seen in await asyncio.gather(*waiting)} == {State.READY}
    await watch.aclose()


async def test_lists_of_those_who_come_are_three_at_most():
    """A slow VIM is not asked for a fourth list while three are under way; then all are looked for."""
    vim = Listed()
    watch = Watch(vim, OWNER, seconds=0.001)
    waiting = [task for group in "abc" for task in await listed_for(vim, watch, group)]
    waiting += come(vim, watch, "d")
    for _ in range(10):
        await asyncio.sleep(0.001)  # as often as those who came have been gathered
    assert len(vim.asked) == 3
    vim.go_on.set()
    await asyncio.gather(*waiting)
    assert len(vim.asked) == 4
    await watch.aclose()


async def test_a_look_is_one_list_of_each_kind_that_is_waited_for():
    """Nothing is listed that nobody waits for, as far as kinds go; few are looked at one by one."""
    vim = Listed()
    vim.go_on.set()
    watch = Watch(vim, OWNER, seconds=0.001)
    vim.there = [*servers("a", "b", "c", "d"), Handle(kind=Kind.VOLUME, id="v")]
    await asyncio.gather(*(watch.until(handle, lambda _: True) for handle in vim.there[:4]))
    await asyncio.gather(*(watch.until(handle, lambda _: True) for handle in vim.there))
    await watch.until(vim.there[0], lambda _: True)
    assert vim.asked == [Kind.SERVER, Kind.SERVER, Kind.VOLUME]
    await watch.aclose()


async def test_a_closed_watch_lets_go_of_everyone():
    """Whoever still waits is cancelled, and no poller stays behind."""
    watch = Watch(Listed(), OWNER, seconds=0.001)
    waiting = asyncio.create_task(watch.until(servers("a")[0], lambda _: False))
    await asyncio.sleep(0)
    await watch.aclose()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
