"""What a request asks of the ports on external links."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from vnfm_examples import FIREWALL

from vnfm.planning.asked_addresses import check_asked
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.reshaping import with_connectivity
from vnfm.planning.shape import Shape, initial_shape
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.requests import ChangeExtVnfConnectivityRequest, InstantiateVnfRequest

PROTOCOL = "extVirtualLinks[0].extCps[0].cpConfig.k.cpProtocolData[0].ipOverEthernet"
ADDRESSES = f"{PROTOCOL}.ipAddresses[0]"


def link(*protocols: dict[str, Any], cps: tuple[str, ...] = ("out",), name: str = "left") -> ExtVirtualLinkData:
    data = [{"layerProtocol": "IP_OVER_ETHERNET", "ipOverEthernet": it} for it in protocols]
    plain = {
        "id": name,
        "resourceId": "net",
        "extCps": [{"cpdId": cp, "cpConfig": {"k": {"cpProtocolData": data}}} for cp in cps],
    }
    return msgspec.convert(plain, ExtVirtualLinkData)


def addresses(**asked: object) -> dict[str, Any]:
    return {"ipAddresses": [{"type": "IPV4", **asked}]}


@pytest.mark.parametrize(
    ("asked", "attribute", "told"),
    [
        (addresses(fixedAddresses=["10.0.0.9", "here"]), f"{ADDRESSES}.fixedAddresses[1]", "'here' is no IP address"),
        (addresses(fixedAddresses=["fd00::1"]), f"{ADDRESSES}.fixedAddresses[0]", "of IPv6, and .* is IPV4"),
        (addresses(fixedAddresses=["10.0.0.9"] * 2), f"{ADDRESSES}.fixedAddresses[1]", "twice"),
        (addresses(addressRange={"minAddress": "b", "maxAddress": "a"}), f"{ADDRESSES}.addressRange", "no range"),
        (
            addresses(addressRange={"minAddress": "fd00::1", "maxAddress": "fd00::2"}),
            f"{ADDRESSES}.addressRange.minAddress",
            "of IPv6",
        ),
        (addresses(numDynamicAddresses=0), f"{ADDRESSES}.numDynamicAddresses", "0 is not a positive number"),
        (addresses(numDynamicAddresses=-1), f"{ADDRESSES}.numDynamicAddresses", "-1 is not a positive number"),
        ({"macAddress": "zz"}, f"{PROTOCOL}.macAddress", "like fa:16:3e:00:00:01"),
        ({"macAddress": "fa:16-3e:00:00:01"}, f"{PROTOCOL}.macAddress", "no MAC address"),
        ({"macAddress": "ff:ff:ff:ff:ff:ff"}, f"{PROTOCOL}.macAddress", "address of a group"),
        ({"segmentationType": "RING"}, f"{PROTOCOL}.segmentationType", "there are INHERIT, VLAN"),
        ({"segmentationId": "x"}, f"{PROTOCOL}.segmentationId", "no number of a segment"),
    ],
)
def test_what_no_port_can_have_is_refused(asked, attribute, told):
    """Before anything is touched, by the path of the attribute."""
    with pytest.raises(PlanningRefusedError, match=told) as refused:
        check_asked([link(asked)], ())
    assert refused.value.attribute == attribute


def test_of_two_mac_addresses_none_is_passed_over():
    """A port has one."""
    with pytest.raises(PlanningRefusedError, match=r"cpProtocolData\[0\] gives it") as refused:
        check_asked([link({"macAddress": "fa:16:3e:00:00:01"}, {"macAddress": "fa:16:3e:00:00:02"})], ())
    assert refused.value.attribute == PROTOCOL.replace("cpProtocolData[0]", "cpProtocolData[1]") + ".macAddress"


def test_what_is_there_twice_is_refused():
    """Links, connection points of one and internal links: only one of the two could be heeded."""
    managed = ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="in", resource_id="net")
    asked: list[tuple[list[ExtVirtualLinkData], list[ExtManagedVirtualLinkData], str]] = [
        ([link(), link()], [], "extVirtualLinks[1].id"),
        ([link(cps=("out", "out"))], [], "extVirtualLinks[0].extCps[1].cpdId"),
        ([], [managed, managed], "extManagedVirtualLinks[1].vnfVirtualLinkDescId"),
    ]
    for links, managed_links, attribute in asked:
        with pytest.raises(PlanningRefusedError, match="is there twice: give") as refused:
            check_asked(links, managed_links)
        assert refused.value.attribute == attribute


def test_what_can_be_had_is_let_through():
    """Both ways to write a MAC address, addresses of both versions, and one point on two links."""
    both = {
        "ipAddresses": [{"type": "IPV4", "fixedAddresses": ["10.0.0.9"]}, {"type": "IPV6", "numDynamicAddresses": 1}]
    }
    check_asked([link({"macAddress": "FA-16-3E-00-00-01", "segmentationType": "vlan", **both}), link(name="right")], ())


def test_instantiation_and_change_of_connectivity_are_checked():
    """Whichever operation brings the links."""
    wrong = (link({"macAddress": "zz"}, cps=("outside",)),)
    with pytest.raises(PlanningRefusedError, match="no MAC address"):
        initial_shape(FIREWALL, InstantiateVnfRequest(flavour_id="simple", ext_virtual_links=wrong))
    with pytest.raises(PlanningRefusedError, match="no MAC address"):
        with_connectivity(
            FIREWALL, Shape(flavour_id="simple"), ChangeExtVnfConnectivityRequest(ext_virtual_links=wrong)
        )


def test_a_link_without_a_network_and_a_change_without_a_link_are_refused():
    """Nothing could be attached to the one, and the other would be a change of nothing."""
    nowhere = msgspec.structs.replace(link(), resource_id="")
    managed = ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="in", resource_id="")
    with pytest.raises(PlanningRefusedError, match=r"^extVirtualLinks\[0\]\.resourceId: is empty"):
        check_asked([nowhere], ())
    with pytest.raises(PlanningRefusedError, match=r"^extManagedVirtualLinks\[0\]\.resourceId: is empty"):
        check_asked((), [managed])
    with pytest.raises(PlanningRefusedError, match=r"^extVirtualLinks: nothing is to change"):
        with_connectivity(FIREWALL, Shape(flavour_id="simple"), ChangeExtVnfConnectivityRequest(ext_virtual_links=()))
