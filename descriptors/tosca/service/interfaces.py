"""Interfaces: the operations that templates implement, and the inputs of calls of them."""

from __future__ import annotations

from typing import Any

from descriptors.tosca.documents import Path, mapping
from descriptors.tosca.service.calls import Calls
from descriptors.tosca.service.kinds import Interface, Kind, Kinds, operations_of
from descriptors.tosca.service.names import Scope
from descriptors.tosca.service.schemas import Schema
from descriptors.tosca.service.values import Field, Values


class Interfaces:
    """Checks what the templates of one document say about interfaces."""

    def __init__(self, kinds: Kinds, scope: Scope, values: Values, calls: Calls) -> None:
        self._kinds = kinds
        self._scope = scope
        self._report = scope.report
        self._strict = scope.dialect.strict
        self._values = values
        self._calls = calls

    def assigned(self, value: Any, kind: Kind, path: Path) -> dict[str, Any]:
        """Check the interfaces of a template against those of its type; return them."""
        for name, given in mapping(value).items():
            where = (*path, name)
            if name not in kind.interfaces:
                if self._strict and kind.interfaces:
                    hint = self._report.guess(str(name), kind.interfaces)
                    self._report.error("tosca-undefined-name", f"{kind.name} has no interface {name}", where, hint=hint)
                self._calls.anywhere(given, self._scope, where)
                continue
            self._interface(str(name), mapping(given), kind, where)
        return mapping(value)

    def _interface(self, name: str, given: dict[str, Any], kind: Kind, path: Path) -> None:
        shared, operations = self._declared(kind.interfaces[name])
        self._inputs(given.get("inputs"), shared, (*path, "inputs"), f"interface {name}")
        for called, operation in operations_of(given).items():
            nested = called in mapping(given.get("operations"))
            where = (*path, "operations", called) if nested else (*path, called)
            if called not in operations:
                if self._strict:
                    hint = self._report.guess(str(called), operations)
                    message = f"interface {name} has no operation {called}"
                    self._report.error("tosca-undefined-name", message, where, hint=hint)
                continue
            inputs = {**shared, **operations[called]}
            self._inputs(mapping(operation).get("inputs"), inputs, (*where, "inputs"), f"operation {called}")

    def _declared(self, interface: Interface) -> tuple[dict[str, Schema], dict[str, dict[str, Schema]]]:
        """Return the inputs of an interface and of its operations, those of its type included."""
        declared = self._kinds.get(interface.scope, "interface_types", interface.type)
        base = declared.interfaces[""] if declared else None
        operations = dict(base.operations) if base else {}
        for name, inputs in interface.operations.items():
            operations[name] = {**operations.get(name, {}), **inputs}
        return {**(base.inputs if base else {}), **interface.inputs}, operations

    def _inputs(self, value: Any, declared: dict[str, Schema], path: Path, what: str) -> None:
        """Check inputs that are declared; others are the operation's own (TOSCA 2.0 8.2.3)."""
        known = {name: item for name, item in mapping(value).items() if name in declared and declared[name].type}
        schemas = {name: declared[name] for name in known}
        self._values.fields(known, schemas, path, Field(what, "input", partial=True))
        for name, item in mapping(value).items():
            if name not in known:
                self._calls.anywhere(item, self._scope, (*path, name))

    def called(self, name: str, inputs: Any, kind: Kind, path: Path) -> None:
        """Check a call of an operation, ``interface.operation``, with all its inputs."""
        interface, _, operation = name.rpartition(".")
        if interface not in kind.interfaces:
            self._report.error("tosca-undefined-name", f"{kind.name} has no interface {interface}", path)
            return
        shared, operations = self._declared(kind.interfaces[interface])
        if operation not in operations:
            self._report.error("tosca-undefined-name", f"interface {interface} has no operation {operation}", path)
            return
        declared = {name: item for name, item in {**shared, **operations[operation]}.items() if item.type}
        self._values.fields(inputs, declared, path, Field(f"operation {name}", "input", partial=not self._strict))
