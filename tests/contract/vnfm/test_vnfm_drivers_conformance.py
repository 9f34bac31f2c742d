"""Every driver keeps the contract: on this machine, in a guest over SSH, with Ansible, and asking over HTTP."""

from __future__ import annotations

import asyncio
import uuid

import msgspec
import pytest
import pytest_asyncio
from driver_hosts import element_manager, guest, running, temporary_host

from vnfm.drivers.ansible import AnsibleDriver
from vnfm.drivers.conformance import DriverConformance, Job
from vnfm.drivers.contract import Host, Script
from vnfm.drivers.coordination import CoordinationDriver
from vnfm.drivers.local import LocalDriver
from vnfm.drivers.registry import KINDS
from vnfm.drivers.ssh import SshDriver

SHELL = {
    "works": 'echo "$greeting"; test -s "$MANO_FACTS"; test -e "$MANO_PACKAGE/data/file"',
    "fails": "echo bad luck >&2; exit 7",
    "hangs": "trap '' TERM; (setsid sleep {nonce} &); echo hanging; sleep {nonce}; sleep {nonce}",
}


class Scripts(DriverConformance):
    """What drivers of scripts have in common: a sleep of a length that no other process sleeps."""

    file = "Scripts/work.sh"
    texts = SHELL

    @pytest_asyncio.fixture(autouse=True)
    async def nonce(self):
        self.nonce = f"6{uuid.uuid4().int % 10**9}"

    def options(self):
        return {}

    def facts(self):
        return {}

    def job(self, what):
        text = self.texts[what].replace("{nonce}", self.nonce)
        return Job(
            script=Script(hook="instantiate_end", file=self.file, options=self.options()),
            files={self.file: text, "data/file": "data"},
            facts=self.facts(),
        )

    def misfit(self):
        return Script(hook="instantiate_end", file=self.file, options={**self.options(), "misspelt": 1})

    async def under_way(self):
        return await asyncio.to_thread(running, f"sleep {self.nonce}")


class TestLocal(Scripts):
    """Confined as in production, as far as the machine can."""

    driver_name = "local"

    @pytest.fixture
    def driver(self):
        with temporary_host() as host:
            yield LocalDriver(host)


def at(address, vdu="firewall", index=0):
    """Return what a run is told of a VNFC at this address."""
    point = {"id": "mgmt", "addresses": [address], "external": True}
    return {"id": f"vdu/{vdu}/{index}", "vdu": vdu, "index": index, "server": "s", "connectionPoints": [point]}


class TestSsh(Scripts):
    """In a guest behind a real SSH server, that shows the key that it should show."""

    driver_name = "ssh"

    @pytest_asyncio.fixture
    async def driver(self, tmp_path):
        (tmp_path / "keys").mkdir()
        (tmp_path / "guest").mkdir()
        async with guest(tmp_path / "guest") as self.guest:
            (tmp_path / "keys" / "operator").write_text(self.guest.private_key)
            with temporary_host(keys=tmp_path / "keys") as host:
                yield SshDriver(host)
        assert list((tmp_path / "guest").iterdir()) == []

    def options(self):
        return {"key": "operator", "port": self.guest.port, "host_key": self.guest.host_key, "vdu": "firewall"}

    def facts(self):
        return {"vnfcs": [at("127.0.0.1"), at("192.0.2.1", vdu="database")]}


class TestAnsible(Scripts):
    """A playbook on this machine; as the server's own user where in a developer's home nobody else can run Ansible."""

    driver_name = "ansible"
    file = "play.yml"
    texts = {
        what: f"[{{hosts: firewall, gather_facts: false, tasks: [{task}]}}]"
        for what, task in (
            ("works", "{debug: {msg: '{{ greeting }} in {{ mano.hook }}'}}"),
            ("fails", "{fail: {msg: bad luck}}"),
            ("hangs", "{debug: {msg: hanging}}, {command: 'sleep {nonce}'}"),
        )
    }

    @pytest.fixture
    def driver(self):
        with temporary_host() as host:
            driver = AnsibleDriver(host)
            away = driver.obstacle(Script(hook="instantiate_end", file=self.file))
            yield AnsibleDriver(msgspec.structs.replace(host, confinement="trusted")) if away else driver

    def options(self):
        return {"connection": "local"}

    def facts(self):
        return {"vnfcs": [at("127.0.0.1")]}


class TestCoordination(DriverConformance):
    """An element manager that answers at once or later."""

    driver_name = "coordination"
    hanging_words = "which answered 202"

    @pytest_asyncio.fixture
    async def driver(self, tmp_path):
        async with element_manager() as (self.manager, self.endpoint):
            yield CoordinationDriver(Host(directory=tmp_path, url="http://mano.example"))

    def job(self, what):
        return Job(script=Script(hook="instantiate_start", options={"action": what, "endpoint": self.endpoint}))

    def misfit(self):
        return Script(hook="instantiate_start", options={"action": "works"})

    async def under_way(self):
        return bool(self.manager.open)


def test_every_driver_has_a_suite():
    """Who adds a driver has it tried by the kit."""
    suites = {suite.driver_name for suite in (TestLocal, TestSsh, TestAnsible, TestCoordination)}
    assert suites == set(KINDS)
