"""What is left of a cloud: of its hosts where the credentials may see them, and of the project's quota."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vim_adapters.contract import ZoneCapacity
from vim_adapters.errors import AccessDeniedError, UnsupportedError
from vim_adapters.openstack.session import Document, Session

_CLASSES = {"VCPU": "vcpus", "MEMORY_MB": "memory_mib", "DISK_GB": "storage_gib"}
"""Placement's classes of resources, and ours."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What a host has, and what of it is free, by what it is of."""

    zone: str
    total: Mapping[str, int]
    free: Mapping[str, int]


def capacity(session: Session, zones: Sequence[str]) -> tuple[ZoneCapacity, ...]:
    """Return what each zone has, and what is free of it for this project."""
    limits = session.get("compute", "/limits") or {}
    quota = quota_left(limits.get("limits", {}).get("absolute", {}))
    try:
        rooms = _rooms(session)
    except (AccessDeniedError, UnsupportedError):  # only administrators see hosts
        return tuple(ZoneCapacity(zone=zone, **_limited({}, quota)) for zone in zones)
    return tuple(
        ZoneCapacity(zone=zone, **_limited(_summed([room for room in rooms if room.zone == zone]), quota))
        for zone in zones
    )


def quota_left(absolute: Document) -> dict[str, tuple[int, int]]:
    """Return limit and rest of the project's quota; what is not limited is left out."""
    found = {}
    for ours, limit, used in (
        ("vcpus", "maxTotalCores", "totalCoresUsed"),
        ("memory_mib", "maxTotalRAMSize", "totalRAMUsed"),
    ):
        if absolute.get(limit, -1) >= 0:
            found[ours] = (absolute[limit], max(0, absolute[limit] - absolute.get(used, 0)))
    return found


def room_of(zone: str, inventories: Document, usages: Mapping[str, int]) -> Room:
    """Return what a resource provider of Placement's has."""
    total, free = {}, {}
    for name, ours in _CLASSES.items():
        if inventory := inventories.get(name):
            total[ours] = int((inventory["total"] - inventory["reserved"]) * inventory["allocation_ratio"])
            free[ours] = max(0, total[ours] - usages.get(name, 0))
    return Room(zone=zone, total=total, free=free)


def _rooms(session: Session) -> list[Room]:
    zones = _zones_of_hosts(session)
    found = []
    for hypervisor in session.list("compute", "/os-hypervisors/detail", "hypervisors"):
        zone = zones.get((hypervisor.get("service") or {}).get("host", ""))
        if zone is None or (hypervisor.get("state"), hypervisor.get("status")) != ("up", "enabled"):
            continue
        provider = f"/resource_providers/{hypervisor['id']}"
        inventories = session.get("placement", f"{provider}/inventories") or {}
        usages = session.get("placement", f"{provider}/usages") or {}
        found.append(room_of(zone, inventories.get("inventories", {}), usages.get("usages", {})))
    return found


def _zones_of_hosts(session: Session) -> dict[str, str]:
    detailed = session.list("compute", "/os-availability-zone/detail", "availabilityZoneInfo")
    return {
        host: zone["zoneName"]
        for zone in detailed
        for host, services in (zone.get("hosts") or {}).items()
        if "nova-compute" in services
    }


def _summed(rooms: Iterable[Room]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for room in rooms:
        for name in room.total:
            total, free = sums.get(name, (0, 0))
            sums[name] = (total + room.total[name], free + room.free[name])
    return sums


def _limited(room: Mapping[str, tuple[int, int]], quota: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return a zone's numbers: no more is free than the project may take."""
    numbers = {}
    for name in room.keys() | quota.keys():
        total, free = room.get(name) or quota[name]
        numbers[f"{name}_total"] = total
        numbers[f"{name}_free"] = min(free, quota[name][1]) if name in quota else free
    return numbers
