"""Snapshots: Glance's images that Nova makes of servers, and volumes that Cinder makes of volumes.

Nova gives the image of a server metadata, which Glance keeps as properties, but no tags; and it passes the properties
of the image that the server was made from on to it. So the marks are always the same few properties, of which none can
be left from another snapshot, and the identity is written as a name is.

A snapshot as Cinder means it keeps its volume from being removed, which ours must not: it outlives the volume. So ours
is a volume that no server gets, made of the one that is snapshotted, with one more item of metadata than volumes have.
"""

from __future__ import annotations

from typing import Any

from vim_adapters.contract import Identity, Observation, State
from vim_adapters.openstack.collection import Document, named
from vim_adapters.openstack.images import IMAGE_STATES
from vim_adapters.openstack.marks import (
    as_metadata,
    as_name,
    from_name,
    key_metadata,
    marked_now,
    owner_metadata,
)
from vim_adapters.openstack.networking import observed_as
from vim_adapters.openstack.session import Session
from vim_adapters.openstack.volumes import SNAPSHOT_METADATA, BlockStorage
from vim_adapters.resources import Kind, ServerSnapshotSpec, VolumeSnapshotSpec, spec_digest

_MARKS = "mano.marks"


class ServerSnapshots:
    """Images that are made of servers. They bear their marks as properties."""

    kind = Kind.SERVER_SNAPSHOT

    def __init__(self, session: Session) -> None:
        self._session = session

    def bearing(self, identity: Identity) -> list[Document]:
        """Return everything that bears the marks of this identity."""
        return self._listed(key_metadata(identity))

    def owned(self, owner: str) -> list[Document]:
        """Return everything that bears the marks of this owner."""
        return self._listed(owner_metadata(owner))

    def at(self, id_: str) -> Document | None:
        """Return the image with this identifier, or None."""
        return self._session.get("image", f"/images/{id_}")

    def observed(self, document: Document) -> Observation:
        """Return what a document says."""
        return observed_as(
            Kind.SERVER_SNAPSHOT,
            document["id"],
            IMAGE_STATES.get(document.get("status", ""), State.PENDING),
            from_name(document.get(_MARKS) or ""),
            created_at=document.get("created_at", ""),
            fault=f"its status is {document.get('status')}",
            attributes={"name": document.get("name") or ""},
        )

    def create(self, spec: ServerSnapshotSpec, identity: Identity) -> Document:
        """Have Nova make an image of a server, which goes on meanwhile."""
        properties = server_snapshot_properties(spec, identity)
        body = {"createImage": {"name": named(spec), "metadata": properties}}
        made = self._session.post("compute", f"/servers/{spec.server}/action", body)["image_id"]
        return self.at(made) or {"id": made, "status": "queued", **properties}

    def complete(self, _spec: Any, _identity: Identity, document: Document) -> Document:
        """Return the image: its marks are whole from the beginning."""
        return document

    def remove(self, document: Document) -> None:
        """Remove the image."""
        self._session.delete("image", f"/images/{document['id']}")

    def _listed(self, properties: dict[str, str]) -> list[Document]:
        found = self._session.list("image", "/images", "images", **properties)
        return [document for document in found if document.get(_MARKS)]


class VolumeSnapshots(BlockStorage):
    """Volumes that are made of volumes, to be kept."""

    kind = Kind.VOLUME_SNAPSHOT

    def create(self, spec: VolumeSnapshotSpec, identity: Identity) -> Document:
        """Have Cinder make a volume of a volume, which may be a server's; it is in the same zone."""
        body = volume_snapshot_body(spec, identity)
        return dict(self._session.post("block_storage", "/volumes", {"volume": body})["volume"])


def server_snapshot_properties(spec: ServerSnapshotSpec, identity: Identity) -> dict[str, str]:
    """Return the marks of an image of a server: the same properties whoever it is of."""
    marks = marked_now(identity, spec_digest(spec))
    return {**key_metadata(identity), **owner_metadata(identity.owner), _MARKS: as_name(marks)}


def volume_snapshot_body(spec: VolumeSnapshotSpec, identity: Identity) -> Document:
    """Return what asks Cinder for a volume made of a volume."""
    return {
        "name": named(spec),
        "size": spec.size_gib,
        "source_volid": spec.volume,
        "metadata": as_metadata(marked_now(identity, spec_digest(spec))) | SNAPSHOT_METADATA,
    }
