"""Which recorded resources the next plan may take for granted."""

from __future__ import annotations

import msgspec

from mano_runtime.workflow.graph import UNCERTAIN, Graph, Resource
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.plan import Behaviours, Plan, Verb, difference

READY = "ready"
_SEEN_THROUGH = frozenset({OperationState.COMPLETED, OperationState.ROLLED_BACK})


def cautious_difference(before: Graph, desired: Graph, *, scope: str, behaviours: Behaviours) -> Plan:
    """Return the plan that brings about anew what is wanted and was never seen ready, besides what has changed.

    An operation that was given up leaves resources that may be there, faulted, half made or gone. Those that are no
    longer wanted are removed, as any other. Those that are wanted are left out of what exists: creating is idempotent
    by identity, finds what is there, and replaces what is faulted. The plan remembers them as ``doubted``, so that they
    are not forgotten when it is given up before it came to them.

    Raises:
        PlanError: as :func:`mano_runtime.workflow.plan.difference`.
    """
    again = doubtful(before, behaviours) & desired.keys()
    certain = {path: resource for path, resource in before.items() if path not in again}
    plan = difference(certain, desired, scope=scope, behaviours=behaviours)
    return msgspec.structs.replace(plan, doubted={path: before[path] for path in sorted(again)})


def doubtful(graph: Graph, behaviours: Behaviours) -> frozenset[str]:
    """Return the paths of what was never seen ready, or whose removal was not seen through."""
    return frozenset(path for path, resource in graph.items() if not _certain(resource, behaviours))


def with_uncertainty(graph: Graph, operation: Operation) -> Graph:
    """Mark what the plan was to remove and did not see gone: the next operation looks before it relies on it.

    An operation that is completed or rolled back leaves no such doubt: all of its way there, or back, was seen through.
    """
    if operation.state in _SEEN_THROUGH:
        return graph
    wanted = {step.path for step in operation.plan.steps if step.verb is Verb.DELETE} if operation.plan else set()
    return {path: _uncertain(resource) if path in wanted else resource for path, resource in graph.items()}


def _uncertain(resource: Resource) -> Resource:
    return msgspec.structs.replace(resource, result={**(resource.result or {}), "state": UNCERTAIN})


def _certain(resource: Resource, behaviours: Behaviours) -> bool:
    state = (resource.result or {}).get("state", UNCERTAIN)
    return bool(state == READY) if behaviours[resource.kind].awaited else bool(state != UNCERTAIN)
