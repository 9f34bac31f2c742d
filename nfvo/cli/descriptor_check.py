"""``mano descriptor check``: quick enough for every save of an editor and every commit of a CI system.

Half of the time of a small command line goes into importing the libraries that make it comfortable. `asked` reads the
usual lines of this one command without them; whatever it does not know is left to the full command line.
"""

from __future__ import annotations

import enum
import getopt
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from descriptors.diagnostics import Diagnostics, Severity
from descriptors.mode import Mode
from nfvo.cli.errors import ExitCode, InputError

if TYPE_CHECKING:  # all of them take a while to import
    from descriptors.onboarding import Onboarded
    from descriptors.second_opinion.opinion import Comparison
    from descriptors.signatures import SignaturePolicy

ENCODINGS = ("utf-8-sig", "latin-1")
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class Format(enum.StrEnum):
    """What a check is told in."""

    HUMAN = "human"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


class FailOn(enum.StrEnum):
    """The least severity that makes the command fail."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"

    @property
    def severities(self) -> tuple[Severity, ...]:
        """What counts as a failure."""
        return {
            FailOn.ERROR: (Severity.ERROR,),
            FailOn.WARNING: (Severity.ERROR, Severity.WARNING),
            FailOn.NEVER: (),
        }[self]


class Asked(NamedTuple):
    """One check."""

    package: Path
    mode: Mode = Mode.ETSI
    format: Format = Format.HUMAN
    fail_on: FailOn = FailOn.ERROR
    color: bool = True
    signatures: SignaturePolicy | None = None
    second_opinion: bool = False


def asked(arguments: Sequence[str]) -> Asked | None:
    """Return what the arguments of a check ask for; None when they are not plain: help, a slip, something new."""
    try:
        options, files = getopt.gnu_getopt(list(arguments), "", ["mode=", "output=", "fail-on=", "url=", "no-color"])
        named = dict(options)
        if len(files) != 1:
            return None
        return Asked(
            package=Path(files[0]),
            mode=Mode(named.get("--mode", Mode.ETSI)),
            format=Format(named.get("--output", Format.HUMAN)),
            fail_on=FailOn(named.get("--fail-on", FailOn.ERROR)),
            color="--no-color" not in named and not os.environ.get("NO_COLOR"),
        )
    except (getopt.GetoptError, ValueError):
        return None


def check(wanted: Asked, out: IO[str] | None = None) -> ExitCode:
    """Check a package, write what was found, and return what to exit with; InputError when there is no such file."""
    from descriptors.onboarding import read_package  # noqa: PLC0415  # the parser takes a while to import

    out = out or sys.stdout
    if not wanted.package.exists():
        raise InputError("No such file or directory", str(wanted.package))
    found = read_package(wanted.package, mode=wanted.mode, siblings=True, signatures=wanted.signatures)
    other = _asked_elsewhere(wanted, found) if wanted.second_opinion else None
    failing = wanted.fail_on.severities
    code = ExitCode.FAILED if any(f.severity in failing for f in found.diagnostics) else ExitCode.DONE
    if wanted.format is Format.HUMAN:
        from nfvo.cli.descriptor_report import Report  # noqa: PLC0415  # needs the parser

        report = Report(_Sources(wanted.package).lines, color=wanted.color and out.isatty())
        out.writelines(f"{line}\n" for line in report.lines(found, wanted.mode))
        if other:
            out.writelines(f"{line}\n" for line in report.opinion(other, accepted_here=not found.failed))
    else:
        from nfvo.cli import descriptor_formats as formats  # noqa: PLC0415  # people do not need them

        if wanted.format is Format.JUNIT:
            out.write(formats.as_junit(wanted.package, found, failing=failing) + "\n")
        else:
            document = (
                formats.as_sarif(wanted.package, found, exit_code=code)
                if wanted.format is Format.SARIF
                else formats.as_json(wanted.package, found, wanted.mode, other)
            )
            out.write(json.dumps(document, indent=2) + "\n")
    out.flush()
    return code


def _asked_elsewhere(wanted: Asked, found: Onboarded) -> Comparison:
    """Ask tosca-parser; InputError when there is no answer, or no place for it."""
    from descriptors.second_opinion import opinion  # noqa: PLC0415  # few ask for it

    if wanted.format not in (Format.HUMAN, Format.JSON):
        raise InputError("No place for a second opinion", f"{wanted.format} has none", hint="use human or json output")
    try:
        return opinion.second_opinion(wanted.package, found)
    except opinion.NoOpinionError as error:
        hint = "" if opinion.available() else "pip install 'mano-stack[second-opinion]'"
        raise InputError("No second opinion", str(error), hint=hint) from None


class _Sources:
    """The package's files as text, read again for the lines that findings are about."""

    def __init__(self, package: Path) -> None:
        self._package = package
        self._files: dict[str, list[str]] = {}

    def lines(self, file: str) -> list[str]:
        if file not in self._files:
            self._files[file] = self._read(file)
        return self._files[file]

    def _read(self, file: str) -> list[str]:
        from descriptors.csar import open_archive, read_document  # noqa: PLC0415  # as above
        from descriptors.limits import Limits  # noqa: PLC0415  # as above

        limits, ignored = Limits(), Diagnostics()
        archive = open_archive(self._package, limits, ignored, siblings=True)
        if archive is None:
            return []
        try:
            data = read_document(archive, file, limits, ignored) if archive.reach(file) else None
        finally:
            archive.close()
        return _LINE_BREAK.split(text_of(data)) if data else []


def text_of(data: bytes) -> str:
    """Return a file's text; bytes that are no UTF-8 are shown as they would be in Latin-1."""
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""
