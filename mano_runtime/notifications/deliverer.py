"""Takes the outbox to the subscribers: to each in order, to all side by side, until they have it or it is too old."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

import msgspec
import structlog

from mano_runtime.background import in_background
from mano_runtime.clock import now, timestamp
from mano_runtime.metrics import (
    NOTIFICATIONS,
    NOTIFICATIONS_WAITING,
    SUBSCRIBER_ALARMS,
    SUBSCRIBER_LAG,
)
from mano_runtime.notifications.callbacks import IN_FLIGHT, CallbackError, Callbacks
from mano_runtime.notifications.outbox import Letter, backlogs, first, remove
from mano_runtime.notifications.sealing import opened
from mano_runtime.notifications.subscription import SUBSCRIPTIONS, Subscription
from mano_runtime.storage import Database, Stored, Vault, VaultError
from mano_runtime.tenancy import INSTALLATION, acting_for

_log = structlog.get_logger(__name__)

REFUSALS = 8
"""How often a letter is tried that its subscriber finds fault with, a minute or so, before it is dropped."""
LETTERS_AT_ONCE = 20
"""Letters of a subscriber that are held in memory."""
WATCH_SECONDS = 5.0
"""How often the whole outbox is looked at."""


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait after a failure: twice as long each time."""

    first: float = 0.5
    longest: float = 60.0

    def pause(self, failures: int) -> float:
        """Return the seconds to wait after so many failures in a row, of which there is at least one."""
        return float(min(self.longest, self.first * 2 ** min(failures - 1, 30)))


class Failure(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a subscriber has not taken what it is to get next."""

    detail: str
    at: str
    """UTC, ISO 8601."""
    count: int
    """How often it failed in a row, as far as this process knows."""


class Deliverer:
    """All deliveries of this process. Each letter is delivered at least once, in the order of the writing.

    A letter leaves the outbox after its subscriber took it, so what a process leaves when it dies is delivered by the
    next one: perhaps once more, under the same identifier.
    """

    def __init__(self, database: Database, vault: Vault, callbacks: Callbacks, *, age: float, backoff: Backoff) -> None:
        """Give up a letter when it is ``age`` seconds old, or its subscriber refuses it again and again."""
        self._database = database
        self._vault = vault
        self._callbacks = callbacks
        self._age = age
        self._backoff = backoff
        self._requests = asyncio.Semaphore(IN_FLIGHT)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._stirred: set[str] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._measured: dict[str, str] = {}
        """Subscriptions that have a lag in the metrics, with the API of each."""
        self._counted: set[str] = set()
        """APIs that have counts in the metrics: theirs fall to 0 with the last subscription."""
        self.failures: dict[str, Failure] = {}
        """By subscription; those that took the last letter are left out."""

    def start(self) -> None:
        """Begin to deliver, first what an earlier process left."""
        self._watcher = in_background(self._watch(), name="notifications")

    async def aclose(self) -> None:
        """Stop promptly; what is not delivered stays in the outbox. Idempotent."""
        tasks = [*self._workers.values(), *([self._watcher] if self._watcher else [])]
        self._watcher = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stir(self, subscriptions: Iterable[str]) -> None:
        """Deliver to these now: there is something in the outbox for them."""
        if self._watcher is None:
            return
        for subscription in subscriptions:
            self._stirred.add(subscription)
            if subscription not in self._workers:
                with acting_for(INSTALLATION):  # whoever changed what there is to tell of
                    worker = in_background(self._serve(subscription), name=f"notifications to {subscription}")
                self._workers[subscription] = worker

    async def forget(self, subscription: str) -> None:
        """Stop delivering to a subscriber that is no more."""
        worker = self._workers.pop(subscription, None)
        self.failures.pop(subscription, None)
        self._measured_no_more(subscription)
        if worker is not None:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def _serve(self, id_: str) -> None:
        """Deliver all that there is for one subscriber, and end."""
        while True:
            self._stirred.discard(id_)
            try:
                more = await self._deliver_some(id_)
            except Exception:  # noqa: BLE001  # our database failed, or we did: the subscriber must not suffer for ever
                _log.exception("delivering notifications was interrupted, and will be taken up again")
                await asyncio.sleep(self._backoff.longest)
                continue
            if not more and id_ not in self._stirred:
                self._workers.pop(id_, None)
                return

    async def _deliver_some(self, id_: str) -> bool:
        """Deliver what comes next; False when there is nothing."""
        async with self._database.reading() as connection:
            stored = await SUBSCRIPTIONS.get(connection, id_)
            letters = await first(connection, id_, LETTERS_AT_ONCE) if stored else []
        for letter in letters:
            if stored is not None:
                await self._deliver(stored.document, letter)
        return bool(letters)

    async def _deliver(self, subscription: Subscription, letter: Letter) -> None:
        """Try until the letter is taken, too old, or refused so often that it only keeps others from arriving."""
        failures, refusals, why = 0, 0, "its subscriber did not take it in time"
        while (left := self._age - _age(letter.written_at)) > 0:
            try:
                async with self._requests:
                    await self._callbacks.post(opened(subscription, self._vault), letter.body)
            except (CallbackError, VaultError) as error:
                failures += 1
                refusals = refusals + 1 if isinstance(error, CallbackError) and error.for_good else 0
                self._note(subscription, letter, failures, error)
                if refusals == REFUSALS:
                    why = f"its subscriber refused it {REFUSALS} times: {error}"
                    break
                await asyncio.sleep(min(left, self._backoff.pause(failures)))
            else:
                self.failures.pop(subscription.id, None)
                async with self._database.transaction() as connection:
                    await remove(connection, letter)
                NOTIFICATIONS.labels(subscription.api, "delivered").inc()
                return
        await self._drop(subscription, letter, why)

    def _note(self, subscription: Subscription, letter: Letter, failures: int, error: Exception) -> None:
        NOTIFICATIONS.labels(subscription.api, "failed").inc()
        self.failures[subscription.id] = Failure(detail=str(error), at=timestamp(), count=failures)
        _log.warning(
            "a notification was not taken",
            subscription=subscription.id,
            api=subscription.api,
            notification=letter.notification,
            why=str(error),
            failures=failures,
        )

    async def _drop(self, subscription: Subscription, letter: Letter, why: str) -> None:
        async with self._database.transaction() as connection:
            await remove(connection, letter)
            stored: Stored[Subscription] | None = await SUBSCRIPTIONS.get(connection, subscription.id)
            if stored is not None:
                counted = stored.document.with_drop(letter.notification, at=timestamp(), why=why)
                await SUBSCRIPTIONS.replace(connection, stored.id, counted)
        NOTIFICATIONS.labels(subscription.api, "dropped").inc()
        _log.error(
            "a notification was dropped",
            why=why,
            subscription=subscription.id,
            api=subscription.api,
            notification=letter.notification,
            written_at=letter.written_at,
        )

    async def _watch(self) -> None:
        """Keep the gauges fresh, and stir whoever has something to get and nobody to bring it."""
        while True:
            try:
                await self._look()
            except Exception:  # noqa: BLE001  # whatever it is, the next look may succeed
                _log.exception("the outbox could not be looked at")
            await asyncio.sleep(WATCH_SECONDS)

    def _measured_no_more(self, subscription: str) -> None:
        if api := self._measured.pop(subscription, None):
            SUBSCRIBER_LAG.remove(api, subscription)

    async def _look(self) -> None:
        async with self._database.reading() as connection:
            waiting = await backlogs(connection)
            subscriptions = [stored.document for stored in await SUBSCRIPTIONS.all(connection)]
        apis = {subscription.id: subscription.api for subscription in subscriptions}
        counts: defaultdict[str, int] = defaultdict(int)
        for gone in self._measured.keys() - apis.keys():
            self._measured_no_more(gone)
        for id_, api in apis.items():
            backlog = waiting.get(id_)
            counts[api] += backlog.count if backlog else 0
            self._measured[id_] = api
            SUBSCRIBER_LAG.labels(api, id_).set(_age(backlog.oldest) if backlog else 0.0)
        alarms = Counter(subscription.api for subscription in subscriptions if subscription.alarm)
        self._counted |= counts.keys()
        for api in self._counted:
            SUBSCRIBER_ALARMS.labels(api).set(alarms[api])
            NOTIFICATIONS_WAITING.labels(api).set(counts[api])
        self.stir(id_ for id_ in waiting if id_ in apis and id_ not in self._workers)


def _age(written_at: str) -> float:
    return (now() - datetime.fromisoformat(written_at)).total_seconds()
