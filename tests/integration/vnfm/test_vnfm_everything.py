"""The life of a VNF with all that SOL001 lets a VNFD ask a VIM for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from vnf_with_everything import BORDER, MBPS, attached, exposed

from vim_adapters.resources import Kind
from vim_adapters.simulated import adapter
from vnfm.sol003.general import Link
from vnfm.sol003.grants import GrantRequestLinks
from vnfm.sol003.requests import (
    ChangeVnfFlavourRequest,
    CreateVnfRequest,
    HealVnfRequest,
    InstantiateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
    TerminateVnfRequest,
    TerminationType,
)

OWNER = "mano-test"


class World:
    """One border controller, and whoever may look at it."""

    def __init__(self, vnfm, vim, ended, grants, look) -> None:
        self.vnfm, self.vim, self.ended, self.grants = vnfm, vim, ended, grants
        self.look = look
        self.vnf = ""

    async def done(self, operation: str) -> Any:
        """Return an operation that completed, having had all that can be seen of it judged."""
        occurrence = await self.ended(operation)
        assert occurrence.operation_state == "COMPLETED", occurrence.error
        assert await self.vim.is_told_by(self.vnfm, self.vnf)
        await self.look(self.grants.asked[-1], f"/vnf_instances/{self.vnf}", f"/vnf_lcm_op_occs/{operation}")
        return occurrence

    async def info(self) -> Any:
        return (await self.vnfm.lifecycle.get_vnf(self.vnf)).instantiated_vnf_info

    async def spec(self, path: str) -> Mapping[str, Any]:
        """Return what the VIM was asked for at a path, with paths for identifiers."""
        spec, _ = (await self.vim.picture())[f"vnf/{self.vnf}/{path}"]
        return msgspec.json.decode(spec)

    async def seen(self, path: str, attribute: str) -> Any:
        """Return an attribute of what is there at a path, as the VIM tells it."""
        owned = await self.vim.registry.adapter("vim-1").list_owned(OWNER)
        (found,) = (seen for seen in owned if seen.identity and seen.identity.path == f"vnf/{self.vnf}/{path}")
        return found.attributes[attribute]

    async def there(self, path: str) -> list[str]:
        """Return the identifiers of what is there at a path."""
        return (await self.vim.resources()).get(f"vnf/{self.vnf}/{path}", [])


def with_links(request: Any) -> Any:
    links = GrantRequestLinks(vnf_lcm_op_occ=Link(href="http://vnfm/occ"), vnf_instance=Link(href="http://vnfm/vnf"))
    return msgspec.structs.replace(request, links=links)


def plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


@pytest.fixture
def look(client, etsi, vnflcm_of_release_2):
    """Return the function that has ETSI's documents judge a grant request, and resources in both releases."""
    judges = {"v2": etsi("SOL003/VNFLifecycleManagement"), "v1": vnflcm_of_release_2}

    async def look(request: Any, *paths: str) -> None:
        etsi("SOL003/VNFLifecycleOperationGranting").check_request("POST", "/grants", plain(with_links(request)))
        for version, judge in judges.items():
            for path in paths:
                async with client.get(f"/vnflcm/{version}{path}") as response:
                    assert response.status == 200, await response.text()
                    await judge.check(response)

    return look


@pytest.fixture
async def world(vnfm, vim, ended, grants, packages, look):  # noqa: PLR0917  # fixtures
    packages.vnfds[BORDER.id] = BORDER
    world = World(vnfm, vim, ended, grants, look)
    world.vnf = (await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=BORDER.id))).id
    link = exposed(attached(await vim.outside_network()))
    request = InstantiateVnfRequest(flavour_id="full", ext_virtual_links=(link,))
    await world.done(await vnfm.lifecycle.instantiate(world.vnf, request))
    return world


def scaled(kind: ScaleType, steps: int = 1) -> ScaleVnfRequest:
    return ScaleVnfRequest(type=kind, aspect_id="calls", number_of_steps=steps)


async def test_what_exists_is_told_in_full(world):
    """Trunks with what they carry, shared addresses with who shares them, storages, ranges and measurements."""
    info = plain(await world.info())
    media, control = (
        next(vnfc for vnfc in info["vnfcResourceInfo"] if vnfc["vduId"] == vdu) for vdu in ("media", "control")
    )
    points = {point["cpdId"]: point for point in media["vnfcCpInfo"]}
    assert list(points) == ["mgmt", "access", "signalling", "voice"]
    assert points["signalling"]["parentCpId"] == points["voice"]["parentCpId"] == "vdu/media/0/cp/access"
    carried = points["signalling"]["cpProtocolInfo"][0]["ipOverEthernet"]
    assert carried["segmentationId"] == "101"
    assert len(carried["ipAddresses"][0]["addresses"]) == 2
    own = points["voice"]["cpProtocolInfo"][0]["ipOverEthernet"]
    assert own["segmentationId"] == "200"
    assert own["ipAddresses"][0]["addressRange"] == {"minAddress": "10.0.0.64", "maxAddress": "10.0.0.67"}
    assert [
        (it["addresses"], it["isDynamic"])
        for it in control["vnfcCpInfo"][0]["cpProtocolInfo"][0]["ipOverEthernet"]["ipAddresses"]
        if it["type"] == "IPV4"
    ] == [(["10.9.0.50"], False)]
    mgmt = points["mgmt"]["cpProtocolInfo"][0]["ipOverEthernet"]["ipAddresses"]
    assert mgmt[-1] == {
        "type": "IPV4",
        "addresses": [await world.seen("vdu/media/0/floating/mgmt", "address")],
        "isDynamic": True,
    }
    vips = {vip["cpdId"]: vip for vip in info["vipCpInfo"]}
    assert vips["shared-inside"]["associatedVnfcCpIds"] == ["vdu/control/0/cp/control-in", "vdu/media/0/cp/mgmt"]
    assert vips["shared-inside"]["vnfLinkPortId"]
    assert vips["shared-outside"]["associatedVnfcCpIds"] == ["vdu/media/0/cp/voice"]
    external = {cp["cpdId"]: cp for cp in info["extCpInfo"]}
    assert external["shared-outside"]["associatedVipCpId"] == vips["shared-outside"]["cpInstanceId"]
    ports = {port["cpInstanceId"]: port for port in info["extVirtualLinkInfo"][0]["extLinkPorts"]}
    (trunk,) = await world.there("vdu/media/0/trunk/access")
    assert ports[external["access"]["id"]]["trunkResourceId"] == trunk
    door, gate = external["door"], external["gate"]
    (network,) = [link["id"] for link in info["vnfVirtualLinkResourceInfo"]]
    assert door["associatedVnfVirtualLinkId"] == gate["associatedVnfVirtualLinkId"] == network
    assert door["extLinkPortId"] == gate["extLinkPortId"] == ports[door["id"]]["id"]
    assert door["cpProtocolInfo"][0]["ipOverEthernet"]["ipAddresses"][0]["addresses"] == ["10.0.0.210"]
    assert ports[door["id"]]["secondaryCpInstanceId"] == gate["id"]
    storages = {storage["virtualStorageDescId"]: storage for storage in info["virtualStorageResourceInfo"]}
    assert storages.keys() == {"scratch", "recordings", "archive"}
    assert storages["recordings"]["metadata"]["exports"]
    assert storages["archive"]["metadata"]["url"]
    assert storages["recordings"]["id"] in media["storageResourceIds"]
    assert storages["recordings"]["id"] in control["storageResourceIds"]
    assert [parameter["id"] for parameter in info["monitoringParameters"]] == ["calls", "cpu", "rate"]
    assert info["scaleStatus"] == [{"aspectId": "calls", "scaleLevel": 0}]
    assert info["maxScaleLevels"] == [{"aspectId": "calls", "scaleLevel": 3}]


async def test_rates_and_shared_addresses_follow_the_size(world):
    """Out and in again: the link's limit is adjusted in place, and a further shared address comes and goes."""
    assert await world.seen("vl/inside/qos", "max_bps") == 20 * MBPS
    before = await world.vim.resources()
    picture = await world.vim.picture()
    scale = world.vnfm.lifecycle.scale
    occurrence = await world.done(await scale(world.vnf, scaled(ScaleType.SCALE_OUT)))
    assert await world.seen("vl/inside/qos", "max_bps") == 30 * MBPS
    assert [link.change_type for link in occurrence.resource_changes.affected_virtual_links] == [
        "MODIFIED",
        "LINK_PORT_ADDED",
    ]
    assert [it.resource_template_id for it in world.grants.asked[-1].update_resources] == ["inside"]
    occurrence = await world.done(await scale(world.vnf, scaled(ScaleType.SCALE_OUT)))
    assert await world.seen("vl/inside/qos", "max_bps") == 80 * MBPS
    assert [(it.cp_instance_id, it.change_type) for it in occurrence.affected_vip_cps] == [
        ("vip/shared-inside/1", "ADDED")
    ]
    shared = [await world.seen(f"vip/shared-inside/{index}", "addresses") for index in range(2)]
    assert await world.seen("vdu/media/0/cp/mgmt", "allowed_addresses") == [*shared[0], *shared[1]]
    there = await world.vim.resources()
    assert {path: there[path] for path in before} == before
    occurrence = await world.done(await scale(world.vnf, scaled(ScaleType.SCALE_IN, 2)))
    assert [it.change_type for it in occurrence.affected_vip_cps] == ["REMOVED"]
    assert await world.vim.resources() == before
    assert await world.vim.picture() == picture


async def test_it_heals_with_what_its_components_share(world):
    """The whole VNF made anew has new storages, the shared one too, and the same addresses and trunks."""
    share = await world.there("vdu/control/storage/recordings")
    outside = await world.seen("vdu/media/0/floating/mgmt", "address")
    trunk = await world.there("vdu/media/0/trunk/access")
    await world.done(await world.vnfm.lifecycle.heal(world.vnf, HealVnfRequest(additional_params={"all": True})))
    assert await world.there("vdu/control/storage/recordings") != share
    assert await world.there("vdu/media/0/trunk/access") == trunk
    assert await world.seen("vdu/media/0/floating/mgmt", "address") == outside


async def test_it_changes_its_flavour_and_goes(world):
    """A faster link is the same link, and at the end nothing is left."""
    network = await world.there("vl/inside/network")
    await world.done(
        await world.vnfm.lifecycle.change_flavour(world.vnf, ChangeVnfFlavourRequest(new_flavour_id="bigger"))
    )
    assert await world.there("vl/inside/network") == network
    assert (await world.spec("vdu/media/0/server"))["vcpus"] == 8
    request = TerminateVnfRequest(termination_type=TerminationType.FORCEFUL)
    await world.done(await world.vnfm.lifecycle.terminate(world.vnf, request))
    assert await world.vim.resources() == {}


async def test_what_a_vim_does_not_offer_is_refused_before_anything_is_made(vnfm, vim, ended, packages, monkeypatch):
    """The refusal names the resource and what the VIM lacks, and the VIM is as it was."""
    lacking = msgspec.structs.replace(adapter._EVERYTHING, kinds=frozenset(Kind) - {Kind.FLOATING_ADDRESS})
    monkeypatch.setattr(adapter, "_EVERYTHING", lacking)
    packages.vnfds[BORDER.id] = BORDER
    vnf = (await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=BORDER.id))).id
    link = attached(await vim.outside_network())
    request = InstantiateVnfRequest(flavour_id="full", ext_virtual_links=(link,))
    occurrence = await ended(await vnfm.lifecycle.instantiate(vnf, request))
    assert occurrence.operation_state == "ROLLED_BACK"
    assert "needs what VIM 'vim-1' does not offer: floating_address" in occurrence.error["detail"]
    assert await vim.resources() == {}
