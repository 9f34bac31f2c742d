"""Inputs of a topology: what ``get_input`` gives before anybody has set them."""

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

    def given(self, call: dict[str, Any], path: Path) -> Any:
        """Return what a ``get_input`` gives; the call itself when the input has no default."""
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
