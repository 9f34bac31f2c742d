"""What SOL002 and SOL003 have in answers and the VNF manager never tells is on a page, each with its reason."""

from __future__ import annotations

import re

from checkout import ROOT
from told_attributes import definition, untold, untold_in_release_2

from vnfm.sol003.grants import GrantRequest
from vnfm.sol003.instances import VnfInstance
from vnfm.sol003.notifications import VnfIdentifierNotification, VnfLcmOperationOccurrenceNotification
from vnfm.sol003.operation_occurrences import VnfLcmOpOcc
from vnfm.sol003.release2.representations import Instance, Occurrence, OccurrenceNotification
from vnfm.sol003.snapshots import VnfSnapshotInfo

PAGE = ROOT / "docs" / "conformance" / "vnflcm.md"
LCM, NOTIFICATIONS = "VNFLifecycleManagement", "VNFLifecycleManagementNotification"
TYPES = {
    (standard, title, type_.__name__ if name is None else name): type_
    for standard in ("SOL003", "SOL002")
    for title, name, type_ in (
        (LCM, None, VnfInstance),
        (LCM, None, VnfLcmOpOcc),
        (LCM, None, VnfSnapshotInfo),
        (NOTIFICATIONS, None, VnfLcmOperationOccurrenceNotification),
        (NOTIFICATIONS, "VnfIdentifierCreationNotification", VnfIdentifierNotification),
        (NOTIFICATIONS, "VnfIdentifierDeletionNotification", VnfIdentifierNotification),
    )
} | {("SOL003", "VNFLifecycleOperationGranting", "GrantRequest"): GrantRequest}
RELEASE_2 = {
    "vnfInstance": Instance,
    "vnfLcmOpOcc": Occurrence,
    "VnfLcmOperationOccurrenceNotification": OccurrenceNotification,
    "VnfIdentifierCreationNotification": VnfIdentifierNotification,
    "vnfIdentifierDeletionNotification": VnfIdentifierNotification,
}
SLIPS = {"ScaleInfo.scaleToLevel", "InstantiatedVnfInfo.vnfVirtualStorageResourceInfo"}
"""What SOL002's document calls otherwise than its own tables: scaleLevel, and virtualStorageResourceInfo."""


def test_what_is_never_told_is_on_the_page(etsi, shared):
    """Every attribute that the documents of release 3.7.1 have, and no other, with a reason."""
    found = set()
    for (standard, title, name), type_ in TYPES.items():
        interface = f"{standard}/{title}"
        found |= untold(etsi(interface), *definition(shared / "etsi" / "openapi", interface, name), type_)
    assert listed()[0] == found - SLIPS


def test_what_release_2_has_and_is_never_told_is_there_too(vnflcm_of_release_2):
    """Every attribute of the schemas of release 2.6.1, and no other."""
    found = set()
    for name, type_ in RELEASE_2.items():
        found |= untold_in_release_2(vnflcm_of_release_2.schema(name), type_)
    assert listed()[1] == found


def listed():
    """Return what the page lists, of release 3 and of release 2."""
    of_releases = PAGE.read_text(encoding="utf-8").split("## Release 2.6.1")
    return [set(re.findall(r"^\| `(\w+\.\w+)` \| .+ \|$", page, re.MULTILINE)) for page in of_releases]


def test_an_attribute_that_is_lacking_is_found(etsi, shared):
    """The comparison sees what a type does not have, at any depth, and what it has and nobody sets."""
    wanted = definition(shared / "etsi" / "openapi", f"SOL003/{LCM}", "VnfLcmOpOcc")
    found = untold(etsi(f"SOL003/{LCM}"), *wanted, VnfIdentifierNotification)
    assert {"VnfIdentifierNotification.operation", "VnfIdentifierNotification.lcmCoordinations"} <= found
    assert "VnfIdentifierNotification.vnfInstanceId" not in found
