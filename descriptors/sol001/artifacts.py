"""Files that a template names, found in the package; software images among them."""

from __future__ import annotations

import posixpath
from typing import Any

from descriptors.model.resources import Artifact, SoftwareImage
from descriptors.sol001.amounts import size_bytes, text, texts
from descriptors.sol001.releases import current
from descriptors.tosca.documents import Reporter, mapping
from descriptors.tosca.topology import Node

SW_IMAGE = "tosca.artifacts.nfv.SwImage"
_IMAGE_TYPES = (SW_IMAGE, "tosca.artifacts.Deployment.Image")


class PackageFiles:
    """The names in the package, and how a template's words for them are read."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def artifact(self, name: str, file: str, kind: str, reporter: Reporter) -> Artifact:
        """Return the artifact that ``file``, as written in the reporter's document, stands for."""
        if "://" in file:
            return Artifact(name=name, file=file, type=kind, in_package=False)
        directory = posixpath.dirname(reporter.document.file)
        beside = posixpath.normpath(posixpath.join(directory, file.lstrip("/")))
        from_root = posixpath.normpath(file.lstrip("/"))
        found = next((path for path in (beside, from_root) if path in self._names), "")
        return Artifact(name=name, file=found or _inside(beside), type=kind, in_package=bool(found))


def _inside(path: str) -> str:
    """Cut off what leads out of the package: nothing is ever read there."""
    while path.startswith("../"):
        path = path[3:]
    return path


def software_image(node: Node, files: PackageFiles, reporter: Reporter) -> SoftwareImage | None:
    """Read the image of a VDU or a storage: ``sw_image_data``, the artifact, or the data inside the artifact."""
    name, artifact = next(iter(_image_artifacts(node)), ("", {}))
    return _image(node.name, node, name, artifact, files, reporter)


def software_images(node: Node, files: PackageFiles, reporter: Reporter) -> tuple[SoftwareImage, ...]:
    """Read every image of a container; a second and further one has its artifact's name after the container's."""
    images = []
    for index, (name, artifact) in enumerate(_image_artifacts(node) or [("", {})]):
        identity = node.name if not index else f"{node.name}/{name}"
        image = _image(identity, node, name, artifact, files, reporter)
        images.extend([image] if image else [])
    return tuple(images)


def _image(  # noqa: PLR0917 # one image, where it stands and where its file is looked for
    identity: str, node: Node, name: str, artifact: dict[str, Any], files: PackageFiles, reporter: Reporter
) -> SoftwareImage | None:
    inline = {**artifact, **mapping(artifact.get("properties"))}
    data = mapping(current(node.type, node.properties).get("sw_image_data")) or {
        key: inline[key] for key in inline.keys() & _IMAGE_FIELDS if key != "name" or "version" in inline
    }
    file = text(artifact.get("file"))
    if not data and not file:
        return None
    described = None
    if file:
        described = files.artifact(name, file, text(artifact.get("type"), SW_IMAGE), reporter)
        if not described.in_package:
            reporter.warning(
                "image-not-in-package",
                f"the software image {described.file} is not carried in the package",
                (*node.path, "artifacts", name),
                hint="it is looked up on the VIM by name and digest",
            )
    else:
        reporter.warning(
            "image-not-in-package",
            f"{node.name} describes a software image and names no file of the package",
            (*node.path, "properties", "sw_image_data"),
            hint="it is looked up on the VIM by name and digest",
        )
    algorithm, digest = _checksum(data)
    return SoftwareImage(
        id=identity,
        name=text(data.get("name")) or (posixpath.basename(described.file) if described else node.name),
        version=text(data.get("version")),
        provider=text(data.get("provider")),
        checksum_algorithm=algorithm if digest else "",
        checksum=digest,
        container_format=text(data.get("container_format"), "bare").lower(),
        disk_format=text(data.get("disk_format"), "qcow2").lower(),
        min_disk_bytes=size_bytes(data.get("min_disk")),
        min_ram_bytes=size_bytes(data.get("min_ram")),
        size_bytes=size_bytes(data.get("size")),
        operating_system=text(data.get("operating_system")),
        environments=texts(data.get("supported_virtualisation_environments")),
        artifact=described,
    )


_IMAGE_FIELDS = frozenset(
    {
        "name", "version", "provider", "checksum", "checksum_algorithm", "container_format", "disk_format", "min_disk",
        "min_ram", "size", "operating_system", "supported_virtualisation_environments",
    }
)  # fmt: skip


def _image_artifacts(node: Node) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, artifact)
        for name, artifact in node.artifacts.items()
        if text(artifact.get("type")).startswith(_IMAGE_TYPES) or name == "sw_image"
    ]


def _checksum(data: dict[str, Any]) -> tuple[str, str]:
    checksum = data.get("checksum")
    algorithm = text(mapping(checksum).get("algorithm")) or text(data.get("checksum_algorithm")) or "sha-256"
    digest = text(mapping(checksum).get("hash")) or (checksum if isinstance(checksum, str) else "")
    algorithm = algorithm.lower().replace("_", "-")
    if algorithm.startswith("sha") and algorithm[3:4].isdigit():
        algorithm = f"sha-{algorithm[3:]}"
    return algorithm, digest.lower()
