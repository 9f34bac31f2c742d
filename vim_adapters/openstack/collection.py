"""One kind of resource of a cloud: what the verbs of the contract need of it."""

from __future__ import annotations

from typing import Any, Protocol

from vim_adapters.contract import Identity, Observation
from vim_adapters.resources import Kind, ResourceSpec

Document = dict[str, Any]
"""A resource as its service describes it."""


class Collection(Protocol):
    """All resources of one kind. Blocks; errors are those of the contract."""

    kind: Kind

    def bearing(self, identity: Identity) -> list[Document]:
        """Return everything that bears the marks of this identity, in any order."""

    def owned(self, owner: str) -> list[Document]:
        """Return everything that bears the marks of this owner, in any order."""

    def at(self, id_: str) -> Document | None:
        """Return the resource with this identifier, or None."""

    def observed(self, document: Document) -> Observation:
        """Return what a document says; the identity only where it bears marks."""

    def create(self, spec: Any, identity: Identity) -> Document:
        """Make a resource that bears the marks of the identity."""

    def complete(self, spec: Any, identity: Identity, document: Document) -> Document:
        """Add what an interrupted ``create`` left out: the document's marks have no digest."""

    def remove(self, document: Document) -> None:
        """Begin to remove a resource; ConflictError while it is in use."""


def named(spec: ResourceSpec) -> str:
    """Return a name as every service takes it."""
    return spec.name[:255]
