"""What a client is shown of VNF packages, and what it may ask (SOL005 clause 9.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from descriptors.model.vnfd import SoftwareImage, Vnfd
from descriptors.onboarding import Onboarded, PackagedFile
from nfvo.catalogue.entries import Entry, OnboardingState, OperationalState, UsageState
from nfvo.catalogue.external import named
from nfvo.catalogue.selection import additional
from nfvo.sol005.entries import Resource
from nfvo.sol005.general import Checksum, KeyValuePairs, Link, ProblemDetails, Sol005Type


class CreateVnfPkgInfoRequest(Sol005Type, frozen=True, kw_only=True):
    """Ask for the record of a VNF package (SOL005 clause 9.5.2.2)."""

    user_defined_data: KeyValuePairs = {}


class VnfPkgInfoModifications(Sol005Type, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change, and what has changed (SOL005 clause 9.5.2.3)."""

    operational_state: OperationalState | None = None
    user_defined_data: KeyValuePairs | None = None


class VnfPackageSoftwareImageInfo(Sol005Type, frozen=True, kw_only=True, omit_defaults=False):
    """A software image that the VNFD names (SOL005 clause 9.5.3.2)."""

    id: str
    """Its name in the VNFD."""
    name: str
    provider: str
    version: str
    checksum: Checksum
    is_encrypted: bool = False
    container_format: str
    disk_format: str
    created_at: str
    """When the package was onboarded: VNFDs do not say when images were made."""
    min_disk: int
    """Bytes."""
    min_ram: int
    """Bytes."""
    size: int
    """Bytes."""
    image_path: str
    """In the package; of an image that the package does not carry, the path or URI by which it is named."""
    image_uri: str | msgspec.UnsetType = msgspec.UNSET


class VnfPackageArtifactInfo(Sol005Type, frozen=True, kw_only=True, omit_defaults=False):
    """Another file of the package (SOL005 clause 9.5.3.3)."""

    artifact_path: str | msgspec.UnsetType = msgspec.UNSET
    """In the package; of an external artifact that was fetched, where it is had here."""
    artifact_uri: str | msgspec.UnsetType = msgspec.field(name="artifactURI", default=msgspec.UNSET)
    """By which the package names an external artifact."""
    checksum: Checksum
    is_encrypted: bool = False
    non_mano_artifact_set_id: str | msgspec.UnsetType = msgspec.UNSET


class VnfPkgLinks(Sol005Type, frozen=True, kw_only=True):
    """Where more is (SOL005 clause 9.5.2.5)."""

    self: Link
    vnfd: Link
    package_content: Link


class VnfPkgInfo(Sol005Type, frozen=True, kw_only=True):
    """A VNF package (SOL005 clause 9.5.2.5)."""

    id: str
    vnfd_id: str | None = None
    vnf_provider: str | None = None
    vnf_product_name: str | None = None
    vnf_software_version: str | None = None
    vnfd_version: str | None = None
    compatible_specification_versions: str | None = None
    checksum: Checksum | None = None
    package_security_option: str | None = None
    software_images: tuple[VnfPackageSoftwareImageInfo, ...] | None = None
    additional_artifacts: tuple[VnfPackageArtifactInfo, ...] | None = None
    onboarding_state: OnboardingState
    operational_state: OperationalState
    usage_state: UsageState
    vnfm_info: tuple[str, ...] | None = None
    user_defined_data: KeyValuePairs | None = None
    onboarding_failure_details: ProblemDetails | None = None
    links: VnfPkgLinks = msgspec.field(name="_links")


def vnf_pkg_info(entry: Entry, usage: UsageState, onboarded: Onboarded | None, base: str) -> VnfPkgInfo:
    """Return what a client is shown; ``onboarded`` is None until the package is, ``base`` its absolute URL."""
    known: dict[str, Any] = {}
    if onboarded and onboarded.vnfd:
        known = _of_vnfd(onboarded.vnfd, onboarded, entry)
    return VnfPkgInfo(
        id=entry.id,
        onboarding_state=entry.onboarding_state,
        operational_state=entry.operational_state,
        usage_state=usage,
        user_defined_data=entry.user_defined_data or None,
        onboarding_failure_details=entry.failure,
        links=VnfPkgLinks(
            self=Link(href=base), vnfd=Link(href=f"{base}/vnfd"), package_content=Link(href=f"{base}/package_content")
        ),
        **known,
    )


def _of_vnfd(vnfd: Vnfd, onboarded: Onboarded, entry: Entry) -> dict[str, Any]:
    images = vnfd.software_images()
    carried = {file.path: file for file in onboarded.artifacts}
    return {
        "vnfd_id": vnfd.id,
        "vnf_provider": vnfd.provider,
        "vnf_product_name": vnfd.product_name,
        "vnf_software_version": vnfd.software_version,
        "vnfd_version": vnfd.version,
        "compatible_specification_versions": (
            onboarded.manifest.metadata.get("compatible_specification_versions") if onboarded.manifest else None
        ),
        "checksum": Checksum(algorithm="SHA-256", hash=entry.digest),
        "package_security_option": onboarded.security_option,
        "vnfm_info": vnfd.vnfm_info,
        "software_images": tuple(_image(image, carried, entry) for image in images.values()),
        "additional_artifacts": tuple(
            VnfPackageArtifactInfo(
                artifact_path=file.path,
                checksum=Checksum(algorithm="SHA-256", hash=file.sha256),
                non_mano_artifact_set_id=artifact_set(file.path, onboarded),
            )
            for file in additional(onboarded)
        )
        + tuple(_external(onboarded, entry)),
    }


def _external(onboarded: Onboarded, entry: Entry) -> Iterator[VnfPackageArtifactInfo]:
    """Yield the external artifacts that are no software images, and of which a checksum is known."""
    images = onboarded.vnfd.software_images().values() if onboarded.vnfd else ()
    files = {image.artifact.file for image in images if image.artifact}
    for uri, (algorithm, digest) in named(onboarded).items():
        fetched = entry.external.get(uri)
        if uri in files or not (digest or fetched):
            continue
        yield VnfPackageArtifactInfo(
            artifact_path=fetched.path if fetched else msgspec.UNSET,
            artifact_uri=uri,
            checksum=Checksum(
                algorithm=algorithm.upper() if digest else "SHA-256", hash=digest or (fetched.sha256 if fetched else "")
            ),
            non_mano_artifact_set_id=artifact_set(uri, onboarded),
        )


def _image(image: SoftwareImage, carried: dict[str, PackagedFile], entry: Entry) -> VnfPackageSoftwareImageInfo:
    path = image.artifact.file if image.artifact else ""
    file = carried.get(path) or entry.external.get(path)
    return VnfPackageSoftwareImageInfo(
        id=image.id,
        name=image.name,
        provider=image.provider,
        version=image.version,
        checksum=_checksum(image, file),
        container_format=image.container_format.upper(),
        disk_format=image.disk_format.upper(),
        created_at=entry.onboarded_at,
        min_disk=image.min_disk_bytes,
        min_ram=image.min_ram_bytes,
        size=file.size if file else image.size_bytes,
        image_path=file.path if file else path,
        image_uri=path if "://" in path else msgspec.UNSET,
    )


def _checksum(image: SoftwareImage, file: PackagedFile | None) -> Checksum:
    """Return the digest that the VNFD gives; else the one of the file, where the package carries it."""
    if image.checksum:
        return Checksum(algorithm=image.checksum_algorithm.upper(), hash=image.checksum)
    return Checksum(algorithm="SHA-256", hash=file.sha256 if file else "")


def artifact_set(path: str, onboarded: Onboarded) -> str | msgspec.UnsetType:
    """Return the non-MANO artifact set that a file belongs to (SOL004 clause 4.3.7); UNSET for one of ours."""
    sets = onboarded.manifest.artifact_sets if onboarded.manifest else {}
    return next((name for name, paths in sets.items() if path in paths), msgspec.UNSET)


VNF_PACKAGES = Resource(
    kind="vnfd",
    collection="/vnf_packages",
    variable="vnfPkgId",
    content="package_content",
    descriptor="vnfd",
    single=False,
    asked=CreateVnfPkgInfoRequest,
    answer=VnfPkgInfo,
    changes=VnfPkgInfoModifications,
    state=lambda asked: asked.operational_state,
    omitted=("softwareImages", "additionalArtifacts", "userDefinedData", "checksum", "onboardingFailureDetails"),
    info=lambda entry, usage, onboarded, _, base: vnf_pkg_info(entry, usage, onboarded, base),
)
"""VNF packages as SOL005 has them (clauses 9.4.2 to 9.4.5)."""
