"""External and externally managed virtual links, and the addresses of connection points (SOL003 clause 4.4.1)."""

from __future__ import annotations

import enum

from vnfm.sol003.general import KeyValuePairs, ResourceHandle, Sol003Type


class IpAddressType(enum.StrEnum):
    """Version of an IP address."""

    IPV4 = "IPV4"
    IPV6 = "IPV6"


class LayerProtocol(enum.StrEnum):
    """What a connection point speaks; this release has one value."""

    IP_OVER_ETHERNET = "IP_OVER_ETHERNET"


class IpAddressRange(Sol003Type, frozen=True, kw_only=True):
    """Addresses from one to another, both included."""

    min_address: str
    max_address: str


class IpAddressData(Sol003Type, frozen=True, kw_only=True):
    """Addresses asked for on one subnet: fixed ones, a number of dynamic ones, or a range (clause 4.4.1.10c)."""

    type: IpAddressType
    fixed_addresses: tuple[str, ...] = ()
    num_dynamic_addresses: int | None = None
    address_range: IpAddressRange | None = None
    subnet_id: str | None = None
    """Subnet by its identifier on the VIM."""


class IpOverEthernetAddressData(Sol003Type, frozen=True, kw_only=True):
    """Addresses asked for (SOL003 clause 4.4.1.10c)."""

    mac_address: str | None = None
    segmentation_type: str | None = None
    segmentation_id: str | None = None
    ip_addresses: tuple[IpAddressData, ...] = ()


class CpProtocolData(Sol003Type, frozen=True, kw_only=True):
    """Protocol settings asked for (SOL003 clause 4.4.1.10b)."""

    layer_protocol: LayerProtocol
    ip_over_ethernet: IpOverEthernetAddressData | None = None


class VnfExtCpConfig(Sol003Type, frozen=True, kw_only=True):
    """How one instance of an external connection point is attached (SOL003 clause 4.4.1.10a)."""

    parent_cp_config_id: str | None = None
    link_port_id: str | None = None
    """A link port that exists already, by the identifier of an entry in ``extLinkPorts``."""
    create_ext_link_port: bool | None = None
    cp_protocol_data: tuple[CpProtocolData, ...] = ()


class VnfExtCpData(Sol003Type, frozen=True, kw_only=True):
    """How the instances of one external connection point are attached (SOL003 clause 4.4.1.10)."""

    cpd_id: str
    cp_config: dict[str, VnfExtCpConfig | None] = {}
    """One entry for each instance, in the order in which instances are created; null removes an entry."""


class ExtLinkPortData(Sol003Type, frozen=True, kw_only=True):
    """A link port made beforehand (SOL003 clause 4.4.1.13)."""

    id: str
    resource_handle: ResourceHandle
    trunk_resource_id: str | None = None


class ExtVirtualLinkData(Sol003Type, frozen=True, kw_only=True):
    """A virtual link outside the VNF that it is to be attached to (SOL003 clause 4.4.1.11)."""

    id: str
    vim_connection_id: str | None = None
    resource_provider_id: str | None = None
    resource_id: str
    """The network on the VIM."""
    ext_cps: tuple[VnfExtCpData, ...]
    ext_link_ports: tuple[ExtLinkPortData, ...] = ()


class VnfLinkPortData(Sol003Type, frozen=True, kw_only=True):
    """A link port on an externally managed virtual link (SOL003 clause 4.4.1.12b)."""

    vnf_link_port_id: str
    resource_handle: ResourceHandle


class ExtManagedVirtualLinkData(Sol003Type, frozen=True, kw_only=True):
    """An internal virtual link that somebody else provides (SOL003 clause 4.4.1.12)."""

    id: str
    vnf_virtual_link_desc_id: str
    vim_connection_id: str | None = None
    resource_provider_id: str | None = None
    resource_id: str
    """The network on the VIM."""
    vnf_link_port: tuple[VnfLinkPortData, ...] = ()
    ext_managed_multisite_virtual_link_id: str | None = None


class IpAddressInfo(Sol003Type, frozen=True, kw_only=True):
    """Addresses that a connection point has on one subnet (SOL003 clause 5.5.3.10)."""

    type: IpAddressType
    addresses: tuple[str, ...] = ()
    is_dynamic: bool | None = None
    address_range: IpAddressRange | None = None
    subnet_id: str | None = None


class IpOverEthernetAddressInfo(Sol003Type, frozen=True, kw_only=True):
    """Addresses that a connection point has (SOL003 clause 5.5.3.10)."""

    mac_address: str | None = None
    segmentation_id: str | None = None
    ip_addresses: tuple[IpAddressInfo, ...] = ()


class CpProtocolInfo(Sol003Type, frozen=True, kw_only=True):
    """Protocol settings that a connection point has (SOL003 clause 5.5.3.9b)."""

    layer_protocol: LayerProtocol
    ip_over_ethernet: IpOverEthernetAddressInfo | None = None


class VnfExtCpInfo(Sol003Type, frozen=True, kw_only=True):
    """An external connection point that exists (SOL003 clause 5.5.3.25)."""

    id: str
    cpd_id: str
    cp_config_id: str
    """Key of the ``cpConfig`` entry that it was made from."""
    vnfd_id: str | None = None
    cp_protocol_info: tuple[CpProtocolInfo, ...]
    ext_link_port_id: str | None = None
    metadata: KeyValuePairs = {}
    associated_vnfc_cp_id: str | None = None
    associated_vip_cp_id: str | None = None
    associated_vnf_virtual_link_id: str | None = None


class VipCpInfo(Sol003Type, frozen=True, kw_only=True):
    """A virtual connection point: an address that several VNFC connection points share (SOL003 clause 5.5.3.9c)."""

    cp_instance_id: str
    cpd_id: str
    vnfd_id: str | None = None
    vnf_ext_cp_id: str | None = None
    """The external connection point that it is exposed as."""
    cp_protocol_info: tuple[CpProtocolInfo, ...] = ()
    associated_vnfc_cp_ids: tuple[str, ...] = ()
    """Who shares it."""
    vnf_link_port_id: str | None = None
    metadata: KeyValuePairs = {}


class ExtLinkPortInfo(Sol003Type, frozen=True, kw_only=True):
    """A port on an external virtual link (SOL003 clause 5.5.3.9)."""

    id: str
    resource_handle: ResourceHandle
    cp_instance_id: str | None = None
    secondary_cp_instance_id: str | None = None
    trunk_resource_id: str | None = None


class ExtVirtualLinkInfo(Sol003Type, frozen=True, kw_only=True):
    """An external virtual link that the VNF is attached to (SOL003 clause 5.5.3.2)."""

    id: str
    resource_handle: ResourceHandle
    ext_link_ports: tuple[ExtLinkPortInfo, ...] = ()
    current_vnf_ext_cp_data: tuple[VnfExtCpData, ...]


class CpInstanceType(enum.StrEnum):
    """What kind of connection point a link port serves."""

    VNFC_CP = "VNFC_CP"
    EXT_CP = "EXT_CP"


class VnfLinkPortInfo(Sol003Type, frozen=True, kw_only=True):
    """A port on an internal virtual link (SOL003 clause 5.5.3.8)."""

    id: str
    resource_handle: ResourceHandle
    cp_instance_id: str | None = None
    cp_instance_type: CpInstanceType | None = None
    vip_cp_instance_id: str | None = None
    trunk_resource_id: str | None = None


class ExtManagedVirtualLinkInfo(Sol003Type, frozen=True, kw_only=True):
    """An internal virtual link that somebody else provides, as it is used (SOL003 clause 5.5.3.3)."""

    id: str
    vnf_virtual_link_desc_id: str
    vnfd_id: str | None = None
    network_resource: ResourceHandle
    vnf_link_ports: tuple[VnfLinkPortInfo, ...] = ()
    ext_managed_multisite_virtual_link_id: str | None = None
