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
SHARED_TENANT = "shared"
"""What it has of what can be shared (packages, descriptors, VIM connections) every tenant may see and use."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on whose behalf something is done."""

    tenant: str = DEFAULT_TENANT
    """Whose it is what they make."""
    everywhere: bool = False
    """Whether they see, change and remove what belongs to other tenants."""

    def sees(self, tenant: str, *, shareable: bool) -> bool:
        """Whether the party may read and use what is a tenant's; ``shareable``: of a kind that can be shared."""
        return self.everywhere or tenant == self.tenant or (shareable and tenant == SHARED_TENANT)

    def may_change(self, tenant: str) -> bool:
        """Whether the party may change and remove what is a tenant's."""
        return self.everywhere or tenant == self.tenant


INSTALLATION = Party(everywhere=True)
"""The installation itself."""


def owner(tenant: str) -> Party:
    """Return the tenant itself: whoever works on what is its own, an administrator too, works on its behalf."""
    return Party(tenant=tenant)


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
