"""What a VNFD says of its operations is held against requests, and every refusal says what would be possible."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL

from descriptors.model.declaration import Declaration
from descriptors.model.lifecycle import LcmLimits
from vnfm.planning.limits import check_attributes, check_limits, defaults_of, graceful_stop, graceful_termination
from vnfm.planning.refusal import PlanningRefusedError

LIMITED = msgspec.structs.replace(
    FIREWALL,
    lcm_limits=LcmLimits(
        min_graceful_termination_seconds=10,
        max_recommended_graceful_termination_seconds=60,
        heal_causes=("hung", "lost"),
        configured=("scale", "scale_to_level", "terminate", "heal"),
    ),
    configurable={
        "site": Declaration(name="site", constraints=({"max_length": 5},)),
        "mtu": Declaration(name="mtu", type="integer", default=1500, constraints=({"in_range": [576, 9000]},)),
        "cache": Declaration(name="cache", type="scalar-unit.size", constraints=({"less_or_equal": "2 GiB"},)),
        "code": Declaration(name="code", constraints=({"pattern": "(a+)+b"},)),
    },
    extensions={"tier": Declaration(name="tier", valid_values=("edge", "core"))},
    metadata={"debug": Declaration(name="debug", type="boolean")},
    operation_parameters={
        "instantiate": {"license": Declaration(name="license", required=True)},
        "change_current_package": {"window": Declaration(name="window", type="integer")},
    },
)


def check(kind, request_):
    check_limits(LIMITED, kind, request_)
    check_attributes(LIMITED, request_)


@pytest.mark.parametrize(
    ("kind", "request_", "attribute", "told"),
    [
        ("SCALE", {"numberOfSteps": 2}, "numberOfSteps", "one step at a time"),
        ("SCALE_TO_LEVEL", {"scaleInfo": [{}]}, "scaleInfo", "instantiationLevelId"),
        ("HEAL", {"cause": "bored"}, "cause", "hung, lost"),
        ("INSTANTIATE", {}, "additionalParams.license", "requires it"),
        ("INSTANTIATE", {"additionalParams": {"license": 7}}, "additionalParams.license", "string"),
        ("CHANGE_VNFPKG", {"additionalParams": {"window": "night"}}, "additionalParams.window", "integer"),
        (
            "MODIFY_INFO",
            {"vnfConfigurableProperties": {"colour": "red"}},
            "vnfConfigurableProperties.colour",
            "cache, code, mtu, site",
        ),
        ("MODIFY_INFO", {"vnfConfigurableProperties": {"mtu": "9000"}}, "vnfConfigurableProperties.mtu", "integer"),
        ("MODIFY_INFO", {"vnfConfigurableProperties": {"mtu": True}}, "vnfConfigurableProperties.mtu", "integer"),
        ("MODIFY_INFO", {"vnfConfigurableProperties": {"mtu": 9001}}, "vnfConfigurableProperties.mtu", "in_range"),
        (
            "MODIFY_INFO",
            {"vnfConfigurableProperties": {"site": "middle"}},
            "vnfConfigurableProperties.site",
            "length 5",
        ),
        ("MODIFY_INFO", {"vnfConfigurableProperties": {"cache": "3 GB"}}, "vnfConfigurableProperties.cache", "2 GiB"),
        ("MODIFY_INFO", {"extensions": {"tier": "moon"}}, "extensions.tier", "edge, core"),
        ("MODIFY_INFO", {"metadata": {"debug": "yes"}}, "metadata.debug", "boolean"),
    ],
)
def test_what_the_vnfd_rules_out_is_refused(kind, request_, attribute, told):
    """The refusal names the attribute of the request and what the VNFD has instead."""
    with pytest.raises(PlanningRefusedError) as refused:
        check(kind, request_)
    assert refused.value.attribute == attribute
    assert told in refused.value.detail


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("SCALE", {"numberOfSteps": 1}),
        ("SCALE", {}),
        ("SCALE_TO_LEVEL", {"instantiationLevelId": "large"}),
        ("HEAL", {"cause": "hung"}),
        ("HEAL", {}),
        ("INSTANTIATE", {"additionalParams": {"license": "x", "more": 1}}),
        ("MODIFY_INFO", {"vnfConfigurableProperties": {"mtu": None}, "extensions": {"tier": "core"}}),
        ("MODIFY_INFO", {"metadata": {"mano.identity": "ns/1", "debug": False}}),
        ("MODIFY_INFO", {"vnfConfigurableProperties": {"mtu": 9000, "site": "north", "cache": "2000 MiB"}}),
        ("MODIFY_INFO", {"vnfConfigurableProperties": {"code": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"}}),
    ],
)
def test_what_the_vnfd_allows_is_let_through(kind, request_):
    """So is what it says nothing of: further parameters, and metadata of whoever created the VNF; no pattern is run."""
    check(kind, request_)


def test_what_is_not_configured_is_not_limited():
    """The defaults of the standard's type would forbid steps and levels that most packages never thought about."""
    check_limits(FIREWALL, "SCALE", {"numberOfSteps": 3})
    check_limits(FIREWALL, "SCALE_TO_LEVEL", {"scaleInfo": [{}]})


def test_graceful_time_is_as_asked_or_recommended():
    """Nothing asked for: the recommended longest time, or no bound. Less than the VNF needs is refused."""
    limits = LIMITED.lcm_limits
    assert graceful_termination(limits, None) == 60
    assert graceful_termination(limits, 10) == 10
    assert graceful_termination(LcmLimits(), None) is None
    assert graceful_stop(limits, 0) == 0
    with pytest.raises(PlanningRefusedError, match="at least 10 s"):
        graceful_termination(limits, 9)


def test_defaults_are_those_that_are_given():
    """A declaration without a default says nothing about what is the case."""
    assert defaults_of(LIMITED.configurable) == {"mtu": 1500}
