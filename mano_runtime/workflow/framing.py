"""Work that is done before a plan's steps begin, and work that is done after all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from mano_runtime.workflow.graph import Resource, graph_of
from mano_runtime.workflow.plan import Behaviours, Plan, Step, Verb


def framed(plan: Plan, *, first: Sequence[Resource], last: Sequence[Resource], behaviours: Behaviours) -> Plan:
    """Return the plan with ``first`` brought about before any of its steps, and ``last`` after all of them.

    Both go one after the other, in their order. They are resources of the operation, not of what it works on: they are
    wanted by this plan, its way back removes them, and whoever settles the operation leaves them out of the inventory.
    What ``last`` refers to is there when it begins; ``first`` may refer to nothing that the plan makes.

    Raises:
        ValueError: a path is used twice.
    """
    before = tuple(_chained(first, (), behaviours))
    opened = before[-1:]
    steps = tuple(step if step.after else _following(step, opened) for step in plan.steps)
    needed = {id_ for step in steps for id_ in step.after}
    ends = tuple(step for step in steps if step.id not in needed) or opened
    return msgspec.structs.replace(
        plan,
        desired=plan.desired | graph_of(*plan.desired.values(), *first, *last),
        steps=(*before, *steps, *_chained(last, ends, behaviours)),
    )


def _chained(resources: Iterable[Resource], after: tuple[Step, ...], behaviours: Behaviours) -> Iterable[Step]:
    for resource in resources:
        for verb in (Verb.CREATE, Verb.READY) if behaviours[resource.kind].awaited else (Verb.CREATE,):
            step = _following(Step(id=f"{verb}:{resource.path}", verb=verb, path=resource.path), after)
            yield step
            after = (step,)


def _following(step: Step, others: Iterable[Step]) -> Step:
    return msgspec.structs.replace(step, after=tuple(sorted(other.id for other in others)))
