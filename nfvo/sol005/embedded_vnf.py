"""A VNF instance as the VNFM tells it, in the words of SOL005: what an NsInstance embeds (SOL005 clause 6.5.3)."""

from __future__ import annotations

from typing import Any

import msgspec

from vnfm.sol003.instances import VnfInstance

_ONLY_SOL003 = frozenset({"vimConnectionInfo", "_links"})
_ONLY_SOL003_WITHIN = frozenset({"vnfcInfo"})
_ONLY_SOL003_OF_RESOURCES = frozenset({"zoneId"})


def embedded_vnf(vnf: VnfInstance, package_id: str) -> dict[str, Any]:
    """Return the VNF instance for an NsInstance; ``package_id`` is that of its VNF package.

    SOL005 knows VIMs by ``vimId``, which we fill with the identifier of the VIM connection, and has neither zones nor
    VNFC states.
    """
    plain: dict[str, Any] = msgspec.to_builtins(vnf)
    shown = {key: value for key, value in plain.items() if key not in _ONLY_SOL003}
    if vims := sorted(plain.get("vimConnectionInfo", {})):
        shown["vimId"] = vims[0]
    if info := shown.get("instantiatedVnfInfo"):
        kept = {key: value for key, value in info.items() if key not in _ONLY_SOL003_WITHIN}
        shown["instantiatedVnfInfo"] = _translated(kept)
    return shown | {"vnfPkgId": package_id}


def _translated(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_translated(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        "vimId" if key == "vimConnectionId" else key: _translated(item)
        for key, item in value.items()
        if key not in _ONLY_SOL003_OF_RESOURCES
    }
