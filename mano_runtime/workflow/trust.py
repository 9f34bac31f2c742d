"""Which recorded resources the next plan may take for granted."""

from __future__ import annotations

import msgspec

from mano_runtime.workflow.graph import Graph, Resource
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Behaviours, Verb

READY = "ready"
UNCERTAIN = "uncertain"
"""The ``state`` of a resource whose removal was begun or wanted and not seen through."""


def trusted(before: Graph, desired: Graph, behaviours: Behaviours) -> tuple[Graph, Graph]:
    """Return both graphs such that the plan brings about anew what is wanted and was never seen ready.

    An operation that was given up leaves resources that may be there, faulted, half made or gone. Those that are no
    longer wanted are removed, as any other. Those that are wanted are left out of what exists, and carry what is known
    of them: creating is idempotent by identity, finds what is there, and replaces what is faulted.
    """
    again = doubtful(before, behaviours) & desired.keys()
    return (
        {path: resource for path, resource in before.items() if path not in again},
        {
            path: msgspec.structs.replace(resource, result=before[path].result or {}) if path in again else resource
            for path, resource in desired.items()
        },
    )


def doubtful(graph: Graph, behaviours: Behaviours) -> frozenset[str]:
    """Return the paths of what was never seen ready, or whose removal was not seen through."""
    return frozenset(path for path, resource in graph.items() if not _certain(resource, behaviours))


def with_uncertainty(graph: Graph, operation: Operation) -> Graph:
    """Mark what the plan was to remove and did not see gone: the next operation looks before it relies on it."""
    wanted = {step.path for step in operation.plan.steps if step.verb is Verb.DELETE} if operation.plan else set()
    return {path: _uncertain(resource) if path in wanted else resource for path, resource in graph.items()}


def _uncertain(resource: Resource) -> Resource:
    return msgspec.structs.replace(resource, result={**(resource.result or {}), "state": UNCERTAIN})


def _certain(resource: Resource, behaviours: Behaviours) -> bool:
    state = (resource.result or {}).get("state", UNCERTAIN)
    return bool(state == READY) if behaviours[resource.kind].awaited else bool(state != UNCERTAIN)
