"""What a VNFD says about its operations: limits, coordination with the element manager, package changes."""

from __future__ import annotations

from typing import Any

from descriptors.model.lifecycle import (
    ComponentMapping,
    Coordination,
    CoordinationAction,
    LcmLimits,
    PackageChange,
    PackageTransition,
)
from descriptors.sol001.amounts import boolean, seconds, text, texts
from descriptors.sol001.declarations import declarations, property_type
from descriptors.sol001.releases import current
from descriptors.tosca.documents import mapping, plain, sequence
from descriptors.tosca.topology import Topology

_P = "tosca.policies.nfv."
_COORDINATION = _P + "LcmCoordinationAction"


def lcm_limits(configuration: dict[str, Any]) -> LcmLimits:
    """Read the parts of a VnfLcmOperationsConfiguration that the standard names."""
    instantiate, scale, to_level, terminate, operate, heal = (
        mapping(configuration.get(name))
        for name in ("instantiate", "scale", "scale_to_level", "terminate", "operate", "heal")
    )
    return LcmLimits(
        target_scale_levels_supported=boolean(instantiate.get("target_scale_levels_supported")),
        scaling_by_more_than_one_step_supported=boolean(scale.get("scaling_by_more_than_one_step_supported")),
        arbitrary_target_levels_supported=boolean(to_level.get("arbitrary_target_levels_supported")),
        min_graceful_termination_seconds=seconds(terminate.get("min_graceful_termination_timeout")) or 0.0,
        max_recommended_graceful_termination_seconds=seconds(
            terminate.get("max_recommended_graceful_termination_timeout")
        ),
        min_graceful_stop_seconds=seconds(operate.get("min_graceful_stop_timeout")) or 0.0,
        max_recommended_graceful_stop_seconds=seconds(operate.get("max_recommended_graceful_stop_timeout")),
        heal_causes=texts(heal.get("causes")),
        configured=tuple(name for name, value in configuration.items() if value is not None),
    )


def read_coordination_actions(topology: Topology) -> dict[str, CoordinationAction]:
    """Read the actions that a flavour declares, by their names."""
    actions = {}
    for policy in topology.policies_of(_COORDINATION):
        detail = mapping(policy.properties.get("action"))
        kind = property_type(policy.type, "action", topology.types)
        name = text(policy.properties.get("action_name"), policy.name)
        actions[name] = CoordinationAction(
            id=policy.name,
            action_name=name,
            description=text(detail.get("description")),
            endpoint_type=text(detail.get("endpoint_type")),
            stage=text(detail.get("coordination_stage")),
            inputs=declarations(property_type(kind, "input_parameters", topology.types)),
            outputs=declarations(property_type(kind, "output_parameters", topology.types)),
        )
    return actions


def read_coordinations(topology: Topology, actions: dict[str, CoordinationAction]) -> tuple[Coordination, ...]:
    """Read which actions belong to which operation."""
    coordinations = []
    names = {action.id: action.action_name for action in actions.values()}
    for policy in topology.policies_of(_P + "LcmCoordinationsForLcmOperation"):
        own = texts(policy.properties.get("actions"))
        for name in own:
            if name not in actions and name not in names:
                topology.reporter.warning(
                    "sol001-unknown-reference", f"{policy.name} asks for the action {name}, which is not declared",
                    (*policy.path, "properties", "actions"), hint=topology.reporter.guess(name, actions),
                    clause=f"SOL001 {policy.type.name}",
                )  # fmt: skip
        coordinations.append(
            Coordination(
                operation=text(policy.properties.get("vnf_lcm_operation")),
                actions=(
                    *(names.get(name, name) for name in own),
                    *texts(policy.properties.get("referenced_coordination_actions")),
                ),
            )
        )
    return tuple(coordinations)


def read_package_changes(topology: Topology) -> tuple[PackageChange, ...]:
    """Read how to get from one package to another, or back."""
    changes = []
    for policy in topology.policies_of(_P + "VnfPackageChange"):
        properties = current(policy.type, policy.properties)
        changes.append(
            PackageChange(
                id=policy.name,
                transitions=tuple(
                    PackageTransition(
                        source_descriptor_id=text(item.get("source_descriptor_id")),
                        destination_descriptor_id=text(item.get("destination_descriptor_id")),
                        source_flavour=text(item.get("source_flavour_id")),
                    )
                    for item in map(mapping, sequence(properties.get("selector")))
                ),
                destination_flavour=text(properties.get("destination_flavour_id")),
                qualifier=text(properties.get("modification_qualifier")),
                description=text(properties.get("additional_modification_description")),
                mappings=tuple(
                    ComponentMapping(
                        component_type=text(item.get("component_type")),
                        source_id=text(item.get("source_id")),
                        destination_id=text(item.get("destination_id")),
                        description=text(item.get("description")),
                    )
                    for item in map(mapping, sequence(properties.get("component_mappings")))
                ),
                actions=texts(properties.get("actions")),
                coordination_actions=texts(properties.get("referenced_coordination_actions")),
                triggers=plain(policy.triggers),
            )
        )
    return tuple(changes)
