"""What the VNFM tells of one VNF at one moment, and how that compares with what an NS wants of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nfvo.planning.desired_state import WISH
from vnfm.sol003.general import ScaleInfo
from vnfm.sol003.instances import InstantiationState, VnfInstance
from vnfm.sol003.operation_occurrences import LcmOperationStateType, LcmOperationType, VnfLcmOpOcc
from vnfm.sol003.ports import IDENTITY
from vnfm.sol003.requests import (
    CreateVnfRequest,
    InstantiateVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
    TerminationType,
)

ACTIVE = frozenset(
    {LcmOperationStateType.STARTING, LcmOperationStateType.PROCESSING, LcmOperationStateType.ROLLING_BACK}
)
"""States in which a VNF operation moves by itself."""
_SIZING = frozenset({LcmOperationType.INSTANTIATE, LcmOperationType.SCALE_TO_LEVEL})

Spec = Mapping[str, Any]
"""Of a resource of kind ``vnf``, see ``nfvo.planning.desired_state``."""


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """One VNF at one moment."""

    vnf: VnfInstance
    operations: list[VnfLcmOpOcc]
    """Oldest first."""

    @property
    def instantiated(self) -> bool:
        """Whether the VNF has resources, as far as the VNFM's record goes."""
        return self.vnf.instantiation_state is InstantiationState.INSTANTIATED

    @property
    def newest(self) -> VnfLcmOpOcc | None:
        """The operation that was begun last."""
        return self.operations[-1] if self.operations else None

    @property
    def under_way(self) -> VnfLcmOpOcc | None:
        """The operation that is moving."""
        return self._newest_in(ACTIVE)

    @property
    def stuck(self) -> VnfLcmOpOcc | None:
        """The operation that stopped in FAILED_TEMP and bars every other."""
        return self._newest_in(frozenset({LcmOperationStateType.FAILED_TEMP}))

    @property
    def failed(self) -> VnfLcmOpOcc | None:
        """The newest operation when it has ended other than well."""
        return self._newest_in(frozenset(LcmOperationStateType) - ACTIVE - {LcmOperationStateType.COMPLETED})

    def _newest_in(self, states: frozenset[LcmOperationStateType]) -> VnfLcmOpOcc | None:
        return self.newest if self.newest and self.newest.operation_state in states else None

    def has(self, spec: Spec) -> bool:
        """Tell whether the VNF is instantiated at the size that ``spec`` wants.

        A VNF that scales is judged by its scale levels; one that has instantiation levels only, by the last one that it
        was brought to.
        """
        if not self.instantiated or self.vnf.instantiated_vnf_info is None:
            return False
        if wanted := spec["scaleLevels"]:
            levels = {scaled.aspect_id: scaled.scale_level for scaled in self.vnf.instantiated_vnf_info.scale_status}
            return all(levels.get(aspect, 0) == level for aspect, level in wanted.items())
        done = [
            operation.operation_params.get("instantiationLevelId")
            for operation in self.operations
            if operation.operation in _SIZING and operation.operation_state is LcmOperationStateType.COMPLETED
        ]
        return not done or done[-1] == spec.get("instantiationLevelId")


def creation(spec: Spec, identity: str) -> CreateVnfRequest:
    """Return the request for the VNF's record, which is found again by ``identity``."""
    return CreateVnfRequest(
        vnfd_id=spec["vnfdId"],
        vnf_instance_name=spec["name"],
        vnf_instance_description=spec.get("description"),
        metadata={**spec.get("metadata", {}), IDENTITY: identity},
    )


def instantiation(spec: Spec) -> InstantiateVnfRequest:
    """Return the request for the VNF's resources; references in ``spec`` are resolved already."""
    names = ("instantiationLevelId", "extVirtualLinks", "additionalParams", "extensions", "vnfConfigurableProperties")
    given = {name: spec[name] for name in names if name in spec}
    return msgspec.convert({"flavourId": spec["flavourId"], **given}, InstantiateVnfRequest)


def scaling(spec: Spec) -> ScaleVnfToLevelRequest:
    """Return the request for the size that ``spec`` wants."""
    if not spec["scaleLevels"]:
        return ScaleVnfToLevelRequest(instantiation_level_id=spec.get("instantiationLevelId"))
    return ScaleVnfToLevelRequest(
        scale_info=tuple(
            ScaleInfo(aspect_id=aspect, scale_level=level) for aspect, level in sorted(spec["scaleLevels"].items())
        )
    )


def leads_to(operation: VnfLcmOpOcc, spec: Spec) -> bool:
    """Tell whether a scaling operation was asked for the size that ``spec`` wants."""
    if operation.operation is not LcmOperationType.SCALE_TO_LEVEL:
        return False
    return msgspec.convert(operation.operation_params, ScaleVnfToLevelRequest) == scaling(spec)


def termination(spec: Spec) -> TerminateVnfRequest:
    """Return the request for the end of the VNF: as the client wished (``WISH`` in ``spec``), else FORCEFUL."""
    wished = {"terminationType": TerminationType.FORCEFUL.value, **spec.get(WISH, {})}
    return msgspec.convert(wished, TerminateVnfRequest)
