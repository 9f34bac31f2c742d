"""Values that a descriptor declares for requests to give."""

from __future__ import annotations

from typing import Any

from descriptors.model.record import Model


class Declaration(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A value that may be given in a request: its name, type, and what it is when nobody gives it."""

    name: str
    type: str = "string"
    """TOSCA's name of it."""
    required: bool = False
    default: Any = None
    description: str = ""
    valid_values: tuple[Any, ...] = ()
    """All there are; empty: any."""
    constraints: tuple[dict[str, Any], ...] = ()
    """As the descriptor has them."""
