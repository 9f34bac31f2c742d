"""The difference between two graphs, as steps in an order that works.

:func:`difference` is the only planner there is: instantiate is the difference from nothing, terminate the
difference to nothing, scale, heal and upgrade are differences between two desired states, and rollback is the
difference from the state an operation got to (:func:`state_after`) back to the state it began with.

A plan is frozen JSON and complete: whoever carries it out reads the plan and the journal, nothing else.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from mano_runtime.workflow.graph import UNCERTAIN, Graph, Resource, references


class Verb(enum.StrEnum):
    """What a step does to its resource."""

    CREATE = "create"
    READY = "ready"
    UPDATE = "update"
    DELETE = "delete"
    GONE = "gone"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One call to the outside, or one wait for it."""

    id: str
    """``verb:path``; unique in the plan."""
    verb: Verb
    path: str
    after: tuple[str, ...] = ()
    """Identifiers of the steps that must be done first."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Steps that turn ``before`` into ``desired``, in an order that respects every dependency."""

    scope: str
    """Who the resources belong to; with a resource's path it makes the identity that peers remember."""
    before: Graph
    desired: Graph
    steps: tuple[Step, ...]
    waves: tuple[tuple[str, ...], ...] = ()
    """Paths that were to be changed one group after the other; the way back takes them the other way round."""
    doubted: Graph = {}
    """What may be there besides ``before``: it is wanted, and its creation finds it (``workflow.trust``)."""

    def resource(self, step: Step) -> Resource:
        """The resource a step is about: the desired one, or for a removal the one that was there before."""
        return self.before[step.path] if step.verb in {Verb.DELETE, Verb.GONE} else self.desired[step.path]

    def counts(self) -> dict[str, int]:
        """How many resources the plan creates, updates and deletes; waits do not count."""
        verbs = [step.verb for step in self.steps]
        return {verb.value: verbs.count(verb) for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE)}


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What the planner must know of a kind of resource."""

    awaited: bool = False
    """Creation, update and removal take time: a step of its own waits for each."""
    mutable: frozenset[str] = frozenset()
    """Attributes of the spec that can be updated in place; a change of any other replaces the resource."""


Behaviours = Mapping[str, Behaviour]
"""By kind of resource."""


class PlanError(Exception):
    """The graphs cannot be planned: a dependency is missing or goes in a circle."""


def difference(
    before: Graph, desired: Graph, *, scope: str, behaviours: Behaviours, waves: Sequence[Collection[str]] = ()
) -> Plan:
    """Return the steps that turn ``before`` into ``desired``; none when they are the same.

    A resource whose spec changed is updated in place where its kind allows, else removed and created again,
    and so is everything that refers to it. Removals that free a path come before its new creation.

    ``waves`` are groups of paths: no step on a path of one begins before all steps on paths of the one before are
    done. What is in none of them keeps to its dependencies alone.

    Raises:
        PlanError: ``desired`` refers to a path that it lacks, or its dependencies form a cycle, be it only for the
            order of the waves: something that is made anew is needed by what is in several of them.
    """
    needs = {path: resource.needs for path, resource in desired.items()}
    replaced = _replacements(before, desired, needs, behaviours)
    steps = _Steps(before, desired, replaced, behaviours)
    after: dict[str, set[str]] = {name: set() for name in sorted(steps.verbs)}
    for first, second in (
        *steps.waits(),
        *_building_edges(needs, replaced, steps),
        *_removing_edges(before, replaced, steps),
    ):
        after[second].add(first)
    for first, second in list(_wave_edges(waves, steps.verbs, after)):
        after[second].add(first)
    ordered = _in_order(after, what="steps")
    return Plan(
        scope=scope,
        before=before,
        desired=desired,
        steps=tuple(
            Step(id=name, verb=steps.verbs[name], path=steps.paths[name], after=tuple(sorted(after[name])))
            for name in ordered
        ),
        waves=tuple(tuple(sorted(wave)) for wave in waves),
    )


Needs = Mapping[str, frozenset[str]]
"""By path, the paths that a wanted resource depends on."""
Edge = tuple[str, str]
"""The first step must be done before the second."""


class _Steps:
    """Everything that must be done, in no order yet, and what of it begins and ends the work on each path."""

    def __init__(self, before: Graph, desired: Graph, replaced: set[str], behaviours: Behaviours) -> None:
        self.verbs: dict[str, Verb] = {}
        self.paths: dict[str, str] = {}
        self.begun: dict[str, str] = {}
        """The step that begins work on a wanted resource."""
        self.usable: dict[str, str] = {}
        """The step after which a wanted resource can be used."""
        self.deleted: dict[str, str] = {}
        self.removed: dict[str, str] = {}
        """The step after which a resource is no longer there."""
        for path, resource in desired.items():
            if path not in before or path in replaced:
                verb = Verb.CREATE
            elif _changed(before[path], resource) or (replaced and replaced & set(references(resource.spec))):
                verb = Verb.UPDATE
            else:
                continue
            self.begun[path] = self.usable[path] = self._add(verb, path)
            if behaviours[resource.kind].awaited:
                self.usable[path] = self._add(Verb.READY, path)
        for path, resource in before.items():
            if path not in desired or path in replaced:
                self.deleted[path] = self.removed[path] = self._add(Verb.DELETE, path)
                if behaviours[resource.kind].awaited:
                    self.removed[path] = self._add(Verb.GONE, path)

    def waits(self) -> Iterator[Edge]:
        """Waiting follows what is waited for."""
        for begins, ends in ((self.begun, self.usable), (self.deleted, self.removed)):
            for path, first in begins.items():
                if ends[path] != first:
                    yield first, ends[path]

    def _add(self, verb: Verb, path: str) -> str:
        name = f"{verb.value}:{path}"
        self.verbs[name], self.paths[name] = verb, path
        return name


def _building_edges(needs: Needs, replaced: set[str], steps: _Steps) -> Iterator[Edge]:
    """What a resource needs is usable before it is begun, and its path is free."""
    for path, begun in steps.begun.items():
        if path in replaced:
            yield steps.removed[path], begun
        for needed in needs[path]:
            if usable := steps.usable.get(needed):
                yield usable, begun


def _removing_edges(before: Graph, replaced: set[str], steps: _Steps) -> Iterator[Edge]:
    """Nothing needs a resource any more before it is removed; what is updated for one that is replaced comes later."""
    for path, resource in before.items() if steps.deleted else ():
        for needed in resource.needs:
            deletion = steps.deleted.get(needed)
            if deletion is None:
                continue
            released = steps.removed.get(path)
            if released is None and needed not in replaced:
                released = steps.usable.get(path)  # changed so as not to need it
            if released:
                yield released, deletion


def _wave_edges(
    waves: Iterable[Collection[str]], steps: Collection[str], needs: Mapping[str, Collection[str]]
) -> Iterator[Edge]:
    """What a wave ends with is done before what the next one that has steps begins with."""
    ends: set[str] = set()
    for wave in waves:
        own = {id_ for path in wave for verb in Verb if (id_ := f"{verb}:{path}") in steps}
        if not own:
            continue
        starts = {id_ for id_ in own if not own.intersection(needs[id_])}
        yield from ((end, start) for end in ends for start in starts)
        ends = own.difference(*(needs[id_] for id_ in own))


def _in_order(needs: Mapping[str, Collection[str]], *, what: str) -> list[str]:
    """Return the names so that each follows what it needs; the same for the same mapping, whatever the hash seed."""
    missing = {name: len(needed) for name, needed in needs.items()}
    followers: defaultdict[str, list[str]] = defaultdict(list)
    for name, needed in needs.items():
        for each in needed:
            followers[each].append(name)
    ordered = [name for name, count in missing.items() if not count]
    for name in ordered:  # grows meanwhile
        for follower in followers.get(name, ()):
            missing[follower] -= 1
            if not missing[follower]:
                ordered.append(follower)
    if len(ordered) < len(needs):
        raise PlanError(f"the {what} depend on each other in a circle: {_circle(needs)}")
    return ordered


def _circle(needs: Mapping[str, Iterable[str]]) -> str:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return " -> ".join(error.args[1][:-1])
    return "unknown"


def state_after(plan: Plan, outcomes: Mapping[str, Outcome], *, doubtful_removals_happened: bool) -> Graph:
    """Return the graph that exists once the steps with these outcomes have happened.

    A creation that was begun and whose outcome is unknown or a failure counts as existing, with whatever result
    is known: something may be there, and planning from this state to another removes it by its identity. What was
    doubted counts as existing throughout; a result that may be that of another one by now is ``UNCERTAIN``.
    A removal in doubt counts as not having happened where the state is to be kept as an inventory (nothing that
    may exist is forgotten), and as having happened where it is to be put back (creating is idempotent).
    """
    state = {**plan.doubted, **plan.before}
    awaited = {step.path for step in plan.steps if step.verb is Verb.GONE}
    for step in plan.steps:
        outcome = outcomes.get(step.id)
        if outcome is None:
            continue
        if step.verb in {Verb.CREATE, Verb.UPDATE, Verb.READY}:
            known = state[step.path].result if step.path in state else None
            result = _result_after(step, outcome, known or {}) or None
            state[step.path] = msgspec.structs.replace(plan.desired[step.path], result=result)
        elif doubtful_removals_happened or (outcome.done and (step.verb is Verb.GONE or step.path not in awaited)):
            state.pop(step.path, None)
    return state


def _result_after(step: Step, outcome: Outcome, known: dict[str, Any]) -> dict[str, Any]:
    """What is known of a wanted resource after a step: of the one that a creation made or found, nothing before it."""
    if step.verb is Verb.CREATE and outcome.done:
        return outcome.result or {}
    result = {**known, **(outcome.result or {})}
    return {**result, "state": UNCERTAIN} if result and step.verb is Verb.CREATE else result


def all_done(plan: Plan, outcomes: Mapping[str, Outcome]) -> bool:
    """Tell whether nothing of the plan is left to do."""
    return all(_done(step, outcomes) for step in plan.steps)


def unfinished_paths(plan: Plan, outcomes: Mapping[str, Outcome]) -> frozenset[str]:
    """Return the paths of resources on which something was begun, and not all is done."""
    begun = {step.path for step in plan.steps if step.id in outcomes}
    return frozenset(step.path for step in plan.steps if step.path in begun and not _done(step, outcomes))


def _done(step: Step, outcomes: Mapping[str, Outcome]) -> bool:
    return step.id in outcomes and outcomes[step.id].done


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the journal knows of a step that was begun."""

    done: bool = False
    """False: begun, and either failed or never heard of again."""
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def _buildable(needs: Needs) -> list[str]:
    """Return the paths of a graph so that each follows what it needs; PlanError where it cannot be built."""
    ordered = {path: needs[path] for path in sorted(needs)}
    for path, needed in ordered.items():
        if not needed <= needs.keys():
            missing = min(needed - needs.keys())
            raise PlanError(f"{path!r} refers to {missing!r}, which is not part of the desired state")
    return _in_order(ordered, what="resources")


def _changed(old: Resource, new: Resource) -> set[str]:
    """Attributes that differ; a move to another peer counts as one that can never be updated in place."""
    keys = {key for key in old.spec.keys() | new.spec.keys() if old.spec.get(key) != new.spec.get(key)}
    return keys | ({"target"} if old.target != new.target or old.kind != new.kind else set())


def _replacements(before: Graph, desired: Graph, needs: Needs, behaviours: Behaviours) -> set[str]:
    """Paths to remove and create again: changed beyond update, or referring to something replaced."""
    replaced = {
        path
        for path, resource in desired.items()
        if path in before and _changed(before[path], resource) - behaviours[resource.kind].mutable
    }
    for path in _buildable(needs):
        resource = desired[path]
        if path not in before or path in replaced or replaced.isdisjoint(needs[path]):
            continue
        touched = {key for key, value in resource.spec.items() if replaced & set(references(value))}
        if touched - behaviours[resource.kind].mutable:
            replaced.add(path)
    return replaced
