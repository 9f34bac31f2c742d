"""The VNF level of operations: how each is planned, who carries it out, and what is written down at the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.peer import PASSING
from mano_runtime.storage import Database
from mano_runtime.workflow.engine import OperationRefusedError, Prepared
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.logic import Steps
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.performer import Performer, StepFailedError
from mano_runtime.workflow.plan import Behaviours, Plan, PlanError, Verb
from vim_adapters.offers import not_offered
from vim_adapters.performer import BEHAVIOURS, VimPerformer
from vim_adapters.registry import UnknownVimError, VimRegistry
from vim_adapters.resources import Kind
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.snapshots import SnapshotRecord
from vnfm.inventory.tables import VNF_INSTANCES
from vnfm.lifecycle.changes import Change, change_of, vnfd_if_there
from vnfm.lifecycle.decision import Decision, Package, package_of, unchanged
from vnfm.lifecycle.drafts import Drafts
from vnfm.lifecycle.notices import VnfNotices
from vnfm.lifecycle.script_hooks import Occasion, ScriptHooks, without_scripts
from vnfm.lifecycle.scripting import Scripting
from vnfm.lifecycle.settlement import settled
from vnfm.lifecycle.sightings import sighted
from vnfm.lifecycle.snapshots import settle_snapshot, snapshot_of
from vnfm.lifecycle.vim_connections import without_secrets
from vnfm.planning.connection_points import Attachment
from vnfm.planning.grant_request import constraints, definitions, vim_constraints
from vnfm.planning.granted_shape import check_managed_links, with_grant
from vnfm.planning.measurements import measured
from vnfm.planning.placement import placed
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.scripts import BEHAVIOUR, KIND
from vnfm.planning.snapshots import check_origins, snapshots_taken, snapshots_used
from vnfm.planning.vnfc_properties import properties_by_vdu
from vnfm.sol003.general import VimConnectionInfo
from vnfm.sol003.grants import Grant, GrantRequest, SnapshotResourceDefinition
from vnfm.sol003.operation_occurrences import LcmOperationType
from vnfm.sol003.ports import Granting, GrantRefusedError, NotOnboardedError, Packages, SolProblemError


class VnfOperations:
    """``mano_runtime.workflow.logic.OperationLogic`` of the level ``vnf``."""

    level = "vnf"
    first_state = OperationState.STARTING
    behaviours: Behaviours = {**BEHAVIOURS, KIND: BEHAVIOUR}

    def __init__(
        self,
        database: Database,
        registry: VimRegistry,
        granting: Granting,
        packages: Packages,
        notices: VnfNotices,
        *,
        drafts: Drafts,
        owner: str,
        scripting: Scripting | None = None,
    ) -> None:
        """Bind the level; ``owner`` is the installation's tag on VIMs. Without ``scripting`` no script is run."""
        self._database = database
        self._registry = registry
        self._granting = granting
        self._packages = packages
        self._drafts = drafts
        self._notices = notices
        self._owner = owner
        performer = VimPerformer(registry, owner)
        self.performers: Mapping[str, Performer] = {kind.value: performer for kind in Kind}
        if scripting is not None:
            self.performers = {**self.performers, KIND: scripting.performer(database, packages)}
        self._hooks = ScriptHooks(packages, scripting.drivers if scripting else None, self.behaviours)

    async def prepare(self, operation: Operation) -> Prepared:
        """Draft the difference, ask for the grant, and make the plan with it (SOL003 clause 5.6.2.2, STARTING)."""
        async with self._database.reading() as connection:
            stored = await VNF_INSTANCES.get(connection, operation.subject)
            snapshot = await snapshot_of(connection, operation)
        if stored is None:
            raise OperationRefusedError("There is no such VNF instance", operation.subject, status=404)
        try:
            return await self._prepare(stored.document, operation, snapshot)
        except NotOnboardedError as error:
            raise OperationRefusedError("The VNF package is gone", str(error)) from error
        except SolProblemError as error:  # the NFVO's: it is elsewhere
            if error.status in PASSING:
                raise StepFailedError(error.title, error.detail, again=True) from error
            raise OperationRefusedError(error.title, error.detail, status=error.status) from error
        except GrantRefusedError as error:
            raise OperationRefusedError("The grant was refused", error.detail, status=403, **error.members) from error
        except PlanningRefusedError as error:
            raise OperationRefusedError("The VNF cannot be planned", str(error), status=422) from error
        except PlanError as error:
            raise OperationRefusedError("The VNF cannot be planned", str(error), status=422) from error

    async def settle(self, connection: AsyncConnection, operation: Operation, graph: Graph) -> None:
        """Write what the VNF is now."""
        stored = await VNF_INSTANCES.get(connection, operation.subject)
        if stored is not None and operation.kind == LcmOperationType.CREATE_SNAPSHOT:
            await settle_snapshot(connection, stored.document, operation, without_scripts(graph))
        elif stored is not None:
            record = settled(stored.document, operation, without_scripts(graph))
            await VNF_INSTANCES.replace(connection, stored.id, record)

    async def cancelled(self, operation: Operation, paths: Collection[str]) -> None:
        """Nobody works for a VNF's operation elsewhere: its steps are calls to VIMs."""

    async def told(self, connection: AsyncConnection, operation: Operation, steps: Steps) -> None:
        """Tell subscribers of ``/vnflcm`` (SOL003 clause 5.6.2.2)."""
        await self._notices.operation(connection, operation, steps)

    async def _prepare(self, record: VnfRecord, operation: Operation, snapshot: SnapshotRecord | None) -> Prepared:
        if operation.kind == LcmOperationType.MODIFY_INFO:  # no resources, so no grant (SOL003 clause 9.5.2.2)
            occasion = Occasion(record=record, operation=operation, change=Change(), attachments=record.attachments)
            drafts = await self._drafts.begun(record, Change())
            plan = await self._hooks.framed(drafts.plan(record.graph, Change()), occasion)
            return Prepared(plan=plan, context=unchanged(record).encoded())
        change = await change_of(self._packages, record, operation.kind, operation.request, snapshot)
        record, change = await sighted(operation.kind, record, change, self._registry, self._owner)
        drafts = await self._drafts.begun(record, change)
        change = drafts.with_room(change)
        draft = drafts.desired(change)
        drafted = drafts.plan(draft.graph, change)
        package = await self._package(change, record)
        occasion = Occasion(
            record=record, operation=operation, change=change, attachments=draft.attachments, package=package
        )
        await self._hooks.framed(drafted, occasion)  # refused before anything is granted
        request = _request(change, record, operation, drafted, {**record.attachments, **draft.attachments})
        grant = await self._granting.grant(request)
        self._check_vims(grant)
        granted = _granted(change, grant)
        desired = draft if granted == change else drafts.desired(granted)
        graph = placed(desired.graph, grant, desired.attachments)
        plan = drafts.with_places(drafted, graph, change) if granted == change else drafts.plan(graph, granted)
        change = granted
        if change.shape and not change.snapshot:
            check_managed_links(change.shape, graph)
            check_origins(graph, change.shape.origins)
        decision = Decision(
            grant_id=grant.id,
            shape=change.shape,
            attachments=desired.attachments,
            attachments_before=record.attachments,
            vim_connection_info=_connections({resource.target for resource in graph.values()}, record, grant),
            vnfd_before=record.vnfd_id,
            package=package,
            monitoring=measured(change.vnfd, change.shape) if change.vnfd and change.shape else (),
            vdu_properties=properties_by_vdu(change.flavour),
        )
        occasion = msgspec.structs.replace(
            occasion, change=change, attachments=desired.attachments, grant_request=request, grant=grant
        )
        plan = await self._hooks.framed(plan, occasion)
        if reason := not_offered(self._registry, plan):
            raise PlanningRefusedError("addResources", reason)
        return Prepared(plan=plan, context=decision.encoded())

    async def _package(self, change: Change, record: VnfRecord) -> Package | None:
        """The package that the VNF changes to."""
        if change.vnfd is None or change.vnfd.id == record.vnfd_id:
            return None
        return package_of(await vnfd_if_there(self._packages, record), change.vnfd, record)

    def _check_vims(self, grant: Grant) -> None:
        infos = (*grant.add_resources, *grant.temp_resources, *grant.update_resources)
        for vim in sorted({info.vim_connection_id for info in infos if info.vim_connection_id}):
            try:
                self._registry.adapter(vim)
            except UnknownVimError as error:
                detail = f"the grant names VIM connection {vim!r}, which the VNFM does not know"
                raise OperationRefusedError("The VIM is unknown", detail, status=422) from error
        for connection in self._registry.connections():
            groups = {it.resource_group_id for it in infos if it.vim_connection_id == connection.id}
            if other := sorted(group for group in groups if group and not connection.works_in(group)):
                detail = (
                    f"the grant puts resources into resource group {other[0]!r}, and VIM connection {connection.id!r}"
                    " is let into another: have the NFVO grant a connection into that group"
                )
                raise OperationRefusedError("The resource group is another", detail, status=422)


def _request(
    change: Change, record: VnfRecord, operation: Operation, plan: Plan, attachments: dict[str, Attachment]
) -> GrantRequest:
    target = change.vnfd.id if change.vnfd else record.vnfd_id
    added, updated, removed = (
        definitions(
            plan,
            verb,
            attachments,
            vnfd_id=record.vnfd_id if verb is Verb.DELETE else target,
            snapshots=_snapshots(change, plan),
        )
        for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE)
    )
    shape = change.shape
    return GrantRequest(
        vnf_instance_id=record.id,
        vnf_lcm_op_occ_id=operation.id,
        vnfd_id=record.vnfd_id,
        dst_vnfd_id=None if target == record.vnfd_id else target,
        flavour_id=shape.flavour_id if shape else None,
        operation=LcmOperationType(operation.kind),
        is_automatic_invocation=operation.automatic,
        instantiation_level_id=shape.level_id or None
        if shape and operation.kind == LcmOperationType.INSTANTIATE
        else None,
        add_resources=added,
        update_resources=updated,
        remove_resources=removed,
        placement_constraints=constraints(plan, change.flavour.affinity_rules) if change.flavour else (),
        vim_constraints=vim_constraints(plan, added),
        additional_params=operation.request.get("additionalParams", {}),
    )


def _snapshots(change: Change, plan: Plan) -> dict[str, SnapshotResourceDefinition]:
    """What of the plan is a snapshot, or is made from one."""
    if change.snapshot:
        return snapshots_taken(change.snapshot, plan.desired)
    origins = change.shape.origins if change.shape else {}
    return snapshots_used({path: it for path, it in origins.items() if path in change.renewed})


def _granted(change: Change, grant: Grant) -> Change:
    """The change with what the grant decided besides places."""
    if change.flavour is None or change.shape is None or change.snapshot:
        return change
    return msgspec.structs.replace(change, shape=with_grant(change.flavour, change.shape, grant))


def _connections(used: set[str], record: VnfRecord, grant: Grant) -> dict[str, VimConnectionInfo]:
    """The connections in use, without what would let a reader in."""
    known = {**record.vim_connection_info, **grant.vim_connection_info}
    return {
        vim: without_secrets(known[vim]) if vim in known else VimConnectionInfo(vim_type="") for vim in sorted(used)
    }
