"""The descriptor of a physical network function (SOL001 clause 8)."""

from __future__ import annotations

from descriptors.model.connectivity import ConnectionPoint
from descriptors.model.placement import SecurityGroupRule
from descriptors.model.record import Model


class Coordinates(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A point on the globe, in the descriptor's own words."""

    latitude: str
    longitude: str
    altitude: str = ""
    altitude_type: str = ""


class Location(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Where the function stands."""

    country_code: str = ""
    """ISO 3166, two letters."""
    civic_address: dict[str, str] = {}
    """Elements by the number of their type (RFC 4776)."""
    coordinates: Coordinates | None = None


class Pnfd(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A PNF descriptor."""

    id: str
    """descriptor_id."""
    invariant_id: str = ""
    provider: str = ""
    name: str = ""
    version: str = ""
    description: str = ""
    sol001_version: str = ""
    ext_invariant_id: str = ""
    location: Location | None = None
    connection_points: dict[str, ConnectionPoint] = {}
    requirements: dict[str, str] = {}
    """Connection point by the requirement of the PNF node that an NSD binds to a virtual link."""
    security_group_rules: tuple[SecurityGroupRule, ...] = ()
