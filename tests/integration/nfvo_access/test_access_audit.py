"""The audit log: who did what to which resource, and how that ended."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import encode_basic_auth

from mano_runtime.clock import now, timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.security.audit import AUDIT, STRANGERS_A_MINUTE, Audit, AuditEntry, first_id
from mano_runtime.storage import Database


async def entries(door, **query):
    status, found = await door.ask("root", "GET", "/mano/v1/audit", params=query)
    assert status == 200, found
    return found


def told(entry):
    return entry["who"], entry["method"], entry["resource"], entry["outcome"], entry["status"]


async def test_every_change_and_every_refusal_is_told(door):
    """Who, what, which resource, what was made of it; reads that are allowed are not."""
    await door.made("ada", "designer", tenant="blue")
    await door.ask("ada", "GET", "/nsd/v2/ns_descriptors")
    status, made = await door.ask("ada", "POST", "/vnfpkgm/v2/vnf_packages", json={"userDefinedData": {"word": "hush"}})
    assert status == 201
    await door.ask("ada", "DELETE", "/vnfpkgm/v2/vnf_packages/none")
    await door.ask("ada", "GET", "/mano/v1/clients")
    await door.http.get("/nsd/v2/ns_descriptors")

    found = await entries(door)
    assert [told(entry) for entry in found] == [
        ("root", "POST", "/mano/v1/clients", "DONE", 201),
        ("ada", "POST", "/vnfpkgm/v2/vnf_packages", "DONE", 201),
        ("ada", "DELETE", "/vnfpkgm/v2/vnf_packages/none", "FAILED", 404),
        ("ada", "GET", "/mano/v1/clients", "REFUSED", 403),
        ("", "GET", "/nsd/v2/ns_descriptors", "REFUSED", 401),
    ]
    change = found[1]
    assert change["tenant"] == "blue"
    assert change["made"].endswith(made["id"])
    assert change["remote"] == "127.0.0.1"
    assert found[3]["problem"] == "urn:mano:problem:insufficient-scope"
    assert len({entry["requestId"] for entry in found}) == len(found)


async def test_nothing_secret_is_told(door):
    """Neither secrets nor tokens nor bodies; of a client that cannot show who it is, the name that it gave."""
    await door.made("ada", "designer")
    wrong = {"Authorization": encode_basic_auth("ada", "not-her-secret")}
    async with door.http.post("/token", headers=wrong, data={"grant_type": "client_credentials"}) as answer:
        assert answer.status == 401
    await door.ask("ada", "POST", "/vnfpkgm/v2/vnf_packages", json={"userDefinedData": {"word": "hush"}})
    found = await entries(door)
    assert told(found[1]) == ("ada", "POST", "/token", "REFUSED", 401)
    assert found[1]["problem"] == "invalid_client"
    text = json.dumps(found)
    for secret in ("not-her-secret", door.secrets["ada"], await door.token("ada"), "hush"):
        assert secret not in text


async def test_the_log_is_filtered_and_paged(door):
    """SOL013 filters, pages, and `since`, which passes over what is older; an odd time is refused."""
    for number in range(4):
        await door.made(f"c{number}", "viewer")
    await door.ask("c0", "DELETE", "/mano/v1/clients/c1")
    assert [told(entry)[0] for entry in await entries(door, filter="(eq,outcome,REFUSED)")] == ["c0"]
    assert len(await entries(door, filter="(eq,who,root)")) == 4
    late = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert await entries(door, since=late) == []
    assert len(await entries(door, since="2020-01-01T00:00:00Z")) == 5
    status, problem = await door.ask("root", "GET", "/mano/v1/audit", params={"since": "lately"})
    assert (status, problem["type"]) == (400, "urn:mano:problem:invalid-query")


@pytest.fixture
async def audit(tmp_path):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    yield Audit(database, age=1)
    await database.aclose()


async def test_what_is_too_old_is_removed(audit):
    """Entries from before the moment go, others stay."""
    old, young = first_id(now() - timedelta(days=2)), new_id()
    async with audit._database.transaction() as connection:
        for id_ in (old, young):
            entry = AuditEntry(
                id=id_, at=timestamp(), who="x", remote="", method="POST", resource="/", status=200, outcome="DONE"
            )
            await AUDIT.insert(connection, id_, entry)
    await audit.forget_before(now() - timedelta(days=1))
    page = await audit.page(equal={}, after=None, limit=10)
    assert [stored.id for stored in page.items] == [young]


def test_strangers_cannot_fill_the_disk():
    """Of those who do not show who they are only so many refusals a minute are written."""
    audit = Audit(None, age=1)
    written = [audit._has_room() for _ in range(3 * STRANGERS_A_MINUTE)]
    assert STRANGERS_A_MINUTE <= sum(written) <= 2 * STRANGERS_A_MINUTE
