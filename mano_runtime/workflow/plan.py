"""The difference between two graphs, as steps in an order that works.

:func:`difference` is the only planner there is: instantiate is the difference from nothing, terminate the
difference to nothing, scale, heal and upgrade are differences between two desired states, and rollback is the
difference from the state an operation got to (:func:`state_after`) back to the state it began with.

A plan is frozen JSON and complete: whoever carries it out reads the plan and the journal, nothing else.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from mano_runtime.workflow.graph import Graph, Resource, dependencies, references


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


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Steps that turn ``before`` into ``desired``, in an order that respects every dependency."""

    scope: str
    """Who the resources belong to; with a resource's path it makes the identity that peers remember."""
    before: Graph
    desired: Graph
    steps: tuple[Step, ...]

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


def difference(before: Graph, desired: Graph, *, scope: str, behaviours: Behaviours) -> Plan:
    """Return the steps that turn ``before`` into ``desired``; none when they are the same.

    A resource whose spec changed is updated in place where its kind allows, else removed and created again,
    and so is everything that refers to it. Removals that free a path come before its new creation.

    Raises:
        PlanError: ``desired`` refers to a path that it lacks, or its dependencies form a cycle.
    """
    replaced = _replacements(before, desired, behaviours)
    steps = _steps(before, desired, replaced, behaviours)
    needs: dict[str, set[str]] = {name: set() for name in sorted(steps)}
    for first, second in (
        *_waits(steps),
        *_building_edges(desired, replaced, steps),
        *_removing_edges(before, replaced, steps),
    ):
        needs[second].add(first)
    return Plan(
        scope=scope,
        before=before,
        desired=desired,
        steps=tuple(
            msgspec.structs.replace(steps[name], after=tuple(sorted(needs[name])))
            for name in _in_order(needs, what="steps")
        ),
    )


Steps = dict[str, Step]
"""By identifier, before they have an order."""
Edge = tuple[str, str]
"""The first step must be done before the second."""


def _steps(before: Graph, desired: Graph, replaced: set[str], behaviours: Behaviours) -> Steps:
    """Everything that must be done, in no order yet."""
    verbs: list[tuple[Verb, str, str]] = []
    for path, resource in desired.items():
        if path not in before or path in replaced:
            verbs.append((Verb.CREATE, path, resource.kind))
        elif _changed(before[path], resource) or replaced & set(references(resource.spec)):
            verbs.append((Verb.UPDATE, path, resource.kind))
    verbs += [
        (Verb.DELETE, path, resource.kind)
        for path, resource in before.items()
        if path not in desired or path in replaced
    ]
    steps: Steps = {}
    for verb, path, kind in verbs:
        wait = Verb.GONE if verb is Verb.DELETE else Verb.READY
        for each in (verb, wait) if behaviours[kind].awaited else (verb,):
            steps[f"{each}:{path}"] = Step(id=f"{each}:{path}", verb=each, path=path)
    return steps


def _first_of(steps: Steps, path: str, *verbs: Verb) -> str | None:
    return next((id_ for verb in verbs if (id_ := f"{verb}:{path}") in steps), None)


def _begun(steps: Steps, path: str) -> str | None:
    """The step that begins work on a wanted resource."""
    return _first_of(steps, path, Verb.CREATE, Verb.UPDATE)


def _usable(steps: Steps, path: str) -> str | None:
    """The step after which a wanted resource can be used."""
    return _first_of(steps, path, Verb.READY, Verb.CREATE, Verb.UPDATE)


def _removed(steps: Steps, path: str) -> str | None:
    """The step after which a resource is no longer there."""
    return _first_of(steps, path, Verb.GONE, Verb.DELETE)


def _waits(steps: Steps) -> Iterator[Edge]:
    """Waiting follows what is waited for."""
    for id_, step in steps.items():
        if step.verb is Verb.READY and (begun := _begun(steps, step.path)):
            yield begun, id_
        elif step.verb is Verb.GONE:
            yield f"{Verb.DELETE}:{step.path}", id_


def _building_edges(desired: Graph, replaced: set[str], steps: Steps) -> Iterator[Edge]:
    """What a resource needs is usable before it is begun, and its path is free."""
    for path, resource in desired.items():
        begun = _begun(steps, path)
        if begun is None:
            continue
        if path in replaced and (removed := _removed(steps, path)):
            yield removed, begun
        for needed in dependencies(resource):
            if usable := _usable(steps, needed):
                yield usable, begun


def _removing_edges(before: Graph, replaced: set[str], steps: Steps) -> Iterator[Edge]:
    """Nothing needs a resource any more before it is removed; what is updated for one that is replaced comes later."""
    for path, resource in before.items():
        for needed in dependencies(resource) & before.keys():
            deletion = f"{Verb.DELETE}:{needed}"
            released = _removed(steps, path)
            if released is None and needed not in replaced:
                released = _usable(steps, path)  # changed so as not to need it
            if deletion in steps and released:
                yield released, deletion


def _in_order(needs: Mapping[str, Iterable[str]], *, what: str) -> list[str]:
    """Return the names so that each follows what it needs; the same for the same mapping, whatever the hash seed."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name in needs:  # first, so that the sets that follow have no say in the order
        sorter.add(name)
    for name, needed in needs.items():
        sorter.add(name, *needed)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1][:-1])
        raise PlanError(f"the {what} depend on each other in a circle: {circle}") from error


def state_after(plan: Plan, outcomes: Mapping[str, Outcome], *, doubtful_removals_happened: bool) -> Graph:
    """Return the graph that exists once the steps with these outcomes have happened.

    A creation that was begun and whose outcome is unknown or a failure counts as existing, with whatever result
    is known: something may be there, and planning from this state to another removes it by its identity.
    A removal in doubt counts as not having happened where the state is to be kept as an inventory (nothing that
    may exist is forgotten), and as having happened where it is to be put back (creating is idempotent).
    """
    state = dict(plan.before)
    awaited = {step.path for step in plan.steps if step.verb is Verb.GONE}
    for step in plan.steps:
        outcome = outcomes.get(step.id)
        if outcome is None:
            continue
        if step.verb in {Verb.CREATE, Verb.UPDATE, Verb.READY}:
            known = state[step.path].result if step.path in state else None
            merged = {**(known or {}), **(outcome.result or {})} or None
            state[step.path] = msgspec.structs.replace(plan.desired[step.path], result=merged)
        elif doubtful_removals_happened or (outcome.done and (step.verb is Verb.GONE or step.path not in awaited)):
            state.pop(step.path, None)
    return state


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


def _buildable(desired: Graph) -> list[str]:
    """Return the paths of a graph so that each follows what it needs; PlanError where it cannot be built."""
    needs = {path: dependencies(desired[path]) for path in sorted(desired)}
    for path, needed in needs.items():
        if missing := needed - desired.keys():
            raise PlanError(f"{path!r} refers to {min(missing)!r}, which is not part of the desired state")
    return _in_order(needs, what="resources")


def _changed(old: Resource, new: Resource) -> set[str]:
    """Attributes that differ; a move to another peer counts as one that can never be updated in place."""
    keys = {key for key in old.spec.keys() | new.spec.keys() if old.spec.get(key) != new.spec.get(key)}
    return keys | ({"target"} if old.target != new.target or old.kind != new.kind else set())


def _replacements(before: Graph, desired: Graph, behaviours: Behaviours) -> set[str]:
    """Paths to remove and create again: changed beyond update, or referring to something replaced."""
    replaced = {
        path
        for path, resource in desired.items()
        if path in before and _changed(before[path], resource) - behaviours[resource.kind].mutable
    }
    for path in _buildable(desired):
        resource = desired[path]
        if path not in before or path in replaced:
            continue
        touched = {key for key, value in resource.spec.items() if replaced & set(references(value))}
        if touched - behaviours[resource.kind].mutable:
            replaced.add(path)
    return replaced
