"""Where contents are fetched from, and who we are there: sealed as long as it is kept, opened for one download."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TypeVar

import msgspec

from mano_runtime.peer import Basic, Proof
from mano_runtime.storage import Database, Vault, VaultError
from mano_runtime.tokens import ClientCredentials
from nfvo.catalogue.downloads import DownloadError, Downloads
from nfvo.catalogue.tables import ENTRIES

T = TypeVar("T")

DOWNLOAD_SECONDS = 4 * 60 * 60
"""How long a download may take, unless the operator says otherwise."""


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a content is. The whole is a secret: the query of a URI may be one, too."""

    uri: str
    """Absolute, http or https."""
    basic: Basic | None = None
    oauth2: ClientCredentials | None = None

    @property
    def proof(self) -> Proof:
        """How we prove there who we are."""
        return self.oauth2 or self.basic

    def __repr__(self) -> str:
        """Say nothing: logs and tracebacks show it."""
        return "Source(***)"


class Sources:
    """Seals sources for the entries that they are of, and fetches from them."""

    def __init__(self, vault: Vault, *, seconds: float = DOWNLOAD_SECONDS) -> None:
        """Give each download ``seconds``."""
        self._vault = vault
        self._downloads = Downloads()
        self.seconds = seconds

    async def aclose(self) -> None:
        """Let go of every connection."""
        await self._downloads.aclose()

    def sealed(self, entry_id: str, source: Source) -> str:
        """Return the source as text that says nothing."""
        return self._vault.seal(msgspec.json.encode(source), _place(entry_id))

    def chunks(self, entry_id: str, sealed: str) -> AsyncGenerator[bytes]:
        """Fetch the content from where ``sealed`` says.

        Raises:
            DownloadError: it could not be had, or the source will not open.
        """
        return self.from_source(self._opened(entry_id, sealed, Source))

    def from_source(self, source: Source) -> AsyncGenerator[bytes]:
        """Fetch what is at ``source``; DownloadError when it cannot be had."""
        return self._downloads.chunks(source.uri, source.proof)

    def sealed_access(self, entry_id: str, access: Mapping[str, Source]) -> str:
        """Return the sources of external artifacts, by the URIs that the package has, as text that says nothing."""
        return self._vault.seal(msgspec.json.encode(access), _place(entry_id))

    def access(self, entry_id: str, sealed: str) -> dict[str, Source]:
        """Return the sources that were sealed; none for an empty text.

        Raises:
            DownloadError: they will not open.
        """
        return self._opened(entry_id, sealed, dict[str, Source]) if sealed else {}

    def _opened(self, entry_id: str, sealed: str, type_: type[T]) -> T:
        try:
            return msgspec.json.decode(self._vault.unseal(sealed, _place(entry_id)), type=type_)
        except VaultError as error:
            raise DownloadError(str(error)) from error


async def seal_sources(database: Database, vault: Vault) -> None:
    """Seal with the current key whatever source is sealed with another; what will not open stays as it is."""
    async with database.transaction() as connection:
        for documents in ENTRIES.values():
            for stored in await documents.all(connection):
                entry = stored.document
                again = msgspec.structs.replace(
                    entry, source=_again(vault, entry.id, entry.source), access=_again(vault, entry.id, entry.access)
                )
                if again != entry:
                    await documents.replace(connection, entry.id, again)


def _again(vault: Vault, entry_id: str, sealed: str) -> str:
    if not sealed or vault.is_current(sealed):
        return sealed
    try:
        return vault.seal(vault.unseal(sealed, _place(entry_id)), _place(entry_id))
    except VaultError:
        return sealed  # told when it is used


def _place(entry_id: str) -> str:
    return f"the source of {entry_id}"
