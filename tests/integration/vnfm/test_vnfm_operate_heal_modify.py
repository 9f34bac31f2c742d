"""Starting, stopping, healing, modifying and graceful termination in their variants, and what is refused."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, SIMPLE

from descriptors.model.declaration import Declaration
from vnfm.sol003.requests import ScaleType, ScaleVnfRequest

UNKNOWN = "vdu/firewall/7"
STOP = {"changeStateTo": "STOPPED"}
START = {"changeStateTo": "STARTED"}
GRACEFUL = {"stopType": "GRACEFUL", "gracefulStopTimeout": 0}


@pytest.fixture
def info(vnfm, instantiated):
    """Return the function that reads what is instantiated."""

    async def read():
        return (await vnfm.lifecycle.get_vnf(instantiated)).instantiated_vnf_info

    return read


async def running(vim):
    return {
        path.split("/", 2)[2]: not off for path, (_, off) in (await vim.picture()).items() if path.endswith("/server")
    }


async def test_the_whole_vnf_is_stopped_and_started(done, info, vim, grants):
    """VnfState follows, the grant names the servers as changed, and the occurrence tells them as MODIFIED."""
    stopped = await done("operate", STOP)
    assert stopped["operationState"] == "COMPLETED", stopped
    assert {vnfc["changeType"] for vnfc in stopped["resourceChanges"]["affectedVnfcs"]} == {"MODIFIED"}
    assert {it.type for it in grants.asked[-1].update_resources} == {"COMPUTE"}
    assert not grants.asked[-1].add_resources + grants.asked[-1].remove_resources
    assert (await info()).vnf_state == "STOPPED"
    assert set((await running(vim)).values()) == {False}
    again = await done("operate", STOP)
    assert again["resourceChanges"] == {}
    assert (await done("operate", START))["operationState"] == "COMPLETED"
    assert (await info()).vnf_state == "STARTED"
    assert set((await running(vim)).values()) == {True}


@pytest.mark.parametrize(
    "chosen", [{"vnfcInstanceId": ["vdu/database/0"]}, {"additionalParams": {"vnfcInstanceId": ["vdu/database/0"]}}]
)
async def test_some_vnfcs_are_stopped(done, info, vim, chosen):
    """In SOL002's form or among the additional parameters; the VNF as a whole stays STARTED."""
    await done("operate", {**STOP, **GRACEFUL, **chosen})
    assert await running(vim) == {"vdu/database/0/server": False, "vdu/firewall/0/server": True}
    assert (await info()).vnf_state == "STARTED"


async def test_what_is_stopped_stays_so_when_other_things_change(done, vim):
    """Scaling leaves it alone, healing makes it anew and off, and a VNFC that went and comes again runs."""
    out = {"type": "SCALE_OUT", "aspectId": "throughput"}
    await done("scale", out)
    await done("operate", {**STOP, "vnfcInstanceId": ["vdu/database/0", "vdu/firewall/1"]})
    await done("heal", {"vnfcInstanceId": ["vdu/database/0"]})
    await done("scale", {**out, "type": "SCALE_IN"})
    assert await running(vim) == {"vdu/database/0/server": False, "vdu/firewall/0/server": True}
    await done("scale", out)
    assert (await running(vim))["vdu/firewall/1/server"]


async def test_a_stop_that_was_given_up_can_be_asked_again(done, vim, ask, ended):
    """What is not known to be off is switched off by the next stop, and is not made anew for it."""
    before = await vim.resources()
    await vim.spoil(error="refused", verb="operate", match="*firewall*")
    stopped = await done("operate", STOP)
    assert stopped["operationState"] == "FAILED_TEMP"
    assert (await ask("POST", f"/vnf_lcm_op_occs/{stopped['id']}/fail"))[0] == 200
    assert (await done("operate", STOP))["operationState"] == "COMPLETED"
    assert set((await running(vim)).values()) == {False}
    assert await vim.resources() == before


async def test_graceful_gives_guests_their_time(done, vim, info):
    """A guest that does not shut down in time is switched off, and one that is to be terminated is removed."""
    await vim.slow_guests(1000.0)
    assert (await done("operate", {**STOP, **GRACEFUL}))["operationState"] == "COMPLETED"
    assert (await info()).vnf_state == "STOPPED"
    await done("operate", START)
    end = {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 0}
    assert (await done("terminate", end))["operationState"] == "COMPLETED"
    assert await vim.resources() == {}


async def test_graceful_without_a_time_out_waits_for_the_guests(done, vim):
    """And removes their servers once they are down."""
    await vim.slow_guests(0.05)
    assert (await done("terminate", {"terminationType": "GRACEFUL"}))["operationState"] == "COMPLETED"
    assert await vim.resources() == {}


async def test_healing_with_storage_makes_the_volumes_anew(done, vim):
    """Those of the chosen VNFC, with its server; ports, and so addresses, stay."""
    before = await vim.resources()
    await done("heal", {"additionalParams": {"vnfcInstanceId": ["vdu/database/0"], "all": True}})
    after = await vim.resources()
    assert {path.split("/", 2)[2] for path in before if before[path] != after[path]} == {
        "vdu/database/0/server",
        "vdu/database/0/storage/scratch",
        "vdu/database/0/storage/system",
    }


async def test_a_heal_that_failed_between_servers_can_be_asked_again(done, vim, ask):
    """A third server takes the place of what the failed heal left."""
    await vim.spoil(error="boot_fault", kind="server", match="*firewall*")
    healed = await done("heal", {})
    assert healed["operationState"] == "FAILED_TEMP"
    await ask("POST", f"/vnf_lcm_op_occs/{healed['id']}/fail")
    assert (await done("heal", {"cause": "again"}))["operationState"] == "COMPLETED"
    assert all(len(ids) == 1 for ids in (await vim.resources()).values())


async def test_changed_connectivity_is_told(done, info, vim, attached):
    """The occurrence names the links that ports left and came to, as the instance has them now."""
    (link,) = attached.ext_virtual_links
    moved = msgspec.structs.replace(link, id="other", resource_id=await vim.outside_network("other"))
    body = {"extVirtualLinks": msgspec.to_builtins([moved])}
    occurrence = await done("change_ext_conn", body)
    assert occurrence["operationState"] == "COMPLETED", occurrence
    (now,) = (await info()).ext_virtual_link_info
    assert (now.id, now.resource_handle.resource_id) == ("other", moved.resource_id)
    assert occurrence["changedExtConnectivity"] == [msgspec.json.decode(msgspec.json.encode(now))]
    cut = {**msgspec.to_builtins(moved), "extCps": [{"cpdId": "outside", "cpConfig": {"out-0": None, "out-1": None}}]}
    await done("change_ext_conn", {"extVirtualLinks": [cut]})
    assert (await info()).ext_virtual_link_info == ()
    assert not [path for path in await vim.resources() if path.endswith("/cp/fw-out")]


async def test_attributes_are_modified_by_merge_patch(done, ask, instantiated, vim, grants):
    """Values are set, null removes, objects are merged; nothing is asked of the NFVO or of the VIM."""
    asked, owned = len(grants.asked), await vim.resources()
    await done("", {"metadata": {"a": {"b": 1, "c": 2}}, "extensions": {"x": 1}}, method="PATCH")
    occurrence = await done(
        "",
        {
            "vnfInstanceName": "renamed",
            "vnfInstanceDescription": "d",
            "metadata": {"a": {"b": None, "d": 3}},
            "extensions": {"x": None},
            "vnfConfigurableProperties": {"isAutoscaleEnabled": False},
            "vimConnectionInfo": {"vim-1": {"vimType": "SIMULATED", "accessInfo": {"password": "hunter2"}}},
        },
        method="PATCH",
    )
    assert occurrence["operation"] == "MODIFY_INFO"
    assert occurrence["operationState"] == "COMPLETED"
    assert occurrence["changedInfo"]["vnfInstanceName"] == "renamed"
    _, instance = await ask("GET", f"/vnf_instances/{instantiated}")
    assert (instance["vnfInstanceName"], instance["vnfInstanceDescription"]) == ("renamed", "d")
    assert instance["metadata"] == {"a": {"c": 2, "d": 3}}
    assert "extensions" not in instance
    assert instance["vnfConfigurableProperties"] == {"isAutoscaleEnabled": False}
    assert "hunter2" not in str(instance) + str(occurrence)
    assert "grantId" not in occurrence
    await done("", {"vnfInstanceName": None}, method="PATCH")
    assert "vnfInstanceName" not in (await ask("GET", f"/vnf_instances/{instantiated}"))[1]
    assert (len(grants.asked), await vim.resources()) == (asked, owned)


async def test_a_vnf_that_is_not_instantiated_can_be_modified(ask, created, ended):
    """And stays NOT_INSTANTIATED; a stale If-Match is 412."""
    path = f"/vnf_instances/{created}"
    status, _ = await ask("PATCH", path, {"vnfInstanceName": "x"}, headers={"If-Match": '"7"'})
    assert status == 412
    _, occurrence = await ask("PATCH", path, {"vnfInstanceName": "x"}, headers={"If-Match": '"1"'})
    await ended(occurrence.rpartition("/")[2])
    _, instance = await ask("GET", path)
    assert (instance["vnfInstanceName"], instance["instantiationState"]) == ("x", "NOT_INSTANTIATED")


async def test_a_changed_package_is_told(done, ask, instantiated, packages):
    """The instance has the new package's names, versions and attributes, and the occurrence tells them.

    What the request sets has to be declared by the new VNFD, whatever the old one declared.
    """
    packages.vnfds[FIREWALL.id] = msgspec.structs.replace(FIREWALL, extensions={"old": Declaration(name="old")})
    await done("", {"extensions": {"old": "a"}}, method="PATCH")
    declared = {"x": Declaration(name="x", type="integer"), "y": Declaration(name="y", default="z")}
    packages.vnfds["next"] = msgspec.structs.replace(FIREWALL, id="next", version="2.0", extensions=declared)
    path = f"/vnf_instances/{instantiated}"
    status, problem = await ask("POST", f"{path}/change_vnfpkg", {"vnfdId": "next", "extensions": {"old": "b"}})
    assert (status, problem["attribute"]) == (422, "extensions.old")
    occurrence = await done("change_vnfpkg", {"vnfdId": "next", "extensions": {"x": 1}})
    assert occurrence["operationState"] == "COMPLETED", occurrence
    assert occurrence["resourceChanges"] == {}
    told = occurrence["modificationsTriggeredByVnfPkgChange"]
    assert (told["vnfdVersion"], told["extensions"]) == ("2.0", {"old": None, "x": 1, "y": "z"})
    _, instance = await ask("GET", path)
    assert (instance["vnfdId"], instance["vnfdVersion"]) == ("next", "2.0")
    assert instance["extensions"] == {"x": 1, "y": "z"}


def vnfcs(*modifications):
    """A request for a modification of VNFCs, in SOL002's words."""
    return {"vnfcInfoModifications": list(modifications)}


async def test_each_vnfc_has_properties_of_its_own(ask, done, ended, vnfm, packages, instantiated):  # noqa: PLR0917  # fixtures
    """As the VDU declares them at first; set one by one and kept over healing, and gone with the VNFC."""
    zero, one, path = "vdu/firewall/0", "vdu/firewall/1", f"/vnf_instances/{instantiated}"

    async def known():
        _, instance = await ask("GET", path)
        return {vnfc["id"]: vnfc for vnfc in instance["instantiatedVnfInfo"]["vnfcInfo"]}

    assert (await known())[zero] == {
        "id": zero, "vduId": "firewall", "vnfcResourceInfoId": zero, "vnfcState": "STARTED"
    }  # fmt: skip
    declared = {"mtu": Declaration(name="mtu", type="integer", default=1500), "role": Declaration(name="role")}
    firewall = msgspec.structs.replace(SIMPLE.vdus["firewall"], configurable=declared)
    flavour = msgspec.structs.replace(SIMPLE, vdus=SIMPLE.vdus | {"firewall": firewall})
    packages.vnfds[FIREWALL.id] = msgspec.structs.replace(FIREWALL, flavours={"simple": flavour})
    out = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
    assert (await ended(await vnfm.lifecycle.scale(instantiated, out))).error is None
    assert (await known())[one]["vnfcConfigurableProperties"] == {"mtu": 1500}
    asked = {"id": one, "vnfcConfigurableProperties": {"mtu": None, "role": "standby"}}
    occurrence = await done("", vnfcs(asked), method="PATCH")
    assert occurrence["changedInfo"] == {"vnfcInfoModifications": [asked]}
    await done("heal", {"vnfcInstanceId": [one]})
    await done("operate", {"changeStateTo": "STOPPED", "vnfcInstanceId": [one]})
    now = (await known())[one]
    assert (now["vnfcState"], now["vnfcConfigurableProperties"]) == ("STOPPED", {"role": "standby"})
    for wrong, attribute in (
        ([{**asked, "vnfcConfigurableProperties": {"speed": 1}}], "[0].vnfcConfigurableProperties.speed"),
        ([{**asked, "vnfcConfigurableProperties": {"mtu": "big"}}], "[0].vnfcConfigurableProperties.mtu"),
        ([asked, asked], "[1].id"),
    ):
        status, problem = await ask("PATCH", path, vnfcs(*wrong))
        assert (status, problem["attribute"]) == (422, f"vnfcInfoModifications{attribute}")
    for way in (ScaleType.SCALE_IN, ScaleType.SCALE_OUT):
        scale = ScaleVnfRequest(type=way, aspect_id="throughput")
        assert (await ended(await vnfm.lifecycle.scale(instantiated, scale))).error is None
    assert (await known())[one]["vnfcConfigurableProperties"] == {"mtu": 1500}


REFUSALS = (
    ("operate", {"changeStateTo": "ASLEEP"}, 400, "changeStateTo"),
    ("operate", {**START, "stopType": "FORCEFUL"}, 422, "stopType"),
    ("operate", {**STOP, "stopType": "GRACEFUL"}, 422, "gracefulStopTimeout"),
    ("operate", {**STOP, "gracefulStopTimeout": 3}, 422, "gracefulStopTimeout"),
    ("operate", {**STOP, **GRACEFUL, "gracefulStopTimeout": -1}, 422, "gracefulStopTimeout"),
    ("operate", {**STOP, "vnfcInstanceId": [UNKNOWN]}, 422, "vnfcInstanceId[0]"),
    ("heal", {"additionalParams": {"vnfcInstanceId": [UNKNOWN]}}, 422, "additionalParams.vnfcInstanceId[0]"),
    ("heal", {"additionalParams": {"vnfcInstanceId": "all"}}, 422, "additionalParams.vnfcInstanceId"),
    ("heal", {"additionalParams": {"all": "yes"}}, 422, "additionalParams.all"),
    (
        "heal",
        {"vnfcInstanceId": ["vdu/database/0"], "additionalParams": {"vnfcInstanceId": ["vdu/database/0"]}},
        422,
        "additionalParams.vnfcInstanceId",
    ),
    ("heal", {"vnfcInstanceId": ["vdu/database/0"], "healScript": "https://em.example/heal.sh"}, 422, "healScript"),
    ("change_flavour", {"newFlavourId": "huge"}, 422, "newFlavourId"),
    ("change_flavour", {"newFlavourId": "simple", "instantiationLevelId": "giant"}, 422, "instantiationLevelId"),
    ("change_ext_conn", {}, 400, "extVirtualLinks"),
    (
        "change_ext_conn",
        {"extVirtualLinks": [{"id": "l", "resourceId": "n", "extCps": [{"cpdId": "nowhere"}]}]},
        422,
        "extVirtualLinks[0].extCps[0].cpdId",
    ),
    (
        "change_ext_conn",
        {"extVirtualLinks": [{"id": "l", "vimConnectionId": "vim-9", "resourceId": "n", "extCps": []}]},
        422,
        "extVirtualLinks[0].vimConnectionId",
    ),
    ("change_vnfpkg", {"vnfdId": "nowhere"}, 422, "vnfdId"),
    ("terminate", {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": -1}, 422, "gracefulTerminationTimeout"),
    ("terminate", {"terminationType": "FORCEFUL", "gracefulTerminationTimeout": 5}, 422, "gracefulTerminationTimeout"),
)


async def test_what_cannot_be_is_refused_at_once(ask, instantiated):
    """Each refusal names the attribute, and leaves no operation behind."""
    for task, body, expected, attribute in REFUSALS:
        status, problem = await ask("POST", f"/vnf_instances/{instantiated}/{task}", body)
        assert (status, attribute in problem["detail"]) == (expected, True), problem
    for attribute, body in (
        ("vimConnectionInfo.vim-9", {"vimConnectionInfo": {"vim-9": {"vimType": "x"}}}),
        ("vnfdId", {"vnfdId": FIREWALL.id}),
        ("vnfPkgId", {"vnfPkgId": "another"}),
        ("vnfcInfoModifications[0].id", vnfcs({"id": UNKNOWN, "vnfcConfigurableProperties": {"a": 1}})),
    ):
        status, problem = await ask("PATCH", f"/vnf_instances/{instantiated}", body)
        assert (status, problem["attribute"]) == (422, attribute)
    assert len((await ask("GET", "/vnf_lcm_op_occs"))[1]) == 1


async def test_what_needs_resources_is_a_conflict_without_them(ask, created):
    """409 while the VNF is not instantiated."""
    for task, body in (
        ("operate", STOP),
        ("heal", {}),
        ("change_flavour", {"newFlavourId": "simple"}),
        ("change_ext_conn", {"extVirtualLinks": []}),
        ("change_vnfpkg", {"vnfdId": FIREWALL.id}),
    ):
        status, problem = await ask("POST", f"/vnf_instances/{created}/{task}", body)
        assert (status, problem["instantiationState"]) == (409, "NOT_INSTANTIATED")
