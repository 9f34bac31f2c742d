"""The VNF descriptor as the VNFM and the NFVO read it (SOL001 clause 6)."""

from __future__ import annotations

from typing import Any

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Frozen, by keyword, small when stored."""


class Artifact(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A file that the package carries or names."""

    name: str
    file: str
    """Path in the archive, normalised from the archive's root; or an absolute URI."""
    type: str = ""
    in_package: bool = True
    """False: the package names it and does not carry it."""


class SoftwareImage(Model, frozen=True, kw_only=True, omit_defaults=True):
    """An image that a VDU or a virtual storage boots from (SwImageDesc)."""

    id: str
    """The template's name in the VNFD; SOL003 calls it vnfdSoftwareImageId."""
    name: str
    version: str = ""
    provider: str = ""
    checksum_algorithm: str = ""
    """sha-224, sha-256, sha-384 or sha-512, lower case; empty when the VNFD gives none."""
    checksum: str = ""
    """Hexadecimal, lower case."""
    container_format: str = "bare"
    disk_format: str = "qcow2"
    min_disk_bytes: int = 0
    min_ram_bytes: int = 0
    size_bytes: int = 0
    operating_system: str = ""
    artifact: Artifact | None = None


class VirtualStorage(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A disk of a VDU (VirtualBlockStorage, VirtualObjectStorage, VirtualFileStorage)."""

    id: str
    type: str = "BLOCK"
    """BLOCK, OBJECT or FILE."""
    size_bytes: int = 0
    rdma: bool = False
    image: SoftwareImage | None = None
    """What it is filled with at first."""
    per_vnfc: bool = True
    """False: one storage shared by all VNFCs of the VDU."""
    file_system_link: str = ""
    """The internal virtual link that a FILE storage is reached over."""


class LogicalNode(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A request on how the hypervisor lays a VDU out: huge pages, NUMA nodes, pinned processors."""

    id: str
    requirements: dict[str, str] = {}


class Vdu(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A virtualisation deployment unit: what one kind of VNFC runs on."""

    id: str
    name: str
    description: str = ""
    vcpus: int = 1
    memory_bytes: int = 0
    local_disk_bytes: int = 0
    """Ephemeral disks together."""
    cpu_architecture: str = ""
    image: SoftwareImage | None = None
    storages: tuple[str, ...] = ()
    """Virtual storages by id, boot storage first as far as the VNFD's order tells."""
    requested_flavour: str = ""
    """A flavour of the VIM that the VNFD asks for by name among its requested additional capabilities."""
    requested_capabilities: dict[str, dict[str, str]] = {}
    """Target performance parameters by requested additional capability."""
    logical_nodes: tuple[LogicalNode, ...] = ()
    boot_data: str = ""
    """Inline user data (cloud-init)."""
    boot_data_artifact: Artifact | None = None
    min_instances: int = 1
    max_instances: int = 1
    configurable_properties: dict[str, Any] = {}
    artifacts: tuple[Artifact, ...] = ()
    monitoring_parameters: dict[str, dict[str, Any]] = {}


class AddressRequest(Model, frozen=True, kw_only=True, omit_defaults=True):
    """How one address of a connection point is given (CpProtocolData)."""

    layer_protocol: str = "ipv4"
    ip_version: int = 4
    assigned_by_management: bool = False
    floating: bool = False
    count: int = 1


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
    security_groups: tuple[str, ...] = ()
    """Names of the VNFD's security group policies whose targets include it."""


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


class L2Protocol(Model, frozen=True, kw_only=True, omit_defaults=True):
    """The segment of a virtual link."""

    name: str = ""
    network_type: str = ""
    vlan_transparent: bool = False
    mtu: int = 0
    segmentation_id: str = ""


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


class AffinityRule(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Things that shall be placed together, or apart."""

    id: str
    anti: bool
    scope: str
    """nfvi_node, zone, zone_group, nfvi_pop or network_link_and_node."""
    targets: tuple[str, ...]
    """VDUs and virtual links (VNF profiles and virtual links in an NSD); groups are resolved to their members."""


class SecurityGroupRule(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Traffic that may pass the connection points that the policy targets."""

    id: str
    description: str = ""
    direction: str = "ingress"
    ether_type: str = "ipv4"
    protocol: str = "tcp"
    port_min: int = 0
    port_max: int = 65535
    targets: tuple[str, ...] = ()


class ScalingAspect(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A way in which the VNF scales: how many instances each VDU has at each level."""

    id: str
    name: str = ""
    description: str = ""
    max_level: int = 0
    steps: dict[str, tuple[int, ...]] = {}
    """For each VDU the instances added by step 1, 2, ... ``max_level`` (uniform deltas are spelled out)."""


class InstantiationLevel(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A named size of a flavour."""

    id: str
    description: str = ""
    scale_levels: dict[str, int] = {}
    """Level of each scaling aspect; an aspect that is not named is at 0."""
    vdu_instances: dict[str, int] = {}
    """Instances per VDU where the VNFD says them outright (VduInstantiationLevels)."""


class LcmOperationScript(Model, frozen=True, kw_only=True, omit_defaults=True):
    """An artifact bound to an operation of the VNF's life cycle interface."""

    operation: str
    """instantiate_start, scale_end, ..."""
    artifact: Artifact
    inputs: dict[str, Any] = {}


class Flavour(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A deployment flavour: one shape of the VNF."""

    id: str
    description: str = ""
    vdus: dict[str, Vdu] = {}
    storages: dict[str, VirtualStorage] = {}
    connection_points: dict[str, ConnectionPoint] = {}
    external_connection_points: dict[str, ExternalConnectionPoint] = {}
    virtual_links: dict[str, VirtualLink] = {}
    """Internal ones."""
    initial_instances: dict[str, int] = {}
    """Instances per VDU when every aspect is at level 0 (VduInitialDelta)."""
    aspects: dict[str, ScalingAspect] = {}
    levels: dict[str, InstantiationLevel] = {}
    default_level: str = ""
    affinity_rules: tuple[AffinityRule, ...] = ()
    security_group_rules: tuple[SecurityGroupRule, ...] = ()
    scripts: tuple[LcmOperationScript, ...] = ()
    monitoring_parameters: dict[str, dict[str, Any]] = {}

    def vdu_instances(self, scale_levels: dict[str, int], level: str = "") -> dict[str, int]:
        """Return the number of instances per VDU at these levels of the aspects.

        An instantiation level that gives numbers outright wins as long as the aspects are at that level's own
        levels; else the initial delta and the steps of the aspects add up (SOL001 clause 6.10).
        """
        named = self.levels.get(level)
        if named and all(scale_levels.get(a, 0) == named.scale_levels.get(a, 0) for a in self.aspects):
            outright = named.vdu_instances
        else:
            outright = {}
        counts = {}
        for vdu in self.vdus.values():
            if vdu.id in outright:
                counts[vdu.id] = outright[vdu.id]
                continue
            count = self.initial_instances.get(vdu.id, vdu.min_instances)
            for aspect in self.aspects.values():
                count += sum(aspect.steps.get(vdu.id, ())[: scale_levels.get(aspect.id, 0)])
            counts[vdu.id] = count
        return counts


class Vnfd(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A VNF descriptor."""

    id: str
    """descriptor_id."""
    provider: str
    product_name: str
    software_version: str
    version: str
    """descriptor_version."""
    sol001_version: str = ""
    """Release whose types it uses, as far as it can be told."""
    info_name: str = ""
    info_description: str = ""
    vnfm_info: tuple[str, ...] = ()
    default_flavour: str = ""
    flavours: dict[str, Flavour] = {}
    configurable_properties: dict[str, Any] = {}
    modifiable_attributes: dict[str, Any] = {}
    """Keys ``extensions`` and ``metadata``, with defaults where given."""
    lcm_operations_configuration: dict[str, Any] = {}

    def software_images(self) -> dict[str, SoftwareImage]:
        """Every software image of every flavour, by id."""
        images: dict[str, SoftwareImage] = {}
        for flavour in self.flavours.values():
            found = [vdu.image for vdu in flavour.vdus.values()] + [disk.image for disk in flavour.storages.values()]
            for image in found:
                if image:
                    images.setdefault(image.id, image)
        return images
