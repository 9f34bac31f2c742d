"""On whose behalf the database is read and written: what one tenant keeps, the others do not see.

Who serves a request, or works on an operation, says so once with :func:`acting_for`; every table of documents looks
here. Work of the installation itself (migrations, starts, deliveries) says nothing and sees everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

DEFAULT_TENANT = "default"
"""Whose everything is where nobody says otherwise, and was before there were tenants."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on whose behalf something is done."""

    tenant: str = DEFAULT_TENANT
    """Whose it is what they make."""
    everywhere: bool = False
    """Whether they see, change and remove what belongs to other tenants."""


INSTALLATION = Party(everywhere=True)
"""The installation itself."""

_acting: ContextVar[Party] = ContextVar("party", default=INSTALLATION)


def acting() -> Party:
    """Return on whose behalf the current task works."""
    return _acting.get()


@contextmanager
def acting_for(party: Party) -> Iterator[None]:
    """Work on behalf of ``party`` until the block ends; tasks that are made in it inherit that for good."""
    token = _acting.set(party)
    try:
        yield
    finally:
        _acting.reset(token)
