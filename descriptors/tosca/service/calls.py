"""Calls of functions in values: which there are, and whether what they name is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descriptors.tosca.documents import Path, Reporter, sequence
from descriptors.tosca.service import clauses
from descriptors.tosca.service.grammar import Dialect
from descriptors.tosca.service.names import Scope
from descriptors.tosca.service.schemas import PRIMITIVES, Schema

_SIMPLE = frozenset(
    {
        "get_input", "get_property", "get_attribute", "get_operation_output", "get_nodes_of_type", "get_artifact",
        "concat", "join", "token",
    }
)  # fmt: skip
_KEYWORDS = frozenset({"SELF", "SOURCE", "TARGET", "HOST", "ORCHESTRATOR", "CAPABILITY"})
_NODE_FUNCTIONS = frozenset({"get_property", "get_attribute", "get_artifact", "get_operation_output"})

Inputs = dict[str, Schema]


def is_call(value: Any, dialect: Dialect) -> bool:
    """Whether a value is a call of a function in the notation of a version."""
    if dialect.strict:
        return clauses.is_call(value) or (isinstance(value, str) and value in ("$node_index", "$relationship_index"))
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _SIMPLE


class Calls:
    """Checks calls where inputs, node templates and relationship templates have names."""

    def __init__(self, inputs: Inputs, templates: Callable[[], frozenset[str]]) -> None:
        self._inputs = inputs
        self._templates = templates

    def within(self, inputs: Inputs) -> Calls:
        """Return the same with other inputs: those of a workflow."""
        return Calls(inputs, self._templates)

    def check(self, call: Any, scope: Scope, path: Path, wanted: Schema | None = None) -> None:
        """Report a function that there is not, and arguments that name nothing."""
        if not isinstance(call, dict):
            return
        ((name, given),) = call.items()
        name = name.removeprefix("$") if scope.dialect.strict else name
        if name not in clauses.FUNCTIONS and name.partition("$")[0] not in clauses.FUNCTIONS:
            self._custom(name, scope, path)
        if name == "get_input":
            self._input(given, scope, path, wanted)
        elif name in _NODE_FUNCTIONS:
            self._node(name, given, scope.report, path)
        elif name in clauses.ARITY:
            arity(name, given, scope.report, path)
        for index, argument in enumerate(sequence(given)):
            self.anywhere(argument, scope, (*path, next(iter(call)), index))
        if isinstance(given, dict):
            self.anywhere(given, scope, (*path, next(iter(call))))

    def anywhere(self, value: Any, scope: Scope, path: Path) -> None:
        """Check the calls inside a value."""
        if is_call(value, scope.dialect):
            self.check(value, scope, path)
        elif isinstance(value, dict):
            for key, item in value.items():
                self.anywhere(item, scope, (*path, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.anywhere(item, scope, (*path, index))

    def _custom(self, name: str, scope: Scope, path: Path) -> None:
        bare = name.partition("$")[0]
        if scope.find("functions", bare) is None and ":" not in bare and not scope.visible["functions"]:
            hint = scope.report.guess(bare, clauses.FUNCTIONS)
            scope.report.error("tosca-unknown-function", f"there is no function {bare}", path, hint=hint)

    def _input(self, given: Any, scope: Scope, path: Path, wanted: Schema | None) -> None:
        name, *inside = given if isinstance(given, list) and given else [given]
        if is_call(name, scope.dialect):
            return
        declared = self._inputs.get(name) if isinstance(name, str) else None
        if declared is None:
            hint = scope.report.guess(str(name), self._inputs)
            scope.report.error("tosca-unknown-input", f"there is no input {name}", path, hint=hint)
        elif wanted is not None and not inside:
            if declared.type in PRIMITIVES and wanted.type in PRIMITIVES and not _agree(declared.type, wanted.type):
                report = scope.report.error if scope.dialect.strict else scope.report.warning
                report("tosca-wrong-type", f"the input {name} is {declared.type}, not {wanted.type}", path)
            elif scope.dialect.strict and wanted.required and not declared.required and _undefaulted(declared):
                scope.report.error(
                    "tosca-optional-input", f"the input {name} need not be given, and its value is required here", path
                )

    def _node(self, name: str, given: Any, report: Reporter, path: Path) -> None:
        arguments = given if isinstance(given, list) else [given]
        first = arguments[0] if arguments else None
        if isinstance(first, list) and first:
            first = first[0]  # with the index of a representation
        if not isinstance(first, str):
            return
        known = self._templates()
        if first not in _KEYWORDS and first not in known:
            message = f"{name} asks {first}, and there is no such template"
            report.error("tosca-unknown-target", message, path, hint=report.guess(first, known))


def arity(name: str, given: Any, report: Reporter, path: Path) -> None:
    """Report a boolean function with too few or too many arguments."""
    least, most = clauses.ARITY[name]
    count = len(given) if isinstance(given, list) else 1
    if count < least or (most is not None and count > most):
        report.error("tosca-wrong-arguments", f"${name} takes {least} arguments, not {count}", path)


def _undefaulted(declared: Schema) -> bool:
    return not isinstance(declared.default, (str, int, float, list, dict))


def _agree(given: str, wanted: str) -> bool:
    same = given == wanted or "any" in (given, wanted)
    return (
        same
        or (given, wanted) in (("integer", "float"), ("string", "version"), ("string", "timestamp"))
        or (wanted.startswith("scalar-unit.") and given == "string")
    )
