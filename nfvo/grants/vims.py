"""The VIMs to choose from, as the NFVO sees them when it decides where something goes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from nfvo.grants.placement import Apart, Demand, NoRoomError, place
from vim_adapters.capabilities import Feature
from vim_adapters.connection import VimConnection
from vim_adapters.contract import ZoneCapacity
from vim_adapters.errors import VimError
from vim_adapters.registry import VimRegistry

Left = Callable[[str, Iterable[ZoneCapacity]], Sequence[ZoneCapacity]]
"""What is left of a VIM's zones without what is promised to others."""


class NoVimError(Exception):
    """No VIM takes what was asked; the message says why of each."""


class Vims:
    """The registered VIMs, first registered first; with ``left`` less what is promised."""

    def __init__(self, registry: VimRegistry, left: Left | None = None) -> None:
        self._registry = registry
        self._left = left

    def connection(self, vim: str) -> VimConnection | None:
        """Return the connection, or None when it is not registered."""
        return next((known for known in self._registry.connections() if known.id == vim), None)

    async def first_fit(
        self,
        demands: Mapping[str, Demand],
        *,
        among: Collection[str] = (),
        together: Sequence[frozenset[str]] = (),
        apart: Sequence[Apart] = (),
        fixed: Mapping[str, str] | None = None,
    ) -> tuple[VimConnection, dict[str, str]]:
        """Return the first VIM that has room for everything, and the zone there of each thing.

        ``among``: identifiers of the connections to choose from; all when empty. A VIM that does not tell its capacity
        has room, in a zone that has no name.

        Raises:
            NoVimError: none is registered, an unknown one is asked for, or none has room; with the numbers.
        """
        candidates = self._candidates(among)
        reasons = []
        for vim in candidates:
            try:
                zones = await self._zones(vim.id)
                return vim, place(demands, zones, together=together, apart=apart, fixed=fixed)
            except NoRoomError as error:
                reasons.append(f"VIM {_name(vim)}: {error}")
            except VimError as error:
                reasons.append(f"VIM {_name(vim)}: {error.title}: {error.message}")
        raise NoVimError("; ".join(reasons))

    def _candidates(self, among: Collection[str]) -> list[VimConnection]:
        connections = self._registry.connections()
        if not connections:
            raise NoVimError("no VIM is registered: register one with `mano vim add` or POST /mano/v1/vim_connections")
        known = {vim.id for vim in connections}
        if missing := sorted(set(among) - known):
            raise NoVimError(f"the VIM connection {', '.join(missing)} is not registered (any more)")
        return [vim for vim in connections if not among or vim.id in among]

    async def _zones(self, vim: str) -> Sequence[ZoneCapacity]:
        adapter = self._registry.adapter(vim)
        if Feature.CAPACITY not in adapter.capabilities.features:
            return (ZoneCapacity(zone=""),)
        zones = await adapter.capacity()
        return self._left(vim, zones) if self._left else zones


def _name(vim: VimConnection) -> str:
    return vim.vim_id or vim.id
