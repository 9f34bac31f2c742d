"""What the models of real packages say, read by hand from their documents."""

import os
from pathlib import Path

import pytest

from descriptors.onboarding import read_package

ROOT = Path(__file__).parents[3]
PACKAGES = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open" / "packages"

pytestmark = pytest.mark.skipif(not PACKAGES.is_dir(), reason="the corpus of real packages is not at MANO_SHARED")


PARTS = ("vdus", "connection_points", "virtual_links", "storages", "aspects", "levels", "scripts", "indicators")


@pytest.mark.parametrize(
    ("name", "flavour", "expected"),
    [
        ("tacker/sol_v2_common-basic_lcms_max.csar", "simple", (2, 11, 3, 2, 1, 2, 0, 0)),
        ("tacker/sol_v2_common-basic_lcms_min.csar", "simple", (2, 2, 1, 0, 1, 2, 6, 0)),
        ("tacker/practical_vnf_package.csar", "ha", (2, 6, 1, 0, 0, 0, 0, 0)),
        ("tacker/practical_vnf_package.csar", "scalable", (3, 6, 1, 0, 1, 2, 0, 0)),
        ("openmsa/package-parser-demo-vnf-full-tosca.csar", "flavor01", (2, 5, 3, 2, 4, 2, 0, 2)),
    ],
)
def test_vnfs_have_as_many_parts_as_their_documents(name, flavour, expected):
    """Counts of VDUs, connection points, links, storages, aspects, levels, scripts and indicators."""
    vnfd = read_package(PACKAGES / name).vnfd
    assert vnfd is not None
    assert tuple(len(getattr(vnfd.flavours[flavour], part)) for part in PARTS) == expected


def test_openmsas_full_vnf_says_how_its_operations_go():
    """Times in seconds, what is supported, what is measured."""
    vnfd = read_package(PACKAGES / "openmsa" / "package-parser-demo-vnf-full-tosca.csar").vnfd
    assert vnfd is not None
    limits = vnfd.lcm_limits
    assert limits.scaling_by_more_than_one_step_supported
    assert (limits.min_graceful_termination_seconds, limits.min_graceful_stop_seconds) == (60.0, 300.0)
    assert len(limits.configured) == 11
    measured = vnfd.flavours["flavor01"].monitoring_parameters["mon01"]
    assert (measured.performance_metric, measured.collection_period_seconds) == ("v_disk_usage_peak_vnf", 60.0)


def test_openmsas_full_service_classifies_its_traffic():
    """A nested service, and a path with one position and one rule."""
    nsd = read_package(PACKAGES / "openmsa" / "package-parser-demo-nsd-full-tosca.csar").nsd
    assert nsd is not None
    flavour = nsd.flavours[nsd.default_flavour]
    assert flavour.nested["database"].links == {"virtual_link": "vl01"}
    path = flavour.forwarding_paths["nfp_1"]
    assert [position.behaviour for position in path.positions] == ["lb"]
    assert [(rule.id, rule.source_ports, rule.destination_ports) for rule in path.classifiers] == [
        ("nfp_rule", (0, 22), (1, 4))
    ]


def test_onaps_pnf_and_the_service_that_holds_one():
    """A PNFD has its model; an NSD has the PNFs that it is made of."""
    pnfd = read_package(PACKAGES / "onap-demo" / "tosca-pNF.csar").pnfd
    assert pnfd is not None
    assert (pnfd.name, pnfd.provider, [point.role for point in pnfd.connection_points.values()]) == (
        "Acme PNF", "Acme", ["leaf"],
    )  # fmt: skip
    nsd = read_package(PACKAGES / "onap-etsicatalog" / "testdata-ns-ran.csar").nsd
    assert nsd is not None
    flavour = nsd.flavours[nsd.default_flavour]
    assert (set(flavour.vnf_profiles), flavour.pnfs["du"].pnfd_id) == ({"cu"}, "pnf_test_01")
