"""The VNFCs that a request is about, and whether they run (SOL003 clauses 5.4.9 and 5.4.10)."""

from __future__ import annotations

from typing import Any

import msgspec

from descriptors.model.lifecycle import LcmLimits
from descriptors.model.vnfd import Vnfd
from mano_runtime.workflow.graph import Graph
from vim_adapters.performer import GRACE_SECONDS
from vim_adapters.resources import Kind
from vnfm.planning import paths
from vnfm.planning.limits import graceful_stop, graceful_termination
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape, flavour_of, unknown, vnfcs
from vnfm.planning.virtual_storages import KINDS as STORAGE_KINDS
from vnfm.sol003.instances import VnfOperationalState
from vnfm.sol003.requests import (
    HealVnfRequest,
    OperateVnfRequest,
    StopType,
    TerminateVnfRequest,
    TerminationType,
)


def operated(vnfd: Vnfd, shape: Shape, request: OperateVnfRequest) -> Shape:
    """Return the shape with the chosen VNFCs, or all, started or stopped.

    Raises:
        PlanningRefusedError: an unknown VNFC, or a stop type or time-out where SOL003 allows none.
    """
    _check_stop(request)
    chosen = chosen_vnfcs(vnfd, shape, request.vnfc_instance_id, request.additional_params)
    stopping = request.change_state_to is VnfOperationalState.STOPPED
    stopped = set(shape.stopped) | chosen if stopping else set(shape.stopped) - chosen
    return msgspec.structs.replace(shape, stopped=tuple(sorted(stopped)))


def stopping_manner(limits: LcmLimits, request: OperateVnfRequest) -> dict[str, Any]:
    """Return how servers are to be stopped.

    Raises:
        PlanningRefusedError: a shorter time-out than the VNFD allows.
    """
    if request.stop_type is not StopType.GRACEFUL:
        return {}
    return {GRACE_SECONDS: graceful_stop(limits, request.graceful_stop_timeout)}


def removing_manner(limits: LcmLimits, request: TerminateVnfRequest) -> dict[str, Any]:
    """Return how servers are to be removed: after their guests have shut down, or at once.

    Raises:
        PlanningRefusedError: a negative time-out, a shorter one than the VNFD allows, or one of a FORCEFUL end.
    """
    if request.termination_type is TerminationType.FORCEFUL:
        if request.graceful_termination_timeout is not None:
            what = "is for the termination type GRACEFUL only: leave it out, or ask for that"
            raise PlanningRefusedError("gracefulTerminationTimeout", what)
        return {}
    asked = _positive("gracefulTerminationTimeout", request.graceful_termination_timeout)
    return {GRACE_SECONDS: graceful_termination(limits, asked)}


def healed(vnfd: Vnfd, shape: Shape, request: HealVnfRequest, graph: Graph) -> frozenset[str]:
    """Return the paths that healing makes anew: servers of the chosen VNFCs, or of all, and if asked their storages.

    What several VNFCs share is made anew with the whole VNF only.

    Raises:
        PlanningRefusedError: an unknown VNFC, an ``all`` that is neither true nor false, or a script.
    """
    if request.heal_script is not None:
        what = "only scripts of the VNF package are run: have its VNFD bind one to the heal operation of Vnflcm"
        raise PlanningRefusedError("healScript", what)
    storages = with_storage(request)
    chosen = chosen_vnfcs(vnfd, shape, request.vnfc_instance_id, request.additional_params)
    whole = chosen == set(vnfcs(flavour_of(vnfd, shape.flavour_id), shape))
    found = set()
    for path, resource in graph.items():
        part = paths.parse_vnfc_part(path)
        if part is None or not (part.vnfc in chosen or (whole and not part.vnfc)):
            continue
        if resource.kind == Kind.SERVER or (storages and resource.kind in STORAGE_KINDS):
            found.add(path)
    return frozenset(found)


def with_storage(request: HealVnfRequest) -> bool:
    """Return whether storages are to be made anew as well.

    Raises:
        PlanningRefusedError: an ``all`` that is neither true nor false.
    """
    asked = request.additional_params.get("all", False)
    if not isinstance(asked, bool):
        raise PlanningRefusedError("additionalParams.all", f"{asked!r} is neither true nor false")
    return asked


def chosen_vnfcs(vnfd: Vnfd, shape: Shape, named: tuple[str, ...], params: dict[str, Any]) -> set[str]:
    """Return the VNFCs that a request names in SOL002's way or among its additional parameters; all when in neither.

    Raises:
        PlanningRefusedError: there is no such VNFC, the parameter is no list of names, or both ways are used.
    """
    attribute = "vnfcInstanceId"
    if named and attribute in params:
        what = "vnfcInstanceId names VNFCs as well: name them in one of the two"
        raise PlanningRefusedError(f"additionalParams.{attribute}", what)
    if attribute in params:
        attribute = f"additionalParams.{attribute}"
        try:
            named = msgspec.convert(params["vnfcInstanceId"], tuple[str, ...])
        except msgspec.ValidationError as error:
            raise PlanningRefusedError(attribute, f"a list of VNFCs is due: {error}") from error
    known = vnfcs(flavour_of(vnfd, shape.flavour_id), shape)
    for position, name in enumerate(named):
        if name not in known:
            raise unknown(f"{attribute}[{position}]", name, "VNFC of the VNF", known)
    return set(named or known)


def _check_stop(request: OperateVnfRequest) -> None:
    """Keep the note of SOL003 clause 5.5.2.10 on when stop type and time-out are due."""
    stopping = request.change_state_to is VnfOperationalState.STOPPED
    graceful = request.stop_type is StopType.GRACEFUL
    if request.stop_type and not stopping:
        raise PlanningRefusedError("stopType", "is for stopping, not for starting")
    if graceful and request.graceful_stop_timeout is None:
        raise PlanningRefusedError("gracefulStopTimeout", "is due when the stop type is GRACEFUL")
    if not graceful and request.graceful_stop_timeout is not None:
        raise PlanningRefusedError("gracefulStopTimeout", "is for stopping with the stop type GRACEFUL only")
    _positive("gracefulStopTimeout", request.graceful_stop_timeout)


def _positive(attribute: str, seconds: int | None) -> int | None:
    if seconds is not None and seconds < 0:
        raise PlanningRefusedError(attribute, f"{seconds} is no number of seconds to wait")
    return seconds
