"""What a grant decides besides places becomes part of the VNF's shape."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE, SIMPLE

from vnfm.planning.desired_state import desired_state
from vnfm.planning.granted_shape import check_managed_links, with_grant
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, VnfExtCpData
from vnfm.sol003.grants import Grant, GrantInfo, VimAssets, VimComputeResourceFlavour, VimSoftwareImage


def grant(**decided: object) -> Grant:
    """Return a grant that puts something on vim-1 and decides this besides."""
    infos = (GrantInfo(resource_definition_id="vdu/firewall/0/server", vim_connection_id="vim-1"),)
    return msgspec.structs.replace(
        Grant(id="g", vnf_instance_id="vnf-1", vnf_lcm_op_occ_id="op-1", add_resources=infos), **decided
    )


def flavours(**by_vim: str) -> VimAssets:
    """Return a flavour for the firewall on each of some VIMs."""
    return VimAssets(
        compute_resource_flavours=tuple(
            VimComputeResourceFlavour(
                vim_connection_id=vim.replace("_", "-"), vnfd_virtual_compute_desc_id="firewall", vim_flavour_id=name
            )
            for vim, name in by_vim.items()
        )
    )


def managed(link: str, network: str, vim: str | None = None) -> ExtManagedVirtualLinkData:
    return ExtManagedVirtualLinkData(
        id=f"managed-{link}", vnf_virtual_link_desc_id=link, resource_id=network, vim_connection_id=vim
    )


def test_assets_become_part_of_the_shape():
    """Flavours and images on the VIM are remembered, so that a later scaling uses the same; earlier ones stay."""
    images = (VimSoftwareImage(vnfd_software_image_id="cirros", vim_software_image_id="image-9"),)
    assets = msgspec.structs.replace(flavours(vim_1="m9"), software_images=images)
    shape = with_grant(SIMPLE, Shape(flavour_id="simple", vim_flavours={"database": "m1"}), grant(vim_assets=assets))
    assert shape.vim_flavours == {"database": "m1", "firewall": "m9"}
    assert shape.vim_images == {"cirros": "image-9"}
    graph = desired_state(FIREWALL, shape, instance_id="vnf-1", label="fw").graph
    assert graph["vdu/firewall/0/server"].spec["flavour"] == "m9"
    assert graph["vdu/firewall/0/server"].spec["image"] == "image-9"
    assert "image/cirros" not in graph
    assert with_grant(SIMPLE, shape, grant()) == shape


def test_assets_of_other_vims_are_none():
    """An NFVO may tell what each of its VIMs has; what is on a VIM that the grant does not use is not used."""
    assets = flavours(vim_1="m9", vim_2="other")
    assert with_grant(SIMPLE, Shape(flavour_id="simple"), grant(vim_assets=assets)).vim_flavours == {"firewall": "m9"}


def test_links_are_changes_to_those_of_the_request():
    """What the grant names is as the grant has it, and what it does not name stays (note 8 of clause 9.5.2.3)."""
    mine = msgspec.structs.replace(OUTSIDE, id="mgmt", ext_cps=(VnfExtCpData(cpd_id="fw-mgmt"),))
    shape = Shape(
        flavour_id="simple",
        ext_virtual_links=(OUTSIDE, mine),
        ext_managed_virtual_links=(managed("inside", "net-1"), managed("sync", "net-2")),
    )
    elsewhere = msgspec.structs.replace(OUTSIDE, resource_id="net-other")
    granted = grant(ext_virtual_links=(elsewhere,), ext_managed_virtual_links=(managed("sync", "net-3"),))
    shape = with_grant(SIMPLE, shape, granted)
    assert {link.id: link.resource_id for link in shape.ext_virtual_links} == {
        "ns-link": "net-other",
        "mgmt": OUTSIDE.resource_id,
    }
    found = {link.vnf_virtual_link_desc_id: link.resource_id for link in shape.ext_managed_virtual_links}
    assert found == {"inside": "net-1", "sync": "net-3"}


@pytest.mark.parametrize(
    ("decided", "where"),
    [
        (
            {"ext_virtual_links": (msgspec.structs.replace(OUTSIDE, ext_cps=(VnfExtCpData(cpd_id="no"),)),)},
            r"extVirtualLinks\[0\].extCps\[0\].cpdId",
        ),
        ({"ext_managed_virtual_links": (managed("no", "net"),)}, r"extManagedVirtualLinks\[0\].vnfVirtualLinkDescId"),
    ],
)
def test_links_that_the_vnfd_has_no_place_for_are_refused(decided, where):
    """A grant is held against the VNFD like a request; the refusal names the attribute."""
    with pytest.raises(PlanningRefusedError, match=where):
        with_grant(SIMPLE, Shape(flavour_id="simple"), grant(**decided))


def test_a_managed_link_on_another_vim_is_refused():
    """A port cannot be on another VIM than the link that it is attached to."""
    shape = Shape(flavour_id="simple", ext_managed_virtual_links=(managed("inside", "net-1", "vim-2"),))
    graph = desired_state(FIREWALL, shape, instance_id="vnf-1", label="fw").graph
    placed = {path: msgspec.structs.replace(resource, target="vim-2") for path, resource in graph.items()}
    check_managed_links(shape, placed)
    placed["vdu/firewall/0/cp/fw-in"] = msgspec.structs.replace(placed["vdu/firewall/0/cp/fw-in"], target="vim-1")
    with pytest.raises(PlanningRefusedError, match=r"'managed-inside' is on VIM 'vim-2'.*'vim-1'"):
        check_managed_links(shape, placed)
