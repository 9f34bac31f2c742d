"""Cinder's volumes."""

from __future__ import annotations

from collections.abc import Collection as Zones
from typing import Any

from vim_adapters.contract import Identity, Observation, State
from vim_adapters.errors import ConflictError, InvalidSpecError
from vim_adapters.openstack.collection import Document, named
from vim_adapters.openstack.marks import as_metadata, from_metadata, key_metadata, marked_now, owner_metadata
from vim_adapters.openstack.networking import observed_as
from vim_adapters.openstack.session import Session
from vim_adapters.resources import Kind, VolumeSpec, spec_digest

_STATES = {
    "available": State.READY,
    "in-use": State.READY,
    "reserved": State.READY,
    "attaching": State.READY,
    "detaching": State.READY,
    "maintenance": State.READY,
    "deleting": State.DELETING,
}
"""By Cinder's status; those that begin with "error" are faults, and every other one passes."""

_IN_USE = frozenset({"in-use", "attaching", "detaching", "reserved"})

SNAPSHOT_METADATA = {"mano.kind": "volume_snapshot"}
"""What a volume bears besides its marks that is kept as a snapshot of another."""


class BlockStorage:
    """Cinder's volumes, whatever they are for. They bear their marks as metadata."""

    kind: Kind

    def __init__(self, session: Session) -> None:
        self._session = session

    def bearing(self, identity: Identity) -> list[Document]:
        """Return everything that bears the marks of this identity."""
        return self._listed(key_metadata(identity))

    def owned(self, owner: str) -> list[Document]:
        """Return everything that bears the marks of this owner."""
        return self._listed(owner_metadata(owner))

    def at(self, id_: str) -> Document | None:
        """Return the volume with this identifier, or None."""
        answer = self._session.get("block_storage", f"/volumes/{id_}")
        return None if answer is None else dict(answer["volume"])

    def observed(self, document: Document) -> Observation:
        """Return what a document says."""
        return observed_as(
            self.kind,
            document["id"],
            _state(document),
            from_metadata(document.get("metadata") or {}),
            created_at=document.get("created_at", ""),
            fault=f"its status is {document.get('status', '')}",
            attributes={"zone": document.get("availability_zone") or "", "size_gib": document.get("size")},
        )

    def complete(self, _spec: Any, _identity: Identity, document: Document) -> Document:
        """Return the volume: one request made it whole."""
        return document

    def remove(self, document: Document) -> None:
        """Remove a volume; ConflictError while a server has it."""
        if document.get("status") in _IN_USE:
            raise ConflictError(f"volume {document['id']} is in use")
        self._session.delete("block_storage", f"/volumes/{document['id']}")

    def _listed(self, metadata: dict[str, str]) -> list[Document]:
        snapshots = self.kind is Kind.VOLUME_SNAPSHOT
        wanted = str(SNAPSHOT_METADATA | metadata if snapshots else metadata)  # Cinder reads Python's literal of it
        found = self._session.list("block_storage", "/volumes/detail", "volumes", metadata=wanted)
        return [one for one in found if _is_snapshot(one) is snapshots]


class Volumes(BlockStorage):
    """Volumes for servers."""

    kind = Kind.VOLUME

    def __init__(self, session: Session, *, zones: Zones[str]) -> None:
        super().__init__(session)
        self._zones = zones

    def create(self, spec: VolumeSpec, identity: Identity) -> Document:
        """Make a volume. A zone that Cinder does not know is Nova's alone, and left out."""
        body = volume_body(spec, zone=spec.zone if spec.zone in self._zones else None)
        body["metadata"] = as_metadata(marked_now(identity, spec_digest(spec)))
        return dict(self._session.post("block_storage", "/volumes", {"volume": body})["volume"])


def _is_snapshot(document: Document) -> bool:
    return SNAPSHOT_METADATA.items() <= (document.get("metadata") or {}).items()


def _state(document: Document) -> State:
    status = document.get("status", "")
    return State.FAULTED if status.startswith("error") else _STATES.get(status, State.PENDING)


def volume_body(spec: VolumeSpec, *, zone: str | None) -> Document:
    """Return what asks Cinder for a volume; one that is made of a snapshot goes to the snapshot's zone."""
    if spec.size_gib < 1:
        raise InvalidSpecError("size_gib: must be at least 1")
    if spec.image and spec.snapshot:
        raise InvalidSpecError("snapshot: a volume is filled with an image or with a snapshot, not with both")
    body = {
        "name": named(spec),
        "size": spec.size_gib,
        "imageRef": spec.image,
        "source_volid": spec.snapshot,
        "availability_zone": None if spec.snapshot else zone,
        "volume_type": spec.volume_type,
    }
    return {name: value for name, value in body.items() if value is not None}
