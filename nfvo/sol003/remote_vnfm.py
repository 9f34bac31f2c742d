"""A VNFM elsewhere (SOL003 clause 5), asked over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from mano_runtime.peer import Answer, Peer, PeerError
from vnfm.sol003.instances import VnfInstance
from vnfm.sol003.operation_occurrences import CancelMode, CancelModeType, VnfLcmOpOcc
from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    CreateVnfRequest,
    HealVnfRequest,
    InstantiateVnfRequest,
    OperateVnfRequest,
    ScaleVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
    VnfInfoModificationRequest,
)
from vnfm.sol003.snapshots import CreateVnfSnapshotRequest, RevertToVnfSnapshotRequest

VERSION = "2.3.0"
INSTANCES = "/vnflcm/v2/vnf_instances"
OCCURRENCES = "/vnflcm/v2/vnf_lcm_op_occs"
_NOT_FOUND = 404
_BAD_GATEWAY = 502
_TYPE = "urn:mano:problem:"

T = TypeVar("T")


class RemoteVnfm:
    """Implements ``vnfm.sol003.ports.VnfLifecycle``. ``parent`` stays here: SOL003 has no word for it.

    A refusal of the VNFM is a SolProblemError with its own words; one that does not answer is one with status 503.
    """

    def __init__(self, vnfm: Peer) -> None:
        self._vnfm = vnfm

    async def create_vnf(self, request: CreateVnfRequest) -> VnfInstance:
        """Make the record of a VNF instance. Not idempotent."""
        return _decoded(await self._asked("POST", INSTANCES, request), VnfInstance)

    async def get_vnf(self, vnf_instance_id: str) -> VnfInstance | None:
        """Return the instance, or None."""
        return await self._found(_instance(vnf_instance_id), VnfInstance)

    async def find_vnfs(self, metadata_key: str, value: str) -> list[VnfInstance]:
        """Return the instances whose metadata has this value, oldest first."""
        wanted = f"(eq,metadata/{metadata_key},{_quoted(value)})"
        found = [vnf async for vnf in self._listed(INSTANCES, wanted, VnfInstance)]
        return [vnf for vnf in found if vnf.metadata.get(metadata_key) == value]

    async def delete_vnf(self, vnf_instance_id: str) -> None:
        """Remove the record of an instance that is not instantiated; absent is success."""
        try:
            await self._asked("DELETE", _instance(vnf_instance_id))
        except SolProblemError as error:
            if error.status != _NOT_FOUND:
                raise

    async def instantiate(
        self, vnf_instance_id: str, request: InstantiateVnfRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "instantiate", request, parent)

    async def scale(self, vnf_instance_id: str, request: ScaleVnfRequest, *, parent: str | None = None) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "scale", request, parent)

    async def scale_to_level(
        self, vnf_instance_id: str, request: ScaleVnfToLevelRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "scale_to_level", request, parent)

    async def terminate(self, vnf_instance_id: str, request: TerminateVnfRequest, *, parent: str | None = None) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "terminate", request, parent)

    async def change_flavour(
        self, vnf_instance_id: str, request: ChangeVnfFlavourRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "change_flavour", request, parent)

    async def heal(self, vnf_instance_id: str, request: HealVnfRequest, *, parent: str | None = None) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "heal", request, parent)

    async def operate(self, vnf_instance_id: str, request: OperateVnfRequest, *, parent: str | None = None) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "operate", request, parent)

    async def change_ext_conn(
        self, vnf_instance_id: str, request: ChangeExtVnfConnectivityRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "change_ext_conn", request, parent)

    async def change_vnfpkg(
        self, vnf_instance_id: str, request: ChangeCurrentVnfPkgRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "change_vnfpkg", request, parent)

    async def create_snapshot(
        self, vnf_instance_id: str, request: CreateVnfSnapshotRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "create_snapshot", request, parent)

    async def revert_to_snapshot(
        self, vnf_instance_id: str, request: RevertToVnfSnapshotRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        return await self._begun(vnf_instance_id, "revert_to_snapshot", request, parent)

    async def modify(
        self, vnf_instance_id: str, request: VnfInfoModificationRequest, *, parent: str | None = None
    ) -> str:
        """Begin; the identifier of the operation occurrence."""
        del parent
        return _operation(await self._asked("PATCH", _instance(vnf_instance_id), request))

    async def get_operation(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc | None:
        """Return the operation occurrence, or None."""
        return await self._found(_occurrence(vnf_lcm_op_occ_id), VnfLcmOpOcc)

    async def operations_of(self, vnf_instance_id: str) -> list[VnfLcmOpOcc]:
        """Return the occurrences of an instance's operations, oldest first."""
        wanted = f"(eq,vnfInstanceId,{_quoted(vnf_instance_id)})"
        found = [operation async for operation in self._listed(OCCURRENCES, wanted, VnfLcmOpOcc)]
        return sorted(found, key=lambda operation: operation.start_time)

    async def retry(self, vnf_lcm_op_occ_id: str) -> None:
        """Do again what failed."""
        await self._asked("POST", f"{_occurrence(vnf_lcm_op_occ_id)}/retry")

    async def rollback(self, vnf_lcm_op_occ_id: str) -> None:
        """Put back what was before."""
        await self._asked("POST", f"{_occurrence(vnf_lcm_op_occ_id)}/rollback")

    async def fail(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc:
        """Give up and keep what there is."""
        return _decoded(await self._asked("POST", f"{_occurrence(vnf_lcm_op_occ_id)}/fail"), VnfLcmOpOcc)

    async def cancel(self, vnf_lcm_op_occ_id: str, mode: CancelModeType) -> None:
        """Bring an operation that is under way to an end."""
        await self._asked("POST", f"{_occurrence(vnf_lcm_op_occ_id)}/cancel", CancelMode(cancel_mode=mode))

    async def _begun(self, vnf_instance_id: str, task: str, request: msgspec.Struct, parent: str | None) -> str:
        del parent
        return _operation(await self._asked("POST", f"{_instance(vnf_instance_id)}/{task}", request))

    async def _found(self, path: str, kind: type[T]) -> T | None:
        try:
            return _decoded(await self._asked("GET", path), kind)
        except SolProblemError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    async def _listed(self, path: str, wanted: str, kind: type[T]) -> AsyncIterator[T]:
        """Yield what passes a filter, with all of its attributes, page by page."""
        answer = await self._asked("GET", path, query={"filter": wanted, "all_fields": ""})
        while True:
            for entry in _decoded(answer, list[kind]):  # type: ignore[valid-type]  # a type that the caller gives
                yield entry
            if not answer.following:
                return
            answer = await self._asked("GET", answer.following)

    async def _asked(
        self, method: str, path: str, body: object = None, *, query: dict[str, str] | None = None
    ) -> Answer:
        try:
            return await self._vnfm.ask(method, path, body=body, query=query, version=VERSION)
        except PeerError as error:
            problem: dict[str, Any] = dict(error.members.get("problem", {}))
            slug = str(problem.pop("type", "")).removeprefix(_TYPE)
            members = {name: value for name, value in problem.items() if name not in {"title", "status", "detail"}}
            known = slug if slug and ":" not in slug else "refused"
            raise SolProblemError(error.status, error.title, error.detail, slug=known, **members) from error


def _instance(vnf_instance_id: str) -> str:
    return f"{INSTANCES}/{quote(vnf_instance_id, safe='')}"


def _occurrence(vnf_lcm_op_occ_id: str) -> str:
    return f"{OCCURRENCES}/{quote(vnf_lcm_op_occ_id, safe='')}"


def _quoted(value: str) -> str:
    """Return the value as a filter has it (SOL013 clause 5.2.2)."""
    return "'" + value.replace("'", "''") + "'"


def _operation(answer: Answer) -> str:
    """Return the identifier that ends the Location of an operation that was accepted."""
    identifier = answer.location.partition("?")[0].rpartition("/")[2]
    if not identifier:
        raise SolProblemError(
            _BAD_GATEWAY, "The VNFM's answer is odd", f"it accepted with {answer.status} and named no occurrence"
        )
    return identifier


def _decoded(answer: Answer, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.MsgspecError as error:
        raise SolProblemError(
            _BAD_GATEWAY, "The VNFM's answer is odd", f"it is not as SOL003 has it: {error}"
        ) from error
