from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import msgspec
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from toy_peer import BEHAVIOURS, RefusalError, ToyPeer, wanted

from mano_runtime.workflow.executor import Execution
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.journal import Entry, Phase, Status
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.patience import Patience
from mano_runtime.workflow.plan import Outcome, Plan, PlanError, Verb, difference
from mano_runtime.workflow.settlement import settled, touched, way_back, way_forward_again

NAMES = [f"n{number}" for number in range(7)]
SCOPE = "s"


@st.composite
def requests(draw):
    """A request over some of the names, in which a resource needs only those named before it."""
    request = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True).map(sorted)):
        request[name] = {
            "kind": "slow" if int(name[1:]) % 2 else "thing",
            "size": draw(st.integers(1, 2)),
            "colour": draw(st.sampled_from(["red", "blue"])),
            "needs": draw(st.lists(st.sampled_from(sorted(request)), unique=True, max_size=3)) if request else [],
        }
    return request


waves = st.lists(st.frozensets(st.sampled_from(NAMES), max_size=3), max_size=4).map(
    lambda drawn: [wave.difference(*drawn[:place]) for place, wave in enumerate(drawn)]
)
"""Groups of names that have none in common."""


def planned(before: Graph, new, groups) -> Plan:
    """Return the plan with such waves; a life in which there can be none is not lived."""
    try:
        return difference(before, wanted(new), scope=SCOPE, behaviours=BEHAVIOURS, waves=groups)
    except PlanError:
        reject()


class Fuse:
    """Lets so many things happen; then the process is dead: nothing happens any more, and the walk is cancelled."""

    def __init__(self, moments: int | None = None) -> None:
        self.moments = moments
        self.walk: asyncio.Task | None = None

    async def burn(self) -> None:
        if self.moments is None:
            return
        if self.moments == 0:
            self.walk.cancel()
            await asyncio.Event().wait()
        self.moments -= 1


class MemoryJournal:
    def __init__(self, fuse: Fuse) -> None:
        self.entries: dict[tuple[Phase, str], Entry] = {}
        self.fuse = fuse
        self.writing: set[asyncio.Task[None]] = set()

    def record(self, entry: Entry) -> asyncio.Future[None]:
        task = asyncio.create_task(self._write(entry))
        self.writing.add(task)
        task.add_done_callback(self.writing.discard)
        return task

    async def die(self) -> None:
        """Write nothing more of what waits."""
        writing = list(self.writing)
        for task in writing:
            task.cancel()
        await asyncio.gather(*writing, return_exceptions=True)

    async def _write(self, entry: Entry) -> None:
        await self.fuse.burn()
        known = self.entries.get((entry.phase, entry.step))
        if known and entry.result is None:
            entry = msgspec.structs.replace(entry, result=known.result)
        self.entries[entry.phase, entry.step] = entry
        await self.fuse.burn()

    def of(self, phase: Phase) -> dict[str, Entry]:
        return {step: entry for (of, step), entry in self.entries.items() if of is phase}

    def outcomes(self, phase: Phase):
        return {step: entry.outcome for step, entry in self.of(phase).items()}

    def forget(self, paths, plan: Plan) -> None:
        """What ``journal.forget`` does in the database."""
        for step in plan.steps:
            entry = self.entries.get((Phase.FORWARD, step.id))
            if entry and step.path in paths:
                self.entries[Phase.FORWARD, step.id] = msgspec.structs.replace(
                    entry, status=Status.FAILED, result=None, error=None
                )
        self.entries = {key: entry for key, entry in self.entries.items() if key[0] is Phase.FORWARD}


class MortalPeer(ToyPeer):
    """A peer that survives the one who calls it."""

    fuse = Fuse()

    async def _call(self, verb, task, act):
        await self.fuse.burn()
        result = await super()._call(verb, task, act)
        await self.fuse.burn()
        return result


class World:
    """A peer, and the journal of one operation on it."""

    def __init__(self) -> None:
        self.peer = MortalPeer()
        self.journal = MemoryJournal(Fuse())

    async def walk(self, plan: Plan, phase: Phase = Phase.FORWARD, *, dies_after: int | None = None) -> bool:
        """Walk the plan; False when the process died on the way."""
        fuse = self.peer.fuse = self.journal.fuse = Fuse(dies_after)
        execution = Execution(
            plan,
            self.journal.of(phase),
            operation="o",
            phase=phase,
            epoch=1,
            performers=dict.fromkeys(BEHAVIOURS, self.peer),
            journal=self.journal,
            patience=Patience(tries=1),
            calls=asyncio.Semaphore(3),
        )
        fuse.walk = asyncio.create_task(execution.run())
        try:
            await fuse.walk
        except asyncio.CancelledError:
            await self.journal.die()
            return False
        return True

    async def build(self, request) -> Graph:
        """Build what is there before the operation, and return it."""
        plan = difference({}, wanted(request), scope=SCOPE, behaviours=BEHAVIOURS)
        assert await self.walk(plan)
        graph = settled(operation(plan), self.journal.outcomes(Phase.FORWARD), {})
        self.journal.entries.clear()
        return graph

    def check(self, graph: Graph, request) -> None:
        """The peer has exactly what the request asks for, and the graph knows it."""
        assert self.peer.identities() == {f"{SCOPE}/{name}": 1 for name in request}
        assert {path: it.result["id"] for path, it in graph.items()} == {
            thing["path"]: id_ for id_, thing in self.peer.things.items()
        }
        for name, asked in request.items():
            spec = self.peer.specs()[name]
            needs = [graph[need].result["id"] for need in asked["needs"]]
            assert spec == {"size": asked["size"], "colour": asked["colour"], "needs": needs}


def operation(plan: Plan, rollback: Plan | None = None) -> Operation:
    return Operation(
        id="o",
        level="toy",
        kind="CHANGE",
        subject=SCOPE,
        state=OperationState.FAILED_TEMP,
        state_entered_at="",
        started_at="",
        plan=plan,
        rollback=rollback,
    )


def live(story: Awaitable[None]) -> None:
    asyncio.run(story)


thorough = settings(deadline=None, max_examples=80)
instants = st.integers(0, 60)


@thorough
@given(requests(), requests())
def test_the_order_respects_every_dependency(old, new):
    """A step comes after all it waits for; what is needed is there before, and goes after, what needs it."""
    before, desired = wanted(old), wanted(new)
    plan = difference(before, desired, scope=SCOPE, behaviours=BEHAVIOURS)
    position = {step.id: index for index, step in enumerate(plan.steps)}
    assert len(position) == len(plan.steps)
    for step in plan.steps:
        assert all(position[need] < position[step.id] for need in step.after)
        if step.verb is Verb.CREATE:
            for need in desired[step.path].needs:
                assert position.get(f"create:{need}", -1) < position[step.id]
        if step.verb is Verb.DELETE:
            for need in before[step.path].needs:
                assert position.get(f"delete:{need}", len(position)) > position[step.id]


@thorough
@given(requests(), requests(), waves)
def test_waves_go_one_after_the_other(old, new, groups):
    """Whatever of a wave is done waits for all of every wave before; the way back goes the other way, if it can."""
    plan = planned(wanted(old), new, groups)
    there = {step.id: Outcome(done=True, result={"id": step.path}) for step in plan.steps}
    for walked in (plan, way_back(plan, there, BEHAVIOURS)):
        needed: dict[str, set[str]] = {}
        for step in walked.steps:
            needed[step.id] = set(step.after).union(*(needed[need] for need in step.after))
        of_wave = [{step.id for step in walked.steps if step.path in wave} for wave in walked.waves]
        for place, wave in enumerate(of_wave):
            assert all(needed[step] >= set().union(*of_wave[:place]) for step in wave)


@thorough
@given(requests())
def test_the_difference_to_itself_is_nothing(request_):
    """Asking for what there is plans nothing."""
    assert not difference(wanted(request_), wanted(request_), scope=SCOPE, behaviours=BEHAVIOURS).steps


@thorough
@given(requests(), requests(), waves, st.lists(instants, max_size=3))
def test_carrying_out_a_difference_yields_what_is_desired(old, new, groups, deaths):
    """However often the process dies on the way, what is desired is there in the end, exactly once."""

    async def story() -> None:
        world = World()
        plan = planned(await world.build(old), new, groups)
        for instant in deaths:
            await world.walk(plan, dies_after=instant)
        assert await world.walk(plan)
        world.check(settled(operation(plan), world.journal.outcomes(Phase.FORWARD), {}), new)

    live(story())


@thorough
@given(requests(), requests(), waves, instants, st.lists(instants, max_size=2))
def test_rollback_returns_to_the_state_before(old, new, groups, death, deaths):
    """From wherever an operation was left, its rollback puts back what was there, however often it dies itself."""

    async def story() -> None:
        world = World()
        plan = planned(await world.build(old), new, groups)
        await world.walk(plan, dies_after=death)
        back = way_back(plan, world.journal.outcomes(Phase.FORWARD), BEHAVIOURS)
        for instant in deaths:
            await world.walk(back, Phase.ROLLBACK, dies_after=instant)
        assert await world.walk(back, Phase.ROLLBACK)
        forward, rolled = (world.journal.outcomes(phase) for phase in Phase)
        world.check(settled(operation(plan, back), forward, rolled), old)

    live(story())


@thorough
@given(requests(), requests(), waves, instants, instants)
def test_forward_again_after_half_a_rollback(old, new, groups, death, turn):
    """From wherever a rollback was left, the way forward again yields what is desired."""

    async def story() -> None:
        world = World()
        plan = planned(await world.build(old), new, groups)
        await world.walk(plan, dies_after=death)
        back = way_back(plan, world.journal.outcomes(Phase.FORWARD), BEHAVIOURS)
        await world.walk(back, Phase.ROLLBACK, dies_after=turn)
        forward, rolled = (world.journal.outcomes(phase) for phase in Phase)
        again = way_forward_again(operation(plan, back), forward, rolled)
        world.journal.forget(touched(back, rolled), plan)
        assert await world.walk(again)
        world.check(settled(operation(again), world.journal.outcomes(Phase.FORWARD), {}), new)

    live(story())


@thorough
@given(requests(), requests(), waves, instants, instants)
def test_nothing_that_may_exist_is_left_out_of_the_inventory(old, new, groups, death, turn):
    """Whatever the peer has is in the graph that is settled, wherever forward and back stopped."""

    async def story() -> None:
        world = World()
        plan = planned(await world.build(old), new, groups)
        await world.walk(plan, dies_after=death)
        forward = world.journal.outcomes(Phase.FORWARD)
        assert set(world.peer.specs()) <= set(settled(operation(plan), forward, {}))
        back = way_back(plan, forward, BEHAVIOURS)
        await world.walk(back, Phase.ROLLBACK, dies_after=turn)
        rolled = world.journal.outcomes(Phase.ROLLBACK)
        assert set(world.peer.specs()) <= set(settled(operation(plan, back), forward, rolled))

    live(story())


@thorough
@given(requests(), st.sampled_from(NAMES))
def test_a_failure_blocks_what_needs_it_and_nothing_else(request_, name):
    """Exactly those resources are not there that failed or need, near or far, what failed."""

    async def story() -> None:
        world = World()
        world.peer.refusals["create", name] = [RefusalError()]
        plan = difference({}, wanted(request_), scope=SCOPE, behaviours=BEHAVIOURS)
        assert await world.walk(plan)
        missing = {name} & set(request_)
        for each in sorted(request_):
            missing |= {each} if missing & set(request_[each]["needs"]) else set()
        assert set(world.peer.specs()) == set(request_) - missing

    live(story())
