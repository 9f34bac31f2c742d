from __future__ import annotations

import pytest

from descriptors.model.vnfd import AddressRequest, ConnectionPoint, L3Protocol
from mano_runtime.workflow.graph import reference
from vim_adapters.resources import AddressPair, FixedAddress
from vnfm.planning.address_ranges import carried, check_range, within
from vnfm.planning.addresses import internal_addresses
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.sol003.connectivity import IpAddressRange

BOTH = (L3Protocol(cidr="10.0.0.0/24"), L3Protocol(ip_version=6, cidr="fd00::/64"))
OF_4, OF_6 = (FixedAddress(subnet=reference(f"vl/in/subnet/{number}")) for number in range(2))


def point(*addresses: AddressRequest, speaks: tuple[str, ...] = ("ipv4", "ipv6")) -> ConnectionPoint:
    return ConnectionPoint(id="cp", internal_link="in", layer_protocols=speaks, addresses=addresses)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (point(), ()),
        (point(AddressRequest(), AddressRequest(ip_version=6)), ()),
        (point(speaks=("ipv4",)), (OF_4,)),
        (point(AddressRequest(count=2)), (OF_4, OF_4, OF_6)),
        (point(AddressRequest(fixed=("10.0.0.7", "10.0.0.8"))), (FixedAddress(address="10.0.0.8"), OF_6)),
        (point(AddressRequest(fixed=("10.0.0.7",))), ()),
    ],
    ids=["nothing", "one of each", "one version", "several", "given to the second", "none left for the second"],
)
def test_a_connection_point_has_the_addresses_that_it_asks_for(asked, found):
    """Nothing is said where it would get them anyway; what the VNFD gives goes to the instances in their order."""
    assert internal_addresses(asked, 1, BOTH, alone=False) == found


def test_one_that_is_alone_has_all_that_are_given():
    """A VDU of which there is but one can have several."""
    asked = point(AddressRequest(fixed=("10.0.0.7", "10.0.0.8")), speaks=("ipv4",))
    given = FixedAddress(address="10.0.0.7"), FixedAddress(address="10.0.0.8")
    assert internal_addresses(asked, 0, BOTH, alone=True) == given


def test_a_range_is_carried_in_few_prefixes_without_its_first_address():
    """The first is the port's own."""
    asked = IpAddressRange(min_address="10.0.0.1", max_address="10.0.0.8")
    pairs = ["10.0.0.2/31", "10.0.0.4/30", "10.0.0.8"]
    assert carried(asked) == tuple(AddressPair(address=pair) for pair in pairs)
    assert carried(IpAddressRange(min_address="fd00::1", max_address="fd00::1")) == ()
    assert within(asked, "10.0.0.8")
    assert not within(asked, "10.0.0.9")
    assert not within(asked, "fd00::1")


@pytest.mark.parametrize(("first", "last"), [("10.0.0.2", "10.0.0.1"), ("10.0.0.1", "fd00::1"), ("here", "there")])
def test_what_is_no_range_is_refused(first, last):
    """The attribute is named."""
    with pytest.raises(PlanningRefusedError, match=r"ipAddresses\[0\]: .* is no range"):
        check_range(IpAddressRange(min_address=first, max_address=last), "ipAddresses[0]")
