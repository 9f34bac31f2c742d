"""What a VNF's life cycle takes and does: scripts, parameters, limits, indicators, coordination, package changes."""

from __future__ import annotations

from typing import Any

from descriptors.model.declaration import Declaration
from descriptors.model.record import Model
from descriptors.model.resources import Artifact


class LcmOperationScript(Model, frozen=True, kw_only=True, omit_defaults=True):
    """An artifact bound to an operation of the life cycle interface (Vnflcm, Nslcm)."""

    operation: str
    """instantiate_start, scale_end, ..."""
    artifact: Artifact
    inputs: dict[str, Any] = {}
    """With calls of functions (get_attribute) that are known at run time only."""
    interface: str = "Vnflcm"
    dependencies: tuple[Artifact, ...] = ()
    """Files that have to lie beside it."""
    timeout_seconds: int = 0
    """0: the descriptor sets none."""


class LcmLimits(Model, frozen=True, kw_only=True, omit_defaults=True):
    """What the VNF supports of its operations, and how long it needs (VnfLcmOperationsConfiguration)."""

    target_scale_levels_supported: bool = False
    """Whether instantiate may be told the levels of single aspects."""
    scaling_by_more_than_one_step_supported: bool = False
    arbitrary_target_levels_supported: bool = False
    """Whether scale to level may be told the levels of single aspects."""
    min_graceful_termination_seconds: float = 0.0
    max_recommended_graceful_termination_seconds: float | None = None
    """None: no upper bound is recommended."""
    min_graceful_stop_seconds: float = 0.0
    max_recommended_graceful_stop_seconds: float | None = None
    heal_causes: tuple[str, ...] = ()
    configured: tuple[str, ...] = ()
    """Operations that the VNFD has a configuration for; it is in lcm_operations_configuration by their names."""


class Indicator(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A figure on the VNF's state that its element manager or itself reports."""

    id: str
    name: str = ""
    source: str = ""
    """vnf, em or both_vnf_and_em."""
    triggers: dict[str, Any] = {}
    """Conditions and actions, as the descriptor has them."""


class CoordinationAction(Model, frozen=True, kw_only=True, omit_defaults=True):
    """An action to be coordinated with the element manager or an operator during an operation."""

    id: str
    action_name: str
    description: str = ""
    endpoint_type: str = ""
    """mgmt (the element manager or an operator) or vnf."""
    stage: str = ""
    """start or end of the operation; empty: at a point of the operation's own."""
    inputs: dict[str, Declaration] = {}
    outputs: dict[str, Declaration] = {}


class Coordination(Model, frozen=True, kw_only=True, omit_defaults=True):
    """The actions of one operation."""

    operation: str
    actions: tuple[str, ...] = ()
    """By action_name, those that the VNFD declares first, then those it only refers to."""


class ComponentMapping(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the VNF that has another name in the other package."""

    component_type: str
    """vdu, cp, virtual_link, virtual_storage, deployment_flavour, instantiation_level, scaling_aspect."""
    source_id: str
    destination_id: str
    description: str = ""


class PackageTransition(Model, frozen=True, kw_only=True, omit_defaults=True):
    """From which descriptor and flavour to which descriptor a change leads."""

    source_descriptor_id: str
    destination_descriptor_id: str
    source_flavour: str = ""


class PackageChange(Model, frozen=True, kw_only=True, omit_defaults=True):
    """How a VNF gets from one package to another (VnfPackageChange)."""

    id: str
    transitions: tuple[PackageTransition, ...] = ()
    destination_flavour: str = ""
    qualifier: str = ""
    """up: the destination is the newer version; down: the older."""
    description: str = ""
    mappings: tuple[ComponentMapping, ...] = ()
    actions: tuple[str, ...] = ()
    coordination_actions: tuple[str, ...] = ()
    triggers: dict[str, Any] = {}

    def renamed(self, component_type: str, source_id: str) -> str:
        """Return what a part is called in the destination's package: the same, unless the change maps it."""
        for mapping in self.mappings:
            if mapping.component_type == component_type and mapping.source_id == source_id:
                return mapping.destination_id
        return source_id
