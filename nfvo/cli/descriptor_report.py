"""Findings about a package for people, the way compilers tell theirs: place, line of source, carets, what to do.

Written without a terminal library: a check must be over before one would be loaded. What comes from the package is
shown with its control characters replaced, so that no file can write to the terminal on its own account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from descriptors.diagnostics import Diagnostic, Severity
from descriptors.onboarding import Onboarded

if TYPE_CHECKING:  # few ask for it
    from descriptors.second_opinion.opinion import Comparison

Source = Callable[[str], Sequence[str]]
"""Lines of a file of the package; none when there is no such file, or it is no text."""

WIDTH = 120
"""Columns of a line of source that are shown; of longer ones the part around the place."""
_STYLES = {
    Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36",
    "dim": "2", "bold": "1", "hint": "36", "good": "32", "bad": "31",
}  # fmt: skip
_KINDS = ("vnfd", "nsd", "pnfd", "topology")
_OPENING, _CLOSING = "[{", "]}"
_QUOTES = "\"'"
_ASCII = 128


class Report:
    """Turns findings into lines; with ``color`` they carry ANSI escapes."""

    def __init__(self, source: Source, *, color: bool) -> None:
        self._source = source
        self._color = color

    def lines(self, found: Onboarded, mode: str) -> Iterator[str]:
        """Yield every finding in the order of the places, and what it comes to."""
        files = list(dict.fromkeys(finding.file for finding in found.diagnostics))
        for finding in sorted(found.diagnostics, key=lambda f: (files.index(f.file), f.line, f.column)):
            yield from self.finding(finding)
        yield self._painted("✘ " if found.failed else "✔ ", "bad" if found.failed else "good") + verdict(found, mode)

    def opinion(self, other: Comparison, *, accepted_here: bool) -> Iterator[str]:
        """Yield what tosca-parser says, and what it and we found that the other has not."""
        said = "accepts it" if other.accepted else f"refuses it: {printable(other.why)}"
        agreed = other.accepted == accepted_here and not other.differences
        mark = self._painted("✔ " if agreed else "≠ ", "good" if agreed else "hint")
        same = " and found the same" if agreed and other.accepted else ""
        yield f"{mark}second opinion: tosca-parser {said}{same}"
        yield from (f"   {printable(difference)}" for difference in other.differences)

    def finding(self, finding: Diagnostic) -> Iterator[str]:
        """Yield the lines of one finding."""
        place = ":".join(str(part) for part in (printable(finding.file), finding.line, finding.column) if part)
        yield (
            (self._painted(f"{place}: ", "bold") if place else "")
            + self._painted(f"{finding.severity}: ", finding.severity)
            + self._painted(printable(finding.message), "bold")
            + self._painted(f" [{finding.code}]", "dim")
        )
        margin = " " * len(str(finding.line))
        if finding.line:
            source = self._source(finding.file)
            if finding.line <= len(source):
                yield from self._excerpt(source[finding.line - 1], finding, margin)
        if finding.hint:
            yield self._painted(f" {margin} = hint: {printable(finding.hint)}", "hint")
        if finding.clause:
            yield self._painted(f" {margin} = see {finding.clause}", "dim")

    def _excerpt(self, line: str, finding: Diagnostic, margin: str) -> Iterator[str]:
        start, end = extent(line, finding)
        cut = max(0, min(start, len(line)) - WIDTH // 3) if len(line) > WIDTH else 0
        shown = printable(line[cut : cut + WIDTH].rstrip())
        before, under = line[cut:start], line[start : min(end, cut + WIDTH)]
        bar = self._painted(" | ", "dim")
        yield f" {self._painted(str(finding.line), 'dim')}{bar}{shown}"
        carets = "^" * max(_columns(under), 1)
        yield f" {margin}{bar}{' ' * _columns(before)}{self._painted(carets, finding.severity)}"

    def _painted(self, text: str, style: str) -> str:
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self._color else text


def extent(line: str, finding: Diagnostic) -> tuple[int, int]:
    """Return from where to where, counted from 0, a line of source is what the finding is about.

    A finding without a column is about the whole line. One in YAML reaches to the end of its entry: what follows in
    the same flow collection, and comments, are left out.
    """
    text = line.rstrip()
    if not finding.column:
        return len(line) - len(line.lstrip()), max(len(text), 1)
    start = finding.column - 1
    if not finding.path:
        return start, start + 1
    depth, quote = 0, ""
    for index in range(start, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES and text[index - 1 : index] in (" ", "", *_OPENING, ","):
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING and depth == 0:
            return start, max(len(text[:index].rstrip()), start + 1)
        elif character in _CLOSING:
            depth -= 1
        elif (character == "," and depth == 0 and _in_flow(text[:start])) or text[index : index + 2] == " #":
            return start, max(len(text[:index].rstrip()), start + 1)
    return start, max(len(text), start + 1)


def _in_flow(before: str) -> bool:
    """Whether what follows on the line stands in a flow collection, as far as the line tells."""
    return sum(map(before.count, _OPENING)) > sum(map(before.count, _CLOSING))


def model_in(found: Onboarded) -> msgspec.Struct | None:
    """Return the model that a package holds, whichever kind it is of."""
    return next((model for kind in _KINDS if (model := getattr(found, kind, None)) is not None), None)


def kind_of(model: msgspec.Struct) -> str:
    """Return what kind of descriptor a model is of: ``VNFD``, ``NSD`` ..., or in plain words."""
    name = type(model).__name__
    return name.upper() if name.endswith("d") else name.lower()


def verdict(found: Onboarded, mode: str) -> str:
    """Return in one line what was read, or that nothing was, and how many findings there are."""
    counts = counted(found.diagnostics)
    model = model_in(found)
    if model is None:
        return f"not usable in mode {mode}: {counts or 'nothing in it is understood'}"
    said = f"{kind_of(model)} {getattr(model, 'id', '')}".rstrip()
    if found.vnfd:
        said += f": {found.vnfd.product_name} {found.vnfd.software_version} by {found.vnfd.provider}"
    elif found.nsd:
        said += f": {found.nsd.name} {found.nsd.version} by {found.nsd.designer}"
    flavours = list(getattr(model, "flavours", ()))
    if flavours:
        said += f", {len(flavours)} flavour{'' if len(flavours) == 1 else 's'} ({', '.join(flavours)})"
    return printable(said) + (f"; {counts}" if counts else "")


def counted(findings: Iterable[Diagnostic]) -> str:
    """Return ``2 errors, 1 warning``; nothing when there are none."""
    numbers = dict.fromkeys(Severity, 0)
    for finding in findings:
        numbers[finding.severity] += 1
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    return ", ".join(f"{n} {words[severity]}{'' if n == 1 else 's'}" for severity, n in numbers.items() if n)


def printable(text: str) -> str:
    """Return the text with what would move the cursor replaced."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " if c == "\t" else "�" for c in text)


def _columns(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    import unicodedata  # noqa: PLC0415  # a megabyte that few lines need

    return sum(
        0 if unicodedata.combining(c) else 2 if ord(c) > _ASCII and unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
