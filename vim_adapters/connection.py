"""How the orchestrator gets to one VIM."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mano_runtime.tenancy import SHARED_TENANT

_PUBLIC = re.compile(r"(user|project|tenant|domain|region|_|-|name|id)+", re.IGNORECASE)
"""Keys of access information whose values say who asks, not how that is proven."""


_PROJECT = re.compile(r"(project|tenant)(_?(name|id))?", re.IGNORECASE)
"""Keys of the information whose values say whose the resources on the VIM are."""


class VimConnection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One VIM as an operator registered it; the attributes of SOL003's VimConnectionInfo (clause 4.4.1.6)."""

    id: str
    """By which plans and grants name it."""
    vim_type: str
    """Which adapter drives it: a name that ``vim_adapters.registry`` knows."""
    vim_id: str = ""
    """By which the VIM's operator names it."""
    interface_info: dict[str, str] = {}
    """Where the VIM is and how to speak to it; each adapter says which keys it reads."""
    access_info: dict[str, str] = {}
    """Credentials; see ``secrets``."""
    extra: dict[str, Any] = {}
    """Settings of this connection that are ours: ``calls_per_second``, ``poll_seconds``, ``deadline_seconds``."""
    tenant: str = SHARED_TENANT
    """Who may use it; ``mano_runtime.tenancy``."""

    def works_in(self, group: str) -> bool:
        """Tell whether what is made through the connection can be in an infrastructure resource group.

        That is the project, by the name or identifier that the connection's own information has. A connection that
        names none leaves the group to its VIM.
        """
        known = {**self.interface_info, **self.access_info}
        named = {value for key, value in known.items() if _PROJECT.fullmatch(key)}
        return not named or group in named

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must not be shown or logged."""
        return tuple(value for key, value in self.access_info.items() if not _PUBLIC.fullmatch(key))
