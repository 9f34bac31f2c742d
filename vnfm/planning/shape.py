"""A VNF's shape: flavour, size and connectivity, all that its desired state is made from besides the VNFD.

A lifecycle operation is a step from one shape to another. The functions here take a shape and a request and
return the shape that is wanted, or refuse with the attribute that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from descriptors.model.vnfd import Flavour, Vnfd
from vnfm.planning import paths
from vnfm.planning.asked_addresses import check_asked
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.requests import InstantiateVnfRequest, ScaleType, ScaleVnfRequest, ScaleVnfToLevelRequest


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A snapshot's resource that a server or volume was made from."""

    snapshot: str
    """``id`` of the VnfSnapshotInfo."""
    id: str
    """On the VIM."""
    vim: str
    zone: str | None = None


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Flavour, size and connectivity of a VNF instance."""

    flavour_id: str
    level_id: str = ""
    """The instantiation level that the size was last set by; empty when it was set aspect by aspect."""
    scale_levels: dict[str, int] = {}
    """Of every aspect."""
    max_scale_levels: dict[str, int] = {}
    stopped: tuple[str, ...] = ()
    """VNFCs that shall not run (``vnfm.planning.paths``); all others shall."""
    first_vnfcs: dict[str, int] = {}
    """Number of the first VNFC by VDU; 0 where it is not named. Others were made beside those that had it."""
    generations: dict[str, int] = {}
    """Of what VNFCs share (``paths.shared_part``); 1 where it is not named."""
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    vim_flavours: dict[str, str] = {}
    """Flavours on the VIM that the grant named, by VDU."""
    vim_images: dict[str, str] = {}
    """Images on the VIM that the grant named, by software image."""
    origins: dict[str, Origin] = {}
    """What was made from a snapshot when the VNF was reverted to it, by path of the server or volume."""
    localization_language: str | None = None
    inputs: dict[str, Any] = {}
    """Additional parameters that boot data is made with: of what brought the VNF into its flavour or package."""


def initial_shape(vnfd: Vnfd, request: InstantiateVnfRequest) -> Shape:
    """Return the shape that an instantiation asks for.

    Without a level it is the flavour's default one, and where the VNFD names none, every aspect at 0.

    Raises:
        PlanningRefusedError: unknown flavour, level, connection point or virtual link.
    """
    flavour = flavour_of(vnfd, request.flavour_id)
    level = level_of(flavour, request.instantiation_level_id)
    shape = Shape(
        flavour_id=flavour.id,
        level_id=level,
        scale_levels=levels_of(flavour, level),
        max_scale_levels={aspect.id: aspect.max_level for aspect in flavour.aspects.values()},
        ext_virtual_links=request.ext_virtual_links,
        ext_managed_virtual_links=request.ext_managed_virtual_links,
        localization_language=_language(vnfd, request.localization_language),
        inputs=request.additional_params,
    )
    check_connectivity(flavour, shape)
    check_profiles(flavour, shape, "instantiationLevelId" if request.instantiation_level_id else "flavourId")
    return shape


def _language(vnfd: Vnfd, wanted: str | None) -> str | None:
    """The language that is asked for, else the VNFD's default one."""
    known = vnfd.localization_languages
    if wanted is not None and known and wanted not in known:
        raise unknown("localizationLanguage", wanted, f"localization language of VNFD {vnfd.id!r}", known)
    return wanted or vnfd.default_localization_language or None


def scaled(vnfd: Vnfd, shape: Shape, request: ScaleVnfRequest) -> Shape:
    """Return the shape some steps further out or in along one aspect (SOL003 clause 5.4.5).

    Raises:
        PlanningRefusedError: unknown aspect, no positive number of steps, or a level outside the aspect's range.
    """
    flavour = flavour_of(vnfd, shape.flavour_id)
    if request.aspect_id not in flavour.aspects:
        raise unknown("aspectId", request.aspect_id, f"scaling aspect of flavour {flavour.id!r}", flavour.aspects)
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
    larger = msgspec.structs.replace(shape, scale_levels=shape.scale_levels | {request.aspect_id: wanted})
    check_profiles(flavour, larger, "numberOfSteps", before=shape)
    return larger


def scaled_to_level(vnfd: Vnfd, shape: Shape, request: ScaleVnfToLevelRequest) -> Shape:
    """Return the shape of a named level, or of given levels of some aspects while the others stay (clause 5.4.6).

    Raises:
        PlanningRefusedError: neither or both ways given, unknown level or aspect, or a level out of range.
    """
    flavour = flavour_of(vnfd, shape.flavour_id)
    level = request.instantiation_level_id
    if (level is None) == (not request.scale_info):
        raise PlanningRefusedError(
            "instantiationLevelId", "give either instantiationLevelId or scaleInfo, and not both"
        )
    if level is not None:
        if level not in flavour.levels:
            raise unknown("instantiationLevelId", level, f"level of flavour {flavour.id!r}", flavour.levels)
        at_level = msgspec.structs.replace(shape, level_id=level, scale_levels=levels_of(flavour, level))
        check_profiles(flavour, at_level, "instantiationLevelId", before=shape)
        return at_level
    levels = dict(shape.scale_levels)
    named: set[str] = set()
    for position, info in enumerate(request.scale_info):
        aspect = flavour.aspects.get(info.aspect_id)
        place = f"scaleInfo[{position}]"
        if aspect is None:
            known = flavour.aspects
            raise unknown(f"{place}.aspectId", info.aspect_id, f"scaling aspect of flavour {flavour.id!r}", known)
        if info.vnfd_id not in {None, vnfd.id}:
            what = f"{info.vnfd_id!r} is not the VNFD of the VNF, which is {vnfd.id!r}: give that, or leave it out"
            raise PlanningRefusedError(f"{place}.vnfdId", what)
        if aspect.id in named:
            raise PlanningRefusedError(
                f"{place}.aspectId", f"{aspect.id!r} is there twice: give the level that it is to have"
            )
        named.add(aspect.id)
        if not 0 <= info.scale_level <= aspect.max_level:
            raise PlanningRefusedError(
                f"{place}.scaleLevel",
                f"{info.scale_level} is outside aspect {aspect.id!r}, which goes from 0 to {aspect.max_level}",
            )
        levels[aspect.id] = info.scale_level
    at_levels = msgspec.structs.replace(shape, scale_levels=levels)
    check_profiles(flavour, at_levels, "scaleInfo", before=shape)
    return at_levels


def check_profiles(flavour: Flavour, shape: Shape, attribute: str, *, before: Shape | None = None) -> None:
    """Refuse a size that the profile of a VDU rules out, unless it was further beyond it ``before``.

    Raises:
        PlanningRefusedError: more VNFCs than there may be.
    """
    counts = flavour.vdu_instances(shape.scale_levels, shape.level_id)
    now = flavour.vdu_instances(before.scale_levels, before.level_id) if before else {}
    for vdu in flavour.vdus.values():
        count = counts[vdu.id]
        if count > max(vdu.max_instances, now.get(vdu.id, 0)) and count > (most := flavour.most_instances(vdu)):
            what = f"that makes {count} of VDU {vdu.id!r}, and its profile allows {most} at most"
            raise PlanningRefusedError(attribute, what)


def exposed_by(flavour: Flavour) -> frozenset[str]:
    """Return the connection points that can be attached to external links, by all the names that requests have."""
    external = flavour.external_connection_points.values()
    return frozenset(name for cp in external for name in (cp.id, cp.connection_point))


def check_connectivity(flavour: Flavour, shape: Shape) -> None:
    """Refuse connectivity of connection points or virtual links that the flavour lacks, or that cannot be made.

    Raises:
        PlanningRefusedError: the first that is wrong; ports on internal links are among it.
    """
    exposed = exposed_by(flavour)
    for position, link in enumerate(shape.ext_virtual_links):
        for number, data in enumerate(link.ext_cps):
            if data.cpd_id not in exposed:
                place = f"extVirtualLinks[{position}].extCps[{number}].cpdId"
                what = f"external connection point of flavour {flavour.id!r}"
                raise unknown(place, data.cpd_id, what, flavour.external_connection_points)
    for position, managed in enumerate(shape.ext_managed_virtual_links):
        if managed.vnf_virtual_link_desc_id not in flavour.virtual_links:
            place = f"extManagedVirtualLinks[{position}].vnfVirtualLinkDescId"
            what = f"internal virtual link of flavour {flavour.id!r}"
            raise unknown(place, managed.vnf_virtual_link_desc_id, what, flavour.virtual_links)
        if managed.vnf_link_port:
            place = f"extManagedVirtualLinks[{position}].vnfLinkPort"
            raise PlanningRefusedError(place, f"ports on {managed.id!r} are made here: leave out those that there are")
    check_asked(shape.ext_virtual_links, shape.ext_managed_virtual_links)


def vnfcs(flavour: Flavour, shape: Shape) -> list[str]:
    """Return the VNFCs of a VNF of this shape, by their paths."""
    return [paths.vnfc(vdu, index) for vdu, numbers in vnfc_numbers(flavour, shape).items() for index in numbers]


def vnfc_numbers(flavour: Flavour, shape: Shape) -> dict[str, range]:
    """Return the numbers of each VDU's VNFCs."""
    counts = flavour.vdu_instances(shape.scale_levels, shape.level_id)
    firsts = {vdu: shape.first_vnfcs.get(vdu, 0) for vdu in flavour.vdus}
    return {vdu: range(first, first + counts[vdu]) for vdu, first in firsts.items()}


def flavour_of(vnfd: Vnfd, flavour_id: str, attribute: str = "flavourId") -> Flavour:
    """Return the flavour; PlanningRefusedError with the attribute that named it when there is none."""
    flavour = vnfd.flavours.get(flavour_id)
    if flavour is None:
        raise unknown(attribute, flavour_id, f"deployment flavour of VNFD {vnfd.id!r}", vnfd.flavours)
    return flavour


def level_of(flavour: Flavour, wanted: str | None) -> str:
    """Return the level that is asked for, or the flavour's default one; empty where it names none."""
    if wanted is not None and wanted not in flavour.levels:
        raise unknown("instantiationLevelId", wanted, f"level of flavour {flavour.id!r}", flavour.levels)
    return wanted or flavour.default_level


def levels_of(flavour: Flavour, level: str) -> dict[str, int]:
    """Return where each aspect is at an instantiation level; 0 where there is no such level."""
    named = flavour.levels.get(level)
    return {aspect: named.scale_levels.get(aspect, 0) if named else 0 for aspect in flavour.aspects}


def unknown(attribute: str, value: str, what: str, known: Collection[str]) -> PlanningRefusedError:
    """Say that there is no such thing, and what there is."""
    return PlanningRefusedError(attribute, f"{value!r} is no {what}; it has {', '.join(sorted(known)) or 'none'}")
