"""Weaves the scripts of a VNF's package into the plans of its operations."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from descriptors.model.vnfd import Flavour, Vnfd
from mano_runtime.workflow.engine import OperationRefusedError
from mano_runtime.workflow.framing import framed
from mano_runtime.workflow.graph import Graph, Resource, reference
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Behaviours, Plan, Verb
from vim_adapters.resources import Kind
from vnfm.drivers.contract import Script
from vnfm.drivers.registry import DriverRegistry, UnknownDriverError
from vnfm.inventory.description import describe
from vnfm.inventory.modifications import modified
from vnfm.inventory.records import VnfRecord, instance_of
from vnfm.lifecycle.changes import Change
from vnfm.lifecycle.decision import Package, declares_anew, in_package
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.coordinations import coordination_resources
from vnfm.planning.script_inputs import Scope
from vnfm.planning.scripts import HOOKS, KIND, ScriptSpec, first_hooks, last_hooks, script_resources
from vnfm.planning.vnfc_facts import vnfc_facts
from vnfm.planning.vnfc_properties import VnfcProperties, properties_by_vdu, properties_of, vnfcs_in
from vnfm.sol003.grants import Grant, GrantRequest
from vnfm.sol003.instances import InstantiationState
from vnfm.sol003.operation_occurrences import LcmOperationType
from vnfm.sol003.ports import NotOnboardedError, Packages

Attachments = Mapping[str, Attachment]
Facts = dict[str, Any]
_SECRETS = frozenset({"accessInfo"})


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """The operation that scripts are run for."""

    record: VnfRecord
    """Of the VNF as it was before."""
    operation: Operation
    change: Change
    attachments: Attachments
    """As they shall be."""
    package: Package | None = None
    """The one that the VNF changes to."""
    grant_request: GrantRequest | None = None
    grant: Grant | None = None


class ScriptHooks:
    """Finds what a package binds to an operation; without drivers nothing is ever run."""

    def __init__(self, packages: Packages, drivers: DriverRegistry | None, behaviours: Behaviours) -> None:
        self._packages = packages
        self._drivers = drivers
        self._behaviours = behaviours

    async def framed(self, plan: Plan, occasion: Occasion) -> Plan:
        """Return the plan with the scripts that are run before it and after it.

        Raises:
            PlanningRefusedError: a script is not in the package, or an input of it needs what is not known.
            OperationRefusedError: a driver says that it cannot run a script here.
        """
        first, last = await self._scripts(plan, occasion)
        return framed(plan, first=first, last=last, behaviours=self._behaviours) if first or last else plan

    async def _scripts(self, plan: Plan, occasion: Occasion) -> tuple[list[Resource], list[Resource]]:
        kind = occasion.operation.kind
        vnfd, flavour = await self._bound(occasion)
        if self._drivers is None or vnfd is None or flavour is None or kind not in HOOKS:
            return [], []
        actions = occasion.change.actions
        if not (flavour.scripts or flavour.coordinations or actions):
            return [], []
        known = _common(plan, occasion)
        before, after = ({**known, **it} for it in (_before(occasion), _after(plan, occasion)))
        then, now = _scope(occasion, occasion.record, before), _scope(occasion, _record_after(occasion), after)
        first = [
            *script_resources(vnfd, flavour, first_hooks(kind), then, before),
            *coordination_resources(vnfd, flavour, kind, then, before, stage="start", actions=actions),
        ]
        last = [
            *script_resources(vnfd, flavour, last_hooks(kind), now, after),
            *coordination_resources(vnfd, flavour, kind, now, after, stage="end", actions=actions),
        ]
        for resource in (*first, *last):
            await asyncio.to_thread(_check, resource, self._drivers)
        return first, last

    async def _bound(self, occasion: Occasion) -> tuple[Vnfd | None, Flavour | None]:
        """The descriptor, and the flavour whose scripts are meant: of what shall be, or is, or the default."""
        vnfd = occasion.change.vnfd
        if vnfd is None:
            try:
                vnfd = await self._packages.vnfd(occasion.record.vnfd_id)
            except NotOnboardedError:  # what is to be terminated can be, whatever became of its package
                return None, None
        shape = occasion.change.shape or occasion.record.shape
        default = vnfd.default_flavour or next(iter(vnfd.flavours), "")
        return vnfd, vnfd.flavours.get(shape.flavour_id if shape else default)


def _check(resource: Resource, drivers: DriverRegistry) -> None:
    spec = msgspec.convert(resource.spec, ScriptSpec)
    try:
        obstacle = drivers.driver(spec.driver).obstacle(script_of(spec))
    except UnknownDriverError as error:
        obstacle = str(error)
    if obstacle:
        raise OperationRefusedError(
            "A script cannot be run", f"{spec.hook}: {spec.file or spec.driver}: {obstacle}", status=422
        )


def script_of(spec: ScriptSpec) -> Script:
    """Return what a driver is told of a script."""
    return Script(hook=spec.hook, file=spec.file, type=spec.type, parameters=spec.parameters, options=spec.options)


def without_scripts(graph: Graph) -> Graph:
    """Return the resources of the VNF: the runs of scripts are the operation's."""
    return {path: resource for path, resource in graph.items() if resource.kind != KIND}


def _common(plan: Plan, occasion: Occasion) -> Facts:
    operation = occasion.operation
    by_verb = {
        verb: {step.path.removesuffix("/server") for step in plan.steps if step.verb is verb and _is_server(plan, step)}
        for verb in (Verb.CREATE, Verb.DELETE)
    }
    made, removed = by_verb[Verb.CREATE], by_verb[Verb.DELETE]
    return {
        "operation": {"id": operation.id, "kind": operation.kind, "isAutomatic": operation.automatic},
        "request": _plain(operation.request),
        "changes": {
            "added": sorted(made - removed), "removed": sorted(removed - made), "renewed": sorted(made & removed)
        },
        "grantRequest": _plain(occasion.grant_request),
        "grant": _plain(occasion.grant),
    }  # fmt: skip


def _is_server(plan: Plan, step: Any) -> bool:
    return plan.resource(step).kind == Kind.SERVER and paths.parse_vnfc_part(step.path) is not None


def _before(occasion: Occasion) -> Facts:
    record = occasion.record
    return {
        "vnf": _plain(instance_of(record)),
        "vnfcs": list(vnfc_facts(record.graph, record.attachments, made=True)),
    }


def _after(plan: Plan, occasion: Occasion) -> Facts:
    """What will be, with references to what only the VIM can tell."""
    record = _record_after(occasion)
    if occasion.operation.kind == LcmOperationType.MODIFY_INFO:
        return _before(msgspec.structs.replace(occasion, record=record))
    if occasion.change.snapshot:
        return _before(occasion)  # a plan for copies of what the VNF has, which stays as it is
    shape = occasion.change.shape
    graph = {
        path: msgspec.structs.replace(resource, result={"id": reference(path)})
        for path, resource in plan.desired.items()
    }
    record = msgspec.structs.replace(
        record,
        state=InstantiationState.INSTANTIATED if shape else InstantiationState.NOT_INSTANTIATED,
        info=describe(shape, graph, occasion.attachments, properties=_properties(plan, occasion)) if shape else None,
    )
    return {
        "vnf": _plain(instance_of(record)),
        "vnfcs": list(vnfc_facts(plan.desired, occasion.attachments, made=False)),
    }


def _properties(plan: Plan, occasion: Occasion) -> VnfcProperties:
    """The configurable properties that VNFCs will have."""
    declared = properties_by_vdu(occasion.change.flavour)
    anew = declares_anew(occasion.record, occasion.change.shape, occasion.package)
    return properties_of(vnfcs_in(plan.desired), declared, occasion.record.vnfc_properties, anew=anew)


def _record_after(occasion: Occasion) -> VnfRecord:
    """The record with the attributes that it will have, and the resources that it has."""
    return modified(in_package(occasion.record, occasion.package), occasion.operation.request)


def _scope(occasion: Occasion, record: VnfRecord, facts: Facts) -> Scope:
    return Scope(
        operation=HOOKS[occasion.operation.kind],
        inputs=occasion.operation.request.get("additionalParams") or {},
        vnf={
            "id": record.id,
            "vnf_instance_id": record.id,
            "vnf_instance_name": record.name,
            "descriptor_id": record.vnfd_id,
            "configurable_properties": record.configurable_properties,
            "modifiable_attributes": {"metadata": record.metadata, "extensions": record.extensions},
        },
        vnfcs=tuple(facts["vnfcs"]),
    )


def _plain(value: Any) -> Any:
    """Return it as JSON, without what would let a reader into a VIM."""
    return _withheld(msgspec.json.decode(msgspec.json.encode(value)))


def _withheld(value: Any, secrets: Collection[str] = _SECRETS) -> Any:
    if isinstance(value, dict):
        return {key: _withheld(item) for key, item in value.items() if key not in secrets}
    return [_withheld(item) for item in value] if isinstance(value, list) else value
