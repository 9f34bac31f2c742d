"""The progress of an operation on paper and on a terminal."""

import io

from rich.console import Console

from nfvo.cli.progress import LISTED_STEPS, PlainProgress, Step, display, shown


def step(name, state, **more):
    return Step(key=("op", name), label=f"create {name}", state=state, document={}, **more)


def test_each_end_of_a_step_is_one_plain_line():
    """Without a terminal nothing is redrawn: a line per step that ended, never twice."""
    paper = io.StringIO()
    progress = PlainProgress(Console(file=paper, width=100))
    progress.update("INSTANTIATE PROCESSING", [step("a", "running"), step("b", "pending")])
    progress.update("INSTANTIATE PROCESSING", [step("a", "done"), step("b", "running")])
    progress.update("INSTANTIATE FAILED_TEMP", [step("a", "done"), step("b", "failed", problem="no room")])
    assert paper.getvalue().splitlines() == [
        "INSTANTIATE PROCESSING",
        "  [1/2] ✔ create a",
        "  [2/2] ✘ create b: no room",
        "INSTANTIATE FAILED_TEMP",
    ]


def test_a_step_that_is_retried_is_told_again():
    """What failed and then worked is told both times."""
    paper = io.StringIO()
    progress = PlainProgress(Console(file=paper, width=100))
    for state in ("failed", "running", "done"):
        progress.update("RETRY", [step("a", state)])
    assert paper.getvalue().count("create a") == 2


def test_the_step_list_fits_and_keeps_what_matters():
    """Failed and running steps are shown before those that are done; the order stays the plan's."""
    steps = [step(f"d{n}", "done", ended=f"2026-01-01T00:00:{n:02}Z") for n in range(30)]
    steps += [step("r", "running"), step("f", "failed"), step("p", "pending")]
    names = [chosen.key[1] for chosen in shown(steps, LISTED_STEPS)]
    assert len(names) == LISTED_STEPS
    assert names[-2:] == ["r", "f"]
    assert names[:-2] == [f"d{n}" for n in range(20, 30)]


def test_a_terminal_gets_a_bar():
    """On a terminal the progress is drawn in place, and a summary stays behind."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, height=30)
    with display(console) as progress:
        progress.update("SCALE PROCESSING", [step("a", "done"), step("b", "running")])
        progress.note("the server does not answer")
        progress.update("SCALE COMPLETED", [step("a", "done"), step("b", "done")])
    assert "━" in screen.getvalue()
    assert "SCALE COMPLETED  2/2 steps" in screen.getvalue()
