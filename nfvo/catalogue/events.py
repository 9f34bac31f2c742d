"""What becomes of entries of the catalogue, for those who tell others of it."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from descriptors.onboarding import Onboarded
from nfvo.catalogue.entries import Entry, Kind


class Event(enum.StrEnum):
    """What can become of an entry."""

    ONBOARDED = "onboarded"
    FAILED = "failed"
    """Its onboarding did."""
    SWITCHED = "switched"
    """It was enabled or disabled."""
    DELETED = "deleted"


Held = Callable[[], Awaitable[Onboarded | None]]
"""Reads what the content of the entry holds; asked only when somebody wants to know. None: it has no content."""


class Listener(Protocol):
    """Who hears of it."""

    async def __call__(
        self, connection: AsyncConnection, kind: Kind, event: Event, entry: Entry, *, in_use: bool, held: Held
    ) -> None:
        """Write down what there is to tell of ``entry``, in the transaction in which it happens."""


async def nobody(
    connection: AsyncConnection, kind: Kind, event: Event, entry: Entry, *, in_use: bool, held: Held
) -> None:
    """Hear of it and do nothing."""
