from __future__ import annotations

from toy_peer import BEHAVIOURS, chain, wanted

from mano_runtime.workflow.executor import open_steps_of
from mano_runtime.workflow.journal import Entry, Phase, Status
from mano_runtime.workflow.plan import Outcome, difference
from mano_runtime.workflow.problem import operation_problem
from mano_runtime.workflow.progress import step_statuses

PLAN = difference({}, wanted(chain("a", "b", "c") | chain("x")), scope="s", behaviours=BEHAVIOURS)


def entry(step, status, *, epoch=1, error=None):
    return Entry(
        operation="o",
        phase=Phase.FORWARD,
        step=step,
        status=status,
        epoch=epoch,
        started_at="t1",
        ended_at="t2",
        error=error,
    )


def states(entries, *, running=(), epoch=None):
    known = {each.step: each for each in entries}
    statuses = step_statuses(PLAN, known, phase=Phase.FORWARD, running=dict.fromkeys(running, "t3"), epoch=epoch)
    return {status.path: status.state for status in statuses}


def test_nothing_has_begun():
    """Every step is pending at first."""
    assert states([]) == dict.fromkeys("abcx", "pending")


def test_while_steps_run():
    """What is at work is running, what the journal knows to be done is done."""
    found = states([entry("create:a", Status.DONE), entry("create:b", Status.INTENT)], running=["create:b"], epoch=1)
    assert found == {"a": "done", "b": "running", "c": "pending", "x": "pending"}


def test_after_a_failure():
    """All that needs what failed is blocked, however far away."""
    assert states([entry("create:a", Status.FAILED)]) == {"a": "failed", "b": "blocked", "c": "blocked", "x": "pending"}


def test_while_a_failure_is_retried():
    """What an earlier attempt failed at is pending again, and blocks nothing, until this one fails too."""
    failed = entry("create:a", Status.FAILED, epoch=1)
    assert set(states([failed], epoch=2).values()) == {"pending"}
    assert states([failed], epoch=1)["b"] == "blocked"


def test_times_and_errors_are_shown_where_they_mean_something():
    """A failure shows its error and times; a step that is pending again shows none of its past."""
    failed = entry("create:a", Status.FAILED, error={"title": "no"})
    shown = step_statuses(PLAN, {"create:a": failed}, phase=Phase.FORWARD, running={}, epoch=None)[0]
    assert (shown.error, shown.started_at, shown.ended_at) == ({"title": "no"}, "t1", "t2")
    hidden = step_statuses(PLAN, {"create:a": failed}, phase=Phase.FORWARD, running={}, epoch=2)[0]
    assert (hidden.error, hidden.started_at, hidden.ended_at) == (None, None, None)


def test_open_steps_are_those_that_are_not_done():
    """A step that is done is not repeated, unless its resource did not get ready."""
    plan = difference({}, wanted(chain("a", kind="slow")), scope="s", behaviours=BEHAVIOURS)
    done, failed = Outcome(done=True), Outcome()

    def left(**outcomes):
        known = {f"{verb}:a": outcome for verb, outcome in outcomes.items()}
        return [step.verb for step in open_steps_of(plan, known)]

    assert left() == ["create", "ready"]
    assert left(create=done) == ["ready"]
    assert left(create=done, ready=failed) == ["create", "ready"]
    assert left(create=done, ready=done) == []


def test_no_failure_is_no_problem():
    """An operation whose steps are done has no error."""
    assert operation_problem(PLAN, {"create:a": Outcome(done=True)}) is None
