"""From an uploaded content to an onboarded entry, or to an error that says what is wrong.

Each state is recorded before the next thing is done to files, so a process that dies leaves nothing that
:meth:`Onboarding.resume` cannot put right: an upload that broke off counts as never begun, a content that was being
fetched is fetched again, and one that had arrived is processed again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Collection, Coroutine, Mapping
from contextlib import aclosing
from functools import partial

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from descriptors.diagnostics import Diagnostic
from descriptors.mode import Mode
from descriptors.onboarding import Onboarded, PackagedFile
from descriptors.shelf import Shelf
from descriptors.shelved_models import Models
from descriptors.signatures import SignaturePolicy
from mano_runtime.background import in_background
from mano_runtime.clock import timestamp
from mano_runtime.metrics import ONBOARDINGS
from mano_runtime.rest import ProblemError
from mano_runtime.storage import Database, DatabaseAwayError, Stored
from mano_runtime.tenancy import acting, acting_for, owner
from mano_runtime.unbroken import Unbroken
from nfvo.catalogue.downloads import DownloadError
from nfvo.catalogue.entries import (
    AT_WORK,
    AWAITS_CONTENT,
    SWITCHABLE,
    Entry,
    Kind,
    OnboardingState,
    OperationalState,
)
from nfvo.catalogue.events import Event, Listener, nobody
from nfvo.catalogue.external import ExternalArtifacts
from nfvo.catalogue.findings import constituents, defect, failure, lost, not_fetched, obstacles
from nfvo.catalogue.refusals import shared, too_large, unknown, wrong_state
from nfvo.catalogue.sources import Source, Sources
from nfvo.catalogue.tables import ENTRIES

_log = structlog.get_logger(__name__)


class Onboarding:
    """Uploads and the work on them, of one installation; belongs to one event loop."""

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        models: Models,
        sources: Sources,
        *,
        upload_limit: int,
        mode: Mode = Mode.ETSI,
        signatures: SignaturePolicy | None = None,
        listener: Listener = nobody,
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._models = models
        self._sources = sources
        self._limit = upload_limit
        self._mode = mode
        self._signatures = signatures
        self._external = ExternalArtifacts(shelf, models, sources, limit=upload_limit)
        self._listener = listener
        self._holders: dict[str, set[str]] = {}
        """Entries by the digest of their content: two may hold the same."""
        self._contents = asyncio.Lock()
        """Held while a content changes hands, so that nobody removes what somebody else just took."""
        self._work: set[asyncio.Task[None]] = set()
        self._unbroken = Unbroken(DatabaseAwayError)

    async def resume(self) -> None:
        """Put right what an earlier process left, and take its unfinished work up again."""
        unfinished: list[tuple[Kind, Stored[Entry]]] = []
        present = await self._models.in_thread(self._shelf.digests)
        async with self._database.transaction() as connection:
            for kind, documents in ENTRIES.items():
                for stored in await documents.all(connection):
                    entry = _put_right(kind, stored.document, present)
                    if entry != stored.document:
                        await documents.replace(connection, entry.id, entry)
                    if entry.digest:
                        self._holders.setdefault(entry.digest, set()).add(entry.id)
                    if entry.source or entry.onboarding_state in AT_WORK:
                        unfinished.append((kind, stored))
        removed = await self._models.in_thread(lambda: self._shelf.sweep(self._holders))
        if removed or unfinished:
            _log.info("onboarding resumed", removed=removed, unfinished=[stored.id for _, stored in unfinished])
        for kind, stored in unfinished:
            entry = stored.document
            work = self._fetch(kind, entry.id, entry.source) if entry.source else None
            self._begin(entry.id, stored.tenant, work or self._process(kind, entry.id, entry.digest))

    async def upload(self, kind: Kind, entry_id: str, chunks: AsyncIterable[bytes]) -> None:
        """Take a content in and begin to process it; returns once it is safely stored.

        Raises:
            ProblemError: 404, 409 when the entry does not await a content, 413. The entry then is as before, or,
                when the upload broke off, CREATED.
        """
        before = await self._move(kind, entry_id, AWAITS_CONTENT, OnboardingState.UPLOADING)
        try:
            digest = await self._take_in(kind, entry_id, chunks)
        except BaseException:
            await self._unbroken.done(f"abandon the upload of {entry_id}", self._abandon(kind, entry_id))
            raise
        self._begin(entry_id, before.tenant, self._process(kind, entry_id, digest))

    async def fetch(self, kind: Kind, entry_id: str, source: Source) -> None:
        """Begin to fetch a content from where it is, and to process it; returns once that is recorded.

        It goes on until the entry is ONBOARDED, or in ERROR with what kept it from being so.

        Raises:
            ProblemError: 404, 409 when the entry does not await a content.
        """
        sealed = self._sources.sealed(entry_id, source)
        before = await self._move(kind, entry_id, AWAITS_CONTENT, OnboardingState.UPLOADING, source=sealed)
        self._begin(entry_id, before.tenant, self._fetch(kind, entry_id, sealed))

    async def set_access(self, kind: Kind, entry_id: str, access: Mapping[str, Source]) -> bool:
        """Note how external artifacts are had, by the URIs that the package names them by; in place of what was noted.

        Returns whether a content that was there already is processed with it now.

        Raises:
            ProblemError: 404, 409 when the entry does not await a content.
        """
        sealed = self._sources.sealed_access(entry_id, access)
        async with self._database.transaction() as connection:
            stored = await _awaiting(connection, kind, entry_id, AWAITS_CONTENT)
            entry = msgspec.structs.replace(stored.document, access=sealed)
            if entry.digest:
                entry = msgspec.structs.replace(
                    _emptied(entry), digest=entry.digest, onboarding_state=OnboardingState.UPLOADING
                )
            await ENTRIES[kind].replace(connection, entry_id, entry)
        if entry.digest:
            self._begin(entry_id, stored.tenant, self._process(kind, entry_id, entry.digest))
        return bool(entry.digest)

    async def release(self, digest: str, entry_id: str) -> None:
        """Note that an entry no longer holds a content, and remove the content when it was the last one."""
        async with self._contents:
            holders = self._holders.get(digest, set())
            holders.discard(entry_id)
            if not holders:
                self._holders.pop(digest, None)
                self._models.forget(digest)
                await self._models.in_thread(lambda: self._shelf.remove(digest))

    async def idle(self) -> None:
        """Return once everything that was taken in is processed."""
        while self._work:
            await asyncio.gather(*self._work)

    async def aclose(self) -> None:
        """Stop; what is not processed yet is taken up by the next process."""
        work = list(self._work)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await self._unbroken.aclose()

    async def _fetch(self, kind: Kind, entry_id: str, sealed: str) -> None:
        try:
            async with (
                asyncio.timeout(self._sources.seconds),
                aclosing(self._sources.chunks(entry_id, sealed)) as chunks,
            ):
                digest = await self._take_in(kind, entry_id, chunks)
        except TimeoutError:
            await self._fail(kind, entry_id, f"it was not there after {self._sources.seconds:.0f} seconds")
        except ProblemError as error:
            await self._fail(kind, entry_id, error.detail)
        except (DownloadError, OSError) as error:
            await self._fail(kind, entry_id, str(error))
        except Exception as error:  # noqa: BLE001  whatever a server brings about, the entry ends in ERROR
            _log.exception("download failed", descriptor=kind, entry=entry_id)
            await self._abandon(kind, entry_id, defect(kind, error).diagnostics)
        else:
            await self._process(kind, entry_id, digest)

    async def _fail(self, kind: Kind, entry_id: str, why: str) -> None:
        _log.warning("download failed", descriptor=kind, entry=entry_id, reason=why)
        ONBOARDINGS.labels(kind, "failed").inc()
        await self._abandon(kind, entry_id, not_fetched(why))

    async def _take_in(self, kind: Kind, entry_id: str, chunks: AsyncIterable[bytes]) -> str:
        """Put a content on the shelf, have the entry hold it, and return its digest."""
        digest = await self._receive(chunks, entry_id)
        async with self._contents:
            await self._models.in_thread(lambda: self._shelf.take_in(self._shelf.incoming(entry_id), digest))
            self._holders.setdefault(digest, set()).add(entry_id)
            await self._move(kind, entry_id, {OnboardingState.UPLOADING}, OnboardingState.PROCESSING, digest=digest)
        return digest

    async def _receive(self, chunks: AsyncIterable[bytes], entry_id: str) -> str:
        digest, received = hashlib.sha256(), 0

        def append(chunk: bytes) -> None:
            digest.update(chunk)
            file.write(chunk)

        file = await self._models.in_thread(lambda: self._shelf.incoming(entry_id).open("wb"))
        try:
            async for chunk in chunks:
                received += len(chunk)
                if received > self._limit:
                    raise too_large(self._limit)
                await self._models.in_thread(partial(append, chunk))
        finally:
            await self._models.in_thread(file.close)
        return digest.hexdigest()

    async def _abandon(self, kind: Kind, entry_id: str, found: tuple[Diagnostic, ...] = ()) -> None:
        """Put the entry back to CREATED without a content; to ERROR for what was found."""
        async with self._database.transaction() as connection:
            stored = await ENTRIES[kind].get(connection, entry_id)
            if stored:
                entry = _failed(kind, stored.document, found) if found else _emptied(stored.document)
                await ENTRIES[kind].replace(connection, entry_id, entry)
                if found:
                    await self._listener(connection, kind, Event.FAILED, entry, in_use=False, held=_nothing)
        await self._models.in_thread(lambda: self._shelf.incoming(entry_id).unlink(missing_ok=True))
        for digest in [digest for digest, holders in self._holders.items() if entry_id in holders]:
            await self.release(digest, entry_id)

    async def _move(
        self,
        kind: Kind,
        entry_id: str,
        allowed: frozenset[OnboardingState] | set[OnboardingState],
        to: OnboardingState,
        *,
        digest: str = "",
        source: str = "",
    ) -> Stored[Entry]:
        """Move an entry on, let go of the content that it had, and return it as it was."""
        async with self._database.transaction() as connection:
            stored = await _awaiting(connection, kind, entry_id, allowed)
            moved = msgspec.structs.replace(
                _emptied(stored.document), onboarding_state=to, digest=digest, source=source
            )
            await ENTRIES[kind].replace(connection, entry_id, moved)
        if stored.document.digest:
            await self.release(stored.document.digest, entry_id)
        return stored

    def _begin(self, entry_id: str, tenant: str, work: Coroutine[None, None, None]) -> None:
        with acting_for(owner(tenant)):
            task = in_background(work, name=f"onboarding-{entry_id}")
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _process(self, kind: Kind, entry_id: str, digest: str) -> None:
        try:
            onboarded = await self._models.parse(digest, kind, self._signatures, self._mode)
            external = {}
            if not onboarded.failed:
                await self._models.put(digest, onboarded)
                external = await self._external.fetch(await self._entry(kind, entry_id), digest, onboarded)
            entry = await self._conclude(kind, entry_id, digest, onboarded, external)
        except DownloadError as error:
            entry = await self._wait(kind, entry_id, str(error))
        except Exception as error:  # noqa: BLE001  whatever a package brings about, its entry ends in ERROR
            _log.exception("onboarding failed", descriptor=kind, entry=entry_id)
            entry = await self._conclude(kind, entry_id, digest, defect(kind, error))
        outcome = "onboarded" if entry.onboarding_state is OnboardingState.ONBOARDED else "failed"
        ONBOARDINGS.labels(kind, outcome).inc()
        _log.info(
            "onboarding ended", descriptor=kind, entry=entry_id, descriptor_id=entry.descriptor_id, outcome=outcome
        )
        if not entry.digest:
            await self.release(digest, entry_id)

    async def _entry(self, kind: Kind, entry_id: str) -> Entry:
        async with self._database.reading() as connection:
            return (await _existing(connection, kind, entry_id)).document

    async def _wait(self, kind: Kind, entry_id: str, why: str) -> Entry:
        """Record that external artifacts could not be had; the content is kept for the next try."""
        async with self._database.transaction() as connection:
            entry = (await _existing(connection, kind, entry_id)).document
            failed = msgspec.structs.replace(_failed(kind, entry, not_fetched(why)), digest=entry.digest)
            await ENTRIES[kind].replace(connection, entry_id, failed)
            await self._listener(connection, kind, Event.FAILED, failed, in_use=False, held=_nothing)
        return failed

    async def _conclude(
        self,
        kind: Kind,
        entry_id: str,
        digest: str,
        onboarded: Onboarded,
        external: Mapping[str, PackagedFile] | None = None,
    ) -> Entry:
        """Record the outcome; whether the descriptor fits its surroundings is judged in the same transaction."""
        documents = ENTRIES[kind]

        async def held() -> Onboarded | None:
            return onboarded

        async with self._database.transaction() as connection:
            stored = await _existing(connection, kind, entry_id)
            found = (*onboarded.diagnostics, *await obstacles(connection, kind, entry_id, onboarded))
            descriptor = onboarded.vnfd or onboarded.nsd or onboarded.pnfd
            if failure(kind, found) is None and descriptor is not None:
                entry = msgspec.structs.replace(
                    stored.document,
                    onboarding_state=OnboardingState.ONBOARDED,
                    operational_state=OperationalState.ENABLED if kind in SWITCHABLE else OperationalState.DISABLED,
                    descriptor_id=descriptor.id,
                    pnfd_ids=tuple(constituents(onboarded.nsd)["pnfd"]) if onboarded.nsd else (),
                    onboarded_at=timestamp(),
                    digest=digest,
                    external=dict(external or {}),
                    diagnostics=found,
                )
            else:
                entry = _failed(kind, stored.document, found)
            await documents.replace(connection, entry_id, entry)
            event = Event.FAILED if entry.failure else Event.ONBOARDED
            await self._listener(connection, kind, event, entry, in_use=False, held=held)
        return entry


def _put_right(kind: Kind, entry: Entry, present: frozenset[str]) -> Entry:
    """Return the entry as a process that begins takes it over, where these contents are there."""
    if entry.source:
        return entry
    if entry.onboarding_state is OnboardingState.UPLOADING and not entry.digest:
        return _emptied(entry)
    if entry.digest and entry.digest not in present:
        return _failed(kind, entry, lost(entry.digest))
    return entry


async def _existing(connection: AsyncConnection, kind: Kind, entry_id: str) -> Stored[Entry]:
    stored = await ENTRIES[kind].get(connection, entry_id)
    if stored is None:
        raise unknown(kind, entry_id)
    return stored


async def _awaiting(
    connection: AsyncConnection, kind: Kind, entry_id: str, allowed: Collection[OnboardingState]
) -> Stored[Entry]:
    """Return an entry that the client may change, and that is in one of the states that are allowed."""
    stored = await _existing(connection, kind, entry_id)
    if not acting().may_change(stored.tenant):
        raise shared(kind, entry_id)
    entry = stored.document
    if entry.onboarding_state not in allowed:
        states = " or ".join(sorted(allowed))
        raise wrong_state(kind, entry, f"is in onboarding state {entry.onboarding_state}; this needs {states}")
    return stored


async def _nothing() -> None:
    """There is no content."""


def _failed(kind: Kind, entry: Entry, found: tuple[Diagnostic, ...]) -> Entry:
    """Return the entry without a content, in ERROR for what was found; another content may be uploaded."""
    return msgspec.structs.replace(
        _emptied(entry), onboarding_state=OnboardingState.ERROR, failure=failure(kind, found), diagnostics=found
    )


def _emptied(entry: Entry) -> Entry:
    """Return the entry as it was before any content was given to it."""
    return Entry(
        id=entry.id, created_at=entry.created_at, user_defined_data=entry.user_defined_data, access=entry.access
    )
