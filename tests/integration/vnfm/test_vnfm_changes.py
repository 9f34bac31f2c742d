"""Every operation on an instantiated VNF: it completes, or stops half-way and is taken on or taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from vnfm_examples import OUTSIDE, UPGRADED

from vnfm.sol003.instances import VnfOperationalState
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    HealVnfRequest,
    OperateVnfRequest,
    StopType,
    TerminateVnfRequest,
    TerminationType,
)


class Case(msgspec.Struct, frozen=True):
    """An operation, a fault in its middle, and the VNFCs that are there when it has completed."""

    begin: Callable[[Any, str, Any], Awaitable[str]]
    fault: dict[str, Any]
    vnfcs: set[str]
    same: set[str]
    """VNFCs whose servers are the very ones that they were."""


BOTH = {"vdu/database/0", "vdu/firewall/0"}


async def stop(vnfs, vnf, _vim):
    request = OperateVnfRequest(
        change_state_to=VnfOperationalState.STOPPED, stop_type=StopType.GRACEFUL, graceful_stop_timeout=5
    )
    return await vnfs.operate(vnf, request)


async def heal_all(vnfs, vnf, _vim):
    return await vnfs.heal(vnf, HealVnfRequest(additional_params={"all": True}))


async def change_flavour(vnfs, vnf, _vim):
    return await vnfs.change_flavour(
        vnf, ChangeVnfFlavourRequest(new_flavour_id="large", instantiation_level_id="wide")
    )


async def change_ext_conn(vnfs, vnf, vim):
    link = msgspec.structs.replace(OUTSIDE, id="other-link", resource_id=await vim.outside_network("other"))
    return await vnfs.change_ext_conn(vnf, ChangeExtVnfConnectivityRequest(ext_virtual_links=(link,)))


async def change_vnfpkg(vnfs, vnf, _vim):
    return await vnfs.change_vnfpkg(vnf, ChangeCurrentVnfPkgRequest(vnfd_id=UPGRADED.id))


async def terminate(vnfs, vnf, _vim):
    request = TerminateVnfRequest(termination_type=TerminationType.GRACEFUL, graceful_termination_timeout=5)
    return await vnfs.terminate(vnf, request)


CASES = {
    "stop": Case(stop, {"error": "refused", "verb": "operate", "match": "*firewall*"}, BOTH, BOTH),
    "heal_all": Case(heal_all, {"error": "refused", "kind": "volume", "match": "*log*"}, BOTH, set()),
    "change_flavour": Case(
        change_flavour,
        {"error": "boot_fault", "kind": "server", "match": "*cache*"},
        {*BOTH, "vdu/cache/0", "vdu/firewall/1"},
        {"vdu/database/0"},
    ),
    "change_ext_conn": Case(change_ext_conn, {"error": "refused", "kind": "server"}, BOTH, {"vdu/database/0"}),
    "change_vnfpkg": Case(
        change_vnfpkg,
        {"error": "refused", "kind": "server", "match": "*firewall*"},
        {"vdu/cache/0", "vdu/firewall/0"},
        set(),
    ),
    "terminate": Case(
        terminate, {"error": "denied", "verb": "ensure_absent", "kind": "network", "match": "*inside*"}, set(), set()
    ),
}
pytestmark = pytest.mark.usefixtures("two_packages")
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


async def servers(vnfm, vnf):
    info = (await vnfm.lifecycle.get_vnf(vnf)).instantiated_vnf_info
    return {vnfc.id: vnfc.compute_resource.resource_id for vnfc in info.vnfc_resource_info} if info else {}


@every_case
async def test_it_completes(vnfm, vim, ended, instantiated, grants, case):  # noqa: PLR0917  # fixtures
    """What it need not touch is the very same as before; the grant names what goes and comes, nothing twice."""
    before, owned = await servers(vnfm, instantiated), await vim.resources()
    occurrence = await ended(await case.begin(vnfm.lifecycle, instantiated, vim))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    after, there = await servers(vnfm, instantiated), await vim.resources()
    assert after.keys() == case.vnfcs
    assert {vnfc for vnfc in before.keys() & after.keys() if before[vnfc] == after[vnfc]} == case.same
    assert await vim.is_told_by(vnfm, instantiated)
    asked = grants.asked[-1]
    gone = {ids[0] for path, ids in owned.items() if there.get(path) != ids}
    removed = {definition.resource.resource_id for definition in asked.remove_resources}
    assert {before[vnfc] for vnfc in before.keys() - case.same} <= removed <= gone
    computes = {definition.id for definition in asked.add_resources if definition.type == "COMPUTE"}
    assert computes == {f"{vnfc}/server" for vnfc in after if before.get(vnfc) != after[vnfc]}
    identifiers = [it.id for it in (*asked.add_resources, *asked.remove_resources, *asked.update_resources)]
    assert len(identifiers) == len(set(identifiers))


@every_case
async def test_a_fault_stops_it_and_it_is_taken_back_or_on(vnfm, vim, ended, instantiated, case):
    """Rolled back, the VIM has again what it had, made from the same and running or not; retried, it completes."""
    before, picture = await vnfm.lifecycle.get_vnf(instantiated), await vim.picture()
    await vim.spoil(**case.fault, remaining=None)
    operation = await case.begin(vnfm.lifecycle, instantiated, vim)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "FAILED_TEMP"
    assert occurrence.error["step"]
    await vim.heal()
    await vnfm.lifecycle.rollback(operation)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "ROLLED_BACK", occurrence.error
    assert await vim.picture() == picture
    assert await vim.is_told_by(vnfm, instantiated)
    assert shown(await vnfm.lifecycle.get_vnf(instantiated)) == shown(before)

    await vim.spoil(**case.fault, remaining=None)
    operation = await case.begin(vnfm.lifecycle, instantiated, vim)
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vim.heal()
    await vnfm.lifecycle.retry(operation)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert (await servers(vnfm, instantiated)).keys() == case.vnfcs
    assert await vim.is_told_by(vnfm, instantiated)


def shown(vnf):
    """What an instance shows besides identifiers and addresses that a VIM gives."""
    info = vnf.instantiated_vnf_info
    return (
        vnf.vnfd_id,
        vnf.instantiation_state,
        info.flavour_id,
        info.vnf_state,
        info.scale_status,
        [vnfc.id for vnfc in info.vnfc_resource_info],
        [(link.id, link.current_vnf_ext_cp_data) for link in info.ext_virtual_link_info],
    )


@pytest.mark.parametrize("case", [CASES["change_ext_conn"], CASES["change_vnfpkg"]], ids=["connectivity", "package"])
async def test_given_up_it_leaves_what_can_be_terminated(vnfm, vim, ended, instantiated, case):
    """FAILED keeps in the inventory whatever there is, so that nothing is left after a terminate."""
    await vim.spoil(**case.fault, remaining=None)
    operation = await case.begin(vnfm.lifecycle, instantiated, vim)
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vnfm.lifecycle.fail(operation)
    await vim.heal()
    end = TerminateVnfRequest(termination_type=TerminationType.FORCEFUL)
    occurrence = await ended(await vnfm.lifecycle.terminate(instantiated, end))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert await vim.resources() == {}


async def test_what_a_change_of_the_package_did_says_whose_vnfd_describes_it(vnfm, vim, ended, instantiated):
    """Occurrences name both VNFDs; the inventory that of what was made, while it is not the instance's own."""
    source = (await vnfm.lifecycle.get_vnf(instantiated)).vnfd_id
    await vim.spoil(**CASES["change_vnfpkg"].fault, remaining=None)
    operation = await change_vnfpkg(vnfm.lifecycle, instantiated, vim)
    stopped = await ended(operation)
    assert stopped.operation_state == "FAILED_TEMP"
    vnf = await vnfm.lifecycle.get_vnf(instantiated)
    told = {vnfc.vdu_id: vnfc.vnfd_id for vnfc in vnf.instantiated_vnf_info.vnfc_resource_info}
    assert vnf.vnfd_id == source
    assert told == {"cache": UPGRADED.id, "firewall": UPGRADED.id}
    await vim.heal()
    await vnfm.lifecycle.retry(operation)
    changes = (await ended(operation)).resource_changes
    told = {(vnfc.vdu_id, vnfc.change_type): vnfc.vnfd_id for vnfc in changes.affected_vnfcs}
    assert told["database", "REMOVED"] == source
    assert told["cache", "ADDED"] == UPGRADED.id
    vnf = await vnfm.lifecycle.get_vnf(instantiated)
    assert vnf.vnfd_id == UPGRADED.id
    assert {vnfc.vnfd_id for vnfc in vnf.instantiated_vnf_info.vnfc_resource_info} == {None}
