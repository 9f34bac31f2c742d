from __future__ import annotations

import asyncio

import pytest

from vim_adapters.contract import Handle, Observation, State
from vim_adapters.errors import UnreachableError
from vim_adapters.openstack.affinity import Affinity
from vim_adapters.resources import Kind


class Nova:
    """Gives servers their host when the test says so."""

    def __init__(self, *, shared=True):
        self.shared = shared
        self.asked = []
        self.servers = {}
        self.looked = asyncio.Event()

    async def lacks_host(self, _group):
        return self.shared and not any(server.attributes for server in self.servers.values())

    async def observe(self, handle):
        self.looked.set()
        return self.servers[handle.id]

    def make(self, name):
        async def made():
            self.asked.append(name)
            return self.come_to(name, State.PENDING)

        return made

    def come_to(self, name, state, **attributes):
        handle = Handle(kind=Kind.SERVER, id=name)
        self.servers[name] = Observation(handle=handle, state=state, attributes=attributes)
        return self.servers[name]


def begun(nova, affinity, *names, group="together"):
    return [asyncio.create_task(affinity.made(group, nova.make(name))) for name in names]


@pytest.fixture
def nova():
    return Nova()


@pytest.fixture
def affinity(nova):
    return Affinity(nova.lacks_host, nova.observe, pause=0.001)


@pytest.mark.parametrize(("state", "attributes"), [(State.PENDING, {"host": "a"}), (State.FAULTED, {})])
async def test_one_goes_ahead(nova, affinity, state, attributes):
    """The others of a group are asked for when the first has its host, or will never have one."""
    waiting = begun(nova, affinity, "s1", "s2", "s3")
    await nova.looked.wait()
    assert nova.asked == ["s1"]
    nova.come_to("s1", state, **attributes)
    made = await asyncio.gather(*waiting)
    assert [seen.handle.id for seen in made] == ["s1", "s2", "s3"]
    assert nova.asked == ["s1", "s2", "s3"]


async def test_others_wait_for_nobody(nova, affinity):
    """A group that has a host, one that needs none, and another group do not wait for a server that is ahead."""
    ahead = begun(nova, affinity, "s1")
    await nova.looked.wait()
    nova.shared = False
    await asyncio.gather(*begun(nova, affinity, "s2", "s3", group="apart"))
    assert nova.asked == ["s1", "s2", "s3"]
    nova.come_to("s1", State.READY, host="a")
    await asyncio.gather(*ahead)
    nova.shared = True
    await asyncio.gather(*begun(nova, affinity, "s4", "s5"))


async def test_one_that_is_called_off_holds_nobody_up(nova, affinity):
    """When the server that is ahead is given up, or refused, the next ones are asked for."""
    first, second = begun(nova, affinity, "s1", "s2")
    await nova.looked.wait()
    first.cancel()
    await second
    assert nova.asked == ["s1", "s2"]

    async def refused():
        raise ValueError("no flavour")

    nova.servers.clear()
    with pytest.raises(ValueError, match="no flavour"):
        await affinity.made("together", refused)
    nova.come_to("s3", State.READY, host="a")
    await affinity.made("together", nova.make("s4"))


async def test_a_look_that_fails_is_no_failure_of_the_server(nova):
    """What was made is told, and the others are asked for, although nobody could look at it."""

    async def unreachable(_handle):
        raise UnreachableError("no route")

    made = await asyncio.gather(*begun(nova, Affinity(nova.lacks_host, unreachable), "s1", "s2"))
    assert [seen.handle.id for seen in made] == ["s1", "s2"]


async def test_a_host_is_not_waited_for_for_ever(nova):
    """A server that gets none holds the others up for a time."""
    affinity = Affinity(nova.lacks_host, nova.observe, seconds=0.01, pause=0.001)
    await asyncio.gather(*begun(nova, affinity, "s1", "s2"))
    assert nova.asked == ["s1", "s2"]
