"""What a grant decides besides places becomes part of the VNF's shape."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE, SIMPLE

from vnfm.planning.desired_state import desired_state
from vnfm.planning.granted_shape import check_managed_links, with_grant
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Origin, Shape
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData, VnfExtCpData
from vnfm.sol003.grants import (
    Grant,
    GrantInfo,
    VimAssets,
    VimComputeResourceFlavour,
    VimSnapshotResource,
    VimSoftwareImage,
)


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


def on(**vims: str) -> tuple[GrantInfo, ...]:
    """Return what puts a VNFC of each of some VDUs on a VIM."""
    return tuple(
        GrantInfo(resource_definition_id=f"vdu/{vdu}/{number}/server", vim_connection_id=vim)
        for number, (vdu, vim) in enumerate(vims.items())
    )


def test_assets_count_where_their_vnfcs_go():
    """A VNF on two VIMs has for each VDU and image what the VIM has that they go to, in whichever order it is told."""
    images = tuple(
        VimSoftwareImage(vim_connection_id=vim, vnfd_software_image_id="cirros", vim_software_image_id=name)
        for vim, name in (("vim-1", "image-1"), ("vim-2", "image-2"))
    )
    assets = msgspec.structs.replace(flavours(vim_1="m9", vim_2="other"), software_images=images)
    granted = grant(vim_assets=assets, add_resources=on(firewall="vim-1", unknown="vim-2"))
    shape = with_grant(SIMPLE, Shape(flavour_id="simple"), granted)
    assert (shape.vim_flavours, shape.vim_images) == ({"firewall": "m9"}, {"cirros": "image-1"})
    elsewhere = grant(vim_assets=assets, add_resources=on(database="vim-2"))
    assert with_grant(SIMPLE, Shape(flavour_id="simple"), elsewhere).vim_images == {"cirros": "image-2"}


def test_what_is_another_thing_on_each_vim_is_refused():
    """VNFCs of one VDU on two VIMs, with a flavour of another name on each: the VNF cannot have both."""
    infos = (
        *on(firewall="vim-1"),
        GrantInfo(resource_definition_id="vdu/firewall/1/server", vim_connection_id="vim-2"),
    )
    with pytest.raises(PlanningRefusedError, match=r"vimAssets.computeResourceFlavours: 'firewall' .* 'm9' .* 'm8'"):
        with_grant(
            SIMPLE, Shape(flavour_id="simple"), grant(vim_assets=flavours(vim_1="m9", vim_2="m8"), add_resources=infos)
        )


def test_snapshot_resources_that_the_grant_names_are_used():
    """What the NFVO has put on the VIM takes the place of what the VNFM knew of the part that it names."""
    known = {
        path: Origin(snapshot="s-1", id="old", vim="vim-1")
        for path in ("vdu/database/0/server", "vdu/database/0/storage/system", "vdu/database/1/storage/system")
    }
    assets = VimAssets(
        snapshot_resources=(
            VimSnapshotResource(
                vim_connection_id="vim-2",
                vnf_snapshot_id="s-1",
                vnfc_snapshot_id="vdu/database/0",
                storage_snapshot_id="vdu/database/0/storage/system",
                vim_snapshot_resource_id="new",
            ),
            VimSnapshotResource(
                vnf_snapshot_id="s-2", vnfc_snapshot_id="vdu/database/0", vim_snapshot_resource_id="other"
            ),
        )
    )
    origins = with_grant(SIMPLE, Shape(flavour_id="simple", origins=known), grant(vim_assets=assets)).origins
    assert {path: (it.id, it.vim) for path, it in origins.items()} == {
        "vdu/database/0/server": ("old", "vim-1"),
        "vdu/database/0/storage/system": ("new", "vim-2"),
        "vdu/database/1/storage/system": ("old", "vim-1"),
    }


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
