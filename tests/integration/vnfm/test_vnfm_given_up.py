"""After an operation that was given up, the next one that touches resources clears up, whatever it is about."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import OUTSIDE, UPGRADED

from vim_adapters.contract import State
from vnfm.sol003.instances import VnfOperationalState
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    HealVnfRequest,
    OperateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
)

ROLLING = {"upgradeType": "ROLLING"}
SCALE_OUT = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
STOPPED = OperateVnfRequest(change_state_to=VnfOperationalState.STOPPED, vnfc_instance_id=("vdu/database/0",))


@pytest.fixture
async def given_up(two_packages, vnfm, vim, ended, instantiated):
    """Return a VNF with a server that did not come up, and without one that was not made again."""
    await vim.spoil(error="boot_fault", kind="server", match="*firewall/0/*", remaining=None)
    await vim.spoil(error="denied", verb="ensure_present", kind="server", match="*database/0/*", remaining=None)
    operation = await vnfm.lifecycle.heal(instantiated, HealVnfRequest())
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vim.heal()
    await vnfm.lifecycle.fail(operation)
    assert State.FAULTED in await states(vim)
    assert not [path for path in await vim.resources() if path.endswith("vdu/database/0/server")]
    return instantiated


async def states(vim):
    return {seen.state for seen in await vim.registry.adapter("vim-1").list_owned("mano-test")}


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("scale", SCALE_OUT),
        ("operate", STOPPED),
        ("heal", HealVnfRequest(vnfc_instance_id=("vdu/database/0",))),
        ("change_flavour", ChangeVnfFlavourRequest(new_flavour_id="large", additional_params=ROLLING)),
        ("change_ext_conn", "other"),
        ("change_vnfpkg", ChangeCurrentVnfPkgRequest(vnfd_id=UPGRADED.id, additional_params=ROLLING)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_next_operation_clears_up(vnfm, vim, ended, given_up, name, request_):  # noqa: PLR0917  # fixtures
    """When it is completed, inventory and VIM agree, and everything on the VIM is in order."""
    if request_ == "other":
        link = msgspec.structs.replace(OUTSIDE, id="other", resource_id=await vim.outside_network("other"))
        request_ = ChangeExtVnfConnectivityRequest(ext_virtual_links=(link,))
    occurrence = await ended(await getattr(vnfm.lifecycle, name)(given_up, request_))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert await vim.is_told_by(vnfm, given_up)
    due = "cache" if name == "change_vnfpkg" else "database"  # UPGRADED has no database
    assert [path for path in await vim.resources() if path.endswith(f"vdu/{due}/0/server")]
    assert await states(vim) <= {State.READY, State.STOPPED}
