"""Life cycle interfaces: what is run when (Vnflcm, Nslcm), and what parameters the operations take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from descriptors.model.declaration import Declaration
from descriptors.model.lifecycle import LcmOperationScript
from descriptors.model.resources import Artifact
from descriptors.sol001.amounts import integer, text
from descriptors.sol001.artifacts import PackageFiles
from descriptors.sol001.declarations import declaration, declarations
from descriptors.tosca.documents import Path, Reporter, mapping, plain, sequence
from descriptors.tosca.topology import Node
from descriptors.tosca.types import Type, Types

_NOT_OPERATIONS = frozenset({"type", "inputs", "operations", "notifications", "description", "metadata"})
_PARAMETERS = "tosca.datatypes.nfv.VnfOperationAdditionalParameters"
_LIFE_CYCLES = ("tosca.interfaces.nfv.Vnflcm", "tosca.interfaces.nfv.Nslcm",
                "tosca.interfaces.nfv.ChangeCurrentVnfPackage")  # fmt: skip


def lifecycle_scripts(node: Node, files: PackageFiles, reporter: Reporter) -> tuple[LcmOperationScript, ...]:
    """Read the artifacts bound to the operations of a template's interfaces.

    What the template binds counts before what its type binds. Inputs of the whole interface are those of every
    operation that does not give them itself.
    """
    scripts = []
    for interface in {**node.type.interfaces, **node.interfaces}:
        assigned = node.interfaces.get(interface, {})
        declared = mapping(node.type.interfaces.get(interface))
        common = _values(declared.get("inputs")) | plain(mapping(assigned.get("inputs")))
        own, inherited = dict(_operations(assigned)), dict(_operations(declared))
        for operation in {**inherited, **own}:
            definition = own.get(operation)
            bound = _Bound(definition if _implementation(definition) else inherited.get(operation))
            if not bound.primary:
                continue
            inputs = common | _values(mapping(inherited.get(operation)).get("inputs"))
            inputs |= plain(mapping(mapping(definition).get("inputs")))
            where: Path = (*node.path, "interfaces", interface, operation)
            scripts.append(
                LcmOperationScript(
                    operation=operation,
                    artifact=_artifact(bound.primary, node, files, reporter, where),
                    inputs=inputs,
                    interface=interface,
                    dependencies=tuple(
                        _artifact(name, node, files, reporter, where) for name in bound.dependencies
                    ),
                    timeout_seconds=bound.timeout_seconds,
                )
            )  # fmt: skip
    return tuple(scripts)


def operation_parameters(declared: Type, types: Types) -> dict[str, dict[str, Declaration]]:
    """Read the additional parameters that a VNF type declares for its operations.

    SOL001 has them as an input of a data type derived from VnfOperationAdditionalParameters; packages also declare
    inputs one by one.
    """
    result: dict[str, dict[str, Declaration]] = {}
    for definition in map(mapping, declared.interfaces.values()):
        kind = types.get("interface_types", text(definition.get("type")))
        if kind is None or not kind.is_a(*_LIFE_CYCLES):
            continue
        inherited = kind.interfaces if kind.own else {}  # the standard's own inputs are fields of the requests
        for operation, body in {**inherited, **dict(_operations(definition))}.items():
            found: dict[str, Declaration] = {}
            for name, schema in mapping(mapping(body).get("inputs")).items():
                data_type = types.get("data_types", text(mapping(schema).get("type")))
                if data_type is not None and data_type.is_a(_PARAMETERS):
                    found |= declarations(data_type)
                elif isinstance(schema, dict) and "type" in schema:
                    found[str(name)] = declaration(str(name), schema)
            if found:
                result[str(operation)] = found
    return result


def _operations(definition: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield operations and notifications, whether they stand below a key of that name or beside it."""
    for name, body in definition.items():
        if name not in _NOT_OPERATIONS:
            yield str(name), body
    for section in ("operations", "notifications"):
        for name, body in mapping(definition.get(section)).items():
            yield str(name), body


def _values(inputs: Any) -> dict[str, Any]:
    """Return the values of inputs that a type declares: a definition's value or default, or the value itself."""
    values = {}
    for name, definition in mapping(inputs).items():
        defined = isinstance(definition, dict) and "type" in definition
        value = definition.get("value", definition.get("default")) if defined else definition
        if value is not None:
            values[str(name)] = plain(value)
    return values


def _implementation(definition: Any) -> Any:
    return definition if isinstance(definition, str) else mapping(definition).get("implementation")


class _Bound:
    """What is bound to an operation: a name, or a primary artifact with what it depends on."""

    def __init__(self, definition: Any) -> None:
        implementation = _implementation(definition)
        detail = mapping(implementation)
        self.primary = _file(detail.get("primary", implementation))
        self.dependencies = [name for item in sequence(detail.get("dependencies")) if (name := _file(item))]
        self.timeout_seconds = max(integer(detail.get("timeout")), 0)


def _file(value: Any) -> str:
    return text(mapping(value).get("file", value))


def _artifact(name: str, node: Node, files: PackageFiles, reporter: Reporter, where: Path) -> Artifact:
    declared = node.artifacts.get(name, {})
    artifact = files.artifact(name, text(declared.get("file")) or name, text(declared.get("type")), reporter)
    if not artifact.in_package and "/" in artifact.file and "://" not in artifact.file:
        reporter.warning("script-not-in-package", f"{artifact.file} is not carried in the package", where)
    return artifact
