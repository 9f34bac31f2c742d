"""First fit: which zone each thing goes to, by what is left there and by what must be together or apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vim_adapters.contract import ZoneCapacity


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What something takes of a zone."""

    vcpus: int = 0
    memory_mib: int = 0
    storage_gib: int = 0

    def __add__(self, other: Demand) -> Demand:
        return Demand(
            vcpus=self.vcpus + other.vcpus,
            memory_mib=self.memory_mib + other.memory_mib,
            storage_gib=self.storage_gib + other.storage_gib,
        )

    def __str__(self) -> str:
        return f"{self.vcpus} vCPU, {self.memory_mib} MiB memory, {self.storage_gib} GiB storage"

    def fits(self, zone: ZoneCapacity) -> bool:
        """Tell whether the zone has room for it; what a zone does not tell is taken to be enough."""
        return all(
            free is None or asked <= free
            for asked, free in (
                (self.vcpus, zone.vcpus_free),
                (self.memory_mib, zone.memory_mib_free),
                (self.storage_gib, zone.storage_gib_free),
            )
        )

    def taken_from(self, zone: ZoneCapacity) -> ZoneCapacity:
        """Return the zone with this much less free."""

        def less(free: int | None, asked: int) -> int | None:
            return None if free is None else free - asked

        return msgspec.structs.replace(
            zone,
            vcpus_free=less(zone.vcpus_free, self.vcpus),
            memory_mib_free=less(zone.memory_mib_free, self.memory_mib),
            storage_gib_free=less(zone.storage_gib_free, self.storage_gib),
        )


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """Things that shall be in different zones."""

    items: frozenset[str]
    best_effort: bool = False
    """Sharing a zone is better than nothing."""


class NoRoomError(Exception):
    """No zone takes something; the message has the numbers."""


def place(
    demands: Mapping[str, Demand],
    zones: Sequence[ZoneCapacity],
    *,
    together: Iterable[frozenset[str]] = (),
    apart: Sequence[Apart] = (),
    fixed: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the zone of each thing: of the zones in their order the first that has room and breaks no rule.

    The largest things choose first. Rules may name things in ``fixed``, which have their zone already. First fit does
    not go back on a choice: with many rules it may find no solution where there is one.

    Raises:
        NoRoomError: something fits nowhere.
    """
    placed: dict[str, str] = dict(fixed or {})
    room = {zone.zone: zone for zone in zones}
    bundles = _bundles({*demands, *placed}, together)
    sizes = {bundle: sum((demands[item] for item in bundle if item in demands), Demand()) for bundle in bundles}
    for bundle in sorted(bundles, key=lambda one: (*_weight(sizes[one]), sorted(one))):
        zone = _choose(bundle, sizes[bundle], room, apart, placed)
        if zone is None:
            raise NoRoomError(_explained(bundle, sizes[bundle], room.values()))
        room[zone] = sizes[bundle].taken_from(room[zone]) if zone in room else ZoneCapacity(zone=zone)
        placed |= dict.fromkeys(bundle - placed.keys(), zone)
    return {item: placed[item] for item in demands}


def _bundles(items: set[str], together: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Join what must share a zone."""
    bundle_of = {item: frozenset((item,)) for item in items}
    for group in together:
        joined = frozenset().union(*(bundle_of[item] for item in group & items))
        bundle_of |= dict.fromkeys(joined, joined)
    return list(set(bundle_of.values()))


def _weight(demand: Demand) -> tuple[int, int, int]:
    return -demand.vcpus, -demand.memory_mib, -demand.storage_gib


def _choose(
    bundle: frozenset[str],
    size: Demand,
    room: Mapping[str, ZoneCapacity],
    apart: Sequence[Apart],
    placed: Mapping[str, str],
) -> str | None:
    if settled := {placed[item] for item in bundle if item in placed}:
        own = min(settled)
        return own if own not in room or size.fits(room[own]) else None
    for relaxed in (False, True):  # first with every rule, then without those that are best effort
        avoided = {
            placed[other]
            for rule in apart
            if rule.items & bundle and not (relaxed and rule.best_effort)
            for other in rule.items - bundle
            if other in placed
        }
        for name, zone in room.items():
            if name not in avoided and size.fits(zone):
                return name
    return None


def _explained(bundle: frozenset[str], size: Demand, zones: Iterable[ZoneCapacity]) -> str:
    left = "; ".join(
        f"zone {zone.zone!r} has {_told(zone.vcpus_free)} vCPU, {_told(zone.memory_mib_free)} MiB memory,"
        f" {_told(zone.storage_gib_free)} GiB storage left"
        for zone in zones
    )
    return f"{', '.join(sorted(bundle))} asked for {size}; {left or 'there is no zone'}"


def _told(free: int | None) -> str:
    return "any" if free is None else str(free)
