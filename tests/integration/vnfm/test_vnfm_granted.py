"""What the NFVO decides in a grant is what the VIM gets and the inventory tells."""

from __future__ import annotations

import json

import msgspec
import pytest
from vnfm_examples import FIREWALL, Grants

from vnfm.sol003.connectivity import ExtManagedVirtualLinkData
from vnfm.sol003.grants import Grant, GrantRequest, VimAssets, VimComputeResourceFlavour
from vnfm.sol003.requests import CreateVnfRequest, InstantiateVnfRequest, ScaleType, ScaleVnfRequest

SERVER = "vdu/firewall/0/server"


class Decided(Grants):
    """Grants with more in them than places."""

    def __init__(self) -> None:
        super().__init__()
        self.more: dict[str, object] = {}
        self.of_servers: dict[str, str] = {}

    def answer(self, request: GrantRequest) -> Grant:
        answer = super().answer(request)
        infos = tuple(
            msgspec.structs.replace(info, **self.of_servers)
            if info.resource_definition_id.endswith("/server")
            else info
            for info in answer.add_resources
        )
        return msgspec.structs.replace(answer, add_resources=infos, **self.more)


@pytest.fixture
def grants():
    return Decided()


async def test_what_is_granted_is_what_is_made(vnfm, vim, grants, *, ended, created, attached):
    """Network, managed link, flavour and reservation are the NFVO's, not the request's, and the inventory tells them.

    A later operation adds to that and takes nothing away, whatever its own grant leaves unsaid.
    """
    outside, managed = [await vim.outside_network(name) for name in ("granted", "managed")]
    (link,) = attached.ext_virtual_links
    flavour = VimComputeResourceFlavour(vnfd_virtual_compute_desc_id="firewall", vim_flavour_id="m1.nfvo")
    grants.more = {
        "ext_virtual_links": (msgspec.structs.replace(link, resource_id=outside),),
        "ext_managed_virtual_links": (
            ExtManagedVirtualLinkData(id="m-1", vnf_virtual_link_desc_id="inside", resource_id=managed),
        ),
        "vim_assets": VimAssets(compute_resource_flavours=(flavour,)),
    }
    grants.of_servers = {"reservation_id": "lease-1"}
    assert (await ended(await vnfm.lifecycle.instantiate(created, attached))).operation_state == "COMPLETED"
    made = {path: json.loads(spec) for path, (spec, _) in (await vim.picture()).items()}
    server = next(spec for path, spec in made.items() if path.endswith(SERVER))
    assert (server["flavour"], server["reservation"]) == ("m1.nfvo", "lease-1")
    assert not [path for path in made if path.endswith("vl/inside/network")]
    info = (await vnfm.lifecycle.get_vnf(created)).instantiated_vnf_info
    assert [it.resource_handle.resource_id for it in info.ext_virtual_link_info] == [outside]
    assert [it.network_resource.resource_id for it in info.ext_managed_virtual_link_info] == [managed]
    assert {it.reservation_id for it in info.vnfc_resource_info} == {"lease-1"}

    grants.more, grants.of_servers = {}, {}
    before = await vim.resources()
    scale = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
    assert (await ended(await vnfm.lifecycle.scale(created, scale))).operation_state == "COMPLETED"
    after = await vim.resources()
    assert before.items() <= after.items()
    info = (await vnfm.lifecycle.get_vnf(created)).instantiated_vnf_info
    assert {it.id: it.reservation_id for it in info.vnfc_resource_info if it.vdu_id == "firewall"} == {
        "vdu/firewall/0": "lease-1",
        "vdu/firewall/1": None,
    }
    specs = [json.loads(spec) for path, (spec, _) in (await vim.picture()).items() if "vdu/firewall/" in path]
    assert {spec["flavour"] for spec in specs if "vcpus" in spec} == {"m1.nfvo"}


@pytest.mark.parametrize(("group", "state"), [("blue", "COMPLETED"), ("red", "ROLLED_BACK")])
async def test_a_resource_group_is_the_connection_s_project(vnfm, vim, grants, *, ended, group, state):
    """Granted into another group than the VIM connection is let into, nothing is made, and both are named."""
    (connection,) = vim.registry.connections()
    vim.registry.remove(connection.id)
    vim.registry.register(msgspec.structs.replace(connection, access_info={"project": "blue"}))
    grants.of_servers = {"resource_group_id": group}
    vnf = (await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=FIREWALL.id))).id
    occurrence = await ended(await vnfm.lifecycle.instantiate(vnf, InstantiateVnfRequest(flavour_id="simple")))
    assert occurrence.operation_state == state
    if state == "ROLLED_BACK":
        assert "resource group 'red', and VIM connection 'vim-1'" in occurrence.error["detail"]
        assert await vim.resources() == {}
