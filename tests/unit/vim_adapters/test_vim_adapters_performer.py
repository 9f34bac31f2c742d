from __future__ import annotations

import asyncio

import msgspec
import pytest

from mano_runtime.workflow.graph import UNCERTAIN, Resource
from mano_runtime.workflow.performer import StepFailedError, Task
from vim_adapters.contract import Identity, State
from vim_adapters.performer import BEHAVIOURS, VimPerformer
from vim_adapters.registry import VimConnection, VimRegistry
from vim_adapters.resources import Kind, NetworkSpec, encode_spec
from vim_adapters.simulated.cloud import make_twin
from vim_adapters.simulated.faults import FaultRule, add_rule, clear_rules
from vim_adapters.simulated.images import CATALOGUE
from vim_adapters.simulated.settings import set_setting
from vim_adapters.simulated.store import Store

OWNER = "mano-test"


class World:
    """One simulated VIM, seen from the performer and from outside."""

    def __init__(self, folder):
        self.store = Store(folder / "vim.sqlite")
        with self.store.transaction() as connection:
            for key in ("boot.server", "boot.volume", "boot.image", "removal.server", "removal.volume"):
                set_setting(connection, key, 0.01)
        self.registry = VimRegistry()
        self.registry.register(
            VimConnection(
                id="vim-1",
                vim_type="SIMULATED",
                interface_info={"path": str(self.store.path)},
                extra={"poll_seconds": 0.005},
            )
        )
        self.performer = VimPerformer(self.registry, OWNER, in_use_pauses=(0.001, 0.001))

    def task(self, kind, path, *, result=None, in_doubt=False, target="vim-1", **spec):
        resource = Resource(path=path, kind=kind, spec={"name": path, **spec}, target=target, result=result)
        return Task(operation="op", scope="vnf/1", resource=resource, in_doubt=in_doubt)

    def inject(self, error, **rule):
        with self.store.transaction() as connection:
            add_rule(connection, FaultRule(error=error, **rule))

    def clear(self):
        with self.store.transaction() as connection:
            clear_rules(connection)

    def calls(self, verb, outcome=None):
        with self.store.transaction() as connection:
            rows = connection.execute("SELECT outcome FROM calls WHERE verb = ?", (verb,)).fetchall()
        return len([row for row in rows if outcome in {None, row["outcome"]}])

    async def owned(self):
        return await self.registry.adapter("vim-1").list_owned(OWNER)


@pytest.fixture
async def world(tmp_path):
    made = World(tmp_path)
    yield made
    await made.registry.aclose()
    made.store.close()


async def fails(step):
    with pytest.raises(StepFailedError) as raised:
        await step
    return raised.value


def with_result(task, result, **more):
    return msgspec.structs.replace(task, resource=msgspec.structs.replace(task.resource, result=result), **more)


async def test_a_resource_lives_and_goes(world):
    """Create, ready, delete, gone: the result tells where it is, the identity is scope and path, nothing stays."""
    task = world.task("volume", "vdu/a/0/volume", size_gib=1)
    created = await world.performer.create(task)
    assert created["state"] == "pending"
    ready = await world.performer.ready(with_result(task, created))
    assert (ready["id"], ready["vim"], ready["kind"], ready["state"]) == (created["id"], "vim-1", "volume", "ready")
    assert ready["size_gib"] == 1
    (owned,) = await world.owned()
    assert owned.identity == Identity(owner=OWNER, path="vnf/1/vdu/a/0/volume")
    await world.performer.delete(with_result(task, ready))
    await world.performer.gone(with_result(task, ready))
    assert await world.owned() == ()


async def test_results_tell_the_attributes_of_the_kind(world):
    """A port's result has what later steps refer to."""
    network = await world.performer.create(world.task("network", "net"))
    await world.performer.create(world.task("subnet", "sub", network=network["id"], cidr="192.0.2.0/24"))
    port = await world.performer.create(world.task("port", "port", network=network["id"]))
    assert port["addresses"] == ["192.0.2.2"]
    assert port["mac_address"].startswith("fa:16:3e:")


async def test_a_lost_answer_is_looked_up(world):
    """A creation whose answer was lost is found by its identity in the same step, and exists once."""
    world.inject("outcome_lost", kind="volume")
    created = await world.performer.create(world.task("volume", "v", size_gib=1))
    (owned,) = await world.owned()
    assert owned.handle.id == created["id"]


async def test_a_lost_answer_that_cannot_be_looked_up_is_tried_again(world):
    """Where even the look-up fails the step asks to be tried again, and then adopts what is there."""
    world.inject("outcome_lost", kind="volume")
    world.inject("unreachable", verb="find")
    task = world.task("volume", "v", size_gib=1)
    error = await fails(world.performer.create(task))
    assert error.again
    again = await world.performer.create(msgspec.structs.replace(task, in_doubt=True))
    (owned,) = await world.owned()
    assert owned.handle.id == again["id"]
    assert world.calls("ensure_present", "created") == 1


async def test_twins_of_a_doubtful_creation_are_settled(world):
    """A VIM that made two of one identity has one after the step was carried out in doubt."""
    world.inject("twin", kind="network")
    task = world.task("network", "net")
    first = await world.performer.create(task)
    assert len(await world.owned()) == 2
    assert (await world.performer.create(msgspec.structs.replace(task, in_doubt=True)))["id"] == first["id"]
    assert len(await world.owned()) == 1


async def test_a_faulted_resource_tells_the_vims_words(world):
    """What comes up FAULTED fails the waiting step with the words of the VIM, and is not tried again by itself."""
    world.inject("boot_fault", kind="volume", message="disk array on fire")
    task = world.task("volume", "v", size_gib=1)
    error = await fails(world.performer.ready(with_result(task, await world.performer.create(task))))
    assert "disk array on fire" in error.detail
    assert "volume v on VIM vim-1" in error.detail
    assert error.members == {"vim": "vim-1", "family": "needs_operator", "error": "faulted"}
    assert not error.again


async def test_a_server_that_does_not_come_up_shows_its_console(world):
    """What a faulted server, or one that takes too long, has written is in the problem, where that can be had."""
    world.inject("boot_fault", kind="server", match="*broken", message="kernel panic")
    image = await world.performer.create(world.task("image", "image", **_image()))
    server = {"vcpus": 1, "memory_mib": 64, "image": image["id"]}
    broken = world.task("server", "broken", **server)
    failed = await fails(world.performer.ready(with_result(broken, await world.performer.create(broken))))
    assert failed.members["console"] == "Booting broken\nkernel panic"
    with world.store.transaction() as connection:
        set_setting(connection, "boot.server", 60.0)
    hasty = VimPerformer(world.registry, OWNER, patience_seconds=0.05)
    slow = world.task("server", "slow", **server)
    failed = await fails(hasty.ready(with_result(slow, await hasty.create(slow))))
    assert (failed.members["error"], failed.members["console"]) == ("too_slow", "Booting slow")
    world.inject("refused", verb="console")
    failed = await fails(hasty.ready(with_result(slow, await hasty.create(slow))))
    assert "console" not in failed.members


async def test_a_faulted_resource_is_replaced_when_created_again(world):
    """A retry removes what an earlier attempt left FAULTED, and makes it anew under the same identity."""
    world.inject("boot_fault", kind="volume")
    task = world.task("volume", "v", size_gib=1)
    first = await world.performer.create(task)
    await fails(world.performer.ready(with_result(task, first)))
    second = await world.performer.create(with_result(task, first, in_doubt=True))
    assert second["id"] != first["id"]
    assert (await world.performer.ready(with_result(task, second)))["state"] == "ready"
    assert [seen.handle.id for seen in await world.owned()] == [second["id"]]


async def test_no_room_is_worth_trying_elsewhere(world):
    """A server that no host can take fails with the scheduler's words and the family retry_elsewhere."""
    image = await world.performer.create(world.task("image", "image", **_image()))
    task = world.task("server", "s", vcpus=999, memory_mib=512, image=image["id"])
    error = await fails(world.performer.ready(with_result(task, await world.performer.create(task))))
    assert "No valid host was found" in error.detail
    assert error.members["family"] == "retry_elsewhere"


@pytest.mark.parametrize(
    ("injected", "again", "family", "name"),
    [
        ("unreachable", True, "retry_later", "unreachable"),
        ("throttled", True, "retry_later", "throttled"),
        ("capacity", False, "retry_elsewhere", "capacity"),
        ("quota", False, "retry_elsewhere", "quota"),
        ("denied", False, "needs_operator", "access_denied"),
        ("misconfigured", False, "needs_operator", "misconfigured"),
        ("refused", False, "request_refused", "invalid_spec"),
    ],
)
async def test_refusals_say_what_can_be_done_next(world, injected, again, family, name):
    """Each error of a VIM becomes a failed step with its family, its name, the VIM's words and its wish to wait."""
    world.inject(injected, kind="network", message="words of the VIM", retry_after=7.0)
    error = await fails(world.performer.create(world.task("network", "net")))
    assert (error.again, error.after) == (again, 7.0)
    assert error.members == {"vim": "vim-1", "family": family, "error": name}
    assert "words of the VIM" in error.detail


async def test_bad_specs_and_unknown_vims_are_named(world):
    """A spec of the wrong shape names the attribute; a VIM that is not registered is named; neither is tried again."""
    error = await fails(world.performer.create(world.task("volume", "v", size_gib="big")))
    assert "$.size_gib" in error.detail
    assert error.members["error"] == "invalid_spec"
    error = await fails(world.performer.create(world.task("network", "net", target="vim-9")))
    assert "vim-9" in error.detail
    assert (error.again, error.members["family"]) == (False, "needs_operator")


async def test_other_changes_in_place_are_refused(world):
    """Nothing but a server and what is adjustable can be updated, and the planner is told so."""
    error = await fails(world.performer.update(world.task("volume", "v")))
    assert error.members["error"] == "unsupported"
    assert set(BEHAVIOURS) == {kind.value for kind in Kind}
    assert {kind: set(it.mutable) for kind, it in BEHAVIOURS.items() if it.mutable} == {
        "server": {"power"},
        "qos_policy": {"max_bps", "min_bps"},
        "network": {"qos_policy"},
        "port": {"qos_policy", "carries_addresses_of"},
        "floating_address": {"port"},
    }
    awaited = {"server", "volume", "image", "file_share", "server_snapshot", "volume_snapshot"}
    assert {kind for kind, behaviour in BEHAVIOURS.items() if behaviour.awaited} == awaited


async def test_rates_are_adjusted(world):
    """Another rate is given to the policy that is there; what an attempt in doubt left with other rates gets these."""
    made = await world.performer.create(world.task("qos_policy", "rate", max_bps=1000))
    updated = await world.performer.update(world.task("qos_policy", "rate", result=made, max_bps=2000))
    assert (updated["id"], updated["max_bps"]) == (made["id"], 2000)
    again = await world.performer.create(world.task("qos_policy", "rate", in_doubt=True, max_bps=3000))
    assert (again["id"], again["max_bps"]) == (made["id"], 3000)
    (owned,) = await world.owned()
    assert owned.attributes["max_bps"] == 3000


async def test_an_image_that_was_found_is_left_alone(world):
    """A shared image is ready at once, has no removal, and is nobody's afterwards."""
    task = world.task("image", "image", **_image())
    image = await world.performer.create(task)
    assert image["shared"] is True
    assert (await world.performer.ready(with_result(task, image)))["state"] == "ready"
    await world.performer.delete(with_result(task, image))
    await world.performer.gone(with_result(task, image))
    assert world.calls("ensure_absent") == 0
    assert (await world.performer.create(task))["id"] == image["id"]


async def test_removal_without_a_result_goes_by_identity(world):
    """A resource whose creation was never heard of is found by its identity and removed; absent is success."""
    task = world.task("volume", "v", size_gib=1)
    await world.performer.delete(task)
    await world.performer.create(task)
    await world.performer.delete(task)
    await world.performer.gone(task)
    assert await world.owned() == ()


@pytest.mark.parametrize(("in_doubt", "state"), [(True, "ready"), (False, UNCERTAIN)])
async def test_a_removal_in_doubt_removes_whatever_has_the_identity(world, in_doubt, state):
    """Twins, and what replaced the resource that the result names, go too; so they do where the result is uncertain."""
    task = world.task("network", "net")
    await world.performer.create(task)
    identity = Identity(owner=OWNER, path="vnf/1/net")
    make_twin(world.store, NetworkSpec(name="net"), identity)
    removal = with_result(task, {"id": "what-went-long-ago", "state": state}, in_doubt=in_doubt)
    await world.performer.delete(removal)
    await world.performer.gone(removal)
    assert await world.owned() == ()


async def test_what_is_in_use_is_tried_a_few_times(world):
    """A removal that meets a user is tried again, and then fails with who uses it."""
    network = world.task("network", "net")
    created = await world.performer.create(network)
    port = await world.performer.create(world.task("port", "port", network=created["id"]))
    error = await fails(world.performer.delete(with_result(network, created)))
    assert port["id"] in error.detail
    assert (error.again, error.members["error"]) == (False, "conflict")
    assert world.calls("ensure_absent", "conflict") == 3


async def test_what_the_vim_failed_to_remove_is_asked_to_go_again(world, monkeypatch):
    """What is FAULTED while it is waited for to go is removed again; if that does not help, the step fails."""
    adapter = world.registry.adapter("vim-1")
    world.inject("boot_fault", kind="volume")
    task = world.task("volume", "vdu/a/0/volume", size_gib=1)
    task = with_result(task, await world.performer.create(task))
    await fails(world.performer.ready(task))
    with monkeypatch.context() as patched:
        patched.setattr(type(adapter), "ensure_absent", _nothing)
        failed = await fails(world.performer.gone(task))
    assert (failed.members["family"], failed.members["error"]) == ("needs_operator", "faulted")
    await world.performer.gone(task)
    assert await world.owned() == ()


async def _nothing(_adapter, _handle):
    """Have a removal come to nothing."""


async def test_what_vanished_or_stopped_is_not_ready(world):
    """A resource that somebody else removed fails the waiting step instead of keeping it waiting."""
    task = world.task("volume", "v", size_gib=1)
    created = await world.performer.create(task)
    await world.performer.delete(with_result(task, created))
    error = await fails(world.performer.ready(with_result(task, created)))
    assert error.members["error"] == "not_ready"
    await world.performer.gone(with_result(task, created))
    assert "absent" in (await fails(world.performer.ready(with_result(task, created)))).detail
    assert "absent" in (await fails(world.performer.ready(task))).detail


async def test_patience_ends(world):
    """A resource that never gets ready fails the step when patience ends, worth another try."""
    with world.store.transaction() as connection:
        set_setting(connection, "boot.volume", 1000)
    performer = VimPerformer(world.registry, OWNER, patience_seconds=0.02)
    task = world.task("volume", "v", size_gib=1)
    error = await fails(performer.ready(with_result(task, await performer.create(task))))
    assert error.members == {"vim": "vim-1", "family": "retry_later", "error": "too_slow"}


async def test_one_look_serves_all_who_wait(world):
    """Many who wait on a VIM cost one list together; only the last few stragglers may be looked at one by one."""
    with world.store.transaction() as connection:
        set_setting(connection, "boot.volume", 0.03)
    tasks = [world.task("volume", f"v{number}", size_gib=1) for number in range(20)]
    created = [await world.performer.create(task) for task in tasks]
    results = await asyncio.gather(
        *(world.performer.ready(with_result(task, result)) for task, result in zip(tasks, created, strict=True))
    )
    assert {result["state"] for result in results} == {"ready"}
    assert world.calls("list_owned") >= 1
    assert world.calls("list_owned") + world.calls("observe") < len(tasks)


async def test_waiting_outlasts_a_short_outage(world):
    """A VIM that cannot be reached for a moment does not fail those who wait; one that stays so does, to try again."""
    task = world.task("volume", "v", size_gib=1)
    created = await world.performer.create(task)
    world.inject("unreachable", verb="observe", remaining=2)
    assert (await world.performer.ready(with_result(task, created)))["state"] == "ready"
    world.inject("unreachable", verb="observe", remaining=None)
    error = await fails(world.performer.ready(with_result(task, created)))
    assert error.again
    world.clear()
    world.inject("denied", verb="observe")
    error = await fails(world.performer.ready(with_result(task, created)))
    assert error.members["error"] == "access_denied"


async def test_who_waits_can_be_cancelled(world):
    """One who gives up does not disturb the others, and leaves nothing running."""
    with world.store.transaction() as connection:
        set_setting(connection, "boot.volume", 1000)
    slow = world.task("volume", "slow", size_gib=1)
    waiting = asyncio.create_task(world.performer.ready(with_result(slow, await world.performer.create(slow))))
    with world.store.transaction() as connection:
        set_setting(connection, "boot.volume", 0.01)
    quick = world.task("volume", "quick", size_gib=1)
    ready = await world.performer.ready(with_result(quick, await world.performer.create(quick)))
    assert ready["state"] == State.READY
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def _image():
    spec = encode_spec(CATALOGUE[0])
    return {key: spec[key] for key in ("checksum_algorithm", "checksum")}
