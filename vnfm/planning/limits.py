"""What a VNFD says of operations and their values, held against a request (SOL001 VnfLcmOperationsConfiguration).

A VNFD that does not configure an operation sets it no limits: the defaults of the standard's types would then forbid
what many a package without a configuration does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from descriptors.model.declaration import Declaration
from descriptors.model.lifecycle import LcmLimits
from descriptors.model.vnfd import Vnfd
from descriptors.tosca.scalars import UNITS, amount
from descriptors.tosca.service.clauses import holds
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.scripts import HOOKS
from vnfm.sol003.operation_occurrences import LcmOperationType

Request = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "float": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
}
"""TOSCA's types that JSON has too; what is of another is not judged."""

_OPEN = frozenset({"metadata"})
"""Where whoever creates the VNF may have values of its own beside those that the VNFD declares."""


def check_limits(vnfd: Vnfd, kind: str, request: Request) -> None:
    """Refuse what the VNFD does not support of an operation.

    Raises:
        PlanningRefusedError: names the attribute, and what would be possible.
    """
    limits = vnfd.lcm_limits
    if kind.lower() in limits.configured:
        _check_operation(limits, kind, request)
    _check_values(request.get("additionalParams", {}), parameters_of(vnfd, kind), "additionalParams", complete=True)


def check_attributes(vnfd: Vnfd, request: Request) -> None:
    """Refuse values of the instance's attributes that the VNFD, the one that it will have, does not declare so.

    Raises:
        PlanningRefusedError: names the attribute, and what would be possible.
    """
    for attribute, declared in declared_attributes(vnfd).items():
        check_declared(request.get(attribute, {}), declared, attribute, more=attribute in _OPEN)


def check_declared(values: Request, known: Mapping[str, Declaration], where: str, *, more: bool = False) -> None:
    """Refuse values that are not as declared; ``more``: there may be others beside those that are.

    Raises:
        PlanningRefusedError: names the attribute, and what would be possible.
    """
    unknown = sorted(values.keys() - known.keys()) if known and not more else []
    if unknown:
        raise PlanningRefusedError(
            f"{where}.{unknown[0]}", f"the VNFD declares no such one; it has {', '.join(sorted(known))}"
        )
    _check_values(values, known, where)


def declared_attributes(vnfd: Vnfd) -> dict[str, dict[str, Declaration]]:
    """Return what the VNFD declares of an instance's attributes, by the name that requests have for them."""
    return {"vnfConfigurableProperties": vnfd.configurable, "extensions": vnfd.extensions, "metadata": vnfd.metadata}


def parameters_of(vnfd: Vnfd, kind: str) -> dict[str, Declaration]:
    """Return what the VNFD declares of the additional parameters of an operation, by whichever name it has for it."""
    known = vnfd.operation_parameters
    return known.get(kind.lower(), {}) | known.get(HOOKS.get(kind, ""), {})


def defaults_of(declared: Mapping[str, Declaration]) -> dict[str, Any]:
    """Return what is the case as long as nobody says otherwise."""
    return {name: declaration.default for name, declaration in declared.items() if declaration.default is not None}


def graceful_termination(limits: LcmLimits, asked: int | None) -> int | None:
    """Return the seconds that a graceful termination takes at most: as asked, else as the VNFD recommends."""
    return _graceful(
        "gracefulTerminationTimeout",
        asked,
        limits.min_graceful_termination_seconds,
        limits.max_recommended_graceful_termination_seconds,
    )


def graceful_stop(limits: LcmLimits, asked: int | None) -> int | None:
    """Return the seconds that a graceful stop takes at most: as asked, else as the VNFD recommends."""
    return _graceful(
        "gracefulStopTimeout",
        asked,
        limits.min_graceful_stop_seconds,
        limits.max_recommended_graceful_stop_seconds,
    )


def _graceful(attribute: str, asked: int | None, least: float, recommended: float | None) -> int | None:
    if asked is None:
        return None if recommended is None else int(max(least, recommended))
    if 0 <= asked < least:
        raise PlanningRefusedError(attribute, f"{asked} s are too few: the VNFD asks for at least {least:g} s")
    return asked


def _check_operation(limits: LcmLimits, kind: str, request: Request) -> None:
    match kind:
        case LcmOperationType.SCALE:
            steps = request.get("numberOfSteps") or 1
            if steps > 1 and not limits.scaling_by_more_than_one_step_supported:
                raise PlanningRefusedError("numberOfSteps", f"{steps}: the VNFD supports one step at a time")
        case LcmOperationType.SCALE_TO_LEVEL:
            if request.get("scaleInfo") and not limits.arbitrary_target_levels_supported:
                raise PlanningRefusedError(
                    "scaleInfo", "the VNFD supports no levels of single aspects; give an instantiationLevelId"
                )
        case LcmOperationType.HEAL:
            cause = request.get("cause")
            if cause is not None and limits.heal_causes and cause not in limits.heal_causes:
                known = ", ".join(limits.heal_causes)
                raise PlanningRefusedError("cause", f"{cause!r} is none that the VNFD supports: {known}")


def _check_values(
    values: Mapping[str, Any], declared: Mapping[str, Declaration], where: str, *, complete: bool = False
) -> None:
    """Refuse values that are not as declared, and with ``complete`` the lack of one that is required."""
    for name, declaration in declared.items():
        value = values.get(name)
        if value is None:
            if complete and declaration.required and declaration.default is None:
                raise PlanningRefusedError(f"{where}.{name}", "the VNFD requires it, and it is not given")
            continue
        wanted = _TYPES.get(declaration.type.rpartition(":")[2])
        if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            raise PlanningRefusedError(f"{where}.{name}", f"{value!r} is not of type {declaration.type}")
        if declaration.valid_values and value not in declaration.valid_values:
            known = ", ".join(map(str, declaration.valid_values))
            raise PlanningRefusedError(f"{where}.{name}", f"{value!r} is not one of {known}")
        for constraint in declaration.constraints:
            if not holds(constraint, value, partial(_number, declaration.type)):
                rule = ", ".join(f"{operator} {bound}" for operator, bound in constraint.items())
                raise PlanningRefusedError(f"{where}.{name}", f"{value!r} is not as the VNFD has it: {rule}")


def _number(type_: str, value: Any) -> Any:
    """Return what is compared: an amount without its unit, and everything else as it is."""
    return amount(value, type_) if type_ in UNITS and isinstance(value, str) else value
