"""How fast the simulated VIM is, and what it allows; kept in its file as numbers by key.

``call.VERB``     seconds that each call of this verb takes, there and back
``boot.KIND``     seconds from the creation of a resource of this kind until it is ready
``removal.KIND``  seconds from the request to remove it until it is gone
``shutdown.server``  seconds that a guest takes to shut down when it is asked to; none at first
``quota.THING``   how much of it all owners may have together; none where no number is set
"""

from __future__ import annotations

from vim_adapters.resources import AWAITED_KINDS
from vim_adapters.simulated.file import VimFile

VERBS = (
    "check_access",
    "capacity",
    "ensure_present",
    "ensure_absent",
    "observe",
    "find",
    "list_owned",
    "operate",
    "console",
    "adjust",
)
QUOTAS = (
    "networks",
    "subnets",
    "ports",
    "routers",
    "floating_addresses",
    "security_groups",
    "volumes",
    "servers",
    "vcpus",
    "memory_mib",
    "storage_gib",
)

DEFAULTS: dict[str, float] = {
    "boot.server": 0.3,
    "boot.volume": 0.1,
    "boot.image": 0.1,
    "boot.server_snapshot": 0.2,
    "boot.volume_snapshot": 0.1,
    "removal.server": 0.1,
    "removal.volume": 0.05,
    "removal.image": 0.05,
    "removal.server_snapshot": 0.05,
    "removal.volume_snapshot": 0.05,
}
"""Of a fresh file: slow enough for an eye to follow."""


def known_keys() -> frozenset[str]:
    """Every key that means something."""
    timed = (f"{what}.{kind}" for what in ("boot", "removal") for kind in AWAITED_KINDS)
    return frozenset(
        {"shutdown.server", *timed, *(f"call.{verb}" for verb in VERBS), *(f"quota.{thing}" for thing in QUOTAS)}
    )


def setting(connection: VimFile, key: str) -> float | None:
    """Return the number, or None where none is set."""
    settings: dict[str, float] | None = connection.known.get("settings")
    if settings is None:
        rows = connection.execute("SELECT key, value FROM settings")
        settings = connection.known["settings"] = {row["key"]: float(row["value"]) for row in rows}
    return settings.get(key)


def set_setting(connection: VimFile, key: str, value: float | None) -> None:
    """Set a number; None takes it away. An unknown key is a ValueError."""
    if key not in known_keys():
        raise ValueError(f"there is no setting {key!r}; known: {', '.join(sorted(known_keys()))}")
    if value is not None and value < 0:
        raise ValueError(f"{key} must not be negative")
    connection.known.clear()
    if value is None:
        connection.execute("DELETE FROM settings WHERE key = ?", (key,))
    else:
        connection.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, value))
