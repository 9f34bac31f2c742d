"""Subscribers whom nothing is delivered to: what they are told stays where it was written."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.notifications.notifications import Audience
from mano_runtime.notifications.outbox import OUTBOX
from mano_runtime.notifications.subscription import Subscription
from mano_runtime.storage import Database

Verbosity = Literal["FULL", "SHORT"]


class Ears:
    """Stands for ``Notifications``: everybody hears everything of ``/vnflcm``, by version and verbosity."""

    def __init__(self, **subscribers: tuple[str, Verbosity]) -> None:
        self._subscriptions = [
            Subscription(
                id=name,
                api="vnflcm",
                version=version,
                root=f"http://vnfm/vnflcm/v{version[0]}",
                callback_uri="http://nfvo/",
                verbosity=verbosity,
                created_at="2026-01-01T00:00:00Z",
            )
            for name, (version, verbosity) in subscribers.items()
        ]

    async def audience(self, connection: AsyncConnection, api: str) -> Audience:
        """Return those who hear of the API."""
        return Audience(connection, [it for it in self._subscriptions if it.api == api], lambda _: None)


async def heard(database: Database, subscriber: str, operation: str | None = None) -> list[dict[str, Any]]:
    """Return what a subscriber is told, of an operation or of everything, in the order of the telling."""
    async with database.reading() as connection:
        wanted = select(OUTBOX.c.body).where(OUTBOX.c.subscription == subscriber).order_by(OUTBOX.c.sequence)
        bodies = [msgspec.json.decode(row.body) for row in await connection.execute(wanted)]
    return [body for body in bodies if operation in {None, body.get("vnfLcmOpOccId")}]
