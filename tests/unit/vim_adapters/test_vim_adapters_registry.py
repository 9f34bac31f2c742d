from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from vim_adapters.contract import Handle
from vim_adapters.errors import MisconfiguredError
from vim_adapters.registry import UnknownVimError, UnknownVimTypeError, VimConnection, VimRegistry
from vim_adapters.resources import Kind


def simulated(tmp_path, id_="vim-1", **more):
    return VimConnection(id=id_, vim_type="SIMULATED", interface_info={"path": str(tmp_path / f"{id_}.sqlite")}, **more)


@pytest.fixture
async def registry():
    made = VimRegistry()
    yield made
    await made.aclose()


async def test_a_registered_vim_can_be_used(registry, tmp_path):
    """A connection becomes an adapter that works."""
    registry.register(simulated(tmp_path))
    assert (await registry.adapter("vim-1").check_access()).zones == ("az1", "az2")


async def test_unknown_types_are_refused_with_the_known_ones(registry):
    """An error about the type of a VIM tells which types there are."""
    with pytest.raises(UnknownVimTypeError, match=r"'CLOUDY'; known types: .*OPENSTACK, SIMULATED"):
        registry.register(VimConnection(id="x", vim_type="CLOUDY"))
    assert registry.kinds() == ("ETSINFV.OPENSTACK_KEYSTONE.V_3", "OPENSTACK", "SIMULATED")


async def test_unknown_vims_are_key_errors_that_read_well(registry, tmp_path):
    """A VIM that is not registered, or no longer, is named in the error."""
    registry.register(simulated(tmp_path))
    registry.remove("vim-1")
    registry.remove("vim-1")
    for look in (registry.adapter, registry.poll_seconds, lambda vim: registry.watch(vim, "me")):
        with pytest.raises(UnknownVimError, match="there is no VIM connection 'vim-1'"):
            look("vim-1")


async def test_all_who_wait_on_a_vim_share_a_poller(registry, tmp_path):
    """Whoever asks, there is one watch for each VIM and owner; closing the registry lets go of those who wait."""
    registry.register(simulated(tmp_path))
    watch = registry.watch("vim-1", "me")
    assert registry.watch("vim-1", "me") is watch
    assert registry.watch("vim-1", "other") is not watch
    waiting = asyncio.create_task(watch.until(Handle(kind=Kind.SERVER, id="x"), lambda _: False))
    await asyncio.sleep(0)
    await registry.aclose()
    await asyncio.wait([waiting])
    assert waiting.cancelled()


@pytest.mark.parametrize("interface_info", [{}, {"path": ""}, {"path": "x", "auth_url": "y"}])
async def test_interface_information_is_checked_by_kind(registry, interface_info):
    """What an adapter needs and lacks, or does not know, is refused when the connection is registered."""
    with pytest.raises(MisconfiguredError, match="interfaceInfo"):
        registry.register(VimConnection(id="x", vim_type="SIMULATED", interface_info=interface_info))
    with pytest.raises(UnknownVimError):
        registry.adapter("x")


@pytest.mark.parametrize("value", [0, -1, "fast", True])
async def test_settings_of_a_connection_are_checked(registry, tmp_path, value):
    """A setting that cannot be is refused by name."""
    for key in ("calls_per_second", "poll_seconds", "deadline_seconds"):
        with pytest.raises(MisconfiguredError, match=f"extra.{key}"):
            registry.register(simulated(tmp_path, extra={key: value}))


async def test_poll_interval_comes_from_the_connection_or_the_kind(registry, tmp_path):
    """How often to look is the connection's wish, else what suits the kind of VIM."""
    registry.register(simulated(tmp_path))
    registry.register(simulated(tmp_path, "vim-2", extra={"poll_seconds": 3}))
    assert (registry.poll_seconds("vim-1"), registry.poll_seconds("vim-2")) == (0.05, 3.0)


async def test_registered_connections_are_told_in_order(registry, tmp_path):
    """Who places resources sees every connection that is registered, in the order in which they came."""
    asked = [simulated(tmp_path, id_) for id_ in ("vim-2", "vim-1", "vim-3")]
    for connection in asked:
        registry.register(connection)
    assert registry.connections() == tuple(asked)
    registry.remove("vim-1")
    assert [connection.id for connection in registry.connections()] == ["vim-2", "vim-3"]


async def test_registering_again_replaces_only_what_changed(registry, tmp_path):
    """The same connection keeps its adapter; a changed one gets another, and calls on the old one still end."""
    registry.register(simulated(tmp_path))
    first = registry.adapter("vim-1")
    registry.register(simulated(tmp_path))
    assert registry.adapter("vim-1") is first
    registry.register(simulated(tmp_path, extra={"calls_per_second": 100}))
    assert registry.adapter("vim-1") is not first
    assert (await first.check_access()).zones


def test_secrets_are_what_proves_not_who_asks():
    """Passwords and keys are secrets; names of users and projects may be shown."""
    access = {
        "username": "admin",
        "projectName": "nfv",
        "user_domain_name": "Default",
        "password": "p",
        "secretKey": "s",
    }
    assert VimConnection(id="x", vim_type="y", access_info=access).secrets == ("p", "s")


def test_adapters_are_imported_when_needed():
    """Who registers no VIM of a kind does not import its adapter."""
    code = "import sys, vim_adapters.registry; assert not [m for m in sys.modules if m.startswith('vim_adapters.sim')]"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("key", ["project", "project_id", "projectName", "tenant", "tenant_id"])
def test_a_connection_works_in_its_own_project(tmp_path, key):
    """An infrastructure resource group is the project that is named; where none is, the VIM knows."""
    mine = simulated(tmp_path, access_info={key: "blue", "password": "hush"})
    assert (mine.works_in("blue"), mine.works_in("red"), mine.works_in("hush")) == (True, False, False)
    assert simulated(tmp_path).works_in("red")
