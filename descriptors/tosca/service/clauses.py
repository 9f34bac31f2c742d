"""Conditions on values: the boolean functions of TOSCA 2.0, and TOSCA 1's constraints in terms of them.

What can be told now is told; what depends on a running service (``$get_attribute``), or on a pattern of the package's
own (one that backtracks without end would stop us), is unknown and nobody's fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from descriptors.tosca.documents import mapping

UNKNOWN: Final = object()
"""The value of what only a running service can tell."""

Number = Callable[[Any], Any]
"""Makes a value of a scalar type comparable."""

ARITY: dict[str, tuple[int, int | None]] = {
    "and": (1, None), "or": (1, None), "not": (1, 1), "xor": (2, 2),
    "equal": (2, 2), "greater_than": (2, 2), "greater_or_equal": (2, 2), "less_than": (2, 2), "less_or_equal": (2, 2),
    "valid_values": (2, 2), "matches": (2, 2), "has_suffix": (2, 2), "has_prefix": (2, 2), "contains": (2, 2),
    "has_entry": (2, 2), "has_key": (2, 2), "has_all_entries": (2, 2), "has_all_keys": (2, 2),
    "has_any_entry": (2, 2), "has_any_key": (2, 2),
}  # fmt: skip
"""Least and most arguments of each boolean function; None when there is no most."""
_OTHER = frozenset(
    {
        "length", "concat", "join", "token", "union", "intersection", "sum", "difference", "product", "quotient",
        "remainder", "round", "floor", "ceil", "value", "get_input", "get_property", "get_attribute", "get_artifact",
        "get_operation_output", "available_allocation", "node_index", "relationship_index", "get_nodes_of_type",
        "get_target_name",
    }
)  # fmt: skip
FUNCTIONS = frozenset(ARITY) | _OTHER
"""All functions of TOSCA 2.0, without their dollar sign."""
CONSTRAINTS = frozenset(
    {
        "equal", "greater_than", "greater_or_equal", "less_than", "less_or_equal", "in_range", "valid_values", "length",
        "min_length", "max_length", "pattern", "schema",
    }
)  # fmt: skip
"""The operators of TOSCA 1."""


def is_call(value: Any) -> bool:
    """Whether a value is a call in the notation of TOSCA 2.0."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return isinstance(name, str) and name.startswith("$") and not name.startswith("$$")


def holds(expression: Any, value: Any, number: Number) -> bool:
    """Whether a value meets a condition, as far as that can be told now."""
    if is_call(expression):
        return _evaluated(expression, value, number) is not False
    return all(_meets(operator, value, bound, number) for operator, bound in mapping(expression).items())


def _meets(operator: str, value: Any, bound: Any, number: Number) -> bool:
    """Whether a value meets a constraint of TOSCA 1."""
    try:
        if operator == "valid_values":
            return isinstance(value, (dict, list)) or value in bound or str(value) in map(str, bound)
        if operator == "in_range":
            low, high = (edge if edge == "UNBOUNDED" else number(edge) for edge in bound)
            values = value if isinstance(value, list) else [number(value)]
            return all(v == "UNBOUNDED" or (low <= v and (high == "UNBOUNDED" or v <= high)) for v in values)
        if operator in _LENGTHS:
            return bool(_COMPARISONS[_LENGTHS[operator]](len(value), bound))
        check_number = _COMPARISONS.get(operator)
        return check_number is None or bool(check_number(number(value), number(bound)))
    except (TypeError, ValueError, KeyError):
        return True  # the constraint makes no sense for the type: reported with the definition


def _evaluated(expression: Any, value: Any, number: Number) -> Any:
    """Return what an expression comes to, or UNKNOWN."""
    if expression == "$value":
        return value
    if isinstance(expression, list):
        items = [_evaluated(item, value, number) for item in expression]
        return UNKNOWN if any(item is UNKNOWN for item in items) else items
    if not is_call(expression):
        return expression
    ((name, given),) = expression.items()
    arguments = given if isinstance(given, list) else [given]
    if name == "$value":
        return _inside(value, arguments)
    return _applied(name[1:], [_evaluated(argument, value, number) for argument in arguments], number)


def _applied(name: str, values: list[Any], number: Number) -> Any:
    """Return what a function makes of its arguments, or UNKNOWN."""
    function = _FUNCTIONS.get(name)
    if function is None or (name not in ("and", "or") and any(item is UNKNOWN for item in values)):
        return UNKNOWN
    try:
        return function(*(map(number, values) if name in _COMPARISONS else values))
    except (TypeError, ValueError, IndexError, KeyError, ArithmeticError):
        return UNKNOWN


def _inside(value: Any, path: list[Any]) -> Any:
    for key in path:
        if (isinstance(value, dict) and key in value) or (
            isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)
        ):
            value = value[key]
        else:
            return UNKNOWN
    return value


def _all(*values: Any) -> Any:
    return False if False in [v for v in values if v is not UNKNOWN] else UNKNOWN if UNKNOWN in values else True


def _any(*values: Any) -> Any:
    return True if True in [v for v in values if v is not UNKNOWN] else UNKNOWN if UNKNOWN in values else False


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "equal": lambda a, b: a == b,
    "greater_than": lambda a, b: a > b,
    "greater_or_equal": lambda a, b: a >= b,
    "less_than": lambda a, b: a < b,
    "less_or_equal": lambda a, b: a <= b,
}
_LENGTHS = {"length": "equal", "min_length": "greater_or_equal", "max_length": "less_or_equal"}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **_COMPARISONS,
    "and": _all,
    "or": _any,
    "not": lambda a: not a,
    "xor": lambda a, b: bool(a) != bool(b),
    "valid_values": lambda a, listed: a in listed or str(a) in map(str, listed),
    "has_suffix": lambda a, b: str(a).endswith(b) if isinstance(a, str) else list(a)[-len(b) :] == list(b),
    "has_prefix": lambda a, b: str(a).startswith(b) if isinstance(a, str) else list(a)[: len(b)] == list(b),
    "contains": lambda a, b: b in a if isinstance(a, str) else UNKNOWN,
    "has_entry": lambda a, b: b in (a.values() if isinstance(a, dict) else a),
    "has_key": lambda a, b: b in a,
    "has_all_keys": lambda a, b: all(key in a for key in b),
    "has_any_key": lambda a, b: any(key in a for key in b),
    "has_all_entries": lambda a, b: all(item in (a.values() if isinstance(a, dict) else a) for item in b),
    "has_any_entry": lambda a, b: any(item in (a.values() if isinstance(a, dict) else a) for item in b),
    "length": len,
    "concat": lambda *parts: "".join(parts),
    "sum": lambda *numbers: sum(numbers),
    "difference": lambda a, b: a - b,
}


_BOUNDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "valid_values": (lambda bound: isinstance(bound, list) or is_call(bound), "a list"),
    "in_range": (lambda bound: isinstance(bound, list) and len(bound) == 2, "a list of two bounds"),  # noqa: PLR2004 # a range has two ends
    "pattern": (lambda bound: isinstance(bound, str), "a text"),
}
"""What the bound of a constraint must be, where not any value will do."""


def constraint_slip(constraint: Any) -> str:
    """Return what is wrong with a constraint of TOSCA 1 as it stands, or nothing."""
    if not isinstance(constraint, dict) or len(constraint) != 1:
        return "a constraint is a map of one operator to its bound"
    ((operator, bound),) = constraint.items()
    if operator not in CONSTRAINTS:
        return f"{operator} is not a constraint"
    fits, wanted = _BOUNDS.get(operator, (lambda _: True, ""))
    return "" if fits(bound) else f"{operator} needs {wanted}"


def pattern_slip(pattern: str) -> str:
    """Return what is wrong with a regular expression, or nothing."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return str(error)
    return ""
