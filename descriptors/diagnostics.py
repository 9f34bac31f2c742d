"""Findings about a package or descriptor: collected with their fellows, never raised one by one."""

from __future__ import annotations

import enum

import msgspec


class Severity(enum.StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """The package cannot be onboarded."""
    WARNING = "warning"
    """Accepted, and not as the standard has it or not likely what was meant."""
    INFO = "info"


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding."""

    severity: Severity
    code: str
    """Stable, documented, kebab-case: ``csar-path-escapes``, ``tosca-unknown-type``."""
    message: str
    file: str = ""
    """Path in the archive."""
    line: int = 0
    """From 1; 0 when the finding is about the whole file."""
    column: int = 0
    path: str = ""
    """Where in the document: ``topology_template/node_templates/VDU1/properties/name``."""
    hint: str = ""
    """What to do about it."""
    clause: str = ""
    """Clause of the standard."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place or '-'}: {self.severity}: {self.message} [{self.code}]"


class Diagnostics:
    """A growing collection of findings. Not thread-safe: one per run."""

    def __init__(self, *, forgiven: frozenset[str] = frozenset()) -> None:
        """Collect findings; errors of the codes that are ``forgiven`` do not keep a package from being used."""
        self.found: list[Diagnostic] = []
        self._forgiven = forgiven

    def add(self, severity: Severity, code: str, message: str, **place: str | int) -> None:
        """Collect a finding; ``place`` holds file, line, column, path, hint, clause as far as known."""
        self.found.append(Diagnostic(severity=severity, code=code, message=message, **place))  # type: ignore[arg-type] # keywords are checked by msgspec

    @property
    def failed(self) -> bool:
        """Whether any finding is an error that is not forgiven: there is no model to be had, or none to rely on."""
        return any(f.severity is Severity.ERROR and f.code not in self._forgiven for f in self.found)
