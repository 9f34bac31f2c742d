"""Walks a plan against its journal.

A step runs as soon as all that it needs is done, beside all others that can. A step that fails stops what needs it and
nothing else; the rest is carried through, so that what is known in the end is as much as can be known.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter

from mano_runtime.clock import timestamp
from mano_runtime.metrics import PLAN_STEPS
from mano_runtime.storage import DatabaseAwayError
from mano_runtime.workflow.cancellation import CalledOffError, Cancellation
from mano_runtime.workflow.graph import Resource, UnresolvedReferenceError, resolve
from mano_runtime.workflow.journal import Entry, Journal, Phase, Status
from mano_runtime.workflow.patience import Patience, persistently
from mano_runtime.workflow.performer import Performer, StepFailedError, Task
from mano_runtime.workflow.plan import Outcome, Plan, Step, Verb
from mano_runtime.workflow.problem import step_problem

_log = structlog.get_logger(__name__)

_WAITS = frozenset({Verb.READY, Verb.GONE})
"""Change nothing, so their intent need not be known: repeating them is always right, and half the entries are saved."""


class Execution:
    """One walk through one plan, on behalf of one attempt.

    Steps that the journal knows to be done are not repeated; their results are taken from it. Steps that were begun
    or failed are carried out again, in doubt. With ``accepting`` failed ones are not: what does not need them is
    carried through, and that is all.
    """

    def __init__(
        self,
        plan: Plan,
        entries: Mapping[str, Entry],
        *,
        operation: str,
        phase: Phase,
        epoch: int,
        performers: Mapping[str, Performer],
        journal: Journal,
        patience: Patience,
        calls: asyncio.Semaphore,
        cancellation: Cancellation | None = None,
        accepting: bool = False,
    ) -> None:
        self.plan = plan
        self.phase = phase
        self.outcomes = {step: entry.outcome for step, entry in entries.items()}
        """Of every step that was ever begun, as far as known."""
        self.running: dict[str, str] = {}
        """When each step at work was started."""
        self._operation = operation
        self._epoch = epoch
        self._performers = performers
        self._journal = journal
        self._patience = patience
        self._calls = calls
        self._cancellation = cancellation or Cancellation()
        self._given_up = failed_paths(plan, self.outcomes) if accepting else frozenset()
        self._specs: dict[str, dict[str, Any]] = {}
        self._results: dict[str, dict[str, Any] | None] = {}
        """What is known of each path, until it changes."""
        self._created = frozenset(step.path for step in plan.steps if step.verb is Verb.CREATE)

    async def run(self) -> dict[str, Outcome]:
        """Carry out what is not done and return the outcome of every step that was begun; failures do not raise.

        Cancelled, it begins no more steps; what it was forced to let go of stays in doubt.

        Raises:
            FencedError: a newer attempt has begun; nothing more was called.
        """
        open_steps = {step.id: step for step in open_steps_of(self.plan, self.outcomes)}
        missing = {id_: {need for need in step.after if need in open_steps} for id_, step in open_steps.items()}
        followers = _followers(missing)
        written: list[asyncio.Future[None]] = []

        async def walk(step: Step) -> None:  # and on to one of the steps that waited for it; others walk by themselves
            following: Step | None = step
            while following and following.path not in self._given_up and not self._cancellation.asked:
                step, following = following, None
                durable = await self._carry_out(step)
                if durable is None:
                    return
                written.append(durable)
                for id_ in followers[step.id] if self.outcomes[step.id].done else ():
                    missing[id_].remove(step.id)
                    if missing[id_]:
                        continue
                    if following is None:
                        following = open_steps[id_]
                    else:
                        tasks.create_task(walk(open_steps[id_]), name=id_)

        try:
            async with asyncio.TaskGroup() as tasks:
                for id_, step in open_steps.items():
                    if not missing[id_]:
                        tasks.create_task(walk(step), name=id_)
        except ExceptionGroup as group:  # one is enough: the attempt ends, and nobody hears of the others
            raise group.exceptions[0] from None
        finally:
            asyncio.gather(*written, return_exceptions=True)  # nobody asks for their errors where it ends before them
        await asyncio.gather(*written)
        return self.outcomes

    async def _carry_out(self, step: Step) -> asyncio.Future[None] | None:
        """Carry out a step between its two entries; return the wait for the second, None if the step was called off."""
        in_doubt = step.id in self.outcomes or self.phase is Phase.ROLLBACK
        started_at = self.running[step.id] = timestamp()
        try:
            if step.verb not in _WAITS:
                await self._record(step, Status.INTENT, started_at)
                self._note(step, Outcome(result=self._known(step)))
            with self._cancellation.interruptible():
                outcome = await self._outcome(step, in_doubt=in_doubt)
        except CalledOffError:
            _log.info("step was called off", step=step.id)
            if step.verb in _WAITS:  # others have their intent already
                await self._record(step, Status.INTENT, started_at)
                self._note(step, Outcome(result=self._known(step)))
            return None
        finally:
            del self.running[step.id]
        self._note(step, outcome)
        status = Status.DONE if outcome.done else Status.FAILED
        _counter(step.verb, status).inc()
        return self._record(step, status, started_at, outcome=outcome)

    def _note(self, step: Step, outcome: Outcome) -> None:
        self.outcomes[step.id] = outcome
        self._results.pop(step.path, None)

    def _record(
        self, step: Step, status: Status, started_at: str, *, outcome: Outcome | None = None
    ) -> asyncio.Future[None]:
        return self._journal.record(
            Entry(
                operation=self._operation,
                phase=self.phase,
                step=step.id,
                status=status,
                epoch=self._epoch,
                started_at=started_at,
                ended_at=timestamp() if outcome else None,
                result=outcome.result if outcome else None,
                error=outcome.error if outcome else None,
            )
        )

    async def _outcome(self, step: Step, *, in_doubt: bool) -> Outcome:
        async def call(tried: int) -> dict[str, Any] | None:
            return await self._call(step, self._task(step, in_doubt=in_doubt or tried > 0))

        known = self._known(step)
        try:
            result = await persistently(call, self._patience, what=step.id, cancellation=self._cancellation)
        except (CalledOffError, DatabaseAwayError):  # without our own database the attempt ends, and is taken up again
            raise
        except StepFailedError as error:
            _log.warning("step failed", step=step.id, why=str(error))
            return Outcome(result=known, error=step_problem(step, error))
        except Exception as error:  # noqa: BLE001  # a performer's defect must not take the other steps down
            _log.exception("defect in step", step=step.id)
            return Outcome(result=known, error=step_problem(step, error))
        return Outcome(done=True, result=result)

    async def _call(self, step: Step, task: Task) -> dict[str, Any] | None:
        performer = self._performers.get(task.resource.kind)
        if performer is None:
            raise LookupError(f"nobody carries out steps on resources of kind {task.resource.kind!r}")
        async with self._calls if step.verb not in _WAITS else contextlib.nullcontext():
            self._cancellation.check()  # it may have waited for its turn
            match step.verb:
                case Verb.CREATE:
                    return await performer.create(task)
                case Verb.READY:
                    return await performer.ready(task)
                case Verb.UPDATE:
                    return await performer.update(task)
                case Verb.DELETE:
                    await performer.delete(task)
                case Verb.GONE:
                    await performer.gone(task)
        return None

    def _task(self, step: Step, *, in_doubt: bool) -> Task:
        resource = self.plan.resource(step)
        previous = None
        if step.verb in {Verb.DELETE, Verb.GONE}:
            spec = _as_it_was(resource, self.plan)
            result = resource.result
        else:
            spec = self._spec(step, resource)
            result = self._own_result(step)
            previous = self.plan.before[step.path] if step.verb is Verb.UPDATE else None
        return Task(
            operation=self._operation,
            scope=self.plan.scope,
            resource=msgspec.structs.replace(resource, spec=spec, result=result),
            previous=previous,
            in_doubt=in_doubt,
            cancelled=lambda: self._cancellation.asked,
        )

    def _spec(self, step: Step, resource: Resource) -> dict[str, Any]:
        """The spec of a wanted resource with what it refers to; it is waited for with the one it was begun with."""
        spec = self._specs.get(step.path) if step.verb is Verb.READY else None
        if spec is None:
            spec = self._specs[step.path] = resolve(resource.spec, self._result)
        return spec

    def _known(self, step: Step) -> dict[str, Any] | None:
        return self.outcomes.get(step.id, Outcome()).result

    def _own_result(self, step: Step) -> dict[str, Any] | None:
        """What is known of a wanted resource that its step is to be told."""
        if step.verb is Verb.CREATE:  # whatever was there before under this path is not it
            return self._known(step)
        return self._result(step.path)

    def _result(self, path: str) -> dict[str, Any] | None:
        """What is known of a wanted resource; None before it exists."""
        if path in self._results:
            return self._results[path]
        before = self.plan.before.get(path)
        known = before.result if before and path not in self._created else None
        for verb in (Verb.CREATE, Verb.UPDATE, Verb.READY):
            outcome = self.outcomes.get(f"{verb.value}:{path}")
            if outcome and outcome.result:
                known = {**(known or {}), **outcome.result}
        self._results[path] = known
        return known


@cache
def _counter(verb: Verb, status: Status) -> Counter:
    return PLAN_STEPS.labels(verb, status.lower())


def _followers(missing: Mapping[str, set[str]]) -> Mapping[str, list[str]]:
    """Which steps wait for each step."""
    followers: dict[str, list[str]] = defaultdict(list)
    for id_, needs in missing.items():
        for need in needs:
            followers[need].append(id_)
    return followers


def open_steps_of(plan: Plan, outcomes: Mapping[str, Outcome]) -> list[Step]:
    """Return the steps to carry out: all that are not done.

    A resource that was brought about but did not get ready is brought about again as well: asking once more whether it
    is ready would get the same answer, while its performer, in doubt, can put something better in its place.
    """
    not_ready = {
        step.path
        for step in plan.steps
        if step.verb is Verb.READY and (outcome := outcomes.get(step.id)) is not None and not outcome.done
    }
    return [
        step
        for step in plan.steps
        if not outcomes.get(step.id, Outcome()).done
        or (step.verb in {Verb.CREATE, Verb.UPDATE} and step.path in not_ready)
    ]


def failed_paths(plan: Plan, outcomes: Mapping[str, Outcome]) -> frozenset[str]:
    """Return the paths of resources on which a step has failed; what was called off, or never begun, has not."""
    return frozenset(
        step.path for step in plan.steps if (outcome := outcomes.get(step.id)) and outcome.error and not outcome.done
    )


def _as_it_was(resource: Resource, plan: Plan) -> dict[str, Any]:
    """The spec of what is to be removed. Its identity is enough for that, so what cannot be resolved stays as it is."""

    def result_of(path: str) -> dict[str, Any] | None:
        needed = plan.before.get(path)
        return needed.result if needed else None

    try:
        spec: dict[str, Any] = resolve(resource.spec, result_of)
    except UnresolvedReferenceError:
        return resource.spec
    return spec
