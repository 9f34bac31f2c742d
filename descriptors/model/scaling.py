"""How a VNF scales, and the sizes that it can start with."""

from __future__ import annotations

from descriptors.model.connectivity import Bitrate
from descriptors.model.record import Model


class ScalingAspect(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A way in which the VNF scales: how many instances each VDU has at each level."""

    id: str
    name: str = ""
    description: str = ""
    max_level: int = 0
    steps: dict[str, tuple[int, ...]] = {}
    """For each VDU the instances added by step 1, 2, ... ``max_level`` (uniform deltas are spelled out)."""
    deltas: tuple[str, ...] = ()
    """Name of each step's delta."""
    link_bitrates: dict[str, tuple[Bitrate, ...]] = {}
    """For each internal virtual link the bit rate that each step adds."""
    virtual_point_steps: dict[str, tuple[int, ...]] = {}
    """For each VipCp the instances that each step adds."""


class InstantiationLevel(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A named size of a flavour."""

    id: str
    description: str = ""
    scale_levels: dict[str, int] = {}
    """Level of each scaling aspect; an aspect that is not named is at 0."""
    vdu_instances: dict[str, int] = {}
    """Instances per VDU where the VNFD says them outright (VduInstantiationLevels)."""
    link_bitrates: dict[str, Bitrate] = {}
    """Bit rate per internal virtual link (VirtualLinkInstantiationLevels)."""
    virtual_points: dict[str, int] = {}
    """Instances per VipCp (VipCpInstantiationLevels)."""
