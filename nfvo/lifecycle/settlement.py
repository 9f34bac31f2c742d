"""What an NS's record says after an operation: a pure function of the record, the operation and what exists."""

from __future__ import annotations

import msgspec

from mano_runtime.workflow.graph import Graph, Resource
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.trust import with_uncertainty
from nfvo.inventory.ns_instances import NsRecord
from nfvo.lifecycle.decision import NsDecision, decision_of
from nfvo.planning.desired_state import WISH
from nfvo.sol005.ns_instances import NsState


def settled(record: NsRecord, operation: Operation, graph: Graph) -> NsRecord:
    """Return the record after ``operation`` came to where it now stands and left ``graph``.

    COMPLETED: the NS has the size that was decided. PARTIALLY_COMPLETED: likewise, and the graph tells what is not as
    it should be, which the next operation mends; except that an NS of which a termination left anything stays as it
    was. ROLLED_BACK: all is as it was. Else: the size it had, and the graph tells what is really there; except that an
    instantiation that was given up with anything left makes the NS INSTANTIATED, so that it can be terminated and
    nothing is forgotten, and a termination that was given up with nothing left makes it NOT_INSTANTIATED. Settling the
    same outcome twice gives the same record.
    """
    if operation.plan is None:
        return record
    decision = decision_of(operation)
    graph = {path: _without_wish(resource) for path, resource in with_uncertainty(graph, operation).items()}
    given_up = operation.state in {OperationState.FAILED, OperationState.PARTIALLY_COMPLETED}
    if _has_what_was_decided(operation, decision) or (given_up and graph and record.size is None):
        size, inputs, saps = decision.size, decision.inputs, decision.saps if decision.size else ()
    elif given_up and not graph:
        size, inputs, saps = None, None, ()
    else:
        size, inputs, saps = record.size, record.inputs, record.saps
    return msgspec.structs.replace(
        record,
        state=NsState.INSTANTIATED if size else NsState.NOT_INSTANTIATED,
        size=size,
        inputs=inputs,
        saps=saps,
        vim=(decision.vim or record.vim) if graph or size else "",
        graph=graph,
    )


def _has_what_was_decided(operation: Operation, decision: NsDecision) -> bool:
    if operation.state is OperationState.PARTIALLY_COMPLETED:
        return decision.size is not None
    return operation.state is OperationState.COMPLETED


def _without_wish(resource: Resource) -> Resource:
    """How a client wished a VNF to end is about one operation, not about the VNF."""
    if WISH not in resource.spec:
        return resource
    return msgspec.structs.replace(resource, spec={key: it for key, it in resource.spec.items() if key != WISH})
