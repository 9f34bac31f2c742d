"""What an operation's plans and journal come to: what exists now, the way back, and the way forward again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mano_runtime.workflow.graph import Graph, Resource
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Behaviours, Outcome, Plan, PlanError, difference, state_after

Outcomes = Mapping[str, Outcome]


def settled(operation: Operation, forward: Outcomes, back: Outcomes) -> Graph:
    """Return what exists after both walks: nothing that may exist is left out."""
    if operation.plan is None:
        return {}
    reached = state_after(operation.plan, forward, doubtful_removals_happened=False)
    if operation.rollback is None:
        return reached
    graph = state_after(operation.rollback, back, doubtful_removals_happened=False)
    # The way back took doubtful removals for done, and may have stopped before it created those resources again.
    doubtful = {path: it for path, it in reached.items() if path not in operation.rollback.before}
    return {**doubtful, **graph}


def way_back(plan: Plan, forward: Outcomes, behaviours: Behaviours) -> Plan:
    """Return the plan from wherever ``plan`` got to back to where it began: what was changed last is put back first.

    There always is one: where the order of the waves and what needs what go against each other, the waves give way.
    What may have been there stays, as it is by now, unless it needs what was not.
    """
    reached = state_after(plan, forward, doubtful_removals_happened=True)
    wanted = {**{path: reached[path] for path in plan.doubted}, **plan.before}
    while lost := {path for path in wanted.keys() & plan.doubted.keys() if wanted[path].needs - wanted.keys()}:
        wanted = {path: it for path, it in wanted.items() if path not in lost}
    try:
        return difference(reached, wanted, scope=plan.scope, behaviours=behaviours, waves=plan.waves[::-1])
    except PlanError:
        return difference(reached, wanted, scope=plan.scope, behaviours=behaviours)


def touched(rollback: Plan, back: Outcomes) -> frozenset[str]:
    """Return the paths on which the way back has begun anything: there, what the journal says of forward is over."""
    return frozenset(step.path for step in rollback.steps if step.id in back)


def way_forward_again(operation: Operation, forward: Outcomes, back: Outcomes) -> Plan:
    """Return the plan of an operation whose way back failed, with what that put back as the resources to begin from.

    The steps are the same. Carried out with the journal's entries on ``touched`` paths taken for doubtful, they bring
    about the desired state from wherever the way back got to.
    """
    if operation.plan is None or operation.rollback is None:
        raise ValueError(f"operation {operation.id} has no way back to leave")
    present = settled(operation, forward, back)
    paths = touched(operation.rollback, back)

    def renewed(resource: Resource) -> Resource:
        if resource.path not in paths:
            return resource
        result = present[resource.path].result if resource.path in present else None
        return msgspec.structs.replace(resource, result=result)

    before = {path: renewed(resource) for path, resource in operation.plan.before.items()}
    return msgspec.structs.replace(operation.plan, before=before)
