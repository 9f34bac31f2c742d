"""Configurable properties of single VNFCs: what their VDU declares, and what requests may set (SOL002 5.5.2.12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from descriptors.model.vnfd import Flavour
from vnfm.planning.limits import check_declared, defaults_of
from vnfm.planning.paths import parse_vnfc_part
from vnfm.planning.refusal import PlanningRefusedError

ATTRIBUTE = "vnfcInfoModifications"
"""Of a request for a modification."""
VnfcProperties = dict[str, dict[str, Any]]
"""Values by name, by VNFC."""


class VduProperties(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a VDU declares of the configurable properties of its VNFCs."""

    initial: dict[str, Any] = {}
    """What each has until somebody sets another value."""
    names: tuple[str, ...] = ()
    """All that there are."""


def properties_by_vdu(flavour: Flavour | None) -> dict[str, VduProperties]:
    """Return what the VDUs of a flavour declare, of those that declare anything; None: of no VDUs."""
    return {
        vdu.id: VduProperties(initial=defaults_of(vdu.configurable), names=tuple(sorted(vdu.configurable)))
        for vdu in (flavour.vdus.values() if flavour else ())
        if vdu.configurable
    }


def vnfcs_in(paths: Iterable[str]) -> dict[str, str]:
    """Return the VNFCs of which anything is among the paths, each with its VDU."""
    parts = filter(None, map(parse_vnfc_part, paths))
    return {part.vnfc: part.vdu for part in parts if part.vnfc}


def properties_of(
    vnfcs: Mapping[str, str], declared: Mapping[str, VduProperties], known: VnfcProperties, *, anew: bool
) -> VnfcProperties:
    """Return the values of VNFCs, given with their VDUs: new ones have what is declared, others keep what they have.

    ``anew``: the declarations are others than before. Then what is no longer declared goes, and what is new comes.
    """
    found: VnfcProperties = {}
    for vnfc, vdu in vnfcs.items():
        of_vdu = declared.get(vdu, VduProperties())
        values = known.get(vnfc, of_vdu.initial)
        if anew:
            values = {**of_vdu.initial, **{name: value for name, value in values.items() if name in of_vdu.names}}
        if values or of_vdu.names:
            found[vnfc] = values
    return found


def check_vnfc_modifications(flavour: Flavour | None, vnfcs: Mapping[str, str], request: Mapping[str, Any]) -> None:
    """Refuse what a request would set of VNFCs that are not there, or that their VDU does not declare so.

    ``flavour`` is None where the package is gone: then nobody knows what is declared.

    Raises:
        PlanningRefusedError: names the attribute, and what would be possible.
    """
    seen: set[str] = set()
    for number, asked in enumerate(request.get(ATTRIBUTE, ())):
        where, vnfc = f"{ATTRIBUTE}[{number}]", asked["id"]
        if vnfc not in vnfcs:
            there = f"it has {', '.join(sorted(vnfcs))}" if vnfcs else "it has none: instantiate it first"
            raise PlanningRefusedError(f"{where}.id", f"the VNF has no VNFC {vnfc!r}; {there}")
        if vnfc in seen:
            raise PlanningRefusedError(f"{where}.id", f"{vnfc!r} is there twice: put its properties together")
        seen.add(vnfc)
        vdu = flavour.vdus.get(vnfcs[vnfc]) if flavour else None
        values = asked["vnfcConfigurableProperties"]
        check_declared(values, vdu.configurable if vdu else {}, f"{where}.vnfcConfigurableProperties")
