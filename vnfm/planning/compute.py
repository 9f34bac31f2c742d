"""VDUs as images, volumes, placement groups and servers (SOL001 clause 6.8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from descriptors.model.vnfd import AffinityRule, Flavour, SoftwareImage, Vdu, VirtualStorage
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import (
    ImageSpec,
    Kind,
    PlacementGroupSpec,
    Power,
    ServerSpec,
    VolumeAttachment,
    VolumeSpec,
    encode_spec,
)
from vnfm.planning import paths
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape

MIB = 2**20
GIB = 2**30

SERVER_SCOPES = frozenset({"nfvi_node", "network_link_and_node"})
"""Scopes of affinity rules that hosts have to keep; the others are for the grant to keep."""


class PackageFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan needs of the bytes that the package carries."""

    images: dict[str, str] = {}
    """Local file by software image; one that is not here must be on the VIM."""
    boot_data: dict[str, str] = {}
    """User data by VDU, where the VNFD names a file and does not give it inline."""


def up(amount: int, unit: int) -> int:
    """Return how many units hold an amount: part of a unit counts as a whole one."""
    return -(-amount // unit)


def image_resource(image: SoftwareImage, files: PackageFiles) -> Resource:
    """Return the image that a VDU or a storage starts from."""
    spec = ImageSpec(
        name=image.name,
        version=image.version,
        checksum_algorithm=image.checksum_algorithm or None,
        checksum=image.checksum or None,
        container_format=image.container_format,
        disk_format=image.disk_format,
        min_disk_gib=up(image.min_disk_bytes, GIB),
        min_ram_mib=up(image.min_ram_bytes, MIB),
        size_bytes=image.size_bytes or None,
        content=files.images.get(image.id),
    )
    return Resource(path=paths.image(image.id), kind=Kind.IMAGE, spec=encode_spec(spec))


def images_in_use(flavour: Flavour, vdus: list[Vdu]) -> dict[str, SoftwareImage]:
    """Return the images that these VDUs and their storages start from, by id."""
    found: dict[str, SoftwareImage] = {}
    for vdu in vdus:
        for image in (vdu.image, *(storage.image for storage in _storages(flavour, vdu))):
            if image is not None:
                found[image.id] = image
    return found


def image_id(image: SoftwareImage, shape: Shape) -> str:
    """Return the image's identifier on the VIM, or a reference to it."""
    return shape.vim_images.get(image.id) or reference(paths.image(image.id))


def volume_resource(flavour: Flavour, shape: Shape, vdu: Vdu, index: int, *, storage_id: str, label: str) -> Resource:
    """Return the volume of one storage of one VNFC; the same resource for every VNFC where they share it."""
    storage = flavour.storages[storage_id]
    path = _volume_path(storage, vdu, index)
    name = f"{label}-{vdu.id}-{index}-{storage.id}" if storage.per_vnfc else f"{label}-{vdu.id}-{storage.id}"
    least = storage.image.min_disk_bytes if storage.image else 0
    spec = VolumeSpec(
        name=name,
        size_gib=max(1, up(max(storage.size_bytes, least), GIB)),
        image=image_id(storage.image, shape) if storage.image else None,
    )
    return Resource(path=path, kind=Kind.VOLUME, spec=encode_spec(spec))


def placement_groups(flavour: Flavour, vdus: list[Vdu], label: str) -> Iterator[Resource]:
    """Yield a placement group for each rule about servers that one of these VDUs is under."""
    names = {vdu.id for vdu in vdus}
    for rule in flavour.affinity_rules:
        if rule.scope in SERVER_SCOPES and names & set(rule.targets):
            policy = "anti-affinity" if rule.anti else "affinity"
            spec = PlacementGroupSpec(name=f"{label}-{rule.id}", policy=policy)
            yield Resource(path=paths.placement_group(rule.id), kind=Kind.PLACEMENT_GROUP, spec=encode_spec(spec))


def server_resource(
    flavour: Flavour,
    shape: Shape,
    vdu: Vdu,
    index: int,
    *,
    ports: tuple[str, ...],
    label: str,
    metadata: Mapping[str, str],
) -> Resource:
    """Return the server of one VNFC.

    It boots from the VDU's own image, or else from the first of its storages that carries one.

    Raises:
        PlanningRefusedError: neither the VDU nor one of its storages has an image.
    """
    volumes = _attachments(flavour, vdu, index)
    from_volume = any(volume.boot for volume in volumes)
    if vdu.image is None and not from_volume:
        raise PlanningRefusedError("flavourId", f"VDU {vdu.id!r} has no software image, nor has any of its storages")
    disk = up(vdu.local_disk_bytes, GIB)
    spec = ServerSpec(
        name=f"{label}-{vdu.id}-{index}",
        vcpus=vdu.vcpus,
        memory_mib=up(vdu.memory_bytes, MIB),
        disk_gib=disk if vdu.image is None else max(disk, up(vdu.image.min_disk_bytes, GIB)),
        image=image_id(vdu.image, shape) if vdu.image else None,
        ports=ports,
        volumes=volumes,
        placement_groups=tuple(
            reference(paths.placement_group(rule.id)) for rule in flavour.affinity_rules if _keeps(rule, vdu)
        ),
        flavour=shape.vim_flavours.get(vdu.id) or vdu.requested_flavour or None,
        extra_specs={key: value for node in vdu.logical_nodes for key, value in node.requirements.items()},
        metadata={**metadata, "vdu_id": vdu.id, "vnfc_index": str(index)},
        power=Power.OFF if paths.vnfc(vdu.id, index) in shape.stopped else Power.RUNNING,
    )
    return Resource(path=paths.server(vdu.id, index), kind=Kind.SERVER, spec=encode_spec(spec))


def _keeps(rule: AffinityRule, vdu: Vdu) -> bool:
    return rule.scope in SERVER_SCOPES and vdu.id in rule.targets


def _storages(flavour: Flavour, vdu: Vdu) -> list[VirtualStorage]:
    found = []
    for storage_id in vdu.storages:
        storage = flavour.storages.get(storage_id)
        if storage is None:
            raise PlanningRefusedError("flavourId", f"VDU {vdu.id!r} uses storage {storage_id!r}, which is not there")
        if storage.type != "BLOCK":
            raise PlanningRefusedError(
                "flavourId",
                f"storage {storage_id!r} of VDU {vdu.id!r} is of type {storage.type}; only BLOCK is supported",
            )
        found.append(storage)
    return found


def _volume_path(storage: VirtualStorage, vdu: Vdu, index: int) -> str:
    return paths.storage(vdu.id, index if storage.per_vnfc else None, storage.id)


def _attachments(flavour: Flavour, vdu: Vdu, index: int) -> tuple[VolumeAttachment, ...]:
    """The VDU's volumes in the order of the guest's disks, the one to boot from first."""
    storages = _storages(flavour, vdu)
    bootable = [storage for storage in storages if storage.image is not None] if vdu.image is None else []
    boot = bootable[0] if bootable else None
    ordered = sorted(storages, key=lambda storage: storage is not boot)
    return tuple(
        VolumeAttachment(volume=reference(_volume_path(storage, vdu, index)), boot=storage is boot)
        for storage in ordered
    )
