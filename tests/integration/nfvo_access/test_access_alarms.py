"""The alarm that a notification was dropped, as administrators find it."""

import asyncio

import msgspec
import pytest
from callback_server import subscriber

ZIP = {"Content-Type": "application/zip"}
SUBSCRIPTIONS = "/mano/v1/subscriptions"


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, notification_age=1)


@pytest.mark.timeout(60)
async def test_an_alarm_stands_until_an_administrator_acknowledges_it(door):
    """It is read with the subscription; nobody else may acknowledge it, and it is acknowledged once."""
    await door.made("designer", "designer")
    async with subscriber() as listener:
        wanted = {"callbackUri": listener.url}
        made = (await door.ask("designer", "POST", "/nsd/v2/subscriptions", json=wanted))[1]
        one = f"{SUBSCRIPTIONS}/{made['id']}"
        assert (await door.ask("root", "DELETE", f"{one}/alarm"))[1]["type"] == "urn:mano:problem:no-alarm"
        listener.down = True
        entry = (await door.ask("designer", "POST", "/nsd/v2/ns_descriptors", json={}))[1]
        content = f"/nsd/v2/ns_descriptors/{entry['id']}/nsd_content"
        assert (await door.ask("designer", "PUT", content, data=b"no archive", headers=ZIP))[0] == 202
        while not (found := (await door.ask("designer", "GET", one))[1])["alarm"]:  # noqa: ASYNC110  it comes with time
            await asyncio.sleep(0.02)
    assert found["alarm"]["dropped"] == found["dropped"] == 1
    assert found in (await door.ask("designer", "GET", f"{SUBSCRIPTIONS}?filter=(eq,alarm/dropped,1)"))[1]
    assert (await door.ask("designer", "DELETE", f"{one}/alarm"))[0] == 403
    assert (await door.ask("root", "DELETE", f"{one}/alarm"))[0] == 204
    assert (await door.ask("root", "GET", one))[1]["alarm"] is None
    assert (await door.ask("root", "GET", f"{SUBSCRIPTIONS}/nobody"))[1]["type"].endswith(":unknown-subscription")
