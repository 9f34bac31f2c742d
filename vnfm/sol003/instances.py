"""A VNF instance and what it is made of (SOL003 clauses 5.5.2.2 and 5.5.3)."""

from __future__ import annotations

import enum

import msgspec

from vnfm.sol003.connectivity import (
    CpProtocolInfo,
    ExtManagedVirtualLinkInfo,
    ExtVirtualLinkInfo,
    VipCpInfo,
    VnfExtCpInfo,
    VnfLinkPortInfo,
)
from vnfm.sol003.general import KeyValuePairs, Link, ResourceHandle, ScaleInfo, Sol003Type, VimConnectionInfo


class InstantiationState(enum.StrEnum):
    """Whether a VNF instance has resources."""

    NOT_INSTANTIATED = "NOT_INSTANTIATED"
    INSTANTIATED = "INSTANTIATED"


class VnfOperationalState(enum.StrEnum):
    """Whether the VNF, or one of its components, runs."""

    STARTED = "STARTED"
    STOPPED = "STOPPED"


class VnfcCpInfo(Sol003Type, frozen=True, kw_only=True):
    """A connection point of a VNF component (SOL003 clause 5.5.3.5)."""

    id: str
    cpd_id: str
    vnf_ext_cp_id: str | None = None
    """The external connection point that it is exposed as."""
    cp_protocol_info: tuple[CpProtocolInfo, ...] = ()
    vnf_link_port_id: str | None = None
    """The port on an internal virtual link."""
    parent_cp_id: str | None = None
    """The one whose port has the trunk that carries it."""
    metadata: KeyValuePairs = {}


class VnfcResourceInfo(Sol003Type, frozen=True, kw_only=True):
    """The server of a VNF component (SOL003 clause 5.5.3.5)."""

    id: str
    vdu_id: str
    vnfd_id: str | None = None
    compute_resource: ResourceHandle
    zone_id: str | None = None
    """As the VIM names it."""
    storage_resource_ids: tuple[str, ...] = ()
    reservation_id: str | None = None
    vnfc_cp_info: tuple[VnfcCpInfo, ...] = ()
    metadata: KeyValuePairs = {}


class VnfVirtualLinkResourceInfo(Sol003Type, frozen=True, kw_only=True):
    """The network of an internal virtual link (SOL003 clause 5.5.3.6)."""

    id: str
    vnf_virtual_link_desc_id: str
    vnfd_id: str | None = None
    network_resource: ResourceHandle
    zone_id: str | None = None
    reservation_id: str | None = None
    vnf_link_ports: tuple[VnfLinkPortInfo, ...] = ()
    metadata: KeyValuePairs = {}


class VirtualStorageResourceInfo(Sol003Type, frozen=True, kw_only=True):
    """The volume of a virtual storage (SOL003 clause 5.5.3.7)."""

    id: str
    virtual_storage_desc_id: str
    vnfd_id: str | None = None
    storage_resource: ResourceHandle
    zone_id: str | None = None
    reservation_id: str | None = None
    metadata: KeyValuePairs = {}


class MonitoringParameter(Sol003Type, frozen=True, kw_only=True):
    """What the VNFD names to be measured (SOL003 clause 5.5.3.6b)."""

    id: str
    vnfd_id: str | None = None
    name: str | None = None
    performance_metric: str


class VnfcInfo(Sol003Type, frozen=True, kw_only=True):
    """A VNF component, which may have lost what it runs on (SOL002 clause 5.5.3.22)."""

    id: str
    vdu_id: str
    vnfc_resource_info_id: str | None = None
    """None where it has no server."""
    vnfc_state: VnfOperationalState
    vnfc_configurable_properties: KeyValuePairs = {}


class InstantiatedVnfInfo(Sol003Type, frozen=True, kw_only=True):
    """What an instantiated VNF is made of (SOL003 clause 5.5.2.2)."""

    flavour_id: str
    vnf_state: VnfOperationalState
    scale_status: tuple[ScaleInfo, ...] = ()
    max_scale_levels: tuple[ScaleInfo, ...] = ()
    ext_cp_info: tuple[VnfExtCpInfo, ...]
    vip_cp_info: tuple[VipCpInfo, ...] = ()
    ext_virtual_link_info: tuple[ExtVirtualLinkInfo, ...] = ()
    ext_managed_virtual_link_info: tuple[ExtManagedVirtualLinkInfo, ...] = ()
    monitoring_parameters: tuple[MonitoringParameter, ...] = ()
    localization_language: str | None = None
    vnfc_resource_info: tuple[VnfcResourceInfo, ...] = ()
    vnf_virtual_link_resource_info: tuple[VnfVirtualLinkResourceInfo, ...] = ()
    virtual_storage_resource_info: tuple[VirtualStorageResourceInfo, ...] = ()
    vnfc_info: tuple[VnfcInfo, ...] = ()
    """SOL002's."""


class VnfInstanceLinks(Sol003Type, frozen=True, kw_only=True):
    """Where the instance is, and what can be asked of it in its state (SOL003 clause 5.5.2.2)."""

    self: Link
    instantiate: Link | None = None
    terminate: Link | None = None
    scale: Link | None = None
    scale_to_level: Link | None = None
    change_flavour: Link | None = None
    heal: Link | None = None
    operate: Link | None = None
    change_ext_conn: Link | None = None
    change_current_vnf_pkg: Link | None = None
    create_snapshot: Link | None = None
    revert_to_snapshot: Link | None = None


class VnfInstance(Sol003Type, frozen=True, kw_only=True):
    """A VNF instance (SOL003 clause 5.5.2.2)."""

    id: str
    vnf_instance_name: str | None = None
    vnf_instance_description: str | None = None
    vnfd_id: str
    vnf_provider: str
    vnf_product_name: str
    vnf_software_version: str
    vnfd_version: str
    vnf_configurable_properties: KeyValuePairs = {}
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    instantiation_state: InstantiationState
    instantiated_vnf_info: InstantiatedVnfInfo | None = None
    """Present when the state is INSTANTIATED."""
    metadata: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    links: VnfInstanceLinks | None = msgspec.field(default=None, name="_links")
    """Set on the REST interface; None in process, where nothing has a URI."""
