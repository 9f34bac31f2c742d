"""A session border controller built by hand, with everything of SOL001 that a VIM is asked for."""

from __future__ import annotations

import msgspec
from vnfm_examples import CIRROS, GIB

from descriptors.model.vnfd import (
    AddressRequest,
    AffinityRule,
    Bitrate,
    ConnectionPoint,
    CpuPinning,
    ExternalConnectionPoint,
    Flavour,
    HugePages,
    InstantiationLevel,
    InterfaceRequirement,
    L3Protocol,
    LogicalNode,
    MonitoringParameter,
    ScalingAspect,
    Vdu,
    VirtualLink,
    VirtualStorage,
    Vnfd,
)
from vnfm.sol003.connectivity import (
    CpProtocolData,
    ExtVirtualLinkData,
    IpAddressData,
    IpAddressRange,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
    VnfExtCpData,
)

MBPS = 10**6

MEDIA = Vdu(
    id="media",
    name="Media plane",
    vcpus=4,
    memory_bytes=4 * GIB,
    image=CIRROS,
    storages=("scratch", "recordings", "archive"),
    huge_pages=(HugePages(page_bytes=GIB), HugePages(page_bytes=2**21)),
    numa=True,
    cpu_pinning=CpuPinning(policy="static", rules=("isolate",)),
    cpu_requirements={"hw:cpu_realtime": "no"},
    requested_flavour="m1.fast",
    requested_capabilities={"m1.fast": {"ignored": "1"}, "crypto": {"trait:HW_CRYPTO": "required"}},
    logical_nodes=(LogicalNode(id="node", requirements={"hw:cpu_realtime": "yes"}),),
    max_instances=4,
    monitoring_parameters={"cpu": MonitoringParameter(id="cpu", name="CPU", performance_metric="VcpuUsageMeanVnf")},
)
CONTROL = Vdu(id="control", name="Control plane", memory_bytes=GIB, image=CIRROS, storages=("recordings",))

FULL = Flavour(
    id="full",
    vdus={"media": MEDIA, "control": CONTROL},
    storages={
        "scratch": VirtualStorage(id="scratch", size_bytes=GIB, rdma=True, requirements={"iops": "high"}),
        "recordings": VirtualStorage(
            id="recordings", type="FILE", size_bytes=5 * GIB, per_vnfc=False, file_system_link="inside"
        ),
        "archive": VirtualStorage(id="archive", type="OBJECT", size_bytes=9 * GIB),
    },
    connection_points={
        point.id: point
        for point in (
            ConnectionPoint(
                id="mgmt",
                vdu="media",
                order=0,
                internal_link="inside",
                bitrate_bps=2 * MBPS,
                addresses=(AddressRequest(floating=True),),
            ),
            ConnectionPoint(
                id="access",
                vdu="media",
                order=1,
                trunk=True,
                vnic_type="direct",
                interface_requirements=(InterfaceRequirement(logical_node={"trait:NIC_SRIOV": "required"}),),
            ),
            ConnectionPoint(
                id="signalling",
                type="VduSubCp",
                vdu="media",
                order=0,
                trunk_point="access",
                internal_link="inside",
                segmentation_type="VLAN",
                segmentation_id=101,
                addresses=(AddressRequest(count=2),),
            ),
            ConnectionPoint(id="voice", type="VduSubCp", vdu="media", order=1, trunk_point="access"),
            ConnectionPoint(
                id="control-in",
                vdu="control",
                internal_link="inside",
                layer_protocols=("ipv4", "ipv6"),
                addresses=(AddressRequest(fixed=("10.9.0.50",)), AddressRequest(ip_version=6)),
            ),
            ConnectionPoint(
                id="shared-inside", type="VipCp", kind="VIRTUAL", internal_link="inside", targets=("mgmt", "control-in")
            ),
            ConnectionPoint(id="shared-outside", type="VipCp", kind="VIRTUAL", targets=("voice",)),
            ConnectionPoint(id="door", type="VnfExtCp", kind="EXTERNAL", internal_link="inside"),
            ConnectionPoint(id="gate", type="VnfExtCp", kind="EXTERNAL", internal_link="inside"),
            ConnectionPoint(id="service", type="VirtualCp", kind="VIRTUAL", targets=("pods",)),
        )
    },
    external_connection_points={
        name: ExternalConnectionPoint(id=name, connection_point=name)
        for name in ("access", "voice", "shared-outside", "door", "gate")
    },
    virtual_links={
        "inside": VirtualLink(
            id="inside",
            max_bitrate_root=100 * MBPS,
            max_bitrate_leaf=80 * MBPS,
            min_bitrate_leaf=1 * MBPS,
            l3=(
                L3Protocol(cidr="10.9.0.0/24"),
                L3Protocol(ip_version=6, cidr="fd00:9::/64", ipv6_address_mode="DHCPv6-stateful", dhcp=True),
            ),
            monitoring_parameters={"rate": MonitoringParameter(id="rate", performance_metric="ByteIncomingVnfIntCp")},
        )
    },
    initial_instances={"media": 1, "control": 1},
    initial_link_bitrates={"inside": Bitrate(root_bps=20 * MBPS)},
    aspects={
        "calls": ScalingAspect(
            id="calls",
            max_level=3,
            steps={"media": (1, 1, 1)},
            link_bitrates={"inside": (Bitrate(root_bps=10 * MBPS), Bitrate(root_bps=90 * MBPS), Bitrate())},
            virtual_point_steps={"shared-inside": (0, 1, 0)},
        )
    },
    levels={"one": InstantiationLevel(id="one"), "two": InstantiationLevel(id="two", scale_levels={"calls": 1})},
    default_level="one",
    affinity_rules=(
        AffinityRule(id="apart", anti=True, scope="nfvi_node", targets=("media",)),
        AffinityRule(id="both", anti=False, scope="zone", targets=("media", "control", "inside")),
    ),
    monitoring_parameters={"calls": MonitoringParameter(id="calls", performance_metric="calls")},
)
BIGGER = msgspec.structs.replace(
    FULL,
    id="bigger",
    vdus={"media": msgspec.structs.replace(MEDIA, vcpus=8), "control": CONTROL},
    virtual_links={
        "inside": msgspec.structs.replace(FULL.virtual_links["inside"], max_bitrate_leaf=200 * MBPS, max_bitrate_root=0)
    },
)
"""The same with a larger media plane and a faster link."""

BORDER = Vnfd(
    id="0f3b6a0e-6e6b-4b2f-8f7e-1f2f3a4b5c6d",
    provider="Example",
    product_name="Session border controller",
    software_version="1.0",
    version="1.0",
    default_flavour="full",
    flavours={"full": FULL, "bigger": BIGGER},
)


def attached(network: str, vim: str = "vim-1") -> ExtVirtualLinkData:
    """Return the external link that its access, its voice and the address that voice shares are on."""
    return ExtVirtualLinkData(
        id="outside",
        vim_connection_id=vim,
        resource_id=network,
        ext_cps=(
            VnfExtCpData(
                cpd_id="access",
                cp_config={"access": _config(IpAddressData(type=IpAddressType.IPV4, num_dynamic_addresses=1))},
            ),
            VnfExtCpData(
                cpd_id="voice",
                cp_config={
                    f"voice-{number}": _config(
                        IpAddressData(
                            type=IpAddressType.IPV4,
                            address_range=IpAddressRange(
                                min_address=f"10.0.0.{16 * number + 64}", max_address=f"10.0.0.{16 * number + 67}"
                            ),
                        ),
                        segment=str(200 + number),
                    )
                    for number in range(4)
                },
            ),
            VnfExtCpData(
                cpd_id="shared-outside",
                cp_config={"shared": _config(IpAddressData(type=IpAddressType.IPV4, fixed_addresses=("10.0.0.200",)))},
            ),
        ),
    )


def exposed(link: ExtVirtualLinkData) -> ExtVirtualLinkData:
    """Return the external link with both connection points on it that expose the link inside."""
    door = _config(IpAddressData(type=IpAddressType.IPV4, fixed_addresses=("10.0.0.210",)))
    points = (VnfExtCpData(cpd_id="door", cp_config={"door": door}), VnfExtCpData(cpd_id="gate"))
    return msgspec.structs.replace(link, ext_cps=(*link.ext_cps, *points))


def _config(*addresses: IpAddressData, segment: str | None = None) -> VnfExtCpConfig:
    data = IpOverEthernetAddressData(ip_addresses=addresses, segmentation_id=segment)
    protocol = CpProtocolData(layer_protocol=LayerProtocol.IP_OVER_ETHERNET, ip_over_ethernet=data)
    return VnfExtCpConfig(cp_protocol_data=(protocol,))
