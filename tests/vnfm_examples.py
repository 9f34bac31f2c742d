"""A firewall VNF built by hand, with one of everything that a plan has to honour, and what goes with it."""

from __future__ import annotations

from typing import Any

import msgspec

from descriptors.model.vnfd import (
    AffinityRule,
    Artifact,
    ConnectionPoint,
    ExternalConnectionPoint,
    Flavour,
    InstantiationLevel,
    L2Protocol,
    L3Protocol,
    LogicalNode,
    ScalingAspect,
    SecurityGroupRule,
    SoftwareImage,
    Vdu,
    VirtualLink,
    VirtualStorage,
    Vnfd,
)
from mano_runtime.workflow.graph import Graph
from vim_adapters.resources import Kind
from vnfm.sol003.connectivity import (
    CpProtocolData,
    ExtLinkPortData,
    ExtVirtualLinkData,
    IpAddressData,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
    VnfExtCpData,
)
from vnfm.sol003.general import ResourceHandle, VimConnectionInfo
from vnfm.sol003.grants import Grant, GrantInfo, GrantRequest, ZoneInfo

GIB = 2**30
CIRROS = SoftwareImage(
    id="cirros",
    name="cirros-0.5.2-x86_64-disk",
    version="0.5.2",
    checksum_algorithm="sha-256",
    checksum="932fcae93574e242dc3d772d5235061747dfe537668443a1f0567d893614b464",
    min_disk_bytes=GIB // 2,
    min_ram_bytes=1,
    artifact=Artifact(name="cirros", file="Files/images/cirros.img", in_package=False),
)

FIREWALL_VDU = Vdu(
    id="firewall",
    name="Firewall",
    vcpus=2,
    memory_bytes=2**29 + 1,
    local_disk_bytes=3 * GIB + 1,
    image=CIRROS,
    storages=("log",),
    logical_nodes=(LogicalNode(id="pages", requirements={"hw:mem_page_size": "large"}),),
    boot_data="#cloud-config\n",
    requested_flavour="m1.fast",
    max_instances=4,
)
DATABASE_VDU = Vdu(id="database", name="Database", memory_bytes=2**28, storages=("scratch", "system"))

SIMPLE = Flavour(
    id="simple",
    vdus={vdu.id: vdu for vdu in (FIREWALL_VDU, DATABASE_VDU)},
    storages={
        "log": VirtualStorage(id="log", size_bytes=10 * GIB + 1),
        "scratch": VirtualStorage(id="scratch", size_bytes=GIB),
        "system": VirtualStorage(id="system", size_bytes=2 * GIB, image=CIRROS),
    },
    connection_points={
        cp.id: cp
        for cp in (
            ConnectionPoint(id="fw-out", vdu="firewall", order=1, security_groups=("web",), vnic_type="direct"),
            ConnectionPoint(id="fw-in", vdu="firewall", order=2, internal_link="inside"),
            ConnectionPoint(id="fw-mgmt", vdu="firewall", order=0),
            ConnectionPoint(id="db-in", vdu="database", internal_link="inside"),
        )
    },
    external_connection_points={
        "outside": ExternalConnectionPoint(id="outside", connection_point="fw-out"),
        "fw-mgmt": ExternalConnectionPoint(id="fw-mgmt", connection_point="fw-mgmt"),
    },
    virtual_links={
        "inside": VirtualLink(
            id="inside",
            l2=L2Protocol(mtu=1400),
            l3=(L3Protocol(cidr="192.168.7.0/24", gateway="192.168.7.1", pools=(("192.168.7.10", "192.168.7.99"),)),),
        ),
        "sync": VirtualLink(id="sync"),
        "raw": VirtualLink(id="raw", layer_protocols=("ethernet",)),
    },
    initial_instances={"firewall": 1, "database": 1},
    aspects={"throughput": ScalingAspect(id="throughput", max_level=2, steps={"firewall": (1, 2)})},
    levels={
        "small": InstantiationLevel(id="small"),
        "large": InstantiationLevel(id="large", scale_levels={"throughput": 1}),
    },
    default_level="small",
    affinity_rules=(
        AffinityRule(id="apart", anti=True, scope="nfvi_node", targets=("firewall",)),
        AffinityRule(id="same-zone", anti=False, scope="zone", targets=("firewall", "database")),
    ),
    security_group_rules=(
        SecurityGroupRule(id="web", description="HTTPS", port_min=443, port_max=443, targets=("fw-out",)),
        SecurityGroupRule(id="unused"),
    ),
)

FIREWALL = Vnfd(
    id="b1bb0ce7-ebca-4fa7-95ed-4840d70a1177",
    provider="Example",
    product_name="Firewall",
    software_version="1.0",
    version="1.0",
    default_flavour="simple",
    flavours={"simple": SIMPLE},
)

OUTSIDE = ExtVirtualLinkData(
    id="ns-link",
    vim_connection_id="vim-1",
    resource_id="net-outside",
    ext_cps=(
        VnfExtCpData(
            cpd_id="outside",
            cp_config={
                f"out-{index}": VnfExtCpConfig(
                    cp_protocol_data=(
                        CpProtocolData(
                            layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
                            ip_over_ethernet=IpOverEthernetAddressData(
                                ip_addresses=(
                                    IpAddressData(type=IpAddressType.IPV4, fixed_addresses=(f"10.0.0.{index + 10}",)),
                                )
                            ),
                        ),
                    )
                )
                for index in range(2)
            },
        ),
    ),
)


CACHE_VDU = Vdu(id="cache", name="Cache", memory_bytes=2**28, image=CIRROS)
LARGE = msgspec.structs.replace(
    SIMPLE,
    id="large",
    vdus={
        "firewall": msgspec.structs.replace(FIREWALL_VDU, vcpus=4),
        "database": DATABASE_VDU,
        "cache": CACHE_VDU,
    },
    initial_instances={"firewall": 1, "database": 1, "cache": 1},
    levels={
        "small": InstantiationLevel(id="small"),
        "wide": InstantiationLevel(id="wide", scale_levels={"throughput": 1}),
    },
)
"""The same with a firewall that has more processors, and with a cache."""

OWN = SoftwareImage(
    id="cirros",
    name="own",
    version="2",
    disk_format="raw",
    artifact=Artifact(name="own", file="Files/own.img"),
)
UPGRADED = msgspec.structs.replace(
    FIREWALL,
    id="firewall-2",
    software_version="2.0",
    version="2.0",
    flavours={
        "simple": msgspec.structs.replace(
            SIMPLE,
            vdus={"firewall": msgspec.structs.replace(FIREWALL_VDU, image=OWN), "cache": CACHE_VDU},
            initial_instances={"firewall": 1, "cache": 1},
            connection_points={name: cp for name, cp in SIMPLE.connection_points.items() if cp.vdu == "firewall"},
        )
    },
)
"""Another image for the firewall, the database gone, and a cache."""
CACHE_IMAGE = msgspec.structs.replace(CIRROS, id="cirros-of-cache")
UPGRADED.flavours["simple"].vdus["cache"] = msgspec.structs.replace(CACHE_VDU, image=CACHE_IMAGE)


def with_port(link: ExtVirtualLinkData = OUTSIDE) -> ExtVirtualLinkData:
    """Return the link with a port that was made beforehand for the first firewall."""
    port = ExtLinkPortData(id="given", resource_handle=ResourceHandle(resource_id="port-given"))
    data = VnfExtCpData(cpd_id="outside", cp_config={"out-0": VnfExtCpConfig(link_port_id="given")})
    return msgspec.structs.replace(link, ext_cps=(data,), ext_link_ports=(port,))


def created(graph: Graph, vim: str = "vim-1") -> Graph:
    """Return the graph as it is once a VIM has made everything in it."""
    return {
        path: msgspec.structs.replace(
            resource,
            target=vim,
            result={"id": f"id-of-{path}", "vim": vim, "kind": resource.kind, "state": "ready"} | _facts(resource.kind),
        )
        for path, resource in graph.items()
    }


def _facts(kind: str) -> dict[str, Any]:
    if kind == Kind.PORT:
        return {"mac_address": "fa:16:3e:00:00:01", "addresses": ["10.0.0.10", "fd00::10"]}
    if kind == Kind.FLOATING_ADDRESS:
        return {"address": "198.18.0.7"}
    return {"zone": "az1"} if kind == Kind.SERVER else {}


class Grants:
    """Grants everything on one VIM and in one zone, and remembers what it was asked."""

    def __init__(self, vim: str = "vim-1", zone: str = "az1") -> None:
        self.vim = vim
        self.zone = zone
        self.asked: list[GrantRequest] = []

    async def grant(self, request: GrantRequest) -> Grant:
        """Answer what ``answer`` says."""
        self.asked.append(request)
        return self.answer(request)

    def answer(self, request: GrantRequest) -> Grant:
        """Put everything that is new into the one zone of the one VIM."""
        return Grant(
            id=f"grant-of-{request.vnf_lcm_op_occ_id}",
            vnf_instance_id=request.vnf_instance_id,
            vnf_lcm_op_occ_id=request.vnf_lcm_op_occ_id,
            vim_connection_info={
                self.vim: VimConnectionInfo(vim_type="SIMULATED", access_info={"password": "secret"}),
            },
            zones=(ZoneInfo(id="z", zone_id=self.zone, vim_connection_id=self.vim),),
            add_resources=tuple(
                GrantInfo(
                    resource_definition_id=definition.id,
                    vim_connection_id=self.vim,
                    zone_id="z" if definition.type == "COMPUTE" else None,
                )
                for definition in request.add_resources
            ),
        )
