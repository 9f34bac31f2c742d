"""Problem details (RFC 9457) for people: what is wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.text import Text

from nfvo.cli.errors import CommandError, OperationError, RefusedError

_ALREADY_SAID = {"type", "title", "status", "detail", "instance", "diagnostics", "hint", "exitCode", "steps"}
_SEVERITY_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}
SHOWN_FAILURES = 5
"""Failed steps that are told one by one."""


def problem_lines(error: CommandError) -> Iterator[Text]:
    """Yield the lines that tell ``error``: title and status, detail, further members, diagnostics, the next step."""
    status = f" ({error.status})" if isinstance(error, RefusedError) and error.status else ""
    yield Text.assemble(("error: ", "bold red"), (error.title, "bold"), status)
    diagnostics = error.problem.get("diagnostics", ())
    if error.detail and not diagnostics:
        yield Text(f"  {error.detail}")
    failures = list(failed_steps(error.problem))
    for failure in failures[:SHOWN_FAILURES]:
        yield Text(f"  {failure}")
    if len(failures) > SHOWN_FAILURES:
        yield Text(f"  and {len(failures) - SHOWN_FAILURES} more", style="dim")
    for member, value in error.problem.items():
        if member not in _ALREADY_SAID and isinstance(value, str | int | list) and value:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            if not isinstance(error, OperationError) and str(shown) not in error.detail:
                yield Text(f"  {member}: {shown}", style="dim")
    for finding in diagnostics:
        yield from finding_lines(finding)
    hint = error.hint or str(error.problem.get("hint", ""))
    if hint:
        yield Text.assemble(("next: ", "bold cyan"), hint)


def failed_steps(problem: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line per failed step of an operation, as far as its problem details name them."""
    for step in problem.get("steps", ()):
        if isinstance(step, Mapping):
            said = step.get("detail") or step.get("title") or ""
            yield f"{step.get('path') or step.get('step') or '?'}: {said}"


def summary_lines(findings: Iterable[Mapping[str, Any]]) -> Iterator[Text]:
    """Yield a line per code among the findings: the first of each, and how many there are like it."""
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        alike.setdefault(str(finding.get("code")), []).append(finding)
    for found in alike.values():
        line = next(finding_lines(found[0]))
        if len(found) > 1:
            line.append(f" and {len(found) - 1} more like it", style="dim")
        yield line


def finding_lines(finding: Mapping[str, Any]) -> Iterator[Text]:
    """Yield the lines of one finding about a package: place, severity, message, code, and a hint below it."""
    place = ":".join(str(finding[part]) for part in ("file", "line", "column") if finding.get(part))
    severity = str(finding.get("severity", "error"))
    line = Text(f"{place}: " if place else "")
    line.append(severity, style=_SEVERITY_STYLES.get(severity, ""))
    line.append(f": {finding.get('message', '')}")
    line.append(f" [{finding.get('code', '')}]", style="dim")
    if finding.get("clause"):
        line.append(f" ({finding['clause']})", style="dim")
    yield line
    if finding.get("hint"):
        yield Text(f"    hint: {finding['hint']}", style="cyan")
