"""What the commands print: data on stdout, messages on stderr, for people or as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import IO, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from nfvo.cli.errors import CommandError
from nfvo.cli.problems import problem_lines

PIPED_WIDTH = 160
"""Columns of what is not written to a terminal, so that identifiers stay whole."""


def console(stream: IO[str], *, color: bool) -> Console:
    """Return a console that writes to ``stream`` and colours nothing of its own accord."""
    piped = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(file=stream, no_color=not color or None, highlight=False, width=PIPED_WIDTH if piped else None)


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
