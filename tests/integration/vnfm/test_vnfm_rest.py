"""The VNF lifecycle management interface over HTTP, every answer judged by ETSI's OpenAPI document."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def document(etsi):
    return etsi("SOL003/VNFLifecycleManagement")


@pytest.fixture
async def ask(client, document):
    """Return the function that sends a request and returns status, headers and body, each answer judged."""

    async def send(method: str, path: str, body: object = None):
        data = {} if body is None else {"json": body}
        async with client.request(method, f"/vnflcm/v2{path}", **data) as response:
            return response.status, response.headers, await document.check(response)

    return send


@pytest.fixture
async def attached(vim):
    link = msgspec.structs.replace(OUTSIDE, resource_id=await vim.outside_network())
    return {"flavourId": "simple", "extVirtualLinks": msgspec.json.decode(msgspec.json.encode([link]))}


@pytest.fixture
async def vnf(ask):
    """Return the path of a VNF that is not instantiated."""
    _, headers, _ = await ask("POST", "/vnf_instances", {"vnfdId": FIREWALL.id, "vnfInstanceName": "edge"})
    return headers["Location"].partition("/vnflcm/v2")[2]


@pytest.fixture
async def done(ask, ended):
    """Return the function that begins an operation, waits for its end and returns its occurrence."""

    async def run(path: str, body: object) -> dict:
        status, headers, _ = await ask("POST", path, body)
        assert status == 202
        occurrence = headers["Location"].partition("/vnflcm/v2")[2]
        await ended(occurrence.rpartition("/")[2])
        return (await ask("GET", occurrence))[2]

    return run


async def test_an_instance_is_created_read_listed_and_deleted(ask):
    """201 with Location and ETag; links offer what the state allows; 404 once it is gone."""
    status, headers, made = await ask("POST", "/vnf_instances", {"vnfdId": FIREWALL.id, "metadata": {"tier": "edge"}})
    assert status == 201
    path = headers["Location"].partition("/vnflcm/v2")[2]
    assert made["instantiationState"] == "NOT_INSTANTIATED"
    assert made["metadata"] == {"tier": "edge"}
    assert set(made["_links"]) == {"self", "instantiate"}
    status, headers, read = await ask("GET", path)
    assert read == made
    assert headers["ETag"] == '"1"'
    _, _, listed = await ask("GET", "/vnf_instances")
    assert [entry["id"] for entry in listed] == [made["id"]]
    assert "metadata" not in listed[0]
    assert (await ask("DELETE", path))[0] == 204
    assert (await ask("GET", path))[0] == 404


async def test_a_life_over_http(ask, done, vnf, attached, vim):
    """Instantiate, scale, scale to a level and terminate answer 202 and leave occurrences that conform."""
    occurrence = await done(f"{vnf}/instantiate", attached)
    assert occurrence["operationState"] == "COMPLETED", occurrence
    assert occurrence["operationParams"]["flavourId"] == "simple"
    assert set(occurrence["_links"]) == {"self", "vnfInstance"}
    _, _, instance = await ask("GET", vnf)
    assert instance["instantiationState"] == "INSTANTIATED"
    assert set(instance["_links"]) == {
        "self",
        "terminate",
        "scale",
        "scaleToLevel",
        "changeFlavour",
        "heal",
        "operate",
        "changeExtConn",
        "changeCurrentVnfPkg",
        "createSnapshot",
        "revertToSnapshot",
    }
    info = instance["instantiatedVnfInfo"]
    database, firewall = info["vnfcResourceInfo"]
    specs = {path.split("/", 2)[2]: msgspec.json.decode(spec) for path, (spec, _) in (await vim.picture()).items()}
    server = specs[f"{firewall['id']}/server"]
    assert firewall["metadata"].items() >= {"vcpus": server["vcpus"], "vimImageId": server["image"]}.items()
    assert "vimImageId" not in database["metadata"]  # it boots from its volume
    links = [link["metadata"] for link in info["vnfVirtualLinkResourceInfo"]]
    assert all(link.keys() >= {"mtu", "segmentationId"} for link in links)
    subnets = [subnet for link in links for subnet in link.get("subnets", ())]
    assert subnets
    assert all(subnet.keys() == {"cidr", "subnetId"} for subnet in subnets)
    changes = occurrence["resourceChanges"]
    for affected, what, attributes in (
        ("affectedVnfcs", "vnfcResourceInfo", ("metadata", "zoneId")),
        ("affectedVirtualLinks", "vnfVirtualLinkResourceInfo", ("metadata",)),
        ("affectedVirtualStorages", "virtualStorageResourceInfo", ("metadata", "zoneId")),
    ):
        told, there = (
            {it["id"]: [it[name] for name in attributes] for it in of} for of in (changes[affected], info[what])
        )
        assert told == there
    scaled = await done(f"{vnf}/scale", {"type": "SCALE_OUT", "aspectId": "throughput"})
    assert scaled["operationState"] == "COMPLETED", scaled
    levelled = await done(f"{vnf}/scale_to_level", {"instantiationLevelId": "small"})
    assert levelled["operationState"] == "COMPLETED", levelled
    terminated = await done(f"{vnf}/terminate", {"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 5})
    assert terminated["operationState"] == "COMPLETED", terminated
    assert await vim.resources() == {}
    _, _, listed = await ask("GET", "/vnf_lcm_op_occs?filter=(eq,operation,SCALE)")
    assert [entry["operation"] for entry in listed] == ["SCALE"]
    assert "resourceChanges" not in listed[0]
    for asked in ("all_fields", "filter=(eq,resourceChanges/affectedVnfcs/changeType,REMOVED)&all_fields"):
        _, _, listed = await ask("GET", f"/vnf_lcm_op_occs?{asked}")
        whole = [occurrence, scaled, levelled, terminated]
        assert listed == (whole if asked == "all_fields" else whole[2:])


async def test_tasks_of_a_failed_operation(ask, done, vnf, vim, ended):
    """From FAILED_TEMP the links offer retry, rollback and fail; fail answers 200 with the occurrence."""
    await vim.spoil(error="refused", kind="server", message="no such hypervisor", remaining=2)
    occurrence = await done(f"{vnf}/instantiate", {"flavourId": "simple"})
    assert occurrence["operationState"] == "FAILED_TEMP"
    assert "no such hypervisor" in occurrence["error"]["detail"]
    assert {"retry", "rollback", "fail"} <= set(occurrence["_links"])
    path = f"/vnf_lcm_op_occs/{occurrence['id']}"
    assert (await ask("POST", f"{path}/retry"))[0] == 202
    await ended(occurrence["id"])
    status, _, problem = await ask("POST", f"{path}/retry")
    assert (status, problem["operationState"]) == (409, "COMPLETED")
    await vim.spoil(error="refused", kind="server")
    scaled = await done(f"{vnf}/scale", {"type": "SCALE_OUT", "aspectId": "throughput"})
    path = f"/vnf_lcm_op_occs/{scaled['id']}"
    status, _, problem = await ask("POST", f"{vnf}/terminate", {"terminationType": "FORCEFUL"})
    assert (status, problem["vnfLcmOpOccId"]) == (409, scaled["id"])
    assert (await ask("POST", f"{path}/rollback"))[0] == 202
    await ended(scaled["id"])
    await vim.spoil(error="refused", kind="server")
    scaled = await done(f"{vnf}/scale", {"type": "SCALE_OUT", "aspectId": "throughput"})
    status, _, failed = await ask("POST", f"/vnf_lcm_op_occs/{scaled['id']}/fail")
    assert (status, failed["operationState"]) == (200, "FAILED")


REFUSALS = (
    ("", {"vnfInstanceName": "x"}, (400, "vnfdId")),
    ("", {"vnfdId": 7}, (400, "vnfdId")),
    ("", {"vnfdId": "nowhere"}, (422, "vnfdId")),
    ("instantiate", {"flavourId": "huge"}, (422, "flavourId")),
    ("instantiate", {"flavourId": "simple", "instantiationLevelId": "giant"}, (422, "instantiationLevelId")),
    (
        "instantiate",
        {"flavourId": "simple", "vimConnectionInfo": {"vim-9": {"vimType": "SIMULATED"}}},
        (422, "vimConnectionInfo.vim-9"),
    ),
    (
        "instantiate",
        {
            "flavourId": "simple",
            "extVirtualLinks": [{"id": "l", "vimConnectionId": "vim-9", "resourceId": "n", "extCps": []}],
        },
        (422, "extVirtualLinks[0].vimConnectionId"),
    ),
    ("scale", {"type": "SCALE_OUT", "aspectId": "throughput"}, (409, "NOT_INSTANTIATED")),
    ("scale", {"type": "SIDEWAYS", "aspectId": "throughput"}, (400, "type")),
    ("scale_to_level", {"instantiationLevelId": "large"}, (409, "NOT_INSTANTIATED")),
    ("terminate", {"terminationType": "FORCEFUL"}, (409, "NOT_INSTANTIATED")),
    ("terminate", {}, (400, "terminationType")),
)
"""Task, body, and status and words of the answer."""


async def test_what_cannot_be_is_refused_at_once(ask, vnf):
    """Each refusal has its status, names the attribute or the state, and leaves no operation behind."""
    for task, body, (status, names) in REFUSALS:
        found, _, problem = await ask("POST", f"{vnf}/{task}" if task else "/vnf_instances", body)
        assert (found, names in problem["detail"]) == (status, True), problem
    assert (await ask("GET", "/vnf_lcm_op_occs"))[2] == []


async def test_sizes_that_the_descriptor_lacks_are_refused_at_once(ask, done, vnf):
    """422 with the attribute, before an operation occurrence is made."""
    await done(f"{vnf}/instantiate", {"flavourId": "simple"})
    for task, body, attribute in (
        ("scale", {"type": "SCALE_OUT", "aspectId": "depth"}, "aspectId"),
        ("scale", {"type": "SCALE_OUT", "aspectId": "throughput", "numberOfSteps": 9}, "numberOfSteps"),
        ("scale", {"type": "SCALE_IN", "aspectId": "throughput"}, "numberOfSteps"),
        ("scale_to_level", {"instantiationLevelId": "giant"}, "instantiationLevelId"),
    ):
        status, _, problem = await ask("POST", f"{vnf}/{task}", body)
        assert (status, problem["attribute"]) == (422, attribute)
    assert len((await ask("GET", "/vnf_lcm_op_occs"))[2]) == 1


async def test_what_is_not_there_is_404(ask):
    """An unknown instance or occurrence is told by its identifier."""
    for method, path in (
        ("GET", f"/vnf_instances/{UNKNOWN}"),
        ("DELETE", f"/vnf_instances/{UNKNOWN}"),
        ("GET", f"/vnf_lcm_op_occs/{UNKNOWN}"),
        ("POST", f"/vnf_lcm_op_occs/{UNKNOWN}/retry"),
        ("POST", f"/vnf_lcm_op_occs/{UNKNOWN}/rollback"),
        ("POST", f"/vnf_lcm_op_occs/{UNKNOWN}/fail"),
    ):
        status, _, problem = await ask(method, path)
        assert status == 404
        assert UNKNOWN in problem["detail"]


async def test_an_operation_on_an_unknown_instance_is_404(ask):
    """404 before anything else is looked at."""
    status, _, _ = await ask("POST", f"/vnf_instances/{UNKNOWN}/instantiate", {"flavourId": "simple"})
    assert status == 404


async def test_deleting_an_instantiated_vnf_is_a_conflict(ask, done, vnf):
    """409 says to terminate first, and the instance stays."""
    await done(f"{vnf}/instantiate", {"flavourId": "simple"})
    status, _, problem = await ask("DELETE", vnf)
    assert (status, problem["instantiationState"]) == (409, "INSTANTIATED")
    assert (await ask("GET", vnf))[0] == 200


async def test_credentials_are_never_given_out(ask, done, vnf, attached):
    """Access information of a request or a grant is neither in the instance nor in the occurrence."""
    connection = {"vim-1": {"vimType": "SIMULATED", "accessInfo": {"password": "hunter2"}}}
    occurrence = await done(f"{vnf}/instantiate", attached | {"vimConnectionInfo": connection})
    _, _, instance = await ask("GET", vnf)
    assert "hunter2" not in str(occurrence) + str(instance)
    assert "secret" not in str(occurrence) + str(instance)
