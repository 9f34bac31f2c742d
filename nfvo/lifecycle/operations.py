"""The NS level of operations: how each is planned, who carries it out, and what is written down at the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.storage import Database
from mano_runtime.workflow.engine import OperationRefusedError, Prepared
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.logic import Steps
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.performer import Performer
from mano_runtime.workflow.plan import Behaviours, Plan, PlanError
from mano_runtime.workflow.trust import cautious_difference
from nfvo.grants.demands import vnf_demands
from nfvo.grants.vims import NoVimError, Vims
from nfvo.inventory.ns_instances import NS_INSTANCES, NsRecord
from nfvo.lifecycle.decision import NsDecision
from nfvo.lifecycle.planning_input import Descriptors, saps_of, wanted_size, with_wishes
from nfvo.lifecycle.settlement import settled
from nfvo.lifecycle.vnf_performer import VnfPerformer
from nfvo.planning.desired_state import VNF, VNF_BEHAVIOUR, NsContext, desired_state
from nfvo.planning.refusal import PlanningRefusedError
from nfvo.planning.sizing import NsSize, flavour_of, vnf_flavour_of, vnf_path, vnf_scale_levels
from nfvo.sol005.ns_notices import NsNotices
from nfvo.sol005.ns_requests import InstantiateNsRequest
from vim_adapters.offers import not_offered
from vim_adapters.performer import BEHAVIOURS, VimPerformer
from vim_adapters.registry import VimRegistry
from vim_adapters.resources import Kind
from vnfm.sol003.operation_occurrences import CancelModeType
from vnfm.sol003.ports import NotOnboardedError, VnfLifecycle

LEVEL = "ns"


class NsOperations:
    """``mano_runtime.workflow.logic.OperationLogic`` of the level ``ns``."""

    level = LEVEL
    first_state = OperationState.PROCESSING
    behaviours: Behaviours = {**BEHAVIOURS, VNF: VNF_BEHAVIOUR}

    def __init__(
        self,
        database: Database,
        registry: VimRegistry,
        descriptors: Descriptors,
        vnfs: VnfLifecycle,
        notices: NsNotices,
        *,
        owner: str,
    ) -> None:
        """Bind the level; ``owner`` is the installation's tag on VIMs."""
        self._database = database
        self._registry = registry
        self._vims = Vims(registry)
        self._descriptors = descriptors
        self._notices = notices
        on_vims = VimPerformer(registry, owner)
        self._vnf_performer = VnfPerformer(vnfs)
        self.performers: Mapping[str, Performer] = {
            Kind.NETWORK.value: on_vims,
            Kind.SUBNET.value: on_vims,
            Kind.ROUTER.value: on_vims,
            VNF: self._vnf_performer,
        }

    async def prepare(self, operation: Operation) -> Prepared:
        """Decide size and VIM, and make the plan; nothing is changed outside."""
        async with self._database.reading() as connection:
            stored = await NS_INSTANCES.get(connection, operation.subject)
        if stored is None:
            raise OperationRefusedError("There is no such NS instance", operation.subject, status=404)
        try:
            return await self._prepare(stored.document, operation)
        except NotOnboardedError as error:
            raise OperationRefusedError("A descriptor is gone", str(error)) from error
        except NoVimError as error:
            raise OperationRefusedError("No VIM takes the network service", str(error), status=503) from error
        except (PlanningRefusedError, PlanError) as error:
            raise OperationRefusedError("The network service cannot be planned", str(error), status=422) from error

    async def settle(self, connection: AsyncConnection, operation: Operation, graph: Graph) -> None:
        """Write what the NS is now."""
        stored = await NS_INSTANCES.get(connection, operation.subject)
        if stored is not None:
            await NS_INSTANCES.replace(connection, stored.id, settled(stored.document, operation, graph))

    async def cancelled(self, operation: Operation, paths: Collection[str]) -> None:
        """Cancel the operations that the VNFM carries out for it."""
        plan = operation.rollback or operation.plan
        if plan is None or operation.cancel is None:
            return
        mode = CancelModeType(operation.cancel)
        for path in sorted(paths):
            if _kind(plan, path) == VNF:
                await self._vnf_performer.cancel(f"{plan.scope}/{path}", mode)

    async def told(self, connection: AsyncConnection, operation: Operation, steps: Steps) -> None:
        """Tell subscribers of ``/nslcm``."""
        await self._notices.operation(connection, operation, steps)

    async def _prepare(self, record: NsRecord, operation: Operation) -> Prepared:
        decision, desired = await self._decide(record, operation)
        before = with_wishes(record, operation.request) if decision.size is None else record.graph
        plan = cautious_difference(before, desired, scope=f"ns/{record.id}", behaviours=self.behaviours)
        if reason := not_offered(self._registry, plan):
            raise PlanningRefusedError("nsFlavourId", reason)
        return Prepared(plan=plan, context=decision.encoded())

    async def _decide(self, record: NsRecord, operation: Operation) -> tuple[NsDecision, Graph]:
        nsd = await self._descriptors.nsd(record.nsd_id)
        size = await wanted_size(nsd, self._descriptors, record, operation.kind, operation.request)
        if size is None:
            return NsDecision(saps=record.saps), {}
        inputs = record.inputs or msgspec.convert(operation.request, InstantiateNsRequest)
        context = NsContext(
            ns_id=record.id,
            name=record.name,
            nsd=nsd,
            vnfds=await self._descriptors.vnfds(flavour_of(nsd, size.flavour)),
            inputs=inputs,
            vim=record.vim,
        )
        desired = desired_state(context, size)
        if not record.vim:
            context = msgspec.structs.replace(context, vim=await self._choose_vim(context, size))
            desired = desired_state(context, size)
        saps = saps_of(flavour_of(nsd, size.flavour), inputs)
        return NsDecision(size=size, inputs=inputs, vim=context.vim, saps=saps), desired

    async def _choose_vim(self, context: NsContext, size: NsSize) -> str:
        """Take the first VIM with room for all VNFs: their ports must be on the networks of the virtual links."""
        demands: dict[str, Any] = {}
        for profile in flavour_of(context.nsd, size.flavour).vnf_profiles.values():
            flavour = vnf_flavour_of(context.vnfds[profile.vnfd_id], profile.flavour_id)
            level = profile.instantiation_level or flavour.default_level
            for index in range(size.counts.get(profile.id, 0)):
                path = vnf_path(profile.id, index)
                demands |= vnf_demands(path, flavour, vnf_scale_levels(size, path, flavour, level), level)
        vim, _ = await self._vims.first_fit(demands)
        return vim.id


def _kind(plan: Plan, path: str) -> str:
    return (plan.desired.get(path) or plan.before[path]).kind
