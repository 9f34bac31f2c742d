"""Connection points and virtual links, of VNFs, PNFs and network services."""

from __future__ import annotations

from typing import Any

from descriptors.model.record import Model
from descriptors.model.resources import MonitoringParameter


class AddressRequest(Model, frozen=True, kw_only=True, omit_defaults=True):
    """How one address of a connection point is given (CpProtocolData)."""

    layer_protocol: str = "ipv4"
    ip_version: int = 4
    assigned_by_management: bool = False
    floating: bool = False
    count: int = 1
    fixed: tuple[str, ...] = ()
    """Addresses that the VNFD itself gives."""
    assignment: str = ""
    """How management assigns it, where the VNFD says so: dynamic, static or the like."""


class InterfaceRequirement(Model, frozen=True, kw_only=True, omit_defaults=True):
    """What a connection point asks of the virtual network interface: SR-IOV, acceleration, queues ..."""

    name: str = ""
    description: str = ""
    mandatory: bool = True
    requirements: dict[str, str] = {}
    logical_node: dict[str, str] = {}
    """Requirements on the hypervisor's node that the interface belongs to."""


class ServicePort(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A port that a virtual connection point serves."""

    name: str
    protocol: str = "TCP"
    port: int = 0
    configurable: bool = False


class ConnectionPoint(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Where a VDU, or the VNF itself, attaches to a virtual link."""

    id: str
    kind: str = "VDU"
    """VDU (VduCp), EXTERNAL (VnfExtCp of its own) or VIRTUAL (VipCp, VirtualCp)."""
    vdu: str = ""
    """The VDU that a VDU connection point belongs to."""
    internal_link: str = ""
    """The internal virtual link that it attaches to; empty when it attaches to an external one, or to none."""
    order: int = 0
    layer_protocols: tuple[str, ...] = ("ipv4",)
    role: str = ""
    description: str = ""
    trunk: bool = False
    addresses: tuple[AddressRequest, ...] = ()
    vnic_type: str = "normal"
    type: str = "VduCp"
    """VduCp, VduSubCp, VnfExtCp, VipCp, VirtualCp or PnfExtCp: the last part of the SOL001 type's name."""
    mac_assigned_by_management: bool = False
    bitrate_bps: int = 0
    """Bit rate that is asked for, in bits per second; 0: none."""
    interface_requirements: tuple[InterfaceRequirement, ...] = ()
    trunk_point: str = ""
    """Of a VduSubCp: the VduCp whose trunk carries it."""
    segmentation_type: str = ""
    """Of a VduSubCp: how it is told apart on the trunk (VLAN, INHERIT)."""
    segmentation_id: int = 0
    targets: tuple[str, ...] = ()
    """Of a VipCp the connection points that share its address; of a VirtualCp the deployable units that it leads to."""
    vip_function: str = ""
    """Of a VipCp: high_availability or load_balance."""
    dedicated_ip_address: bool = True
    """Of a VipCp: whether the address is its own, and not one that a target has, too."""
    address_pool_name_configurable: bool = False
    service_ports: tuple[ServicePort, ...] = ()
    ip_stack_mode: str = ""
    security_groups: tuple[str, ...] = ()
    """Names of the VNFD's security group policies whose targets include it."""

    @property
    def floating(self) -> bool:
        """Whether it asks to be reached from the network outside under an address that is not its port's."""
        return any(request.floating for request in self.addresses)


class ExternalConnectionPoint(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A connection point that the VNF shows to the outside (the VNFD's vnfExtCpd; SOL003 calls its id cpdId)."""

    id: str
    """Name by which requests address it: of the VnfExtCp, or of the VDU connection point that is exposed."""
    connection_point: str
    """The ConnectionPoint behind it; equal to ``id`` when a VduCp is exposed directly."""
    requirement: str = ""
    """Name of the VNF node's requirement (virtual_link_external ...) that an NSD binds to a virtual link."""


class L3Protocol(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A subnet of a virtual link."""

    ip_version: int = 4
    cidr: str = ""
    gateway: str = ""
    dhcp: bool = True
    name: str = ""
    pools: tuple[tuple[str, str], ...] = ()
    ipv6_address_mode: str = ""


class L2Protocol(Model, frozen=True, kw_only=True, omit_defaults=True):
    """The segment of a virtual link."""

    name: str = ""
    network_type: str = ""
    vlan_transparent: bool = False
    mtu: int = 0
    segmentation_id: str = ""


class Bitrate(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Bit rates of a virtual link, or what a scaling step adds to them."""

    root_bps: int = 0
    """Bits per second of the whole link (of its root, in a tree)."""
    leaf_bps: int = 0
    """Bits per second of one leaf."""

    def plus(self, other: Bitrate) -> Bitrate:
        """Return the sum."""
        return Bitrate(root_bps=self.root_bps + other.root_bps, leaf_bps=self.leaf_bps + other.leaf_bps)


class LinkQuality(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Quality of service that a virtual link asks for."""

    latency_seconds: float = 0.0
    packet_delay_variation_seconds: float = 0.0
    packet_loss_ratio: float = 0.0
    priority: int = 0


class VirtualLink(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A virtual link inside a VNF (VnfVirtualLink) or of a network service (NsVirtualLink)."""

    id: str
    description: str = ""
    layer_protocols: tuple[str, ...] = ("ipv4",)
    flow_pattern: str = ""
    l2: L2Protocol | None = None
    l3: tuple[L3Protocol, ...] = ()
    max_bitrate_root: int = 0
    """Bits per second."""
    max_bitrate_leaf: int = 0
    min_bitrate_root: int = 0
    min_bitrate_leaf: int = 0
    quality: LinkQuality | None = None
    externally_managed: str = ""
    """Whether the link is or may be managed from outside, where the VNFD says so: required or allowed."""
    test_access: tuple[str, ...] = ()
    monitoring_parameters: dict[str, MonitoringParameter] = {}
    service_availability_level: int = 0
    mirroring_jobs: tuple[str, ...] = ()
    """Names of the data flow mirroring jobs that an NSD plans on the link."""


class SupportedInterface(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A management interface that the VNF offers, and the connection points where it does."""

    name: str
    targets: tuple[str, ...] = ()
    details: dict[str, Any] = {}
    """Components of its address and data of its own, as the VNFD has them."""
