"""A VNF's shape: flavour, size and connectivity, all that its desired state is made from besides the VNFD.

A lifecycle operation is a step from one shape to another. The functions here take a shape and a request and
return the shape that is wanted, or refuse with the attribute that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from descriptors.model.vnfd import Flavour, Vnfd
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.requests import InstantiateVnfRequest, ScaleType, ScaleVnfRequest, ScaleVnfToLevelRequest


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Flavour, size and connectivity of a VNF instance."""

    flavour_id: str
    level_id: str = ""
    """The instantiation level that the size was last set by; empty when it was set aspect by aspect."""
    scale_levels: dict[str, int] = {}
    """Of every aspect."""
    max_scale_levels: dict[str, int] = {}
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    vim_flavours: dict[str, str] = {}
    """Flavours on the VIM that the grant named, by VDU."""
    vim_images: dict[str, str] = {}
    """Images on the VIM that the grant named, by software image."""
    localization_language: str | None = None


def initial_shape(vnfd: Vnfd, request: InstantiateVnfRequest) -> Shape:
    """Return the shape that an instantiation asks for.

    Without a level it is the flavour's default one, and where the VNFD names none, every aspect at 0.

    Raises:
        PlanningRefusedError: unknown flavour, level, connection point or virtual link.
    """
    flavour = _flavour(vnfd, request.flavour_id)
    level = request.instantiation_level_id or flavour.default_level
    if request.instantiation_level_id and request.instantiation_level_id not in flavour.levels:
        raise _unknown("instantiationLevelId", level, f"level of flavour {flavour.id!r}", flavour.levels)
    shape = Shape(
        flavour_id=flavour.id,
        level_id=level,
        scale_levels=_levels_of(flavour, level),
        max_scale_levels={aspect.id: aspect.max_level for aspect in flavour.aspects.values()},
        ext_virtual_links=request.ext_virtual_links,
        ext_managed_virtual_links=request.ext_managed_virtual_links,
        localization_language=request.localization_language,
    )
    check_connectivity(flavour, shape)
    return shape


def scaled(vnfd: Vnfd, shape: Shape, request: ScaleVnfRequest) -> Shape:
    """Return the shape some steps further out or in along one aspect (SOL003 clause 5.4.5).

    Raises:
        PlanningRefusedError: unknown aspect, no positive number of steps, or a level outside the aspect's range.
    """
    flavour = _flavour(vnfd, shape.flavour_id)
    if request.aspect_id not in flavour.aspects:
        raise _unknown("aspectId", request.aspect_id, f"scaling aspect of flavour {flavour.id!r}", flavour.aspects)
    steps = 1 if request.number_of_steps is None else request.number_of_steps
    if steps < 1:
        raise PlanningRefusedError("numberOfSteps", f"{steps} is not a positive number of steps")
    now = shape.scale_levels.get(request.aspect_id, 0)
    wanted = now + (steps if request.type is ScaleType.SCALE_OUT else -steps)
    most = flavour.aspects[request.aspect_id].max_level
    if not 0 <= wanted <= most:
        raise PlanningRefusedError(
            "numberOfSteps",
            f"{request.type} by {steps} from level {now} of aspect {request.aspect_id!r} leads to level {wanted};"
            f" the aspect goes from 0 to {most}",
        )
    return msgspec.structs.replace(shape, scale_levels=shape.scale_levels | {request.aspect_id: wanted})


def scaled_to_level(vnfd: Vnfd, shape: Shape, request: ScaleVnfToLevelRequest) -> Shape:
    """Return the shape of a named level, or of given levels of some aspects while the others stay (clause 5.4.6).

    Raises:
        PlanningRefusedError: neither or both ways given, unknown level or aspect, or a level out of range.
    """
    flavour = _flavour(vnfd, shape.flavour_id)
    level = request.instantiation_level_id
    if (level is None) == (not request.scale_info):
        raise PlanningRefusedError(
            "instantiationLevelId", "give either instantiationLevelId or scaleInfo, and not both"
        )
    if level is not None:
        if level not in flavour.levels:
            raise _unknown("instantiationLevelId", level, f"level of flavour {flavour.id!r}", flavour.levels)
        return msgspec.structs.replace(shape, level_id=level, scale_levels=_levels_of(flavour, level))
    levels = dict(shape.scale_levels)
    for position, info in enumerate(request.scale_info):
        aspect = flavour.aspects.get(info.aspect_id)
        place = f"scaleInfo[{position}]"
        if aspect is None:
            known = flavour.aspects
            raise _unknown(f"{place}.aspectId", info.aspect_id, f"scaling aspect of flavour {flavour.id!r}", known)
        if not 0 <= info.scale_level <= aspect.max_level:
            raise PlanningRefusedError(
                f"{place}.scaleLevel",
                f"{info.scale_level} is outside aspect {aspect.id!r}, which goes from 0 to {aspect.max_level}",
            )
        levels[aspect.id] = info.scale_level
    return msgspec.structs.replace(shape, scale_levels=levels)


def check_connectivity(flavour: Flavour, shape: Shape) -> None:
    """Refuse connectivity that speaks of connection points or virtual links that the flavour lacks."""
    exposed = flavour.external_connection_points.keys() | {
        external.connection_point for external in flavour.external_connection_points.values()
    }
    for position, link in enumerate(shape.ext_virtual_links):
        for number, data in enumerate(link.ext_cps):
            if data.cpd_id not in exposed:
                place = f"extVirtualLinks[{position}].extCps[{number}].cpdId"
                what = f"external connection point of flavour {flavour.id!r}"
                raise _unknown(place, data.cpd_id, what, flavour.external_connection_points)
    for position, managed in enumerate(shape.ext_managed_virtual_links):
        if managed.vnf_virtual_link_desc_id not in flavour.virtual_links:
            place = f"extManagedVirtualLinks[{position}].vnfVirtualLinkDescId"
            what = f"internal virtual link of flavour {flavour.id!r}"
            raise _unknown(place, managed.vnf_virtual_link_desc_id, what, flavour.virtual_links)


def _flavour(vnfd: Vnfd, flavour_id: str) -> Flavour:
    flavour = vnfd.flavours.get(flavour_id)
    if flavour is None:
        raise _unknown("flavourId", flavour_id, f"deployment flavour of VNFD {vnfd.id!r}", vnfd.flavours)
    return flavour


def _levels_of(flavour: Flavour, level: str) -> dict[str, int]:
    named = flavour.levels.get(level)
    return {aspect: named.scale_levels.get(aspect, 0) if named else 0 for aspect in flavour.aspects}


def _unknown(attribute: str, value: str, what: str, known: Collection[str]) -> PlanningRefusedError:
    return PlanningRefusedError(attribute, f"{value!r} is no {what}; it has {', '.join(sorted(known)) or 'none'}")
