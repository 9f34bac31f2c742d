"""What the commands print: data on stdout, messages on stderr, for people or as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import IO, Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from nfvo.cli.errors import CommandError
from nfvo.cli.problems import problem_lines

PIPED_WIDTH = 160
"""Columns of what is not written to a terminal, so that identifiers stay whole."""


_HARMLESS = {code: 0x2400 + code for code in range(0x20) if code not in b"\n\t"}
_HARMLESS |= dict.fromkeys((*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)
"""What is printed in the place of a character that a terminal obeys, or that has it show others in another order."""


def console(stream: IO[str], *, color: bool) -> Console:
    """Return a console that writes to ``stream`` and colours nothing of its own accord.

    What a terminal would obey in a name or a message is shown, and not sent.
    """
    piped = not stream.isatty() and "COLUMNS" not in os.environ
    made = Console(file=stream, no_color=not color or None, highlight=False, width=PIPED_WIDTH if piped else None)
    made.push_render_hook(_Disarming())
    return made


class _Disarming(RenderHook):
    """Names on a server are given by anybody: none of them is an order to the terminal that they are shown on."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Disarmed(each) for each in renderables]


class _Disarmed:
    """Something printed, with nothing in its text that a terminal obeys."""

    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._renderable, options):
            if segment.control:
                yield segment  # rich's own
            else:
                yield Segment(segment.text.translate(_HARMLESS), segment.style)


class Output:
    """The two streams of a command."""

    def __init__(self, *, as_json: bool = False, color: bool = True, out: Console | None = None) -> None:
        """Write to stdout and stderr; with ``out`` everything goes to that one console."""
        self.as_json = as_json
        self.color = color
        self.out = out or console(sys.stdout, color=color)
        self.messages = out or console(sys.stderr, color=color)

    def data(self, document: Any, human: Callable[[], RenderableType]) -> None:
        """Print what was asked for: ``document`` as JSON, or for people what ``human`` returns."""
        if self.as_json:
            self.out.file.write(json.dumps(document, indent=2) + "\n")
            self.out.file.flush()
        else:
            self._show(human())

    def _show(self, renderable: RenderableType) -> None:
        if self.out.is_terminal:
            self.out.print(renderable)
            return
        with self.out.capture() as captured:
            self.out.print(renderable)
        self.out.file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
        self.out.file.flush()

    def say(self, message: str, *, style: str = "") -> None:
        """Tell what happens; on stderr, since it is no data."""
        self.messages.print(Text(message, style=style))

    def done(self, message: str) -> None:
        """Tell that something is done."""
        self.messages.print(Text.assemble(("✔ ", "green"), message))

    def warn(self, message: str) -> None:
        """Tell what a person should look at."""
        self.messages.print(Text.assemble(("warning: ", "yellow"), message))

    def error(self, error: CommandError) -> None:
        """Tell what went wrong and what to do next; as JSON (on stderr still) when that is the format."""
        if self.as_json:
            self.messages.file.write(json.dumps(error.document(), indent=2) + "\n")
            return
        for line in problem_lines(error):
            self.messages.print(line)


def table(columns: Iterable[str], rows: Iterable[Iterable[object]], *, empty: str) -> RenderableType:
    """Return a plain table; ``empty`` is said in place of a table without rows."""
    body = [[cell if isinstance(cell, Text) else Text(_shown(cell)) for cell in row] for row in rows]
    if not body:
        return Text(empty, style="dim")
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold", no_wrap=column == "ID")
    for row in body:
        shown.add_row(*row)
    return shown


def facts(pairs: Iterable[tuple[str, object]]) -> RenderableType:
    """Return names and values below each other; pairs without a value are left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", [], {}, ()):
            grid.add_row(name, value if isinstance(value, Text) else Text(_shown(value)))
    return grid


STATE_STYLES = {
    "ONBOARDED": "green",
    "INSTANTIATED": "green",
    "COMPLETED": "green",
    "ENABLED": "green",
    "PARTIALLY_COMPLETED": "yellow",
    "PROCESSING": "cyan",
    "STARTING": "cyan",
    "ROLLING_BACK": "cyan",
    "UPLOADING": "cyan",
    "FAILED_TEMP": "red",
    "FAILED": "red",
    "ERROR": "red",
    "ROLLED_BACK": "yellow",
    "DISABLED": "yellow",
}


def state(value: object) -> Text:
    """Return a state in its colour."""
    return Text(_shown(value), style=STATE_STYLES.get(str(value), ""))


def moment(timestamp: str) -> str:
    """Return an ISO 8601 time in UTC without what is below a second."""
    return timestamp[:19].replace("T", " ")


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key}={_shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item) for item in value)
    return str(value)
