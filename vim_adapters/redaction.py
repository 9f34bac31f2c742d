"""Secrets do not leave in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vim_adapters.errors import VimError


class Redaction:
    """Takes secrets out of texts: the connection's own, and what looks like one wherever it comes from."""

    _LOOKS_SECRET = re.compile(
        r"""(?ix)
        (?P<key> \b (?:x-)? (?:auth-token|subject-token|authorization|password|passwd|token|api[_-]?key
                    |secret(?:[_-]?(?:key|access[_-]?key))?) ["']? \s* [:=] \s* ["']? (?:(?:basic|bearer)\s+)? )
        (?P<value> [^\s"',;&}]+ )
        | (?P<scheme> \b [a-z][a-z0-9+.-]* :// ) [^\s/@]+ @
        """
    )
    _SHORTEST = 4
    """Shorter values are no secrets, and would blacken innocent words."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= self._SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """Return the text with each secret replaced by asterisks."""
        if self._known:
            text = self._known.sub("***", text)
        return self._LOOKS_SECRET.sub(
            lambda found: f"{found['key'] or found['scheme']}***{'@' if found['scheme'] else ''}", text
        )

    def error(self, error: VimError) -> VimError:
        """Return the error, or one of the same class without the secrets that it told."""
        message, vim_message = self.text(error.message), self.text(error.vim_message)
        if (message, vim_message) == (error.message, error.vim_message):
            return error
        return type(error)(message, vim_message=vim_message, request_id=error.request_id, after=error.after)
