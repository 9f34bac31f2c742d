"""The tables of the VNFM."""

from __future__ import annotations

from mano_runtime.storage import Documents
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.snapshots import SnapshotRecord
from vnfm.sol003.ports import IDENTITY


def _identity(record: VnfRecord) -> str | None:
    value = record.metadata.get(IDENTITY)
    return value if isinstance(value, str) else None


VNF_INSTANCES: Documents[VnfRecord] = Documents(
    "vnf_instances",
    VnfRecord,
    promoted={
        "vnfd_id": lambda record: record.vnfd_id,
        "state": lambda record: record.state.value,
        "identity": _identity,
    },
)
VNF_SNAPSHOTS: Documents[SnapshotRecord] = Documents(
    "vnf_snapshots", SnapshotRecord, promoted={"taken_from": lambda record: record.taken_from}
)
