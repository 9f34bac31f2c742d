"""URIs that others give us to send requests to."""

from __future__ import annotations

import re

from yarl import URL


class UnusableUriError(ValueError):
    """No request can be sent there, or none that would be safe."""


def checked_uri(text: str) -> str:
    """Return ``text`` if it is an absolute http or https URI without credentials in it.

    Raises:
        UnusableUriError: it is not.
    """
    try:
        uri = URL(text)
    except ValueError as error:
        raise UnusableUriError(f"{_shown(text)!r} is no URI") from error
    if uri.scheme not in {"http", "https"} or not uri.host:
        raise UnusableUriError(f"{_shown(text)!r} is no absolute http or https URI")
    if uri.user or uri.password:
        raise UnusableUriError("a URI is shown to everybody: credentials belong into authentication")
    return text


def _shown(text: str) -> str:
    """Return the text without what may be credentials: whatever stands before an at sign."""
    return re.sub(r".*@", "***@", text, flags=re.DOTALL)
