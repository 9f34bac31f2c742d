"""What holds for every size of a service, every set of links and every load of a VIM."""

from __future__ import annotations

import ipaddress
import itertools

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from ns_examples import CONTEXT, NSD

from descriptors.model.vnfd import L3Protocol, VirtualLink
from mano_runtime.workflow.plan import Outcome, difference, state_after
from nfvo.grants.placement import Apart, Demand, NoRoomError, place
from nfvo.lifecycle.operations import NsOperations
from nfvo.planning.addressing import subnets
from nfvo.planning.desired_state import desired_state
from nfvo.planning.sizing import initial_size, scaled_ns
from nfvo.sol005.ns_requests import ScaleNsByStepsData, ScaleNsData, ScalingDirection
from vim_adapters.contract import ZoneCapacity

BEHAVIOURS = NsOperations.behaviours
counts = st.fixed_dictionaries({name: st.integers(0, 4) for name in ("router", "firewall", "probe")})
levels = st.dictionaries(
    st.sampled_from([f"vnf/firewall/{n}" for n in range(4)]), st.fixed_dictionaries({"capacity": st.integers(0, 3)})
)
sizes = st.builds(
    lambda numbers, scaled: msgspec.structs.replace(initial_size(NSD, "edge"), counts=numbers, vnf_levels=scaled),
    counts,
    levels,
)
links = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.builds(
        VirtualLink,
        id=st.just("x"),
        layer_protocols=st.sampled_from([("ipv4",), ("ipv6",), ("ipv4", "ipv6"), ("ethernet",)]),
        l3=st.sampled_from([(), (), (L3Protocol(cidr="10.0.0.0/12"),)]),
    ),
    max_size=40,
)
demands = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.builds(Demand, vcpus=st.integers(0, 4), memory_mib=st.integers(0, 4)),
    max_size=8,
)
zones = st.lists(
    st.builds(ZoneCapacity, zone=st.sampled_from("abc"), vcpus_free=st.integers(0, 9) | st.none()),
    unique_by=lambda zone: zone.zone,
    max_size=3,
)


@given(sizes, sizes)
def test_any_size_can_be_reached_from_any_other(before, after):
    """The plan from one size to another, done, leaves exactly the other; from a size to itself there is none."""
    one, other = desired_state(CONTEXT, before), desired_state(CONTEXT, after)
    plan = difference(one, other, scope="ns/1", behaviours=BEHAVIOURS)
    done = state_after(plan, {step.id: Outcome(done=True) for step in plan.steps}, doubtful_removals_happened=False)
    assert {path: it.spec for path, it in done.items()} == {path: it.spec for path, it in other.items()}
    assert not difference(other, other, scope="ns/1", behaviours=BEHAVIOURS).steps


@given(sizes, sizes)
def test_networks_never_change_with_the_size(before, after):
    """Whatever a service's size, its networks are left alone: what is on them keeps its connections."""
    plan = difference(
        desired_state(CONTEXT, before), desired_state(CONTEXT, after), scope="ns/1", behaviours=BEHAVIOURS
    )
    assert not [step for step in plan.steps if step.path.startswith("vl/")]


@given(st.lists(st.sampled_from(ScalingDirection), max_size=12))
def test_scaling_stays_within_the_levels(directions):
    """However one scales, the numbers are those of a level of the aspect."""
    size = initial_size(NSD, "edge")
    for direction in directions:
        wanted = size.aspects["probes"] + (1 if direction is ScalingDirection.SCALE_OUT else -1)
        if 0 <= wanted <= 2:
            data = ScaleNsByStepsData(scaling_direction=direction, aspect_id="probes")
            size = scaled_ns(NSD, size, ScaleNsData(scale_ns_by_steps_data=data))
            assert size.counts["probe"] == wanted + 1


@given(links)
def test_private_ranges_never_overlap(virtual_links):
    """Ranges that we choose are apart from each other and from those of the NSD, and the same each time."""
    chosen = subnets("ns-1", virtual_links)
    assert chosen == subnets("ns-1", virtual_links)
    own = [
        ipaddress.ip_network(range_.cidr)
        for name, ranges in chosen.items()
        for range_ in ranges
        if not virtual_links[name].l3
    ]
    given_ = [ipaddress.ip_network(l3.cidr) for link in virtual_links.values() for l3 in link.l3]
    for one, other in itertools.chain(itertools.combinations(own, 2), itertools.product(own, given_)):
        assert one.version != other.version or not one.overlaps(other)


@given(demands, zones, st.data())
def test_no_zone_is_filled_beyond_its_room(wanted, available, data):
    """A placement uses each zone within what is left, keeps together what must be, and apart what must be."""
    names = sorted(wanted)
    together = [frozenset(data.draw(st.lists(st.sampled_from(names), max_size=3)))] if names else []
    apart = [Apart(items=frozenset(data.draw(st.lists(st.sampled_from(names), max_size=3))))] if names else []
    if together and len(together[0] & apart[0].items) > 1:
        return  # contradictory rules are a descriptor's mistake
    try:
        placed = place(wanted, available, together=together, apart=apart)
    except NoRoomError:
        return
    assert placed.keys() == wanted.keys()
    for zone in available:
        used = sum(wanted[name].vcpus for name, where in placed.items() if where == zone.zone)
        assert zone.vcpus_free is None or used <= zone.vcpus_free
    assert len({placed[name] for group in together for name in group}) <= 1
    for rule in apart:
        assert len({placed[name] for name in rule.items}) == len(rule.items)
