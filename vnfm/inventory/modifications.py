"""What requests set on a VNF instance besides its resources (SOL003 clauses 5.4.3.3.4 and 5.5.2.12)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from mano_runtime.merge_patch import merge_patch
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.vnfc_information import vnfc_info
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.vnfc_properties import ATTRIBUTE as VNFCS
from vnfm.sol003.general import VimConnectionInfo

_NAMES = {"vnfInstanceName": "name", "vnfInstanceDescription": "description"}
_TREES = {
    "vnfConfigurableProperties": "configurable_properties",
    "metadata": "metadata",
    "extensions": "extensions",
}
TREES = frozenset(_TREES)
"""Attributes that are set by merge patches, as requests name them."""
MODIFIED = frozenset({*_NAMES, *_TREES, VNFCS})
"""Attributes that any lifecycle request may set, as it names them."""

_ANOTHER_PACKAGE = "a VNF goes to another package by change_vnfpkg of /vnflcm/v2"
_ELSEWHERE = {
    "vnfdId": _ANOTHER_PACKAGE,
    "vnfPkgId": _ANOTHER_PACKAGE,
}
"""What may be in a request for a modification by the standards, and is not changed by it."""


def check_modifiable(request: dict[str, Any]) -> None:
    """Refuse a modification of what cannot be modified.

    Raises:
        PlanningRefusedError: names the attribute, and what to ask for instead.
    """
    for attribute, instead in _ELSEWHERE.items():
        if attribute in request:
            raise PlanningRefusedError(attribute, instead)


def attributes_of(record: VnfRecord) -> dict[str, dict[str, Any]]:
    """Return the trees of attributes by the name that requests have for them."""
    return {name: getattr(record, field) for name, field in _TREES.items()}


def modified(record: VnfRecord, request: dict[str, Any]) -> VnfRecord:
    """Return the record with the attributes that any lifecycle request sets; what it does not name stays."""
    changes: dict[str, Any] = {field: request[name] for name, field in _NAMES.items() if name in request}
    for name, field in _TREES.items():
        if name in request:
            changes[field] = merge_patch(getattr(record, field), request[name])
    record = msgspec.structs.replace(record, **changes)
    return _with_vnfcs(record, request[VNFCS]) if request.get(VNFCS) else record


def _with_vnfcs(record: VnfRecord, modifications: Iterable[dict[str, Any]]) -> VnfRecord:
    known = record.vnfc_properties
    set_ = {it["id"]: merge_patch(known.get(it["id"], {}), it["vnfcConfigurableProperties"]) for it in modifications}
    properties = {**known, **set_}
    info = record.info and msgspec.structs.replace(record.info, vnfc_info=vnfc_info(record.graph, properties))
    return msgspec.structs.replace(record, vnfc_properties=properties, info=info)


def with_connections(record: VnfRecord, request: dict[str, Any]) -> VnfRecord:
    """Return the record with the VIM connections of a request merged in."""
    plain: dict[str, Any] = msgspec.to_builtins(record.vim_connection_info)
    merged = merge_patch(plain, request.get("vimConnectionInfo", {}))
    return msgspec.structs.replace(record, vim_connection_info=msgspec.convert(merged, dict[str, VimConnectionInfo]))
