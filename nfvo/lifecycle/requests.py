"""Requests to NS lifecycle management: the service behind the routes of ``/nslcm/v2``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from descriptors.model.nsd import NsFlavour
from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.rest import ProblemError
from mano_runtime.storage import Database, Page, Stored
from mano_runtime.tenancy import acting, acting_for, owner
from mano_runtime.workflow.engine import Engine, SubjectBusyError, WrongStateError
from mano_runtime.workflow.operation import CancelMode, Operation
from mano_runtime.workflow.plan import PlanError
from mano_runtime.workflow.records import open_operation
from nfvo.catalogue.catalogue import Catalogue
from nfvo.inventory.ns_instances import NS_INSTANCES, NsRecord
from nfvo.lifecycle.operations import LEVEL
from nfvo.lifecycle.planning_input import INSTANTIATE, SCALE, TERMINATE, Descriptors, wanted_size, with_wishes
from nfvo.lifecycle.problems import busy, not_found, unacceptable, wrong_operation_state, wrong_state
from nfvo.planning.desired_state import NsContext, desired_state
from nfvo.planning.refusal import PlanningRefusedError
from nfvo.planning.sizing import flavour_of
from nfvo.sol005.embedded_vnf import embedded_vnf
from nfvo.sol005.general import Sol005Type
from nfvo.sol005.ns_instances import NsState
from nfvo.sol005.ns_notices import NsNotices
from nfvo.sol005.ns_requests import CreateNsRequest, InstantiateNsRequest, ScaleNsRequest, TerminateNsRequest
from vnfm.sol003.operation_occurrences import CancelModeType
from vnfm.sol003.ports import NotOnboardedError, VnfLifecycle


class NsRequests:
    """Network services: what can be asked of them, and what can be told of them.

    Every refusal is a ProblemError and comes before anything is changed. Safe to call concurrently.
    """

    def __init__(
        self, database: Database, engine: Engine, catalogue: Catalogue, vnfs: VnfLifecycle, notices: NsNotices
    ) -> None:
        self._database = database
        self._engine = engine
        self._catalogue = catalogue
        self._descriptors = Descriptors(catalogue)
        self._vnfs = vnfs
        self._notices = notices

    async def create(self, request: CreateNsRequest) -> Stored[NsRecord]:
        """Make the record of an NS instance, NOT_INSTANTIATED (SOL005 clause 6.4.2.3.1). Not idempotent.

        It is the client's tenant's, and of what that tenant may use: an administrator does not mix tenants either.
        """
        with acting_for(owner(acting().tenant)):
            return await self._create(request)

    async def _create(self, request: CreateNsRequest) -> Stored[NsRecord]:
        try:
            entry = await self._catalogue.entry_of("nsd", request.nsd_id)
        except NotOnboardedError as error:
            raise unacceptable(
                "nsdId", f"no onboarded NSD has the identifier {request.nsd_id!r}", "unknown-nsd"
            ) from error
        if not await self._catalogue.enabled("nsd", request.nsd_id):
            raise ProblemError(
                409,
                "The NSD is disabled",
                f"nsdId: the NSD {request.nsd_id!r} (NsdInfo {entry.id}) is DISABLED; enable it first",
                type="urn:mano:problem:nsd-disabled",
                attribute="nsdId",
            )
        record = NsRecord(
            id=new_id(),
            nsd_id=request.nsd_id,
            nsd_info_id=entry.id,
            name=request.ns_name,
            description=request.ns_description,
            created_at=timestamp(),
        )
        async with self._database.transaction() as connection:
            stored = await NS_INSTANCES.insert(connection, record.id, record)
            await self._notices.created(connection, record)
        return stored

    async def get(self, ns_id: str) -> Stored[NsRecord]:
        """Return the instance's record; ProblemError 404."""
        async with self._database.reading() as connection:
            return await _existing(connection, ns_id)

    async def page(self, *, after: str | None, limit: int, equal: Mapping[str, Any] | None = None) -> Page[NsRecord]:
        """Return some instances, oldest first; ``equal`` takes the promoted columns of ``NS_INSTANCES``."""
        async with self._database.reading() as connection:
            return await NS_INSTANCES.page(connection, equal=equal, after=after, limit=limit)

    async def delete(self, ns_id: str, check: Callable[[int], None]) -> None:
        """Remove the record of an instance that is not instantiated (SOL005 clause 6.4.3.3.5).

        ``check`` gets the etag and may refuse. ProblemError 404; 409 while it is instantiated or an operation is open.
        """
        async with self._database.transaction() as connection:
            stored = await _existing(connection, ns_id)
            check(stored.etag)
            if running := await open_operation(connection, LEVEL, ns_id):
                raise busy(ns_id, running.id, running.state)
            if stored.document.state is not NsState.NOT_INSTANTIATED:
                raise wrong_state(ns_id, stored.document.state, "deleting it", "terminate it first")
            await NS_INSTANCES.delete(connection, ns_id, etag=stored.etag)
            with acting_for(owner(stored.tenant)):
                await self._notices.deleted(connection, stored.document)

    async def instantiate(self, ns_id: str, request: InstantiateNsRequest) -> str:
        """Begin to instantiate (SOL005 clause 6.4.4); the operation occurrence's identifier."""
        return await self._begin(INSTANTIATE, ns_id, request)

    async def scale(self, ns_id: str, request: ScaleNsRequest) -> str:
        """Begin to scale (SOL005 clause 6.4.5); the operation occurrence's identifier."""
        return await self._begin(SCALE, ns_id, request)

    async def terminate(self, ns_id: str, request: TerminateNsRequest) -> str:
        """Begin to terminate (SOL005 clause 6.4.8); the operation occurrence's identifier."""
        return await self._begin(TERMINATE, ns_id, request)

    async def operation(self, operation_id: str) -> Operation:
        """Return the operation; ProblemError 404."""
        operation = await self._engine.get(operation_id)
        if operation is None or operation.level != LEVEL:
            raise not_found("NS LCM operation occurrence", operation_id)
        return operation

    async def operations(
        self, *, after: str | None, limit: int, equal: Mapping[str, Any] | None = None
    ) -> Page[Operation]:
        """Return some operations of network services, oldest first; ``equal`` as for ``Engine.page``."""
        return await self._engine.page(level=LEVEL, equal=equal, after=after, limit=limit)

    async def ended(self, operation_id: str, seconds: float) -> None:
        """Return when nothing of the operation moves by itself any more, or after ``seconds``."""
        await self._engine.ended(operation_id, timeout=seconds)

    async def retry(self, operation_id: str) -> None:
        """Do again what failed (SOL005 clause 6.4.11)."""
        await self._move(operation_id, "retry", self._engine.retry)

    async def rollback(self, operation_id: str) -> None:
        """Put back what was before (SOL005 clause 6.4.12)."""
        await self._move(operation_id, "rollback", self._engine.rollback)

    async def proceed(self, operation_id: str) -> None:
        """Go on without what failed (SOL005 clause 6.4.13, "continue")."""
        await self._move(operation_id, "continue", self._engine.proceed)

    async def cancel(self, operation_id: str, mode: CancelModeType) -> None:
        """Bring what is under way to an end (SOL005 clause 6.4.15), the VNFs' operations included."""
        await self._move(operation_id, "cancel", partial(self._engine.cancel, mode=CancelMode(mode)))

    async def fail(self, operation_id: str) -> Operation:
        """Give up and keep what there is (SOL005 clause 6.4.14)."""
        return await self._move(operation_id, "fail", self._engine.fail)

    async def flavour(self, record: NsRecord) -> NsFlavour | None:
        """Return the flavour that the NS has; None while it has none or its NSD is gone."""
        if record.size is None:
            return None
        try:
            return (await self._catalogue.nsd(record.nsd_id)).flavours.get(record.size.flavour)
        except NotOnboardedError:
            return None

    async def vnfs(self, record: NsRecord) -> list[dict[str, Any]]:
        """Return the VNFs of the NS as they are now, in the words of SOL005."""
        found = []
        for vnf_id in record.vnf_ids().values():
            vnf = await self._vnfs.get_vnf(vnf_id)
            if vnf is not None:
                found.append(embedded_vnf(vnf, await self._package_id(vnf.vnfd_id)))
        return found

    async def busy_ones(self, ns_ids: Iterable[str]) -> frozenset[str]:
        """Return those that have an operation that has not ended."""
        async with self._database.reading() as connection:
            return frozenset([it for it in ns_ids if await open_operation(connection, LEVEL, it)])

    async def _package_id(self, vnfd_id: str) -> str:
        try:
            return await self._catalogue.package_id(vnfd_id)
        except NotOnboardedError:
            return ""

    async def _move(
        self, operation_id: str, task: str, move: Callable[[str], Coroutine[Any, Any, Operation]]
    ) -> Operation:
        await self.operation(operation_id)
        try:
            return await move(operation_id)
        except WrongStateError as error:
            raise wrong_operation_state(error, task) from error

    async def _begin(self, kind: str, ns_id: str, request: Sol005Type) -> str:
        with acting_for(owner((await self.get(ns_id)).tenant)):
            return await self._begin_for_owner(kind, ns_id, request)

    async def _begin_for_owner(self, kind: str, ns_id: str, request: Sol005Type) -> str:
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(request))
        await self._check_plan(kind, ns_id, plain)

        async def check_state(connection: AsyncConnection) -> None:
            _check_state((await _existing(connection, ns_id)).document, kind)

        try:
            operation = await self._engine.begin(
                level=LEVEL, kind=kind, subject=ns_id, request=plain, within=check_state
            )
        except SubjectBusyError as error:
            raise busy(ns_id, error.operation, error.state) from error
        return operation.id

    async def _check_plan(self, kind: str, ns_id: str, request: dict[str, Any]) -> None:
        """Refuse at once what could not be planned: nobody wants to read that in an operation occurrence."""
        async with self._database.reading() as connection:
            record = (await _existing(connection, ns_id)).document
            running = await open_operation(connection, LEVEL, ns_id)
        if running:
            raise busy(ns_id, running.id, running.state)
        _check_state(record, kind)
        try:
            nsd = await self._descriptors.nsd(record.nsd_id)
            size = await wanted_size(nsd, self._descriptors, record, kind, request)
            if size is None:
                with_wishes(record, request)
                return
            context = NsContext(
                ns_id=ns_id,
                name=record.name,
                nsd=nsd,
                vnfds=await self._descriptors.vnfds(flavour_of(nsd, size.flavour)),
                inputs=record.inputs or msgspec.convert(request, InstantiateNsRequest),
                vim=record.vim,
            )
            desired_state(context, size)
        except NotOnboardedError as error:
            raise unacceptable("nsdId", str(error), "unknown-vnfd") from error
        except PlanningRefusedError as error:
            raise unacceptable(error.attribute, error.detail) from error
        except PlanError as error:
            raise unacceptable("nsdId", str(error)) from error


async def _existing(connection: AsyncConnection, ns_id: str) -> Stored[NsRecord]:
    stored = await NS_INSTANCES.get(connection, ns_id)
    if stored is None:
        raise not_found("NS instance", ns_id)
    return stored


def _check_state(record: NsRecord, kind: str) -> None:
    """Refuse an operation that the instance's state does not allow (SOL005 clauses 6.4.4 to 6.4.8)."""
    if kind == INSTANTIATE:
        if record.state is not NsState.NOT_INSTANTIATED:
            raise wrong_state(record.id, record.state, INSTANTIATE, "terminate it first, or scale it")
    elif record.state is not NsState.INSTANTIATED:
        raise wrong_state(record.id, record.state, kind, "instantiate it first")
