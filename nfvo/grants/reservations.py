"""Room on VIMs that was granted and is not taken yet, so that it is not granted twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from mano_runtime.storage import Database, Documents
from mano_runtime.tenancy import INSTALLATION, acting_for
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


UNSEEN_SECONDS = 900.0
"""How long room is kept for an operation of a VNFM that cannot be asked; after that the VIM's own numbers have it."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What one operation keeps."""

    placements: dict[str, Placement]
    until: float = 0.0
    """By the clock: when it is let go of where nobody knows the operation; 0: at once."""


class Reservations:
    """What open grants keep; for one decision at a time.

    A placement counts from the moment it is granted until the VNFM tells that its resource is there, from when on the
    VIM's own numbers have it, or that the operation has ended. Between the two looks it may count twice, never not at
    all: look again before the VIM is asked what is left, not after. What a VNFM was granted over HTTP that is none of
    those that can be asked counts for ``UNSEEN_SECONDS``.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._kept: dict[str, _Kept] | None = None
        """By operation, the one not looked at for longest first; None before the first look."""

    def keep(self, record: GrantRecord) -> None:
        """Count what was granted."""
        if record.reserving and self._kept is not None:
            self._kept[record.request.vnf_lcm_op_occ_id] = self._of(record)

    def left_of(self, vim: str, zones: Iterable[ZoneCapacity]) -> Sequence[ZoneCapacity]:
        """Return what is left of the zones of a VIM without what is kept."""
        left = {zone.zone: zone for zone in zones}
        for kept in (self._kept or {}).values():
            for placement in kept.placements.values():
                if placement.vim == vim and placement.zone in left:
                    left[placement.zone] = placement.demand.taken_from(left[placement.zone])
        return tuple(left.values())

    async def look_again(self, vnfs: VnfLifecycle | None, *, at_most: int | None = LOOKED_AT) -> None:
        """Let go of what was taken meanwhile, and of what will not be any more; None looks at every reservation."""
        with acting_for(INSTALLATION):  # whoever asks now, others' reservations count as well
            await self._look_again(vnfs, at_most)

    async def _look_again(self, vnfs: VnfLifecycle | None, at_most: int | None) -> None:
        kept = await self._loaded()
        if vnfs is None:
            return
        for operation in list(kept)[:at_most]:
            try:
                occurrence = await vnfs.get_operation(operation)
            except SolProblemError:  # its VNFM does not answer: it may still take everything
                continue
            its = kept.pop(operation)
            if occurrence is None and self._clock() < its.until:
                kept[operation] = its
            elif occurrence is None or occurrence.operation_state not in OPEN:
                await self._release(operation)
            else:
                there = _added(occurrence)
                left = {name: it for name, it in its.placements.items() if name not in there}
                kept[operation] = msgspec.structs.replace(its, placements=left)

    def _of(self, record: GrantRecord) -> _Kept:
        over_http = record.request.links is not None
        return _Kept(placements=dict(record.placements), until=self._clock() + UNSEEN_SECONDS if over_http else 0.0)

    async def _loaded(self) -> dict[str, _Kept]:
        if self._kept is None:
            async with self._database.reading() as connection:
                records = await GRANTS.all(connection, equal={"reserving": "yes"})
            self._kept = {stored.id: self._of(stored.document) for stored in records}
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
