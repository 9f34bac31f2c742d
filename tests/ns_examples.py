"""A network service of three VNFs built by hand (router, scalable firewall, probe), and what goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import msgspec

from descriptors.model.nsd import Nsd, NsFlavour, NsLevel, NsScalingAspect, Sap, VnfProfile
from descriptors.model.vnfd import (
    AddressRequest,
    ConnectionPoint,
    ExternalConnectionPoint,
    Flavour,
    InstantiationLevel,
    L2Protocol,
    L3Protocol,
    ScalingAspect,
    SoftwareImage,
    Vdu,
    VirtualLink,
    Vnfd,
)
from nfvo.planning.desired_state import NsContext
from nfvo.sol005.ns_requests import InstantiateNsRequest
from vnfm.sol003.ports import NotOnboardedError

CIRROS = SoftwareImage(
    id="cirros",
    name="cirros-0.5.2-x86_64-disk",
    checksum_algorithm="sha-256",
    checksum="932fcae93574e242dc3d772d5235061747dfe537668443a1f0567d893614b464",
)


def vnfd(name: str, *points: str, scalable: bool = False) -> Vnfd:
    """Return a VNFD with one VDU that shows its connection points to the outside, as ``ext-<point>``."""
    flavour = Flavour(
        id="simple",
        vdus={"node": Vdu(id="node", name=name, vcpus=1, memory_bytes=2**28, image=CIRROS, max_instances=4)},
        connection_points={
            point: ConnectionPoint(id=point, vdu="node", order=number) for number, point in enumerate(points)
        },
        external_connection_points={
            f"ext-{point}": ExternalConnectionPoint(
                id=f"ext-{point}", connection_point=point, requirement=f"virtual_link_{point}"
            )
            for point in points
        },
        initial_instances={"node": 1},
        aspects={"capacity": ScalingAspect(id="capacity", max_level=3, steps={"node": (1, 1, 1)})} if scalable else {},
        levels={
            "small": InstantiationLevel(id="small", scale_levels={"capacity": 0} if scalable else {}),
            **({"large": InstantiationLevel(id="large", scale_levels={"capacity": 2})} if scalable else {}),
        },
        default_level="small",
    )
    return Vnfd(
        id=f"vnfd-{name}",
        provider="Example",
        product_name=name,
        software_version="1.0",
        version="1.0",
        default_flavour="simple",
        flavours={"simple": flavour},
    )


ROUTER = vnfd("router", "wan", "transit")
FIREWALL = vnfd("firewall", "outside", "inside", scalable=True)
PROBE = vnfd("probe", "tap")


def floating(of: Vnfd, external: str) -> Vnfd:
    """Return the VNFD with a floating address at one of its external connection points, in every flavour."""
    flavours = {}
    for name, flavour in of.flavours.items():
        behind = flavour.external_connection_points[external].connection_point
        point = msgspec.structs.replace(flavour.connection_points[behind], addresses=(AddressRequest(floating=True),))
        points = {**flavour.connection_points, behind: point}
        flavours[name] = msgspec.structs.replace(flavour, connection_points=points)
    return msgspec.structs.replace(of, flavours=flavours)


VNFDS = {it.id: it for it in (ROUTER, FIREWALL, PROBE)}

EDGE = NsFlavour(
    id="edge",
    vnf_profiles={
        "router": VnfProfile(
            id="router",
            vnfd_id=ROUTER.id,
            flavour_id="simple",
            instantiation_level="small",
            links={"virtual_link_wan": "wan", "virtual_link_transit": "transit"},
        ),
        "firewall": VnfProfile(
            id="firewall",
            vnfd_id=FIREWALL.id,
            flavour_id="simple",
            links={"virtual_link_outside": "transit", "virtual_link_inside": "lan"},
        ),
        "probe": VnfProfile(
            id="probe", vnfd_id=PROBE.id, min_instances=1, max_instances=3, links={"virtual_link_tap": "lan"}
        ),
    },
    virtual_links={
        "wan": VirtualLink(id="wan", l3=(L3Protocol(cidr="192.0.2.0/24", gateway="192.0.2.1"),)),
        "transit": VirtualLink(id="transit", l2=L2Protocol(mtu=1400)),
        "lan": VirtualLink(id="lan", layer_protocols=("ipv4", "ipv6")),
    },
    saps={"uplink": Sap(id="uplink", internal_link="wan")},
    levels={
        "small": NsLevel(id="small", vnf_instances={"router": 1, "firewall": 1, "probe": 1}),
        "large": NsLevel(id="large", vnf_instances={"router": 1, "firewall": 1, "probe": 2}),
    },
    default_level="small",
    aspects={
        "probes": NsScalingAspect(
            id="probes",
            levels=tuple(NsLevel(id=f"probes-{count}", vnf_instances={"probe": count}) for count in (1, 2, 3)),
        )
    },
)
NSD = Nsd(id="nsd-edge", name="Edge", version="1.0", default_flavour="edge", flavours={"edge": EDGE})
INPUTS = InstantiateNsRequest(ns_flavour_id="edge")
CONTEXT = NsContext(ns_id="ns-1", name="shop", nsd=NSD, vnfds=VNFDS, inputs=INPUTS, vim="vim-1")


def _onboarded(descriptors: Mapping[str, Any], id_: str) -> Any:
    if id_ not in descriptors:
        raise NotOnboardedError(id_)
    return descriptors[id_]


class Descriptors:
    """The catalogue, as far as network services need it, with everything onboarded and enabled."""

    def __init__(self, *nsds: Nsd, vnfds: dict[str, Vnfd] | None = None) -> None:
        self.nsds = {nsd.id: nsd for nsd in nsds or (NSD,)}
        self.vnfds = VNFDS if vnfds is None else vnfds
        self.disabled: set[str] = set()

    async def nsd(self, nsd_id: str) -> Nsd:
        return _onboarded(self.nsds, nsd_id)

    async def vnfd(self, vnfd_id: str) -> Vnfd:
        return _onboarded(self.vnfds, vnfd_id)

    async def package_enabled(self, vnfd_id: str) -> bool:
        return vnfd_id in self.vnfds

    async def package_id(self, vnfd_id: str) -> str:
        return f"package-of-{_onboarded(self.vnfds, vnfd_id).id}"

    async def artifact_file(self, vnfd_id: str, path: str) -> None:
        return None

    async def entry_of(self, kind: str, descriptor_id: str) -> SimpleNamespace:
        return SimpleNamespace(id=f"info-of-{_onboarded(self.nsds, descriptor_id).id}")

    async def enabled(self, kind: str, descriptor_id: str) -> bool:
        return descriptor_id not in self.disabled
