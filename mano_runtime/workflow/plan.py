"""The difference between two graphs, as steps in an order that works.

:func:`difference` is the only planner there is: instantiate is the difference from nothing, terminate the
difference to nothing, scale, heal and upgrade are differences between two desired states, and rollback is the
difference from the state an operation got to (:func:`state_after`) back to the state it began with.

A plan is frozen JSON and complete: whoever carries it out reads the plan and the journal, nothing else.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import networkx as nx

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
    _check(desired)
    replaced = _replacements(before, desired, behaviours)
    graph = nx.DiGraph()
    verbs: dict[tuple[Verb, str], Step] = {}

    def add(verb: Verb, path: str) -> None:
        step = Step(id=f"{verb}:{path}", verb=verb, path=path)
        verbs[verb, path] = step
        graph.add_node(step.id)

    for path, resource in desired.items():
        awaited = behaviours[resource.kind].awaited
        created = path not in before or path in replaced
        if created:
            add(Verb.CREATE, path)
        elif _changed(before[path], resource):
            add(Verb.UPDATE, path)
        else:
            continue
        if awaited:
            add(Verb.READY, path)
            graph.add_edge(f"{Verb.CREATE if created else Verb.UPDATE}:{path}", f"{Verb.READY}:{path}")
    for path, resource in before.items():
        if path in desired and path not in replaced:
            continue
        add(Verb.DELETE, path)
        if behaviours[resource.kind].awaited:
            add(Verb.GONE, path)
            graph.add_edge(f"{Verb.DELETE}:{path}", f"{Verb.GONE}:{path}")

    def first(path: str) -> str | None:
        """The step that begins work on a wanted resource."""
        return next((f"{v}:{path}" for v in (Verb.CREATE, Verb.UPDATE) if (v, path) in verbs), None)

    def last(path: str) -> str | None:
        """The step after which a wanted resource can be used."""
        return f"{Verb.READY}:{path}" if (Verb.READY, path) in verbs else first(path)

    def removed(path: str) -> str | None:
        """The step after which a resource is no longer there."""
        return next((f"{v}:{path}" for v in (Verb.GONE, Verb.DELETE) if (v, path) in verbs), None)

    for path, resource in desired.items():
        begin = first(path)
        if begin is None:
            continue
        if path in replaced and (gone := removed(path)):
            graph.add_edge(gone, begin)
        for needed in dependencies(resource):
            if ready := last(needed):
                graph.add_edge(ready, begin)
    for path, resource in before.items():
        gone = removed(path)
        for needed in dependencies(resource) & before.keys():
            if (Verb.DELETE, needed) not in verbs:
                continue
            if gone:
                graph.add_edge(gone, f"{Verb.DELETE}:{needed}")
            elif moved := last(path):  # stays, but no longer needs what goes
                graph.add_edge(moved, f"{Verb.DELETE}:{needed}")

    try:
        order = list(nx.lexicographical_topological_sort(graph))
    except nx.NetworkXUnfeasible as error:
        cycle = " -> ".join(edge[0] for edge in nx.find_cycle(graph))
        raise PlanError(f"the steps depend on each other in a circle: {cycle}") from error
    by_id = {step.id: step for step in verbs.values()}
    steps = tuple(
        msgspec.structs.replace(by_id[name], after=tuple(sorted(graph.predecessors(name)))) for name in order
    )
    return Plan(scope=scope, before=before, desired=desired, steps=steps)


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


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the journal knows of a step that was begun."""

    done: bool = False
    """False: begun, and either failed or never heard of again."""
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def _check(desired: Graph) -> None:
    for path, resource in desired.items():
        for needed in sorted(dependencies(resource)):
            if needed not in desired:
                raise PlanError(f"{path!r} refers to {needed!r}, which is not part of the desired state")
    graph = nx.DiGraph((needed, path) for path, resource in desired.items() for needed in dependencies(resource))
    if not nx.is_directed_acyclic_graph(graph):
        cycle = " -> ".join(edge[0] for edge in nx.find_cycle(graph))
        raise PlanError(f"resources depend on each other in a circle: {cycle}")


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
    for path in _in_dependency_order(desired):
        resource = desired[path]
        if path not in before or path in replaced:
            continue
        touched = {key for key, value in resource.spec.items() if replaced & set(references(value))}
        if touched - behaviours[resource.kind].mutable:
            replaced.add(path)
    return replaced


def _in_dependency_order(graph: Graph) -> Iterator[str]:
    order = nx.DiGraph()
    order.add_nodes_from(graph)
    order.add_edges_from((needed, path) for path, resource in graph.items() for needed in dependencies(resource))
    yield from nx.topological_sort(order)
