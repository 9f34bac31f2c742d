"""Specs: what can be asked of any VIM, in the words of no VIM in particular.

Every attribute that names another resource holds that resource's identifier on the VIM. Planners put references
there (``mano_runtime.workflow.graph.reference``), which are resolved before an adapter sees the spec. Amounts are in
the unit that the attribute's name ends with; GiB and MiB are powers of two.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec


class Kind(enum.StrEnum):
    """Kinds of virtualised resource."""

    QOS_POLICY = "qos_policy"
    NETWORK = "network"
    SUBNET = "subnet"
    PORT = "port"
    TRUNK = "trunk"
    ROUTER = "router"
    FLOATING_ADDRESS = "floating_address"
    SECURITY_GROUP = "security_group"
    IMAGE = "image"
    VOLUME = "volume"
    FILE_SHARE = "file_share"
    OBJECT_CONTAINER = "object_container"
    PLACEMENT_GROUP = "placement_group"
    SERVER = "server"
    SERVER_SNAPSHOT = "server_snapshot"
    VOLUME_SNAPSHOT = "volume_snapshot"


class _Spec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    name: str
    """Shown to people on the VIM; not unique, not an identity."""


class QosPolicySpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How much may, and at least can, pass a port. Both rates can be changed while ports are under the policy."""

    max_bps: int | None = None
    """Bits per second in each direction; what is above is dropped. None: no limit."""
    min_bps: int | None = None
    """Bits per second that the port can count on in each direction; None: none are kept free."""


class NetworkSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A layer 2 segment."""

    description: str = ""
    mtu: int | None = None
    vlan_transparent: bool = False
    provider_type: str | None = None
    """flat, vlan, vxlan, gre ...; None lets the VIM choose."""
    provider_segment: int | None = None
    provider_physical_network: str | None = None
    shared: bool = False
    qos_policy: str | None = None
    """Of every port that is under none of its own."""


class AllocationPool(msgspec.Struct, frozen=True, kw_only=True):
    """A range of addresses that the VIM may hand out, both ends included."""

    start: str
    end: str


class SubnetSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A range of layer 3 addresses on a network."""

    network: str
    ip_version: int = 4
    cidr: str
    gateway: str | None = None
    """None: the VIM chooses; empty string: no gateway."""
    dhcp: bool = True
    ipv6_address_mode: str | None = None
    """slaac, dhcpv6-stateful or dhcpv6-stateless."""
    dns_servers: tuple[str, ...] = ()
    allocation_pools: tuple[AllocationPool, ...] = ()


class FixedAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One address of a port; without ``address`` the VIM picks one from the subnet."""

    subnet: str | None = None
    address: str | None = None


class AddressPair(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A further address that traffic of a port may carry."""

    address: str
    mac_address: str | None = None


class PortSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A point of attachment to a network."""

    network: str
    fixed_addresses: tuple[FixedAddress, ...] = ()
    """Empty: the VIM assigns one address of each IP version that the network has."""
    mac_address: str | None = None
    security_groups: tuple[str, ...] = ()
    allowed_address_pairs: tuple[AddressPair, ...] = ()
    vnic_type: str = "normal"
    """normal, direct, macvtap, virtio-forwarder ..."""
    port_security: bool = True
    carries_addresses_of: tuple[str, ...] = ()
    """Ports whose addresses, besides its own, its traffic may carry: virtual addresses that several guests share."""
    qos_policy: str | None = None
    router: str | None = None
    """The router that it is an interface of, from its network to the router's subnets. It goes before the router."""


class SubPort(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A port whose traffic a trunk carries."""

    port: str
    segmentation_type: str = "vlan"
    """vlan; or inherit: type and identifier are those of the port's network."""
    segmentation_id: int | None = None


class TrunkSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Several ports that reach a server through one interface. It is made before its port is given to a server."""

    port: str
    """The one that the server gets."""
    sub_ports: tuple[SubPort, ...] = ()


class RouterSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A way from subnets to the network outside, which is the VIM's: its connection names it, or there is one only.

    And to the networks of the ports that are its interfaces.
    """

    subnets: tuple[str, ...]
    """Each with a gateway, whose address the router takes: a subnet is on one router."""
    outside: bool = True
    """False: it leads to networks of ports only."""


class FloatingAddressSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An address of the network outside, of the VIM's choice, under which a port's own IPv4 address is reached.

    It outlives its port, and can be led to another.
    """

    port: str
    """With several IPv4 addresses, its first one is meant."""
    router: str | None = None
    """What leads to the port, and goes after the address; None: a router that somebody else takes care of."""


class SecurityRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Traffic that is let through."""

    direction: str
    """ingress or egress."""
    ether_type: str = "ipv4"
    protocol: str | None = None
    port_min: int | None = None
    port_max: int | None = None
    remote_prefix: str | None = None


class SecurityGroupSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Rules that ports can be put under; everything else is dropped."""

    description: str = ""
    rules: tuple[SecurityRule, ...] = ()


class ImageSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A software image. One that the VIM already has is used as it is: the digest decides, and else the name."""

    checksum_algorithm: str | None = None
    """sha-256, sha-512 ...; None: matched by name alone."""
    checksum: str | None = None
    """Hexadecimal, lower case."""
    container_format: str = "bare"
    disk_format: str = "qcow2"
    min_disk_gib: int = 0
    min_ram_mib: int = 0
    size_bytes: int | None = None
    version: str = ""
    content: str | None = None
    """A file that holds the image, for upload; None: it must be on the VIM already. Not part of the digest."""


class VolumeSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Block storage that outlives a server."""

    size_gib: int
    image: str | None = None
    """Filled with this image, so that a server can boot from it."""
    snapshot: str | None = None
    """Filled with this volume snapshot: what the volume that it is of had, and boots where that one did."""
    zone: str | None = None
    volume_type: str | None = None
    rdma: bool = False
    """Reached by remote direct memory access."""
    requirements: dict[str, str] = {}
    """Requests on how it is stored, in the words of the VIM."""


class FileShareSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A file system that several servers mount over a network."""

    size_gib: int
    protocol: str = "NFS"
    """NFS, CIFS ..."""
    network: str
    subnet: str | None = None
    """Of the network; None: the VIM chooses."""
    clients: tuple[str, ...] = ()
    """Address ranges that may mount it, to read and write."""


class ObjectContainerSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A place in the VIM's object store."""

    max_bytes: int | None = None
    """None: as much as the VIM allows."""


class PlacementGroupSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Servers that shall, or shall not, share a host."""

    policy: str
    """affinity, anti-affinity, soft-affinity or soft-anti-affinity."""


class VolumeAttachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A volume on a server."""

    volume: str
    boot: bool = False


class Power(enum.StrEnum):
    """Whether a server runs."""

    RUNNING = "running"
    OFF = "off"


class ServerSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A virtual machine."""

    vcpus: int
    memory_mib: int
    disk_gib: int = 0
    """Of the ephemeral root disk; 0 when it boots from a volume."""
    image: str | None = None
    """An image, or a server snapshot."""
    ports: tuple[str, ...] = ()
    """In the order of the guest's interfaces."""
    volumes: tuple[VolumeAttachment, ...] = ()
    placement_groups: tuple[str, ...] = ()
    zone: str | None = None
    reservation: str | None = None
    """Identifier on the VIM of what was reserved beforehand, and is to be used up."""
    flavour: str | None = None
    """A flavour of the VIM by name or id; None: matched by vcpus, memory and disk."""
    extra_specs: dict[str, str] = {}
    """Requests on the hypervisor: huge pages, NUMA, CPU pinning."""
    user_data: str | None = None
    config_drive: bool = False
    metadata: dict[str, str] = {}
    key_pair: str | None = None
    power: Power = Power.RUNNING
    """Can be changed while the server exists. For ``operate`` to bring about: no part of the digest."""


class ServerSnapshotSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The root disk of a server as it is now, for other servers to start from. It outlives the server.

    Of a server that has an image: what boots from a volume has its disk there.
    """

    server: str


class VolumeSnapshotSpec(_Spec, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a volume holds now, for other volumes to be filled with. It outlives the volume and never keeps it back."""

    volume: str
    size_gib: int
    """Of the volume."""


ResourceSpec = (
    QosPolicySpec
    | NetworkSpec
    | SubnetSpec
    | PortSpec
    | TrunkSpec
    | RouterSpec
    | FloatingAddressSpec
    | SecurityGroupSpec
    | ImageSpec
    | VolumeSpec
    | FileShareSpec
    | ObjectContainerSpec
    | PlacementGroupSpec
    | ServerSpec
    | ServerSnapshotSpec
    | VolumeSnapshotSpec
)

SPEC_TYPES: dict[Kind, type[ResourceSpec]] = {
    Kind.QOS_POLICY: QosPolicySpec,
    Kind.NETWORK: NetworkSpec,
    Kind.SUBNET: SubnetSpec,
    Kind.PORT: PortSpec,
    Kind.TRUNK: TrunkSpec,
    Kind.ROUTER: RouterSpec,
    Kind.FLOATING_ADDRESS: FloatingAddressSpec,
    Kind.SECURITY_GROUP: SecurityGroupSpec,
    Kind.IMAGE: ImageSpec,
    Kind.VOLUME: VolumeSpec,
    Kind.FILE_SHARE: FileShareSpec,
    Kind.OBJECT_CONTAINER: ObjectContainerSpec,
    Kind.PLACEMENT_GROUP: PlacementGroupSpec,
    Kind.SERVER: ServerSpec,
    Kind.SERVER_SNAPSHOT: ServerSnapshotSpec,
    Kind.VOLUME_SNAPSHOT: VolumeSnapshotSpec,
}
_KINDS = {spec_type: kind for kind, spec_type in SPEC_TYPES.items()}
for _type in SPEC_TYPES.values():
    msgspec.json.Decoder(_type)  # adapters decode in threads of their own: see mano_runtime.struct_types

AWAITED_KINDS = frozenset(
    {Kind.IMAGE, Kind.VOLUME, Kind.FILE_SHARE, Kind.SERVER, Kind.SERVER_SNAPSHOT, Kind.VOLUME_SNAPSHOT}
)
"""Kinds whose creation and removal take the VIM a while."""

ADJUSTABLE: Mapping[Kind, frozenset[str]] = {
    Kind.QOS_POLICY: frozenset({"max_bps", "min_bps"}),
    Kind.NETWORK: frozenset({"qos_policy"}),
    Kind.PORT: frozenset({"qos_policy", "carries_addresses_of"}),
    Kind.FLOATING_ADDRESS: frozenset({"port"}),
}
"""Attributes that ``adjust`` changes while the resource exists: no part of the digest."""


def kind_of(spec: ResourceSpec) -> Kind:
    """Return the kind of resource that a spec asks for."""
    return _KINDS[type(spec)]


def encode_spec(spec: ResourceSpec) -> dict[str, Any]:
    """Return the spec as JSON, for a plan."""
    encoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(spec))  # no tuples
    return encoded


def decode_spec(kind: Kind, spec: dict[str, Any]) -> ResourceSpec:
    """Return the typed spec; msgspec.ValidationError names the attribute that is wrong."""
    return msgspec.convert(spec, SPEC_TYPES[kind])


def spec_digest(spec: ResourceSpec) -> str:
    """Return a short digest of what is asked for: equal digests mean that the same thing was asked."""
    asked: dict[str, Any] = msgspec.to_builtins(spec)
    asked.pop("content", None)
    asked.pop("power", None)
    for attribute in ADJUSTABLE.get(kind_of(spec), ()):
        asked.pop(attribute, None)
    return hashlib.sha256(msgspec.json.encode(asked, order="deterministic")).hexdigest()[:32]
