"""What a VNF's record says after an operation: a pure function of the record, the operation and what exists."""

from __future__ import annotations

import msgspec

from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.trust import with_uncertainty
from vnfm.inventory.description import describe
from vnfm.inventory.records import VnfRecord
from vnfm.lifecycle.decision import decision_of
from vnfm.sol003.instances import InstantiationState


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
    shape, attachments = record.shape, record.attachments
    connections = {**record.vim_connection_info, **decision.vim_connection_info}
    if operation.state is OperationState.COMPLETED:
        shape, attachments = decision.shape, decision.attachments
        record = _modified(record, operation)
    elif operation.state is not OperationState.ROLLED_BACK:
        graph = with_uncertainty(graph, operation)
        attachments = {**attachments, **decision.attachments}
        if operation.state is OperationState.FAILED and graph:
            shape = shape or decision.shape
    used = {resource.target for resource in graph.values()}
    return msgspec.structs.replace(
        record,
        state=InstantiationState.INSTANTIATED if shape else InstantiationState.NOT_INSTANTIATED,
        shape=shape,
        attachments=attachments if shape else {},
        vim_connection_info={vim: info for vim, info in connections.items() if vim in used} if shape else {},
        graph=graph,
        info=describe(shape, graph, attachments) if shape else None,
    )


def _modified(record: VnfRecord, operation: Operation) -> VnfRecord:
    """The record with the attributes that the request sets besides the shape (SOL003 clause 5.5.2.4)."""
    return msgspec.structs.replace(
        record,
        extensions={**record.extensions, **operation.request.get("extensions", {})},
        configurable_properties={
            **record.configurable_properties,
            **operation.request.get("vnfConfigurableProperties", {}),
        },
    )
