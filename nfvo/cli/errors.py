"""What goes wrong on the way to an answer, and what the process exits with.

CommandError
├── InputError          a file or an argument that cannot be used
├── NotFoundError       nothing has that name, or several things have
├── OperationError      an operation ended otherwise than asked for
├── RefusedError        the server said no, with problem details
│   └── ServerFaultError    it failed itself (5xx)
└── UnreachableError    nobody answers at the URL
"""

from __future__ import annotations

import enum
from typing import Any


class ExitCode(enum.IntEnum):
    """What ``mano`` exits with; scripts rely on the numbers."""

    DONE = 0
    FAILED = 1
    """An operation ended otherwise than asked for, or a check found errors."""
    USAGE = 2
    """The command line is wrong."""
    REFUSED = 3
    """The server refused the request, or the input cannot be used."""
    NOT_FOUND = 4
    """Nothing has that name or identifier, or several things have."""
    UNREACHABLE = 5
    """The server does not answer, or failed itself."""


MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "an operation ended otherwise than asked for, or a check found errors",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.REFUSED: "the server refused the request, or the input cannot be used",
    ExitCode.NOT_FOUND: "nothing has that name or identifier, or several things have",
    ExitCode.UNREACHABLE: "the server does not answer, or failed itself",
}
"""For the help."""


class CommandError(Exception):
    """The command cannot do what was asked; it is told on stderr and the process exits with ``code``."""

    code = ExitCode.REFUSED

    def __init__(self, title: str, detail: str = "", *, hint: str = "", problem: dict[str, Any] | None = None) -> None:
        """Say what is wrong (``title``), where exactly (``detail``) and what to do about it (``hint``)."""
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.problem = problem or {}
        """Problem details as the server sent them, or as near as we can tell."""

    def document(self) -> dict[str, Any]:
        """Return the error as JSON: problem details, with what the process exits with."""
        return {"title": self.title, "detail": self.detail} | self.problem | {"hint": self.hint, "exitCode": self.code}


class InputError(CommandError):
    """A file or an argument cannot be used."""


class NotFoundError(CommandError):
    """Nothing has that name or identifier, or several things have."""

    code = ExitCode.NOT_FOUND


class OperationError(CommandError):
    """An operation ended otherwise than asked for."""

    code = ExitCode.FAILED


class UnreachableError(CommandError):
    """Nobody answers at the server's URL."""

    code = ExitCode.UNREACHABLE


class RefusedError(CommandError):
    """The server answered with problem details (4xx)."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.problem.get("status", 0))


class ServerFaultError(RefusedError):
    """The server failed (5xx)."""

    code = ExitCode.UNREACHABLE


HTTP_UNAUTHORIZED = 401
HTTP_NOT_FOUND = 404
HTTP_FAULT = 500


def refusal(status: int, problem: dict[str, Any]) -> CommandError:
    """Return the error for an answer of the server with ``status`` and problem details."""
    problem = {"status": status} | problem
    title = str(problem.get("title") or f"HTTP {status}")
    detail = str(problem.get("detail") or "")
    if status == HTTP_NOT_FOUND:
        return NotFoundError(title, detail, problem=problem)
    if status >= HTTP_FAULT:
        return ServerFaultError(title, detail, hint="The server's log says more.", problem=problem)
    hint = (
        "`mano login NAME` logs in; or set MANO_CLIENT_ID and MANO_CLIENT_SECRET_FILE. An administrator makes clients:"
        " `mano client create NAME --role operator`."
        if status == HTTP_UNAUTHORIZED
        else ""
    )
    return RefusedError(title, detail, hint=hint, problem=problem)
