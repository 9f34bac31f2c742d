from __future__ import annotations

import msgspec
import pytest
from vnf_with_everything import BORDER, FULL
from vnfm_examples import GIB

from descriptors.model.vnfd import VirtualStorage
from mano_runtime.workflow.graph import Graph, reference
from vnfm.planning.desired_state import desired_state
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape

SHARED = "vdu/control/storage/recordings"


def graph(calls: int = 0, **storages: VirtualStorage) -> Graph:
    flavour = msgspec.structs.replace(FULL, storages={**FULL.storages, **storages})
    vnfd = msgspec.structs.replace(BORDER, flavours={"full": flavour})
    shape = Shape(flavour_id="full", scale_levels={"calls": calls})
    return desired_state(vnfd, shape, instance_id="vnf-1", label="sbc").graph


def test_a_volume_has_what_the_descriptor_asks_of_how_it_is_stored():
    """Remote direct memory access and the requests in the words of the VIM are passed on."""
    assert graph()["vdu/media/0/storage/scratch"].spec == {
        "name": "sbc-media-0-scratch",
        "size_gib": 1,
        "rdma": True,
        "requirements": {"iops": "high"},
    }


def test_a_file_storage_is_one_share_for_all_who_name_it():
    """Whatever the size and the VDUs, it is on its link, and the addresses of the link may mount it."""
    small, large = graph(), graph(calls=2)
    assert [path for path in large if path.endswith("/recordings")] == [SHARED]
    assert small[SHARED] == large[SHARED]
    assert small[SHARED].spec == {
        "name": "sbc-control-recordings",
        "size_gib": 5,
        "network": reference("vl/inside/network"),
        "subnet": reference("vl/inside/subnet/0"),
        "clients": ["10.9.0.0/24", "fd00:9::/64"],
    }


def test_guests_are_told_where_their_shares_and_containers_are():
    """Nothing of them is attached to the server; it comes after them and knows where they are."""
    server = graph()["vdu/media/0/server"].spec
    assert server["volumes"] == [{"volume": reference("vdu/media/0/storage/scratch")}]
    assert server["metadata"]["storage_recordings"] == reference(SHARED, "exports.0")
    assert server["metadata"]["storage_archive"] == reference("vdu/media/0/storage/archive", "url")


def test_an_object_storage_is_a_container_with_room_for_what_is_asked():
    """Its size is the most that it holds."""
    assert graph()["vdu/media/0/storage/archive"].spec == {"name": "sbc-media-0-archive", "max_bytes": 9 * GIB}


@pytest.mark.parametrize(
    ("link", "reason"), [("", "names no virtual link"), ("nowhere", "'nowhere', which is not there")]
)
def test_a_file_storage_without_a_link_is_refused(link, reason):
    """There would be no way to reach it."""
    with pytest.raises(PlanningRefusedError, match=reason):
        graph(recordings=VirtualStorage(id="recordings", type="FILE", per_vnfc=False, file_system_link=link))
