"""What a consumer of the VNF lifecycle management interface asks for (SOL003 clause 5.5.2)."""

from __future__ import annotations

import enum

import msgspec

from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.general import KeyValuePairs, ScaleInfo, Sol003Type, VimConnectionInfo
from vnfm.sol003.instances import VnfOperationalState
from vnfm.sol003.operation_occurrences import VnfcInfoModifications


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


class StopType(enum.StrEnum):
    """Whether guests are given time to shut down."""

    FORCEFUL = "FORCEFUL"
    GRACEFUL = "GRACEFUL"


class OperateVnfRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask to start or stop the VNF, or some of its VNFCs (SOL003 clause 5.5.2.10, SOL002 clause 5.5.2.10)."""

    change_state_to: VnfOperationalState
    vnfc_instance_id: tuple[str, ...] = ()
    """SOL002's way to name VNFCs, which ``additionalParams`` may have as well; none: the whole VNF."""
    stop_type: StopType | None = None
    """When stopping only; None: FORCEFUL."""
    graceful_stop_timeout: int | None = None
    """Seconds that guests may take to shut down; for GRACEFUL, and only then."""
    additional_params: KeyValuePairs = {}


class HealVnfRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for VNFCs to be made anew (SOL003 clause 5.5.2.9, SOL002 clause 5.5.2.9)."""

    vnfc_instance_id: tuple[str, ...] = ()
    """SOL002's way to name VNFCs, which ``additionalParams`` may have as well; none: the whole VNF."""
    cause: str | None = None
    additional_params: KeyValuePairs = {}
    """``vnfcInstanceId``, and ``all``: true for their storages as well."""
    heal_script: str | None = None
    """SOL002's link to a script; refused, for what is run comes with the VNF package."""


class ChangeVnfFlavourRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for another deployment flavour (SOL003 clause 5.5.2.7)."""

    new_flavour_id: str
    instantiation_level_id: str | None = None
    """None: the new flavour's default level."""
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    """Those that change."""
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    additional_params: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vnf_configurable_properties: KeyValuePairs = {}


class ChangeExtVnfConnectivityRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for other external connectivity (SOL003 clause 5.5.2.11)."""

    ext_virtual_links: tuple[ExtVirtualLinkData, ...]
    """Those that change."""
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    additional_params: KeyValuePairs = {}


class ChangeCurrentVnfPkgRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for another VNF package to be what the VNF is made from (SOL003 clause 5.5.2.11a)."""

    vnfd_id: str
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    """Those that change."""
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    additional_params: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vnf_configurable_properties: KeyValuePairs = {}


class VnfInfoModificationRequest(Sol003Type, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for attributes of the instance to be changed, as a merge patch: null removes (SOL003 clause 5.5.2.12).

    Others of the instance are refused: passed over, a patch of them would say that they were changed.
    """

    vnf_instance_name: str | msgspec.UnsetType | None = msgspec.UNSET
    vnf_instance_description: str | msgspec.UnsetType | None = msgspec.UNSET
    vnf_configurable_properties: KeyValuePairs = {}
    metadata: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vim_connection_info: dict[str, VimConnectionInfo | None] = {}
    vnfd_id: str | None = None
    """Refused, like the next one: it is not changed in this way, and passing it over would say that it was."""
    vnf_pkg_id: str | None = None
    vnfc_info_modifications: tuple[VnfcInfoModifications, ...] = ()
    """SOL002's."""
