"""What element managers, or the VNF itself, were asked during an operation, and their word (SOL003 clause 5.5.2.13)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from mano_runtime.clock import timestamp
from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.operation_log import LogEntry
from mano_runtime.workflow.plan import Verb
from vnfm.drivers.coordination import Rejection
from vnfm.planning.coordinations import DRIVER
from vnfm.planning.scripts import KIND
from vnfm.sol003.operation_occurrences import EndpointType, LcmCoordination, RejectedLcmCoordination

_OVER = frozenset({"done", "failed"})


def coordinates(operation: Operation) -> bool:
    """Whether the plan has coordination actions."""
    wanted = operation.plan.desired.values() if operation.plan else ()
    return any(it.kind == KIND and it.spec["driver"] == DRIVER for it in wanted)


def lcm_coordinations(operation: Operation, steps: Iterable[StepStatus]) -> tuple[LcmCoordination, ...]:
    """Return the coordination actions that were begun, in the order of the plan; one that is tried again is told once.

    What was refused is none: ``rejections`` tell of those that were too busy, the error of the operation of all else.
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


def rejections(operation: Operation, told: Mapping[str, Sequence[LogEntry]]) -> tuple[RejectedLcmCoordination, ...]:
    """Return when whom that was asked was too busy, in that order.

    ``told``: what the operation's log has in the stream ``REJECTED``, by path; of very many it keeps the newest.
    """
    found = []
    for path, entries in told.items():
        options = _options(operation, path)
        for line in "".join(entry.text for entry in entries).splitlines():
            with contextlib.suppress(msgspec.DecodeError):  # the rest of one that the log has let go of
                rejection = msgspec.json.decode(line, type=Rejection)
                found.append(
                    RejectedLcmCoordination(
                        coordination_action_name=options["action"],
                        rejection_time=timestamp(rejection.at),
                        delay=timestamp(rejection.until),
                        endpoint_type=_endpoint_type(options),
                    )
                )
    return tuple(sorted(found, key=lambda it: it.rejection_time))


def _options(operation: Operation, path: str) -> dict[str, Any]:
    return dict(operation.plan.desired[path].spec["options"]) if operation.plan else {}


def _endpoint_type(options: Mapping[str, Any]) -> EndpointType:
    return EndpointType.VNF if options.get("endpoint_type") == "vnf" else EndpointType.MGMT


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
    options = _options(operation, begun.path)
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
        delay=None if delay is None else timestamp(datetime.fromisoformat(started) + timedelta(seconds=delay)),
        endpoint_type=_endpoint_type(options),
    )
