"""What is on a VIM and bears our mark, though nothing in the inventories accounts for it.

A leftover is what a step left that nobody can take up any more: its operation was given up, or its record was lost.
What an operation that has not ended may have made is none, nor is a snapshot: that outlives what it is of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import Database
from vim_adapters.contract import Observation, State
from vim_adapters.errors import ConflictError
from vim_adapters.registry import VimRegistry
from vim_adapters.resources import Kind

_LAST = (Kind.ROUTER, Kind.SUBNET, Kind.NETWORK, Kind.SECURITY_GROUP, Kind.QOS_POLICY, Kind.PLACEMENT_GROUP)
"""Kinds that others hold on to, in this order; all others go before them, and servers and trunks first."""
_FIRST = (Kind.TRUNK, Kind.SERVER)
_OUTLIVING = frozenset({Kind.SERVER_SNAPSHOT, Kind.VOLUME_SNAPSHOT})

Account = Mapping[str, frozenset[str] | None]
"""By scope of a plan: what its instance has, by identifier on the VIM, or by path in the plan where a step that was
given up never told one. None: an operation is open, so everything may be its own."""

_LEVELS = frozenset({"ns", "vnf"})
"""Of the scopes that accounts are given of; what is in another is left alone."""


class Accounts(Protocol):
    """Who knows what the instances have; supplied by the composition root."""

    async def account(self, connection: AsyncConnection) -> Account:
        """Return what all instances have."""


class Leftovers:
    """What of one installation is left on VIMs."""

    def __init__(self, database: Database, registry: VimRegistry, accounts: Accounts, owner: str) -> None:
        self._database = database
        self._registry = registry
        self._accounts = accounts
        self._owner = owner

    async def find(self, vim: str) -> tuple[Observation, ...]:
        """Return the leftovers on a VIM, in the order in which they can be removed.

        The VIM is looked at before the inventories: what an operation makes in between is not taken for a leftover.

        Raises:
            VimError: the VIM cannot be asked.
        """
        seen = await self._registry.adapter(vim).list_owned(self._owner)
        account = await self._account()
        left = [one for one in seen if one.state is not State.DELETING and not _accounted(one, account)]
        return tuple(sorted(left, key=lambda one: _turn(one.handle.kind)))

    async def remove(self, vim: str) -> tuple[Observation, ...]:
        """Begin to remove every leftover on a VIM, and return them; those still in use are removed by a later call.

        Each is held against the inventories once more, just before it goes.
        """
        adapter = self._registry.adapter(vim)
        found = await self.find(vim)
        for one in found:
            if _accounted(one, await self._account()):
                continue
            try:
                await adapter.ensure_absent(one.handle)
            except ConflictError:  # something on it has not gone yet
                continue
        return found

    async def _account(self) -> Account:
        async with self._database.reading() as connection:
            return await self._accounts.account(connection)


def _accounted(one: Observation, account: Account) -> bool:
    if (
        one.identity is None
        or one.handle.kind in _OUTLIVING
        or one.identity.path.count("/") < len(("level", "subject"))
    ):
        return True
    level, subject, path = one.identity.path.split("/", 2)
    if level not in _LEVELS:
        return True
    scope = f"{level}/{subject}"
    if scope not in account:
        return False
    known = account[scope]
    return known is None or one.handle.id in known or path in known


def _turn(kind: Kind) -> int:
    if kind in _FIRST:
        return _FIRST.index(kind) - len(_FIRST)
    return _LAST.index(kind) + 1 if kind in _LAST else 0
