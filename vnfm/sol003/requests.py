"""What a consumer of the VNF lifecycle management interface asks for (SOL003 clause 5.5.2)."""

from __future__ import annotations

import enum

from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.general import KeyValuePairs, ScaleInfo, Sol003Type, VimConnectionInfo


class CreateVnfRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for the record of a VNF instance (SOL003 clause 5.5.2.3)."""

    vnfd_id: str
    vnf_instance_name: str | None = None
    vnf_instance_description: str | None = None
    metadata: KeyValuePairs = {}


class InstantiateVnfRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for a VNF instance's resources (SOL003 clause 5.5.2.4)."""

    flavour_id: str
    instantiation_level_id: str | None = None
    """None: the flavour's default level."""
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    localization_language: str | None = None
    additional_params: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vnf_configurable_properties: KeyValuePairs = {}


class ScaleType(enum.StrEnum):
    """Which way to scale."""

    SCALE_OUT = "SCALE_OUT"
    SCALE_IN = "SCALE_IN"


class ScaleVnfRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for more or fewer instances along one aspect (SOL003 clause 5.5.2.5)."""

    type: ScaleType
    aspect_id: str
    number_of_steps: int | None = None
    """None: 1."""
    additional_params: KeyValuePairs = {}


class ScaleVnfToLevelRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for a size, by a level's name or aspect by aspect: exactly one of the two (SOL003 clause 5.5.2.6)."""

    instantiation_level_id: str | None = None
    scale_info: tuple[ScaleInfo, ...] = ()
    additional_params: KeyValuePairs = {}


class TerminationType(enum.StrEnum):
    """Whether traffic is given time to leave."""

    FORCEFUL = "FORCEFUL"
    GRACEFUL = "GRACEFUL"


class TerminateVnfRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for the removal of all resources (SOL003 clause 5.5.2.8)."""

    termination_type: TerminationType
    graceful_termination_timeout: int | None = None
    """Seconds that taking the VNF out of service may last."""
    additional_params: KeyValuePairs = {}
