"""Why a package cannot be made."""

from __future__ import annotations


class AuthoringError(Exception):
    """The input does not allow it; nothing was written."""

    def __init__(self, title: str, detail: str = "", *, hint: str = "") -> None:
        """Say what cannot be done (``title``), why exactly (``detail``) and what to do about it (``hint``)."""
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.hint = hint
