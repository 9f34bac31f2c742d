"""Faults on demand: which calls of the simulated VIM shall go wrong, and how.

Rules are kept in the VIM's file, so that they can be set from outside while an orchestrator runs, and survive it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

from vim_adapters.errors import (
    AccessDeniedError,
    CapacityError,
    InvalidSpecError,
    MisconfiguredError,
    OutcomeUnknownError,
    QuotaError,
    ThrottledError,
    UnreachableError,
    VimError,
)
from vim_adapters.simulated.file import VimFile

REFUSALS: dict[str, type[VimError]] = {
    "unreachable": UnreachableError,
    "throttled": ThrottledError,
    "capacity": CapacityError,
    "quota": QuotaError,
    "denied": AccessDeniedError,
    "misconfigured": MisconfiguredError,
    "refused": InvalidSpecError,
}
"""Errors that are answered instead of doing what was asked."""

OUTCOME_LOST = "outcome_lost"
"""Does what was asked and then loses the answer."""
BOOT_FAULT = "boot_fault"
"""Accepts the creation of a resource that then comes up FAULTED."""
TWIN = "twin"
"""Creates two resources of the same identity, as a VIM may that was asked again after a lost answer."""
DELAY = "delay"
"""Does what was asked, only later."""

ERRORS = (*REFUSALS, OUTCOME_LOST, BOOT_FAULT, TWIN, DELAY)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What a call is about, for rules to match."""

    verb: str
    kind: str = ""
    path: str = ""
    name: str = ""
    id: str = ""


class FaultRule(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls go wrong, and how."""

    error: str
    """One of ERRORS."""
    verb: str = "ensure_present"
    """As a pattern (``*``: every verb), like ``kind`` and ``match``."""
    kind: str = "*"
    match: str = "*"
    """Matched against the path of the identity, the name in the spec and the identifier on the VIM."""
    after_calls: int = 0
    """Let so many matching calls pass first."""
    remaining: int | None = 1
    """How many calls go wrong; None: all of them until the rule is cleared."""
    delay_seconds: float = 0.0
    """How long the call takes besides."""
    retry_after: float | None = None
    """With ``throttled``: the pause that is asked for, in seconds."""
    message: str = ""
    """The VIM's words; a fitting sentence when empty."""
    id: int = 0
    """Given by the file."""

    def refusal(self) -> VimError | None:
        """The error that is answered in place of doing what was asked, if that is what the rule says."""
        if (error := REFUSALS.get(self.error)) is None:
            return None
        return error("injected fault", vim_message=self.message or error.title, after=self.retry_after)

    def loss(self) -> VimError | None:
        """The error that is answered although what was asked has been done, if that is what the rule says."""
        if self.error != OUTCOME_LOST:
            return None
        return OutcomeUnknownError("injected fault", vim_message=self.message or "connection reset while reading")

    def matches(self, call: Call) -> bool:
        """Whether the rule is about this call."""
        return (
            fnmatchcase(call.verb, self.verb)
            and fnmatchcase(call.kind, self.kind)
            and any(fnmatchcase(what, self.match) for what in (call.path, call.name, call.id))
        )


def add_rule(connection: VimFile, rule: FaultRule) -> int:
    """Keep a rule; returns its identifier. ValueError when it says something that cannot be."""
    if rule.error not in ERRORS:
        raise ValueError(f"there is no fault {rule.error!r}; known: {', '.join(ERRORS)}")
    connection.known.pop("rules", None)
    row = msgspec.structs.asdict(rule)
    row.pop("id")
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    cursor = connection.execute(f"INSERT INTO faults ({columns}) VALUES ({marks})", tuple(row.values()))  # noqa: S608  # names of attributes
    return cursor.lastrowid or 0


def rules(connection: VimFile) -> list[FaultRule]:
    """Return the rules that have calls left to spoil, oldest first."""
    found: list[FaultRule] | None = connection.known.get("rules")
    if found is None:
        rows = connection.execute("SELECT * FROM faults WHERE remaining IS NULL OR remaining > 0 ORDER BY id")
        found = connection.known["rules"] = [FaultRule(**dict(row)) for row in rows]
    return found


def clear_rules(connection: VimFile, rule: int | None = None) -> int:
    """Forget one rule, or all; returns how many that were."""
    connection.known.pop("rules", None)
    if rule is None:
        return connection.execute("DELETE FROM faults").rowcount
    return connection.execute("DELETE FROM faults WHERE id = ?", (rule,)).rowcount


def take_fault(connection: VimFile, call: Call) -> FaultRule | None:
    """Return the rule that spoils this call, the oldest that matches, and count the call on it."""
    for rule in rules(connection):
        if not rule.matches(call):
            continue
        connection.known.pop("rules", None)
        if rule.after_calls > 0:
            connection.execute("UPDATE faults SET after_calls = after_calls - 1 WHERE id = ?", (rule.id,))
            continue
        connection.execute("UPDATE faults SET remaining = remaining - 1 WHERE id = ?", (rule.id,))  # NULL stays NULL
        return rule
    return None
