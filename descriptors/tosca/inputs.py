"""Inputs of a topology: ``get_input`` is replaced by the input's default wherever there is one."""

from __future__ import annotations

from typing import Any

from descriptors.tosca.documents import Path, Reporter, mapping
from descriptors.tosca.types import PRIMITIVES, Types
from descriptors.tosca.values import ValueChecker


class Inputs:
    """The inputs that one topology declares."""

    def __init__(self, declared: Any, types: Types, reporter: Reporter, path: Path) -> None:
        self._declared = mapping(declared)
        self._report = reporter
        checker = ValueChecker(types, reporter)
        for name, definition in self._declared.items():
            schema = mapping(definition)
            kind = schema.get("type", "string")
            where = (*path, name)
            if not isinstance(kind, str) or (kind not in PRIMITIVES and types.get("data_types", kind) is None):
                reporter.error("tosca-unknown-type", f"data type {kind} of input {name} is not defined", where)
            elif schema.get("default") is not None:
                checker.value(schema["default"], schema, (*where, "default"), built_in=True)

    def applied(self, value: Any, path: Path) -> Any:
        """Return a copy of ``value`` with inputs put in; those without a default stay as they are."""
        if isinstance(value, dict):
            if len(value) == 1 and "get_input" in value:
                return self._given(value, path)
            return {key: self.applied(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.applied(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def _given(self, call: dict[str, Any], path: Path) -> Any:
        argument = call["get_input"]
        name, *inside = argument if isinstance(argument, list) and argument else [argument]
        if not isinstance(name, str) or name not in self._declared:
            self._report.error("tosca-unknown-input", f"there is no input {name}", path)
            return call
        value = mapping(self._declared[name]).get("default")
        for key in inside:
            if isinstance(value, dict):
                value = value.get(key)
            else:
                value = value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
        return call if value is None else value
