"""Who asks, once they are known."""

from __future__ import annotations

import msgspec

from mano_runtime.security.scopes import allows
from mano_runtime.tenancy import INSTALLATION, Party


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A client that has shown who it is, and what it may do."""

    subject: str
    """Identifier of the client."""
    scopes: frozenset[str]
    party: Party

    def allows(self, needed: str) -> bool:
        """Whether the client has the scope that a route needs."""
        return allows(self.scopes, needed)


EVERYTHING = frozenset({"*:*:all"})
ANYBODY = Principal(subject="anybody", scopes=EVERYTHING, party=INSTALLATION)
"""Whoever asks where access is not controlled."""
