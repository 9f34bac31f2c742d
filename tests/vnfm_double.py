"""A VNFM that exists in memory: the port ``VnfLifecycle``, with faults and lost answers on demand."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from vnfm.sol003.general import ScaleInfo, Sol003Type
from vnfm.sol003.instances import InstantiatedVnfInfo, InstantiationState, VnfInstance, VnfOperationalState
from vnfm.sol003.operation_occurrences import LcmOperationStateType as State
from vnfm.sol003.operation_occurrences import LcmOperationType as Type
from vnfm.sol003.operation_occurrences import VnfLcmOpOcc
from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.requests import CreateVnfRequest, InstantiateVnfRequest, ScaleVnfToLevelRequest, TerminateVnfRequest

CAUSE = {"title": "The VIM refused", "detail": "no host is left"}


class VnfmDouble:
    """Operations end as ``outcomes`` says, in turn, and COMPLETED when it says nothing.

    An operation is seen PROCESSING once before it ends. ``lose`` makes the answers to calls of these names get lost
    after they did what was asked, once each.
    """

    def __init__(self, *outcomes: State) -> None:
        self.outcomes = list(outcomes)
        self.vnfs: dict[str, VnfInstance] = {}
        self.operations: dict[str, VnfLcmOpOcc] = {}
        self.requests: list[tuple[str, Sol003Type, str | None]] = []
        self.calls: list[str] = []
        self.lose: set[str] = set()
        self.refuse: dict[str, SolProblemError] = {}
        self._numbers = itertools.count(1)
        self._pending: dict[str, State] = {}

    async def create_vnf(self, request: CreateVnfRequest) -> VnfInstance:
        self._called("create_vnf")
        vnf = VnfInstance(
            id=f"vnf-{next(self._numbers):03}",
            vnfd_id=request.vnfd_id,
            vnf_provider="Example",
            vnf_product_name="x",
            vnf_software_version="1",
            vnfd_version="1",
            instantiation_state=InstantiationState.NOT_INSTANTIATED,
            vnf_instance_name=request.vnf_instance_name,
            metadata=request.metadata,
        )
        self.vnfs[vnf.id] = vnf
        self._lost("create_vnf")
        return vnf

    async def get_vnf(self, vnf_instance_id: str) -> VnfInstance | None:
        return self.vnfs.get(vnf_instance_id)

    async def find_vnfs(self, metadata_key: str, value: str) -> list[VnfInstance]:
        return [vnf for vnf in self.vnfs.values() if vnf.metadata.get(metadata_key) == value]

    async def delete_vnf(self, vnf_instance_id: str) -> None:
        self._called("delete_vnf")
        self.vnfs.pop(vnf_instance_id, None)
        self._lost("delete_vnf")

    async def instantiate(
        self, vnf_instance_id: str, request: InstantiateVnfRequest, *, parent: str | None = None
    ) -> str:
        return self._begin(Type.INSTANTIATE, vnf_instance_id, request, parent)

    async def scale_to_level(
        self, vnf_instance_id: str, request: ScaleVnfToLevelRequest, *, parent: str | None = None
    ) -> str:
        return self._begin(Type.SCALE_TO_LEVEL, vnf_instance_id, request, parent)

    async def terminate(self, vnf_instance_id: str, request: TerminateVnfRequest, *, parent: str | None = None) -> str:
        return self._begin(Type.TERMINATE, vnf_instance_id, request, parent)

    async def get_operation(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc | None:
        return self._looked_at(vnf_lcm_op_occ_id)

    async def operations_of(self, vnf_instance_id: str) -> list[VnfLcmOpOcc]:
        return [
            self._looked_at(operation.id)
            for operation in list(self.operations.values())
            if operation.vnf_instance_id == vnf_instance_id
        ]

    async def retry(self, vnf_lcm_op_occ_id: str) -> None:
        self._move("retry", vnf_lcm_op_occ_id, State.PROCESSING)
        self._pending[vnf_lcm_op_occ_id] = self._next()

    async def rollback(self, vnf_lcm_op_occ_id: str) -> None:
        self._move("rollback", vnf_lcm_op_occ_id, State.ROLLING_BACK)
        outcome = self._next()
        self._pending[vnf_lcm_op_occ_id] = State.ROLLED_BACK if outcome is State.COMPLETED else outcome

    async def fail(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc:
        self._move("fail", vnf_lcm_op_occ_id, State.FAILED)
        return self.operations[vnf_lcm_op_occ_id]

    def _begin(self, type_: Type, vnf_id: str, request: Sol003Type, parent: str | None) -> str:
        verb = type_.value.lower()
        self._called(verb)
        barred = [it for it in self.operations.values() if it.vnf_instance_id == vnf_id and _is_open(it)]
        if barred:
            raise SolProblemError(409, "Busy", f"{barred[0].id} has not ended")
        operation = VnfLcmOpOcc(
            id=f"op-{next(self._numbers):03}",
            operation_state=State.PROCESSING,
            state_entered_time="",
            start_time="",
            vnf_instance_id=vnf_id,
            operation=type_,
            is_automatic_invocation=False,
            is_cancel_pending=False,
            operation_params=msgspec.to_builtins(request),
        )
        self.operations[operation.id] = operation
        self._pending[operation.id] = self._next()
        self.requests.append((verb, request, parent))
        self._lost(verb)
        return operation.id

    def _next(self) -> State:
        return self.outcomes.pop(0) if self.outcomes else State.COMPLETED

    def _looked_at(self, operation_id: str) -> VnfLcmOpOcc:
        """Return the operation as it is, and have it end before it is looked at again."""
        seen = self.operations[operation_id]
        if outcome := self._pending.pop(operation_id, None):
            error = None if outcome is State.COMPLETED else CAUSE
            self.operations[operation_id] = msgspec.structs.replace(seen, operation_state=outcome, error=error)
            if outcome is State.COMPLETED:
                self._carry_out(seen)
        return seen

    def _carry_out(self, operation: VnfLcmOpOcc) -> None:
        vnf = self.vnfs[operation.vnf_instance_id]
        info: InstantiatedVnfInfo | None = None
        if operation.operation is not Type.TERMINATE:
            asked = operation.operation_params.get("scaleInfo", ())
            info = InstantiatedVnfInfo(
                flavour_id="simple",
                vnf_state=VnfOperationalState.STARTED,
                ext_cp_info=(),
                scale_status=msgspec.convert(asked, tuple[ScaleInfo, ...]),
            )
        state = InstantiationState.INSTANTIATED if info else InstantiationState.NOT_INSTANTIATED
        self.vnfs[vnf.id] = msgspec.structs.replace(vnf, instantiation_state=state, instantiated_vnf_info=info)

    def _move(self, verb: str, operation_id: str, state: State) -> None:
        self._called(verb)
        if self.operations[operation_id].operation_state is not State.FAILED_TEMP:
            raise SolProblemError(409, "Wrong state", f"{operation_id} cannot {verb}")
        moved: Any = msgspec.structs.replace(self.operations[operation_id], operation_state=state)
        self.operations[operation_id] = moved

    def _called(self, verb: str) -> None:
        self.calls.append(verb)
        if refusal := self.refuse.pop(verb, None):
            raise refusal

    def _lost(self, verb: str) -> None:
        if verb in self.lose:
            self.lose.discard(verb)
            raise SolProblemError(504, "The answer was lost", f"after {verb}")


def _is_open(operation: VnfLcmOpOcc) -> bool:
    return operation.operation_state not in {State.COMPLETED, State.FAILED, State.ROLLED_BACK}
