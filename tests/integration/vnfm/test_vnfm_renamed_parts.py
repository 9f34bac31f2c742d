"""A package that calls parts of the VNF by other names: no data is lost.

The refusals of a change are seen whole: as the problem that is told, at the NFVO, and on the VIM.
"""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, FIREWALL_VDU, SIMPLE, UPGRADED

from descriptors.model.vnfd import ComponentMapping, PackageChange, PackageTransition

CACHE = UPGRADED.flavours["simple"].vdus["cache"]
DATABASE = SIMPLE.vdus["database"]


def next_package(packages, *mappings, source=FIREWALL, vdus, storages=SIMPLE.storages, points=None):
    """Have a package that is led to with mappings, each its type, source and destination."""
    way = PackageChange(
        id="way",
        transitions=(PackageTransition(source_descriptor_id=source.id, destination_descriptor_id="next"),),
        mappings=tuple(
            ComponentMapping(component_type=kind, source_id=old, destination_id=new) for kind, old, new in mappings
        ),
    )
    simple = source.flavours["simple"]
    flavour = msgspec.structs.replace(
        simple,
        vdus={vdu.id: vdu for vdu in vdus},
        storages=storages,
        initial_instances={vdu.id: 1 for vdu in vdus},
        connection_points=points or simple.connection_points,
    )
    packages.vnfds["next"] = msgspec.structs.replace(
        source, id="next", flavours={"simple": flavour}, package_changes=(way,)
    )


def renamed_vdu(packages):
    """The database is called store."""
    points = {
        name: msgspec.structs.replace(cp, vdu="store") if cp.vdu == "database" else cp
        for name, cp in SIMPLE.connection_points.items()
    }
    vdus = (FIREWALL_VDU, msgspec.structs.replace(DATABASE, id="store"))
    next_package(packages, ("vdu", "database", "store"), vdus=vdus, points=points)
    return "vdu 'database' to 'store'", "vdu/database/0/storage/scratch and 1 more"


def renamed_storage(packages):
    """The log of the firewall is called journal."""
    storages = dict(SIMPLE.storages)
    storages["journal"] = msgspec.structs.replace(storages.pop("log"), id="journal")
    vdus = (msgspec.structs.replace(FIREWALL_VDU, storages=("journal",)), DATABASE)
    next_package(packages, ("virtual_storage", "log", "journal"), vdus=vdus, storages=storages)
    return "virtual_storage 'log' to 'journal'", "vdu/firewall/0/storage/log"


@pytest.mark.parametrize("way", ["ALL_AT_ONCE", "ROLLING", "BLUE_GREEN"])
@pytest.mark.parametrize("renamed", [renamed_vdu, renamed_storage])
async def test_a_change_that_would_lose_data_is_refused_before_anything(  # noqa: PLR0917  # fixtures
    ask, vim, grants, packages, instantiated, renamed, way
):
    """The problem names the mapping and what would be lost; nothing is granted, VNF and VIM are as before."""
    mapping, lost = renamed(packages)
    before, asked = await vim.picture(), len(grants.asked)
    identifiers = await vim.resources()
    _, occurrences = await ask("GET", "/vnf_lcm_op_occs")
    request = {"vnfdId": "next", "additionalParams": {"upgradeType": way}}
    status, problem = await ask("POST", f"/vnf_instances/{instantiated}/change_vnfpkg", request)
    assert status == 422
    assert problem["attribute"] == "vnfdId"
    for words in (mapping, lost, "take the mappings out"):
        assert words in problem["detail"]
    assert (await vim.picture(), await vim.resources(), len(grants.asked)) == (before, identifiers, asked)
    assert (await ask("GET", "/vnf_lcm_op_occs"))[1] == occurrences
    _, instance = await ask("GET", f"/vnf_instances/{instantiated}")
    assert instance["vnfdId"] == FIREWALL.id


async def test_without_the_mapping_the_data_may_go(done, vim, packages, instantiated):
    """The way out that the refusal tells: the same package with no word of it, and the volume is made anew."""
    renamed_storage(packages)
    package = packages.vnfds["next"]
    packages.vnfds["next"] = msgspec.structs.replace(package, package_changes=())
    occurrence = await done("change_vnfpkg", {"vnfdId": "next"})
    assert occurrence["operationState"] == "COMPLETED", occurrence
    names = {path.removeprefix(f"vnf/{instantiated}/") for path in await vim.resources()}
    assert {name for name in names if "/0/storage/" in name and "firewall" in name} == {
        "vdu/firewall/0/storage/journal"
    }


@pytest.mark.parametrize("way", ["ALL_AT_ONCE", "ROLLING"])
@pytest.mark.usefixtures("two_packages")
async def test_what_has_no_data_may_be_renamed(done, ask, ended, vim, packages, instantiated, way):  # noqa: PLR0917  # fixtures
    """A VDU without storages goes back from a fault and comes under its new name; volumes of the rest stay."""
    first = await done("change_vnfpkg", {"vnfdId": UPGRADED.id})
    assert first["operationState"] == "COMPLETED", first
    stored, picture = volumes(await vim.resources()), await vim.picture()
    assert stored
    firewall = UPGRADED.flavours["simple"].vdus["firewall"]
    vdus = (firewall, msgspec.structs.replace(CACHE, id="buffer"))
    next_package(packages, ("vdu", "cache", "buffer"), source=UPGRADED, vdus=vdus)
    request = {"vnfdId": "next", "additionalParams": {"upgradeType": way}}

    await vim.spoil(error="boot_fault", kind="server", match="*buffer/0/*", remaining=None)
    stuck = await done("change_vnfpkg", request)
    assert stuck["operationState"] == "FAILED_TEMP", stuck
    await vim.heal()
    assert (await ask("POST", f"/vnf_lcm_op_occs/{stuck['id']}/rollback"))[0] == 202
    assert (await ended(stuck["id"])).operation_state == "ROLLED_BACK"
    assert (await vim.picture(), volumes(await vim.resources())) == (picture, stored)

    changed = await done("change_vnfpkg", request)
    assert changed["operationState"] == "COMPLETED", changed
    there = await vim.resources()
    assert volumes(there) == stored
    assert {path.split("/vdu/")[1] for path in there if path.endswith("/server")} == {
        "firewall/0/server",
        "buffer/0/server",
    }


def volumes(resources):
    """Identifiers of storages, by path."""
    return {path: ids for path, ids in resources.items() if "/storage/" in path}
