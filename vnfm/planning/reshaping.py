"""Shapes after a change of flavour, of external connectivity or of the VNF package (SOL003 clauses 5.4.7, 5.4.11)."""

from __future__ import annotations

import msgspec

from descriptors.model.vnfd import Flavour, PackageChange, SoftwareImage, Vdu, Vnfd
from vnfm.planning import paths
from vnfm.planning.external_links import reconnected, restricted
from vnfm.planning.package_changes import destination_flavour, with_names_of
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.rollout import without_rollout
from vnfm.planning.shape import Shape, check_connectivity, check_profiles, exposed_by, flavour_of, level_of, levels_of
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, ExtVirtualLinkData
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
)


def with_flavour(vnfd: Vnfd, shape: Shape, request: ChangeVnfFlavourRequest) -> Shape:
    """Return the shape in another flavour, at the level that is asked for or else the flavour's default one.

    Raises:
        PlanningRefusedError: unknown flavour, level, connection point or virtual link.
    """
    flavour = flavour_of(vnfd, request.new_flavour_id, "newFlavourId")
    level = level_of(flavour, request.instantiation_level_id)
    wanted = _moved(
        vnfd.flavours.get(shape.flavour_id),
        flavour,
        msgspec.structs.replace(
            shape,
            level_id=level,
            scale_levels=levels_of(flavour, level),
            inputs={**shape.inputs, **without_rollout(request.additional_params)},
        ),
        request.ext_virtual_links,
        request.ext_managed_virtual_links,
    )
    check_profiles(flavour, wanted, "instantiationLevelId" if request.instantiation_level_id else "newFlavourId")
    return wanted


def with_connectivity(vnfd: Vnfd, shape: Shape, request: ChangeExtVnfConnectivityRequest) -> Shape:
    """Return the shape with other external connectivity.

    Raises:
        PlanningRefusedError: unknown connection point, or no link at all.
    """
    if not request.ext_virtual_links:
        raise PlanningRefusedError("extVirtualLinks", "nothing is to change: give the links that are to")
    flavour = flavour_of(vnfd, shape.flavour_id)
    check_connectivity(flavour, Shape(flavour_id=flavour.id, ext_virtual_links=request.ext_virtual_links))
    links = reconnected(shape.ext_virtual_links, request.ext_virtual_links)
    return msgspec.structs.replace(shape, ext_virtual_links=links)


def with_package(
    source: Vnfd | None, vnfd: Vnfd, shape: Shape, request: ChangeCurrentVnfPkgRequest, change: PackageChange
) -> Shape:
    """Return the shape in another descriptor: in the flavour that ``change`` leads to, else that of the same name.

    Aspects, and the level and connection points, keep what they had under the names that they have there, as far as
    they go there; aspects that are new are where the default level has them. ``source`` is the descriptor so far, None
    when it is gone.

    Raises:
        PlanningRefusedError: the other descriptor lacks the flavour, or the request's connectivity does not fit it.
    """
    flavour = flavour_of(vnfd, destination_flavour(change, shape.flavour_id), "vnfdId")
    kept = {change.renamed("scaling_aspect", aspect): level for aspect, level in shape.scale_levels.items()}
    levels = {
        aspect: min(kept.get(aspect, level), flavour.aspects[aspect].max_level)
        for aspect, level in levels_of(flavour, flavour.default_level).items()
    }
    level = change.renamed("instantiation_level", shape.level_id)
    old = source.flavours.get(shape.flavour_id) if source else None
    renamed = with_names_of(change, shape)
    wanted = _moved(
        old,
        flavour,
        msgspec.structs.replace(
            renamed,
            level_id=level if level in flavour.levels else "",
            scale_levels=levels,
            inputs={**shape.inputs, **without_rollout(request.additional_params)},
        ),
        request.ext_virtual_links,
        request.ext_managed_virtual_links,
    )
    check_profiles(flavour, wanted, "vnfdId")
    return wanted


def _moved(
    old: Flavour | None,
    new: Flavour,
    shape: Shape,
    links: tuple[ExtVirtualLinkData, ...],
    managed: tuple[ExtManagedVirtualLinkData, ...],
) -> Shape:
    """Return the shape with all that depends on the flavour; connectivity that the new one has no place for goes."""
    asked = Shape(flavour_id=new.id, ext_virtual_links=links, ext_managed_virtual_links=managed)
    check_connectivity(new, asked)
    by_link = {link.vnf_virtual_link_desc_id: link for link in (*shape.ext_managed_virtual_links, *managed)}
    return msgspec.structs.replace(
        shape,
        flavour_id=new.id,
        max_scale_levels={aspect.id: aspect.max_level for aspect in new.aspects.values()},
        ext_virtual_links=reconnected(restricted(shape.ext_virtual_links, exposed_by(new)), links),
        ext_managed_virtual_links=tuple(link for name, link in by_link.items() if name in new.virtual_links),
        vim_flavours={
            vdu: flavour
            for vdu, flavour in shape.vim_flavours.items()
            if old and vdu in old.vdus and vdu in new.vdus and _compute(old.vdus[vdu]) == _compute(new.vdus[vdu])
        },
        vim_images={
            image: on_vim
            for image, on_vim in shape.vim_images.items()
            if old and _images(old).get(image) == _images(new).get(image)
        },
        origins={path: it for path, it in shape.origins.items() if old and _starts_alike(old, new, path)},
    )


def _compute(vdu: Vdu) -> Vdu:
    """What a flavour on the VIM was chosen by."""
    return Vdu(
        id=vdu.id,
        name="",
        vcpus=vdu.vcpus,
        memory_bytes=vdu.memory_bytes,
        local_disk_bytes=vdu.local_disk_bytes,
        requested_flavour=vdu.requested_flavour,
        logical_nodes=vdu.logical_nodes,
    )


def _starts_alike(old: Flavour, new: Flavour, path: str) -> bool:
    """Whether what is at the path starts from the same image: then it may as well from the snapshot that it did."""
    part = paths.parse_vnfc_part(path)
    if part is None or part.vdu not in old.vdus or part.vdu not in new.vdus:
        return False
    if part.part == "storage":
        return old.storages.get(part.name) == new.storages.get(part.name)
    return old.vdus[part.vdu].image == new.vdus[part.vdu].image


def _images(flavour: Flavour) -> dict[str, SoftwareImage]:
    of_vdus = (vdu.image for vdu in flavour.vdus.values())
    of_storages = (storage.image for storage in flavour.storages.values())
    return {image.id: image for image in (*of_vdus, *of_storages) if image}
