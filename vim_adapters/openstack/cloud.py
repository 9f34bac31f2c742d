"""The verbs of the contract over the collections of one cloud. Blocks: the adapter calls it on threads of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from vim_adapters.capabilities import Capabilities
from vim_adapters.contract import AccessReport, Action, Handle, Identity, Observation, State, ZoneCapacity
from vim_adapters.errors import (
    ConflictError,
    DependencyMissingError,
    RetryLaterError,
    UnsupportedError,
    VimError,
)
from vim_adapters.openstack.access import Access
from vim_adapters.openstack.capacity import capacity
from vim_adapters.openstack.collection import Collection, Document
from vim_adapters.openstack.discovery import Offer, capabilities_of, discovered, findings_of
from vim_adapters.openstack.flavours import Flavours
from vim_adapters.openstack.images import Images
from vim_adapters.openstack.neutron import Networks, Neutron, Ports, Subnets, Trunks
from vim_adapters.openstack.routing import FloatingAddresses, Routers
from vim_adapters.openstack.rules import QosPolicies, SecurityGroups
from vim_adapters.openstack.servers import ServerGroups, Servers
from vim_adapters.openstack.session import Session
from vim_adapters.openstack.snapshots import ServerSnapshots, VolumeSnapshots
from vim_adapters.openstack.volumes import Volumes
from vim_adapters.resources import (
    ADJUSTABLE,
    ImageSpec,
    Kind,
    PortSpec,
    ResourceSpec,
    ServerSpec,
    encode_spec,
    kind_of,
    spec_digest,
)


class Cloud:
    """One cloud whose offer is known. Safe from several threads, but for two calls about one identity."""

    def __init__(self, session: Session, access: Access, offer: Offer) -> None:
        self._session = session
        self._servers = Servers(session, Flavours(session, create=access.create_flavours))
        self._groups = ServerGroups(session, max_server_per_host=access.max_server_per_host)
        self._images = Images(session)
        self._offer = offer
        self.capabilities: Capabilities = capabilities_of(offer)
        self._ports = Ports(session, tags_at_once=offer.port_tags_at_once)
        self._tags_at_once = offer.port_tags_at_once
        collections: tuple[Collection, ...] = (
            *(one(session) for one in (QosPolicies, Networks, Subnets, Trunks, SecurityGroups)),
            self._ports,
            *(one(session, offer.outside.network) for one in (Routers, FloatingAddresses)),
            self._images,
            Volumes(session, zones=offer.volume_zones),
            self._groups,
            self._servers,
            *(one(session) for one in (ServerSnapshots, VolumeSnapshots)),
        )
        self._collections: Mapping[Kind, Collection] = {one.kind: one for one in collections}

    @classmethod
    def opened(cls, access: Access) -> Cloud:
        """Log in and find out what the cloud offers."""
        session = Session(access)
        return cls(session, access, discovered(session, access.external_network))

    def report(self) -> AccessReport:
        """Tell what was found when the cloud was opened."""
        return AccessReport(
            endpoint=self._session.endpoint,
            version=self._offer.version,
            zones=self._offer.zones,
            findings=findings_of(self._offer),
        )

    def capacity(self) -> tuple[ZoneCapacity, ...]:
        """What is left, per zone."""
        return capacity(self._session, self._offer.zones)

    def ensure_present(self, spec: ResourceSpec, identity: Identity) -> Observation:
        """Have the resource exist once; see the contract."""
        if missing := self.capabilities.missing(spec):
            raise UnsupportedError(f"{spec.name!r} needs what this cloud does not offer: {', '.join(missing)}")
        collection = self._collections[kind_of(spec)]
        living = self._living(collection, identity)
        if living:
            document, seen = living[0]
            if seen.digest and seen.digest != spec_digest(spec):
                raise ConflictError(
                    f"{seen.handle.kind} {seen.handle.id} has the identity {identity.path!r} and was made from"
                    " another spec"
                )
            for twin, _ in living[1:]:
                with contextlib.suppress(ConflictError):  # something uses it: it stays, and list_owned shows it
                    collection.remove(twin)
            if not seen.digest:
                document = collection.complete(spec, identity, document)
            elif isinstance(spec, ImageSpec):
                document = self._images.resumed(spec, identity, document)
            return _with(collection.observed(document), identity)
        if isinstance(spec, ImageSpec) and (shared := self._images.shared(spec)):
            return self._images.observed(shared)
        try:
            document = collection.create(spec, identity)
        except DependencyMissingError as error:
            raise _naming(error, spec) from error
        return _with(collection.observed(document), identity)

    def ports_made(self, wanted: Sequence[tuple[PortSpec, Identity]]) -> list[Document | None]:
        """Make those ports of several that are not there, with one request; they are still to be completed.

        None stands for those that were not made: something bears their identity already, or the request was refused,
        which need not be the fault of all. :meth:`ensure_present` settles these one by one.

        Raises:
            RetryLaterError: as the request went wrong for all of them.
        """
        possible = [(spec, identity) for spec, identity in wanted if not self.capabilities.missing(spec)]
        absent = self._ports.absent(possible) if possible else []
        try:
            documents = self._ports.create_together(absent) if absent else []
        except RetryLaterError:
            raise
        except VimError:
            documents = []
        made = {identity: document for (_, identity), document in zip(absent, documents, strict=False)}
        return [made.get(identity) for _, identity in wanted]

    def completed(self, spec: PortSpec, identity: Identity, document: Document) -> Observation:
        """Complete a port that :meth:`ports_made` made, and return what is true of it now."""
        if not self._tags_at_once:
            document = self._ports.complete(spec, identity, document)
        return _with(self._ports.observed(document), identity)

    def lacks_host(self, group: str) -> bool:
        """Whether the servers of a group have to share a host, and none of them has one yet."""
        members = self._groups.sharing(group)
        if members is None:
            return False
        servers = (self._servers.at(member) for member in members)
        return not any(self._servers.observed(server).attributes["host"] for server in servers if server)

    def ensure_absent(self, handle: Handle) -> None:
        """Have the resource removed; see the contract."""
        if (collection := self._collection(handle.kind)) is None:
            return
        document = collection.at(handle.id)
        if document is None:
            return
        seen = collection.observed(document)
        if seen.identity is not None and seen.state not in {State.DELETING, State.ABSENT}:
            collection.remove(document)

    def observe(self, handle: Handle) -> Observation:
        """What is true of the resource now."""
        collection = self._collection(handle.kind)
        document = collection.at(handle.id) if collection else None
        seen = collection.observed(document) if collection and document else None
        return seen if seen and seen.state is not State.ABSENT else Observation(handle=handle, state=State.ABSENT)

    def find(self, kind: Kind, identity: Identity) -> Observation | None:
        """The oldest resource with this identity that is not being removed, else one that is, or None."""
        if (collection := self._collection(kind)) is None:
            return None
        found = self._bearing(collection, identity)
        return next((seen for _, seen in found if seen.state is not State.DELETING), found[0][1] if found else None)

    def list_owned(self, owner: str, kind: Kind) -> list[Observation]:
        """Everything of one kind that carries this owner's tag, in any order."""
        if (collection := self._collection(kind)) is None:
            return []
        seen = [collection.observed(document) for document in collection.owned(owner)]
        return [one for one in seen if one.identity and one.identity.owner == owner and one.state is not State.ABSENT]

    def operate(self, handle: Handle, action: Action) -> None:
        """Start, stop, halt or reboot a server."""
        self._servers.operate(handle.id, action)

    def console(self, handle: Handle) -> str:
        """The end of what a server has written on its console."""
        return self._servers.console(handle.id)

    def adjust(self, handle: Handle, spec: ResourceSpec) -> Observation:
        """Have what is adjustable of a resource be as the spec says."""
        collection = self._collection(handle.kind)
        if not isinstance(collection, Neutron) or handle.kind not in ADJUSTABLE:
            raise UnsupportedError(f"a {handle.kind} cannot be changed in place")
        document = collection.at(handle.id)
        if document is None:
            raise DependencyMissingError(f"there is no {handle.kind} {handle.id}")
        return collection.observed(collection.adjusted(spec, document))

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _collection(self, kind: Kind) -> Collection | None:
        return self._collections.get(kind) if kind in self.capabilities.kinds else None

    def _living(self, collection: Collection, identity: Identity) -> list[tuple[Document, Observation]]:
        """What has the identity and is not being removed, oldest first."""
        return [
            (document, seen)
            for document, seen in self._bearing(collection, identity)
            if seen.state is not State.DELETING
        ]

    def _bearing(self, collection: Collection, identity: Identity) -> list[tuple[Document, Observation]]:
        found = [
            (document, _with(collection.observed(document), identity)) for document in collection.bearing(identity)
        ]
        return sorted(
            ((document, seen) for document, seen in found if seen.state is not State.ABSENT),
            key=lambda one: (one[1].created_at, one[1].handle.id),
        )


def _with(seen: Observation, identity: Identity) -> Observation:
    """Tell the identity by which a resource was found, where its marks are cut short or not yet written."""
    return msgspec.structs.replace(seen, identity=identity)


def _naming(error: DependencyMissingError, spec: ResourceSpec) -> DependencyMissingError:
    """Say which of the things that a spec names is not there, as far as OpenStack's words tell."""
    words = error.vim_message
    missing = [one for one in _strings(encode_spec(spec)) if one and one in words and one != spec.name]
    if not missing and isinstance(spec, ServerSpec) and spec.image and "image" in words.lower():
        missing = [spec.image]  # Nova does not say which
    if not missing:
        return error
    told = f"{kind_of(spec)} {spec.name!r} names {', '.join(missing)}, which is not there"
    return DependencyMissingError(told, vim_message=words, request_id=error.request_id)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)
