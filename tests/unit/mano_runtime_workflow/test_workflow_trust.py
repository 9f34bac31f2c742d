"""What an operation that was given up has left in doubt, in the plans of the next one."""

from __future__ import annotations

import msgspec
import pytest

from mano_runtime.workflow.graph import UNCERTAIN, Resource, graph_of, reference
from mano_runtime.workflow.plan import Behaviour, Outcome, state_after
from mano_runtime.workflow.settlement import way_back
from mano_runtime.workflow.trust import cautious_difference

BEHAVIOURS = {"net": Behaviour(), "server": Behaviour(awaited=True)}


def net(path="net", state="ready"):
    return Resource(path=path, kind="net", spec={}, result={"id": path, "state": state})


def server(path="server", on="net", state="ready"):
    spec = {"net": reference(on)}
    return Resource(path=path, kind="server", spec=spec, result={"id": path, "state": state})


BEFORE = graph_of(net(state=UNCERTAIN), server())
DESIRED = {path: msgspec.structs.replace(it, result=None) for path, it in graph_of(net(), server()).items()}


@pytest.fixture
def plan():
    return cautious_difference(BEFORE, DESIRED, scope="s", behaviours=BEHAVIOURS)


def test_what_is_in_doubt_is_brought_about_and_the_rest_is_left(plan):
    """It is created, which finds it where it is there; nothing is removed for it."""
    assert {step.id for step in plan.steps} == {"create:net"}


@pytest.mark.parametrize("happened", [False, True])
def test_nothing_that_may_be_there_is_forgotten(plan, happened):
    """Given up before it came to it, the inventory has it as before; afterwards, as it was found."""
    assert state_after(plan, {}, doubtful_removals_happened=happened) == BEFORE
    found = {"create:net": Outcome(done=True, result={"id": "found", "state": "ready"})}
    after = state_after(plan, found, doubtful_removals_happened=happened)
    assert after["net"].result == {"id": "found", "state": "ready"}


@pytest.mark.parametrize("happened", [False, True])
@pytest.mark.parametrize("outcome", [Outcome(), Outcome(error={"title": "no"})])
def test_a_creation_that_came_to_nothing_forgets_no_identifier(plan, outcome, happened):
    """What was doubted may be there still, under the identifier that it had; the way back leaves it as it is known."""
    known = {"id": "net", "state": UNCERTAIN}
    assert state_after(plan, {"create:net": outcome}, doubtful_removals_happened=happened)["net"].result == known
    back = way_back(plan, {"create:net": outcome}, BEHAVIOURS)
    assert (back.steps, back.desired["net"].result) == ((), known)


def test_what_was_found_is_not_described_by_what_was_doubted():
    """It may be another: nothing that was told of the former one is said of it."""
    former = msgspec.structs.replace(server(), result={"id": "former", "state": "faulted", "zone": "z"})
    plan = cautious_difference(graph_of(net(), former), graph_of(net(), server()), scope="s", behaviours=BEHAVIOURS)
    found = {"create:server": Outcome(done=True, result={"id": "found", "state": "pending"})}
    state = state_after(plan, found, doubtful_removals_happened=False)
    assert state["server"].result == {"id": "found", "state": "pending"}


@pytest.mark.parametrize("outcomes", [{}, {"create:net": Outcome(done=True, result={"id": "net", "state": "ready"})}])
def test_the_way_back_leaves_what_may_have_been_there(plan, outcomes):
    """What is used by what was not touched is not taken from under it."""
    assert way_back(plan, outcomes, BEHAVIOURS).steps == ()


def test_the_way_back_removes_what_needs_what_was_not_there():
    """A server in doubt that was brought about on a network that is new goes with the network."""
    plan = cautious_difference(
        graph_of(server(on="other", state=UNCERTAIN)),
        graph_of(server(on="new"), net("new")),
        scope="s",
        behaviours=BEHAVIOURS,
    )
    done = {step.id: Outcome(done=True, result={"id": step.path, "state": "ready"}) for step in plan.steps}
    back = way_back(plan, done, BEHAVIOURS)
    assert [step.id for step in back.steps] == ["delete:server", "gone:server", "delete:new"]
