"""VNFs as steps of a plan: each is asked of a VNF manager through its port, and looked at there before it is touched.

Nothing about a VNF is remembered here. Every verb looks at the VNF and at its newest operation and does what is
missing, so that a lost answer, a crash and a retry all end in the same place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from mano_runtime.peer import PASSING
from mano_runtime.workflow.graph import UNCERTAIN
from mano_runtime.workflow.performer import StepFailedError, Task
from mano_runtime.workflow.trust import READY
from nfvo.lifecycle.vnf_sight import ACTIVE, Sight, creation, instantiation, leads_to, scaling, termination
from vnfm.sol003.instances import InstantiationState, VnfInstance
from vnfm.sol003.operation_occurrences import (
    CancelModeType,
    LcmOperationStateType,
    LcmOperationType,
    VnfLcmOpOcc,
)
from vnfm.sol003.ports import IDENTITY, SolProblemError, VnfLifecycle

_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.02, 1.0, 1.5
"""Seconds between two looks at an operation that is under way."""
CANCELLED = "urn:mano:problem:cancelled"
"""Type of the error of an operation that nothing was wrong with but a cancel."""
_MOST_OPERATIONS = 4
"""That one wait may begin: instantiate and scale, and each of them once more."""


class VnfPerformer:
    """Carries out the steps on resources of kind ``vnf``.

    A step's result is ``{"id": VNF instance, "operation": VNF operation, "state"}``, the state ``ready`` or not to be
    relied on (``mano_runtime.workflow.trust``). A failed step's problem has the members ``vnfInstanceId``,
    ``vnfLcmOpOccId`` and ``cause``: the VNF operation's own problem, with the VIM's words.
    """

    def __init__(self, vnfs: VnfLifecycle) -> None:
        self._vnfs = vnfs

    async def create(self, task: Task) -> dict[str, Any]:
        """Have the VNF's record, and its instantiation begun; both are looked for first."""
        with _refusals(task):
            sight = await self._sight(task) or await self._recorded(task)
            if sight.stuck:
                await self._resume(task, sight.stuck)
            elif not sight.instantiated and not sight.under_way:
                return _result(sight, await self._approach(task, sight))
            return _result(sight, sight.newest)

    async def ready(self, task: Task) -> dict[str, Any]:
        """Return once the VNF is instantiated at the wanted size.

        StepFailedError with the VNF operation's own problem when one fails. Carried out again (``task.in_doubt``), a
        failed operation is retried first, and one that was rolled back or given up is begun anew; so is at any time one
        that had been cancelled before.
        """
        with _refusals(task):
            again = task.in_doubt or _was_cancelled((await self._found(task)).stuck)
            for _ in range(_MOST_OPERATIONS):
                sight = await self._quiet(await self._found(task))
                if sight.has(task.resource.spec) and not sight.stuck:
                    return _result(sight, sight.newest) | {"state": READY}
                if (failed := sight.failed) and (sight.stuck or _is_meant(failed, task)):
                    if not again or task.cancelled():
                        raise _failure(task, failed)
                    again = False
                _check(task)
                if sight.stuck and _is_meant(sight.stuck, task):
                    await self._vnfs.retry(sight.stuck.id)
                elif sight.stuck:
                    await self._put_back(sight.stuck)
                else:
                    await self._approach(task, sight)
        raise _problem(task, "The VNF did not become as wanted", "the VNFM brings it to another size each time")

    async def update(self, task: Task) -> dict[str, Any]:
        """Have the VNF scaled; one that failed on its way to another size is rolled back, and scaled in ``ready``."""
        with _refusals(task):
            sight = await self._found(task)
            if sight.stuck:
                await self._resume(task, sight.stuck)
            elif not sight.under_way and not sight.has(task.resource.spec):
                return _result(sight, await self._approach(task, sight))
            return _result(sight, sight.newest)

    async def delete(self, task: Task) -> None:
        """Have the VNF terminated; one that failed at something else is rolled back, and terminated in ``gone``."""
        with _refusals(task):
            sight = await self._sight(task)
            if sight is not None and not sight.under_way:
                await self._depart(task, sight)

    async def gone(self, task: Task) -> None:
        """Return once the VNF is terminated and its record removed."""
        with _refusals(task):
            sight = await self._sight(task)
            again = task.in_doubt or (sight is not None and _was_cancelled(sight.stuck))
            for _ in range(_MOST_OPERATIONS):
                sight = await self._sight(task)
                if sight is None:
                    return
                sight = await self._quiet(sight)
                if not sight.instantiated and not sight.stuck:
                    await self._vnfs.delete_vnf(sight.vnf.id)
                    return
                failed = sight.failed
                if failed and (sight.stuck or failed.operation is LcmOperationType.TERMINATE):
                    if not again or task.cancelled():
                        raise _failure(task, failed)
                    again = False
                _check(task)
                await self._depart(task, sight)
        raise _problem(task, "The VNF did not go", "the VNFM keeps it instantiated each time")

    async def cancel(self, identity: str, mode: CancelModeType) -> None:
        """Have whatever operation of the VNF is under way cancelled; none, or one that ends by itself, is success."""
        for vnf in await self._vnfs.find_vnfs(IDENTITY, identity):
            for operation in await self._vnfs.operations_of(vnf.id):
                if operation.operation_state in ACTIVE:
                    try:
                        await self._vnfs.cancel(operation.id, mode)
                    except SolProblemError as refusal:
                        if refusal.status != HTTPStatus.CONFLICT:
                            raise

    async def _resume(self, task: Task, stuck: VnfLcmOpOcc) -> None:
        """Go on from a failed operation: retry it where it is what is meant, else roll it back.

        One that the step itself may have begun is left alone: ``ready`` tells of its failure.
        """
        if not _is_meant(stuck, task):
            await self._put_back(stuck)
        elif not task.in_doubt:
            await self._vnfs.retry(stuck.id)

    async def _depart(self, task: Task, sight: Sight) -> None:
        """Begin what brings the VNF nearer to its end."""
        stuck = sight.stuck
        if stuck and stuck.operation is LcmOperationType.TERMINATE:
            await self._vnfs.retry(stuck.id)
        elif stuck:
            await self._put_back(stuck)
        elif sight.instantiated:
            await self._vnfs.terminate(sight.vnf.id, termination(task.resource.spec), parent=task.operation)

    async def _recorded(self, task: Task) -> Sight:
        vnf = await self._vnfs.create_vnf(creation(task.resource.spec, _identity(task)))
        return Sight(vnf=vnf, operations=[])

    async def _sight(self, task: Task) -> Sight | None:
        """Look at the VNF, by its identifier where that is known and leads to one, else by its identity."""
        known = (task.resource.result or {}).get("id")
        if known and (sight := await self._look(str(known))):
            return sight
        found = await self._oldest(task)
        return await self._look(found.id) if found else None

    async def _look(self, vnf_id: str) -> Sight | None:
        """Look at a VNF's operations and then at the VNF.

        In this order: an operation that ends between the two looks is seen as still under way and is waited for. The
        other way round it would be seen as ended, beside a VNF as it was before, and be asked for once more.
        """
        operations = await self._vnfs.operations_of(vnf_id)
        vnf = await self._vnfs.get_vnf(vnf_id)
        return Sight(vnf=vnf, operations=operations) if vnf else None

    async def _oldest(self, task: Task) -> VnfInstance | None:
        """Of several VNFs that lost answers left, keep the oldest: the others were never used."""
        found = await self._vnfs.find_vnfs(IDENTITY, _identity(task))
        for double in found[1:]:
            if double.instantiation_state is InstantiationState.NOT_INSTANTIATED:
                await self._vnfs.delete_vnf(double.id)
        return found[0] if found else None

    async def _found(self, task: Task) -> Sight:
        sight = await self._sight(task)
        if sight is None:
            raise _problem(task, "The VNF vanished", "the VNFM has no VNF instance with its identity any more")
        return sight

    async def _quiet(self, sight: Sight) -> Sight:
        """Look again and again, ever less often, until no operation of the VNF moves."""
        pause = _FIRST_PAUSE
        waited_for = sight.under_way
        if waited_for is None:
            return sight
        while waited_for and waited_for.operation_state in ACTIVE:
            await asyncio.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)
            waited_for = await self._vnfs.get_operation(waited_for.id)
        return await self._look(sight.vnf.id) or sight

    async def _approach(self, task: Task, sight: Sight) -> VnfLcmOpOcc | None:
        """Begin the operation that is missing: instantiate, else scale."""
        spec = task.resource.spec
        if sight.instantiated:
            begun = await self._vnfs.scale_to_level(sight.vnf.id, scaling(spec), parent=task.operation)
        else:
            begun = await self._vnfs.instantiate(sight.vnf.id, instantiation(spec), parent=task.operation)
        return await self._vnfs.get_operation(begun)

    async def _put_back(self, stuck: VnfLcmOpOcc) -> None:
        """Begin to roll a failed operation back; one that the VNFM will not roll back is given up."""
        try:
            await self._vnfs.rollback(stuck.id)
        except SolProblemError as refusal:
            if refusal.status in PASSING:
                raise
            await self._vnfs.fail(stuck.id)


def _check(task: Task) -> None:
    """Begin nothing more for an operation that is being cancelled."""
    if task.cancelled():
        raise _problem(task, "The operation was cancelled", "what the VNF needs next was not begun")


def _was_cancelled(operation: VnfLcmOpOcc | None) -> bool:
    return operation is not None and (operation.error or {}).get("type") == CANCELLED


def _is_meant(operation: VnfLcmOpOcc, task: Task) -> bool:
    """Tell whether the operation, done, brings about what the step is for."""
    return operation.operation is LcmOperationType.INSTANTIATE or leads_to(operation, task.resource.spec)


def _identity(task: Task) -> str:
    return f"{task.scope}/{task.resource.path}"


def _result(sight: Sight, operation: VnfLcmOpOcc | None) -> dict[str, Any]:
    return {"id": sight.vnf.id, "state": UNCERTAIN} | ({"operation": operation.id} if operation else {})


@contextmanager
def _refusals(task: Task) -> Iterator[None]:
    """Translate what the VNFM refuses to the executor's terms."""
    try:
        yield
    except SolProblemError as refusal:
        cause = {"title": refusal.title, "status": refusal.status, "detail": refusal.detail, **refusal.members}
        raise _problem(task, refusal.title, refusal.detail, again=refusal.status in PASSING, cause=cause) from refusal


def _failure(task: Task, operation: VnfLcmOpOcc) -> StepFailedError:
    """Return the error of a step whose VNF operation did not end well."""
    cause = operation.error or {}
    words = cause.get("detail") or f"it ended in state {operation.operation_state}"
    name = task.resource.spec.get("name", task.resource.path)
    title = f"The VNF's {operation.operation} operation failed"
    if operation.operation_state is LcmOperationStateType.ROLLED_BACK:
        title = f"The VNF's {operation.operation} operation was rolled back"
    return _problem(
        task,
        title,
        f"{name}: {words}",
        vnfLcmOpOccId=operation.id,
        vnfInstanceId=operation.vnf_instance_id,
        cause=cause,
    )


def _problem(task: Task, title: str, detail: str, *, again: bool = False, **members: Any) -> StepFailedError:
    vnf = (task.resource.result or {}).get("id")
    return StepFailedError(title, detail, again=again, **{**({"vnfInstanceId": vnf} if vnf else {}), **members})
