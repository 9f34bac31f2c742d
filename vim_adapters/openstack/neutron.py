"""Neutron's collections: networks, subnets, ports and trunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vim_adapters.contract import Identity, Observation
from vim_adapters.errors import ConflictError, DependencyMissingError, RequestRefusedError, RetryElsewhereError
from vim_adapters.openstack import networking
from vim_adapters.openstack.collection import Document
from vim_adapters.openstack.marks import as_description, beside_description, marked_now, owner_tags
from vim_adapters.openstack.session import Session
from vim_adapters.resources import Kind, NetworkSpec, PortSpec, SubnetSpec, TrunkSpec, spec_digest

ROUTER_INTERFACES = frozenset(
    {
        "network:router_interface",
        "network:router_interface_distributed",
        "network:ha_router_replicated_interface",
    }
)
"""Owners of a router's ports on networks; others are its way outside, or between its parts."""


class Neutron:
    """A collection of Neutron's.

    A resource bears its identity as description, so that what an interrupted creation left is found and completed;
    its tags, with the digest, are written when nothing else is missing.
    """

    kind: Kind
    path: str
    """Of the collection."""
    tagged_path: str = ""
    """Of the collection where its tags are concerned, when that is another."""
    one: str
    """What the service calls one of it in documents."""
    many: str
    """What the service calls several."""

    def __init__(self, session: Session, *, tags_at_once: bool = False) -> None:
        self._session = session
        self._tags_at_once = tags_at_once

    def bearing(self, identity: Identity) -> list[Document]:
        """Return everything that bears the marks of this identity."""
        return self._listed(description=as_description(identity))

    def absent(self, wanted: Sequence[tuple[Any, Identity]]) -> list[tuple[Any, Identity]]:
        """Return those of several wishes whose identity nothing bears, found out with one request."""
        descriptions = [as_description(identity) for _, identity in wanted]
        there = {document["description"] for document in self._listed(description=descriptions)}
        return [one for one, description in zip(wanted, descriptions, strict=True) if description not in there]

    def owned(self, owner: str) -> list[Document]:
        """Return everything that bears the marks of this owner."""
        return self._listed(tags=",".join(owner_tags(owner)))

    def at(self, id_: str) -> Document | None:
        """Return the resource with this identifier, or None."""
        answer = self._session.get("network", f"{self.path}/{id_}")
        return None if answer is None else dict(answer[self.one])

    def observed(self, document: Document) -> Observation:
        """Return what a document says."""
        return networking.observation(self.kind, document)

    def create(self, spec: Any, identity: Identity) -> Document:
        """Make a resource that bears the marks of the identity."""
        body = self._marked(spec, identity)
        document = dict(self._session.post("network", self.path, {self.one: body})[self.one])
        return document if self._is_whole_at_once(spec) else self.complete(spec, identity, document)

    def create_together(self, wanted: Sequence[tuple[Any, Identity]]) -> list[Document]:
        """Make several resources with one request, all or none; each is still to be completed.

        Those that an identity has already are the caller's to leave out.
        """
        bodies = [self._marked(spec, identity) for spec, identity in wanted]
        made = self._session.post("network", self.path, {self.many: bodies})[self.many]
        by_description = {document["description"]: dict(document) for document in made}
        return [by_description[body["description"]] for body in bodies]

    def complete(self, spec: Any, identity: Identity, document: Document) -> Document:
        """Make what further requests make, and write the tags."""
        settled = self.settle(spec, document)
        tags = beside_description(marked_now(identity, spec_digest(spec)))
        self._session.put("network", f"{self.tagged_path or self.path}/{document['id']}/tags", {"tags": tags})
        return {**settled, "tags": tags}

    def adjusted(self, spec: Any, document: Document) -> Document:
        """Have what is adjustable be as the spec says, and return the resource as it is then."""
        wanted = self.adjustable(spec)  # what nobody asks for, a cloud may not even know
        changed = {name: value for name, value in wanted.items() if (document.get(name) or None) != (value or None)}
        if not changed:
            return document
        answer = self._session.put("network", f"{self.path}/{document['id']}", {self.one: changed})
        return dict(answer[self.one])

    def adjustable(self, _spec: Any) -> Document:
        """Return what is adjustable, as the spec has it."""
        return {}

    def remove(self, document: Document) -> None:
        """Remove a resource; Neutron itself refuses while it is in use."""
        self._session.delete("network", f"{self.path}/{document['id']}")

    def body(self, spec: Any) -> Document:
        """Return what asks for a resource."""
        raise NotImplementedError

    def settle(self, _spec: Any, document: Document) -> Document:
        """Make what the first request could not, and return the resource as it is then."""
        return document

    def _marked(self, spec: Any, identity: Identity) -> Document:
        body = self.body(spec) | {"description": as_description(identity)}
        if self._is_whole_at_once(spec):
            body["tags"] = beside_description(marked_now(identity, spec_digest(spec)))
        return body

    def _is_whole_at_once(self, _spec: Any) -> bool:
        """Whether the first request makes all of it, with its tags."""
        return self._tags_at_once

    def _listed(self, **query: str | list[str]) -> list[Document]:
        return self._session.list("network", self.path, self.many, **query)


class Networks(Neutron):
    """Layer 2 segments."""

    kind, path, one, many = Kind.NETWORK, "/networks", "network", "networks"

    def body(self, spec: NetworkSpec) -> Document:
        """Return what asks for a network."""
        return networking.network_body(spec)

    def adjustable(self, spec: NetworkSpec) -> Document:
        """Return the policy that the network is under."""
        return {"qos_policy_id": spec.qos_policy}


class Subnets(Neutron):
    """Ranges of addresses on networks."""

    kind, path, one, many = Kind.SUBNET, "/subnets", "subnet", "subnets"

    def body(self, spec: SubnetSpec) -> Document:
        """Return what asks for a subnet."""
        return networking.subnet_body(spec)


class Ports(Neutron):
    """Points of attachment to networks."""

    kind, path, one, many = Kind.PORT, "/ports", "port", "ports"

    def body(self, spec: PortSpec) -> Document:
        """Return what asks for a port; the ports whose addresses it carries are looked up."""
        return networking.port_body(spec, self._carried(spec))

    def adjustable(self, spec: PortSpec) -> Document:
        """Return the policy that the port is under, and the addresses that it carries."""
        pairs = networking.allowed_pairs(spec, self._carried(spec))
        return {"qos_policy_id": spec.qos_policy, "allowed_address_pairs": pairs}

    def settle(self, spec: PortSpec, document: Document) -> Document:
        """Make it an interface of its router, unless it is."""
        if spec.router is None or document.get("device_id") == spec.router:
            return document
        try:
            self._session.put("network", f"/routers/{spec.router}/add_router_interface", {"port_id": document["id"]})
        except (RequestRefusedError, RetryElsewhereError):  # what cannot be what it shall be does not stay
            super().remove(document)
            raise
        return self.at(document["id"]) or document

    def remove(self, document: Document) -> None:
        """Remove a port that no server has: Neutron would take it from under one. A router's goes by it."""
        holder = document.get("device_id")
        if holder and document.get("device_owner") in ROUTER_INTERFACES:
            path = f"/routers/{holder}/remove_router_interface"
            self._session.put("network", path, {"port_id": document["id"]})
            return
        if holder and str(document.get("device_owner", "")).startswith("compute:") and self._lives(holder):
            raise ConflictError(f"port {document['id']} is in use by server {holder}")
        super().remove(document)

    def _is_whole_at_once(self, spec: PortSpec) -> bool:
        return super()._is_whole_at_once(spec) and spec.router is None

    def _carried(self, spec: PortSpec) -> list[str]:
        carried = []
        for other in spec.carries_addresses_of:
            if (port := self.at(other)) is None:
                raise DependencyMissingError(f"carries_addresses_of: there is no port {other}")
            carried += networking.addresses(port)
        return carried

    def _lives(self, server: str) -> bool:
        return self._session.get("compute", f"/servers/{server}") is not None


class Trunks(Neutron):
    """Ports that reach a server through one interface."""

    kind, path, one, many = Kind.TRUNK, "/trunks", "trunk", "trunks"

    def body(self, spec: TrunkSpec) -> Document:
        """Return what asks for a trunk."""
        return networking.trunk_body(spec)
