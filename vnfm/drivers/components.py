"""Which components of a VNF a script is for, and how each is reached."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from vnfm.drivers.contract import Host, Run, RunFailedError, Script

OPTIONS = frozenset({"vdu", "on", "cp", "user", "port", "key", "password"})
"""What drivers that log in to guests have in common."""
_CHOICES = ("all", "added", "renewed", "removed")


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A guest that can be logged in to."""

    id: str
    vdu: str
    index: int
    address: str


def components(run: Run) -> list[Component]:
    """Return the components that the options ``vdu``, ``on`` and ``cp`` choose, in the order of their numbers.

    Raises:
        RunFailedError: one of them has no address there.
    """
    options = run.script.options
    found = [vnfc for vnfc in run.facts["vnfcs"] if options.get("vdu") in {None, vnfc["vdu"]}]
    if (chosen := options.get("on", "all")) != "all":
        found = [vnfc for vnfc in found if vnfc["id"] in run.facts["changes"][chosen]]
    return [
        Component(id=vnfc["id"], vdu=vnfc["vdu"], index=vnfc["index"], address=_address(vnfc, options.get("cp")))
        for vnfc in found
    ]


def stray_option(script: Script, known: Collection[str]) -> str | None:
    """Say which option the driver does not know, and which it does; None when it knows all."""
    for name in sorted(script.options.keys() - set(known)):
        return f"there is no option mano_{name}; there are {', '.join(f'mano_{it}' for it in sorted(known)) or 'none'}"
    return None


def misfit(script: Script, host: Host, known: Collection[str] = ()) -> str | None:
    """Say what is wrong with the options, as far as that can be told beforehand; ``known`` are the driver's own."""
    if stray := stray_option(script, {*OPTIONS, *known}):
        return stray
    options = script.options
    if options.get("on", "all") not in _CHOICES:
        return f"mano_on is one of {', '.join(_CHOICES)}, not {options['on']!r}"
    if (port := options.get("port")) is not None and not str(port).isdigit():
        return f"mano_port is a number, not {port!r}"
    if (key := options.get("key")) is not None:
        file = key_file(host, str(key))
        if file is None or not file.is_file():
            return f"the operator keeps no key {key!r} (a file of that name in the directory of MANO_SCRIPT_KEYS)"
    return None


def key_file(host: Host, name: str) -> Path | None:
    """Return the file of a private key that the operator keeps; None for a name that is no name of a file there."""
    return host.keys / name if host.keys and Path(name).name == name and not name.startswith(".") else None


def _address(vnfc: dict[str, Any], wanted: str | None) -> str:
    points = [point for point in vnfc["connectionPoints"] if wanted in {None, point["id"]}]
    for point in sorted(points, key=lambda point: not (point.get("external") or point.get("floatingAddress"))):
        if point.get("floatingAddress"):
            return str(point["floatingAddress"])
        if point["addresses"]:
            return str(point["addresses"][0])
    where = f"connection point {wanted!r}" if wanted else "any of its connection points"
    raise RunFailedError("A VNFC cannot be reached", f"{vnfc['id']} has no address at {where}")
