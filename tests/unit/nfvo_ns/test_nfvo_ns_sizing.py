"""How large a network service is, and how large a request makes it."""

from __future__ import annotations

import msgspec
import pytest
from ns_examples import EDGE, NSD, VNFDS

from descriptors.model.nsd import Nsd, NsLevel, NsScalingAspect
from nfvo.planning.refusal import PlanningRefusedError
from nfvo.planning.sizing import initial_size, profile_of, scaled_ns, scaled_vnfs, vnf_path
from nfvo.sol005.ns_requests import (
    NsScaleInfo,
    ScaleByStepData,
    ScaleNsByStepsData,
    ScaleNsData,
    ScaleNsToLevelData,
    ScaleToLevelData,
    ScaleVnfData,
    ScaleVnfType,
    ScalingDirection,
    VnfScaleInfo,
)

PATHS = {"fw-id": "vnf/firewall/0"}


def by_steps(direction: ScalingDirection, steps: int = 1, aspect: str = "probes") -> ScaleNsData:
    data = ScaleNsByStepsData(scaling_direction=direction, aspect_id=aspect, number_of_steps=steps)
    return ScaleNsData(scale_ns_by_steps_data=data)


def vnf(how: ScaleVnfType, *, steps: int = 0, level: str = "", levels: dict[str, int] | None = None):
    return (
        ScaleVnfData(
            vnf_instance_id="fw-id",
            scale_vnf_type=how,
            scale_by_step_data=ScaleByStepData(aspect_id="capacity", number_of_steps=steps) if steps else None,
            scale_to_level_data=ScaleToLevelData(
                vnf_instantiation_level_id=level or None,
                vnf_scale_info=tuple(VnfScaleInfo(aspect_id=a, scale_level=n) for a, n in (levels or {}).items()),
            )
            if level or levels is not None
            else None,
        ),
    )


def test_the_default_level_is_where_a_service_begins():
    """Numbers come from the level, and each aspect is at the level that these numbers reach."""
    small, large = initial_size(NSD, "edge"), initial_size(NSD, "edge", "large")
    assert (small.counts["probe"], small.aspects) == (1, {"probes": 0})
    assert (large.counts["probe"], large.aspects) == (2, {"probes": 1})


def test_steps_out_and_in_come_back_to_the_same_size():
    """What a scale-out adds, a scale-in of as many steps takes away."""
    small = initial_size(NSD, "edge")
    out = scaled_ns(NSD, small, by_steps(ScalingDirection.SCALE_OUT, 2))
    assert out.counts == {"router": 1, "firewall": 1, "probe": 3}
    assert scaled_ns(NSD, out, by_steps(ScalingDirection.SCALE_IN, 2)) == small


def test_levels_of_aspects_are_named_one_by_one():
    """A nsScaleInfo entry sets its aspect to the level with that name."""
    info = NsScaleInfo(ns_scaling_aspect_id="probes", ns_scale_level_id="probes-2")
    request = ScaleNsData(scale_ns_to_level_data=ScaleNsToLevelData(ns_scale_info=(info,)))
    assert scaled_ns(NSD, initial_size(NSD, "edge"), request).counts["probe"] == 2


def test_of_several_aspects_the_largest_number_counts():
    """No aspect gets less than its level says, whatever another one does."""
    more = NsScalingAspect(id="more", levels=tuple(NsLevel(id=str(n), vnf_instances={"probe": n}) for n in (1, 2)))
    flavour = msgspec.structs.replace(EDGE, aspects={**EDGE.aspects, "more": more})
    nsd = Nsd(id="n", flavours={"edge": flavour})
    size = scaled_ns(nsd, initial_size(nsd, "edge"), by_steps(ScalingDirection.SCALE_OUT, 1, "more"))
    size = scaled_ns(nsd, size, by_steps(ScalingDirection.SCALE_OUT, 2))
    assert size.counts["probe"] == 3
    assert scaled_ns(nsd, size, by_steps(ScalingDirection.SCALE_IN, 2)).counts["probe"] == 2


def test_a_vnf_that_comes_later_does_not_inherit_what_an_earlier_one_was_scaled_to():
    """The levels of a VNF are forgotten with it."""
    size = scaled_ns(NSD, initial_size(NSD, "edge"), by_steps(ScalingDirection.SCALE_OUT))
    size = msgspec.structs.replace(size, vnf_levels={"vnf/probe/1": {"x": 1}, "vnf/firewall/0": {"capacity": 1}})
    size = scaled_ns(NSD, size, by_steps(ScalingDirection.SCALE_IN))
    assert size.vnf_levels == {"vnf/firewall/0": {"capacity": 1}}


def test_a_vnf_scales_by_steps_and_to_levels():
    """Steps add to where the VNF is; levels are absolute; a named level is remembered until the VNF leaves it."""
    size = scaled_vnfs(NSD, VNFDS, initial_size(NSD, "edge"), PATHS, vnf(ScaleVnfType.SCALE_OUT, steps=2))
    assert size.vnf_levels["vnf/firewall/0"] == {"capacity": 2}
    size = scaled_vnfs(NSD, VNFDS, size, PATHS, vnf(ScaleVnfType.SCALE_IN, steps=1))
    assert size.vnf_levels["vnf/firewall/0"] == {"capacity": 1}
    size = scaled_vnfs(NSD, VNFDS, size, PATHS, vnf(ScaleVnfType.SCALE_TO_INSTANTIATION_LEVEL, level="large"))
    assert size.vnf_named_levels == {"vnf/firewall/0": "large"}
    size = scaled_vnfs(NSD, VNFDS, size, PATHS, vnf(ScaleVnfType.SCALE_TO_SCALE_LEVELS, levels={"capacity": 3}))
    assert (size.vnf_levels["vnf/firewall/0"], size.vnf_named_levels) == ({"capacity": 3}, {})


@pytest.mark.parametrize(
    ("request_", "attribute"),
    [
        (vnf(ScaleVnfType.SCALE_OUT, steps=4), "scaleVnfData[0].scaleByStepData"),
        (vnf(ScaleVnfType.SCALE_IN, steps=1), "scaleVnfData[0].scaleByStepData"),
        (vnf(ScaleVnfType.SCALE_OUT), "scaleVnfData[0].scaleByStepData"),
        (vnf(ScaleVnfType.SCALE_TO_SCALE_LEVELS), "scaleVnfData[0].scaleToLevelData"),
        (vnf(ScaleVnfType.SCALE_TO_SCALE_LEVELS, levels={}), "scaleVnfData[0].scaleToLevelData.vnfScaleInfo"),
        (
            vnf(ScaleVnfType.SCALE_TO_SCALE_LEVELS, levels={"x": 1}),
            "scaleVnfData[0].scaleToLevelData.vnfScaleInfo[0].aspectId",
        ),
        (
            vnf(ScaleVnfType.SCALE_TO_INSTANTIATION_LEVEL, level="x"),
            "scaleVnfData[0].scaleToLevelData.vnfInstantiationLevelId",
        ),
    ],
)
def test_a_vnf_is_not_scaled_beyond_what_it_has(request_, attribute):
    """The refusal names the attribute that asks for too much or for what there is not."""
    with pytest.raises(PlanningRefusedError) as refusal:
        scaled_vnfs(NSD, VNFDS, initial_size(NSD, "edge"), PATHS, request_)
    assert refusal.value.attribute == attribute


@pytest.mark.parametrize(
    ("data", "attribute"),
    [
        (ScaleNsToLevelData(), "scaleNsData.scaleNsToLevelData"),
        (ScaleNsToLevelData(ns_instantiation_level="x"), "scaleNsData.scaleNsToLevelData.nsInstantiationLevel"),
        (
            ScaleNsToLevelData(ns_scale_info=(NsScaleInfo(ns_scaling_aspect_id="x", ns_scale_level_id="y"),)),
            "scaleNsData.scaleNsToLevelData.nsScaleInfo[0].nsScalingAspectId",
        ),
        (
            ScaleNsToLevelData(ns_scale_info=(NsScaleInfo(ns_scaling_aspect_id="probes", ns_scale_level_id="y"),)),
            "scaleNsData.scaleNsToLevelData.nsScaleInfo[0].nsScaleLevelId",
        ),
    ],
)
def test_an_unknown_size_is_refused(data, attribute):
    """The refusal names the attribute."""
    with pytest.raises(PlanningRefusedError) as refusal:
        scaled_ns(NSD, initial_size(NSD, "edge"), ScaleNsData(scale_ns_to_level_data=data))
    assert refusal.value.attribute == attribute


def test_a_profile_may_have_slashes_in_its_name():
    """The path of a VNF gives its profile back."""
    assert profile_of(vnf_path("a/b", 3)) == "a/b"
