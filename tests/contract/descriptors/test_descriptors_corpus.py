"""Real packages of other projects mean what they say."""

import pytest
from descriptor_conformance import CORPUS

from descriptors.onboarding import read_package

TACKER = ("sol_v2_common-basic_lcms_min", "sol_v2_common-basic_lcms_max", "practical_vnf_package")

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real packages is not at MANO_SHARED")


@pytest.mark.parametrize("name", TACKER)
def test_tackers_packages_are_whole(name):
    """The packages of Tacker's functional tests give VDUs, images, links and connection points, without an error."""
    onboarded = read_package(CORPUS / "packages" / "tacker" / f"{name}.csar", expect="vnfd")
    assert onboarded.vnfd is not None
    for flavour in onboarded.vnfd.flavours.values():
        assert flavour.vdus
        assert flavour.connection_points
        assert all(point.internal_link or point.id in flavour.external_connection_points
                   for point in flavour.connection_points.values())  # fmt: skip
        scaled = {vdu for aspect in flavour.aspects.values() for vdu in aspect.steps}
        assert scaled <= flavour.initial_instances.keys()
        assert flavour.affinity_rules
        assert all(point.requirement for point in flavour.external_connection_points.values())
        assert all(
            vdu.image or any(flavour.storages[name].image for name in vdu.storages) for vdu in flavour.vdus.values()
        )


def test_the_largest_of_tackers_packages_means_what_it_says():
    """Numbers, links and rules of one package, read by hand, are the model's."""
    vnfd = read_package(CORPUS / "packages" / "tacker" / "sol_v2_common-basic_lcms_max.csar").vnfd
    assert vnfd is not None
    assert (vnfd.id, vnfd.default_flavour) == ("b1bb0ce7-ebca-4fa7-95ed-4840d7000000", "simple")
    flavour = vnfd.flavours["simple"]
    assert set(flavour.vdus) == {"VDU1", "VDU2"}
    vdu = flavour.vdus["VDU1"]
    assert (vdu.memory_bytes, vdu.local_disk_bytes, vdu.requested_flavour) == (512 * 10**6, 3 * 10**9, "m1.tiny")
    assert (vdu.min_instances, vdu.max_instances, vdu.storages) == (1, 3, ("VDU1-VirtualStorage",))
    image = flavour.storages["VDU1-VirtualStorage"].image
    assert image is not None
    assert image.artifact is not None
    assert image.artifact.file == "Files/images/cirros-0.5.2-x86_64-disk.img"
    assert not image.artifact.in_package
    assert {link.id: link.l3[0].cidr for link in flavour.virtual_links.values()} == {
        "internalVL1": "192.168.3.0/24", "internalVL2": "192.168.4.0/24", "internalVL3": "192.168.5.0/24",
    }  # fmt: skip
    assert {p.id: p.requirement for p in flavour.external_connection_points.values()} == {
        "VDU1_CP1": "virtual_link_external1_1",
        "VDU2_CP1-1": "virtual_link_external1_2",
        "VDU2_CP1-2": "virtual_link_external1_3",
        "VDU1_CP2": "virtual_link_external2_1",
        "VDU2_CP2": "virtual_link_external2_2",
    }
    assert flavour.aspects["VDU1_scale"].steps == {"VDU1": (1, 1)}
    assert flavour.default_level == "instantiation_level_1"
    assert flavour.vdu_instances({"VDU1_scale": 2}, "instantiation_level_2") == {"VDU1": 3, "VDU2": 1}
    (rule,) = flavour.affinity_rules
    assert (rule.anti, rule.scope, rule.targets) == (False, "zone", ("VDU1", "VDU2"))


REFUSED_OF_OPENMSA = {"package-parser-demo-scale-vnf.csar": "manifest-digest"}
"""It was changed after its manifest was written."""


def test_openmsas_packages_are_accepted_or_rightly_refused():
    """All of openmsa's packages but one are accepted, and that one is refused for a reason that holds."""
    refused = {}
    for path in sorted((CORPUS / "packages" / "openmsa").glob("*.csar")):
        onboarded = read_package(path)
        if onboarded.failed:
            refused[path.name] = next(f.code for f in onboarded.diagnostics if f.severity == "error")
    assert refused == REFUSED_OF_OPENMSA


def test_5gtangos_tosca_descriptors_are_accepted():
    """5GTANGO's descriptors in TOSCA give a network service and a VNF."""
    folder = CORPUS / "templates" / "5gtango" / "tng-sdk-package-misc" / "mixed-ns-project"
    nsd = read_package(folder / "onap_nsd.yaml").nsd
    vnfd = read_package(folder / "onap_vnfd.yaml").vnfd
    assert nsd is not None
    assert len(nsd.flavours[nsd.default_flavour].vnf_profiles) == 5
    assert vnfd is not None
    assert vnfd.flavours["simple"].vdus["VDU_vgw_0"].vcpus == 2
