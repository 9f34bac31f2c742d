"""Software images, as the package carries them or the VIM has them (SOL001 SwImageDesc)."""

from __future__ import annotations

import msgspec

from descriptors.model.vnfd import SoftwareImage
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import ImageSpec, Kind, encode_spec
from vnfm.planning import paths
from vnfm.planning.amounts import GIB, MIB, up
from vnfm.planning.shape import Shape


class PackageFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan needs of the bytes that the package carries."""

    images: dict[str, str] = {}
    """Local file by software image; one that is not here must be on the VIM."""
    boot_data: dict[str, str] = {}
    """User data by VDU, where the VNFD names a file and does not give it inline."""


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


def image_id(image: SoftwareImage, shape: Shape) -> str:
    """Return the image's identifier on the VIM, or a reference to it."""
    return shape.vim_images.get(image.id) or reference(paths.image(image.id))
