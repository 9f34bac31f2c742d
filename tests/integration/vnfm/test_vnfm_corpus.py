"""Packages that other people wrote, on the simulated VIM."""

from __future__ import annotations

import asyncio

import pytest

from descriptors.onboarding import read_package
from vnfm.sol003.connectivity import (
    CpProtocolData,
    ExtVirtualLinkData,
    IpAddressData,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
    VnfExtCpData,
)
from vnfm.sol003.requests import (
    CreateVnfRequest,
    InstantiateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
    TerminateVnfRequest,
    TerminationType,
)

DYNAMIC = VnfExtCpConfig(
    cp_protocol_data=(
        CpProtocolData(
            layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
            ip_over_ethernet=IpOverEthernetAddressData(
                ip_addresses=(IpAddressData(type=IpAddressType.IPV4, num_dynamic_addresses=1),)
            ),
        ),
    )
)


@pytest.fixture
async def vnfd(shared, packages, request):
    path = shared / "corpus" / "open" / "packages" / "tacker" / request.param
    found = await asyncio.to_thread(read_package, path)
    assert found.vnfd, found.diagnostics
    packages.vnfds[found.vnfd.id] = found.vnfd
    return found.vnfd


@pytest.mark.parametrize(
    "vnfd", ["sol_v2_common-basic_lcms_min.csar", "sol_v2_common-basic_lcms_max.csar"], indirect=True
)
async def test_real_packages_live_on_the_simulated_vim(vnfm, vim, vnfd, ended):
    """Instantiated with all external connection points attached, scaled along each aspect, and gone without a trace."""
    flavour = vnfd.flavours[vnfd.default_flavour or next(iter(vnfd.flavours))]
    link = ExtVirtualLinkData(
        id="outside",
        resource_id=await vim.outside_network(),
        ext_cps=tuple(
            VnfExtCpData(cpd_id=cp, cp_config={f"{cp}-{index}": DYNAMIC for index in range(3)})
            for cp in flavour.external_connection_points
        ),
    )
    vnf = await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=vnfd.id))
    request = InstantiateVnfRequest(flavour_id=flavour.id, ext_virtual_links=(link,) if link.ext_cps else ())
    occurrence = await ended(await vnfm.lifecycle.instantiate(vnf.id, request))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    info = (await vnfm.lifecycle.get_vnf(vnf.id)).instantiated_vnf_info
    assert info.vnfc_resource_info
    for aspect in flavour.aspects:
        before = await vim.resources()
        for way in (ScaleType.SCALE_OUT, ScaleType.SCALE_IN):
            request = ScaleVnfRequest(type=way, aspect_id=aspect)
            scaled = await ended(await vnfm.lifecycle.scale(vnf.id, request))
            assert scaled.operation_state == "COMPLETED", scaled.error
            assert scaled.resource_changes.affected_vnfcs
        assert await vim.resources() == before
    end = TerminateVnfRequest(termination_type=TerminationType.FORCEFUL)
    terminated = await ended(await vnfm.lifecycle.terminate(vnf.id, end))
    assert terminated.operation_state == "COMPLETED", terminated.error
    assert await vim.resources() == {}
