"""Scopes of OAuth 2.0 tokens as SOL013 clause 8 forms them, and roles, which are sets of them.

    nsd:v2:all                    everything at the interface
    nsd:v2:readonly               everything that changes nothing
    nsd:v2:ns_descriptors:all     everything at the resources below /ns_descriptors

``*`` stands for any interface, or any version. A route needs ``<interface>:v<major>:<resource>:<permission>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

ALL = "all"
READONLY = "readonly"

Roles = Mapping[str, frozenset[str]]
"""The scopes of each role."""


class UnknownRoleError(ValueError):
    """Nobody has such a role; the message says which there are."""


def permission(method: str, path: str) -> str:
    """Return what a request needs of an interface: the resource that its path begins with, and whether it writes."""
    resource = path.strip("/").partition("/")[0] or "*"
    return f"{resource}:{READONLY if method in {'GET', 'HEAD'} else ALL}"


@lru_cache(maxsize=8192)
def allows(granted: frozenset[str], needed: str) -> bool:
    """Whether one of the scopes that were granted covers what is needed."""
    return any(_covers(scope, needed) for scope in granted)


def narrowed(granted: frozenset[str], wanted: Iterable[str]) -> frozenset[str]:
    """Return those of the wanted scopes that what was granted covers."""
    return frozenset(scope for scope in wanted if any(_covers(have, scope) for have in granted))


def scopes_of(roles: Iterable[str], table: Roles) -> frozenset[str]:
    """Return the scopes that the roles have together.

    Raises:
        UnknownRoleError: there is no such role.
    """
    scopes: set[str] = set()
    for role in roles:
        if role not in table:
            raise UnknownRoleError(f"there is no role {role!r}; there are {', '.join(table)}")
        scopes |= table[role]
    return frozenset(scopes)


def _covers(scope: str, needed: str) -> bool:
    have, want = _parts(scope), _parts(needed)
    if have is None or want is None:
        return False
    return all(mine in {"*", theirs} for mine, theirs in zip(have[:3], want[:3], strict=True)) and have[3] in {
        ALL,
        want[3],
    }


def _parts(scope: str) -> tuple[str, str, str, str] | None:
    """Return interface, version, resource and permission; None when it is no scope of ours."""
    match scope.split(":"):
        case [interface, version, permission_]:
            return interface, version, "*", permission_
        case [interface, version, resource, permission_]:
            return interface, version, resource, permission_
    return None
