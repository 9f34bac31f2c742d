"""What an operation has come to so far, resource by resource: its own plan and its way back taken together.

The standard has subscribers told of the changes of an operation and of any handling of its errors as one sum (SOL003
clause 5.5.2.17, note 1): what came and went again is no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.graph import Graph, Resource
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Plan, Verb
from vnfm.sol003.operation_occurrences import ChangeType

_BRINGS_ABOUT = frozenset({Verb.CREATE, Verb.READY, Verb.UPDATE})


class NetChange(msgspec.Struct, frozen=True, kw_only=True):
    """How a resource differs from what it was when the operation began."""

    type: ChangeType
    resource: Resource
    """As it is now; where it was removed, as it was."""
    put_back: bool = False
    """Whether it is there as the way back made it."""


def net_changes(operation: Operation, steps: Iterable[StepStatus]) -> dict[str, NetChange]:
    """Return what has changed, by path, in the order of the plans; ``steps`` are those of both ways, in that order."""
    if operation.plan is None:
        return {}
    known = list(steps)
    forward = _after(operation.plan, known, "forward")
    back = _after(operation.rollback, known, "rollback") if operation.rollback else {}
    found = (
        (path, _net(operation.plan.before.get(path), {**forward, **back}[path], put_back=path in back))
        for path in dict.fromkeys((*forward, *back))
    )
    return {path: change for path, change in found if change}


def present(plan: Plan, changes: Mapping[str, NetChange]) -> Graph:
    """Return what there is now, of all that was there before and that the operation has brought about."""
    return {
        **{path: it for path, it in plan.before.items() if path not in changes},
        **{path: it.resource for path, it in changes.items() if it.type is not ChangeType.REMOVED},
    }


def _after(plan: Plan, steps: Iterable[StepStatus], phase: str) -> dict[str, Resource | None]:
    """By path, what is there after the steps of one way that are done; None: nothing."""
    there: dict[str, Resource | None] = {}
    for step in steps:
        if step.phase != phase or step.state != "done":
            continue
        verb = Verb(step.verb)
        if verb is Verb.DELETE:
            there[step.path] = None
        elif verb in _BRINGS_ABOUT and (verb is not Verb.READY or there.get(step.path)):
            resource = there.get(step.path) or plan.desired[step.path]
            there[step.path] = msgspec.structs.replace(resource, result=step.result or resource.result)
    return there


def _net(before: Resource | None, now: Resource | None, *, put_back: bool) -> NetChange | None:
    if before is None:
        return NetChange(type=ChangeType.ADDED, resource=now, put_back=put_back) if now else None
    if now is None:
        return NetChange(type=ChangeType.REMOVED, resource=before)
    if put_back and _same(before, now):
        return None
    return NetChange(type=ChangeType.MODIFIED, resource=now, put_back=put_back)


def _same(before: Resource, now: Resource) -> bool:
    identities = {(it.target, it.kind, (it.result or {}).get("id")) for it in (before, now)}
    return len(identities) == 1 and before.spec == now.spec
