"""What a VNF's record says after an operation: a pure function of the record, the operation and what exists."""

from __future__ import annotations

import msgspec

from mano_runtime.workflow.graph import Graph, Resource
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.plan import Plan, Verb
from mano_runtime.workflow.trust import with_uncertainty
from vim_adapters.performer import BEHAVIOURS
from vim_adapters.resources import Kind, Power
from vnfm.inventory.description import describe
from vnfm.inventory.modifications import modified, with_connections
from vnfm.inventory.records import VnfRecord
from vnfm.lifecycle.decision import Decision, decision_of, declares_anew, in_package
from vnfm.planning.connection_points import Attachment
from vnfm.planning.shape import Shape
from vnfm.planning.vnfc_properties import properties_of, vnfcs_in
from vnfm.sol003.instances import InstantiationState
from vnfm.sol003.operation_occurrences import LcmOperationType

UNKNOWN = "unknown"
"""In place of an attribute of a spec that the VIM may or may not have changed: no planned value is like it."""

Attachments = dict[str, Attachment]
"""By path of the port."""


def settled(record: VnfRecord, operation: Operation, graph: Graph) -> VnfRecord:
    """Return the record after ``operation`` came to where it now stands and left ``graph``.

    COMPLETED: the VNF has the shape that was decided. ROLLED_BACK: the one it had. FAILED_TEMP and FAILED: the one it
    had, too, and the inventory tells what is really there; except that a failed instantiation with anything left
    leaves the VNF INSTANTIATED, so that it can be terminated and nothing is forgotten (SOL003 clause 5.6.2.2 leaves
    this open). Settling the same outcome twice gives the same record.
    """
    decision = decision_of(operation)
    if operation.plan is None or decision is None:
        return record
    shape, attachments = record.shape, decision.attachments_before
    described_by: dict[str, str] = {}
    declared_anew = False
    connections = {**record.vim_connection_info, **decision.vim_connection_info}
    if operation.state is OperationState.COMPLETED:
        shape, attachments = decision.shape, decision.attachments
        declared_anew = declares_anew(record, shape, decision.package)
        record = modified(in_package(record, decision.package), operation.request)
        if operation.kind == LcmOperationType.MODIFY_INFO:
            return with_connections(record, operation.request)
    elif operation.state is not OperationState.ROLLED_BACK:
        graph = _with_unknown_changes(with_uncertainty(graph, operation), operation)
        attachments = _either_way(attachments, decision.attachments, graph)
        described_by = _by_another_vnfd(operation.plan, decision, graph)
        if operation.state is OperationState.FAILED and graph:
            shape = shape or decision.shape
    measured = decision.monitoring
    if operation.state is not OperationState.COMPLETED and record.info:
        measured = record.info.monitoring_parameters
    used = {resource.target for resource in graph.values()}
    properties = properties_of(vnfcs_in(graph), decision.vdu_properties, record.vnfc_properties, anew=declared_anew)
    return msgspec.structs.replace(
        record,
        state=InstantiationState.INSTANTIATED if shape else InstantiationState.NOT_INSTANTIATED,
        shape=shape,
        attachments=attachments if shape else {},
        vim_connection_info={vim: info for vim, info in connections.items() if vim in used} if shape else {},
        graph=graph,
        info=describe(
            _with_links(shape, decision, attachments),
            graph,
            attachments,
            measured,
            described_by=described_by,
            properties=properties,
        )
        if shape
        else None,
        vnfc_properties=properties if shape else {},
    )


def _by_another_vnfd(plan: Plan, decision: Decision, graph: Graph) -> dict[str, str]:
    """By path, the VNFD of what a change of the package that stopped half-way has made (SOL003 clause 5.5.3.5)."""
    package = decision.package
    if package is None:
        return {}
    made = {step.path for step in plan.steps if step.verb is Verb.CREATE} & graph.keys()
    return {path: package.vnfd_id for path in made if _is_new(graph[path], plan.before.get(path))}


def _is_new(resource: Resource, before: Resource | None) -> bool:
    """Whether it is another than before, or may be there by now."""
    return before is None or (before.result or {}).get("id") != (resource.result or {}).get("id")


def _either_way(before: Attachments, wanted: Attachments, graph: Graph) -> Attachments:
    """The attachments of an operation that stopped half-way: a port is on the link whose network it was made on."""

    def is_as_before(path: str) -> bool:
        return path in graph and graph[path].spec["network"] == before[path].network

    return wanted | {path: it for path, it in before.items() if path not in wanted or is_as_before(path)}


def _with_links(shape: Shape, decision: Decision, attachments: Attachments) -> Shape:
    """The shape with whatever external link a port may be on, to be described with."""
    known = {link.id for link in shape.ext_virtual_links}
    used = {outside.link_id for outside in attachments.values()} - known
    wanted = decision.shape.ext_virtual_links if decision.shape else ()
    return msgspec.structs.replace(
        shape, ext_virtual_links=(*shape.ext_virtual_links, *(link for link in wanted if link.id in used))
    )


def _with_unknown_changes(graph: Graph, operation: Operation) -> Graph:
    """Have it forgotten what was to be changed in place and was not seen to be: the next operation asks for it.

    A removal is no less doubtful, but a server whose power is not known is not made anew for that.
    """
    steps = operation.plan.steps if operation.plan else ()
    changed = {step.path for step in steps if step.verb is Verb.UPDATE} & graph.keys()
    return {path: _doubted(resource) if path in changed else resource for path, resource in graph.items()}


def _doubted(resource: Resource) -> Resource:
    """The resource without what of it can be changed in place, but a power that was seen to be as it shall be."""
    if resource.kind != Kind.SERVER:
        doubted = dict.fromkeys(BEHAVIOURS[resource.kind].mutable, UNKNOWN)
    elif (resource.result or {}).get("power") != resource.spec.get("power", Power.RUNNING):
        doubted = {"power": UNKNOWN}
    else:
        return resource
    return msgspec.structs.replace(resource, spec={**resource.spec, **doubted})
