"""What each lifecycle operation is to lead to: the one place that knows them apart.

No operation has a planner of its own. Each is a step from one desired state to another, and the way back is the
difference the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from descriptors.model.lifecycle import LcmLimits
from descriptors.model.vnfd import Flavour, Vnfd
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.trust import doubtful
from vim_adapters.performer import BEHAVIOURS
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.snapshots import SnapshotRecord
from vnfm.planning.limits import parameters_of
from vnfm.planning.operation import chosen_vnfcs, healed, operated, removing_manner, stopping_manner, with_storage
from vnfm.planning.package_changes import actions_of, check_storages, package_change
from vnfm.planning.paths import parse_vnfc_part
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.reshaping import with_connectivity, with_flavour, with_package
from vnfm.planning.rollout import Rollout, rollout_of
from vnfm.planning.shape import Shape, flavour_of, initial_shape, scaled, scaled_to_level, vnfcs
from vnfm.planning.snapshots import Taken, check_single, origins_of, reverted, snapshot_resources
from vnfm.sol003.operation_occurrences import LcmOperationType
from vnfm.sol003.ports import NotOnboardedError, Packages
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    HealVnfRequest,
    InstantiateVnfRequest,
    OperateVnfRequest,
    ScaleVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
)
from vnfm.sol003.snapshots import CreateVnfSnapshotRequest, RevertToVnfSnapshotRequest

Request = Mapping[str, Any]

_REPLACING = frozenset({LcmOperationType.HEAL, LcmOperationType.CHANGE_FLAVOUR, LcmOperationType.CHANGE_EXT_CONN})
"""Operations that make VNFCs anew, besides the change of the package."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation is to lead to, before the grant."""

    vnfd: Vnfd | None = None
    """The descriptor of what shall exist; None where nothing shall, or nothing of it changes."""
    shape: Shape | None = None
    """None: nothing shall exist."""
    renewed: frozenset[str] = frozenset()
    """Paths of what exists and shall be made anew."""
    chosen: frozenset[str] = frozenset()
    """VNFCs that are looked for on their VIMs first: what is known of them is not what counts."""
    manner: dict[str, Any] = {}
    """How servers are stopped and removed on the way (``Resource.manner``)."""
    snapshot: str = ""
    """Identifier of the snapshot that is to be taken: then nothing of the VNF changes."""
    beside: Graph = {}
    """The resources of that snapshot, in a scope of its own."""
    rollout: Rollout = Rollout()
    """In which order VNFCs are replaced."""
    actions: tuple[str, ...] = ()
    """Coordination actions that belong to it, beside those of its kind of operation."""

    @property
    def flavour(self) -> Flavour | None:
        """The flavour that it leads to; None where there is no descriptor or nothing shall exist."""
        return self.vnfd.flavours[self.shape.flavour_id] if self.vnfd and self.shape else None


async def change_of(
    packages: Packages, record: VnfRecord, kind: str, request: Request, snapshot: SnapshotRecord | None = None
) -> Change:
    """Return what an operation that touches resources leads to; ``snapshot`` is the one that its request names.

    Raises:
        PlanningRefusedError: the request does not fit the VNFD or the VNF as it is.
        NotOnboardedError: the package of the VNF, or of the snapshot, is gone.
    """
    if kind == LcmOperationType.TERMINATE:  # which needs nothing but the record
        vnfd = await vnfd_if_there(packages, record)
        limits = vnfd.lcm_limits if vnfd else LcmLimits()
        return Change(manner=removing_manner(limits, msgspec.convert(request, TerminateVnfRequest)))
    if kind == LcmOperationType.CHANGE_VNFPKG:
        return await _repackaged(packages, record, request)
    if kind == LcmOperationType.REVERT_TO_SNAPSHOT:
        return await _reverted(packages, record, request, snapshot)
    vnfd = await packages.vnfd(record.vnfd_id)
    change = _changed(vnfd, record, kind, request)
    if kind in _REPLACING:
        beside = kind == LcmOperationType.CHANGE_FLAVOUR
        rollout = rollout_of(_params(request), parameters_of(vnfd, kind), beside=beside)
        change = msgspec.structs.replace(change, rollout=rollout)
    return _without_absent(change)


def _changed(vnfd: Vnfd, record: VnfRecord, kind: str, request: Request) -> Change:
    if kind == LcmOperationType.INSTANTIATE:
        return Change(vnfd=vnfd, shape=initial_shape(vnfd, msgspec.convert(request, InstantiateVnfRequest)))
    shape = _shape_of(record)
    match kind:
        case LcmOperationType.OPERATE:
            asked = msgspec.convert(request, OperateVnfRequest)
            chosen = chosen_vnfcs(vnfd, shape, asked.vnfc_instance_id, asked.additional_params)
            return Change(
                vnfd=vnfd,
                shape=operated(vnfd, shape, asked),
                manner=stopping_manner(vnfd.lcm_limits, asked),
                chosen=frozenset(chosen),
            )
        case LcmOperationType.HEAL:
            heal = msgspec.convert(request, HealVnfRequest)
            renewed = healed(vnfd, shape, heal, record.graph)
            if with_storage(heal):  # all of it from the package, and nothing from a snapshot any more
                origins = {path: origin for path, origin in shape.origins.items() if path not in renewed}
                shape = msgspec.structs.replace(shape, origins=origins)
            chosen = chosen_vnfcs(vnfd, shape, heal.vnfc_instance_id, heal.additional_params)
            return Change(vnfd=vnfd, shape=shape, renewed=renewed, chosen=frozenset(chosen))
        case LcmOperationType.CREATE_SNAPSHOT:
            return _snapshotted(vnfd, record, request)
        case LcmOperationType.SCALE:
            wanted = scaled(vnfd, shape, msgspec.convert(request, ScaleVnfRequest))
        case LcmOperationType.SCALE_TO_LEVEL:
            wanted = scaled_to_level(vnfd, shape, msgspec.convert(request, ScaleVnfToLevelRequest))
        case LcmOperationType.CHANGE_FLAVOUR:
            wanted = with_flavour(vnfd, shape, msgspec.convert(request, ChangeVnfFlavourRequest))
        case LcmOperationType.CHANGE_EXT_CONN:
            wanted = with_connectivity(vnfd, shape, msgspec.convert(request, ChangeExtVnfConnectivityRequest))
        case _:
            raise ValueError(f"{kind} changes no resources")
    return Change(vnfd=vnfd, shape=wanted)


async def _repackaged(packages: Packages, record: VnfRecord, request: Request) -> Change:
    asked = msgspec.convert(request, ChangeCurrentVnfPkgRequest)
    if not await packages.package_enabled(asked.vnfd_id):
        raise PlanningRefusedError("vnfdId", f"{asked.vnfd_id!r}: no enabled VNF package has this VNFD")
    source = await vnfd_if_there(packages, record)  # what is needed of it is only what may be kept
    vnfd = await packages.vnfd(asked.vnfd_id)
    shape = _shape_of(record)
    way = package_change(record.vnfd_id, source, vnfd, shape.flavour_id)
    old = source.flavours.get(shape.flavour_id) if source else None
    shape = with_package(source, vnfd, shape, asked, way)
    check_storages(way, old, flavour_of(vnfd, shape.flavour_id), shape, record.graph)
    declared = (parameters_of(known, LcmOperationType.CHANGE_VNFPKG) for known in (vnfd, source) if known)
    rollout = rollout_of(_params(request), *declared)
    return _without_absent(Change(vnfd=vnfd, shape=shape, rollout=rollout, actions=tuple(actions_of(way))))


def _snapshotted(vnfd: Vnfd, record: VnfRecord, request: Request) -> Change:
    asked = msgspec.convert(request, CreateVnfSnapshotRequest)
    shape = _shape_of(record)
    chosen = chosen_vnfcs(vnfd, shape, _single(asked.vnfc_instance_id), asked.additional_params)
    whole = chosen == set(vnfcs(flavour_of(vnfd, shape.flavour_id), shape))
    beside = snapshot_resources(record.graph, chosen, doubtful(record.graph, BEHAVIOURS), whole=whole)
    return Change(vnfd=vnfd, shape=shape, snapshot=asked.vnf_snapshot_info_id, beside=beside)


async def _reverted(packages: Packages, record: VnfRecord, request: Request, snapshot: SnapshotRecord | None) -> Change:
    asked = msgspec.convert(request, RevertToVnfSnapshotRequest)
    shape = _shape_of(record)
    if snapshot is None or snapshot.snapshot is None or snapshot.shape is None:
        raise PlanningRefusedError("vnfSnapshotInfoId", f"there is no snapshot {asked.vnf_snapshot_info_id!r}")
    vnfd_id = snapshot.snapshot.vnfd_id
    taken = Taken(
        id=snapshot.id,
        shape=snapshot.shape,
        graph=snapshot.graph,
        vnfcs=tuple(vnfc.vnfc_instance_id for vnfc in snapshot.snapshot.vnfc_snapshots),
    )
    source = await vnfd_if_there(packages, record)
    if asked.vnfc_instance_id is None and "vnfcInstanceId" not in asked.additional_params:
        check_single(taken, (), asked)
        vnfd = await packages.vnfd(vnfd_id)
        wanted = reverted(source, vnfd, shape, taken)
        return _without_absent(Change(vnfd=vnfd, shape=wanted, renewed=frozenset(wanted.origins)))
    if vnfd_id != record.vnfd_id:
        what = f"the snapshot is of the VNF as VNFD {vnfd_id!r} made it: revert the whole VNF"
        raise PlanningRefusedError("vnfcInstanceId", what)
    vnfd = await packages.vnfd(record.vnfd_id)
    chosen = chosen_vnfcs(vnfd, shape, _single(asked.vnfc_instance_id), asked.additional_params)
    check_single(taken, chosen, asked)
    origins = origins_of(taken, chosen, whole=False)
    wanted = msgspec.structs.replace(
        shape,
        origins={**shape.origins, **origins},
        stopped=tuple(sorted((set(shape.stopped) - chosen) | (set(taken.shape.stopped) & chosen))),
    )
    return _without_absent(Change(vnfd=vnfd, shape=wanted, renewed=frozenset(origins)))


def _single(vnfc: str | None) -> tuple[str, ...]:
    return () if vnfc is None else (vnfc,)


async def vnfd_if_there(packages: Packages, record: VnfRecord) -> Vnfd | None:
    """Return the descriptor of a VNF; None when its package is gone, which must not keep it from being managed."""
    try:
        return await packages.vnfd(record.vnfd_id)
    except NotOnboardedError:
        return None


def _shape_of(record: VnfRecord) -> Shape:
    if record.shape is None:
        raise PlanningRefusedError("instantiationState", "the VNF is not instantiated, so there is nothing to change")
    return record.shape


def _params(request: Request) -> dict[str, Any]:
    return request.get("additionalParams") or {}


def _without_absent(change: Change) -> Change:
    """Forget of VNFCs that go that they are stopped, and what they were made from: should they come again, they run."""
    shape = change.shape
    if shape is None or change.vnfd is None or not (shape.stopped or shape.origins):
        return change
    there = {"", *vnfcs(flavour_of(change.vnfd, shape.flavour_id), shape)}
    stopped = tuple(vnfc for vnfc in shape.stopped if vnfc in there)
    origins = {
        path: origin for path, origin in shape.origins.items() if (part := parse_vnfc_part(path)) and part.vnfc in there
    }
    shape = msgspec.structs.replace(shape, stopped=stopped, origins=origins)
    return msgspec.structs.replace(change, shape=shape)
