"""What VNFDs say of the way from one package to another (SOL001 VnfPackageChange): flavours, names, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from descriptors.model.vnfd import ComponentMapping, Flavour, PackageChange, Vnfd
from mano_runtime.workflow.graph import Graph
from vnfm.planning import paths
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape, vnfc_numbers
from vnfm.planning.virtual_storages import BLOCK, KINDS, storage_path

UNTOLD = PackageChange(id="")
"""Where no VNFD says anything: every part has the name that it had."""


def package_change(source_id: str, source: Vnfd | None, vnfd: Vnfd, flavour: str) -> PackageChange:
    """Return what is said of the change from a flavour of one VNFD to another VNFD.

    The VNFD that it leads to counts before the one that it comes from; ``source`` is None when that is gone.
    """
    for change in (*vnfd.package_changes, *(source.package_changes if source else ())):
        for transition in change.transitions:
            ends = (transition.source_descriptor_id, transition.destination_descriptor_id)
            if ends == (source_id, vnfd.id) and transition.source_flavour in {"", flavour}:
                return change
    return UNTOLD


def destination_flavour(change: PackageChange, flavour: str) -> str:
    """Return the name of the flavour that a change leads to: the same, unless it says another."""
    return change.destination_flavour or change.renamed("deployment_flavour", flavour)


def with_names_of(change: PackageChange, shape: Shape) -> Shape:
    """Return the shape with its connection points, links and VNFCs under the names of the other package.

    VNFCs keep their numbers, which do not begin with 0 after a BLUE_GREEN change.
    """
    if not change.mappings:
        return shape
    return msgspec.structs.replace(
        shape,
        stopped=tuple(_vnfc(change, vnfc) for vnfc in shape.stopped),
        first_vnfcs=shape.first_vnfcs
        | {mapping.destination_id: shape.first_vnfcs.get(mapping.source_id, 0) for mapping in _renames(change, "vdu")},
        ext_virtual_links=tuple(
            msgspec.structs.replace(
                link,
                ext_cps=tuple(
                    msgspec.structs.replace(cp, cpd_id=change.renamed("cp", cp.cpd_id)) for cp in link.ext_cps
                ),
            )
            for link in shape.ext_virtual_links
        ),
        ext_managed_virtual_links=tuple(
            msgspec.structs.replace(
                link, vnf_virtual_link_desc_id=change.renamed("virtual_link", link.vnf_virtual_link_desc_id)
            )
            for link in shape.ext_managed_virtual_links
        ),
    )


def check_storages(change: PackageChange, old: Flavour | None, new: Flavour, shape: Shape, graph: Graph) -> None:
    """Refuse a change whose mappings say that a storage goes on, and that would delete it with its data.

    Resources are known to their VIM by their paths, so what has another name in the new package is made anew. What the
    VNF has no more after the change, because it is smaller or no VDU has such a storage, may go. ``old`` is the flavour
    so far, None when its package is gone; ``shape`` and ``graph`` are what the VNF shall be and what there is of it.

    Raises:
        PlanningRefusedError: data would be lost; names mappings, storages and ways out.
    """
    lost = dict[str, ComponentMapping]()
    for path, resource in graph.items():
        part = paths.parse_vnfc_part(path) if resource.kind in KINDS else None
        # what is not of the old package is left of an attempt at this very change, which may be tried again
        if part is None or (old and (part.vdu not in old.vdus or part.name not in old.vdus[part.vdu].storages)):
            continue
        successor = _successor(change, new, shape, part)
        if successor not in {None, path} and (mapping := _mapping_of(change, new, part, successor or "")):
            lost[path] = mapping
    if lost:
        raise PlanningRefusedError("vnfdId", _told(change, lost))


def actions_of(change: PackageChange) -> Iterator[str]:
    """Yield the coordination actions that belong to a change."""
    yield from change.actions
    yield from change.coordination_actions


def _vnfc(change: PackageChange, path: str) -> str:
    _, vdu, index = path.split("/")
    return paths.vnfc(change.renamed("vdu", vdu), int(index))


def _renames(change: PackageChange, component_type: str) -> Iterator[ComponentMapping]:
    for mapping in change.mappings:
        if mapping.component_type == component_type and mapping.source_id != mapping.destination_id:
            yield mapping


def _successor(change: PackageChange, new: Flavour, shape: Shape, part: paths.VnfcPart) -> str | None:
    """Where the mappings say that a storage goes on; None where the new package has no place for it."""
    storage = new.storages.get(change.renamed("virtual_storage", part.name))
    users = [vdu for vdu in new.vdus.values() if storage and storage.id in vdu.storages]
    same = [vdu for vdu in users if vdu.id == change.renamed("vdu", part.vdu)]
    numbers = vnfc_numbers(new, shape)
    for vdu in same or users:
        for index in numbers[vdu.id]:
            if storage and part.index in {None, index}:
                return storage_path(new, storage, vdu, index)
    return None


def _mapping_of(change: PackageChange, new: Flavour, part: paths.VnfcPart, successor: str) -> ComponentMapping | None:
    """The mapping that gives a storage another path: its own, or that of a VDU which has it."""
    for mapping in _renames(change, "virtual_storage"):
        if mapping.source_id == part.name:
            return mapping
    storage, there = new.storages.get(part.name), paths.parse_vnfc_part(successor)
    beyond = storage is not None and storage.type != BLOCK and there is not None and there.index is None
    for mapping in _renames(change, "vdu"):
        if mapping.source_id == part.vdu or (beyond and there and mapping.destination_id == there.vdu):
            return mapping
    return None


def _told(change: PackageChange, lost: dict[str, ComponentMapping]) -> str:
    mappings = dict.fromkeys((it.component_type, it.source_id, it.destination_id) for it in lost.values())
    named = ", ".join(f"{kind} {source!r} to {destination!r}" for kind, source, destination in mappings)
    first, *more = sorted(lost)
    storages = f"{first} and {len(more)} more" if more else first
    return (
        f"VnfPackageChange {change.id!r} maps {named}, and what has another name is made anew: the data of {storages}"
        " would be lost; keep the names in the new VNFD or, if the data may go, take the mappings out of"
        " component_mappings"
    )
