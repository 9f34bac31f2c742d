"""Scripts of the package as steps of an operation: which are run when, by whom, and with what (SOL001 clause 6.7).

A hook is the name of an operation of the interface Vnflcm: ``scale_start`` is run before anything of a scaling has
changed, ``scale_end`` when all has, and ``scale`` with the operation itself: after the resources are there, or before
they go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from descriptors.model.vnfd import Flavour, LcmOperationScript, Vnfd
from mano_runtime.workflow.graph import Resource
from mano_runtime.workflow.plan import Behaviour
from vnfm.planning import paths
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.script_inputs import Scope, evaluated
from vnfm.sol003.operation_occurrences import LcmOperationType

KIND = "script"
"""Of the resources that are runs of scripts."""
BEHAVIOUR = Behaviour(awaited=True)

HOOKS: Mapping[str, str] = {
    LcmOperationType.INSTANTIATE: "instantiate",
    LcmOperationType.SCALE: "scale",
    LcmOperationType.SCALE_TO_LEVEL: "scale_to_level",
    LcmOperationType.CHANGE_FLAVOUR: "change_flavour",
    LcmOperationType.OPERATE: "operate",
    LcmOperationType.HEAL: "heal",
    LcmOperationType.CHANGE_EXT_CONN: "change_external_connectivity",
    LcmOperationType.CHANGE_VNFPKG: "change_current_package",
    LcmOperationType.MODIFY_INFO: "modify_information",
    LcmOperationType.TERMINATE: "terminate",
    LcmOperationType.CREATE_SNAPSHOT: "create_snapshot",
    LcmOperationType.REVERT_TO_SNAPSHOT: "revert_to_snapshot",
}
"""What the interface calls each operation."""

OPTION = "mano_"
"""Begins the names of inputs that are meant for the driver."""
_PLAYBOOKS = (".yml", ".yaml")
_TYPES = {"ansible": "ansible", "playbook": "ansible"}


class ScriptSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run that shall be."""

    hook: str
    driver: str
    vnfd_id: str
    """Whose package has the files."""
    file: str = ""
    type: str = ""
    parameters: dict[str, Any] = {}
    options: dict[str, Any] = {}
    timeout: float = 0.0
    """Seconds; 0: the operator's."""
    facts: dict[str, Any] = {}


def first_hooks(kind: str) -> tuple[str, ...]:
    """Return the hooks that are run before an operation changes anything."""
    name = HOOKS.get(kind)
    if name is None:
        return ()
    return (f"{name}_start", name) if kind == LcmOperationType.TERMINATE else (f"{name}_start",)


def last_hooks(kind: str) -> tuple[str, ...]:
    """Return the hooks that are run after an operation has changed everything."""
    name = HOOKS.get(kind)
    if name is None:
        return ()
    return (f"{name}_end",) if kind == LcmOperationType.TERMINATE else (name, f"{name}_end")


def script_resources(
    vnfd: Vnfd, flavour: Flavour, hooks: Iterable[str], scope: Scope, facts: Mapping[str, Any]
) -> Iterator[Resource]:
    """Yield the runs for these hooks, in the order in which they follow each other.

    Raises:
        PlanningRefusedError: a script is not in the package, or an input of it needs what is not known.
    """
    for hook in hooks:
        bound = [script for script in flavour.scripts if script.operation == hook]
        for number, script in enumerate(bound):
            yield Resource(
                path=paths.script(hook, number if len(bound) > 1 else None),
                kind=KIND,
                spec=encoded(_spec(vnfd, script, scope, facts)),
            )


def encoded(spec: ScriptSpec) -> dict[str, Any]:
    """Return what shall be run as JSON, for a plan."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(spec))
    return plain


def _spec(vnfd: Vnfd, script: LcmOperationScript, scope: Scope, facts: Mapping[str, Any]) -> ScriptSpec:
    artifact = script.artifact
    inputs = {name: evaluated(value, scope, f"{script.operation}.{name}") for name, value in script.inputs.items()}
    options = {name.removeprefix(OPTION): value for name, value in inputs.items() if name.startswith(OPTION)}
    if not artifact.in_package:
        raise PlanningRefusedError(
            script.operation,
            f"the VNFD binds {artifact.file!r} to it, which the package does not carry; add the file to the package,"
            " or have no scripts run (MANO_SCRIPTS=off)",
        )
    return ScriptSpec(
        hook=script.operation,
        driver=str(options.pop("driver", "")) or _driver(artifact.type, artifact.file),
        vnfd_id=vnfd.id,
        file=artifact.file,
        type=artifact.type,
        parameters=_parameters(vnfd, script, inputs, scope),
        options=options,
        timeout=float(script.timeout_seconds),
        facts=dict(facts),
    )


def _parameters(vnfd: Vnfd, script: LcmOperationScript, inputs: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """What the VNFD declares for the operation, what it binds to the script, and what the request gives of either."""
    declared = vnfd.operation_parameters.get(script.operation, {}) | vnfd.operation_parameters.get(scope.operation, {})
    found = {name: it.default for name, it in declared.items() if it.default is not None}
    found |= {name: value for name, value in inputs.items() if not name.startswith(OPTION)}
    return found | {name: value for name, value in scope.inputs.items() if name in found or name in declared}


def _driver(type_: str, file: str) -> str:
    """Return the driver of an artifact that names none: playbooks by type or name, all else is run here."""
    by_type = _TYPES.get(type_.rpartition(".")[2].lower())
    return by_type or ("ansible" if file.endswith(_PLAYBOOKS) else "local")
