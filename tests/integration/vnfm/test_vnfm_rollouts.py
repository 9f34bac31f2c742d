"""VNFCs change batch by batch, or make place for others beside them: to the end, and from the middle back and on."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import CACHE_VDU, FIREWALL, OWN, SIMPLE

from vnfm.sol003.connectivity import (
    CpProtocolData,
    IpAddressData,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
    VnfExtCpData,
)
from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    HealVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
    TerminationType,
)

FIREWALL_VDU = SIMPLE.vdus["firewall"]
UPGRADES = {
    "image": {
        "vdus": {**SIMPLE.vdus, "firewall": msgspec.structs.replace(FIREWALL_VDU, image=OWN)},
        "storages": {
            **SIMPLE.storages, "system": msgspec.structs.replace(SIMPLE.storages["system"], image=OWN)
        },
    },
    "flavour": {"vdus": {**SIMPLE.vdus, "firewall": msgspec.structs.replace(FIREWALL_VDU, vcpus=4)}},
    "storage": {
        "storages": {**SIMPLE.storages, "log": msgspec.structs.replace(SIMPLE.storages["log"], size_bytes=2**35)}
    },
    "vdus": {
        "vdus": {"firewall": msgspec.structs.replace(FIREWALL_VDU, memory_bytes=2**30), "cache": CACHE_VDU},
        "initial_instances": {"firewall": 1, "cache": 1},
        "connection_points": {name: cp for name, cp in SIMPLE.connection_points.items() if cp.vdu == "firewall"},
    },
    "link": {
        "virtual_links": {
            **SIMPLE.virtual_links, "inside": msgspec.structs.replace(SIMPLE.virtual_links["inside"], l2=None)
        }
    },
}  # fmt: skip
"""What the flavour of the new package has otherwise."""
CHANGING = {"image": {"firewall", "database"}, "link": {"firewall", "database"}}
"""VDUs whose VNFCs are made anew; the firewall alone where none are named."""
WIDE = ScaleVnfToLevelRequest(instantiation_level_id="large")


def config(address):
    addresses = (IpAddressData(type=IpAddressType.IPV4, fixed_addresses=(address,)),)
    data = CpProtocolData(
        layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
        ip_over_ethernet=IpOverEthernetAddressData(ip_addresses=addresses),
    )
    return VnfExtCpConfig(cp_protocol_data=(data,))


@pytest.fixture
def upgrade(packages, tmp_path, vnfm, instantiated, attached):
    """Return the function that asks for a package with a certain change, in a certain way."""
    for name, changes in UPGRADES.items():
        flavours = {"simple": msgspec.structs.replace(SIMPLE, **changes)}
        packages.vnfds[name] = msgspec.structs.replace(FIREWALL, id=name, flavours=flavours)
    packages.files["Files/own.img"] = tmp_path / "own.img"
    packages.files["Files/own.img"].write_bytes(b"an image" * 1000)
    (link,) = attached.ext_virtual_links
    elsewhere = {"out-0": config("10.0.0.20"), "out-1": config("10.0.0.21")}
    moved = msgspec.structs.replace(link, ext_cps=(VnfExtCpData(cpd_id="outside", cp_config=elsewhere),))

    async def ask(package, **params):
        links = (moved,) if params.get("upgradeType") == "BLUE_GREEN" else ()
        request = ChangeCurrentVnfPkgRequest(vnfd_id=package, additional_params=params, ext_virtual_links=links)
        return await vnfm.lifecycle.change_vnfpkg(instantiated, request)

    return ask


@pytest.fixture
async def two_firewalls(vnfm, ended, instantiated):
    await ended(await vnfm.lifecycle.scale_to_level(instantiated, WIDE))
    return instantiated


def servers(resources):
    return {path.split("/", 2)[2].removesuffix("/server"): ids for path, ids in resources.items() if "/server" in path}


@pytest.mark.parametrize("package", UPGRADES)
async def test_rolling(vnfm, vim, ended, two_firewalls, upgrade, package):  # noqa: PLR0917  # fixtures
    """What has not had its turn when one does not come up is as it was; all goes back from there, or on."""
    before, picture = await vim.resources(), await vim.picture()
    await vim.spoil(error="boot_fault", kind="server", match="*firewall/0/*", remaining=None)
    operation = await upgrade(package, upgradeType="ROLLING")
    occurrence = await ended(operation)
    assert occurrence.operation_state == "FAILED_TEMP", occurrence.error
    there = await vim.resources()
    assert servers(there)["vdu/firewall/1"] == servers(before)["vdu/firewall/1"]
    await vim.heal()
    await vnfm.lifecycle.rollback(operation)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "ROLLED_BACK", occurrence.error
    assert await vim.picture() == picture
    assert await vim.is_told_by(vnfm, two_firewalls)
    assert servers(await vim.resources())["vdu/firewall/1"] == servers(before)["vdu/firewall/1"]

    await vim.spoil(error="boot_fault", kind="server", match="*firewall/1/*", remaining=None)
    operation = await upgrade(package, upgradeType="ROLLING")
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vim.heal()
    await vnfm.lifecycle.retry(operation)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert await vim.is_told_by(vnfm, two_firewalls)
    after = servers(await vim.resources())
    assert {"vdu/firewall/0", "vdu/firewall/1"} <= after.keys()
    same = {vnfc for vnfc, ids in servers(before).items() if after.get(vnfc) == ids}
    assert same == ({"vdu/database/0"} if package not in {*CHANGING, "vdus"} else set())
    assert await operated_on(vnfm, ended, two_firewalls, vim)


@pytest.mark.parametrize("package", UPGRADES)
async def test_blue_green(vnfm, vim, ended, two_firewalls, upgrade, grants, package):  # noqa: PLR0917  # fixtures
    """While a new VNFC does not come up no old one is touched; all goes back from there, or on."""
    before, picture = await vim.resources(), await vim.picture()
    await vim.spoil(error="boot_fault", kind="server", match="*firewall/3/*", remaining=None)
    operation = await upgrade(package, upgradeType="BLUE_GREEN")
    occurrence = await ended(operation)
    assert occurrence.operation_state == "FAILED_TEMP", occurrence.error
    there = await vim.resources()
    assert before.items() <= there.items()
    assert {"vdu/firewall/2", "vdu/firewall/3"} <= servers(there).keys()
    asked = grants.asked[-1]
    assert {it.id for it in asked.add_resources if it.type == "COMPUTE"} >= {"vdu/firewall/2/server"}
    assert not {it.id for it in asked.add_resources} & {it.id for it in asked.remove_resources}
    await vim.heal()
    await vnfm.lifecycle.rollback(operation)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "ROLLED_BACK", occurrence.error
    assert await vim.picture() == picture
    assert await vim.resources() == before
    assert await vim.is_told_by(vnfm, two_firewalls)

    await vim.spoil(error="denied", verb="ensure_absent", kind="server", match="*firewall/0/*", remaining=None)
    operation = await upgrade(package, upgradeType="BLUE_GREEN")
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    assert {"vdu/firewall/0", "vdu/firewall/2", "vdu/firewall/3"} <= servers(await vim.resources()).keys()
    await vim.heal()
    await vnfm.lifecycle.retry(operation)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert await vim.is_told_by(vnfm, two_firewalls)
    firewalls = {vnfc for vnfc in servers(await vim.resources()) if "firewall" in vnfc}
    assert firewalls == {"vdu/firewall/2", "vdu/firewall/3"}
    assert await operated_on(vnfm, ended, two_firewalls, vim)


async def operated_on(vnfm, ended, vnf, vim):
    """Whether the VNF can be scaled in, healed and terminated after its change, and nothing is left."""
    small = ScaleVnfToLevelRequest(instantiation_level_id="small")
    for operation in (
        await ended(await vnfm.lifecycle.scale_to_level(vnf, small)),
        await ended(await vnfm.lifecycle.heal(vnf, HealVnfRequest(additional_params={"all": True}))),
    ):
        assert operation.operation_state == "COMPLETED", operation.error
        assert await vim.is_told_by(vnfm, vnf)
    assert len([vnfc for vnfc in servers(await vim.resources()) if "firewall" in vnfc]) == 1
    end = TerminateVnfRequest(termination_type=TerminationType.FORCEFUL)
    assert (await ended(await vnfm.lifecycle.terminate(vnf, end))).operation_state == "COMPLETED"
    return not await vim.resources()


async def test_blue_green_from_the_middle_of_its_removals_goes_back(vnfm, vim, ended, two_firewalls, upgrade):
    """Old VNFCs that are gone already come back before a new one goes."""
    picture = await vim.picture()
    await vim.spoil(error="denied", verb="ensure_absent", kind="server", match="*firewall/1/*", remaining=None)
    operation = await upgrade("image", upgradeType="BLUE_GREEN")
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    assert "vdu/firewall/0" not in servers(await vim.resources())
    await vim.heal()
    await vnfm.lifecycle.rollback(operation)
    assert (await ended(operation)).operation_state == "ROLLED_BACK"
    assert await vim.picture() == picture
    assert await vim.is_told_by(vnfm, two_firewalls)


async def test_healing_goes_in_batches_when_asked(vnfm, vim, ended, two_firewalls):
    """A VNFC that does not come up again keeps the others as they are."""
    before = servers(await vim.resources())
    await vim.spoil(error="boot_fault", kind="server", match="*firewall/0/*", remaining=None)
    heal = HealVnfRequest(additional_params={"upgradeType": "ROLLING"})
    operation = await vnfm.lifecycle.heal(two_firewalls, heal)
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    assert servers(await vim.resources())["vdu/firewall/1"] == before["vdu/firewall/1"]
    await vim.heal()
    await vnfm.lifecycle.retry(operation)
    assert (await ended(operation)).operation_state == "COMPLETED"
    after = servers(await vim.resources())
    assert not [vnfc for vnfc in before if before[vnfc] == after[vnfc]]


async def test_what_cannot_be_done_so_is_refused_at_once(vnfm, two_firewalls, upgrade, grants):
    """With the reason, and without an operation or a grant."""
    asked = len(grants.asked)
    request = ChangeCurrentVnfPkgRequest(vnfd_id="image", additional_params={"upgradeType": "BLUE_GREEN"})
    with pytest.raises(SolProblemError, match=r"address 10\.0\.0\.10 while vdu/firewall/0/cp/fw-out has it"):
        await vnfm.lifecycle.change_vnfpkg(two_firewalls, request)
    with pytest.raises(SolProblemError, match="'CANARY' is not one of"):
        await upgrade("image", upgradeType="CANARY")
    heal = HealVnfRequest(additional_params={"upgradeType": "BLUE_GREEN"})
    with pytest.raises(SolProblemError, match="'BLUE_GREEN' is not one of ALL_AT_ONCE, ROLLING"):
        await vnfm.lifecycle.heal(two_firewalls, heal)
    assert len(grants.asked) == asked
