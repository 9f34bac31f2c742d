"""Coordination of operations with an element manager, or with the VNF itself, as steps (SOL002 clause 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from descriptors.model.vnfd import CoordinationAction, Flavour, Vnfd
from mano_runtime.workflow.graph import Resource
from vnfm.planning import paths
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.script_inputs import Scope
from vnfm.planning.scripts import HOOKS, KIND, ScriptSpec, encoded

DRIVER = "coordination"
"""By which driver it is asked."""
ENDPOINT = "lcmcoord"
"""Key of a VNF instance's metadata: where it, or its element manager, is asked."""
_END = "end"


def coordination_resources(
    vnfd: Vnfd,
    flavour: Flavour,
    kind: str,
    scope: Scope,
    facts: Mapping[str, Any],
    *,
    stage: str,
    actions: tuple[str, ...] = (),
) -> Iterator[Resource]:
    """Yield what is asked at a stage of an operation of this kind, in the order that the VNFD has it.

    An action that has no stage is asked for at the start. ``actions`` belong to this operation besides.

    Raises:
        PlanningRefusedError: an input of the action is due, and the request does not give it.
    """
    names = {HOOKS.get(kind), kind.lower()}
    due = [*(it for one in flavour.coordinations if one.operation.lower() in names for it in one.actions), *actions]
    declared = {it.id: it for it in flavour.coordination_actions.values()} | flavour.coordination_actions
    for action in {it.action_name: it for it in (declared.get(name) or _undeclared(name) for name in due)}.values():
        if (action.stage == _END) == (stage == _END):
            yield Resource(
                path=paths.coordination(action.action_name, stage),
                kind=KIND,
                spec=encoded(
                    ScriptSpec(
                        hook=f"{HOOKS[kind]}_{stage}",
                        driver=DRIVER,
                        vnfd_id=vnfd.id,
                        parameters=_inputs(action, scope),
                        options=_options(action, facts),
                        facts=dict(facts),
                    )
                ),
            )


def _undeclared(name: str) -> CoordinationAction:
    return CoordinationAction(id=name, action_name=name)


def _options(action: CoordinationAction, facts: Mapping[str, Any]) -> dict[str, Any]:
    endpoint = facts["vnf"].get("metadata", {}).get(ENDPOINT)
    options = {"action": action.action_name, "endpoint": endpoint, "endpoint_type": action.endpoint_type or None}
    return {name: value for name, value in options.items() if value is not None}


def _inputs(action: CoordinationAction, scope: Scope) -> dict[str, Any]:
    found = {}
    for name, declared in action.inputs.items():
        if name in scope.inputs or declared.default is not None:
            found[name] = scope.inputs.get(name, declared.default)
        elif declared.required:
            raise PlanningRefusedError(
                f"additionalParams.{name}", f"the coordination action {action.action_name!r} needs it"
            )
    return found
