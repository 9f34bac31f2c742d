"""The model in words: what its parts are called, and amounts as people write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_NOUNS = {
    "aspects": "scaling aspect",
    "cps": "connection point",
    "l3": "subnet",
    "levels": "level",
    "lcm_operations_configuration": "configuration of operation",
    "nested": "nested NS",
    "pnfs": "PNF",
    "saps": "SAP",
    "vdus": "VDU",
    "vnf_profiles": "VNF",
}
_SHORT = {"vdu": "VDU", "vnf": "VNF", "ns": "NS", "pnf": "PNF", "vnfd": "VNFD", "nsd": "NSD", "cp": "CP", "id": "id"}
_BYTES = {
    1: "B", 1 << 10: "KiB", 1 << 20: "MiB", 1 << 30: "GiB", 1 << 40: "TiB",
    10**3: "kB", 10**6: "MB", 10**9: "GB", 10**12: "TB",
}  # fmt: skip
_BITRATES = {1: "bit/s", 10**3: "kbit/s", 10**6: "Mbit/s", 10**9: "Gbit/s", 10**12: "Tbit/s"}
_IDENTITIES = ("id", "operation", "name")
_ALWAYS = frozenset({"vcpus", "min_instances", "max_instances"})


def noun(field: str) -> str:
    """Return what one entry of a collection is called: ``virtual_links`` holds ``virtual link``."""
    if field in _NOUNS:
        return _NOUNS[field]
    words = field.split("_")
    last = words[-1]
    if last.endswith("ies"):
        words[-1] = last[:-3] + "y"
    elif last.endswith("s") and not last.endswith("ss"):
        words[-1] = last[:-1]
    return " ".join(_SHORT.get(word, word) for word in words)


def called(field: str) -> str:
    """Return what an attribute is called: ``memory_bytes`` is ``memory``."""
    words = field.removesuffix("_bytes").split("_")
    return " ".join(_SHORT.get(word, word) for word in words)


def phrased(field: str, value: Any) -> str:
    """Return a value as people write it, with the unit that the attribute's name tells."""
    if isinstance(value, Mapping) and value:
        return ", ".join(f"{key} {phrased(field, item)}" for key, item in value.items())
    if isinstance(value, list | tuple) and value:
        return ", ".join(phrased(field, item) for item in value)
    if isinstance(value, msgspec.Struct):
        return ", ".join(f"{called(name)} {phrased(name, item)}" for name, item in told(value)) or "as by default"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _amount(field, value)
    return str(value) if value else "none"


def _amount(field: str, value: int) -> str:
    """Return a number with the unit that its attribute's name tells: the largest that leaves it whole."""
    units = _BYTES if field.endswith("_bytes") else _BITRATES if "bitrate" in field else {1: ""}
    factor = max(factor for factor in units if value % factor == 0) if value else 1
    return f"{value // factor} {units[factor]}".rstrip()


def told(part: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of a part of the model that say more than the default does, and how large it is."""
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if field.name in _ALWAYS or (value != default and value not in (None, "", (), {})):
            yield field.name, value


def entries(value: Any) -> dict[str, msgspec.Struct] | None:
    """Return a collection of parts by the names that tell them apart; None for what is no such collection."""
    if isinstance(value, Mapping):
        return dict(value) if value and all(isinstance(item, msgspec.Struct) for item in value.values()) else None
    if not isinstance(value, tuple) or not value or not all(isinstance(item, msgspec.Struct) for item in value):
        return None
    for identity in _IDENTITIES:
        named = {str(getattr(item, identity, "")): item for item in value}
        if len(named) == len(value) and "" not in named:
            return named
    return {str(number): item for number, item in enumerate(value, start=1)}
