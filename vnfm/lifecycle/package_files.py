"""What a plan needs of the files of a VNF package."""

from __future__ import annotations

import asyncio
from pathlib import Path

from descriptors.model.vnfd import Vnfd
from vnfm.planning.images import PackageFiles
from vnfm.sol003.ports import Packages


async def package_files(packages: Packages, vnfd: Vnfd) -> PackageFiles:
    """Return where the images that the package carries are, and the user data that it keeps in files."""
    images: dict[str, str] = {}
    for image in vnfd.software_images().values():
        if image.artifact and image.artifact.in_package:
            file = await packages.artifact_file(vnfd.id, image.artifact.file)
            if file is not None:
                images[image.id] = str(file)
    boot_data: dict[str, str] = {}
    for flavour in vnfd.flavours.values():
        for vdu in flavour.vdus.values():
            if vdu.boot_data_artifact and not vdu.boot_data:
                file = await packages.artifact_file(vnfd.id, vdu.boot_data_artifact.file)
                if file is not None:
                    boot_data[vdu.id] = await _text(file)
    return PackageFiles(images=images, boot_data=boot_data)


async def _text(file: Path) -> str:
    return await asyncio.to_thread(file.read_text, encoding="utf-8")
