"""What a PATCH may not say."""

from __future__ import annotations

import msgspec
import pytest

from nfvo.sol005.ns_descriptors import NsdInfoModifications
from nfvo.sol005.ns_notifications import LifecycleChangeNotificationsFilter as NsFilter
from nfvo.sol005.pnf_descriptors import PnfdInfoModifications
from nfvo.sol005.vnf_packages import VnfPkgInfoModifications
from vnfm.sol003.notifications import LifecycleChangeNotificationsFilter
from vnfm.sol003.release2 import requests as release2
from vnfm.sol003.requests import VnfInfoModificationRequest
from vnfm.sol003.snapshots import VnfSnapshotInfoModificationRequest


@pytest.mark.parametrize(
    ("patch", "lawful"),
    [
        (VnfInfoModificationRequest, {"vnfInstanceName": "a"}),
        (release2.VnfInfoModificationRequest, {"vnfInstanceName": "a"}),
        (VnfSnapshotInfoModificationRequest, {"vnfSnapshotPkgId": "a"}),
        (VnfPkgInfoModifications, {"operationalState": "DISABLED"}),
        (NsdInfoModifications, {"nsdOperationalState": "DISABLED"}),
        (PnfdInfoModifications, {"userDefinedData": {}}),
    ],
)
def test_an_attribute_that_a_patch_does_not_change_is_refused(patch, lawful):
    """Passed over, it would be said to have been changed."""
    assert msgspec.convert(lawful, patch)
    with pytest.raises(msgspec.ValidationError, match="unknown field `instantiationState`"):
        msgspec.convert({**lawful, "instantiationState": None}, patch)


@pytest.mark.parametrize("wanted", [LifecycleChangeNotificationsFilter, NsFilter])
def test_a_subscription_to_operations_that_there_are_not_is_refused(wanted):
    """Nothing would ever have been told."""
    assert msgspec.convert({"operationTypes": ["SCALE"]}, wanted).operation_types == ("SCALE",)
    with pytest.raises(msgspec.ValidationError, match=r"operationTypes\[1\]"):
        msgspec.convert({"operationTypes": ["SCALE", "SCALEE"]}, wanted)
