"""Glance's images: found by digest or name, or uploaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vim_adapters.contract import Identity, Observation, State
from vim_adapters.errors import ConflictError, DependencyMissingError, InvalidSpecError, RequestRefusedError
from vim_adapters.openstack.collection import Document, named
from vim_adapters.openstack.marks import as_tags, from_tags, key_tag, marked_now, owner_tags
from vim_adapters.openstack.networking import observed_as
from vim_adapters.openstack.session import Session
from vim_adapters.resources import ImageSpec, Kind, spec_digest

IMAGE_STATES = {
    "active": State.READY,
    "killed": State.FAULTED,
    "error": State.FAULTED,
    "deactivated": State.FAULTED,
    "pending_delete": State.DELETING,
    "deleted": State.ABSENT,
}
"""By Glance's status; every other one passes."""

_DIGEST_PROPERTY = "owner_specified.openstack.{algorithm}"
"""Where openstacksdk and its command line keep the digests of what they upload."""

_KEPT_DIGESTS = ("sha256", "md5")
_CHUNK = 1 << 20


class Images:
    """Software images. Those that we upload bear marks; all others are found, used and left alone."""

    kind = Kind.IMAGE

    def __init__(self, session: Session) -> None:
        self._session = session

    def bearing(self, identity: Identity) -> list[Document]:
        """Return everything that bears the marks of this identity."""
        return self._listed(tag=key_tag(identity))

    def owned(self, owner: str) -> list[Document]:
        """Return everything that bears the marks of this owner."""
        return self._listed(tag=owner_tags(owner))

    def at(self, id_: str) -> Document | None:
        """Return the image with this identifier, or None."""
        return self._session.get("image", f"/images/{id_}")

    def observed(self, document: Document) -> Observation:
        """Return what a document says; an image that bears no marks is shared."""
        marks = from_tags(document.get("tags") or ())
        return observed_as(
            Kind.IMAGE,
            document["id"],
            IMAGE_STATES.get(document.get("status", ""), State.PENDING),
            marks,
            created_at=document.get("created_at", ""),
            fault=f"its status is {document.get('status')}",
            attributes={"shared": marks is None, "name": document.get("name") or ""},
        )

    def shared(self, spec: ImageSpec) -> Document | None:
        """Return the cloud's own image that a spec means, or None where the content that came along is to be uploaded.

        Raises:
            DependencyMissingError: it means none, and brings no content.
        """
        by_digest = [document for query in _digest_queries(spec) for document in self._listed(**query)]
        by_name = self._listed(name=spec.name)
        found = meant(spec, [*by_digest, *by_name])
        if found or spec.content is not None:
            return found
        raise DependencyMissingError(_missed(spec, by_name))

    def create(self, spec: ImageSpec, identity: Identity) -> Document:
        """Upload an image.

        Raises:
            InvalidSpecError: the content cannot be read, has another digest, or is not what its format says.
        """
        content = _content(spec)
        digests = content_digests(content, spec)
        body = image_body(spec, digests) | {"tags": as_tags(marked_now(identity, spec_digest(spec)))}
        document = self._session.post("image", "/images", body)
        try:
            return self._filled(document, content)
        except RequestRefusedError:
            self.remove(document)
            raise

    def complete(self, _spec: Any, _identity: Identity, document: Document) -> Document:
        """Return the image: its marks are whole from the beginning."""
        return document

    def resumed(self, spec: ImageSpec, identity: Identity, document: Document) -> Document:
        """Upload again what an upload that broke off left behind; anything else is returned as it is."""
        if document.get("status") == "queued" and spec.content is not None:
            return self._filled(document, _content(spec))
        if document.get("status") in {"saving", "killed"} and spec.content is not None:
            self.remove(document)
            return self.create(spec, identity)
        return document

    def remove(self, document: Document) -> None:
        """Remove an image."""
        self._session.delete("image", f"/images/{document['id']}")

    def _filled(self, document: Document, content: Path) -> Document:
        with content.open("rb") as file:
            self._session.upload("image", f"/images/{document['id']}/file", file)
        return self.at(document["id"]) or document

    def _listed(self, **query: Any) -> list[Document]:
        return self._session.list("image", "/images", "images", **query)


def meant(spec: ImageSpec, images: Iterable[Document]) -> Document | None:
    """Return the image that a spec means: the digest decides where both sides have one, else the name does.

    Images that bear marks are somebody's, and go when that one goes: they are not meant. Nor are snapshots of servers,
    to which Nova passes the digests on of the image that the server was made from.
    """
    usable = [
        one
        for one in images
        if one.get("status") == "active"
        and one.get("image_type") != "snapshot"
        and from_tags(one.get("tags") or ()) is None
    ]
    wanted = (spec.checksum or "").lower()
    algorithm = _algorithm(spec)
    for one in usable:
        if wanted and known_digests(one).get(algorithm) == wanted:
            return one
    for one in usable:
        if one.get("name") == spec.name and not (wanted and algorithm in known_digests(one)):
            return one
    return None


def known_digests(image: Document) -> dict[str, str]:
    """Return the digests that the cloud knows of an image, by algorithm."""
    kept = {name: image.get(_DIGEST_PROPERTY.format(algorithm=name)) for name in _KEPT_DIGESTS}
    known = {"md5": image.get("checksum"), image.get("os_hash_algo") or "": image.get("os_hash_value")}
    return {name: str(value).lower() for name, value in (kept | known).items() if name and value}


def image_body(spec: ImageSpec, digests: dict[str, str]) -> Document:
    """Return what asks Glance for an image that is to be uploaded."""
    return {
        "name": named(spec),
        "container_format": spec.container_format.lower(),
        "disk_format": spec.disk_format.lower(),
        "min_disk": spec.min_disk_gib,
        "min_ram": spec.min_ram_mib,
        **{_DIGEST_PROPERTY.format(algorithm=name): value for name, value in digests.items() if name in _KEPT_DIGESTS},
    }


def content_digests(content: Path, spec: ImageSpec) -> dict[str, str]:
    """Read an image's content and return its digests: the one that a spec names, and sha256.

    Raises:
        InvalidSpecError: the file cannot be read, or is not what the checksum says.
    """
    try:
        found = {name: hashlib.new(name) for name in {_algorithm(spec) or "sha256", "sha256"}}
    except ValueError:
        raise InvalidSpecError(f"checksum_algorithm: {spec.checksum_algorithm!r} is not known") from None
    try:
        with content.open("rb") as file:
            while chunk := file.read(_CHUNK):
                for digest in found.values():
                    digest.update(chunk)
    except OSError as error:
        raise InvalidSpecError(f"the content of image {spec.name!r} cannot be read: {error}") from error
    digests = {name: digest.hexdigest() for name, digest in found.items()}
    if spec.checksum and digests[_algorithm(spec)] != spec.checksum.lower():
        raise InvalidSpecError(
            f"the content of image {spec.name!r} has {spec.checksum_algorithm} {digests[_algorithm(spec)]},"
            f" not {spec.checksum} as is asked for"
        )
    return digests


def _content(spec: ImageSpec) -> Path:
    if spec.content is None:
        raise ConflictError(f"image {spec.name!r} vanished from the cloud, and there is no content to upload")
    return Path(spec.content)


def _digest_queries(spec: ImageSpec) -> list[dict[str, str]]:
    if not spec.checksum:
        return []
    checksum, algorithm = spec.checksum.lower(), _algorithm(spec)
    queries = [{"os_hash_value": checksum}]
    if algorithm == "md5":
        queries.append({"checksum": checksum})
    if algorithm in _KEPT_DIGESTS:
        queries.append({_DIGEST_PROPERTY.format(algorithm=algorithm): checksum})
    return queries


def _missed(spec: ImageSpec, namesakes: list[Document]) -> str:
    known = [digest for one in namesakes if (digest := known_digests(one).get(_algorithm(spec)))]
    if known:
        return (
            f"the cloud's image {spec.name!r} has {spec.checksum_algorithm} {known[0]},"
            f" not {spec.checksum} as is asked for"
        )
    digest = f" and none with {spec.checksum_algorithm} {spec.checksum}" if spec.checksum else ""
    return f"the cloud has no image {spec.name!r}{digest}, and there is no content to upload"


def _algorithm(spec: ImageSpec) -> str:
    return (spec.checksum_algorithm or "").lower().replace("-", "")
