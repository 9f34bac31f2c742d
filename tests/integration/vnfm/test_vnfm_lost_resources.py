"""What somebody has removed or switched on the VIM behind our back is looked at before it is relied on."""

from __future__ import annotations

import pytest

from vim_adapters.contract import Action, State
from vim_adapters.resources import Kind

FIREWALL_0, DATABASE_0 = "vdu/firewall/0", "vdu/database/0"
LOST = (
    f"{FIREWALL_0}/server",
    f"{DATABASE_0}/server",
    f"{FIREWALL_0}/cp/fw-in",
    f"{DATABASE_0}/cp/db-in",
    "vl/inside/subnet/0",
    "vl/inside/network",
    f"{FIREWALL_0}/storage/log",
)


@pytest.fixture
def lose(vim):
    """Return the function that removes resources of the VNF, in this order, as somebody else would."""

    async def remove(*paths):
        adapter = vim.registry.adapter("vim-1")
        owned = {seen.identity.path.split("/", 2)[2]: seen.handle for seen in await adapter.list_owned("mano-test")}
        for path in paths:
            await adapter.ensure_absent(owned[path])

    return remove


async def test_healing_a_vnfc_restores_what_it_relies_on(vnfm, done, vim, lose, grants, instantiated):  # noqa: PLR0917  # fixtures
    """Its own port and volume; what nobody has removed stays the very same, other VNFCs first of all."""
    before = await vim.resources()
    await lose(f"{FIREWALL_0}/server", f"{FIREWALL_0}/cp/fw-in", f"{FIREWALL_0}/storage/log")
    healed = await done("heal", {"vnfcInstanceId": [FIREWALL_0]})
    assert healed["operationState"] == "COMPLETED", healed
    after = await vim.resources()
    assert after.keys() == before.keys()
    anew = {path.split("/", 2)[2] for path in before if before[path] != after[path]}
    assert anew == {f"{FIREWALL_0}/server", f"{FIREWALL_0}/cp/fw-in", f"{FIREWALL_0}/storage/log"}
    assert {it.type for it in grants.asked[-1].add_resources} == {"COMPUTE", "STORAGE"}
    assert await vim.is_told_by(vnfm, instantiated)


async def test_healing_the_vnf_restores_its_links(vnfm, done, vim, lose, ask, instantiated):  # noqa: PLR0917  # fixtures
    """With all that was on them; rolled back, it is as whole as if it had been healed."""
    before = await vim.resources()
    await lose(*LOST)
    await vim.spoil(error="boot_fault", kind="server")
    healed = await done("heal", {})
    assert healed["operationState"] == "FAILED_TEMP"
    await ask("POST", f"/vnf_lcm_op_occs/{healed['id']}/rollback", headers={"Prefer": "wait=30"})
    _, back = await ask("GET", f"/vnf_lcm_op_occs/{healed['id']}")
    assert back["operationState"] == "ROLLED_BACK", back
    assert (await vim.resources()).keys() == before.keys()
    assert await vim.is_told_by(vnfm, instantiated)
    await lose(*LOST)
    assert (await done("heal", {}))["operationState"] == "COMPLETED"
    assert (await vim.resources()).keys() == before.keys()
    assert await vim.is_told_by(vnfm, instantiated)


async def test_healing_a_vnfc_that_has_no_server_restores_the_rest(done, vim, lose, ask):
    """The server went with a heal that was given up, and its port after it."""
    before = await vim.resources()
    await vim.spoil(error="denied", verb="ensure_present", kind="server", remaining=None)
    healed = await done("heal", {"vnfcInstanceId": [FIREWALL_0]})
    await ask("POST", f"/vnf_lcm_op_occs/{healed['id']}/fail")
    await vim.heal()
    await lose(f"{FIREWALL_0}/cp/fw-in")
    assert (await done("heal", {"vnfcInstanceId": [FIREWALL_0]}))["operationState"] == "COMPLETED"
    assert (await vim.resources()).keys() == before.keys()


async def test_a_vim_that_cannot_be_asked_keeps_nobody_from_healing(done, vim):
    """What is not known to be lost is taken for there."""
    before = await vim.resources()
    for verb in ("observe", "list_owned"):
        await vim.spoil(error="refused", verb=verb, kind="port", remaining=None)
    assert (await done("heal", {}))["operationState"] == "COMPLETED"
    after = await vim.resources()
    assert {path.split("/", 2)[2] for path in before if before[path] != after[path]} == {
        f"{FIREWALL_0}/server",
        f"{DATABASE_0}/server",
    }


async def test_servers_that_went_down_are_started(vnfm, done, vim, ask, instantiated):
    """START brings up what is not up, though it was recorded as running; rolled back, it is down again."""
    adapter = vim.registry.adapter("vim-1")
    servers = [seen.handle for seen in await adapter.list_owned("mano-test") if seen.handle.kind is Kind.SERVER]
    for server in servers:
        await adapter.operate(server, Action.HALT)
    await vim.spoil(error="refused", verb="operate", after_calls=1)
    started = await done("operate", {"changeStateTo": "STARTED"})
    assert started["operationState"] == "FAILED_TEMP"
    await ask("POST", f"/vnf_lcm_op_occs/{started['id']}/rollback", headers={"Prefer": "wait=30"})
    assert {(await adapter.observe(server)).state for server in servers} == {State.STOPPED}
    started = await done("operate", {"changeStateTo": "STARTED"})
    assert started["operationState"] == "COMPLETED"
    assert len(started["resourceChanges"]["affectedVnfcs"]) == len(servers)
    assert {(await adapter.observe(server)).state for server in servers} == {State.READY}
    await adapter.operate(servers[0], Action.HALT)
    stopped = await done("operate", {"changeStateTo": "STOPPED"})
    assert len(stopped["resourceChanges"]["affectedVnfcs"]) == len(servers) - 1
    assert (await vnfm.lifecycle.get_vnf(instantiated)).instantiated_vnf_info.vnf_state == "STOPPED"


async def test_a_server_that_is_gone_is_not_said_to_run(done, vim, lose):
    """The operation is rolled back with nothing changed, and says what helps."""
    await lose(f"{DATABASE_0}/server")
    started = await done("operate", {"changeStateTo": "STARTED"})
    assert started["operationState"] == "ROLLED_BACK"
    assert f"{DATABASE_0}: heal them first" in started["error"]["detail"]
    assert (await done("operate", {"changeStateTo": "STOPPED", "vnfcInstanceId": [FIREWALL_0]}))[
        "operationState"
    ] == "COMPLETED"
    assert (await done("heal", {"vnfcInstanceId": [DATABASE_0]}))["operationState"] == "COMPLETED"
    assert (await done("operate", {"changeStateTo": "STARTED"}))["operationState"] == "COMPLETED"


async def test_what_a_list_misses_is_not_replaced(done, vim, monkeypatch):
    """Something that lost its tag is still there: before anything is taken for lost, it is asked for itself."""
    before = await vim.resources()
    adapter = vim.registry.adapter("vim-1")
    whole = adapter.list_owned

    async def without_ports(owner, kind=None):
        return tuple(seen for seen in await whole(owner, kind) if seen.handle.kind is not Kind.PORT)

    monkeypatch.setattr(adapter, "list_owned", without_ports)
    assert (await done("heal", {}))["operationState"] == "COMPLETED"
    monkeypatch.undo()
    after = await vim.resources()
    assert {path for path in before if "/cp/" in path and before[path] != after[path]} == set()
