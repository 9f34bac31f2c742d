"""Which keynames each part of a service template has, by TOSCA version.

A table per version, each derived from the one before it. A form says what a keyname's value must be:

* ``text``, ``flag`` (true or false), ``number``, ``version``, ``any``, ``metadata``
* ``map FORM``, ``list FORM``, ``named FORM`` (a list of maps with one entry each)
* the name of a part, whose table is used; ``a | b`` for either; a ``!`` at the end when the keyname must be there.

A table with the key ``*`` has names of its own choosing beside its keynames (operations in TOSCA 1).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

Table = Mapping[str, str]
Grammar = Mapping[str, Table]

_TOLD = {"description": "text", "metadata": "metadata"}
_TYPE = {**_TOLD, "derived_from": "text", "version": "version"}

_SIMPLE_1_0: dict[str, dict[str, str]] = {
    "file": {
        "tosca_definitions_version": "text", "namespace": "text", "tosca_default_namespace": "text",
        "template_name": "text", "template_author": "text", "template_version": "any", "description": "text",
        "metadata": "metadata", "dsl_definitions": "map any", "repositories": "map repository | text",
        "imports": "any", "artifact_types": "map artifact_type", "data_types": "map data_type",
        "capability_types": "map capability_type", "interface_types": "map interface_type",
        "relationship_types": "map relationship_type", "node_types": "map node_type", "group_types": "map group_type",
        "policy_types": "map policy_type", "topology_template": "service_template",
    },
    "repository": {**_TOLD, "url": "text!", "credential": "any"},
    "data_type": {**_TYPE, "properties": "map property", "constraints": "list any"},
    "property": {
        **_TOLD, "type": "text", "required": "flag", "default": "any", "status": "text", "constraints": "list any",
        "entry_schema": "schema | text",
    },
    "attribute": {**_TOLD, "type": "text", "default": "any", "status": "text", "entry_schema": "schema | text"},
    "parameter": {
        **_TOLD, "type": "text", "required": "flag", "default": "any", "status": "text", "constraints": "list any",
        "entry_schema": "schema | text", "value": "any",
    },
    "schema": {
        **_TOLD, "type": "text!", "constraints": "list any", "entry_schema": "schema | text", "required": "flag",
        "default": "any",
    },
    "capability_type": {
        **_TYPE, "properties": "map property", "attributes": "map attribute | text",
        "valid_source_types": "list text",
    },
    "relationship_type": {
        **_TYPE, "properties": "map property", "attributes": "map attribute | text", "interfaces": "map any",
        "valid_target_types": "list text", "valid_source_types": "list text",
    },
    "interface_type": {**_TYPE, "inputs": "map parameter", "*": "any"},
    "node_type": {
        **_TYPE, "properties": "map property", "attributes": "map attribute | text",
        "capabilities": "map capability_definition | text", "requirements": "named requirement_definition | text",
        "interfaces": "map any", "artifacts": "map artifact | text",
    },
    "artifact_type": {**_TYPE, "mime_type": "text", "file_ext": "list text", "properties": "map property"},
    "group_type": {
        **_TYPE, "properties": "map property", "attributes": "map attribute", "members": "list text",
        "interfaces": "map any", "targets": "list text", "capabilities": "any", "requirements": "any",
    },
    "policy_type": {**_TYPE, "properties": "map property", "targets": "list text", "triggers": "any"},
    "capability_definition": {
        **_TOLD, "type": "text", "properties": "map property", "attributes": "map attribute | text",
        "valid_source_types": "list text", "occurrences": "list any",
    },
    "requirement_definition": {
        **_TOLD, "capability": "text", "node": "text", "relationship": "any", "occurrences": "list any",
    },
    "service_template": {
        "description": "text", "inputs": "map parameter", "outputs": "map parameter",
        "node_templates": "map node_template", "relationship_templates": "map relationship_template",
        "groups": "map group", "policies": "named policy", "substitution_mappings": "substitution", "workflows": "any",
    },
    "node_template": {
        **_TOLD, "type": "text", "directives": "list text", "properties": "map any", "attributes": "map any",
        "requirements": "named any", "capabilities": "map capability", "interfaces": "map any",
        "artifacts": "map artifact | text", "node_filter": "any", "copy": "text",
    },
    "capability": {"properties": "map any", "attributes": "map any", "occurrences": "any"},
    "relationship_template": {
        **_TOLD, "type": "text", "properties": "map any", "attributes": "map any", "interfaces": "map any",
        "copy": "text",
    },
    "group": {
        **_TOLD, "type": "text!", "members": "list text", "targets": "list text", "properties": "map any",
        "attributes": "map any", "interfaces": "map any",
    },
    "policy": {**_TOLD, "type": "text!", "targets": "list text", "properties": "map any", "triggers": "any"},
    "substitution": {
        "node_type": "text!", "properties": "any", "attributes": "any", "capabilities": "any", "requirements": "any",
        "interfaces": "any",
    },
    "artifact": {
        **_TOLD, "type": "text", "file": "text", "repository": "text", "deploy_path": "text", "properties": "map any",
        "mime_type": "text",
    },
    "workflow": {
        **_TOLD, "inputs": "map parameter", "preconditions": "any", "steps": "map step", "outputs": "map any",
        "implementation": "any",
    },
    "step": {
        **_TOLD, "target": "text", "target_relationship": "text", "operation_host": "text", "filter": "any",
        "activities": "list any!", "on_success": "any", "on_failure": "any",
    },
}  # fmt: skip


def _derived(base: Grammar, changes: Mapping[str, Mapping[str, str | None]]) -> dict[str, dict[str, str]]:
    """Return ``base`` with keynames added, changed or (None) taken away."""
    result = {part: dict(table) for part, table in base.items()}
    for part, change in changes.items():
        table = result.setdefault(part, {})
        table.update({key: form for key, form in change.items() if form is not None})
        for key in [key for key, form in change.items() if form is None]:
            table.pop(key, None)
    return result


_SIMPLE_1_1 = _derived(_SIMPLE_1_0, {"service_template": {"workflows": "map workflow"}})
_SIMPLE_1_2 = _derived(_SIMPLE_1_1, {"substitution": {"node": "any"}})
_SIMPLE_1_3 = _derived(
    _SIMPLE_1_2,
    {
        "data_type": {"key_schema": "schema | text", "entry_schema": "schema | text"},
        "property": {"key_schema": "schema | text", "external-schema": "text", "value": "any"},
        "attribute": {"key_schema": "schema | text", "constraints": "list any"},
        "parameter": {"key_schema": "schema | text", "external-schema": "text"},
        "schema": {"key_schema": "schema | text"},
        "requirement_definition": {"node_filter": "any"},
        "interface_type": {"operations": "map any", "notifications": "map any"},
        "artifact": {"artifact_version": "any", "checksum": "text", "checksum_algorithm": "text"},
        "capability": {"directives": "list text"},
        "substitution": {"substitution_filter": "any"},
    },
)

_CLAUSE = {"constraints": None, "external-schema": None, "validation": "any"}
_TOSCA_2_0 = _derived(
    _SIMPLE_1_3,
    {
        "file": {
            "namespace": None, "tosca_default_namespace": None, "template_name": None, "template_author": None,
            "template_version": None, "topology_template": None, "profile": "text", "functions": "map function",
            "service_template": "service_template", "imports": "list import | text",
        },
        "import": {
            **_TOLD, "url": "text", "profile": "text", "repository": "text", "namespace": "text",
        },
        "data_type": {
            **_CLAUSE, "data_type": "text", "units": "map number", "prefixes": "map number", "canonical_unit": "text",
        },
        "property": _CLAUSE,
        "attribute": {**_CLAUSE, "required": None, "value": "any"},
        "parameter": {**_CLAUSE, "mapping": "any"},
        "schema": {**_CLAUSE, "required": None, "type": "text"},
        "capability_type": {
            "attributes": "map attribute", "valid_source_types": None, "valid_source_node_types": "list text",
            "valid_relationship_types": "list text",
        },
        "relationship_type": {
            "attributes": "map attribute", "valid_target_types": None, "valid_source_types": None,
            "valid_capability_types": "list text", "valid_target_node_types": "list text",
            "valid_source_node_types": "list text", "interfaces": "map interface",
        },
        "interface_type": {"*": None, "operations": "map type_operation", "notifications": "map notification"},
        "type_operation": {**_TOLD, "inputs": "map parameter", "outputs": "map any"},
        "operation": {**_TOLD, "inputs": "map any", "outputs": "map any", "implementation": "any"},
        "notification": {**_TOLD, "inputs": "map any", "outputs": "map any", "implementation": "any"},
        "interface": {
            **_TOLD, "type": "text", "inputs": "map any", "operations": "map operation | text",
            "notifications": "map notification | text",
        },
        "node_type": {"attributes": "map attribute", "interfaces": "map interface"},
        "group_type": {"interfaces": None, "targets": None, "capabilities": None, "requirements": None},
        "policy_type": {"attributes": "map attribute", "triggers": "map any"},
        "capability_definition": {
            "attributes": "map attribute", "valid_source_types": None, "occurrences": None,
            "valid_source_node_types": "list text", "valid_relationship_types": "list text",
        },
        "requirement_definition": {
            "occurrences": None, "count_range": "list any", "allocation": "map any", "directives": "list text",
        },
        "service_template": {
            "metadata": "metadata", "workflows": "map workflow", "node_templates": "map node_template!",
        },
        "node_template": {
            "count": "any", "capabilities": "map capability", "interfaces": "map interface",
        },
        "capability": {"occurrences": None},
        "relationship_template": {"interfaces": "map interface"},
        "group": {"targets": None, "interfaces": None},
        "policy": {"triggers": "map any", "attributes": "map any"},
        "substitution": {**_TOLD, "node": None},
        "artifact": {"deploy_path": None, "mime_type": None},
        "step": {"operation_host": None},
        "function": {**_TOLD, "signatures": "list signature!"},
        "signature": {
            **_TOLD, "arguments": "list schema | text", "optional_arguments": "list schema | text",
            "variadic": "flag", "result": "schema | text", "implementation": "any",
        },
    },
)  # fmt: skip

_GRAMMARS: tuple[tuple[str, Grammar], ...] = (
    ("tosca_2_0", _TOSCA_2_0),
    ("tosca_simple_yaml_1_3", _SIMPLE_1_3),
    ("tosca_simple_yaml_1_2", _SIMPLE_1_2),
    ("tosca_simple_yaml_1_1", _SIMPLE_1_1),
    ("tosca_simple_profile_yaml_1_1", _SIMPLE_1_1),
    ("tosca_simple_", _SIMPLE_1_0),
)


class Dialect:
    """One version of the language."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.grammar = next((g for name, g in _GRAMMARS if version.startswith(name)), _SIMPLE_1_3)
        self.strict = version == "tosca_2_0"
        """Whether slips are errors: those of TOSCA 1 have years of templates behind them."""
        self.service_template = "service_template" if self.strict else "topology_template"
        self.count_range = "count_range" if self.strict else "occurrences"


@functools.cache
def dialect(version: str) -> Dialect:
    """Return the dialect that a ``tosca_definitions_version`` names; the last of TOSCA 1 when it is unknown."""
    return Dialect(version)
