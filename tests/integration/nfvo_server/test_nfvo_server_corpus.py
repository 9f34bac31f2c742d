"""Real packages of other people come up on the simulated VIM, over REST from upload to servers and back."""

import pytest

from vim_adapters.contract import Identity
from vim_adapters.registry import VimConnection, VimRegistry
from vim_adapters.resources import NetworkSpec, SubnetSpec

EXTERNAL = {"net-1": ("VDU1_CP1", "VDU2_CP1-1", "VDU2_CP1-2"), "net-2": ("VDU1_CP2", "VDU2_CP2")}


@pytest.fixture
async def networks(operator, settings):
    """Put the networks on the VIM that somebody else runs there, and return their identifiers by name."""
    (vim,) = await operator.get("/mano/v1/vim_connections")
    registry = VimRegistry()
    registry.register(VimConnection(id="x", vim_type="SIMULATED", interface_info=vim["interfaceInfo"]))
    adapter, found = registry.adapter("x"), {}
    for number, name in enumerate(EXTERNAL):
        network = await adapter.ensure_present(NetworkSpec(name=name), Identity(owner="somebody", path=name))
        subnet = SubnetSpec(name=name, network=network.handle.id, cidr=f"192.0.{2 + number}.0/24")
        await adapter.ensure_present(subnet, Identity(owner="somebody", path=f"{name}/subnet"))
        found[name] = network.handle.id
    yield vim["id"], found
    await registry.aclose()


@pytest.mark.parametrize(("name", "attached"), [("basic_lcms_min", False), ("basic_lcms_max", True)])
async def test_a_real_vnf_comes_up_and_goes_down(operator, networks, shared, name, attached):
    """Onboarded, instantiated at its default level and terminated; its image is found on the VIM by digest."""
    vim, ids = networks
    path = shared / "corpus" / "open" / "packages" / "tacker" / f"sol_v2_common-{name}.csar"
    entry = await operator.onboard(path.read_bytes())
    vnf = await operator.call("POST", "/vnflcm/v2/vnf_instances", 201, json={"vnfdId": entry["vnfdId"]})
    instance = f"/vnflcm/v2/vnf_instances/{vnf['id']}"
    links = [
        {
            "id": network,
            "resourceId": ids[network],
            "vimConnectionId": vim,
            "extCps": [{"cpdId": cpd, "cpConfig": {cpd: {"createExtLinkPort": True}}} for cpd in cpds],
        }
        for network, cpds in EXTERNAL.items()
        if attached
    ]
    up = await operator.operate(f"{instance}/instantiate", {"flavourId": "simple", "extVirtualLinks": links})
    assert up["operationState"] == "COMPLETED", up.get("error")
    shown = (await operator.get(instance))["instantiatedVnfInfo"]
    assert {component["vduId"] for component in shown["vnfcResourceInfo"]} == {"VDU1", "VDU2"}
    owned = await operator.get(f"/mano/v1/vim_connections/{vim}/resources")
    servers = {resource["id"] for resource in owned if resource["kind"] == "server"}
    assert servers == {component["computeResource"]["resourceId"] for component in shown["vnfcResourceInfo"]}

    down = await operator.operate(f"{instance}/terminate", {"terminationType": "FORCEFUL"})
    assert down["operationState"] == "COMPLETED", down.get("error")
    assert await operator.get(f"/mano/v1/vim_connections/{vim}/resources") == []
    await operator.call("DELETE", instance, 204)
