"""The VNF descriptor as the VNFM and the NFVO read it (SOL001 clause 6); every part of it can be had from here."""

from __future__ import annotations

from typing import Any

from descriptors.model.connectivity import (
    AddressRequest,
    Bitrate,
    ConnectionPoint,
    ExternalConnectionPoint,
    InterfaceRequirement,
    L2Protocol,
    L3Protocol,
    LinkQuality,
    ServicePort,
    SupportedInterface,
    VirtualLink,
)
from descriptors.model.containers import DeployableUnit, Mciop, OsContainer
from descriptors.model.declaration import Declaration
from descriptors.model.lifecycle import (
    ComponentMapping,
    Coordination,
    CoordinationAction,
    Indicator,
    LcmLimits,
    LcmOperationScript,
    PackageChange,
    PackageTransition,
)
from descriptors.model.placement import AffinityRule, SecurityGroupRule
from descriptors.model.record import Model
from descriptors.model.resources import (
    Artifact,
    CpuPinning,
    HugePages,
    LogicalNode,
    MonitoringParameter,
    SoftwareImage,
    Vdu,
    VirtualStorage,
)
from descriptors.model.scaling import InstantiationLevel, ScalingAspect

__all__ = [
    "AddressRequest",
    "AffinityRule",
    "Artifact",
    "Bitrate",
    "ComponentMapping",
    "ConnectionPoint",
    "Coordination",
    "CoordinationAction",
    "CpuPinning",
    "Declaration",
    "DeployableUnit",
    "ExternalConnectionPoint",
    "Flavour",
    "HugePages",
    "Indicator",
    "InstantiationLevel",
    "InterfaceRequirement",
    "L2Protocol",
    "L3Protocol",
    "LcmLimits",
    "LcmOperationScript",
    "LinkQuality",
    "LogicalNode",
    "Mciop",
    "Model",
    "MonitoringParameter",
    "OsContainer",
    "PackageChange",
    "PackageTransition",
    "ScalingAspect",
    "SecurityGroupRule",
    "ServicePort",
    "SoftwareImage",
    "SupportedInterface",
    "Vdu",
    "VirtualLink",
    "VirtualStorage",
    "Vnfd",
]


class Flavour(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A deployment flavour: one shape of the VNF."""

    id: str
    description: str = ""
    vdus: dict[str, Vdu] = {}
    storages: dict[str, VirtualStorage] = {}
    connection_points: dict[str, ConnectionPoint] = {}
    external_connection_points: dict[str, ExternalConnectionPoint] = {}
    virtual_links: dict[str, VirtualLink] = {}
    """Internal ones."""
    initial_instances: dict[str, int] = {}
    """Instances per VDU when every aspect is at level 0 (VduInitialDelta)."""
    aspects: dict[str, ScalingAspect] = {}
    levels: dict[str, InstantiationLevel] = {}
    default_level: str = ""
    affinity_rules: tuple[AffinityRule, ...] = ()
    security_group_rules: tuple[SecurityGroupRule, ...] = ()
    scripts: tuple[LcmOperationScript, ...] = ()
    monitoring_parameters: dict[str, MonitoringParameter] = {}
    """Of the VNF as a whole."""
    deployable_units: dict[str, DeployableUnit] = {}
    """Groups of containers (Vdu.OsContainerDeployableUnit); scaling counts them like VDUs."""
    mciops: dict[str, Mciop] = {}
    """Container packages (Helm charts) that deploy them."""
    initial_link_bitrates: dict[str, Bitrate] = {}
    """Bit rate per internal virtual link when every aspect is at level 0 (VirtualLinkBitrateInitialDelta)."""
    initial_virtual_points: dict[str, int] = {}
    """Instances per VipCp when every aspect is at level 0 (VipCpInitialDelta)."""
    indicators: tuple[Indicator, ...] = ()
    coordination_actions: dict[str, CoordinationAction] = {}
    coordinations: tuple[Coordination, ...] = ()
    supported_interfaces: tuple[SupportedInterface, ...] = ()

    def vdu_instances(self, scale_levels: dict[str, int], level: str = "") -> dict[str, int]:
        """Return the number of instances per VDU at these levels of the aspects.

        An instantiation level that gives numbers outright wins as long as the aspects are at that level's own
        levels; else the initial delta and the steps of the aspects add up.
        """
        least = {vdu.id: vdu.min_instances for vdu in self.vdus.values()}
        return self._counted(least, scale_levels, level)

    def most_instances(self, vdu: Vdu) -> int:
        """Return how many instances of a VDU there may be at most: by its profile, or else by the flavour's own sizes.

        These count where it has no profile, and where one of the flavour's levels, or an aspect by itself, goes beyond
        that: then this is how the VNF is meant to be, whatever its profile says.
        """
        whole = {aspect.id: aspect.max_level for aspect in self.aspects.values()}
        sizes = [(level.scale_levels, level.id) for level in self.levels.values()]
        sizes += [({aspect: level}, "") for aspect, level in whole.items()]
        meant = max((self.vdu_instances(*size)[vdu.id] for size in sizes), default=0)
        if vdu.bounded and meant <= vdu.max_instances:
            return vdu.max_instances
        return max(meant, self.vdu_instances(whole)[vdu.id])

    def deployable_unit_instances(self, scale_levels: dict[str, int], level: str = "") -> dict[str, int]:
        """Return the number of instances per group of containers, as for VDUs."""
        least = {unit.id: unit.min_instances for unit in self.deployable_units.values()}
        return self._counted(least, scale_levels, level)

    def virtual_point_instances(self, scale_levels: dict[str, int], level: str = "") -> dict[str, int]:
        """Return the number of instances per VipCp, as for VDUs: 1 where nothing is said."""
        outright = self._outright(scale_levels, level)
        counts = {}
        for point in self.connection_points.values():
            if point.type != "VipCp":
                continue
            steps = [
                sum(aspect.virtual_point_steps.get(point.id, ())[: scale_levels.get(aspect.id, 0)])
                for aspect in self.aspects.values()
            ]
            summed = self.initial_virtual_points.get(point.id, 1) + sum(steps)
            counts[point.id] = outright.virtual_points.get(point.id, summed) if outright else summed
        return counts

    def link_bitrates(self, scale_levels: dict[str, int], level: str = "") -> dict[str, Bitrate]:
        """Return the bit rate per internal virtual link, where instantiation levels or deltas say one."""
        outright = self._outright(scale_levels, level)
        rates = {}
        for link in self.virtual_links:
            steps = [aspect.link_bitrates.get(link, ())[: scale_levels.get(aspect.id, 0)]
                     for aspect in self.aspects.values()]  # fmt: skip
            if outright and link in outright.link_bitrates:
                rates[link] = outright.link_bitrates[link]
            elif link in self.initial_link_bitrates or any(steps):
                rate = self.initial_link_bitrates.get(link, Bitrate())
                for added in (delta for step in steps for delta in step):
                    rate = rate.plus(added)
                rates[link] = rate
        return rates

    def _outright(self, scale_levels: dict[str, int], level: str) -> InstantiationLevel | None:
        """Return the instantiation level, as long as the aspects are at its levels."""
        named = self.levels.get(level)
        if named and all(scale_levels.get(a, 0) == named.scale_levels.get(a, 0) for a in self.aspects):
            return named
        return None

    def _counted(self, least: dict[str, int], scale_levels: dict[str, int], level: str) -> dict[str, int]:
        named = self._outright(scale_levels, level)
        outright = named.vdu_instances if named else {}
        counts = {}
        for unit, minimum in least.items():
            if unit in outright:
                counts[unit] = outright[unit]
                continue
            count = self.initial_instances.get(unit, minimum)
            for aspect in self.aspects.values():
                count += sum(aspect.steps.get(unit, ())[: scale_levels.get(aspect.id, 0)])
            counts[unit] = count
        return counts


class Vnfd(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A VNF descriptor."""

    id: str
    """descriptor_id."""
    provider: str
    product_name: str
    software_version: str
    version: str
    """descriptor_version."""
    sol001_version: str = ""
    """Release whose types it uses, as far as it can be told."""
    info_name: str = ""
    info_description: str = ""
    vnfm_info: tuple[str, ...] = ()
    default_flavour: str = ""
    flavours: dict[str, Flavour] = {}
    configurable_properties: dict[str, Any] = {}
    modifiable_attributes: dict[str, Any] = {}
    """Keys ``extensions`` and ``metadata``, with defaults where given."""
    lcm_operations_configuration: dict[str, Any] = {}
    """As the VNFD has it, with what vendors add."""
    lcm_limits: LcmLimits = LcmLimits()
    """What of it the standard knows, with units."""
    extensions: dict[str, Declaration] = {}
    """What modify may set in the VNF's extensions."""
    metadata: dict[str, Declaration] = {}
    """What modify may set in its metadata."""
    configurable: dict[str, Declaration] = {}
    """What modify may set of its configurable properties."""
    operation_parameters: dict[str, dict[str, Declaration]] = {}
    """Additional parameters that requests may give, by operation (instantiate, scale, change_flavour ...)."""
    package_changes: tuple[PackageChange, ...] = ()
    ext_invariant_id: str = ""
    localization_languages: tuple[str, ...] = ()
    default_localization_language: str = ""

    def software_images(self) -> dict[str, SoftwareImage]:
        """Every software image of every flavour, by id."""
        images: dict[str, SoftwareImage] = {}
        for flavour in self.flavours.values():
            found = [vdu.image for vdu in flavour.vdus.values()] + [disk.image for disk in flavour.storages.values()]
            for image in found:
                if image:
                    images.setdefault(image.id, image)
        return images
