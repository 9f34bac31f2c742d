"""From a kind of VIM to its adapter: the one place that branches on the kind.

A kind is a name and the module that holds its ``connect`` function, imported when the first connection of that kind is
registered: who has no such VIM does not pay for its libraries.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

import msgspec

from mano_runtime.tenancy import acting
from vim_adapters.connection import VimConnection
from vim_adapters.contract import VimAdapter
from vim_adapters.errors import MisconfiguredError
from vim_adapters.guarded import Guarded, Limits
from vim_adapters.watch import Watch

__all__ = ["KINDS", "UnknownVimError", "UnknownVimTypeError", "VimConnection", "VimKind", "VimRegistry"]


class VimKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of VIM that there is an adapter for."""

    module: str
    """Has ``connect(connection: VimConnection) -> VimAdapter``, which does no I/O and raises MisconfiguredError."""
    poll_seconds: float
    """How often to look whether resources that are waited for are ready, unless the connection says otherwise."""


KINDS: Mapping[str, VimKind] = {
    "SIMULATED": VimKind(module="vim_adapters.simulated.adapter", poll_seconds=0.05),
    "OPENSTACK": VimKind(module="vim_adapters.openstack.adapter", poll_seconds=1.0),
    "ETSINFV.OPENSTACK_KEYSTONE.V_3": VimKind(module="vim_adapters.openstack.adapter", poll_seconds=1.0),
}
"""By the ``vimType`` of VIM connections."""


class UnknownVimError(KeyError):
    """No VIM connection with this identifier is registered."""

    def __str__(self) -> str:
        return f"there is no VIM connection {self.args[0]!r}"


class UnknownVimTypeError(ValueError):
    """There is no adapter for this kind of VIM."""

    def __init__(self, vim_type: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no adapter for VIMs of type {vim_type!r}; known types: {', '.join(known)}")
        self.vim_type = vim_type
        self.known = known


class VimRegistry:
    """The VIMs that can be used now, each behind a guarded adapter.

    To who acts for a tenant (``mano_runtime.tenancy``), the VIMs of other tenants are not registered.

    Belongs to one event loop. Nothing is sent to a VIM by registering it: ``adapter(id).check_access()`` does that.
    """

    def __init__(self, kinds: Mapping[str, VimKind] = KINDS) -> None:
        self._kinds = kinds
        self._vims: dict[str, _Vim] = {}
        self._retired: list[_Vim] = []

    def kinds(self) -> tuple[str, ...]:
        """Every VIM type that there is an adapter for."""
        return tuple(sorted(self._kinds))

    def register(self, connection: VimConnection) -> None:
        """Make a VIM usable, in place of the one registered under the same identifier; again the same is a no-op.

        Calls that are under way on a replaced adapter finish on it; it is closed with the registry.

        Raises:
            UnknownVimTypeError: no adapter is for this type.
            MisconfiguredError: the connection lacks something that the adapter needs, or has it wrong.
        """
        if connection.id in self._vims and self._vims[connection.id].connection == connection:
            return
        if connection.vim_type not in self._kinds:
            raise UnknownVimTypeError(connection.vim_type, self.kinds())
        limits = _limits(connection)
        connect: Callable[[VimConnection], VimAdapter] = importlib.import_module(
            self._kinds[connection.vim_type].module
        ).connect
        guarded = Guarded(
            connect(connection),
            kind=connection.vim_type,
            limits=limits,
            secrets=connection.secrets,
        )
        self.remove(connection.id)
        self._vims[connection.id] = _Vim(connection, guarded)

    def remove(self, vim: str) -> None:
        """Stop using a VIM; one that is not registered is left so."""
        if old := self._vims.pop(vim, None):
            self._retired.append(old)

    def connections(self) -> tuple[VimConnection, ...]:
        """Return the connections that are registered, in the order in which they came."""
        return tuple(vim.connection for vim in self._vims.values() if vim.usable)

    def adapter(self, vim: str) -> VimAdapter:
        """Return the guarded adapter of a VIM; UnknownVimError when it is not registered."""
        return self._vim(vim).adapter

    def watch(self, vim: str, owner: str) -> Watch:
        """Return the one poller that serves all who wait for this owner's resources there; UnknownVimError."""
        found = self._vim(vim)
        if owner not in found.watches:
            found.watches[owner] = Watch(found.adapter, owner, seconds=self.poll_seconds(vim))
        return found.watches[owner]

    def poll_seconds(self, vim: str) -> float:
        """How often to look at resources that are waited for on this VIM; UnknownVimError."""
        connection = self._vim(vim).connection
        return float(connection.extra.get("poll_seconds", self._kinds[connection.vim_type].poll_seconds))

    async def aclose(self) -> None:
        """Close every adapter that was ever registered; whoever still waits is cancelled. Empty afterwards."""
        closing = [*self._vims.values(), *self._retired]
        self._vims.clear()
        self._retired.clear()
        for vim in closing:
            for watch in vim.watches.values():
                await watch.aclose()
            await vim.adapter.aclose()

    def _vim(self, vim: str) -> _Vim:
        found = self._vims.get(vim)
        if found is None or not found.usable:
            raise UnknownVimError(vim)
        return found


class _Vim:
    """A registered connection and what serves it."""

    def __init__(self, connection: VimConnection, adapter: Guarded) -> None:
        self.connection = connection
        self.adapter = adapter
        self.watches: dict[str, Watch] = {}
        """By owner."""

    @property
    def usable(self) -> bool:
        """Whether the acting party may use it."""
        return acting().sees(self.connection.tenant, shareable=True)


def _limits(connection: VimConnection) -> Limits:
    """What the connection's own settings say about how to treat the VIM; MisconfiguredError names the wrong one."""
    chosen = {key: value for key, value in connection.extra.items() if key in _SETTINGS}
    for key, value in chosen.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise MisconfiguredError(f"extra.{key} must be a number above 0, not {value!r}")
    chosen.pop("poll_seconds", None)
    return Limits(**chosen)


_SETTINGS = frozenset({"poll_seconds", *Limits.__struct_fields__})
