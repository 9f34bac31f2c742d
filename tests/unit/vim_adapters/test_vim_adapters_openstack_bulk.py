from __future__ import annotations

import asyncio
import threading

import pytest

from vim_adapters.connection import VimConnection
from vim_adapters.contract import Identity
from vim_adapters.errors import ConflictError, OutcomeUnknownError, QuotaError
from vim_adapters.openstack.adapter import connect
from vim_adapters.openstack.bulk import Bulk
from vim_adapters.openstack.cloud import Cloud
from vim_adapters.openstack.discovery import Offer
from vim_adapters.resources import PortSpec


class Neutron:
    """Has ports, and refuses a bulk of them when it is told to."""

    def __init__(self, refusing=None):
        self.refusing = refusing
        self.ports = []
        self.asked = []
        self._turn = threading.Lock()

    def post(self, _service, path, body):
        with self._turn:
            self.asked.append(("POST", path, len(body.get("ports", "1"))))
            if "ports" in body and self.refusing:
                raise self.refusing
            made = [
                {"id": f"p{len(self.ports) + n}", **port}
                for n, port in enumerate(body.get("ports", [body.get("port")]))
            ]
            self.ports += made
            return {"ports": made[::-1]} if "ports" in body else {"port": made[0]}

    def put(self, _service, path, body):
        with self._turn:
            self.asked.append(("PUT", path))
            port = next(port for port in self.ports if path == f"/ports/{port['id']}/tags")
            port["tags"] = body["tags"]
            return body

    def list(self, _service, path, _key, **query):
        with self._turn:
            self.asked.append(("GET", path))
            wanted = query["description"]
            return [port for port in self.ports if port["description"] in wanted]


async def ensured(neutron, *names):
    """Have ports present at once, as one that is connected would, and return what was answered."""
    adapter = connect(VimConnection(id="v", vim_type="OPENSTACK", interface_info={"cloud": "none"}))
    adapter._cloud = Cloud(neutron, adapter._access, Offer(versions={}, extensions=frozenset()))
    identities = [Identity(owner="mano-1", path=f"vnf/1/{name}") for name in names]
    calls = [adapter.ensure_present(PortSpec(name=one.path, network="n"), one) for one in identities]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    adapter._threads.shutdown()
    return identities, answers


async def test_ports_wanted_at_once_are_made_by_one_request():
    """One look and one request serve them all; each is told its own, and bears its marks in the end."""
    neutron = Neutron()
    identities, seen = await ensured(neutron, "a", "b", "c")
    assert neutron.asked[:2] == [("GET", "/ports"), ("POST", "/ports", 3)]
    assert len(neutron.asked) == 5
    assert [one.identity for one in seen] == identities
    assert [one.handle.id for one in seen] == ["p0", "p1", "p2"]
    assert all(one.digest for one in seen)


async def test_a_port_that_is_there_is_not_made_again():
    """Asked for among others, it is found by its identity, and a port without tags is completed."""
    neutron = Neutron()
    await ensured(neutron, "a", "b")
    del neutron.ports[0]["tags"]
    _, seen = await ensured(neutron, "a", "b", "c")
    assert [one.handle.id for one in seen] == ["p0", "p1", "p2"]
    assert len(neutron.ports) == 3
    assert all(port["tags"] for port in neutron.ports)


@pytest.mark.parametrize("refusal", [QuotaError("no more"), ConflictError("an address is taken")])
async def test_a_bulk_that_is_refused_is_made_one_by_one(refusal):
    """What is wrong with one of several ports is no other's fault."""
    neutron = Neutron(refusing=refusal)
    _, seen = await ensured(neutron, "a", "b")
    assert sorted(one.handle.id for one in seen) == ["p0", "p1"]
    assert next(asked for asked in neutron.asked if asked[0] == "POST") == ("POST", "/ports", 2)


async def test_a_bulk_whose_answer_is_lost_is_not_sent_again():
    """Its ports may exist, or come to exist: whoever asks again looks first."""
    neutron = Neutron(refusing=OutcomeUnknownError("gone"))
    _, answers = await ensured(neutron, "a", "b")
    assert [type(answer) for answer in answers] == [OutcomeUnknownError] * 2
    assert [asked for asked in neutron.asked if asked[0] == "POST"] == [("POST", "/ports", 2)]


async def test_those_who_come_during_a_request_are_gathered_for_the_next():
    """No more than were allowed are made at once; whoever went away meanwhile is left out."""
    rounds, begun, gate = [], asyncio.Event(), asyncio.Event()

    async def make(wanted):
        rounds.append(list(wanted))
        begun.set()
        await gate.wait()
        return [one * 10 for one in wanted]

    bulk = Bulk(make, seconds=0, most=3, at_once=1)
    first = asyncio.create_task(bulk.made(1))
    await begun.wait()
    later = [asyncio.create_task(bulk.made(number)) for number in range(2, 8)]
    await asyncio.sleep(0)
    later[0].cancel()
    await asyncio.wait(later[:1])
    gate.set()
    assert await asyncio.gather(first, *later[1:]) == [10, 30, 40, 50, 60, 70]
    assert rounds == [[1], [3, 4], [5, 6, 7]]
