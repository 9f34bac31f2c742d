"""The tables of the VNFM."""

from __future__ import annotations

from mano_runtime.storage import Documents
from vnfm.inventory.records import VnfOutline, VnfRecord, outline_of
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
    outline=outline_of,
)
VNF_OUTLINES = VNF_INSTANCES.read_as(VnfOutline)
"""The same instances for those who need no more than a list shows."""
VNF_SNAPSHOTS: Documents[SnapshotRecord] = Documents(
    "vnf_snapshots", SnapshotRecord, promoted={"taken_from": lambda record: record.taken_from}
)
