"""The roles of people and programs, and what each may do: the one table.

A role is a set of scopes (``mano_runtime.security.scopes``). What is in no role but that of administrators (VIMs,
clients, the audit log) is theirs alone. A new interface, or a new resource of ``/mano/v1``, belongs into this table; a
test walks every route and says what is missing.
"""

from __future__ import annotations

from mano_runtime.security.principal import EVERYTHING
from mano_runtime.security.scopes import Roles

CATALOGUE = ("nsd", "vnfpkgm")
"""Interfaces to what is designed: packages and descriptors."""
LIFECYCLE = (
    "nslcm", "nsfm", "nspm", "vnflcm", "vnffm", "vnfpm", "vnfind", "vnfsnapshotpkgm", "vrqan",
)  # fmt: skip
"""Interfaces to what runs."""
READABLE = (
    "operations", "vnf_packages", "ns_descriptors", "pnf_descriptors", "subscriptions", "vim_connections", "metrics",
)  # fmt: skip
"""Resources of ``/mano/v1`` that everybody may look at."""

_VIEWER = frozenset(
    {f"{interface}:*:readonly" for interface in CATALOGUE + LIFECYCLE}
    | {f"mano:v1:{resource}:readonly" for resource in READABLE}
)

VIEWER, OPERATOR, DESIGNER, VNFM, ADMINISTRATOR = "viewer", "operator", "designer", "vnfm", "administrator"

ROLES: Roles = {
    VIEWER: _VIEWER,
    OPERATOR: _VIEWER | {f"{interface}:*:all" for interface in LIFECYCLE},
    DESIGNER: _VIEWER
    | {f"{interface}:*:all" for interface in CATALOGUE}
    | {"mano:v1:vnf_packages:all", "mano:v1:ns_descriptors:all", "mano:v1:pnf_descriptors:all"},
    VNFM: frozenset({"grant:*:all", "vnfpkgm:*:readonly"}),  # and nobody else: grants say how to get into VIMs
    ADMINISTRATOR: EVERYTHING,
}

INSTALLATION_WIDE = frozenset({ADMINISTRATOR})
"""Roles that see what belongs to every tenant."""
