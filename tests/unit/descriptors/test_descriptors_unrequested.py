"""The author of a VNFD is told what the VNF will come without."""

from __future__ import annotations

import msgspec
import pytest

from descriptors.model.connectivity import (
    AddressRequest,
    ConnectionPoint,
    InterfaceRequirement,
    L2Protocol,
    LinkQuality,
    VirtualLink,
)
from descriptors.model.resources import Vdu
from descriptors.model.vnfd import Flavour
from descriptors.sol001.unrequested import unrequested

VDU, LINK = Vdu(id="vdu", name="vdu"), VirtualLink(id="link")
POINT = ConnectionPoint(id="point", vdu="vdu", internal_link="link")


@pytest.mark.parametrize(
    ("part", "changes", "told"),
    [
        (VDU, {"cpu_clock_hz": 1}, "virtual_cpu_clock"),
        (VDU, {"memory_oversubscription_policy": "none"}, "oversubscription"),
        (VDU, {"local_disks_bytes": (1, 2)}, "2 virtual local storages are one disk"),
        (VDU, {"boot_data_vim_properties": {"openstack": {"a": "b"}}}, "vim_specific_properties"),
        (VDU, {"optional_capabilities": ("m1", "fast"), "requested_flavour": "m1"}, "not asked for: fast"),
        (
            POINT,
            {"interface_requirements": (InterfaceRequirement(logical_node={"a": "b"}, mandatory=False),)},
            "not mandatory",
        ),
        (LINK, {"quality": LinkQuality(latency_seconds=0.1)}, "qos"),
        (LINK, {"l2": L2Protocol(segmentation_id="a")}, "segmentation_id 'a'"),
        (POINT, {"interface_requirements": (InterfaceRequirement(requirements={"a": "b"}),)}, "network_interface_req"),
        (POINT, {"addresses": (AddressRequest(ip_version=6, floating=True),)}, "IPv6"),
        (VDU, {"cpu_architecture": "x86_64", "local_disks_bytes": (1,)}, None),
        (LINK, {"l2": L2Protocol(segmentation_id="7"), "max_bitrate_root": 1}, None),
        (POINT, {"interface_requirements": (InterfaceRequirement(logical_node={"a": "b"}),)}, None),
        (POINT, {"addresses": (AddressRequest(floating=True),)}, None),
    ],
)
def test_what_is_not_asked_for_is_told(part, changes, told):
    """By the name of its template; what is asked for, or left to the image, is not told."""
    part = msgspec.structs.replace(part, **changes)
    kind = {"vdu": "vdus", "link": "virtual_links", "point": "connection_points"}[part.id]
    found = list(unrequested(Flavour(id="f", **{kind: {part.id: part}})))
    assert [name for name, _ in found] == ([] if told is None else [part.id])
    assert all(told in what for _, what in found)
