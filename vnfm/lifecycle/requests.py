"""Requests to the VNF lifecycle management interface: one service behind the REST routes and the in-process client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.identifiers import new_id
from mano_runtime.storage import Database, Page, Stored
from mano_runtime.tenancy import acting, acting_for, owner
from mano_runtime.workflow.engine import Engine, SubjectBusyError, WrongStateError
from mano_runtime.workflow.operation import CancelMode
from mano_runtime.workflow.records import open_operation
from vim_adapters.registry import UnknownVimError, VimRegistry
from vnfm.inventory.modifications import check_modifiable
from vnfm.inventory.records import VnfOutline, VnfRecord, instance_of
from vnfm.inventory.snapshots import SnapshotRecord
from vnfm.inventory.tables import VNF_INSTANCES, VNF_OUTLINES
from vnfm.lifecycle.changes import Change, change_of, vnfd_if_there
from vnfm.lifecycle.drafts import Drafts
from vnfm.lifecycle.notices import VnfNotices
from vnfm.lifecycle.occurrence_details import LEVEL, OccurrenceDetails
from vnfm.lifecycle.problems import busy, not_found, wrong_operation_state, wrong_state
from vnfm.lifecycle.snapshots import usable_snapshot
from vnfm.lifecycle.vim_connections import without_secrets
from vnfm.planning.attributes import initial_attributes
from vnfm.planning.limits import check_attributes, check_limits
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.vnfc_properties import check_vnfc_modifications, vnfcs_in
from vnfm.sol003.general import Sol003Type, VimConnectionInfo
from vnfm.sol003.instances import InstantiationState, VnfInstance
from vnfm.sol003.operation_occurrences import CancelModeType, LcmOperationType, VnfLcmOpOcc
from vnfm.sol003.ports import IDENTITY, NotOnboardedError, Packages, VimBook, unacceptable
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

Connectivity = (
    InstantiateVnfRequest | ChangeVnfFlavourRequest | ChangeExtVnfConnectivityRequest | ChangeCurrentVnfPkgRequest
)
"""Requests that name external virtual links."""
Connecting = TypeVar("Connecting", bound=Connectivity | VnfInfoModificationRequest)
_UNMANAGED = (ChangeExtVnfConnectivityRequest, type(None))
"""Those of them that name no externally managed ones."""


class VnfRequests:
    """Implements ``vnfm.sol003.ports.VnfLifecycle``, and what the REST routes need beyond it.

    Every refusal is a ``SolProblemError`` and comes before anything is changed. Safe to call concurrently.
    """

    def __init__(
        self,
        database: Database,
        engine: Engine,
        registry: VimRegistry,
        packages: Packages,
        notices: VnfNotices,
        *,
        drafts: Drafts,
        vims: VimBook | None = None,
    ) -> None:
        """Serve requests; with ``vims`` they may name VIMs that come with them, or with the grant."""
        self._vims = vims
        self._database = database
        self._engine = engine
        self._registry = registry
        self._packages = packages
        self._drafts = drafts
        self._notices = notices
        self._details = OccurrenceDetails(database, engine)

    async def create_vnf(self, request: CreateVnfRequest) -> VnfInstance:
        """Make the record of a VNF instance, NOT_INSTANTIATED (SOL003 clause 5.4.2.3.1). Not idempotent.

        It is the client's tenant's, and of what that tenant may use.
        """
        with acting_for(owner(acting().tenant)):
            return await self._create(request)

    async def _create(self, request: CreateVnfRequest) -> VnfInstance:
        if not await self._packages.package_enabled(request.vnfd_id):
            known = "no enabled VNF package has this VNFD"
            raise unacceptable("vnfdId", f"{request.vnfd_id!r}: {known}", slug="unknown-vnfd")
        vnfd = await self._packages.vnfd(request.vnfd_id)
        instance_id = new_id()
        initial = initial_attributes(vnfd)
        record = VnfRecord(
            id=instance_id,
            label=f"{request.vnf_instance_name or vnfd.product_name}-{instance_id[-6:]}",
            name=request.vnf_instance_name,
            description=request.vnf_instance_description,
            vnfd_id=vnfd.id,
            provider=vnfd.provider,
            product_name=vnfd.product_name,
            software_version=vnfd.software_version,
            vnfd_version=vnfd.version,
            metadata={**initial["metadata"], **request.metadata},
            extensions=initial["extensions"],
            configurable_properties=initial["vnfConfigurableProperties"],
        )
        async with self._database.transaction() as connection:
            await VNF_INSTANCES.insert(connection, instance_id, record)
            await self._notices.created(connection, record)
        return instance_of(record)

    async def get_vnf(self, vnf_instance_id: str) -> VnfInstance | None:
        """Return the instance, or None."""
        stored = await self.stored(vnf_instance_id)
        return instance_of(stored.document) if stored else None

    async def stored(self, vnf_instance_id: str) -> Stored[VnfRecord] | None:
        """Return the instance's record with its etag, or None."""
        async with self._database.reading() as connection:
            return await VNF_INSTANCES.get(connection, vnf_instance_id)

    async def page(
        self, *, after: str | None, limit: int, equal: Mapping[str, Any] | None = None, outlines: bool = False
    ) -> Page[VnfRecord] | Page[VnfOutline]:
        """Return some instances, oldest first; ``equal`` takes the promoted columns of ``VNF_INSTANCES``.

        ``outlines`` are without what the VNFs are made of, and cost a fraction.
        """
        async with self._database.reading() as connection:
            if outlines:
                return await VNF_OUTLINES.page(connection, equal=equal, after=after, limit=limit)
            return await VNF_INSTANCES.page(connection, equal=equal, after=after, limit=limit)

    async def find_vnfs(self, metadata_key: str, value: str) -> list[VnfInstance]:
        """Return the instances whose metadata has this value, oldest first."""
        equal = {"identity": value} if metadata_key == IDENTITY else {}
        async with self._database.reading() as connection:
            found = await VNF_INSTANCES.all(connection, equal=equal)
        return [instance_of(it.document) for it in found if it.document.metadata.get(metadata_key) == value]

    async def delete_vnf(self, vnf_instance_id: str) -> None:
        """Remove the record of an instance that is not instantiated (SOL003 clause 5.4.3.3.5); absent is success."""
        async with self._database.transaction() as connection:
            running = await open_operation(connection, LEVEL, vnf_instance_id)
            if running is not None:
                raise busy(vnf_instance_id, running.id, running.state)
            stored = await VNF_INSTANCES.get(connection, vnf_instance_id)
            if stored is None:
                return
            if stored.document.state is not InstantiationState.NOT_INSTANTIATED:
                raise wrong_state(vnf_instance_id, stored.document.state, "deleting it", "terminate it first")
            await VNF_INSTANCES.delete(connection, vnf_instance_id, etag=stored.etag)
            with acting_for(owner(stored.tenant)):
                await self._notices.deleted(connection, stored.document)

    async def instantiate(
        self, vnf_instance_id: str, request: InstantiateVnfRequest, *, parent: str | None = None
    ) -> str:
        """Begin to instantiate (SOL003 clause 5.4.4); the operation occurrence's identifier."""
        await self._check_vims(request, request.vim_connection_info)
        return await self._begin(LcmOperationType.INSTANTIATE, vnf_instance_id, _without_credentials(request), parent)

    async def scale(self, vnf_instance_id: str, request: ScaleVnfRequest, *, parent: str | None = None) -> str:
        """Begin to scale along an aspect (SOL003 clause 5.4.5); the operation occurrence's identifier."""
        return await self._begin(LcmOperationType.SCALE, vnf_instance_id, request, parent)

    async def scale_to_level(
        self, vnf_instance_id: str, request: ScaleVnfToLevelRequest, *, parent: str | None = None
    ) -> str:
        """Begin to scale to a size (SOL003 clause 5.4.6); the operation occurrence's identifier."""
        return await self._begin(LcmOperationType.SCALE_TO_LEVEL, vnf_instance_id, request, parent)

    async def terminate(self, vnf_instance_id: str, request: TerminateVnfRequest, *, parent: str | None = None) -> str:
        """Begin to terminate (SOL003 clause 5.4.8); the operation occurrence's identifier.

        GRACEFUL: guests shut down before their servers are removed, within the time-out where one is given.
        """
        return await self._begin(LcmOperationType.TERMINATE, vnf_instance_id, request, parent)

    async def change_flavour(
        self, vnf_instance_id: str, request: ChangeVnfFlavourRequest, *, parent: str | None = None
    ) -> str:
        """Begin to change the deployment flavour (SOL003 clause 5.4.7); the operation occurrence's identifier."""
        await self._check_vims(request, request.vim_connection_info)
        request = _without_credentials(request)
        return await self._begin(LcmOperationType.CHANGE_FLAVOUR, vnf_instance_id, request, parent)

    async def heal(self, vnf_instance_id: str, request: HealVnfRequest, *, parent: str | None = None) -> str:
        """Begin to make VNFCs anew (SOL003 clause 5.4.9); the operation occurrence's identifier."""
        return await self._begin(LcmOperationType.HEAL, vnf_instance_id, request, parent)

    async def operate(self, vnf_instance_id: str, request: OperateVnfRequest, *, parent: str | None = None) -> str:
        """Begin to start or stop (SOL003 clause 5.4.10); the operation occurrence's identifier."""
        return await self._begin(LcmOperationType.OPERATE, vnf_instance_id, request, parent)

    async def change_ext_conn(
        self, vnf_instance_id: str, request: ChangeExtVnfConnectivityRequest, *, parent: str | None = None
    ) -> str:
        """Begin to change external connectivity (SOL003 clause 5.4.11); the operation occurrence's identifier."""
        await self._check_vims(request, request.vim_connection_info)
        request = _without_credentials(request)
        return await self._begin(LcmOperationType.CHANGE_EXT_CONN, vnf_instance_id, request, parent)

    async def change_vnfpkg(
        self, vnf_instance_id: str, request: ChangeCurrentVnfPkgRequest, *, parent: str | None = None
    ) -> str:
        """Begin to change the VNF package (SOL003 clause 5.4.11a); the operation occurrence's identifier."""
        await self._check_vims(request, request.vim_connection_info)
        request = _without_credentials(request)
        return await self._begin(LcmOperationType.CHANGE_VNFPKG, vnf_instance_id, request, parent)

    async def create_snapshot(
        self, vnf_instance_id: str, request: CreateVnfSnapshotRequest, *, parent: str | None = None
    ) -> str:
        """Begin to take a snapshot (SOL003 clause 5.4.21); the operation occurrence's identifier."""
        return await self._begin(LcmOperationType.CREATE_SNAPSHOT, vnf_instance_id, request, parent)

    async def revert_to_snapshot(
        self, vnf_instance_id: str, request: RevertToVnfSnapshotRequest, *, parent: str | None = None
    ) -> str:
        """Begin to revert to a snapshot (SOL003 clause 5.4.22); the operation occurrence's identifier."""
        return await self._begin(LcmOperationType.REVERT_TO_SNAPSHOT, vnf_instance_id, request, parent)

    async def modify(
        self, vnf_instance_id: str, request: VnfInfoModificationRequest, *, parent: str | None = None
    ) -> str:
        """Begin to modify attributes (SOL003 clause 5.4.3.3.4); the operation occurrence's identifier."""
        await self._check_vims(None, {vim: info for vim, info in request.vim_connection_info.items() if info})
        request = _without_credentials(request)
        return await self._begin(LcmOperationType.MODIFY_INFO, vnf_instance_id, request, parent)

    async def get_operation(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc | None:
        """Return the operation occurrence with what it has changed so far, or None."""
        operation = await self._engine.get(vnf_lcm_op_occ_id)
        if operation is None or operation.level != LEVEL:
            return None
        return await self._details.whole(operation)

    async def operations(
        self, *, after: str | None, limit: int, equal: Mapping[str, Any] | None = None, details: bool = False
    ) -> tuple[list[VnfLcmOpOcc], str | None]:
        """Return some occurrences, oldest first, and where the next begin; ``equal`` as for ``Engine.page``.

        ``details`` (``OccurrenceDetails``) cost a look at the journal of each.
        """
        return await self._details.page(equal, after=after, limit=limit, details=details)

    async def ended(self, vnf_lcm_op_occ_id: str, seconds: float) -> None:
        """Return when nothing of the operation moves by itself any more, or after ``seconds``."""
        await self._engine.ended(vnf_lcm_op_occ_id, timeout=seconds)

    async def operations_of(self, vnf_instance_id: str) -> list[VnfLcmOpOcc]:
        """Return the occurrences of an instance's operations, oldest first, without their resource changes."""
        return await self._details.of_instance(vnf_instance_id)

    async def retry(self, vnf_lcm_op_occ_id: str) -> None:
        """Do again what failed (SOL003 clause 5.4.14)."""
        async with self._allowed(vnf_lcm_op_occ_id, "retry"):
            await self._engine.retry(vnf_lcm_op_occ_id)

    async def rollback(self, vnf_lcm_op_occ_id: str) -> None:
        """Put back what was before (SOL003 clause 5.4.15)."""
        async with self._allowed(vnf_lcm_op_occ_id, "rollback"):
            await self._engine.rollback(vnf_lcm_op_occ_id)

    async def fail(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc:
        """Give up and keep what there is (SOL003 clause 5.4.16)."""
        async with self._allowed(vnf_lcm_op_occ_id, "fail"):
            return await self._details.whole(await self._engine.fail(vnf_lcm_op_occ_id))

    async def cancel(self, vnf_lcm_op_occ_id: str, mode: CancelModeType) -> None:
        """Bring what is under way to an end (SOL003 clause 5.4.17)."""
        async with self._allowed(vnf_lcm_op_occ_id, "cancel"):
            await self._engine.cancel(vnf_lcm_op_occ_id, CancelMode(mode))

    @asynccontextmanager
    async def _allowed(self, operation_id: str, task: str) -> AsyncIterator[None]:
        """Refuse a task of what is no occurrence here, and one that its state does not allow."""
        operation = await self._engine.get(operation_id)
        if operation is None or operation.level != LEVEL:
            raise not_found("VNF LCM operation occurrence", operation_id)
        try:
            yield
        except WrongStateError as error:
            raise wrong_operation_state(error, task) from error

    async def _begin(self, kind: LcmOperationType, instance_id: str, request: Sol003Type, parent: str | None) -> str:
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(request))
        async with self._database.reading() as connection:
            stored = await VNF_INSTANCES.get(connection, instance_id)
            if stored is None:
                raise not_found("VNF instance", instance_id)
            with acting_for(owner(stored.tenant)):
                running = await open_operation(connection, LEVEL, instance_id)
                if running is not None:
                    raise busy(instance_id, running.id, running.state)
                _check_state(stored.document, kind)
                snapshot = await usable_snapshot(connection, stored.document, kind, plain)
        with acting_for(owner(stored.tenant)):
            await self._check_plan(kind, stored.document, snapshot, plain)
            return await self._begin_checked(kind, instance_id, plain, parent)

    async def _begin_checked(
        self, kind: LcmOperationType, instance_id: str, request: dict[str, Any], parent: str | None
    ) -> str:
        async def check_state(connection: AsyncConnection) -> None:
            stored = await VNF_INSTANCES.get(connection, instance_id)
            if stored is None:
                raise not_found("VNF instance", instance_id)
            _check_state(stored.document, kind)
            await usable_snapshot(connection, stored.document, kind, request)

        try:
            operation = await self._engine.begin(
                level=LEVEL, kind=kind.value, subject=instance_id, request=request, parent=parent, within=check_state
            )
        except SubjectBusyError as error:
            raise busy(instance_id, error.operation, error.state) from error
        return operation.id

    async def _check_plan(
        self, kind: LcmOperationType, record: VnfRecord, snapshot: SnapshotRecord | None, request: dict[str, Any]
    ) -> None:
        """Refuse at once what could not be planned: nobody wants to read that in an operation occurrence."""
        vnfd = await vnfd_if_there(self._packages, record)
        try:
            if vnfd is not None:
                check_limits(vnfd, kind, request)
            if kind is LcmOperationType.MODIFY_INFO:
                check_modifiable(request)
                flavour = vnfd.flavours.get(record.shape.flavour_id) if vnfd and record.shape else None
                check_vnfc_modifications(flavour, vnfcs_in(record.graph), request)
                change = Change()
            else:
                change = await change_of(self._packages, record, kind, request, snapshot)
            if described := change.vnfd or vnfd:
                check_attributes(described, request)
            await self._drafts.check(record, change)
        except NotOnboardedError as error:
            raise unacceptable("vnfdId", str(error), slug="unknown-vnfd") from error
        except PlanningRefusedError as error:
            raise unacceptable(error.attribute, error.detail) from error

    async def _check_vims(
        self, connectivity: Connectivity | None, connections: Mapping[str, VimConnectionInfo]
    ) -> None:
        if self._vims is not None:
            await self._vims.learn(connections, change=True)
            return  # one that is not known yet may come with the grant, before anything is planned
        named = {f"vimConnectionInfo.{key}": key for key in connections}
        links = connectivity.ext_virtual_links if connectivity else ()
        managed_links = () if isinstance(connectivity, _UNMANAGED) else connectivity.ext_managed_virtual_links
        for position, link in enumerate(links):
            named[f"extVirtualLinks[{position}].vimConnectionId"] = link.vim_connection_id or ""
        for position, managed in enumerate(managed_links):
            named[f"extManagedVirtualLinks[{position}].vimConnectionId"] = managed.vim_connection_id or ""
        for attribute, vim in named.items():
            if not vim:
                continue
            try:
                self._registry.adapter(vim)
            except UnknownVimError as error:
                raise unacceptable(attribute, f"there is no VIM connection {vim!r}", slug="unknown-vim") from error


def _without_credentials(request: Connecting) -> Connecting:
    """The VNFM uses the connections that it was given at start-up; credentials of a request are not kept."""
    connections = {key: info and without_secrets(info) for key, info in request.vim_connection_info.items()}
    return msgspec.structs.replace(request, vim_connection_info=connections)


def _check_state(record: VnfRecord, kind: LcmOperationType) -> None:
    """Refuse an operation that the instance's state does not allow (SOL003 clauses 5.4.4 to 5.4.11a)."""
    if kind is LcmOperationType.MODIFY_INFO:
        return
    if kind is LcmOperationType.INSTANTIATE:
        if record.state is not InstantiationState.NOT_INSTANTIATED:
            raise wrong_state(record.id, record.state, "INSTANTIATE", "terminate it first, or scale it")
    elif record.state is not InstantiationState.INSTANTIATED:
        raise wrong_state(record.id, record.state, kind.value, "instantiate it first")
