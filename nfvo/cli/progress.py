"""The progress of an operation: a bar and a step list on a terminal, a line per event elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from nfvo.cli.errors import NotFoundError

if TYPE_CHECKING:
    from nfvo.cli.client import Client

MARKS = {
    "done": ("✔", "green"),
    "running": ("●", "cyan"),
    "failed": ("✘", "bold red"),
    "blocked": ("⊘", "yellow"),
    "pending": ("·", "dim"),
}
VERBS = {"create": "create", "ready": "await", "update": "change", "delete": "delete", "gone": "await end of"}
SCRIPT_VERBS = {"create": "prepare", "ready": "run", "delete": "forget", "gone": "forget"}
_FIRST_WORDS = frozenset({"script", "coordination", "vnf", "vl", "vdu", "sg", "image", "group"})
_INNER_WORDS = frozenset({"cp", "storage", "subnet"})
_LAST_WORDS = frozenset({"network", "server"})
ENDED = frozenset({"done", "failed", "blocked"})
LISTED_STEPS = 12
"""Lines of the step list on a terminal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of an operation or of an operation that it asked for."""

    key: tuple[str, ...]
    """Unique among all steps that are shown together."""
    label: str
    state: str
    document: dict[str, Any]
    """As the server tells it."""
    problem: str = ""
    started: str = ""
    ended: str = ""

    def mark(self) -> Text:
        """Return a sign for the state, with its name."""
        sign, style = MARKS.get(self.state, ("?", ""))
        return Text(f"{sign} {self.state}", style=style)

    @property
    def seconds(self) -> str:
        """How long it took; empty while that is not known."""
        if not (self.started and self.ended):
            return ""
        took = datetime.fromisoformat(self.ended) - datetime.fromisoformat(self.started)
        return f"{took.total_seconds():.2f}"


async def steps_of(client: Client, operation: str, names: dict[str, str] | None = None) -> list[Step]:
    """Return every step of the operation and of those that it asked for, as far as they are planned.

    ``names`` keeps the names of VNFs from call to call: they are gone from the server once a VNF is deleted.
    """
    names = {} if names is None else names
    view = await client.get(f"/mano/v1/operations/{operation}/steps", children="true")
    for vnf in {child["subject"] for child in view.get("children", ())} - names.keys():
        try:
            names[vnf] = (await client.get(f"/vnflcm/v2/vnf_instances/{vnf}")).get("vnfInstanceName") or vnf
        except NotFoundError:
            names[vnf] = f"VNF {vnf}"
    return list(flattened(view, names))


def flattened(view: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Step]:
    """Yield the steps of an operation, then those of the operations that it asked for, with the names of their VNFs."""
    for step in view.get("steps", ()):
        yield _step(view["id"], step, "")
    for child in view.get("children", ()):
        for step in child.get("steps", ()):
            yield _step(child["id"], step, names.get(child["subject"], child["subject"]))


def _step(operation: str, step: Mapping[str, Any], owner: str) -> Step:
    error = step.get("error") or {}
    undoing = "undo: " if step.get("phase") == "rollback" else ""
    verbs = SCRIPT_VERBS if step["kind"] == "script" else VERBS
    return Step(
        key=(operation, str(step.get("phase", "forward")), step["id"]),
        label=f"{undoing}{verbs.get(step['verb'], step['verb'])} {step['kind'].replace('_', ' ')} {named(step['path'])}"
        + (f"  ({owner})" if owner else ""),
        state=step["state"],
        problem=str(error.get("detail") or error.get("title") or ""),
        started=step.get("startedAt") or "",
        ended=step.get("endedAt") or "",
        document=dict(step),
    )


def named(path: str) -> str:
    """Return the path without the words that only say of what kind the resource is."""
    parts = path.split("/")
    if len(parts) > 1 and parts[0] in _FIRST_WORDS:
        del parts[0]
    if len(parts) > 1 and parts[-1] in _LAST_WORDS:
        del parts[-1]
    if len(parts) > 2 and parts[-2] in _INNER_WORDS:  # noqa: PLR2004  # something before the word and something after
        del parts[-2]
    return "/".join(parts)


class Progress(Protocol):
    """Somewhere to show progress."""

    def update(self, headline: str, steps: list[Step]) -> None:
        """Show this state of things."""

    def note(self, message: str) -> None:
        """Tell something that is no step."""


@contextmanager
def display(console: Console) -> Iterator[Progress]:
    """Yield what suits the console: live on a terminal, plain lines else."""
    if not console.is_terminal:
        yield PlainProgress(console)
        return
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        progress = LiveProgress(live)
        try:
            yield progress
        finally:
            progress.settle()


class PlainProgress:
    """A line for each step that ended, and for each new headline."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seen: dict[tuple[str, ...], str] = {}
        self._said = ""

    def update(self, headline: str, steps: list[Step]) -> None:
        """Print what is new."""
        if not self._said:
            self._tell(headline)
        ended = sum(step.state in ENDED for step in steps)
        fresh = [step for step in steps if step.state in ENDED and self._seen.get(step.key) != step.state]
        for number, step in enumerate(fresh, start=ended - len(fresh) + 1):
            self._seen[step.key] = step.state
            line = Text(f"  [{number:>{len(str(len(steps)))}}/{len(steps)}] ")
            line.append_text(_line(step))
            self._console.print(line)
        self._tell(headline)

    def note(self, message: str) -> None:
        """Print the message, once."""
        self._tell(message)

    def _tell(self, message: str) -> None:
        if message != self._said:
            self._said = message
            self._console.print(Text(message, style="bold"))


class LiveProgress:
    """A bar over all steps; below it what runs, what failed, and what ended last."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._headline = ""
        self._steps: list[Step] = []
        self._note = ""
        self._spinner = Spinner("dots", style="cyan")

    def update(self, headline: str, steps: list[Step]) -> None:
        """Draw this state of things."""
        self._headline, self._steps, self._note = headline, steps, ""
        self._live.update(self._drawn(), refresh=True)

    def note(self, message: str) -> None:
        """Draw the message below the steps."""
        self._note = message
        self._live.update(self._drawn(), refresh=True)

    def settle(self) -> None:
        """Leave on the screen what a person wants to keep when the rest goes: how far it came."""
        done = sum(step.state == "done" for step in self._steps)
        self._live.console.print(Text(f"{self._headline}  {done}/{len(self._steps)} steps", style="dim"))

    def _drawn(self) -> RenderableType:
        done = sum(step.state == "done" for step in self._steps)
        head = Table.grid(padding=(0, 1))
        head.add_row(
            self._spinner,
            Text(self._headline, style="bold"),
            ProgressBar(total=max(len(self._steps), 1), completed=done, width=40),
            Text(f"{done}/{len(self._steps)}"),
        )
        parts: list[RenderableType] = [head, *(_line(step, indent="  ") for step in shown(self._steps, LISTED_STEPS))]
        if self._note:
            parts.append(Text(self._note, style="yellow"))
        return Group(*parts)


def shown(steps: list[Step], limit: int) -> list[Step]:
    """Return the steps worth a line, in their order: failed and running ones first, then those that ended last."""
    by_worth = [step for step in steps if step.state == "failed"]
    by_worth += [step for step in steps if step.state == "running"]
    by_worth += sorted((step for step in steps if step.state == "done"), key=lambda step: step.ended, reverse=True)
    chosen = {step.key for step in by_worth[:limit]}
    return [step for step in steps if step.key in chosen]


def _line(step: Step, indent: str = "") -> Text:
    sign, style = MARKS.get(step.state, ("?", ""))
    line = Text.assemble(f"{indent}", (sign, style), f" {step.label}")
    if step.problem:
        line.append(f": {step.problem}", style="red")
    return line
