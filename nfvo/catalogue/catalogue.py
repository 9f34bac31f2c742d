"""The catalogue: entries by what one wants to do with them, and descriptors by their identifier."""

from __future__ import annotations

from collections.abc import AsyncIterable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from descriptors.limits import Limits
from descriptors.mode import Mode
from descriptors.model.nsd import Nsd
from descriptors.model.vnfd import Vnfd
from descriptors.onboarding import Onboarded
from descriptors.shelf import Shelf
from descriptors.shelved_models import Models
from descriptors.signatures import SignaturePolicy
from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.merge_patch import merge_patch
from mano_runtime.storage import Database, Page, Stored
from mano_runtime.tenancy import INSTALLATION, acting, acting_for, owner
from nfvo.catalogue.content import Content
from nfvo.catalogue.downloads import DownloadError
from nfvo.catalogue.entries import Entry, Kind, OnboardingState, OperationalState, UsageState
from nfvo.catalogue.events import Event, Listener, nobody
from nfvo.catalogue.findings import constituent_entries
from nfvo.catalogue.onboarding import Onboarding
from nfvo.catalogue.refusals import named, not_onboarded, shared, unknown, wrong_state
from nfvo.catalogue.sources import Source, Sources
from nfvo.catalogue.tables import DESCRIPTOR_COLUMN, ENTRIES
from vnfm.sol003.ports import NotOnboardedError

UPLOAD_LIMIT = 64 * 1024**3
"""Bytes of a content, unless the operator says otherwise."""


class Usage(Protocol):
    """Who knows what is instantiated; supplied by the composition root."""

    async def in_use(self, connection: AsyncConnection, kind: Kind, descriptor_ids: Collection[str]) -> frozenset[str]:
        """Return those of the descriptors that instances exist of."""


class Catalogue:
    """VNF packages, NS and PNF descriptors of one installation; belongs to one event loop.

    Also the NFVO's side of the VNFM's view of packages (``vnfm.sol003.ports.Packages``).
    """

    def __init__(
        self,
        database: Database,
        directory: Path,
        usage: Usage,
        sources: Sources,
        *,
        upload_limit: int = UPLOAD_LIMIT,
        limits: Limits | None = None,
        mode: Mode = Mode.ETSI,
        signatures: SignaturePolicy | None = None,
        listener: Listener = nobody,
    ) -> None:
        """Keep contents below ``directory``, and fetch some from ``sources``.

        One has up to ``upload_limit`` bytes, and is unpacked within ``limits``.
        ``mode`` says how strictly descriptors are judged, ``signatures`` which signatures a package must have;
        ``listener`` hears what becomes of entries.
        """
        self._database = database
        self._usage = usage
        self._sources = sources
        self._shelf = Shelf(directory, limits)
        self._models = Models(self._shelf)
        self.onboarding = Onboarding(
            database, self._shelf, self._models, sources,
            upload_limit=upload_limit, mode=mode, signatures=signatures, listener=listener,
        )  # fmt: skip
        self._listener = listener
        self.upload_limit = upload_limit

    @classmethod
    async def open(
        cls,
        database: Database,
        directory: Path,
        usage: Usage,
        sources: Sources,
        *,
        upload_limit: int = UPLOAD_LIMIT,
        limits: Limits | None = None,
        mode: Mode = Mode.ETSI,
        signatures: SignaturePolicy | None = None,
        listener: Listener = nobody,
    ) -> Self:
        """Open the catalogue, put right what an earlier process left, and take up its unfinished work."""
        catalogue = cls(
            database,
            directory,
            usage,
            sources,
            upload_limit=upload_limit,
            limits=limits,
            mode=mode,
            signatures=signatures,
            listener=listener,
        )
        await catalogue.onboarding.resume()
        return catalogue

    async def aclose(self) -> None:
        """Stop working; unfinished onboardings are taken up at the next start."""
        await self.onboarding.aclose()
        await self._sources.aclose()
        self._models.close()

    # Entries

    async def create(self, kind: Kind, user_defined_data: dict[str, Any]) -> Stored[Entry]:
        """Record a new entry that awaits its content (SOL005 clauses 5.4.2.3.1, 5.4.5.3.1 and 9.4.2.3.1)."""
        entry = Entry(id=new_id(), created_at=timestamp(), user_defined_data=user_defined_data)
        async with self._database.transaction() as connection:
            return await ENTRIES[kind].insert(connection, entry.id, entry)

    async def get(self, kind: Kind, entry_id: str) -> Stored[Entry]:
        """Return an entry; ProblemError 404 when there is none."""
        async with self._database.reading() as connection:
            return await _existing(connection, kind, entry_id)

    async def page(self, kind: Kind, *, after: str | None, limit: int) -> Page[Entry]:
        """Return entries in the order of their creation."""
        async with self._database.reading() as connection:
            return await ENTRIES[kind].page(connection, after=after, limit=limit)

    async def modify(
        self,
        kind: Kind,
        entry_id: str,
        *,
        operational_state: OperationalState | None = None,
        user_defined_data: dict[str, Any] | None = None,
        etag: int | None = None,
    ) -> Stored[Entry]:
        """Enable or disable an entry, and merge ``user_defined_data`` into its own (RFC 7396).

        Raises:
            ProblemError: 404; 409 when the entry is not onboarded, or in that operational state already.
            StaleDocumentError: the entry no longer has this ``etag``.
        """
        async with self._database.transaction() as connection:
            known = await _changeable(connection, kind, entry_id)
            entry = known.document
            if operational_state is not None:
                if entry.onboarding_state is not OnboardingState.ONBOARDED:
                    raise not_onboarded(kind, entry)
                if entry.operational_state is operational_state:
                    raise wrong_state(kind, entry, f"is {operational_state} already")
                entry = msgspec.structs.replace(entry, operational_state=operational_state)
            if user_defined_data:
                entry = msgspec.structs.replace(
                    entry, user_defined_data=merge_patch(entry.user_defined_data, user_defined_data)
                )
            stored = await ENTRIES[kind].replace(connection, entry_id, entry, etag=etag)
            if operational_state is not None:
                in_use = bool(await self._used(connection, kind, [entry]))
                with acting_for(owner(known.tenant)):
                    await self._tell(connection, kind, Event.SWITCHED, entry, in_use=in_use)
        return stored

    async def upload(self, kind: Kind, entry_id: str, chunks: AsyncIterable[bytes]) -> None:
        """Take a content in; returns when it is stored, while it is still being processed.

        Raises:
            ProblemError: 404, 409 when the entry does not await a content, 413 when it is too large.
        """
        await self.onboarding.upload(kind, entry_id, chunks)

    async def fetch(self, kind: Kind, entry_id: str, source: Source) -> None:
        """Begin to fetch a content from elsewhere; what becomes of it is seen in the entry.

        Raises:
            ProblemError: 404, 409 when the entry does not await a content.
        """
        await self.onboarding.fetch(kind, entry_id, source)

    async def access(self, kind: Kind, entry_id: str) -> dict[str, Source]:
        """Return how external artifacts are had, by the URIs that the content names them by.

        Raises:
            ProblemError: 404; 409 when that will not open.
        """
        entry = (await self.get(kind, entry_id)).document
        try:
            return self._sources.access(entry_id, entry.access)
        except DownloadError as error:
            raise wrong_state(kind, entry, f"has credentials that will not open: {error}") from error

    async def set_access(self, kind: Kind, entry_id: str, access: Mapping[str, Source]) -> bool:
        """Note how external artifacts are had; see ``Onboarding.set_access``."""
        return await self.onboarding.set_access(kind, entry_id, access)

    async def delete(self, kind: Kind, entry_id: str) -> None:
        """Remove an entry with its content (SOL005 clauses 5.4.3.3.5, 5.4.6.3.5 and 9.4.3.3.5).

        Raises:
            ProblemError: 404; 409 while it is enabled, in use or at work, or named by an onboarded NSD if it is a PNFD.
        """
        async with self._database.transaction() as connection:
            known = await _changeable(connection, kind, entry_id)
            entry = known.document
            if entry.operational_state is OperationalState.ENABLED:
                raise wrong_state(kind, entry, "is ENABLED; disable it before it is deleted")
            if entry.onboarding_state in {OnboardingState.UPLOADING, OnboardingState.PROCESSING}:
                raise wrong_state(kind, entry, f"is in onboarding state {entry.onboarding_state}; wait for its end")
            if await self._used(connection, kind, [entry]):
                raise wrong_state(kind, entry, f"is IN_USE: instances of {entry.descriptor_id} exist")
            if naming := await _naming(connection, kind, [entry]):
                raise named(kind, entry, naming)
            await ENTRIES[kind].delete(connection, entry_id)
            with acting_for(owner(known.tenant)):
                await self._tell(connection, kind, Event.DELETED, entry, in_use=False)
        if entry.digest:
            await self.onboarding.release(entry.digest, entry_id)

    async def _tell(self, connection: AsyncConnection, kind: Kind, event: Event, entry: Entry, *, in_use: bool) -> None:
        async def held() -> Onboarded | None:
            return await self.held(kind, entry) if entry.onboarding_state is OnboardingState.ONBOARDED else None

        await self._listener(connection, kind, event, entry, in_use=in_use, held=held)

    async def usage_states(self, kind: Kind, entries: Collection[Entry]) -> dict[str, UsageState]:
        """Return by entry whether instances made from it exist."""
        async with self._database.reading() as connection:
            used = await self._used(connection, kind, entries)
        return {
            entry.id: UsageState.IN_USE if entry.descriptor_id in used else UsageState.NOT_IN_USE for entry in entries
        }

    async def _used(self, connection: AsyncConnection, kind: Kind, entries: Collection[Entry]) -> frozenset[str]:
        """Return those of the entries' descriptors that instances are made from; of PNFDs, by way of an NSD."""
        if kind != "pnfd":
            return await self._usage.in_use(connection, kind, _descriptors(entries))
        naming = [stored.document for stored in await _naming(connection, kind, entries)]
        live = await self._usage.in_use(connection, "nsd", _descriptors(naming))
        in_use = {pnfd_id for entry in naming if entry.descriptor_id in live for pnfd_id in entry.pnfd_ids}
        return frozenset(in_use & _descriptors(entries))

    async def constituents(self, nsd: Nsd) -> dict[Kind, dict[str, str]]:
        """Return the onboarded entries of the descriptors that an NSD names, by descriptor."""
        async with self._database.reading() as connection:
            return await constituent_entries(connection, nsd)

    # Contents

    async def held(self, kind: Kind, entry: Entry) -> Onboarded:
        """Return what the content of an onboarded entry holds; ProblemError 409 when it is not onboarded."""
        if entry.onboarding_state is not OnboardingState.ONBOARDED:
            raise not_onboarded(kind, entry)
        return await self._models.get(entry.digest)

    async def opened(self, kind: Kind, entry_id: str) -> Content:
        """Return the content of an entry for reading; ProblemError 404, 409 when the entry is not onboarded."""
        return await self._opened(kind, (await self.get(kind, entry_id)).document)

    async def _opened(self, kind: Kind, entry: Entry) -> Content:
        return Content(self._shelf, self._models, entry, await self.held(kind, entry))

    # Descriptors, by their own identifiers

    async def entry_of(self, kind: Kind, descriptor_id: str) -> Entry:
        """Return the onboarded entry with this descriptor, enabled or not; NotOnboardedError when there is none."""
        wanted = {DESCRIPTOR_COLUMN[kind]: descriptor_id, "onboarding_state": OnboardingState.ONBOARDED.value}
        async with self._database.reading() as connection:
            found = await ENTRIES[kind].all(connection, equal=wanted)
        if not found:
            raise NotOnboardedError(descriptor_id)
        mine = (stored for stored in found if stored.tenant == acting().tenant)  # two tenants may have the same
        return next(mine, found[0]).document

    async def nsd(self, nsd_id: str) -> Nsd:
        """Return an onboarded NSD, enabled or not: what exists must stay manageable. NotOnboardedError."""
        nsd = (await self.held("nsd", await self.entry_of("nsd", nsd_id))).nsd
        if nsd is None:
            raise NotOnboardedError(nsd_id)
        return nsd

    async def vnfd(self, vnfd_id: str) -> Vnfd:
        """Return an onboarded VNFD, enabled or not: what exists must stay manageable. NotOnboardedError."""
        vnfd = (await self.held("vnfd", await self.entry_of("vnfd", vnfd_id))).vnfd
        if vnfd is None:
            raise NotOnboardedError(vnfd_id)
        return vnfd

    async def package_id(self, vnfd_id: str) -> str:
        """Return the identifier of the VNF package with this VNFD; NotOnboardedError when none is onboarded."""
        return (await self.entry_of("vnfd", vnfd_id)).id

    async def package_enabled(self, vnfd_id: str) -> bool:
        """Whether new VNFs may be made from this VNFD; False when it is not onboarded."""
        return await self.enabled("vnfd", vnfd_id)

    async def enabled(self, kind: Kind, descriptor_id: str) -> bool:
        """Whether new instances may be made from this descriptor; False when it is not onboarded."""
        try:
            entry = await self.entry_of(kind, descriptor_id)
        except NotOnboardedError:
            return False
        return entry.operational_state is OperationalState.ENABLED

    async def artifact_file(self, vnfd_id: str, path: str) -> Path | None:
        """Return a local file with the bytes of a file of the VNF package; None when the package has none.

        What the package names by a URI is a file of it when it was fetched for it.

        The file stays as long as the package does. NotOnboardedError when no package with this VNFD is onboarded.
        """
        content = await self._opened("vnfd", await self.entry_of("vnfd", vnfd_id))
        found = content.found(path)
        file = found[0] if found else content.external.get(path)
        return None if file is None else await content.file(file)

    async def artifact_paths(self, vnfd_id: str) -> tuple[str, ...]:
        """Return every file of the VNF package but software images; NotOnboardedError when it is not onboarded."""
        held = await self.held("vnfd", await self.entry_of("vnfd", vnfd_id))
        found = held.vnfd.software_images().values() if held.vnfd else ()
        images = {image.artifact.file for image in found if image.artifact}
        return tuple(file.path for file in held.artifacts if file.path not in images)


async def _existing(connection: AsyncConnection, kind: Kind, entry_id: str) -> Stored[Entry]:
    stored = await ENTRIES[kind].get(connection, entry_id)
    if stored is None:
        raise unknown(kind, entry_id)
    return stored


async def _changeable(connection: AsyncConnection, kind: Kind, entry_id: str) -> Stored[Entry]:
    """Return an entry that the client may change; 403 where it is only shared with it."""
    stored = await _existing(connection, kind, entry_id)
    if not acting().may_change(stored.tenant):
        raise shared(kind, entry_id)
    return stored


async def _naming(connection: AsyncConnection, kind: Kind, entries: Iterable[Entry]) -> list[Stored[Entry]]:
    """Return the onboarded NS descriptors, whosever they are, that name the descriptor of one of these PNFDs."""
    wanted = _descriptors(entries) if kind == "pnfd" else set()
    if not wanted:
        return []
    with acting_for(INSTALLATION):  # what is shared, other tenants may use
        onboarded = await ENTRIES["nsd"].all(connection, equal={"onboarding_state": OnboardingState.ONBOARDED.value})
    return [stored for stored in onboarded if not wanted.isdisjoint(stored.document.pnfd_ids)]


def _descriptors(entries: Iterable[Entry]) -> set[str]:
    return {entry.descriptor_id for entry in entries if entry.descriptor_id}
