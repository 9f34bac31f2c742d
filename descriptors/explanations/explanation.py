"""What a code of a diagnostic means."""

import msgspec


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A code, explained to whoever meets it."""

    meaning: str
    """What is found, in one or two sentences."""
    remedy: str
    """How to mend it."""
    clause: str = ""
    """The clause of the standard that asks for it, where there is one."""
