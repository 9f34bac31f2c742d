"""A VNF is reached from the network outside of a live OpenStack, through a server's REST interface."""

from __future__ import annotations

import asyncio
import os

import pytest
import pytest_asyncio
from example_packages import files_of, packed, sealed
from lab_tenant import manager, records, tenant

ADMINISTRATOR = os.environ.get("MANO_OPENSTACK_ADMIN_CLOUD")

pytestmark = [
    pytest.mark.skipif(
        not ADMINISTRATOR, reason="needs MANO_OPENSTACK_ADMIN_CLOUD, a cloud of the lab (`make test-openstack`)"
    ),
    pytest.mark.timeout(600),
    *(
        pytest.mark.filterwarnings(f"ignore::openstack.warnings.{name}")  # openstacksdk warns of its own code
        for name in ("RemovedInSDK50Warning", "RemovedInSDK60Warning", "OpenStackDeprecationWarning")
    ),
]

_PROBE = "Definitions/probe.yaml"
_POINT = """        description: Where test traffic comes from
        layer_protocols: [ ipv4 ]
        role: leaf
        order: 1
      requirements:
        - virtual_binding: agent
"""
_FLOATING = """        layer_protocols: [ ipv4 ]
        role: leaf
        order: 1
        protocol:
          - associated_layer_protocol: ipv4
            address_data:
              - address_type: ip_address
                l3_address_data:
                  ip_address_assignment: false
                  floating_ip_activated: true
                  ip_address_type: ipv4
                  number_of_ip_address: 1
      requirements:
        - virtual_binding: agent
        - virtual_link: lab

    lab:
      type: tosca.nodes.nfv.VnfVirtualLink
      properties:
        connectivity_type:
          layer_protocols: [ ipv4 ]
        vl_profile:
          max_bitrate_requirements: { root: 0 }
          min_bitrate_requirements: { root: 0 }
"""


def probe() -> bytes:
    """Return the example's probe with its test traffic on a link of its own, where it is reached from outside."""
    files = files_of("probe")
    text = files[_PROBE].decode()
    assert _POINT in text
    return packed(sealed(files | {_PROBE: text.replace(_POINT, _FLOATING).encode()}))


@pytest.fixture
def project():
    with tenant(ADMINISTRATOR) as made:
        yield made


@pytest_asyncio.fixture
async def mano(tmp_path, project):
    async with manager(tmp_path, project) as made:
        yield made


async def whole(mano, vnf):
    """Hold what is told against what OpenStack lists; return the address outside and the server."""
    found = await asyncio.to_thread(mano.tenant.found)
    assert records(found) == await mano.inventory(vnf)
    assert {kind: ids for kind, ids in (await mano.owned()).items() if kind in found} == found
    (address,) = await asyncio.to_thread(lambda: list(mano.tenant.cloud.network.ips(project_id=mano.tenant.project.id)))
    (router,) = found["router"]
    assert (address.router_id, address.floating_network_id) == (router, await asyncio.to_thread(outside, mano))
    (vnfc,) = (await mano.server.get(vnf))["instantiatedVnfInfo"]["vnfcResourceInfo"]
    point = next(point for point in vnfc["vnfcCpInfo"] if point["cpdId"] == "agent_test")
    inside, told = point["cpProtocolInfo"][0]["ipOverEthernet"]["ipAddresses"]
    assert told == {"type": "IPV4", "addresses": [address.floating_ip_address], "isDynamic": True}
    assert inside["addresses"] == [address.fixed_ip_address]
    return address.floating_ip_address, found["server"]


def outside(mano):
    (network,) = mano.tenant.cloud.network.networks(is_router_external=True)
    return network.id


async def test_an_address_outside_outlives_its_server(mano):
    """It is there through a router of the VNF's own, stays when the VNFC is healed, and goes with the VNF."""
    vnf = await mano.create(await mano.onboard(probe()))
    body = {"flavourId": "default", "extVirtualLinks": mano.links("agent_mgmt")}
    ended = await mano.operation(vnf, "instantiate", body)
    assert ended["operationState"] == "COMPLETED", ended
    address, server = await whole(mano, vnf)
    ended = await mano.operation(vnf, "heal", {"additionalParams": {"all": True}})
    assert ended["operationState"] == "COMPLETED", ended
    again, other = await whole(mano, vnf)
    assert again == address
    assert other != server
    ended = await mano.operation(vnf, "terminate", {"terminationType": "FORCEFUL"})
    assert ended["operationState"] == "COMPLETED", ended
    assert await asyncio.to_thread(mano.tenant.found, images=False) == {}
