"""VIM connections over HTTP, with the simulated VIM behind them."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient, TestServer

from mano_runtime.rest import Api, application
from mano_runtime.storage import Database, Vault
from nfvo.extensions.vim_connections import declare_vim_connections
from nfvo.inventory.vim_connections import VimConnections
from vim_adapters.contract import Identity
from vim_adapters.registry import VimRegistry
from vim_adapters.resources import NetworkSpec

OWNER = "mano-test"
VIMS = "/mano/v1/vim_connections"


class Users:
    """Says who has something on a VIM."""

    def __init__(self):
        self.found = ()

    async def users(self, _connection, _vim):
        return self.found


class Parts:
    """What a test reaches behind the interface."""


@pytest.fixture
async def parts(tmp_path):
    parts = Parts()
    parts.database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    parts.registry = VimRegistry()
    parts.users = Users()
    parts.vault = await Vault.open(parts.database, tmp_path / "secret.key")
    parts.connections = VimConnections(parts.database, parts.vault, parts.registry, parts.users)
    parts.body = {
        "vimId": "edge",
        "vimType": "SIMULATED",
        "interfaceInfo": {"path": str(tmp_path / "vim.sqlite")},
        "accessInfo": {"username": "mano", "password": "not to be told"},
    }
    yield parts
    await parts.registry.aclose()
    await parts.database.aclose()


@pytest.fixture
async def http(parts):
    api = Api("mano", version="1.0.0", root="/mano/v1")
    declare_vim_connections(api, parts.connections, parts.registry, OWNER)

    async def ready():
        return []

    async with TestClient(TestServer(application(api, ready=ready))) as client:
        yield client


async def _created(http, body):
    async with http.post(VIMS, json=body) as answer:
        assert answer.status == 201, await answer.text()
        made = await answer.json()
        assert answer.headers["Location"].endswith(f"{VIMS}/{made['id']}")
    return made


async def _refused(http, method, path, **request):
    async with http.request(method, path, **request) as answer:
        assert answer.content_type == "application/problem+json"
        return answer.status, await answer.json()


async def test_a_vim_is_registered_shown_and_removed(http, parts):
    """What was given comes back, its secrets masked; a removed VIM is unknown and can be used no more."""
    made = await _created(http, parts.body)
    assert made["name"] == made["vimId"] == "edge"
    assert made["accessInfo"] == {"username": "mano", "password": "***"}
    async with http.get(VIMS) as answer:
        assert "not to be told" not in await answer.text()
        assert [vim["id"] for vim in await answer.json()] == [made["id"]]
    path = f"{VIMS}/{made['id']}"
    async with http.get(path) as answer:
        assert await answer.json() == made
    async with http.delete(path) as answer:
        assert answer.status == 204
    assert (await _refused(http, "GET", path))[0] == 404
    with pytest.raises(KeyError):
        parts.registry.adapter(made["id"])


async def test_registered_vims_are_usable_after_a_restart(http, parts):
    """A new process registers what is recorded; a connection that cannot be used any more does not stop it."""
    made = await _created(http, parts.body)
    registry = VimRegistry()
    await VimConnections(parts.database, parts.vault, registry, parts.users).load()
    assert (await registry.adapter(made["id"]).check_access()).zones
    await registry.aclose()
    without_kinds = VimRegistry({})
    await VimConnections(parts.database, parts.vault, without_kinds, parts.users).load()
    with pytest.raises(KeyError):
        without_kinds.adapter(made["id"])


async def test_a_check_tells_zones_and_room(http, parts):
    """Trying a connection tells what was found on the VIM."""
    made = await _created(http, parts.body)
    async with http.post(f"{VIMS}/{made['id']}/check") as answer:
        assert answer.status == 200
        report = await answer.json()
    assert report["accessible"] is True
    assert {"network", "server", "volume"} <= set(report["kinds"])
    assert "console" in report["features"]
    assert report["zones"]
    assert {room["zone"] for room in report["capacity"]} == set(report["zones"])


async def test_our_resources_on_a_vim_are_listed(http, parts):
    """What carries our owner tag is shown with its identity; what others own is not."""
    made = await _created(http, parts.body)
    adapter = parts.registry.adapter(made["id"])
    network = await adapter.ensure_present(NetworkSpec(name="ours"), Identity(owner=OWNER, path="ns/1/vl/a"))
    await adapter.ensure_present(NetworkSpec(name="theirs"), Identity(owner="somebody", path="ns/1/vl/a"))
    async with http.get(f"{VIMS}/{made['id']}/resources") as answer:
        (found,) = await answer.json()
    assert (found["id"], found["kind"], found["path"]) == (network.handle.id, "network", "ns/1/vl/a")


async def test_a_vim_in_use_stays(http, parts):
    """While instances have something on it, it is not removed, and the answer says which."""
    made = await _created(http, parts.body)
    parts.users.found = ("VNF instance 1",)
    status, problem = await _refused(http, "DELETE", f"{VIMS}/{made['id']}")
    assert (status, problem["users"]) == (409, ["VNF instance 1"])
    assert parts.registry.adapter(made["id"])


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"vimType": "ABACUS"}, 422, "SIMULATED"),
        ({"interfaceInfo": {}}, 422, "path"),
        ({"interfaceInfo": {"path": 7}}, 400, "$.interfaceInfo"),
        ({"extra": {"deadline_seconds": "soon"}}, 422, "deadline_seconds"),
        ({"vimTypo": "SIMULATED"}, 400, "vimTypo"),
        ({"vimType": None}, 400, "$.vimType"),
        ({"vimId": None}, 400, "name"),
    ],
)
async def test_a_connection_that_could_not_be_used_is_refused(http, parts, change, status, told):
    """The answer names the attribute, and for an unknown type the known ones; nothing is recorded."""
    body = {key: value for key, value in (parts.body | change).items() if value is not None or key == "vimType"}
    answered, problem = await _refused(http, "POST", VIMS, json=body)
    assert answered == status
    assert told in problem["detail"]
    assert await parts.connections.all() == []


async def test_a_name_is_taken_once(http, parts):
    """Two connections of one name would be one to a person: the second is refused."""
    await _created(http, parts.body)
    status, problem = await _refused(http, "POST", VIMS, json=parts.body)
    assert (status, problem["attribute"]) == (409, "$.name")


async def test_a_vim_that_does_not_answer_is_told_by_its_check(http, parts, tmp_path):
    """A check that fails is an answer with the VIM's problem, not a failure of the request."""
    blocked = tmp_path / "directory.sqlite"
    blocked.mkdir()
    made = await _created(http, parts.body | {"interfaceInfo": {"path": str(blocked)}})
    async with http.post(f"{VIMS}/{made['id']}/check") as answer:
        report = await answer.json()
    assert (answer.status, report["accessible"]) == (200, False)
    assert report["error"]["detail"]
    status, problem = await _refused(http, "GET", f"{VIMS}/{made['id']}/resources")
    assert status == 502
    assert problem["type"].startswith("urn:mano:problem:vim-")
