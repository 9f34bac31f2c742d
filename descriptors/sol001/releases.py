"""What SOL001's releases write differently: the one table by which older forms are read as the newest one.

A row names a type, a property, and how its value is brought into today's form. Values that have it already pass
unchanged, so that a descriptor may mix releases, as many do. Types and properties that a release lacks altogether are
taken from the release that has them (`descriptors/tosca/types.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descriptors.sol001.amounts import text
from descriptors.tosca.documents import mapping
from descriptors.tosca.types import Type

Form = Callable[[Any], Any]


def current(declared: Type, properties: dict[str, Any]) -> dict[str, Any]:
    """Return a template's properties as the newest release writes them."""
    changed = {
        name: form(properties[name])
        for ancestor in declared.line
        for name, form in _FORMS.get(ancestor, {}).items()
        if name in properties
    }
    return {**properties, **changed} if changed else properties


def _by_name(value: Any) -> Any:
    """A list of named things became a map of them."""
    if not isinstance(value, list):
        return value
    return {text(mapping(item).get("name"), str(index)): item for index, item in enumerate(value)}


def _listed(value: Any) -> Any:
    """One thing became a list of them."""
    return value if isinstance(value, list) or value is None else [value]


def _boot_data(value: Any) -> Any:
    """A text became a structure that says where the text goes."""
    return {"content_or_file_data": {"content": value}} if isinstance(value, str) else value


def _boot_order(value: Any) -> Any:
    """A list of storages became the question whether the order of the requirements counts."""
    return bool(value) if isinstance(value, list) else value


def _constraints(value: Any) -> Any:
    """A list of words became a map."""
    return {text(item): "" for item in value} if isinstance(value, list) else value


def _image_data(value: Any) -> Any:
    """The digest was a text, SHA-256 understood; it became a structure."""
    data = mapping(value)
    checksum = data.get("checksum")
    return {**data, "checksum": {"algorithm": "sha-256", "hash": checksum}} if isinstance(checksum, str) else value


def _availability(value: Any) -> Any:
    """The level was inside a structure."""
    profile = mapping(value)
    level = text(mapping(profile.get("service_availability")).get("level"))
    return {**profile, "service_availability_level": int(level)} if level.isdecimal() else value


_IMAGE: dict[str, Form] = {"sw_image_data": _image_data}  # until 3.5.1 a property; then the artifact's
_MEASURED: dict[str, Form] = {"monitoring_parameters": _by_name}  # a list until 3.3.1
_FORMS: dict[str, dict[str, Form]] = {
    "tosca.nodes.nfv.VNF": _MEASURED,
    "tosca.nodes.nfv.VnfVirtualLink": _MEASURED,
    "tosca.nodes.nfv.NsVirtualLink": {"vl_profile": _availability},  # until 2.8.1
    "tosca.nodes.nfv.Vdu.Compute": _MEASURED | _IMAGE | {
        "boot_data": _boot_data,  # a text until 2.6.1
        "boot_order": _boot_order,  # a list until 2.6.1
        "nfvi_constraints": _constraints,  # a list until 2.6.1
    },
    "tosca.nodes.nfv.Vdu.VirtualBlockStorage": _IMAGE,
    "tosca.policies.nfv.NsMonitoring": {"ns_monitoring_parameters": _by_name},  # a list until 3.3.1
    "tosca.policies.nfv.VnfMonitoring": {"vnf_monitoring_parameters": _by_name},
    "tosca.policies.nfv.VnfPackageChange": {"selector": _listed},  # one until 3.6.1
}  # fmt: skip
