"""Values that a VNF declares for requests to give: extensions, metadata, configurable properties, parameters.

SOL001 has empty data types for them, from which a VNFD derives its own: the properties that a derived type adds are
what may be given.
"""

from __future__ import annotations

from typing import Any

import msgspec

from descriptors.model.declaration import Declaration
from descriptors.sol001.amounts import text
from descriptors.tosca.documents import mapping, plain, sequence
from descriptors.tosca.types import Type, Types

_ADDITIONAL = (
    "tosca.datatypes.nfv.VnfAdditionalConfigurableProperties",
    "tosca.datatypes.nfv.VnfcAdditionalConfigurableProperties",
)


def declaration(name: str, schema: dict[str, Any]) -> Declaration:
    """Read one property or input definition."""
    constraints = [mapping(item) for item in sequence(schema.get("constraints"))]
    valid = next((item["valid_values"] for item in constraints if "valid_values" in item), ())
    return Declaration(
        name=name,
        type=text(schema.get("type"), "string"),
        required=bool(schema.get("required", True)),
        default=plain(schema.get("default")),
        description=text(schema.get("description")).strip(),
        valid_values=tuple(plain(list(sequence(valid)))),
        constraints=tuple(plain(item) for item in constraints),
    )


def declarations(declared: Type | None) -> dict[str, Declaration]:
    """Read the properties that the package's own data type has beyond the built-in one."""
    if declared is None:
        return {}
    return {
        name: declaration(name, schema)
        for name, schema in declared.properties.items()
        if name not in declared.built_in_properties
    }


def property_type(declared: Type | None, name: str, types: Types) -> Type | None:
    """Return the data type of a property, if it has one."""
    schema = mapping(declared.properties.get(name)) if declared else {}
    return types.get("data_types", text(schema.get("type"))) if schema.get("type") else None


def modifiable(declared: Type, part: str, types: Types) -> dict[str, Declaration]:
    """Read what a VNF type declares as ``extensions`` or ``metadata`` of its modifiable attributes."""
    return declarations(property_type(property_type(declared, "modifiable_attributes", types), part, types))


def configurable(declared: Type, given: dict[str, Any], types: Types) -> dict[str, Declaration]:
    """Read the configurable properties: a VNF's or VDU's own ones, and those of the standard that are given a value.

    What is given is the default, before that of the type.
    """
    kind = property_type(declared, "configurable_properties", types)
    result: dict[str, Declaration] = {}
    for name, schema in kind.properties.items() if kind else ():
        own = types.get("data_types", text(schema.get("type")))
        if own is not None and any(map(own.is_a, _ADDITIONAL)):
            values = mapping(given.get(name))
            result |= {key: _with_default(it, values) for key, it in declarations(own).items()}
        elif name in given or (kind and name not in kind.built_in_properties):
            result[name] = _with_default(declaration(name, schema), given)
    return result


def _with_default(declared: Declaration, given: dict[str, Any]) -> Declaration:
    if declared.name not in given:
        return declared
    return msgspec.structs.replace(declared, default=plain(given[declared.name]))
