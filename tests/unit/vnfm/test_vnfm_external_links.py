"""Changes of external connectivity, entry by entry."""

from __future__ import annotations

from vnfm.planning.external_links import reconnected, restricted
from vnfm.sol003.connectivity import ExtVirtualLinkData, VnfExtCpConfig, VnfExtCpData

A, B = VnfExtCpConfig(), VnfExtCpConfig(link_port_id="b")


def link(name, **cps):
    data = tuple(VnfExtCpData(cpd_id=cpd, cp_config=config) for cpd, config in cps.items())
    return ExtVirtualLinkData(id=name, resource_id=f"net-{name}", ext_cps=data)


def test_links_that_are_not_named_stay():
    """A new link comes beside those that are there."""
    left, right = link("left", out={"k": A}), link("right", mgmt={"k": A})
    assert reconnected((left,), (right,)) == (left, right)
    assert reconnected((left,), ()) == (left,)


def test_an_entry_takes_the_place_of_the_one_with_its_key():
    """Others of the same connection point stay, and the link gets its new network."""
    change = ExtVirtualLinkData(id="left", resource_id="net-new", ext_cps=link("x", out={"k": B}).ext_cps)
    (found,) = reconnected((link("left", out={"k": A, "l": A}),), (change,))
    assert found.resource_id == "net-new"
    assert found.ext_cps == link("x", out={"k": B, "l": A}).ext_cps


def test_an_entry_moves_to_another_link():
    """It leaves the one that it was on, which goes with its last entry."""
    left = link("left", out={"k": A, "l": A})
    assert reconnected((left,), (link("right", out={"l": B}),)) == (
        link("left", out={"k": A}),
        link("right", out={"l": B}),
    )
    assert reconnected((left,), (link("right", out={"k": A, "l": A}),)) == (link("right", out={"k": A, "l": A}),)


def test_a_connection_point_without_entries_moves_as_a_whole():
    """To a link that names it without entries goes everything that it had elsewhere."""
    assert reconnected((link("left", out={"k": A}),), (link("right", out={}),)) == (link("right", out={}),)
    assert reconnected((link("left", out={}),), (link("right", out={"k": A}),)) == (link("right", out={"k": A}),)


def test_null_takes_an_entry_away():
    """With its last entry the connection point is attached to nothing."""
    left = link("left", out={"k": A}, mgmt={"k": A})
    assert reconnected((left,), (link("left", out={"k": None}),)) == (link("left", mgmt={"k": A}),)
    assert reconnected((link("left", out={"k": A}),), (link("left", out={"k": None}),)) == ()


def test_links_are_restricted_to_connection_points_that_there_are():
    """What nothing is left on goes."""
    links = (link("left", out={"k": A}, mgmt={"k": A}), link("right", gone={"k": A}))
    assert restricted(links, {"out", "mgmt"}) == links[:1]
