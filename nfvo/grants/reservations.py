"""Room on VIMs that was granted and is not taken yet, so that it is not granted twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mano_runtime.storage import Database, Documents
from nfvo.grants.placement import Demand
from vim_adapters.contract import ZoneCapacity
from vnfm.sol003.grants import Grant, GrantRequest
from vnfm.sol003.operation_occurrences import LcmOperationStateType, VnfLcmOpOcc
from vnfm.sol003.ports import SolProblemError, VnfLifecycle

OPEN = frozenset(
    {
        LcmOperationStateType.STARTING,
        LcmOperationStateType.PROCESSING,
        LcmOperationStateType.ROLLING_BACK,
        LcmOperationStateType.FAILED_TEMP,
    }
)
"""States in which an operation may still take what it was granted; from FAILED_TEMP with a retry."""

LOOKED_AT = 16
"""Reservations that a decision looks at again before it begins, the oldest look first."""


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """What one new resource takes, and where."""

    vim: str
    zone: str
    demand: Demand


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a grant was not given."""

    detail: str
    members: dict[str, Any] = {}
    """Further members of the problem."""


class GrantRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and what was answered; with neither grant nor refusal it is not decided yet."""

    request: GrantRequest
    grant: Grant | None = None
    refusal: Refusal | None = None
    placements: dict[str, Placement] = {}
    """By identifier of the new resource; of those that a zone's capacity counts."""
    reserving: bool = False
    """Whether the operation may still take some of it."""


def _vnf_instance_id(record: GrantRecord) -> str:
    return record.request.vnf_instance_id


def _reserving(record: GrantRecord) -> str | None:
    if record.grant is None and record.refusal is None:
        return UNDECIDED
    return "yes" if record.reserving else None


UNDECIDED = "undecided"
"""In the column ``reserving``: whether it will keep room is to be decided yet."""


GRANTS = Documents("grants", GrantRecord, promoted={"vnf_instance_id": _vnf_instance_id, "reserving": _reserving})
"""Grants by the identifier of the VNF operation: one has one, so that asking again finds the answer that was given."""


class Reservations:
    """What open grants keep; for one decision at a time.

    A placement counts from the moment it is granted until the VNFM tells that its resource is there, from when on the
    VIM's own numbers have it, or that the operation has ended. Between the two looks it may count twice, never not at
    all: look again before the VIM is asked what is left, not after.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, dict[str, Placement]] | None = None
        """By operation and resource, the one not looked at for longest first; None before the first look."""

    def keep(self, record: GrantRecord) -> None:
        """Count what was granted."""
        if record.reserving and self._kept is not None:
            self._kept[record.request.vnf_lcm_op_occ_id] = dict(record.placements)

    def left_of(self, vim: str, zones: Iterable[ZoneCapacity]) -> Sequence[ZoneCapacity]:
        """Return what is left of the zones of a VIM without what is kept."""
        left = {zone.zone: zone for zone in zones}
        for placements in (self._kept or {}).values():
            for placement in placements.values():
                if placement.vim == vim and placement.zone in left:
                    left[placement.zone] = placement.demand.taken_from(left[placement.zone])
        return tuple(left.values())

    async def look_again(self, vnfs: VnfLifecycle | None, *, at_most: int | None = LOOKED_AT) -> None:
        """Let go of what was taken meanwhile, and of what will not be any more; None looks at every reservation."""
        kept = await self._loaded()
        if vnfs is None:
            return
        for operation in list(kept)[:at_most]:
            try:
                occurrence = await vnfs.get_operation(operation)
            except SolProblemError:  # its VNFM does not answer: it may still take everything
                continue
            placements = kept.pop(operation)
            if occurrence is None or occurrence.operation_state not in OPEN:
                await self._release(operation)
            else:
                there = _added(occurrence)
                kept[operation] = {name: it for name, it in placements.items() if name not in there}

    async def _loaded(self) -> dict[str, dict[str, Placement]]:
        if self._kept is None:
            async with self._database.reading() as connection:
                records = await GRANTS.all(connection, equal={"reserving": "yes"})
            self._kept = {stored.id: dict(stored.document.placements) for stored in records}
        return self._kept

    async def _release(self, operation: str) -> None:
        async with self._database.transaction() as connection:
            stored = await GRANTS.get(connection, operation)
            if stored is not None:
                record = msgspec.structs.replace(stored.document, reserving=False)
                await GRANTS.replace(connection, operation, record)


def _added(occurrence: VnfLcmOpOcc) -> frozenset[str]:
    """The resources, as the grant request named them, that the operation has made."""
    changes = occurrence.resource_changes
    if changes is None:
        return frozenset()
    names = [vnfc.resource_definition_id for vnfc in changes.affected_vnfcs]
    names += [storage.resource_definition_id for storage in changes.affected_virtual_storages]
    return frozenset(name for name in names if name)
