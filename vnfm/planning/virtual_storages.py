"""Virtual storages as volumes, file shares and containers of an object store (SOL001 clauses 6.8.4 to 6.8.6)."""

from __future__ import annotations

from collections.abc import Iterable

from descriptors.model.vnfd import Flavour, Vdu, VirtualStorage
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import (
    FileShareSpec,
    Kind,
    ObjectContainerSpec,
    ResourceSpec,
    VolumeAttachment,
    VolumeSpec,
    encode_spec,
)
from vnfm.planning import paths
from vnfm.planning.amounts import GIB, up
from vnfm.planning.images import image_id
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Origin, Shape
from vnfm.planning.virtual_links import link_subnets

KINDS = frozenset({Kind.VOLUME, Kind.FILE_SHARE, Kind.OBJECT_CONTAINER})
"""What a virtual storage is on a VIM."""
BLOCK, FILE, OBJECT = "BLOCK", "FILE", "OBJECT"
_ANY_ADDRESS = ("0.0.0.0/0",)
_FOUND_AT = {FILE: "exports.0", OBJECT: "url"}
"""What of its result tells a guest where a storage is."""


def storages_of(flavour: Flavour, vdu: Vdu) -> list[VirtualStorage]:
    """Return the storages of a VDU in the order of the descriptor.

    Raises:
        PlanningRefusedError: the VDU names one that is not there, or that is of no known type.
    """
    found = []
    for storage_id in vdu.storages:
        storage = flavour.storages.get(storage_id)
        if storage is None:
            raise PlanningRefusedError("flavourId", f"VDU {vdu.id!r} uses storage {storage_id!r}, which is not there")
        if storage.type not in {BLOCK, FILE, OBJECT}:
            raise PlanningRefusedError(
                "flavourId", f"storage {storage_id!r} of VDU {vdu.id!r} is of type {storage.type}; it may be"
                f" {BLOCK}, {FILE} or {OBJECT}"
            )  # fmt: skip
        found.append(storage)
    return found


def storage_resources(flavour: Flavour, shape: Shape, vdu: Vdu, index: int, label: str) -> Iterable[Resource]:
    """Yield the storages of one VNFC; one that VNFCs share is the same resource for each of them."""
    for storage in storages_of(flavour, vdu):
        path = storage_path(flavour, storage, vdu, index)
        part = paths.parse_vnfc_part(path)
        owner = part.vdu if part else vdu.id
        name = f"{label}-{owner}-{index}-{storage.id}" if storage.per_vnfc else f"{label}-{owner}-{storage.id}"
        kind, spec = _spec(flavour, shape, storage, name, shape.origins.get(path))
        ranges = paths.subnet(storage.file_system_link, 0)
        needed = (ranges,) if kind is Kind.FILE_SHARE and not _managed(shape, storage) else ()
        yield Resource(path=path, kind=kind, spec=encode_spec(spec), depends_on=needed)


def volume_attachments(flavour: Flavour, vdu: Vdu, index: int) -> tuple[VolumeAttachment, ...]:
    """Return the VDU's volumes in the order of the guest's disks, the one to boot from first.

    A VDU without an image of its own boots from the first storage that carries one.
    """
    storages = [storage for storage in storages_of(flavour, vdu) if storage.type == BLOCK]
    bootable = [storage for storage in storages if storage.image is not None] if vdu.image is None else []
    boot = bootable[0] if bootable else None
    return tuple(
        VolumeAttachment(volume=reference(storage_path(flavour, storage, vdu, index)), boot=storage is boot)
        for storage in sorted(storages, key=lambda storage: storage is not boot)
    )


def storage_metadata(flavour: Flavour, vdu: Vdu, index: int) -> dict[str, str]:
    """Return what a guest is told of where its file shares and object containers are, as references.

    They are there before the server is, and a server is made anew with them.
    """
    return {
        f"storage_{storage.id}": reference(storage_path(flavour, storage, vdu, index), _FOUND_AT[storage.type])
        for storage in storages_of(flavour, vdu)
        if storage.type in _FOUND_AT
    }


def storage_path(flavour: Flavour, storage: VirtualStorage, vdu: Vdu, index: int) -> str:
    """Return where a storage is; file shares and object containers are shared beyond the VDU by all who name them."""
    if storage.per_vnfc:
        return paths.storage(vdu.id, index, storage.id)
    if storage.type == BLOCK:
        return paths.storage(vdu.id, None, storage.id)
    first = min(other.id for other in flavour.vdus.values() if storage.id in other.storages)
    return paths.storage(first, None, storage.id)


def _spec(
    flavour: Flavour, shape: Shape, storage: VirtualStorage, name: str, origin: Origin | None
) -> tuple[Kind, ResourceSpec]:
    size = max(1, up(max(storage.size_bytes, storage.image.min_disk_bytes if storage.image else 0), GIB))
    if storage.type == OBJECT:
        return Kind.OBJECT_CONTAINER, ObjectContainerSpec(name=name, max_bytes=storage.size_bytes or None)
    if storage.type == FILE:
        return Kind.FILE_SHARE, _share(flavour, shape, storage, name, size)
    return Kind.VOLUME, VolumeSpec(
        name=name,
        size_gib=size,
        image=image_id(storage.image, shape) if storage.image and not origin else None,
        snapshot=origin.id if origin else None,
        rdma=storage.rdma,
        requirements=storage.requirements,
    )


def _share(flavour: Flavour, shape: Shape, storage: VirtualStorage, name: str, size: int) -> FileShareSpec:
    """A share on its link, for whoever is on the link."""
    link = storage.file_system_link
    if link not in flavour.virtual_links:
        what = f"is reached over virtual link {link!r}, which is not there" if link else "names no virtual link"
        raise PlanningRefusedError("flavourId", f"file storage {storage.id!r} {what}")
    managed = _managed(shape, storage)
    ranges = () if managed else link_subnets(flavour)[link]
    if not managed and not ranges:
        what = f"file storage {storage.id!r} is reached over virtual link {link!r}, which has no addresses"
        raise PlanningRefusedError("flavourId", what)
    return FileShareSpec(
        name=name,
        size_gib=size,
        protocol=storage.file_system_protocol.upper() or "NFS",
        network=managed or reference(paths.network(link)),
        subnet=None if managed else reference(paths.subnet(link, 0)),
        clients=tuple(layer3.cidr for layer3 in ranges) or _ANY_ADDRESS,
    )


def _managed(shape: Shape, storage: VirtualStorage) -> str | None:
    """The network on the VIM of a share whose link somebody else manages."""
    links = shape.ext_managed_virtual_links
    return next((link.resource_id for link in links if link.vnf_virtual_link_desc_id == storage.file_system_link), None)
