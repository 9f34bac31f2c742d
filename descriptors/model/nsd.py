"""The network service descriptor as the NFVO reads it (SOL001 clause 7)."""

from __future__ import annotations

from typing import Any

from descriptors.model.connectivity import AddressRequest, Bitrate, VirtualLink
from descriptors.model.forwarding import ForwardingGraph, ForwardingPath, ForwardingRelay
from descriptors.model.lifecycle import Indicator, LcmOperationScript
from descriptors.model.placement import AffinityRule, SecurityGroupRule
from descriptors.model.record import Model
from descriptors.model.resources import MonitoringParameter


class Sap(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A service access point: where the network service attaches to the outside."""

    id: str
    internal_link: str = ""
    """NS virtual link that it attaches to."""
    external_link: str = ""
    connection_point: str = ""
    """Requirement through which it exposes a constituent's connection point, where it does."""
    layer_protocols: tuple[str, ...] = ("ipv4",)
    role: str = ""
    description: str = ""
    trunk: bool = False
    addresses: tuple[AddressRequest, ...] = ()
    security_groups: tuple[str, ...] = ()
    """Security group policies whose targets include it."""


class VersionDependency(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Which versions of another constituent a constituent works with."""

    constituent: str
    descriptor_ids: tuple[tuple[str, ...], ...] = ()
    """Any one of the groups will do."""


class VnfProfile(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A constituent VNF."""

    id: str
    """The template's name in the NSD."""
    vnfd_id: str
    flavour_id: str = ""
    """Empty: the VNFD's default."""
    instantiation_level: str = ""
    min_instances: int = 1
    max_instances: int = 1
    scale_levels: dict[str, int] = {}
    """Level of the VNF's scaling aspects, where the NSD names them instead of an instantiation level."""
    links: dict[str, str] = {}
    """NS virtual link by requirement name of the VNF node (virtual_link, virtual_link_external ...)."""
    service_availability_level: int = 0
    version_dependencies: tuple[VersionDependency, ...] = ()
    monitoring_parameters: dict[str, MonitoringParameter] = {}
    """What the network service wants measured on it (VnfMonitoring)."""


class NestedNs(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A constituent network service."""

    id: str
    nsd_id: str
    flavour_id: str = ""
    instantiation_level: str = ""
    scale_levels: dict[str, int] = {}
    min_instances: int = 1
    max_instances: int = 1
    version_dependencies: tuple[VersionDependency, ...] = ()
    links: dict[str, str] = {}


class PnfProfile(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A constituent physical network function."""

    id: str
    pnfd_id: str
    invariant_id: str = ""
    name: str = ""
    provider: str = ""
    version: str = ""
    description: str = ""
    links: dict[str, str] = {}


class NsLevel(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A named size of the network service, or a step of a scaling aspect."""

    id: str
    description: str = ""
    vnf_instances: dict[str, int] = {}
    """Instances per VNF profile; a profile that is not named keeps its minimum."""
    nested_instances: dict[str, int] = {}
    """Instances per nested network service; one that is not named keeps its minimum."""
    link_bitrates: dict[str, Bitrate] = {}
    """Bit rate per NS virtual link."""


class NsScalingAspect(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A way in which the network service scales."""

    id: str
    name: str = ""
    description: str = ""
    levels: tuple[NsLevel, ...] = ()
    """Level 0, 1, 2 ..."""


class AutoScaleRule(Model, frozen=True, kw_only=True, omit_defaults=True):
    """When the network service scales by itself (a trigger of NsAutoScale)."""

    id: str
    """Policy and trigger, as ``policy/trigger``."""
    event: str = ""
    condition: Any = None
    """On indicators and monitoring parameters, as the descriptor has it."""
    action: Any = None
    """What to do, with its inputs (aspect, steps, direction, level), as the descriptor has it."""


class NsFlavour(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A deployment flavour of the network service."""

    id: str
    description: str = ""
    vnf_profiles: dict[str, VnfProfile] = {}
    nested: dict[str, NestedNs] = {}
    pnfs: dict[str, PnfProfile] = {}
    virtual_links: dict[str, VirtualLink] = {}
    saps: dict[str, Sap] = {}
    levels: dict[str, NsLevel] = {}
    default_level: str = ""
    aspects: dict[str, NsScalingAspect] = {}
    affinity_rules: tuple[AffinityRule, ...] = ()
    security_group_rules: tuple[SecurityGroupRule, ...] = ()
    forwarding_graphs: dict[str, ForwardingGraph] = {}
    forwarding_paths: dict[str, ForwardingPath] = {}
    forwarding_relays: dict[str, ForwardingRelay] = {}
    auto_scale_rules: tuple[AutoScaleRule, ...] = ()
    monitoring_parameters: dict[str, MonitoringParameter] = {}
    """Of the network service as a whole (NsMonitoring)."""
    indicators: tuple[Indicator, ...] = ()
    """VNF indicators that the network service watches."""
    scripts: tuple[LcmOperationScript, ...] = ()
    service_availability_level: int = 0
    priority: int = 0

    def vnf_instances(self, level: str = "") -> dict[str, int]:
        """Return the number of instances per VNF profile at a level; profiles it leaves out have their minimum."""
        named = self.levels.get(level or self.default_level)
        counts = {profile.id: profile.min_instances for profile in self.vnf_profiles.values()}
        return counts | (named.vnf_instances if named else {})

    def nested_instances(self, level: str = "") -> dict[str, int]:
        """Return the number of instances per nested network service at a level, as for VNFs."""
        named = self.levels.get(level or self.default_level)
        counts = {nested.id: nested.min_instances for nested in self.nested.values()}
        return counts | (named.nested_instances if named else {})


class Nsd(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A network service descriptor."""

    id: str
    """descriptor_id."""
    invariant_id: str = ""
    designer: str = ""
    version: str = ""
    name: str = ""
    sol001_version: str = ""
    default_flavour: str = ""
    flavours: dict[str, NsFlavour] = {}
    ext_invariant_id: str = ""
