"""Whose a resource is and what it was made from, written on the resource.

Nova and Glance bear marks as tags, Cinder as metadata, and a server group, which bears neither, as its name. Neutron
takes no tags in the request that makes a resource, but a description: that tells the identity from the first moment,
and the tags, which are written next, tell the rest. What has no digest was left by an interrupted creation.

Tags are kept within 60 characters and free of ``/`` and ``,``: Nova and older Neutrons allow no more, so longer texts
are spread over several.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote

import msgspec

from vim_adapters.contract import Identity

_LONGEST = 60
_SAFE = "-_.:~"
_PREFIX = "mano"
_NAME_LONGEST = 255
_CUT = "~~"


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What is written on a resource of ours."""

    identity: Identity
    digest: str = ""
    """Empty while the resource lacks something that further calls were to add."""
    created_at: str
    """By our clock: several services tell whole seconds only, or nothing."""


def marked_now(identity: Identity, digest: str) -> Marks:
    """Return the marks of a resource that is about to be made."""
    return Marks(identity=identity, digest=digest, created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def key(identity: Identity) -> str:
    """Return the one short mark that an identity can be looked up by."""
    return hashlib.sha256(f"{identity.owner}\0{identity.path}".encode()).hexdigest()[:32]


def key_tag(identity: Identity) -> str:
    """Return the tag that all resources of an identity bear, and no others."""
    return f"{_PREFIX}.key={key(identity)}"


def key_metadata(identity: Identity) -> dict[str, str]:
    """Return the item of metadata that all resources of an identity bear, and no others."""
    return {f"{_PREFIX}.key": key(identity)}


def owner_tags(owner: str) -> list[str]:
    """Return the tags that everything of an owner bears."""
    return [f"{name}={value}" for name, value in _pieces("owner", owner)]


def owner_metadata(owner: str) -> dict[str, str]:
    """Return the metadata that everything of an owner bears."""
    return dict(_pieces("owner", owner))


def as_metadata(marks: Marks) -> dict[str, str]:
    """Return the marks as items of metadata."""
    texts = {"owner": marks.identity.owner, "path": marks.identity.path, "at": marks.created_at}
    if marks.digest:
        texts["digest"] = marks.digest
    pieces = [piece for field, text in texts.items() for piece in _pieces(field, text)]
    return {**key_metadata(marks.identity), **dict(pieces)}


def as_tags(marks: Marks) -> list[str]:
    """Return the marks as tags."""
    return [f"{name}={value}" for name, value in as_metadata(marks).items()]


def as_name(marks: Marks) -> str:
    """Return the marks as a name; the end of a path that is too long for it is left out."""
    identity = marks.identity
    return _cut(" ".join((_PREFIX, key(identity), marks.created_at, marks.digest, identity.owner, identity.path)))


def as_description(identity: Identity) -> str:
    """Return an identity as the description of a resource; the end of a path that is too long for it is left out."""
    return _cut(" ".join((_PREFIX, key(identity), identity.owner, quote(identity.path, safe=f"{_SAFE}/ "))))


def beside_description(marks: Marks) -> list[str]:
    """Return the tags that complete a description."""
    tags = as_tags(marks)
    if as_description(marks.identity).endswith(_CUT):
        return tags
    return [tag for tag in tags if not tag.startswith((f"{_PREFIX}.key", f"{_PREFIX}.path"))]


def from_description(description: str, tags: Iterable[str]) -> Marks | None:
    """Return the marks of what has a description and perhaps tags, or None where the resource is not ours."""
    words = description.split(" ", 3)
    if len(words) != len(("prefix", "key", "owner", "path")) or words[0] != _PREFIX:
        return None
    tagged = _by_name(tags)
    return Marks(
        identity=Identity(owner=words[2], path=_joined(tagged, "path") or unquote(words[3])),
        digest=_joined(tagged, "digest"),
        created_at=_joined(tagged, "at"),
    )


def from_metadata(metadata: Mapping[str, str]) -> Marks | None:
    """Return the marks among items of metadata, or None where the resource is not ours."""
    owner, path = _joined(metadata, "owner"), _joined(metadata, "path")
    if not owner or not path:
        return None
    identity = Identity(owner=owner, path=path)
    return Marks(identity=identity, digest=_joined(metadata, "digest"), created_at=_joined(metadata, "at"))


def from_tags(tags: Iterable[str]) -> Marks | None:
    """Return the marks among tags, or None where the resource is not ours."""
    return from_metadata(_by_name(tags))


def from_name(name: str) -> Marks | None:
    """Return the marks that a name is, or None where the resource is not ours."""
    words = name.split(" ", 5)
    if len(words) != len(("prefix", "key", "created_at", "digest", "owner", "path")) or words[0] != _PREFIX:
        return None
    _, _, created_at, digest, owner, path = words
    return Marks(identity=Identity(owner=owner, path=path), digest=digest, created_at=created_at)


def name_bears(name: str, identity: Identity) -> bool:
    """Whether a name is that of a resource of this identity, left out parts of the path included."""
    return name.startswith(f"{_PREFIX} {key(identity)} ")


def _by_name(tags: Iterable[str]) -> dict[str, str]:
    return dict(tag.split("=", 1) for tag in tags if tag.startswith(f"{_PREFIX}.") and "=" in tag)


def _cut(text: str) -> str:
    return text if len(text) <= _NAME_LONGEST else f"{text[: _NAME_LONGEST - len(_CUT)]}{_CUT}"


def _pieces(field: str, text: str) -> list[tuple[str, str]]:
    encoded = quote(text, safe=_SAFE)
    length = _LONGEST - len(f"{_PREFIX}.{field}.00=")
    starts = range(0, len(encoded), length)
    return [(f"{_PREFIX}.{field}.{index}", encoded[start : start + length]) for index, start in enumerate(starts)]


def _joined(metadata: Mapping[str, str], field: str) -> str:
    found: list[str] = []
    while (piece := metadata.get(f"{_PREFIX}.{field}.{len(found)}")) is not None:
        found.append(piece)
    return unquote("".join(found))
