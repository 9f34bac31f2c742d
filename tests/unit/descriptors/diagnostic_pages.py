"""The reference's pages on diagnostics, made from the explanations and from packages that provoke each code.

Run this file to write them: ``python tests/unit/descriptors/diagnostic_pages.py``. A test holds them equal.
"""

import sys
import tempfile
import textwrap
from pathlib import Path

from provocation import MARK, Provocation
from provocations import ALL

from descriptors.diagnostics import Diagnostic
from descriptors.explanations import SECTIONS, Explanation
from descriptors.mode import LENIENT_WARNINGS, STRICT_ERRORS
from descriptors.onboarding import read_package
from descriptors.signatures import SignaturePolicy
from nfvo.cli.descriptor_report import Report

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
INDEX = "diagnostics.md"
INTRODUCTION = """\
# Diagnostics of packages and descriptors

Onboarding a package, and [`mano descriptor check`](cli.md), collect everything there is to say about it: a finding
never hides the next. Each has a severity, a code, a message, the file in the package with line and column, often a
hint, and the clause of the standard where there is one:

    Definitions/vnfd.yaml:27:37: error: 'two' is not a integer [tosca-wrong-type]

*Error*: the package is refused. *Warning*: it is accepted, and not as the standard has it, or not likely what was
meant; what was done instead is said. A server judges in mode `etsi`. `mano descriptor check --mode strict` makes errors
of what deviates from the standards, `--mode lenient` makes warnings of errors that leave a model to look at; the last
column says what weighs otherwise there. Each code has a page with an example and what to do.
"""


def finding_of(provocation: Provocation) -> Diagnostic | None:
    """Return the finding of the provocation's code at its place; else the first of the code."""
    with tempfile.TemporaryDirectory() as directory:
        package = Path(directory, "package.csar")
        package.write_bytes(provocation.package)
        store = Path(directory, "trust")
        store.mkdir()
        for name, content in provocation.trusted.items():
            (store / name).write_bytes(content)
        policy = SignaturePolicy(require=provocation.require, trust_store=store)
        limits, expect = provocation.limits, provocation.expect
        found = read_package(package, limits=limits, expect=expect, signatures=policy).diagnostics
    alike = [finding for finding in found if finding.code == provocation.code]
    placed = [finding for finding in alike if (finding.file, finding.line, finding.column) == provocation.place]
    return next(iter(placed or alike), None)


def weighs(code: str, explanation: Explanation) -> str:
    """Return what weighs otherwise in the modes ``strict`` and ``lenient``."""
    notes = ["error in `strict`"] if code in STRICT_ERRORS and "warning" in explanation.severity else []
    notes += ["warning in `lenient`"] if code in LENIENT_WARNINGS and "error" in explanation.severity else []
    return ", ".join(notes)


def index() -> str:
    """Return the page that lists all codes."""
    parts = [INTRODUCTION]
    for section, explanations in SECTIONS.items():
        rows = [
            f"| [`{code}`](diagnostics/{code}.md) | {e.severity} | {e.meaning} | {weighs(code, e)} |"
            for code, e in explanations.items()
        ]
        parts.append("\n".join([f"## {section}", "", "| code | severity | meaning | in other modes |",
                                "| --- | --- | --- | --- |", *rows, ""]))  # fmt: skip
    return "\n".join(parts)


def page(code: str, explanation: Explanation, provocation: Provocation) -> str:
    """Return the page of one code."""
    lines = {name: text.replace(MARK, "").splitlines() for name, text in provocation.files.items()}
    found = finding_of(provocation)
    example = [] if found is None else Report(lambda file: lines.get(file, []), color=False).finding(found)
    severity = " or ".join(explanation.severity.split(", ")).capitalize()
    other = weighs(code, explanation)
    return "\n".join(
        [
            f"# {code}",
            "",
            f"*{severity}*" + (f" ({other})." if other else "."),
            "",
            _wrapped(explanation.meaning),
            "",
            "## Example",
            "",
            *(f"    {line}" for line in example),
            "",
            "## What to do",
            "",
            _wrapped(explanation.remedy),
            "",
            *([f"See {explanation.clause}.", ""] if explanation.clause else []),
            f"[All diagnostics](../{INDEX})",
            "",
        ]
    )


def pages() -> dict[str, str]:
    """Return every page by its path below the reference."""
    made = {INDEX: index()}
    for explanations in SECTIONS.values():
        for code, explanation in explanations.items():
            provocation = ALL.get(code)
            if provocation:
                made[f"diagnostics/{code}.md"] = page(code, explanation, provocation)
    return made


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False))


def write() -> None:
    """Write all pages, and remove those of codes that are gone."""
    made = pages()
    (REFERENCE / "diagnostics").mkdir(exist_ok=True)
    for old in (REFERENCE / "diagnostics").glob("*.md"):
        if f"diagnostics/{old.name}" not in made:
            old.unlink()
    for path, text in made.items():
        (REFERENCE / path).write_text(text)


if __name__ == "__main__":
    sys.exit(write())
