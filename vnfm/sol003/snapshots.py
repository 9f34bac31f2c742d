"""Snapshots of VNFs: requests and representations (SOL003 clauses 5.5.2.20 to 5.5.2.24 and 5.5.3.20).

``vnfcInstanceId`` and ``vnfcSnapshotInfoId`` of the requests are SOL002's, for single VNFCs.
"""

from __future__ import annotations

import msgspec

from vnfm.sol003.general import KeyValuePairs, Link, ResourceHandle, Sol003Type
from vnfm.sol003.instances import VnfInstance


class StorageSnapshot(Sol003Type, frozen=True, kw_only=True):
    """A snapshot of one storage of a VNFC."""

    storage_resource_id: str
    """Of the VirtualStorageResourceInfo in the VnfInstance that the snapshot has."""
    storage_snapshot_resource: ResourceHandle | None = None


class VnfcSnapshotInfo(Sol003Type, frozen=True, kw_only=True):
    """A snapshot of one VNFC (SOL003 clause 5.5.3.20)."""

    id: str
    """Unique in the snapshot; our VNFM gives the identifier of the VNFC."""
    vnfc_instance_id: str
    creation_started_at: str
    creation_finished_at: str | None = None
    vnfc_resource_info_id: str
    compute_snapshot_resource: ResourceHandle | None = None
    """None where the VNFC boots from a storage, whose snapshot then has all."""
    storage_snapshot_resources: tuple[StorageSnapshot, ...] = ()
    user_defined_data: KeyValuePairs = {}


class Checksum(Sol003Type, frozen=True, kw_only=True):
    """A digest of a file (SOL003 clause 4.4.1.5)."""

    algorithm: str
    """As SOL004 has it: SHA-256, say."""
    hash: str
    """In hexadecimal."""


class VnfStateSnapshotInfo(Sol003Type, frozen=True, kw_only=True):
    """What there is to know of the file with a VNF's state (SOL003 clause 5.5.2.23)."""

    checksum: Checksum
    is_encrypted: bool
    metadata: KeyValuePairs = {}
    """Media type, size in bytes, and when it was made."""


class VnfSnapshotLinks(Sol003Type, frozen=True, kw_only=True):
    """Where the snapshot is, and the file with the VNF's state where it has one."""

    self: Link
    vnf_state_snapshot: Link | None = None


class VnfSnapshot(Sol003Type, frozen=True, kw_only=True):
    """What a VNF was at a moment (SOL003 clause 5.5.2.23)."""

    id: str
    vnf_instance_id: str
    creation_started_at: str
    creation_finished_at: str | None = None
    vnfd_id: str
    vnf_instance: VnfInstance
    """As the instance was then."""
    vnfc_snapshots: tuple[VnfcSnapshotInfo, ...]
    vnf_state_snapshot_info: VnfStateSnapshotInfo | None = None
    """Once the snapshot was taken."""
    user_defined_data: KeyValuePairs = {}
    links: VnfSnapshotLinks | None = msgspec.field(default=None, name="_links")
    """Set on the REST interface; None in process."""


class VnfSnapshotInfoLinks(Sol003Type, frozen=True, kw_only=True):
    """Where the snapshot is, and the instance that it was taken from."""

    self: Link
    taken_from: Link | None = None


class VnfSnapshotInfo(Sol003Type, frozen=True, kw_only=True):
    """A snapshot that there is, or the place for one (SOL003 clause 5.5.2.22)."""

    id: str
    vnf_snapshot_pkg_id: str | None = None
    vnf_snapshot: VnfSnapshot | None = None
    """None until one was taken, or extracted from a package."""
    links: VnfSnapshotInfoLinks | None = msgspec.field(default=None, name="_links")
    """Set on the REST interface; None in process."""


class CreateVnfSnapshotInfoRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for the place of a snapshot; with what a package has, where one is extracted (SOL003 clause 5.5.2.20)."""

    vnf_snapshot_pkg_id: str | None = None
    vnf_snapshot: VnfSnapshot | None = None


class VnfSnapshotInfoModificationRequest(Sol003Type, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for an empty place to be filled with what a package has (SOL003 clause 5.5.2.24)."""

    vnf_snapshot_pkg_id: str | None = None
    vnf_snapshot: VnfSnapshot | None = None


class CreateVnfSnapshotRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for a snapshot of a VNF, or of one VNFC (SOL003 and SOL002 clause 5.5.2.21)."""

    vnf_snapshot_info_id: str
    """Of the place that it is to fill."""
    vnfc_instance_id: str | None = None
    additional_params: KeyValuePairs = {}
    """``vnfcInstanceId``: a list of VNFCs, as for healing."""
    user_defined_data: KeyValuePairs = {}


class RevertToVnfSnapshotRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for a VNF, or one VNFC, to be what it was (SOL003 and SOL002 clause 5.5.2.26)."""

    vnf_snapshot_info_id: str
    vnfc_instance_id: str | None = None
    vnfc_snapshot_info_id: str | None = None
    """With ``vnfc_instance_id`` only."""
    additional_params: KeyValuePairs = {}
    """``vnfcInstanceId``: a list of VNFCs, as for healing."""
