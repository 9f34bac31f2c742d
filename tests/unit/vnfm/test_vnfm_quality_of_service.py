from __future__ import annotations

import msgspec
import pytest
from vnf_with_everything import BORDER, FULL, MBPS, attached

from descriptors.model.vnfd import Flavour, VirtualLink
from mano_runtime.workflow.graph import reference
from vnfm.planning.desired_state import desired_state
from vnfm.planning.quality_of_service import NO_RATES, Rates, link_rates
from vnfm.planning.shape import Shape
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData

INSIDE = Shape(flavour_id="full", level_id="one", scale_levels={"calls": 0})


def rates(link: VirtualLink, flavour: Flavour = FULL) -> Rates:
    changed = msgspec.structs.replace(
        flavour, virtual_links={"inside": link}, initial_link_bitrates={}, aspects={}, levels={}
    )
    return link_rates(changed, INSIDE).get("inside", NO_RATES)


@pytest.mark.parametrize(("calls", "limit"), [(0, 20 * MBPS), (1, 30 * MBPS), (2, 80 * MBPS), (3, 80 * MBPS)], ids=str)
def test_the_rate_of_the_size_is_the_limit_within_that_of_the_profile(calls, limit):
    """Steps add up, and never beyond what the link's profile allows."""
    shape = msgspec.structs.replace(INSIDE, scale_levels={"calls": calls})
    assert link_rates(FULL, shape)["inside"] == Rates(max_bps=limit, min_bps=1 * MBPS)


def test_the_rate_of_a_leaf_comes_before_that_of_the_whole():
    """Without one of a leaf, no port can carry more than the whole link does."""
    assert rates(VirtualLink(id="inside", max_bitrate_root=9, max_bitrate_leaf=4)).max_bps == 4
    assert rates(VirtualLink(id="inside", max_bitrate_root=9)).max_bps == 9


def test_the_least_rate_of_a_whole_link_is_that_of_a_port_on_lines_only():
    """Of a link with many ports, none can be kept free for each of them."""
    assert rates(VirtualLink(id="inside", min_bitrate_root=5)) == NO_RATES
    assert rates(VirtualLink(id="inside", min_bitrate_root=5, flow_pattern="line")).min_bps == 5


def test_no_more_is_kept_free_than_may_pass():
    """A VIM would refuse it."""
    assert rates(VirtualLink(id="inside", min_bitrate_leaf=9, max_bitrate_leaf=4)) == Rates(max_bps=4, min_bps=4)


def test_a_connection_point_with_a_rate_has_a_policy_of_its_own():
    """It keeps the rate free and limits what the link limits; other ports are under the network's."""
    graph = desired_state(BORDER, INSIDE, instance_id="vnf-1", label="sbc").graph
    assert graph["qos/mgmt"].spec == {"name": "sbc-mgmt", "max_bps": 20 * MBPS, "min_bps": 2 * MBPS}
    assert graph["vdu/media/0/cp/mgmt"].spec["qos_policy"] == reference("qos/mgmt")
    assert graph["vl/inside/network"].spec["qos_policy"] == reference("vl/inside/qos")
    assert "qos_policy" not in graph["vdu/control/0/cp/control-in"].spec


def test_on_a_network_of_somebody_else_each_port_has_the_policy():
    """The network itself is not ours to change."""
    managed = ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="inside", resource_id="net-7")
    shape = msgspec.structs.replace(
        INSIDE, ext_managed_virtual_links=(managed,), ext_virtual_links=(attached("net-outside"),)
    )
    graph = desired_state(BORDER, shape, instance_id="vnf-1", label="sbc").graph
    assert "vl/inside/network" not in graph
    assert graph["vdu/control/0/cp/control-in"].spec["qos_policy"] == reference("vl/inside/qos")
    assert graph["vdu/control/storage/recordings"].spec["network"] == "net-7"
