"""What a code of a diagnostic means."""

from typing import Literal

import msgspec


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A code, explained to whoever meets it."""

    meaning: str
    """What is found, in one or two sentences."""
    remedy: str
    """How to mend it."""
    severity: Literal["error", "warning", "error, warning", "info"] = "error"
    """What it weighs in mode ``etsi``; where both are possible, ``meaning`` says when it is which."""
    clause: str = ""
    """The clause of the standard that asks for it, where there is one."""
