"""What a client asks of NS lifecycle management (SOL005 clause 6.5.2)."""

from __future__ import annotations

import enum
from typing import Any

from nfvo.sol005.general import KeyValuePairs, Sol005Type
from vnfm.sol003.connectivity import CpProtocolData
from vnfm.sol003.requests import TerminationType


class CreateNsRequest(Sol005Type, frozen=True, kw_only=True):
    """Ask for the record of an NS instance (SOL005 clause 6.5.2)."""

    nsd_id: str
    ns_name: str
    ns_description: str


class SapData(Sol005Type, frozen=True, kw_only=True):
    """How a service access point shall be made (SOL005 clause 6.5.3)."""

    sapd_id: str
    sap_name: str
    description: str
    sap_protocol_data: tuple[CpProtocolData, ...] = ()


class ParamsForVnf(Sol005Type, frozen=True, kw_only=True):
    """What the VNFs of one profile get besides what the NSD says (SOL005 clause 6.5.3)."""

    vnf_profile_id: str
    vnf_instance_name: str | None = None
    vnf_instance_description: str | None = None
    vnf_configurable_properties: KeyValuePairs = {}
    metadata: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    additional_params: KeyValuePairs = {}


class RuleKind(enum.StrEnum):
    """Together or apart."""

    AFFINITY = "AFFINITY"
    ANTI_AFFINITY = "ANTI_AFFINITY"


class RuleScope(enum.StrEnum):
    """The kind of place that a rule speaks of."""

    NFVI_POP = "NFVI_POP"
    ZONE = "ZONE"
    ZONE_GROUP = "ZONE_GROUP"
    NFVI_NODE = "NFVI_NODE"


class AffinityOrAntiAffinityRule(Sol005Type, frozen=True, kw_only=True):
    """VNFs that shall be placed together, or apart (SOL005 clause 6.5.3)."""

    vnfd_id: tuple[str, ...] = ()
    vnf_profile_id: tuple[str, ...] = ()
    vnf_instance_id: tuple[str, ...] = ()
    affinity_or_anti_affiinty: RuleKind
    """Spelt like this by the standard."""
    scope: RuleScope


class InstantiateNsRequest(Sol005Type, frozen=True, kw_only=True):
    """Ask for what a network service is made of (SOL005 clause 6.5.2)."""

    ns_flavour_id: str
    ns_instantiation_level_id: str | None = None
    """None: the flavour's default level."""
    sap_data: tuple[SapData, ...] = ()
    additional_params_for_vnf: tuple[ParamsForVnf, ...] = ()
    additional_params_for_ns: KeyValuePairs = {}
    addpnf_data: tuple[Any, ...] = ()
    vnf_instance_data: tuple[Any, ...] = ()
    nested_ns_instance_data: tuple[Any, ...] = ()
    location_constraints: tuple[Any, ...] = ()
    nested_ns_location_constraints: tuple[Any, ...] = ()
    additional_params_for_nested_ns: tuple[Any, ...] = ()
    wan_connection_data: tuple[Any, ...] = ()
    additional_affinity_or_anti_affinity_rule: tuple[AffinityOrAntiAffinityRule, ...] = ()
    start_time: str | None = None


class ScaleType(enum.StrEnum):
    """What is scaled."""

    SCALE_NS = "SCALE_NS"
    SCALE_VNF = "SCALE_VNF"


class ScalingDirection(enum.StrEnum):
    """More, or less."""

    SCALE_IN = "SCALE_IN"
    SCALE_OUT = "SCALE_OUT"


class ScaleNsByStepsData(Sol005Type, frozen=True, kw_only=True):
    """Scale along an aspect of the NSD (SOL005 clause 6.5.3)."""

    scaling_direction: ScalingDirection
    aspect_id: str
    number_of_steps: int = 1


class NsScaleInfo(Sol005Type, frozen=True, kw_only=True):
    """How far the NS is scaled in one aspect (SOL005 clause 6.5.3)."""

    ns_scaling_aspect_id: str
    ns_scale_level_id: str


class ScaleNsToLevelData(Sol005Type, frozen=True, kw_only=True):
    """Scale to a size: a level of the flavour, or aspect by aspect; exactly one (SOL005 clause 6.5.3)."""

    ns_instantiation_level: str | None = None
    ns_scale_info: tuple[NsScaleInfo, ...] = ()


class ScaleNsData(Sol005Type, frozen=True, kw_only=True):
    """How the NS is scaled (SOL005 clause 6.5.3)."""

    scale_ns_by_steps_data: ScaleNsByStepsData | None = None
    scale_ns_to_level_data: ScaleNsToLevelData | None = None
    vnf_instance_to_be_added: tuple[Any, ...] = ()
    vnf_instance_to_be_removed: tuple[str, ...] = ()
    additional_params_for_ns: KeyValuePairs = {}
    additional_params_for_vnf: tuple[ParamsForVnf, ...] = ()
    location_constraints: tuple[Any, ...] = ()
    nested_ns_location_constraints: tuple[Any, ...] = ()


class ScaleVnfType(enum.StrEnum):
    """How a VNF is scaled."""

    SCALE_OUT = "SCALE_OUT"
    SCALE_IN = "SCALE_IN"
    SCALE_TO_INSTANTIATION_LEVEL = "SCALE_TO_INSTANTIATION_LEVEL"
    SCALE_TO_SCALE_LEVELS = "SCALE_TO_SCALE_LEVEL(S)"
    """With its brackets, as the standard has it."""


class VnfScaleInfo(Sol005Type, frozen=True, kw_only=True):
    """How far a VNF is scaled in one aspect (SOL005 clause 6.5.3)."""

    aspect_id: str
    vnfd_id: str | None = None
    scale_level: int


class ScaleByStepData(Sol005Type, frozen=True, kw_only=True):
    """Scale a VNF along an aspect (SOL005 clause 6.5.3)."""

    aspect_id: str
    number_of_steps: int = 1
    additional_params: KeyValuePairs = {}


class ScaleToLevelData(Sol005Type, frozen=True, kw_only=True):
    """Scale a VNF to a size (SOL005 clause 6.5.3)."""

    vnf_instantiation_level_id: str | None = None
    vnf_scale_info: tuple[VnfScaleInfo, ...] = ()
    additional_params: KeyValuePairs = {}


class ScaleVnfData(Sol005Type, frozen=True, kw_only=True):
    """How one VNF of the NS is scaled (SOL005 clause 6.5.3)."""

    vnf_instance_id: str
    scale_vnf_type: ScaleVnfType
    scale_to_level_data: ScaleToLevelData | None = None
    scale_by_step_data: ScaleByStepData | None = None


class ScaleNsRequest(Sol005Type, frozen=True, kw_only=True):
    """Ask for another size of the NS, or of VNFs in it (SOL005 clause 6.5.2)."""

    scale_type: ScaleType
    scale_ns_data: ScaleNsData | None = None
    scale_vnf_data: tuple[ScaleVnfData, ...] = ()
    scale_time: str | None = None


class TerminateVnfData(Sol005Type, frozen=True, kw_only=True):
    """How one VNF is to end (SOL005 clause 6.5.3)."""

    vnf_instance_id: str
    termination_type: TerminationType | None = None
    """None: FORCEFUL."""
    graceful_termination_timeout: int | None = None
    """Seconds, of a GRACEFUL end."""
    additional_params: KeyValuePairs = {}


class TerminateNsRequest(Sol005Type, frozen=True, kw_only=True):
    """Ask for the end of everything that the NS is made of (SOL005 clause 6.5.2)."""

    termination_time: str | None = None
    terminate_ns_data: KeyValuePairs = {}
    terminate_vnf_data: tuple[TerminateVnfData, ...] = ()
