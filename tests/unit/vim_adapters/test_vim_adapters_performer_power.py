"""Servers switched on and off by the performer."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from mano_runtime.workflow.graph import Resource
from mano_runtime.workflow.performer import StepFailedError, Task
from vim_adapters.contract import Action, Handle, State
from vim_adapters.performer import VimPerformer
from vim_adapters.registry import VimConnection, VimRegistry
from vim_adapters.resources import Kind
from vim_adapters.simulated.images import CATALOGUE
from vim_adapters.simulated.settings import set_setting
from vim_adapters.simulated.store import Store

OWNER = "mano-test"
SLOW = 1000.0
"""Seconds that no test waits for."""


class World:
    """A server on a simulated VIM, seen from the performer and from outside."""

    def __init__(self, folder):
        self.store = Store(folder / "vim.sqlite")
        self.set("boot.server", 0.0)
        self.set("removal.server", 0.0)
        self.registry = VimRegistry()
        self.registry.register(
            VimConnection(
                id="vim-1",
                vim_type="SIMULATED",
                interface_info={"path": str(self.store.path)},
                extra={"poll_seconds": 0.005},
            )
        )
        self.performer = VimPerformer(self.registry, OWNER)

    def set(self, key, value):
        with self.store.transaction() as connection:
            set_setting(connection, key, value)

    def actions(self):
        with self.store.transaction() as connection:
            return connection.execute("SELECT count(*) AS n FROM calls WHERE verb = 'operate'").fetchone()["n"]

    async def task(self, power="running", result=None, **manner):
        image = Task(
            operation="op",
            scope="vnf/1",
            resource=Resource(path="image", kind="image", spec={"name": CATALOGUE[0].name}, target="vim-1"),
        )
        image_id = (await self.performer.create(image))["id"]
        spec = {"name": "s", "vcpus": 1, "memory_mib": 512, "disk_gib": 1, "image": image_id}
        if power != "running":
            spec["power"] = power
        server = Resource(path="s", kind="server", spec=spec, target="vim-1", result=result, manner=manner)
        return Task(operation="op", scope="vnf/1", resource=server)

    async def made(self):
        task = await self.task()
        return await self.ready(task, await self.performer.create(task))

    async def ready(self, task, result):
        resource = msgspec.structs.replace(task.resource, result=result)
        return await self.performer.ready(msgspec.structs.replace(task, resource=resource))

    async def switch(self, result, power, **manner):
        task = await self.task(power, result, **manner)
        return await self.ready(task, {**result, **await self.performer.update(task)})

    async def state(self, result):
        return (await self.registry.adapter("vim-1").observe(Handle(kind=Kind.SERVER, id=result["id"]))).state


@pytest.fixture
async def world(tmp_path):
    made = await asyncio.to_thread(World, tmp_path)
    yield made
    await made.registry.aclose()
    made.store.close()


async def test_a_server_is_switched_off_and_on(world):
    """It stays the same server, and is ready each time it is as it is wanted."""
    made = await world.made()
    off = await world.switch(made, "off")
    assert (off["id"], off["state"], off["power"]) == (made["id"], "ready", "off")
    assert await world.state(made) is State.STOPPED
    assert (await world.performer.create(await world.task("off")))["id"] == made["id"]
    on = await world.switch(off, "running")
    assert (on["id"], on["state"], on["power"]) == (made["id"], "ready", "running")


async def test_forceful_does_not_wait_for_the_guest(world):
    """Without a grace the power is cut, however long the guest would take."""
    world.set("shutdown.server", SLOW)
    made = await world.made()
    await world.switch(made, "off")
    assert await world.state(made) is State.STOPPED


async def test_a_guest_that_shuts_down_in_time_is_left_to_it(world):
    """Within the grace nothing but the request to stop reaches the VIM."""
    world.set("shutdown.server", 0.02)
    made = await world.made()
    await world.switch(made, "off", grace_seconds=SLOW)
    assert world.actions() == 1


async def test_a_guest_that_does_not_shut_down_is_switched_off(world):
    """When the grace is over the power is cut."""
    world.set("shutdown.server", SLOW)
    made = await world.made()
    await world.switch(made, "off", grace_seconds=0.02)
    assert await world.state(made) is State.STOPPED
    assert world.actions() == 2


@pytest.mark.parametrize("shutdown", [0.01, SLOW])
async def test_a_server_is_shut_down_before_it_is_removed(world, shutdown):
    """Where it has a grace; and removed whether or not the guest was done."""
    world.set("shutdown.server", shutdown)
    made = await world.made()
    await world.performer.delete(await world.task(result=made, grace_seconds=0.05))
    assert world.actions() == 1
    assert await world.state(made) is State.ABSENT
    await world.performer.delete(await world.task(result=made, grace_seconds=0.05))


async def test_a_server_is_made_to_be_off(world):
    """One that is made anew for a VNFC that is stopped is switched off once it is up."""
    task = await world.task("off")
    ready = await world.ready(task, await world.performer.create(task))
    assert ready["power"] == "off"


async def test_a_server_that_went_down_is_started(world):
    """What shall run and does not is started, not made anew."""
    made = await world.made()
    await world.registry.adapter("vim-1").operate(Handle(kind=Kind.SERVER, id=made["id"]), Action.HALT)
    assert (await world.ready(await world.task(), made))["id"] == made["id"]
    assert await world.state(made) is State.READY


async def test_what_is_not_there_cannot_be_switched(world):
    """The step fails and says so; a server whose identifier is not known is found by its identity."""
    with pytest.raises(StepFailedError, match="no server"):
        await world.performer.update(await world.task("off"))
    made = await world.made()
    assert (await world.performer.update(await world.task("off")))["id"] == made["id"]
