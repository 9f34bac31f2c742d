"""Scopes: what a token allows is no more and no less than what it says."""

import pytest

from mano_runtime.security.scopes import UnknownRoleError, allows, narrowed, permission, scopes_of
from nfvo.roles import ROLES


@pytest.mark.parametrize(
    ("scope", "needed", "allowed"),
    [
        ("nsd:v2:all", "nsd:v2:ns_descriptors:all", True),
        ("nsd:v2:all", "nsd:v2:ns_descriptors:readonly", True),
        ("nsd:v2:readonly", "nsd:v2:ns_descriptors:readonly", True),
        ("nsd:v2:readonly", "nsd:v2:ns_descriptors:all", False),
        ("nsd:v1:all", "nsd:v2:ns_descriptors:all", False),
        ("nsd:*:all", "nsd:v2:ns_descriptors:all", True),
        ("*:*:all", "mano:v1:clients:all", True),
        ("mano:v1:metrics:readonly", "mano:v1:clients:readonly", False),
        ("nsd:v2:subscriptions:all", "nsd:v2:ns_descriptors:all", False),
        ("nsd:v2", "nsd:v2:ns_descriptors:all", False),
        ("openid", "nsd:v2:ns_descriptors:readonly", False),
        ("nsd:v2:every:thing:all", "nsd:v2:ns_descriptors:all", False),
        ("nsd:v2:write", "nsd:v2:ns_descriptors:readonly", False),
    ],
)
def test_a_scope_covers_what_it_says(scope, needed, allowed):
    """Interface, version, resource and permission must all fit; what is no scope of ours allows nothing."""
    assert allows(frozenset({scope}), needed) is allowed


def test_what_a_request_needs():
    """The resource that its path begins with, to read it or to change it."""
    assert permission("GET", "/ns_instances/{nsInstanceId}") == "ns_instances:readonly"
    assert permission("HEAD", "/ns_instances") == "ns_instances:readonly"
    assert permission("POST", "/ns_instances/{nsInstanceId}/scale") == "ns_instances:all"


def test_nobody_gets_more_by_asking():
    """Of the scopes that are wanted only those are given that are covered; a wildcard is not narrower than a name."""
    granted = frozenset({"nsd:v2:all"})
    wanted = ["nsd:v2:readonly", "nsd:*:readonly", "vnfpkgm:v2:readonly", "nsd:v2:ns_descriptors:all"]
    assert narrowed(granted, wanted) == {"nsd:v2:readonly", "nsd:v2:ns_descriptors:all"}


def test_an_unknown_role_is_named():
    """The message says which there are."""
    with pytest.raises(UnknownRoleError, match=r"no role 'king'; there are viewer, .*, vnfm, administrator"):
        scopes_of(["viewer", "king"], ROLES)
