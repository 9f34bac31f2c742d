"""Which drivers there are: the one place that branches on them.

A driver is a name and the module that holds its class, imported when the first script needs it: who has no such script
does not pay for its libraries.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping

import msgspec

from vnfm.drivers.contract import Driver, Host


class DriverKind(msgspec.Struct, frozen=True, kw_only=True):
    """A driver that can be had."""

    module: str
    factory: str
    """Called with the :class:`Host`; does nothing but remember it."""
    needs: tuple[str, ...] = ()
    """Modules that must be installed."""
    extra: str = ""
    """The extra of this distribution that installs them."""


KINDS: Mapping[str, DriverKind] = {
    "ansible": DriverKind(
        module="vnfm.drivers.ansible", factory="AnsibleDriver", needs=("ansible", "ansible_runner"), extra="ansible"
    ),
    "coordination": DriverKind(module="vnfm.drivers.coordination", factory="CoordinationDriver"),
    "local": DriverKind(module="vnfm.drivers.local", factory="LocalDriver"),
    "ssh": DriverKind(module="vnfm.drivers.ssh", factory="SshDriver", needs=("asyncssh",), extra="ssh"),
}
"""By name, as ``mano_driver`` gives it."""


class UnknownDriverError(Exception):
    """There is no such driver, or it is not installed; the message tells which there are, or what to install."""


class DriverRegistry:
    """The drivers of one orchestrator. Belongs to one event loop."""

    def __init__(self, host: Host, kinds: Mapping[str, DriverKind] = KINDS) -> None:
        self._host = host
        self._kinds = kinds
        self._made: dict[str, Driver] = {}

    def driver(self, name: str) -> Driver:
        """Return the driver of this name; UnknownDriverError when it cannot be had."""
        if name not in self._made:
            kind = self._kinds.get(name)
            if kind is None:
                raise UnknownDriverError(f"there is no driver {name!r}; there are {', '.join(sorted(self._kinds))}")
            missing = [module for module in kind.needs if importlib.util.find_spec(module) is None]
            if missing:
                raise UnknownDriverError(
                    f"the driver {name!r} needs {', '.join(missing)}, which is not installed:"
                    f" pip install 'mano-stack[{kind.extra}]'"
                )
            self._made[name] = getattr(importlib.import_module(kind.module), kind.factory)(self._host)
        return self._made[name]
