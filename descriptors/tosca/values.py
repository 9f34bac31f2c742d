"""Values against their schemas: types, constraints and what real descriptors get away with.

Every check returns the value as it shall be read (numbers as text where text is asked for, enumerations in their own
spelling); findings go to the reporter with the place of the value. Values that are functions are passed over: they are
known at instantiation only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from descriptors.tosca import scalars
from descriptors.tosca.documents import Path, Reporter, mapping, sequence
from descriptors.tosca.literals import LiteralFloat
from descriptors.tosca.types import PRIMITIVES, Type, Types

FUNCTIONS = frozenset(
    {
        "get_input", "get_property", "get_attribute", "get_operation_output", "get_nodes_of_type", "get_artifact",
        "concat", "join", "token",
    }
)  # fmt: skip

ESSENTIAL = frozenset(
    {
        "descriptor_id", "num_virtual_cpu", "virtual_mem_size", "size_of_storage", "number_of_instances", "levels",
        "aspects", "aspect", "deltas", "max_scale_level", "scale_level", "min_number_of_instances",
        "max_number_of_instances",
    }
)  # fmt: skip
"""Required properties of built-in types without which resources would be wrong; others are missed with a warning."""

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_SYNONYMS = {"v4": "ipv4", "v6": "ipv6", "4": "ipv4", "6": "ipv6"}
_MILLI = re.compile(r"(\d{1,9})m")  # as Kubernetes writes parts of a processor
_RANGE = re.compile(r"\s*(\d+)\s*-\s*(\d+)\s*")


def is_function(value: Any) -> bool:
    """Whether a value is a call of a TOSCA function."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in FUNCTIONS


class ValueChecker:
    """Checks values of one document."""

    def __init__(self, types: Types, reporter: Reporter) -> None:
        self._types = types
        self._report = reporter

    def fields(self, values: Any, declared: Type, path: Path, *, what: str, partial: bool = False) -> dict[str, Any]:
        """Check a mapping of properties; return it with the types' defaults.

        ``partial`` is for assignments that another place may complete: nothing is missed then.
        """
        if values is not None and not isinstance(values, dict):
            self._report.error("tosca-wrong-type", f"properties of {what} must be a mapping", path)
            values = None
        values = self._unwrapped(mapping(values), declared, path)
        result: dict[str, Any] = {}
        for name, value in values.items():
            schema = declared.properties.get(name)
            if schema is None:
                elsewhere = self._types.property_elsewhere(declared, name)
                if elsewhere is None or value is None:
                    self._unknown(name, declared, (*path, name), what)
                    continue
                self._report.warning(
                    "tosca-property-of-other-release",
                    f"{what} has no property {name} in SOL001 {self._types.release}; it is read as in {elsewhere[0]}",
                    (*path, name),
                )
                result[name] = self.value(value, elsewhere[1], (*path, name), built_in=True)
            elif value is not None:
                lenient = name in declared.built_in_properties
                result[name] = self.value(value, schema, (*path, name), built_in=lenient)
        for name, schema in declared.properties.items():
            if result.get(name) is not None or values.get(name) is not None:
                continue
            if schema.get("default") is not None:
                result[name] = schema["default"]
            elif not partial and schema.get("required", True):
                self._missing(name, declared, path, what)
        return result

    def value(self, value: Any, schema: dict[str, Any], path: Path, *, built_in: bool) -> Any:
        """Check a value against a property's schema."""
        if is_function(value):
            return value
        name = schema.get("type", "string")
        if not isinstance(name, str):
            return value
        if name in PRIMITIVES:
            value = self._primitive(value, name, schema, path, built_in=built_in)
        else:
            declared = self._types.get("data_types", name)
            if declared is None:
                return value
            value = self._of_data_type(value, declared, path, built_in=built_in)
        if value is not None:
            for constraint in sequence(schema.get("constraints")):
                slip = built_in or _unmeetable(constraint, name, schema.get("default"))
                value = self._constrained(value, constraint, name, path, built_in=slip)
        return value

    def _of_data_type(self, value: Any, declared: Type, path: Path, *, built_in: bool) -> Any:
        base = declared.line[-1]
        if base in PRIMITIVES and not declared.properties:
            value = self._primitive(value, base, {}, path, built_in=built_in)
            for constraint in declared.constraints if value is not None else ():
                value = self._constrained(value, constraint, base, path, built_in=built_in)
            return value
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            self._report.warning(
                "tosca-extra-level", f"a list of one where one {_last(declared.name)} is asked for", path
            )
            return self.fields(value[0], declared, (*path, 0), what=_last(declared.name))
        if not isinstance(value, dict):
            self._wrong(value, _last(declared.name), path)
            return None
        return self.fields(value, declared, path, what=_last(declared.name))

    def _primitive(self, value: Any, name: str, schema: dict[str, Any], path: Path, *, built_in: bool) -> Any:
        if name in ("list", "map"):
            return self._collection(value, name, schema, path, built_in=built_in)
        if name in scalars.UNITS:
            if name == "scalar-unit.size" and (size := scalars.without_byte(value)):
                self._respelled(value, size, path)
                return size
            if scalars.amount(value, name) is None:
                self._wrong(value, f"{name}, a number and one of {', '.join(scalars.UNITS[name])}", path)
                return None
            return value
        return _PRIMITIVE[name](self, value, path) if name in _PRIMITIVE else value

    def _collection(self, value: Any, name: str, schema: dict[str, Any], path: Path, *, built_in: bool) -> Any:
        entry = schema.get("entry_schema")
        entry_schema = {"type": entry} if isinstance(entry, str) else mapping(entry)
        wanted = list if name == "list" else dict
        if not isinstance(value, wanted):
            return self._converted(value, name, entry_schema, path, built_in=built_in)
        if not entry_schema:
            return value
        if isinstance(value, list):
            return [self.value(item, entry_schema, (*path, i), built_in=built_in) for i, item in enumerate(value)]
        return {
            str(key): self.value(item, entry_schema, (*path, key), built_in=built_in)
            for key, item in value.items()
            if item is not None
        }

    def _converted(self, value: Any, name: str, entry: dict[str, Any], path: Path, *, built_in: bool) -> Any:
        """Read a map of named things where their list is asked for, and the reverse: releases differ in it."""
        declared = self._types.get("data_types", str(entry.get("type")))
        named = declared is not None and "name" in declared.properties
        if named and isinstance(value, dict) and all(isinstance(item, dict) for item in value.values()):
            self._report.warning("tosca-map-for-list", "a map where a list of named things is asked for", path)
            return [
                self.value({"name": key, **item}, entry, (*path, key), built_in=built_in) for key, item in value.items()
            ]
        if named and isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value):
            self._report.warning("tosca-map-for-list", "a list where a map of named things is asked for", path)
            return {
                str(item["name"]): self.value(item, entry, (*path, i), built_in=built_in)
                for i, item in enumerate(value)
            }
        if (
            name == "list"
            and declared is not None
            and isinstance(value, dict)
            and value.keys() <= declared.properties.keys()
        ):
            self._report.warning("tosca-map-for-list", "one thing where a list of them is asked for", path)
            return [self.value(value, entry, path, built_in=built_in)]
        self._wrong(value, name, path)
        return None

    def _respelled(self, value: Any, meant: str, path: Path) -> None:
        self._report.warning("tosca-value-spelling", f"{value} is read as {meant}", path, hint=f"write {meant}")

    def string(self, value: Any, path: Path) -> Any:
        """Text, or a number that is read as its literal text."""
        if isinstance(value, str):
            return value
        if isinstance(value, (int, float)):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self._report.warning(
                "tosca-number-as-text", f"{text} is read as text", path, hint=f'write "{text}" with quotation marks'
            )
            return text
        self._wrong(value, "string", path)
        return None

    def integer(self, value: Any, path: Path) -> Any:
        """A whole number."""
        if isinstance(value, int) and not isinstance(value, bool) and -scalars.LARGEST <= value <= scalars.LARGEST:
            return value
        if isinstance(value, str) and re.fullmatch(r"[-+]?\d{1,18}", value):
            self._report.warning("tosca-text-as-number", f"the text {value!r} is read as a number", path)
            return int(value)
        if isinstance(value, str) and (found := _MILLI.fullmatch(value)):
            whole = -(-int(found[1]) // 1000)
            self._respelled(value, str(whole), path)
            return whole
        self._wrong(value, "integer", path)
        return None

    def real(self, value: Any, path: Path) -> Any:
        """A number."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        self._wrong(value, "float", path)
        return None

    def boolean(self, value: Any, path: Path) -> Any:
        """True or false."""
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _BOOLEANS:
            self._report.warning(
                "tosca-text-as-boolean", f"the text {value!r} is read as a boolean", path, hint="write true or false"
            )
            return _BOOLEANS[value.lower()]
        self._wrong(value, "boolean", path)
        return None

    def range(self, value: Any, path: Path) -> Any:
        """Two bounds; the upper one may be UNBOUNDED."""
        if isinstance(value, list) and len(value) == 2 and all(isinstance(v, (int, str)) for v in value):  # noqa: PLR2004 # a range has two ends
            return value
        found = _RANGE.fullmatch(value) if isinstance(value, str) else None
        if found:
            self._report.warning(
                "tosca-text-as-range", f"the text {value!r} is read as a range", path,
                hint=f"write [ {found[1]}, {found[2]} ]",
            )  # fmt: skip
            return [int(found[1]), int(found[2])]
        self._wrong(value, "range, a list of two bounds", path)
        return None

    def text_or_number(self, value: Any, path: Path) -> Any:
        """Versions and timestamps: their literal text."""
        if isinstance(value, (dict, list)):
            self._wrong(value, "scalar", path)
            return None
        return str(value)

    def _constrained(self, value: Any, constraint: Any, name: str, path: Path, *, built_in: bool) -> Any:
        for operator, bound in mapping(constraint).items():
            if operator == "valid_values":
                value = self._listed(value, sequence(bound), path, built_in=built_in)
                continue
            try:
                # A package's own patterns are not run: one that backtracks without end would stop us.
                if operator == "pattern":
                    holds = not built_in or re.fullmatch(str(bound), str(value)) is not None
                else:
                    holds = _holds(operator, value, bound, name)
            except (TypeError, ValueError, re.error):
                holds = True  # the constraint itself makes no sense for the type: not the value's fault
            if not holds and operator == "pattern":
                self._report.warning("tosca-value-not-listed", f"{_shown(value)} does not match {bound}", path)
            elif not holds:
                self._report.error("tosca-constraint", f"{_shown(value)} is not {operator} {bound}", path)
        return value

    def _listed(self, value: Any, listed: Any, path: Path, *, built_in: bool) -> Any:
        if isinstance(value, (dict, list)) or value in listed or str(value) in map(str, listed):
            return value
        meant = spelt_otherwise(value, listed)
        if meant is not None:
            self._respelled(_shown(value), meant, path)
            return meant
        if built_in:
            self._report.warning(
                "tosca-value-not-listed", f"{_shown(value)} is none of {', '.join(map(str, listed))}"[:300], path
            )
        else:
            self._report.error(
                "tosca-constraint", f"{_shown(value)} is none of {', '.join(map(str, listed))}"[:300], path
            )
        return value

    def _unwrapped(self, values: dict[str, Any], declared: Type, path: Path) -> dict[str, Any]:
        inner = values.get("properties")
        if isinstance(inner, dict) and len(values) == 1 and "properties" not in declared.properties:
            self._report.warning("tosca-extra-level", "'properties' is one level too many here", (*path, "properties"))
            return inner
        return values

    def _unknown(self, name: str, declared: Type, path: Path, what: str) -> None:
        self._report.warning(
            "tosca-unknown-property",
            f"{what} has no property {name}; it is not used",
            path,
            hint=self._report.guess(str(name), declared.properties),
        )

    def _missing(self, name: str, declared: Type, path: Path, what: str) -> None:
        normative = name in declared.built_in_properties or self._types.property_elsewhere(declared, name) is not None
        if name in ESSENTIAL or not normative:
            self._report.error("tosca-missing-property", f"{what} needs the property {name}", path)
        else:
            self._report.warning("tosca-missing-property", f"{what} ought to have the property {name}", path)

    def _wrong(self, value: Any, wanted: str, path: Path) -> None:
        self._report.error("tosca-wrong-type", f"{_shown(value)} is not a {wanted}", path)


_PRIMITIVE: dict[str, Callable[[ValueChecker, Any, Path], Any]] = {
    "string": ValueChecker.string,
    "integer": ValueChecker.integer,
    "float": ValueChecker.real,
    "boolean": ValueChecker.boolean,
    "range": ValueChecker.range,
    "version": ValueChecker.text_or_number,
    "timestamp": ValueChecker.text_or_number,
}


def spelt_otherwise(value: Any, listed: Sequence[Any]) -> Any:
    """Return the one of the ``listed`` values that is meant by another spelling; None when it is none of them."""
    folded = {_folded(item): item for item in listed}
    text = _folded(value)
    return folded.get(text, folded.get(_SYNONYMS.get(text, text)))


def _folded(value: Any) -> str:
    """Return an enumeration's value without what spellings differ in: capitals and how words are joined."""
    return str(value).lower().replace("_", "").replace("-", "")


def _unmeetable(constraint: Any, name: str, default: Any) -> bool:
    """Whether a list of values is a slip of the type: it allows no text where text is asked for, or not the default."""
    listed = mapping(constraint).get("valid_values")
    if not isinstance(listed, list) or not listed:
        return False
    if default is not None and not is_function(default) and str(default) not in map(str, listed):
        return True
    return name == "string" and not any(isinstance(item, str) for item in listed)


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return str(value) if isinstance(value, LiteralFloat) else repr(value)[:80]


def _holds(operator: str, value: Any, bound: Any, name: str) -> bool:
    if name in scalars.UNITS:
        value = scalars.amount(value, name)
        bound = [scalars.amount(b, name) for b in bound] if isinstance(bound, list) else scalars.amount(bound, name)
    check = _OPERATORS.get(operator)
    return check is None or bool(check(value, bound))


def _in_range(value: Any, bounds: Any) -> bool:
    low, high = bounds
    values = value if isinstance(value, list) else [value]
    return all(v == "UNBOUNDED" or (low <= v and (high == "UNBOUNDED" or v <= high)) for v in values)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "equal": lambda value, bound: value == bound,
    "greater_than": lambda value, bound: value > bound,
    "greater_or_equal": lambda value, bound: value >= bound,
    "less_than": lambda value, bound: value < bound,
    "less_or_equal": lambda value, bound: value <= bound,
    "in_range": _in_range,
    "length": lambda value, bound: len(value) == bound,
    "min_length": lambda value, bound: len(value) >= bound,
    "max_length": lambda value, bound: len(value) <= bound,
}
