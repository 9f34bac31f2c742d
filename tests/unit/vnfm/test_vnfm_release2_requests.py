"""What requests of release 2 mean."""

from __future__ import annotations

import msgspec
import pytest

from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.release2.requests import (
    ChangeExtVnfConnectivityRequest,
    InstantiateVnfRequest,
    in_release_3,
)

HAS = {"one": "1", "two": "2"}
"""Connection points by the keys of their entries."""


def change(*entries):
    cps = [{"cpdId": "out", "cpConfig": list(entries)}]
    plain = {"extVirtualLinks": [{"id": "left", "resourceId": "net", "extCps": cps}]}
    return msgspec.convert(plain, ChangeExtVnfConnectivityRequest)


def test_entries_are_known_by_their_instance_or_their_place():
    """Release 3 has keys for them."""
    (link,) = in_release_3(change({"cpInstanceId": "two"}, {"cpInstanceId": "one"}), HAS).ext_virtual_links
    assert list(link.ext_cps[0].cp_config) == ["2", "1"]
    (link,) = in_release_3(change({}, {}), {}).ext_virtual_links
    assert list(link.ext_cps[0].cp_config) == ["1", "2"]


@pytest.mark.parametrize(
    ("entries", "position"),
    [
        (({"cpInstanceId": "nine"},), 0),
        (({"cpInstanceId": "one"}, {"cpInstanceId": "one"}), 1),
        (({"cpInstanceId": "two"}, {}), 1),
    ],
)
def test_an_instance_that_is_not_there_or_there_twice_is_refused(entries, position):
    """Of two entries for one instance, one would be passed over."""
    with pytest.raises(SolProblemError) as refused:
        in_release_3(change(*entries), HAS)
    assert refused.value.members["attribute"] == f"extVirtualLinks[0].extCps[0].cpConfig[{position}].cpInstanceId"


def test_a_vim_that_is_there_twice_is_refused():
    """Release 3 has one connection by each name."""
    vims = [{"id": "vim", "vimType": "SIMULATED"}, {"id": "vim", "vimType": "OPENSTACK"}]
    request = msgspec.convert({"flavourId": "f", "vimConnectionInfo": vims}, InstantiateVnfRequest)
    with pytest.raises(SolProblemError, match="there twice") as refused:
        in_release_3(request, {})
    assert refused.value.members["attribute"] == "vimConnectionInfo[1].id"
