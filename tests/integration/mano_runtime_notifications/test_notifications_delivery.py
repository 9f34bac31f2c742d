from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import encode_basic_auth
from callback_server import subscriber

from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.metrics import REGISTRY
from mano_runtime.notifications import Notifications, Subscription
from mano_runtime.notifications.callbacks import CallbackError
from mano_runtime.notifications.deliverer import REFUSALS, Backoff
from mano_runtime.notifications.outbox import backlogs
from mano_runtime.notifications.subscription import SUBSCRIPTIONS, Authentication, BasicParameters, ClientCredentials
from mano_runtime.rest import Api
from mano_runtime.storage import Database, Vault

QUICK = Backoff(first=0.001, longest=0.004)


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    yield database
    await database.aclose()


@pytest.fixture
async def vault(database, tmp_path):
    return await Vault.open(database, tmp_path / "secret.key")


@pytest.fixture
def opened(database, vault):
    """Return a context in which notifications are delivered; may be entered again after it was left."""

    @asynccontextmanager
    async def open_(**options):
        notifications = await Notifications.open(database, vault, **{"backoff": QUICK, **options})
        try:
            yield notifications
        finally:
            await notifications.aclose()

    return open_


@pytest.fixture
async def listener():
    async with subscriber() as listener:
        yield listener


HOUSES = Api("houses", version="1.3.0", root="/houses/v1")
HOUSES_OF_BEFORE = Api("houses", version="0.9.0", root="/houses/v0")


def wish(url, **more):
    return Subscription(
        id=new_id(),
        api="houses",
        version="1.2.0",
        root="http://here/houses/v1",
        callback_uri=url,
        created_at=timestamp(),
        **more,
    )


async def tell(database, notifications, *events, fails=False):
    """Tell of events in one transaction, which may fail at its end."""
    async with database.transaction() as connection:
        for event in events:
            audience = await notifications.audience(connection, "houses")
            await audience.tell(lambda subscription, stamp, event=event: composed(subscription, stamp, event))
        if fails:
            raise ZeroDivisionError


def composed(subscription, stamp, event):
    wanted = (subscription.filter or {}).get("colours")
    return {"id": stamp.id, "event": event} if wanted is None or event in wanted else None


async def waiting(database):
    async with database.reading() as connection:
        return {id_: backlog.count for id_, backlog in (await backlogs(connection)).items()}


async def nothing_waits(database):
    while await waiting(database):  # noqa: ASYNC110  a row disappears after its delivery was answered
        await asyncio.sleep(0.005)


async def test_what_is_committed_is_delivered_in_order(database, opened, listener):
    """A subscriber gets what happened, all of it and in the order of the changes, and nothing of what was undone."""
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url))
        await tell(database, notifications, "one", "two")
        with pytest.raises(ZeroDivisionError):
            await tell(database, notifications, "never", fails=True)
        for number in range(30):
            await tell(database, notifications, number)
        heard = await listener.until(32)
        await nothing_waits(database)
    assert [body["event"] for body in heard] == ["one", "two", *range(30)]
    assert listener.headers[-1]["Version"] == "1.2.0"
    assert listener.headers[-1]["Content-Type"] == "application/json"


async def test_what_is_not_taken_is_sent_again(database, opened, listener):
    """Refusals hold the queue up, so that order stays; every attempt carries the same identifier."""
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url))
        listener.answers = [503, 500, 404, 301]
        await tell(database, notifications, "one", "two")
        heard = await listener.until(2)
    assert [body["event"] for body in heard] == ["one", "two"]
    assert [body["event"] for body in listener.attempts] == ["one"] * 5 + ["two"]
    assert len({body["id"] for body in listener.attempts[:5]}) == 1


async def test_a_restart_delivers_what_was_left(database, opened, listener):
    """What one process could not deliver, the next one does, without being stirred."""
    listener.down = True
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url))
        await tell(database, notifications, "one", "two")
        await listener.until(1, "attempts")
    first = listener.attempts[0]
    assert sum((await waiting(database)).values()) == 2
    listener.down = False
    async with opened():
        heard = await listener.until(2)
    assert heard[0] == first
    assert [body["event"] for body in heard] == ["one", "two"]


async def test_a_slow_subscriber_holds_up_nobody_else(database, opened, listener):
    """While one subscriber refuses, others get theirs; all of them get the same identifiers."""
    async with subscriber() as sick, opened() as notifications:
        await notifications.subscribe(wish(sick.url))
        await notifications.subscribe(wish(listener.url))
        sick.down = True
        await tell(database, notifications, "one", "two")
        heard = await listener.until(2)
        await sick.until(3, "attempts")
        [behind] = [it for it in await notifications.standings() if it.subscription.callback_uri == sick.url]
        assert behind.backlog.count == 2
        assert "503" in behind.failure.detail
        sick.down = False
        assert await sick.until(2) == heard


async def test_only_what_the_filter_matches_is_sent(database, opened, listener):
    """A subscriber gets what its filter matches; of another API it gets nothing."""
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url, filter={"colours": ["red"]}))
        await notifications.subscribe(msgspec.structs.replace(wish(listener.url), api="gardens"))
        await tell(database, notifications, "red", "blue", "red")
        await listener.until(2)
        await nothing_waits(database)
    assert [body["event"] for body in listener.attempts] == ["red", "red"]


async def test_nobody_is_composed_for_where_nobody_listens(database, opened):
    """Without a subscriber an audience is false, so that nothing needs to be looked up."""
    async with opened() as notifications, database.transaction() as connection:
        assert not await notifications.audience(connection, "houses")


def dropped():
    return REGISTRY.get_sample_value("mano_notifications_total", {"api": "houses", "outcome": "dropped"}) or 0


async def test_what_is_too_old_is_dropped_and_counted(database, opened, listener):
    """A notification that is not taken is given up at its age, with a metric and a count in the subscription."""
    before = dropped()
    listener.down = True
    async with opened(age=0.05) as notifications:
        await notifications.subscribe(wish(listener.url))
        await tell(database, notifications, "one", "two")
        await nothing_waits(database)
        [standing] = await notifications.standings()
    assert standing.subscription.dropped == 2
    assert dropped() - before == 2
    assert listener.heard == []


async def test_nothing_is_dropped_without_an_alarm(database, opened, listener):
    """It tells how many, which and why, across restarts, until it is acknowledged; the next drop raises another."""

    def alarms():
        return REGISTRY.get_sample_value("mano_subscriber_alarms", {"api": "houses"})

    wanted = wish(listener.url)
    async with opened() as notifications:
        await notifications.subscribe(wanted)
        listener.answers = [422] * REFUSALS + [400] * REFUSALS
        await tell(database, notifications, "bad", "worse")
        await nothing_waits(database)
    async with opened() as notifications:
        standing = await notifications.standing(wanted.id)
        alarm = standing.subscription.alarm
        assert alarm.dropped == 2
        assert alarm.notification == listener.attempts[-1]["id"]
        assert alarm.raised_at <= alarm.changed_at
        assert "400" in alarm.detail
        await notifications._deliverer._look()
        assert alarms() == 1
        assert await notifications.acknowledge(wanted.id)
        assert not await notifications.acknowledge(wanted.id)
        await notifications._deliverer._look()
        assert alarms() == 0
        listener.answers = [422] * REFUSALS
        await tell(database, notifications, "worst")
        await nothing_waits(database)
        subscription = (await notifications.standing(wanted.id)).subscription
    assert (subscription.alarm.dropped, subscription.dropped) == (1, 3)


async def test_an_end_of_a_subscription_ends_its_notifications(database, opened, listener):
    """After unsubscribing nothing is sent any more, whatever waited."""
    async with opened() as notifications:
        subscription = wish(listener.url)
        await notifications.subscribe(subscription)
        listener.down = True
        await tell(database, notifications, "one")
        await listener.until(1, "attempts")
        for other in (Api("gardens", version="1.2.0", root="/gardens/v1"), HOUSES_OF_BEFORE):
            assert await notifications.get(other, subscription.id) is None
            assert await notifications.unsubscribe(other, subscription.id) is False
        assert await notifications.get(HOUSES, subscription.id) == subscription
        assert await notifications.unsubscribe(HOUSES, subscription.id) is True
        assert await notifications.unsubscribe(HOUSES, subscription.id) is False
        listener.down = False
        await tell(database, notifications, "two")
        assert await waiting(database) == {}
    assert listener.heard == []


async def test_requests_are_authenticated_with_a_password(database, opened, listener):
    """BASIC: the test and every notification carry user name and password."""
    basic = BasicParameters(user_name="us", password="pässword")
    async with opened() as notifications:
        await notifications.subscribe(
            wish(listener.url, authentication=Authentication(auth_type=("BASIC",), params_basic=basic))
        )
        await tell(database, notifications, "one")
        await listener.until(1)
    assert {headers["Authorization"] for headers in listener.headers} == {"Basic dXM6cMOkc3N3b3Jk"}


async def test_requests_are_authenticated_with_a_token(database, opened, listener):
    """OAUTH2_CLIENT_CREDENTIALS: one token serves until it is refused, and then another one is fetched."""
    credentials = ClientCredentials(
        client_id="us", client_password="secret", token_endpoint=listener.url.replace("callback", "token")
    )
    wanted = Authentication(auth_type=("OAUTH2_CLIENT_CREDENTIALS",), params_oauth2_client_credentials=credentials)
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url, authentication=wanted))
        await tell(database, notifications, "one", "two")
        await listener.until(2)
        assert listener.tokens == ["token-1"]
        listener.answers = [401]
        await tell(database, notifications, "three")
        await listener.until(3)
    assert listener.token_requests == ["us:secret"] * 2
    sent = [headers["Authorization"] for headers in listener.headers]
    assert sent == ["Bearer token-1"] * 4 + ["Bearer token-2"]
    assert "secret" not in f"{wanted} {credentials!r}"


async def test_a_token_is_not_used_beyond_its_end(database, opened, listener):
    """A token that ends at once is fetched anew for each request."""
    listener.expires_in = 1
    credentials = ClientCredentials(
        client_id="us", client_password="secret", token_endpoint=listener.url.replace("callback", "token")
    )
    wanted = Authentication(auth_type=("OAUTH2_CLIENT_CREDENTIALS",), params_oauth2_client_credentials=credentials)
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url, authentication=wanted))
        await tell(database, notifications, "one")
        await listener.until(1)
    assert listener.tokens == ["token-1", "token-2"]


@pytest.mark.parametrize("answer", [200, 302, 404, 500])
async def test_a_callback_must_answer_as_one(database, opened, listener, answer):
    """A subscription whose callback does not answer GET with 204 is refused, and leaves nothing."""
    listener.test_answer = answer
    async with opened() as notifications:
        with pytest.raises(CallbackError, match=str(answer)):
            await notifications.subscribe(wish(listener.url))
        assert await notifications.standings() == []


async def test_requests_end_in_time(database, opened):
    """A callback that takes the connection and never answers costs its time-out only."""

    async def hold(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        async with opened(timeout=0.05) as notifications:
            with pytest.raises(CallbackError, match="in time"):
                await notifications.subscribe(wish(f"http://127.0.0.1:{port}/callback"))


async def test_many_subscribers_and_events_at_once(database, opened):
    """Each of many subscribers gets each of many events in order, told of by many transactions at once."""
    seen = defaultdict(list)
    async with subscriber() as listener, opened() as notifications:
        subscriptions = [wish(f"{listener.url}?{number}") for number in range(20)]
        for subscription in subscriptions:
            await notifications.subscribe(subscription)
        async with database.transaction() as connection:
            for event in range(10):
                audience = await notifications.audience(connection, "houses")
                await audience.tell(lambda subscription, _stamp, event=event: {"to": subscription.id, "event": event})
        for body in await listener.until(200):
            seen[body["to"]].append(body["event"])
    assert dict(seen) == {subscription.id: list(range(10)) for subscription in subscriptions}


BASIC = Authentication(auth_type=("BASIC",), params_basic=BasicParameters(user_name="mano", password="hush-hush"))


def files(tmp_path):
    return b"".join(file.read_bytes() for file in tmp_path.glob("mano.sqlite*"))


async def test_credentials_are_stored_sealed(database, opened, listener, tmp_path):
    """The database has no password that can be read, and the callback gets it all the same."""
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url, authentication=BASIC))
        await tell(database, notifications, "one")
        await listener.until(1)
        assert listener.headers[-1]["Authorization"] == encode_basic_auth("mano", "hush-hush")
        [standing] = await notifications.standings()
        assert standing.subscription.sealed.startswith("mano1:")
        assert standing.subscription.authentication is None
    assert b"hush-hush" not in await asyncio.to_thread(files, tmp_path)


async def test_what_was_stored_in_clear_is_sealed_at_the_start(database, opened, listener, tmp_path):
    """Nothing in clear is left in the files, and notifications go on with the same credentials."""
    before = wish(listener.url, authentication=BASIC)
    async with database.transaction() as connection:
        await SUBSCRIPTIONS.insert(connection, before.id, before)
    assert b"hush-hush" in await asyncio.to_thread(files, tmp_path)
    async with opened() as notifications:
        assert b"hush-hush" not in await asyncio.to_thread(files, tmp_path)
        await tell(database, notifications, "one")
        await listener.until(1)
    assert listener.headers[-1]["Authorization"] == encode_basic_auth("mano", "hush-hush")


async def test_what_a_subscriber_finds_fault_with_does_not_keep_the_rest_back(database, opened, listener):
    """Refused again and again as it is, a notification is dropped, counted and told; the next one arrives."""

    def dropped():
        return REGISTRY.get_sample_value("mano_notifications_total", {"api": "houses", "outcome": "dropped"}) or 0

    before = dropped()
    async with opened() as notifications:
        await notifications.subscribe(wish(listener.url))
        listener.answers = [503, 404, *[422] * (REFUSALS - 1), 404, *[400] * REFUSALS]
        await tell(database, notifications, "bad", "good")
        heard = await listener.until(1)
        await nothing_waits(database)
        [standing] = await notifications.standings()
    assert [body["event"] for body in heard] == ["good"]
    assert [body["event"] for body in listener.attempts] == ["bad"] * (2 + REFUSALS - 1 + 1 + REFUSALS) + ["good"]
    assert standing.subscription.dropped == 1
    assert dropped() == before + 1


async def test_each_subscriber_has_a_lag(database, opened, listener):
    """As long as there is the subscription, and no longer."""

    def lag(id_):
        return REGISTRY.get_sample_value("mano_subscriber_lag_seconds", {"api": "houses", "subscription": id_})

    async with subscriber() as sick, opened() as notifications:
        late, prompt = wish(sick.url), wish(listener.url)
        for wanted in (late, prompt):
            await notifications.subscribe(wanted)
        sick.down = True
        await tell(database, notifications, "one")
        await listener.until(1)
        await sick.until(2, "attempts")
        await notifications._deliverer._look()
        assert lag(late.id) > 0
        assert await notifications.unsubscribe(HOUSES, late.id)
        assert lag(late.id) is None
        assert lag(prompt.id) is not None


async def test_nothing_waits_for_an_api_without_subscriptions(database, opened):
    """With the last subscription the count of what waits falls to 0, and no alarm is left."""

    def counts():
        names = ("mano_notifications_waiting", "mano_subscriber_alarms")
        return [REGISTRY.get_sample_value(name, {"api": "houses"}) for name in names]

    async with subscriber() as sick, opened() as notifications:
        only = wish(sick.url)
        await notifications.subscribe(only)
        sick.down = True
        await tell(database, notifications, "one")
        await sick.until(1, "attempts")
        await notifications._deliverer._look()
        assert counts() == [1, 0]
        assert await notifications.unsubscribe(HOUSES, only.id)
        await notifications._deliverer._look()
        assert counts() == [0, 0]
