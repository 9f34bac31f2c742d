"""What a VNFD says of the way to another package decides what a VNF is there."""

from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE, SIMPLE

from descriptors.model.vnfd import ComponentMapping, ExternalConnectionPoint, PackageChange, PackageTransition
from vnfm.planning.package_changes import UNTOLD, package_change
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.reshaping import with_package
from vnfm.planning.shape import Shape
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData
from vnfm.sol003.requests import ChangeCurrentVnfPkgRequest

REQUEST = ChangeCurrentVnfPkgRequest(vnfd_id="next")
WAY = PackageChange(
    id="way",
    transitions=(
        PackageTransition(source_descriptor_id=FIREWALL.id, destination_descriptor_id="next", source_flavour="simple"),
    ),
    destination_flavour="better",
    mappings=tuple(
        ComponentMapping(component_type=kind, source_id=source, destination_id=destination)
        for kind, source, destination in (
            ("scaling_aspect", "throughput", "speed"),
            ("instantiation_level", "large", "big"),
            ("cp", "outside", "uplink"),
            ("virtual_link", "inside", "core"),
            ("vdu", "firewall", "filter"),
        )
    ),
)
BETTER = msgspec.structs.replace(
    SIMPLE,
    id="better",
    aspects={"speed": msgspec.structs.replace(SIMPLE.aspects["throughput"], id="speed", max_level=1)},
    levels={"big": msgspec.structs.replace(SIMPLE.levels["large"], id="big", scale_levels={"speed": 1})},
    default_level="",
    external_connection_points={"uplink": ExternalConnectionPoint(id="uplink", connection_point="fw-out")},
    virtual_links={"core": msgspec.structs.replace(SIMPLE.virtual_links["inside"], id="core")},
)
NEXT = msgspec.structs.replace(FIREWALL, id="next", flavours={"better": BETTER})
LARGE = Shape(
    flavour_id="simple",
    level_id="large",
    scale_levels={"throughput": 2},
    stopped=("vdu/firewall/1",),
    ext_virtual_links=(OUTSIDE,),
    ext_managed_virtual_links=(ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="inside", resource_id="n"),),
)


def test_a_vnf_has_the_flavour_and_the_names_of_its_new_package():
    """It keeps its size, its level, its attachments and which of its VNFCs are stopped, all under their new names."""
    shape = with_package(FIREWALL, NEXT, LARGE, REQUEST, WAY)
    assert (shape.flavour_id, shape.level_id, shape.scale_levels) == ("better", "big", {"speed": 1})
    assert shape.stopped == ("vdu/filter/1",)
    (link,) = shape.ext_virtual_links
    assert [(cp.cpd_id, cp.cp_config) for cp in link.ext_cps] == [("uplink", OUTSIDE.ext_cps[0].cp_config)]
    assert [link.vnf_virtual_link_desc_id for link in shape.ext_managed_virtual_links] == ["core"]


def test_without_a_word_the_flavour_of_the_same_name_is_meant():
    """Where no VNFD says anything, a package without that flavour is refused."""
    with pytest.raises(PlanningRefusedError, match="'simple' is no deployment flavour"):
        with_package(FIREWALL, NEXT, LARGE, REQUEST, UNTOLD)


def test_the_way_is_that_of_both_vnfds_and_of_the_flavour():
    """Either VNFD may have it, the one that is led to counts first; a way from elsewhere or another flavour is none."""
    back = msgspec.structs.replace(WAY, id="back", transitions=(
        PackageTransition(source_descriptor_id="next", destination_descriptor_id=FIREWALL.id, source_flavour="better"),
    ))  # fmt: skip
    own = msgspec.structs.replace(WAY, id="own")
    there = msgspec.structs.replace(NEXT, package_changes=(back, own))
    here = msgspec.structs.replace(FIREWALL, package_changes=(back, WAY))
    assert package_change(FIREWALL.id, here, there, "simple") is own
    assert package_change(FIREWALL.id, here, NEXT, "simple") is WAY
    assert package_change(FIREWALL.id, None, there, "simple") is own
    assert package_change("next", there, here, "better") is back
    for found in (
        package_change(FIREWALL.id, here, there, "other"),
        package_change("elsewhere", here, there, "simple"),
        package_change(FIREWALL.id, FIREWALL, NEXT, "simple"),
    ):
        assert found is UNTOLD
