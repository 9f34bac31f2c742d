"""Grants: what the VNFM asks the NFVO before it touches resources, and the answer (SOL003 clause 9.5)."""

from __future__ import annotations

import enum

import msgspec

from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.general import KeyValuePairs, Link, ResourceHandle, Sol003Type, VimConnectionInfo
from vnfm.sol003.operation_occurrences import LcmOperationType

GRANTING = "/grant/v1"
"""The root of the interface (SOL003 clause 9.3)."""


class ResourceType(enum.StrEnum):
    """Kinds of resource that a grant speaks of."""

    COMPUTE = "COMPUTE"
    VL = "VL"
    STORAGE = "STORAGE"
    LINKPORT = "LINKPORT"


class SnapshotResourceDefinition(Sol003Type, frozen=True, kw_only=True):
    """The snapshot that a resource is of, or is made from (SOL003 clause 9.5.3.13)."""

    vnf_snapshot_id: str
    vnfc_snapshot_id: str | None = None
    """When the VNF is reverted; and so for what follows."""
    storage_snapshot_id: str | None = None
    """Of a STORAGE resource."""
    snapshot_resource: ResourceHandle | None = None


class ResourceDefinition(Sol003Type, frozen=True, kw_only=True):
    """A resource that the operation adds, changes or removes (SOL003 clause 9.5.3.2)."""

    id: str
    """Unique in the request; our VNFM gives the path of the resource in its plan."""
    type: ResourceType
    vdu_id: str | None = None
    """Of a COMPUTE resource."""
    vnfd_id: str | None = None
    resource_template_id: str
    """In the VNFD: the VDU for COMPUTE, the virtual storage, virtual link or external connection point otherwise."""
    secondary_resource_template_id: str | None = None
    """Of a LINKPORT: the external connection point of the virtual address that shares the port."""
    resource: ResourceHandle | None = None
    """The existing resource, for one that is changed or removed."""
    snapshot_res_def: SnapshotResourceDefinition | None = None
    """For CREATE_SNAPSHOT and REVERT_TO_SNAPSHOT only."""


class PlacementScope(enum.StrEnum):
    """The kind of place that a constraint speaks of."""

    NFVI_POP = "NFVI_POP"
    ZONE = "ZONE"
    ZONE_GROUP = "ZONE_GROUP"
    NFVI_NODE = "NFVI_NODE"


class Affinity(enum.StrEnum):
    """Together or apart."""

    AFFINITY = "AFFINITY"
    ANTI_AFFINITY = "ANTI_AFFINITY"


class ResourceIdType(enum.StrEnum):
    """How a constraint names a resource: RES_MGMT by its identifier on the VIM, GRANT by its definition."""

    RES_MGMT = "RES_MGMT"
    GRANT = "GRANT"


class ConstraintResourceRef(Sol003Type, frozen=True, kw_only=True):
    """A resource that a constraint is about (SOL003 clause 9.5.3.7)."""

    id_type: ResourceIdType
    resource_id: str
    vim_connection_id: str | None = None
    """For RES_MGMT only."""
    resource_provider_id: str | None = None


class PlacementConstraint(Sol003Type, frozen=True, kw_only=True):
    """Resources that shall be placed together, or apart (SOL003 clause 9.5.3.6)."""

    affinity_or_anti_affinity: Affinity
    scope: PlacementScope
    resource: tuple[ConstraintResourceRef, ...]
    """Two or more."""
    fallback_best_effort: bool | None = None


class VimConstraint(Sol003Type, frozen=True, kw_only=True):
    """Resources that shall be on one VIM (SOL003 clause 9.5.3.6a)."""

    same_resource_group: bool | None = None
    """And in one infrastructure resource group (tenant) of it."""
    resource: tuple[ConstraintResourceRef, ...]
    """Two or more."""


class GrantRequestLinks(Sol003Type, frozen=True, kw_only=True):
    """The operation and the instance that the grant is for."""

    vnf_lcm_op_occ: Link
    vnf_instance: Link


class GrantRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask to be allowed an operation, and where its resources shall go (SOL003 clause 9.5.2.2)."""

    vnf_instance_id: str
    vnf_lcm_op_occ_id: str
    vnfd_id: str
    dst_vnfd_id: str | None = None
    """Of the package that a CHANGE_VNFPKG leads to."""
    flavour_id: str | None = None
    operation: LcmOperationType
    is_automatic_invocation: bool
    instantiation_level_id: str | None = None
    add_resources: tuple[ResourceDefinition, ...] = ()
    temp_resources: tuple[ResourceDefinition, ...] = ()
    remove_resources: tuple[ResourceDefinition, ...] = ()
    update_resources: tuple[ResourceDefinition, ...] = ()
    placement_constraints: tuple[PlacementConstraint, ...] = ()
    vim_constraints: tuple[VimConstraint, ...] = ()
    additional_params: KeyValuePairs = {}
    links: GrantRequestLinks | None = msgspec.field(default=None, name="_links")


class ZoneInfo(Sol003Type, frozen=True, kw_only=True):
    """A resource zone of a VIM (SOL003 clause 9.5.3.4)."""

    id: str
    """Unique in the grant."""
    zone_id: str
    """As the VIM names it."""
    vim_connection_id: str | None = None
    resource_provider_id: str | None = None


class ZoneGroupInfo(Sol003Type, frozen=True, kw_only=True):
    """Zones that belong together (SOL003 clause 9.5.3.5)."""

    zone_id: tuple[str, ...] = ()
    """``id`` of ZoneInfos of the grant."""


class GrantInfo(Sol003Type, frozen=True, kw_only=True):
    """What was decided about one resource (SOL003 clause 9.5.3.3)."""

    resource_definition_id: str
    reservation_id: str | None = None
    vim_connection_id: str | None = None
    """For new resources."""
    resource_provider_id: str | None = None
    zone_id: str | None = None
    """``id`` of a ZoneInfo of the grant."""
    resource_group_id: str | None = None


class VimComputeResourceFlavour(Sol003Type, frozen=True, kw_only=True):
    """A flavour of the VIM to use for a VDU (SOL003 clause 9.5.3.10)."""

    vim_connection_id: str | None = None
    vnfd_virtual_compute_desc_id: str
    vim_flavour_id: str


class VimSoftwareImage(Sol003Type, frozen=True, kw_only=True):
    """An image on the VIM to use for a software image of the VNFD (SOL003 clause 9.5.3.11)."""

    vim_connection_id: str | None = None
    vnfd_software_image_id: str
    vim_software_image_id: str


class VimSnapshotResource(Sol003Type, frozen=True, kw_only=True):
    """What a VIM has of a snapshot, for what is to be made from it (SOL003 clause 9.5.3.14)."""

    vim_connection_id: str | None = None
    vnf_snapshot_id: str
    vnfc_snapshot_id: str
    storage_snapshot_id: str | None = None
    """Of a storage."""
    vim_snapshot_resource_id: str


class VimAssets(Sol003Type, frozen=True, kw_only=True):
    """What is on the VIMs for the VNFM's use."""

    compute_resource_flavours: tuple[VimComputeResourceFlavour, ...] = ()
    software_images: tuple[VimSoftwareImage, ...] = ()
    snapshot_resources: tuple[VimSnapshotResource, ...] = ()


class GrantLinks(Sol003Type, frozen=True, kw_only=True):
    """The grant itself, and what it is for."""

    self: Link
    vnf_lcm_op_occ: Link
    vnf_instance: Link


class Grant(Sol003Type, frozen=True, kw_only=True):
    """The NFVO's answer (SOL003 clause 9.5.2.3)."""

    id: str
    vnf_instance_id: str
    vnf_lcm_op_occ_id: str
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    zones: tuple[ZoneInfo, ...] = ()
    zone_groups: tuple[ZoneGroupInfo, ...] = ()
    """Tell how constraints of scope ZONE_GROUP were kept."""
    add_resources: tuple[GrantInfo, ...] = ()
    temp_resources: tuple[GrantInfo, ...] = ()
    remove_resources: tuple[GrantInfo, ...] = ()
    update_resources: tuple[GrantInfo, ...] = ()
    vim_assets: VimAssets | None = None
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    """Replace those of the request where present."""
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    additional_params: KeyValuePairs = {}
    links: GrantLinks | None = msgspec.field(default=None, name="_links")
    """Of a grant that came over HTTP."""
