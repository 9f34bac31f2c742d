"""Work before a plan's steps, and after them."""

from __future__ import annotations

import pytest

from mano_runtime.workflow.framing import framed
from mano_runtime.workflow.graph import Resource, graph_of, reference
from mano_runtime.workflow.plan import Behaviour, difference

BEHAVIOURS = {"thing": Behaviour(), "run": Behaviour(awaited=True)}


def thing(path, **spec):
    return Resource(path=path, kind="thing", spec=spec)


def run(path, **spec):
    return Resource(path=path, kind="run", spec=spec)


def plan_of(before, desired):
    return difference(graph_of(*before), graph_of(*desired), scope="s", behaviours=BEHAVIOURS)


def all_before(plan, step):
    """Return every step that is done before this one begins."""
    steps = {it.id: it for it in plan.steps}
    found = set()
    waiting = [step]
    while waiting:
        for needed in steps[waiting.pop()].after:
            if needed not in found:
                found.add(needed)
                waiting.append(needed)
    return found


def test_the_frame_is_around_every_step():
    """Nothing begins before the first runs are done, and the last begin when all is done, removals included."""
    plan = plan_of([thing("old"), thing("kept")], [thing("kept"), thing("a"), thing("b", needs=reference("a"))])
    whole = framed(plan, first=[run("one"), run("two")], last=[run("three"), run("four")], behaviours=BEHAVIOURS)
    inner = {step.id for step in plan.steps}
    opening = {"create:one", "ready:one", "create:two", "ready:two"}
    for step in inner:
        assert opening <= all_before(whole, step)
    assert all_before(whole, "create:three") == inner | opening
    assert "ready:three" in all_before(whole, "create:four")
    assert whole.steps[0].id == "create:one"
    assert whole.desired.keys() == plan.desired.keys() | {"one", "two", "three", "four"}
    assert whole.before == plan.before


def test_a_plan_without_steps_can_be_framed():
    """What changes nothing may still have something to run."""
    plan = plan_of([], [])
    whole = framed(plan, first=[run("one")], last=[run("two")], behaviours=BEHAVIOURS)
    assert [step.id for step in whole.steps] == ["create:one", "ready:one", "create:two", "ready:two"]
    assert whole.steps[2].after == ("ready:one",)


def test_a_frame_on_one_side_only():
    """Last runs alone wait for everything, first runs alone hold everything up."""
    plan = plan_of([], [thing("a"), thing("b")])
    assert framed(plan, first=[], last=[run("x")], behaviours=BEHAVIOURS).steps[-2].after == ("create:a", "create:b")
    opened = framed(plan, first=[run("x")], last=[], behaviours=BEHAVIOURS)
    assert {step.after for step in opened.steps if step.id in {"create:a", "create:b"}} == {("ready:x",)}


def test_a_path_is_used_once():
    """A run cannot take the place of a resource."""
    with pytest.raises(ValueError, match="share the path"):
        framed(plan_of([], [thing("a")]), first=[run("a")], last=[], behaviours=BEHAVIOURS)
