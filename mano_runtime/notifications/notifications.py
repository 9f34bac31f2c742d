"""What the rooms use: who is subscribed, and a word to all of them in the transaction that they are told of."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Self

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.notifications.callbacks import Callbacks
from mano_runtime.notifications.deliverer import Backoff, Deliverer, Failure
from mano_runtime.notifications.outbox import Backlog, Letter, backlogs, clear, write
from mano_runtime.notifications.sealing import seal_all, sealed
from mano_runtime.notifications.subscription import SUBSCRIPTIONS, Subscription
from mano_runtime.rest import Api, major
from mano_runtime.storage import Database, Page, Vault
from mano_runtime.tenancy import INSTALLATION, SHARED_TENANT, acting, acting_for, owner

AGE_SECONDS = 24 * 60 * 60.0
TIMEOUT_SECONDS = 10.0


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What the notifications of one event have in common, whoever gets them (SOL003 clause 5.5.2.17: one ``id``)."""

    id: str
    at: str
    """When it happened; UTC, ISO 8601."""


Compose = Callable[[Subscription, Stamp], object | None]
"""Makes the notification for a subscriber, a Struct; None when its filter does not match."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription, and how its subscriber keeps up."""

    subscription: Subscription
    backlog: Backlog | None
    """None: the subscriber has everything."""
    failure: Failure | None
    """Of the last attempt at what it is to get next."""


class DuplicateSubscriptionError(Exception):
    """There is a subscription already that asks for the same: ``existing``."""

    def __init__(self, existing: Subscription) -> None:
        super().__init__(existing.id)
        self.existing = existing


class Audience:
    """The subscribers of an API, as seen by one transaction. False when there is nobody, and nothing to compose."""

    def __init__(
        self, connection: AsyncConnection, subscribers: list[Subscription], written: Callable[[set[str]], None]
    ) -> None:
        self._connection = connection
        self._subscribers = subscribers
        self._written = written

    def __bool__(self) -> bool:
        return bool(self._subscribers)

    async def tell(self, compose: Compose) -> None:
        """Write to everybody for whom ``compose`` makes something; delivered once the transaction has committed."""
        stamp = Stamp(id=new_id(), at=timestamp())
        letters = [
            Letter(
                subscription=subscription.id,
                notification=stamp.id,
                written_at=stamp.at,
                body=msgspec.json.encode(body).decode(),
            )
            for subscription in self._subscribers
            if (body := compose(subscription, stamp)) is not None
        ]
        if letters:
            await write(self._connection, letters)
            self._written({letter.subscription for letter in letters})


class Notifications:
    """Subscriptions and notifications of an installation. Safe to use from any number of tasks of one loop.

    What is told is delivered at least once and in order, also across a restart; see ``Deliverer``.
    """

    def __init__(self, database: Database, vault: Vault, callbacks: Callbacks, deliverer: Deliverer) -> None:
        self._database = database
        self._vault = vault
        self._callbacks = callbacks
        self._deliverer = deliverer

    @classmethod
    async def open(
        cls,
        database: Database,
        vault: Vault,
        *,
        age: float = AGE_SECONDS,
        timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109  # of each request, not of this
        backoff: Backoff | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> Self:
        """Begin to deliver, first what an earlier process left; seal what is not sealed with the current key.

        A notification is dropped when it is ``age`` seconds old; a subscriber has ``timeout`` seconds to take one.
        With ``tls`` subscribers that ask for a certificate are shown the one that it has.
        """
        await seal_all(database, vault)
        callbacks = Callbacks(timeout=timeout, tls=tls)
        deliverer = Deliverer(database, vault, callbacks, age=age, backoff=backoff or Backoff())
        deliverer.start()
        return cls(database, vault, callbacks, deliverer)

    async def aclose(self) -> None:
        """Stop promptly; what is not delivered is delivered by the next process. Idempotent."""
        await self._deliverer.aclose()
        await self._callbacks.aclose()

    async def audience(self, connection: AsyncConnection, api: str) -> Audience:
        """Return who is to hear of what happens in the transaction of ``connection``, in any version of the API.

        Those are the subscribers of the tenant on whose behalf it happens, and the administrators; of what is shared,
        everybody.
        """
        tenant = acting().tenant
        with acting_for(INSTALLATION):
            stored = await SUBSCRIPTIONS.all(connection, equal={"api": api})
        told = [each.document for each in stored if each.document.everywhere or tenant in {each.tenant, SHARED_TENANT}]
        return Audience(connection, told, self._written)

    async def subscribe(self, subscription: Subscription) -> None:
        """Accept a subscription whose callback answers.

        Raises:
            DuplicateSubscriptionError: it would be redundant.
            CallbackError: the callback does not answer as one.
        """
        async with self._database.reading() as connection:
            await _check_redundancy(connection, subscription)
        await self._callbacks.test(subscription)
        async with self._database.transaction() as connection:
            await _check_redundancy(connection, subscription)
            await SUBSCRIPTIONS.insert(connection, subscription.id, sealed(subscription, self._vault))

    @property
    def shows_certificate(self) -> bool:
        """Whether we have a certificate to show to subscribers."""
        return self._callbacks.shows_certificate

    async def unsubscribe(self, api: Api, id_: str) -> bool:
        """End a subscription; nothing is sent any more, whatever waits. False when the API has no such subscription."""
        async with self._database.transaction() as connection:
            stored = await SUBSCRIPTIONS.get(connection, id_)
            if stored is None or not _is_of(stored.document, api):
                return False
            await SUBSCRIPTIONS.delete(connection, id_)
            await clear(connection, id_)
        await self._deliverer.forget(id_)
        return True

    async def get(self, api: Api, id_: str) -> Subscription | None:
        """Return a subscription of an API in its version, or None."""
        async with self._database.reading() as connection:
            stored = await SUBSCRIPTIONS.get(connection, id_)
        return stored.document if stored and _is_of(stored.document, api) else None

    async def page(self, api: Api, *, after: str | None, limit: int) -> Page[Subscription]:
        """Return subscriptions of an API in its version, oldest first; a page may have fewer than ``limit``."""
        async with self._database.reading() as connection:
            found = await SUBSCRIPTIONS.page(connection, equal={"api": api.name}, after=after, limit=limit)
        return Page(items=[stored for stored in found.items if _is_of(stored.document, api)], next=found.next)

    async def standings(self) -> list[Standing]:
        """Return every subscription with how its subscriber keeps up, oldest first."""
        async with self._database.reading() as connection:
            waiting = await backlogs(connection)
            stored = await SUBSCRIPTIONS.all(connection)
        return [self._standing(each.document, waiting) for each in stored]

    async def standing(self, id_: str) -> Standing | None:
        """Return a subscription of any API with how its subscriber keeps up, or None."""
        async with self._database.reading() as connection:
            waiting = await backlogs(connection)
            stored = await SUBSCRIPTIONS.get(connection, id_)
        return self._standing(stored.document, waiting) if stored else None

    async def acknowledge(self, id_: str) -> bool:
        """Take back the alarm that notifications were dropped; False when the subscription, or its alarm, is absent.

        What is dropped afterwards raises another one.
        """
        async with self._database.transaction() as connection:
            stored = await SUBSCRIPTIONS.get(connection, id_)
            if stored is None or stored.document.alarm is None:
                return False
            await SUBSCRIPTIONS.replace(connection, id_, msgspec.structs.replace(stored.document, alarm=None))
        return True

    def _standing(self, subscription: Subscription, waiting: Mapping[str, Backlog]) -> Standing:
        return Standing(
            subscription=subscription,
            backlog=waiting.get(subscription.id),
            failure=self._deliverer.failures.get(subscription.id),
        )

    def _written(self, subscriptions: set[str]) -> None:
        self._database.after_commit(lambda: self._deliverer.stir(subscriptions))


def _is_of(subscription: Subscription, api: Api) -> bool:
    return (subscription.api, major(subscription.version)) == (api.name, major(api.version))


async def _check_redundancy(connection: AsyncConnection, subscription: Subscription) -> None:
    with acting_for(owner(acting().tenant)):  # what another tenant asks for makes nothing redundant
        found = await SUBSCRIPTIONS.page(connection, equal={"fingerprint": subscription.fingerprint}, limit=1)
    if found.items:
        raise DuplicateSubscriptionError(found.items[0].document)
