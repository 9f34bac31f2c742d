from __future__ import annotations

import json

import pytest
import requests
from keystoneauth1 import adapter as keystone_adapter

from vim_adapters.connection import VimConnection
from vim_adapters.contract import Identity
from vim_adapters.errors import DependencyMissingError, ThrottledError
from vim_adapters.openstack import session as sessions
from vim_adapters.openstack.access import access_of
from vim_adapters.openstack.flavours import Flavours
from vim_adapters.openstack.servers import ServerGroups, Servers
from vim_adapters.openstack.session import Session
from vim_adapters.resources import PlacementGroupSpec


class Cloud:
    """Answers with what the test says, and keeps what it was sent."""

    def __init__(self):
        self.answers = []
        self.asked = []

    def request(self, _proxy, path, method, *, json=None, **_rest):
        self.asked.append((method, path, json))
        return self.answers.pop(0)


def answer(status, body, **headers):
    made = requests.Response()
    made.status_code = status
    made._content = json.dumps(body).encode()
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


@pytest.fixture
def cloud(monkeypatch):
    cloud = Cloud()
    monkeypatch.setattr(keystone_adapter.Adapter, "request", cloud.request)
    monkeypatch.setattr(Session, "_proxy", lambda self, _service: self)
    return cloud


@pytest.fixture
def session(cloud):
    return Session(access_of(VimConnection(id="v", vim_type="OPENSTACK", interface_info={"cloud": "none"})))


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = [100.0]
    monkeypatch.setattr(sessions.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_asked_for_is_kept(cloud, session, clock, status):
    """Until it is over nothing is sent to any service of the cloud; then calls go on."""
    cloud.answers = [answer(status, {}, retry_after="30"), answer(200, {"networks": []})]
    with pytest.raises(ThrottledError) as told:
        session.list("compute", "/servers", "servers")
    assert told.value.after == 30
    clock[0] += 29
    with pytest.raises(ThrottledError) as told:
        session.list("network", "/networks", "networks")
    assert told.value.after == 1
    assert len(cloud.asked) == 1
    clock[0] += 1
    assert session.list("network", "/networks", "networks") == []
    assert len(cloud.asked) == 2


def test_a_console_is_what_nova_has_of_it(cloud, session):
    """No host, or no console, is nothing to read; no server is an error."""
    servers = Servers(session, Flavours(session, create="never"))
    here, missing = answer(200, {"server": {"id": "s"}}), answer(404, {"itemNotFound": {"message": "no console"}})
    cloud.answers = [answer(200, {"output": "login:"})]
    assert servers.console("s") == "login:"
    assert cloud.asked == [("POST", "/servers/s/action", {"os-getConsoleOutput": {"length": 40}})]
    cloud.answers = [answer(409, {"conflictingRequest": {"message": "Instance s is not ready"}})]
    assert servers.console("s") == ""
    cloud.answers = [missing, here]
    assert servers.console("s") == ""
    cloud.answers = [missing, missing]
    with pytest.raises(DependencyMissingError, match="answered 404"):
        servers.console("s")


@pytest.mark.parametrize(
    ("policy", "most", "rules"),
    [("anti-affinity", 2, {"max_server_per_host": 2}), ("anti-affinity", 1, None), ("affinity", 2, None)],
)
def test_a_group_that_keeps_servers_apart_may_let_some_share_a_host(cloud, session, policy, most, rules):
    """The connection's setting is Nova's rule, which only such groups take."""
    cloud.answers = [answer(200, {"server_group": {"id": "g"}})]
    groups = ServerGroups(session, max_server_per_host=most)
    groups.create(PlacementGroupSpec(name="apart", policy=policy), Identity(owner="mano-1", path="vnf/1/group"))
    ((_, _, sent),) = cloud.asked
    assert sent["server_group"]["policy"] == policy
    assert sent["server_group"].get("rules") == rules
