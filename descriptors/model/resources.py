"""What a VNF runs on and boots from: VDUs, virtual storages, software images, and measurements of them."""

from __future__ import annotations

from typing import Any

from descriptors.model.declaration import Declaration
from descriptors.model.record import Model


class Artifact(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A file that the package carries or names."""

    name: str
    file: str
    """Path in the archive, normalised from the archive's root; or an absolute URI."""
    type: str = ""
    properties: dict[str, Any] = {}
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
    environments: tuple[str, ...] = ()
    """Virtualisation environments that it supports (hypervisors with versions); empty: any."""
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
    file_system_protocol: str = ""
    """NFS, CIFS ... of a FILE storage."""
    requirements: dict[str, str] = {}
    """vdu_storage_requirements: what the VIM shall know about how it is stored."""


class HugePages(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Memory asked for in pages of one size."""

    page_bytes: int
    size_bytes: int = 0
    """0: all of the memory."""


class CpuPinning(Model, frozen=True, kw_only=True, omit_defaults=True):
    """How virtual processors are bound to physical ones."""

    policy: str = ""
    """static or dynamic."""
    rules: tuple[str, ...] = ()


class MonitoringParameter(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A figure that can be measured on a VNFC, a virtual link, a VNF or a network service."""

    id: str = ""
    """Its key in the descriptor."""
    name: str = ""
    performance_metric: str = ""
    """Name of the measurement (SOL003 and SOL005 performance management)."""
    collection_period_seconds: float = 0.0
    """0: nothing is said."""


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
    local_disks_bytes: tuple[int, ...] = ()
    """Each of them."""
    cpu_architecture: str = ""
    cpu_clock_hz: int = 0
    cpu_pinning: CpuPinning | None = None
    cpu_oversubscription_policy: str = ""
    cpu_requirements: dict[str, str] = {}
    memory_oversubscription_policy: str = ""
    memory_requirements: dict[str, str] = {}
    numa: bool = False
    """Whether the memory shall be laid out with regard to NUMA nodes."""
    huge_pages: tuple[HugePages, ...] = ()
    compute_requirements: dict[str, str] = {}
    nfvi_constraints: dict[str, str] = {}
    image: SoftwareImage | None = None
    storages: tuple[str, ...] = ()
    """Virtual storages by id, boot storage first as far as the VNFD's order tells."""
    boots_in_order: bool = False
    """Whether the VNFD asks that storages are tried for booting in the order in which they are named."""
    requested_flavour: str = ""
    """A flavour of the VIM that the VNFD asks for by name among its requested additional capabilities."""
    requested_capabilities: dict[str, dict[str, str]] = {}
    """Target performance parameters by requested additional capability."""
    optional_capabilities: tuple[str, ...] = ()
    """Requested additional capabilities without which it works, too."""
    logical_nodes: tuple[LogicalNode, ...] = ()
    boot_data: str | dict[str, Any] = ""
    """Inline user data (cloud-init): a text, or a call of a function that is known at run time only."""
    boot_data_artifact: Artifact | None = None
    boot_data_destination: str = ""
    """Path in the guest that the boot data goes to, where the VNFD names one."""
    boot_data_values: dict[str, Any] = {}
    """Boot data as keys and values (KvpData), and variables of the boot data's text: texts, or calls as above."""
    boot_data_vim_properties: dict[str, dict[str, str]] = {}
    """Properties for the VIM by its type; under an empty name for any."""
    min_instances: int = 1
    max_instances: int = 1
    bounded: bool = True
    """False: the descriptor has no profile that says how many there may be."""
    configurable_properties: dict[str, Any] = {}
    """As the VNFD gives them."""
    configurable: dict[str, Declaration] = {}
    """What modify may set of the configurable properties of each VNFC."""
    artifacts: tuple[Artifact, ...] = ()
    monitoring_parameters: dict[str, MonitoringParameter] = {}
