"""Software images of the simulated VIM: what it comes with, which one is meant, and whether content is what it says."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import msgspec

from vim_adapters.errors import DependencyMissingError, InvalidSpecError
from vim_adapters.resources import ImageSpec, Kind, encode_spec

CATALOGUE = (
    ImageSpec(
        name="cirros-0.5.2-x86_64-disk",
        checksum_algorithm="sha-256",
        checksum="932fcae93574e242dc3d772d5235061747dfe537668443a1f0567d893614b464",
        size_bytes=16_300_544,
        version="0.5.2",
    ),
)
"""Images that every simulated VIM has from the beginning, shared with everybody."""

_CHUNK = 1 << 20


def catalogue_row(image: ImageSpec, now: float) -> dict[str, object]:
    """Return the row of a shared image; its identifier is the same on every simulated VIM."""
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mano:simulated:image:{image.name}")),
        "kind": Kind.IMAGE.value,
        "name": image.name,
        "spec": json.dumps(encode_spec(image)),
        "attributes": json.dumps({"shared": True, "name": image.name}),
        "created_at": now,
        "ready_at": now,
    }


def shared_image(connection: sqlite3.Connection, wanted: ImageSpec) -> sqlite3.Row | None:
    """Return the VIM's own image that is meant, or None where the content that came along is to be uploaded.

    The digest decides where both sides have one of the same algorithm, else the name does.

    Raises:
        DependencyMissingError: nothing is meant by it and it brings no content.
    """
    rows = connection.execute("SELECT * FROM resources WHERE kind = 'image' AND owner IS NULL ORDER BY seq").fetchall()
    namesake: ImageSpec | None = None
    by_name: sqlite3.Row | None = None
    for row in rows:
        image = msgspec.json.decode(row["spec"], type=ImageSpec)
        comparable = bool(wanted.checksum and image.checksum) and _algorithm(wanted) == _algorithm(image)
        if comparable and (wanted.checksum or "").lower() == image.checksum:
            found: sqlite3.Row = row
            return found
        if image.name == wanted.name:
            namesake = image
            by_name = by_name or (None if comparable else row)
    if by_name is not None or wanted.content is not None:
        return by_name
    if namesake is not None:
        raise DependencyMissingError(
            f"the VIM's image {wanted.name!r} has {namesake.checksum_algorithm} {namesake.checksum},"
            f" not {wanted.checksum} as is asked for"
        )
    digest = f" and none with {wanted.checksum_algorithm} {wanted.checksum}" if wanted.checksum else ""
    raise DependencyMissingError(f"the VIM has no image {wanted.name!r}{digest}, and there is no content to upload")


def verified_size(image: ImageSpec) -> int | None:
    """Read the content that comes with an image and return its size in bytes; None where it brings none.

    Raises:
        InvalidSpecError: the file cannot be read, or is not what the checksum says.
    """
    if image.content is None:
        return None
    algorithm = _algorithm(image)
    try:
        digest = hashlib.new(algorithm or "sha256")
    except ValueError:
        raise InvalidSpecError(f"checksum_algorithm: {image.checksum_algorithm!r} is not known") from None
    size = 0
    try:
        with Path(image.content).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise InvalidSpecError(f"the content of image {image.name!r} cannot be read: {error}") from error
    if image.checksum and digest.hexdigest() != image.checksum.lower():
        raise InvalidSpecError(
            f"the content of image {image.name!r} has {image.checksum_algorithm} {digest.hexdigest()},"
            f" not {image.checksum} as is asked for"
        )
    return size


def image_attributes(image: ImageSpec, size: int | None) -> dict[str, Any]:
    """What is told of an image that was uploaded."""
    return {"shared": False, "name": image.name, "size_bytes": size}


def _algorithm(image: ImageSpec) -> str:
    return (image.checksum_algorithm or "").lower().replace("-", "")
