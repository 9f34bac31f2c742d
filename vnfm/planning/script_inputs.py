"""Values of a descriptor that are known at run time only: inputs, attributes of the VNF, texts made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from mano_runtime.workflow.graph import references, text
from vnfm.planning.refusal import PlanningRefusedError

_ADDRESS = frozenset({"address", "ip_address", "private_address", "public_address"})
"""What descriptors call the first address of a VDU or connection point."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a value may speak of."""

    operation: str
    """Name of the operation in the interface Vnflcm: instantiate, scale ..."""
    inputs: Mapping[str, Any] = {}
    """The request's additional parameters."""
    vnf: Mapping[str, Any] = {}
    """Attributes of the VNF instance that ``SELF`` has."""
    vnfcs: tuple[Mapping[str, Any], ...] = ()
    """Its components (``vnfm.planning.vnfc_facts``), whose values may be references."""


def evaluated(value: Any, scope: Scope, place: str) -> Any:
    """Return a value with the function calls in it replaced by what they give; references stay to be resolved.

    Raises:
        PlanningRefusedError: an input that nobody gave, an attribute that there is not.
    """
    if isinstance(value, Mapping):
        if len(value) == 1 and (call := _CALLS.get(next(iter(value)))):
            return call(next(iter(value.values())), scope, place)
        return {key: evaluated(item, scope, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [evaluated(item, scope, f"{place}[{position}]") for position, item in enumerate(value)]
    return value


def _input(argument: Any, scope: Scope, place: str) -> Any:
    name, *inside = argument if isinstance(argument, list) else [argument]
    if name not in scope.inputs:
        raise PlanningRefusedError(
            f"additionalParams.{name}", f"{place} is made of this input, which has no default: give it in the request"
        )
    return _within(scope.inputs[name], inside, f"additionalParams.{name}")


def _property(argument: Any, scope: Scope, place: str) -> Any:
    names = argument if isinstance(argument, list) else [argument]
    if names[:1] == ["SELF"]:
        return _within(scope.vnf, names[1:], f"{place}: SELF")
    raise PlanningRefusedError(place, f"the value of {'.'.join(map(str, names))} is not known")


def _attribute(argument: Any, scope: Scope, place: str) -> Any:
    names = argument if isinstance(argument, list) else [argument]
    node, *inside = names
    if node == "SELF":
        return _within(scope.vnf, inside, f"{place}: SELF")
    wanted = ".".join(map(str, names))
    for vnfc in scope.vnfcs:
        if vnfc["vdu"] == node:
            points = [point for point in vnfc["connectionPoints"] if point["addresses"]]
            floating = (point["floatingAddress"] for point in points if point.get("floatingAddress"))
            first = {"addresses": points[0]["addresses"] if points else [], "floatingAddress": next(floating, None)}
            return _of_place({**vnfc, **first}, inside, place, wanted)
        for point in vnfc["connectionPoints"]:
            if point["id"] == node:
                return _of_place(point, inside, place, wanted)
    raise PlanningRefusedError(place, f"there is no {wanted}: the VNF has no VDU or connection point {node!r} then")


def _of_place(facts: Mapping[str, Any], names: list[Any], place: str, wanted: str) -> Any:
    name, *inside = names or [""]
    if name == "public_address" and facts.get("floatingAddress"):
        return facts["floatingAddress"]
    if name in _ADDRESS:
        found = facts["addresses"]
        if isinstance(found, str):
            return f"{found}.0"  # a reference to the list
        name, inside = "addresses", [0]
    named = {**facts, "mac_address": facts.get("macAddress"), "id": facts.get("server", facts["id"])}
    if named.get(name) is None:
        raise PlanningRefusedError(place, f"there is no {wanted}")
    return _within(named[name], inside, wanted)


def _concat(argument: Any, scope: Scope, place: str) -> Any:
    return text(evaluated(list(argument), scope, place))


def _join(argument: Any, scope: Scope, place: str) -> Any:
    items, *rest = argument
    between = rest[0] if rest else ""
    parts: list[Any] = []
    for item in evaluated(list(items), scope, place):
        parts += [between, item] if parts else [item]
    return text(parts)


def _token(argument: Any, scope: Scope, place: str) -> Any:
    whole, characters, index = evaluated(list(argument), scope, place)
    if any(references(whole)):
        raise PlanningRefusedError(place, "token cannot take apart what is known only when the VNF is there")
    found = [str(whole)]
    for character in str(characters):
        found = [part for item in found for part in item.split(character)]
    return _within(found, [index], place)


_CALLS: Mapping[str, Callable[[Any, Scope, str], Any]] = {
    "get_input": _input,
    "get_property": _property,
    "get_attribute": _attribute,
    "concat": _concat,
    "join": _join,
    "token": _token,
}


def _within(value: Any, names: list[Any], place: str) -> Any:
    for name in names:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list | tuple) and str(name).isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise PlanningRefusedError(place, f"there is no {name!r} in it")
    return value
