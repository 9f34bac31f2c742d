"""Why a database cannot be used, in words for the operator."""

from __future__ import annotations


class UnusableDatabaseError(Exception):
    """The database cannot be used as it is; the message says what to do, and has no password."""


class DatabaseInUseError(UnusableDatabaseError):
    """Another server uses the database."""


class DatabaseAwayError(Exception):
    """The database does not answer. Whether what was under way was committed is not known; try it again later."""


class OvertakenError(DatabaseAwayError):
    """Another server has taken the database over: for this one it is away for good."""
