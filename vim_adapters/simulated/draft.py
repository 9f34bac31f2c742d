"""A resource of the simulated VIM as it will be."""

from __future__ import annotations

from typing import Any

import msgspec

from vim_adapters.simulated.placement import Demand


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What comes of a spec."""

    attributes: dict[str, Any] = {}
    uses: tuple[str, ...] = ()
    """Identifiers of what may not go before it, and of the placement groups it is in."""
    addresses: tuple[tuple[str, str], ...] = ()
    """(scope, address): see the table."""
    demand: Demand = Demand()
    host: str | None = None
    fault: str = ""
    """Accepted, and yet never comes up: why."""
