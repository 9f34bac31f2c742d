"""How large a network service is, and how large a scaling request makes it. Pure.

The NSD names sizes in two ways: instantiation levels of the flavour give a number of instances per VNF profile, and
so does each level of a scaling aspect, for the profiles that the aspect is about (SOL001 clause 7.10). Both numbers
are totals, not increments. Where several aspects speak of one profile, the largest number counts: no aspect gets less
than its level says.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from descriptors.model.nsd import Nsd, NsFlavour
from descriptors.model.vnfd import Flavour, Vnfd
from nfvo.planning.refusal import PlanningRefusedError, unknown
from nfvo.sol005.ns_requests import (
    ScaleNsByStepsData,
    ScaleNsData,
    ScaleNsToLevelData,
    ScaleVnfData,
    ScaleVnfType,
    ScalingDirection,
)


class NsSize(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many VNFs of each profile there shall be, and how far each is scaled."""

    flavour: str
    level: str = ""
    """Instantiation level that was asked for last."""
    aspects: dict[str, int] = {}
    """Level of each scaling aspect of the NSD, from 0."""
    counts: dict[str, int] = {}
    """Instances per VNF profile."""
    vnf_levels: dict[str, dict[str, int]] = {}
    """Scale levels per VNF (by path) and aspect of its VNFD, for VNFs that left their instantiation level."""
    vnf_named_levels: dict[str, str] = {}
    """Instantiation level per VNF (by path), for VNFs that were scaled to a named one."""


def vnf_path(profile: str, index: int) -> str:
    """Return the path, in an NS's graph, of the VNF with this number (from 0) of a profile."""
    return f"vnf/{profile}/{index}"


def profile_of(path: str) -> str:
    """Return the VNF profile of the VNF with this path."""
    return path.split("/", 1)[1].rsplit("/", 1)[0]


def flavour_of(nsd: Nsd, flavour_id: str, attribute: str = "nsFlavourId") -> NsFlavour:
    """Return the flavour; PlanningRefusedError naming ``attribute`` when the NSD has none of this name."""
    if flavour_id not in nsd.flavours:
        raise unknown(attribute, flavour_id, f"the NSD {nsd.id}", nsd.flavours)
    return nsd.flavours[flavour_id]


def initial_size(nsd: Nsd, flavour_id: str, level: str | None = None) -> NsSize:
    """Return the size at an instantiation level, by default the flavour's own."""
    flavour = flavour_of(nsd, flavour_id)
    if level is not None and level not in flavour.levels:
        raise unknown("nsInstantiationLevelId", level, f"the flavour {flavour_id!r}", flavour.levels)
    return _at_level(flavour, flavour_id, level or flavour.default_level)


def scaled_ns(nsd: Nsd, size: NsSize, request: ScaleNsData) -> NsSize:
    """Return the size that a SCALE_NS request asks for.

    Raises:
        PlanningRefusedError: it asks for nothing, for two things, for an unknown aspect or level, or for a level
            beyond the aspect's.
    """
    flavour = flavour_of(nsd, size.flavour)
    steps, level = request.scale_ns_by_steps_data, request.scale_ns_to_level_data
    if (steps is None) == (level is None):
        raise PlanningRefusedError("scaleNsData", "give exactly one of scaleNsByStepsData and scaleNsToLevelData")
    scaled = _by_steps(flavour, size, steps) if steps else _to_level(flavour, size, level or ScaleNsToLevelData())
    return _without_removed_vnfs(scaled)


def scaled_vnfs(
    nsd: Nsd, vnfds: Mapping[str, Vnfd], size: NsSize, paths: Mapping[str, str], request: tuple[ScaleVnfData, ...]
) -> NsSize:
    """Return the size that a SCALE_VNF request asks for; ``paths`` has the path of each VNF instance.

    Raises:
        PlanningRefusedError: it names a VNF that is not in the NS, an unknown aspect or level, or leads beyond the
            aspect's levels.
    """
    flavour = flavour_of(nsd, size.flavour)
    if not request:
        raise PlanningRefusedError("scaleVnfData", "SCALE_VNF needs at least one entry")
    for number, wanted in enumerate(request):
        at = f"scaleVnfData[{number}]"
        if wanted.vnf_instance_id not in paths:
            raise unknown(f"{at}.vnfInstanceId", wanted.vnf_instance_id, "the network service", paths)
        path = paths[wanted.vnf_instance_id]
        profile = flavour.vnf_profiles[profile_of(path)]
        vnf_flavour = vnf_flavour_of(vnfds[profile.vnfd_id], profile.flavour_id)
        current = vnf_scale_levels(size, path, vnf_flavour, profile.instantiation_level)
        levels, named = _vnf_scaled(wanted, vnf_flavour, current, at)
        names = {other: name for other, name in size.vnf_named_levels.items() if other != path}
        size = msgspec.structs.replace(
            size,
            vnf_levels={**size.vnf_levels, path: levels},
            vnf_named_levels={**names, path: named} if named else names,
        )
    return size


def vnf_flavour_of(vnfd: Vnfd, flavour_id: str) -> Flavour:
    """Return the flavour that a VNF profile names, or the VNFD's default where it names none."""
    wanted = flavour_id or vnfd.default_flavour or next(iter(vnfd.flavours), "")
    if wanted not in vnfd.flavours:
        raise unknown("flavourId of the VNF profile", wanted, f"the VNFD {vnfd.id}", vnfd.flavours)
    return vnfd.flavours[wanted]


def vnf_scale_levels(size: NsSize, path: str, flavour: Flavour, level: str) -> dict[str, int]:
    """Return the scale level of every aspect of a VNF: as it was scaled, else that of its instantiation level."""
    named = flavour.levels.get(size.vnf_named_levels.get(path) or level or flavour.default_level)
    own = size.vnf_levels.get(path) or (named.scale_levels if named else {})
    return {aspect: own.get(aspect, 0) for aspect in flavour.aspects}


def _at_level(flavour: NsFlavour, flavour_id: str, level: str) -> NsSize:
    counts = flavour.vnf_instances(level)
    return NsSize(flavour=flavour_id, level=level, counts=counts, aspects=_aspects_at(flavour, counts))


def _aspects_at(flavour: NsFlavour, counts: Mapping[str, int]) -> dict[str, int]:
    """The highest level of each aspect that these numbers satisfy; 0 where they satisfy none."""
    return {
        aspect.id: max(
            (
                index
                for index, level in enumerate(aspect.levels)
                if all(counts.get(profile, 0) >= number for profile, number in level.vnf_instances.items())
            ),
            default=0,
        )
        for aspect in flavour.aspects.values()
    }


def _by_steps(flavour: NsFlavour, size: NsSize, request: ScaleNsByStepsData) -> NsSize:
    at = "scaleNsData.scaleNsByStepsData"
    if request.aspect_id not in flavour.aspects:
        raise unknown(f"{at}.aspectId", request.aspect_id, f"the flavour {size.flavour!r}", flavour.aspects)
    if request.number_of_steps < 1:
        raise PlanningRefusedError(f"{at}.numberOfSteps", "must be 1 or more")
    sign = 1 if request.scaling_direction is ScalingDirection.SCALE_OUT else -1
    current = size.aspects.get(request.aspect_id, 0)
    wanted = current + sign * request.number_of_steps
    top = len(flavour.aspects[request.aspect_id].levels) - 1
    if not 0 <= wanted <= top:
        detail = (
            f"aspect {request.aspect_id!r} is at level {current} of 0 to {max(top, 0)}; level {wanted} does not exist"
        )
        raise PlanningRefusedError(f"{at}.numberOfSteps", detail)
    return _at_aspects(flavour, size, {request.aspect_id: wanted})


def _to_level(flavour: NsFlavour, size: NsSize, request: ScaleNsToLevelData) -> NsSize:
    at = "scaleNsData.scaleNsToLevelData"
    if (request.ns_instantiation_level is None) == (not request.ns_scale_info):
        raise PlanningRefusedError(at, "give exactly one of nsInstantiationLevel and nsScaleInfo")
    if request.ns_instantiation_level is not None:
        if request.ns_instantiation_level not in flavour.levels:
            holder = f"the flavour {size.flavour!r}"
            raise unknown(f"{at}.nsInstantiationLevel", request.ns_instantiation_level, holder, flavour.levels)
        level = _at_level(flavour, size.flavour, request.ns_instantiation_level)
        return msgspec.structs.replace(level, vnf_levels=size.vnf_levels, vnf_named_levels=size.vnf_named_levels)
    wanted: dict[str, int] = {}
    for number, info in enumerate(request.ns_scale_info):
        aspect = flavour.aspects.get(info.ns_scaling_aspect_id)
        where = f"{at}.nsScaleInfo[{number}]"
        if aspect is None:
            holder = f"the flavour {size.flavour!r}"
            raise unknown(f"{where}.nsScalingAspectId", info.ns_scaling_aspect_id, holder, flavour.aspects)
        names = [level.id for level in aspect.levels]
        if info.ns_scale_level_id not in names:
            raise unknown(f"{where}.nsScaleLevelId", info.ns_scale_level_id, f"the aspect {aspect.id!r}", names)
        wanted[aspect.id] = names.index(info.ns_scale_level_id)
    return _at_aspects(flavour, size, wanted)


def _at_aspects(flavour: NsFlavour, size: NsSize, wanted: Mapping[str, int]) -> NsSize:
    """Move aspects; profiles that none of the moved ones speaks of keep their number."""
    aspects = {**size.aspects, **wanted}
    counts = dict(size.counts)
    touched = {profile for name in wanted for level in flavour.aspects[name].levels for profile in level.vnf_instances}
    for profile in touched:
        counts[profile] = max(
            aspect.levels[aspects.get(aspect.id, 0)].vnf_instances.get(profile, 0)
            for aspect in flavour.aspects.values()
            if aspect.levels
        )
        if profile in flavour.vnf_profiles:
            counts[profile] = max(counts[profile], flavour.vnf_profiles[profile].min_instances)
    return msgspec.structs.replace(size, aspects=aspects, counts=counts)


def _without_removed_vnfs(size: NsSize) -> NsSize:
    """Forget how far VNFs were scaled that no longer are: one that comes later in their place begins anew."""
    kept = {vnf_path(profile, index) for profile, count in size.counts.items() for index in range(count)}
    return msgspec.structs.replace(
        size,
        vnf_levels={path: levels for path, levels in size.vnf_levels.items() if path in kept},
        vnf_named_levels={path: level for path, level in size.vnf_named_levels.items() if path in kept},
    )


def _vnf_scaled(wanted: ScaleVnfData, flavour: Flavour, current: dict[str, int], at: str) -> tuple[dict[str, int], str]:
    """Return the levels of all aspects, and the name of the instantiation level where one was asked for."""
    if wanted.scale_vnf_type in {ScaleVnfType.SCALE_OUT, ScaleVnfType.SCALE_IN}:
        if wanted.scale_by_step_data is None:
            raise PlanningRefusedError(f"{at}.scaleByStepData", f"{wanted.scale_vnf_type} needs it")
        step = wanted.scale_by_step_data
        if step.number_of_steps < 1:
            raise PlanningRefusedError(f"{at}.scaleByStepData.numberOfSteps", "must be 1 or more")
        sign = 1 if wanted.scale_vnf_type is ScaleVnfType.SCALE_OUT else -1
        to = current.get(step.aspect_id, 0) + sign * step.number_of_steps
        return current | _checked(flavour, step.aspect_id, to, f"{at}.scaleByStepData"), ""
    if wanted.scale_to_level_data is None:
        raise PlanningRefusedError(f"{at}.scaleToLevelData", f"{wanted.scale_vnf_type} needs it")
    data = wanted.scale_to_level_data
    at = f"{at}.scaleToLevelData"
    if wanted.scale_vnf_type is ScaleVnfType.SCALE_TO_SCALE_LEVELS:
        if not data.vnf_scale_info:
            raise PlanningRefusedError(f"{at}.vnfScaleInfo", f"{wanted.scale_vnf_type} needs it")
        levels = dict(current)
        for number, info in enumerate(data.vnf_scale_info):
            levels |= _checked(flavour, info.aspect_id, info.scale_level, f"{at}.vnfScaleInfo[{number}]")
        return levels, ""
    name = data.vnf_instantiation_level_id or ""
    if name not in flavour.levels:
        raise unknown(f"{at}.vnfInstantiationLevelId", name, f"the VNF flavour {flavour.id!r}", flavour.levels)
    return {aspect: flavour.levels[name].scale_levels.get(aspect, 0) for aspect in flavour.aspects}, name


def _checked(flavour: Flavour, aspect: str, level: int, at: str) -> dict[str, int]:
    if aspect not in flavour.aspects:
        raise unknown(f"{at}.aspectId", aspect, f"the VNF flavour {flavour.id!r}", flavour.aspects)
    top = flavour.aspects[aspect].max_level
    if not 0 <= level <= top:
        raise PlanningRefusedError(at, f"aspect {aspect!r} has the levels 0 to {top}; level {level} does not exist")
    return {aspect: level}
