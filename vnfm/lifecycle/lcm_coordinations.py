"""What element managers, or the VNF itself, were asked during an operation, and their word (SOL003 clause 5.5.2.13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Verb
from vnfm.planning.coordinations import DRIVER
from vnfm.planning.scripts import KIND
from vnfm.sol003.operation_occurrences import EndpointType, LcmCoordination

_OVER = frozenset({"done", "failed"})


def coordinates(operation: Operation) -> bool:
    """Whether the plan has coordination actions."""
    wanted = operation.plan.desired.values() if operation.plan else ()
    return any(it.kind == KIND and it.spec["driver"] == DRIVER for it in wanted)


def lcm_coordinations(operation: Operation, steps: Iterable[StepStatus]) -> tuple[LcmCoordination, ...]:
    """Return the coordination actions that were begun, in the order of the plan; one that is tried again is told once.

    What was refused is none: the error of the operation tells of it, if it does not pass.
    """
    return tuple(
        _coordination(operation, begun, ready)
        for begun, ready in _asked(operation, steps)
        if begun.state == "done" and begun.result
    )


def warnings_of(operation: Operation, steps: Iterable[StepStatus]) -> tuple[str, ...]:
    """Return what was to be minded of their answers."""
    answers = ((ready.result or {}).get("answer") or {} for _, ready in _asked(operation, steps))
    return tuple(str(answer["warnings"]) for answer in answers if answer.get("warnings"))


def _asked(operation: Operation, steps: Iterable[StepStatus]) -> Iterator[tuple[StepStatus, StepStatus]]:
    """Yield the two steps of each coordination: that it is asked for, and that its result is waited for."""
    plan = operation.plan
    found: dict[str, dict[str, StepStatus]] = {}
    for step in steps:
        if plan and step.phase == "forward" and step.kind == KIND and plan.desired[step.path].spec["driver"] == DRIVER:
            found.setdefault(step.path, {})[step.verb] = step
    for of in found.values():
        yield of[Verb.CREATE], of[Verb.READY]


def _coordination(operation: Operation, begun: StepStatus, ready: StepStatus) -> LcmCoordination:
    options: dict[str, Any] = operation.plan.desired[begun.path].spec["options"] if operation.plan else {}
    asked: dict[str, Any] = (begun.result or {})["begun"]
    started = begun.ended_at or operation.started_at
    is_over = ready.state in _OVER
    answer = (ready.result or {}).get("answer") or ready.error or {}
    delay = None if is_over else asked.get("delay")
    return LcmCoordination(
        id=(asked.get("result") or {}).get("id") or asked.get("location", "").rpartition("/")[2],
        coordination_action_name=options["action"],
        coordination_result=answer.get("coordinationResult") if is_over else None,
        start_time=started,
        end_time=ready.ended_at if is_over else None,
        delay=None if delay is None else (datetime.fromisoformat(started) + timedelta(seconds=delay)).isoformat(),
        endpoint_type=EndpointType.VNF if options.get("endpoint_type") == "vnf" else EndpointType.MGMT,
    )
