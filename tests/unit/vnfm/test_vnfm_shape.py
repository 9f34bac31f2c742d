from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE, SIMPLE

from descriptors.model.vnfd import InstantiationLevel, ScalingAspect, Vnfd
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape, initial_shape, scaled, scaled_to_level
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData, VnfExtCpData, VnfLinkPortData
from vnfm.sol003.general import ResourceHandle, ScaleInfo
from vnfm.sol003.requests import InstantiateVnfRequest, ScaleType, ScaleVnfRequest, ScaleVnfToLevelRequest


def shape(level: str | None = None, *links: ExtVirtualLinkData) -> Shape:
    return initial_shape(
        FIREWALL,
        InstantiateVnfRequest(flavour_id="simple", instantiation_level_id=level, ext_virtual_links=links),
    )


def out(steps: int | None = None, aspect: str = "throughput") -> ScaleVnfRequest:
    return ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id=aspect, number_of_steps=steps)


def test_without_a_level_the_flavours_default_holds():
    """Every aspect has a level, and the highest ones are known."""
    assert shape().level_id == "small"
    assert shape().scale_levels == {"throughput": 0}
    assert shape().max_scale_levels == {"throughput": 2}
    assert shape("large").scale_levels == {"throughput": 1}


@pytest.mark.parametrize(
    ("request_", "attribute", "told"),
    [
        (InstantiateVnfRequest(flavour_id="huge"), "flavourId", "it has simple"),
        (InstantiateVnfRequest(flavour_id="simple", instantiation_level_id=""), "instantiationLevelId", "it has large"),
        (
            InstantiateVnfRequest(flavour_id="simple", instantiation_level_id="giant"),
            "instantiationLevelId",
            "it has large, small",
        ),
        (
            InstantiateVnfRequest(
                flavour_id="simple",
                ext_virtual_links=(
                    OUTSIDE,
                    ExtVirtualLinkData(id="l", resource_id="n", ext_cps=(VnfExtCpData(cpd_id="fw-in"),)),
                ),
            ),
            "extVirtualLinks[1].extCps[0].cpdId",
            "it has fw-mgmt, outside",
        ),
        (
            InstantiateVnfRequest(
                flavour_id="simple",
                ext_managed_virtual_links=(
                    ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="beyond", resource_id="n"),
                ),
            ),
            "extManagedVirtualLinks[0].vnfVirtualLinkDescId",
            "it has inside, raw, sync",
        ),
        (
            InstantiateVnfRequest(
                flavour_id="simple",
                ext_managed_virtual_links=(
                    ExtManagedVirtualLinkData(
                        id="m",
                        vnf_virtual_link_desc_id="inside",
                        resource_id="n",
                        vnf_link_port=(
                            VnfLinkPortData(vnf_link_port_id="p", resource_handle=ResourceHandle(resource_id="p")),
                        ),
                    ),
                ),
            ),
            "extManagedVirtualLinks[0].vnfLinkPort",
            "leave out",
        ),
    ],
)
def test_what_the_vnfd_lacks_is_refused_with_what_it_has(request_, attribute, told):
    """A refusal names the attribute and tells what would be accepted."""
    with pytest.raises(PlanningRefusedError) as refused:
        initial_shape(FIREWALL, request_)
    assert refused.value.attribute == attribute
    assert told in refused.value.detail


def test_scaling_moves_one_aspect_by_steps():
    """One step where no number is given; in is the way back."""
    once = scaled(FIREWALL, shape(), out())
    assert once.scale_levels == {"throughput": 1}
    back = scaled(FIREWALL, once, ScaleVnfRequest(type=ScaleType.SCALE_IN, aspect_id="throughput", number_of_steps=1))
    assert back == shape()


@pytest.mark.parametrize(
    ("request_", "attribute"),
    [
        (out(3), "numberOfSteps"),
        (out(0), "numberOfSteps"),
        (ScaleVnfRequest(type=ScaleType.SCALE_IN, aspect_id="throughput"), "numberOfSteps"),
        (out(aspect="depth"), "aspectId"),
    ],
)
def test_scaling_outside_the_descriptor_is_refused(request_, attribute):
    """An unknown aspect, no step at all and a level out of range are each refused with their attribute."""
    with pytest.raises(PlanningRefusedError) as refused:
        scaled(FIREWALL, shape(), request_)
    assert refused.value.attribute == attribute


def test_a_size_is_set_by_name_or_aspect_by_aspect():
    """A level's name sets every aspect; scaleInfo sets those that it names."""
    named = scaled_to_level(FIREWALL, shape(), ScaleVnfToLevelRequest(instantiation_level_id="large"))
    assert (named.level_id, named.scale_levels) == ("large", {"throughput": 1})
    info = (ScaleInfo(aspect_id="throughput", scale_level=2),)
    assert scaled_to_level(FIREWALL, named, ScaleVnfToLevelRequest(scale_info=info)).scale_levels == {"throughput": 2}


@pytest.mark.parametrize(
    ("request_", "attribute"),
    [
        (ScaleVnfToLevelRequest(), "instantiationLevelId"),
        (
            ScaleVnfToLevelRequest(
                instantiation_level_id="large", scale_info=(ScaleInfo(aspect_id="throughput", scale_level=1),)
            ),
            "instantiationLevelId",
        ),
        (ScaleVnfToLevelRequest(instantiation_level_id="giant"), "instantiationLevelId"),
        (ScaleVnfToLevelRequest(scale_info=(ScaleInfo(aspect_id="depth", scale_level=1),)), "scaleInfo[0].aspectId"),
        (
            ScaleVnfToLevelRequest(scale_info=(ScaleInfo(aspect_id="throughput", scale_level=3),)),
            "scaleInfo[0].scaleLevel",
        ),
        (
            ScaleVnfToLevelRequest(
                scale_info=tuple(ScaleInfo(aspect_id="throughput", scale_level=level) for level in (1, 2))
            ),
            "scaleInfo[1].aspectId",
        ),
        (
            ScaleVnfToLevelRequest(scale_info=(ScaleInfo(aspect_id="throughput", vnfd_id="another", scale_level=1),)),
            "scaleInfo[0].vnfdId",
        ),
    ],
)
def test_a_size_that_cannot_be_is_refused(request_, attribute):
    """Neither or both ways, unknown names and levels out of range are each refused with their attribute."""
    with pytest.raises(PlanningRefusedError) as refused:
        scaled_to_level(FIREWALL, shape(), request_)
    assert refused.value.attribute == attribute


def two_aspects(most: int, **changes: object) -> Vnfd:
    """Return a firewall of which each of two aspects makes 2 at its last level, and both together 3."""
    aspects = {name: ScalingAspect(id=name, max_level=1, steps={"firewall": (1,)}) for name in ("a", "b")}
    vdus = SIMPLE.vdus | {"firewall": msgspec.structs.replace(SIMPLE.vdus["firewall"], max_instances=most, **changes)}
    levels = {"both": InstantiationLevel(id="both", scale_levels={"a": 1, "b": 1}, vdu_instances={"firewall": 2})}
    flavour = msgspec.structs.replace(SIMPLE, vdus=vdus, aspects=aspects, levels=levels, default_level="")
    return msgspec.structs.replace(FIREWALL, flavours={"simple": flavour})


BOTH = (ScaleInfo(aspect_id="a", scale_level=1), ScaleInfo(aspect_id="b", scale_level=1))


def test_no_size_is_beyond_the_profile_of_a_vdu():
    """What aspects make together is held against it; the refusal names the attribute, and how many there may be."""
    now = Shape(flavour_id="simple", scale_levels={"a": 1, "b": 0})
    for attribute, act in (
        ("numberOfSteps", lambda vnfd: scaled(vnfd, now, out(aspect="b"))),
        ("scaleInfo", lambda vnfd: scaled_to_level(vnfd, now, ScaleVnfToLevelRequest(scale_info=BOTH))),
    ):
        with pytest.raises(PlanningRefusedError, match="3 of VDU 'firewall', and its profile allows 2 at most") as no:
            act(two_aspects(2))
        assert no.value.attribute == attribute
        for allowed in (two_aspects(3), two_aspects(2, bounded=False)):
            assert act(allowed).scale_levels == {"a": 1, "b": 1}
    at_level = ScaleVnfToLevelRequest(instantiation_level_id="both")
    assert scaled_to_level(two_aspects(2), now, at_level).level_id == "both"  # which is 2 outright


def test_a_profile_that_the_vnfds_own_sizes_break_is_none():
    """An aspect that by itself goes beyond it is how the VNF is meant to be."""
    now = Shape(flavour_id="simple", scale_levels={"a": 1, "b": 0})
    assert scaled(two_aspects(1), now, out(aspect="b")).scale_levels == {"a": 1, "b": 1}


def test_a_size_beyond_the_profile_can_be_left():
    """A VNF that became larger than it may be, by an older package, can become smaller."""
    beyond = Shape(flavour_id="simple", scale_levels={"a": 1, "b": 1})
    request = ScaleVnfRequest(type=ScaleType.SCALE_IN, aspect_id="b")
    assert scaled(two_aspects(2), beyond, request).scale_levels == {"a": 1, "b": 0}


def test_a_vnf_speaks_a_language_that_its_vnfd_has():
    """What is asked for, else the default one; another one is refused with those that there are."""
    vnfd = msgspec.structs.replace(
        FIREWALL, localization_languages=("en_US", "fr_FR"), default_localization_language="en_US"
    )
    for wanted, spoken in ((None, "en_US"), ("fr_FR", "fr_FR")):
        request = InstantiateVnfRequest(flavour_id="simple", localization_language=wanted)
        assert initial_shape(vnfd, request).localization_language == spoken
    with pytest.raises(PlanningRefusedError, match=r"'de_DE' .* it has en_US, fr_FR") as refused:
        initial_shape(vnfd, InstantiateVnfRequest(flavour_id="simple", localization_language="de_DE"))
    assert refused.value.attribute == "localizationLanguage"
