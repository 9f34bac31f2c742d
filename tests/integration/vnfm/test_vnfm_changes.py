"""Every operation on an instantiated VNF: it completes, or stops half-way and is taken on or taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from vnfm_examples import CIRROS, DATABASE_VDU, FIREWALL, FIREWALL_VDU, OUTSIDE, SIMPLE

from descriptors.model.vnfd import Artifact, InstantiationLevel, SoftwareImage, Vdu
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

CACHE_VDU = Vdu(id="cache", name="Cache", memory_bytes=2**28, image=CIRROS)
LARGE = msgspec.structs.replace(
    SIMPLE,
    id="large",
    vdus={
        "firewall": msgspec.structs.replace(FIREWALL_VDU, vcpus=4),
        "database": DATABASE_VDU,
        "cache": CACHE_VDU,
    },
    initial_instances={"firewall": 1, "database": 1, "cache": 1},
    levels={
        "small": InstantiationLevel(id="small"),
        "wide": InstantiationLevel(id="wide", scale_levels={"throughput": 1}),
    },
)
"""The same with a firewall that has more processors, and with a cache."""

OWN = SoftwareImage(
    id="cirros",
    name="own",
    version="2",
    disk_format="raw",
    artifact=Artifact(name="own", file="Files/own.img"),
)
UPGRADED = msgspec.structs.replace(
    FIREWALL,
    id="firewall-2",
    software_version="2.0",
    version="2.0",
    flavours={
        "simple": msgspec.structs.replace(
            SIMPLE,
            vdus={"firewall": msgspec.structs.replace(FIREWALL_VDU, image=OWN), "cache": CACHE_VDU},
            initial_instances={"firewall": 1, "cache": 1},
            connection_points={name: cp for name, cp in SIMPLE.connection_points.items() if cp.vdu == "firewall"},
        )
    },
)
"""Another image for the firewall, the database gone, and a cache."""
CACHE_IMAGE = msgspec.structs.replace(CIRROS, id="cirros-of-cache")
UPGRADED.flavours["simple"].vdus["cache"] = msgspec.structs.replace(CACHE_VDU, image=CACHE_IMAGE)


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


async def heal(vnfs, vnf, _vim):
    return await vnfs.heal(vnf, HealVnfRequest(cause="it hangs", vnfc_instance_id=("vdu/firewall/0",)))


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
    "heal": Case(heal, {"error": "boot_fault", "kind": "server"}, BOTH, {"vdu/database/0"}),
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
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@pytest.fixture
def packages(packages, tmp_path):
    """Have two flavours, and another package to change to."""
    packages.vnfds[FIREWALL.id] = msgspec.structs.replace(FIREWALL, flavours={"simple": SIMPLE, "large": LARGE})
    packages.vnfds[UPGRADED.id] = UPGRADED
    packages.files["Files/own.img"] = tmp_path / "own.img"
    packages.files["Files/own.img"].write_bytes(b"an image" * 1000)
    return packages


async def servers(vnfm, vnf):
    info = (await vnfm.lifecycle.get_vnf(vnf)).instantiated_vnf_info
    return {vnfc.id: vnfc.compute_resource.resource_id for vnfc in info.vnfc_resource_info} if info else {}


async def is_what_is_there(vnfm, vim, vnf):
    """Hold the inventory against the VIM: every server, port, network and volume, each once, and no others."""
    owned = await vim.resources()
    assert all(len(ids) == 1 for ids in owned.values()), owned
    info = (await vnfm.lifecycle.get_vnf(vnf)).instantiated_vnf_info
    if info is None:
        return owned == {}
    told = {vnfc.compute_resource.resource_id for vnfc in info.vnfc_resource_info}
    told |= {it.storage_resource.resource_id for it in info.virtual_storage_resource_info}
    told |= {it.network_resource.resource_id for it in info.vnf_virtual_link_resource_info}
    ports = [port for link in info.ext_virtual_link_info for port in link.ext_link_ports]
    ports += [port for link in info.vnf_virtual_link_resource_info for port in link.vnf_link_ports]
    told |= {port.resource_handle.resource_id for port in ports}
    untold = ("/subnet/", "/sg/", "/group/", "/image/")
    assert told == {ids[0] for path, ids in owned.items() if not any(word in path for word in untold)}
    return True


@every_case
async def test_it_completes(vnfm, vim, ended, instantiated, grants, case):  # noqa: PLR0917  # fixtures
    """What it need not touch is the very same as before; the grant names what goes and comes, nothing twice."""
    before, owned = await servers(vnfm, instantiated), await vim.resources()
    occurrence = await ended(await case.begin(vnfm.lifecycle, instantiated, vim))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    after, there = await servers(vnfm, instantiated), await vim.resources()
    assert after.keys() == case.vnfcs
    assert {vnfc for vnfc in before.keys() & after.keys() if before[vnfc] == after[vnfc]} == case.same
    assert await is_what_is_there(vnfm, vim, instantiated)
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
    assert await is_what_is_there(vnfm, vim, instantiated)
    assert shown(await vnfm.lifecycle.get_vnf(instantiated)) == shown(before)

    await vim.spoil(**case.fault, remaining=None)
    operation = await case.begin(vnfm.lifecycle, instantiated, vim)
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vim.heal()
    await vnfm.lifecycle.retry(operation)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert (await servers(vnfm, instantiated)).keys() == case.vnfcs
    assert await is_what_is_there(vnfm, vim, instantiated)


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
