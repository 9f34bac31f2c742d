import pytest

from descriptors.onboarding import read_package

FUNCTION = """\
descriptor_schema: "https://example.org/function-descriptor/vnfd-schema.yml"
vendor: eu.acme
name: proxy
version: 0.10
virtual_deployment_units:
- id: front
  vm_image: http://example.org/images/front.qcow2
  vm_image_format: qcow2
  user_data: hello
  scale_in_out: { minimum: 1, maximum: 3 }
  resource_requirements: { cpu: { vcpus: 2 }, memory: { size: 4, size_unit: GB },
    storage: { size: 512, size_unit: MiB } }
  connection_points: [ { id: mgmt, interface: ipv4, type: management }, { id: back, interface: ipv4, type: internal } ]
- id: cache
  vm_image: cache
  resource_requirements: { cpu: { vcpus: 1 }, memory: { size: 1 } }
  connection_points: [ { id: in, interface: ipv4, type: internal } ]
connection_points: [ { id: mgmt, interface: ipv4, type: management }, { id: side, interface: ipv4, type: external } ]
virtual_links:
- { id: manage, connectivity_type: E-LAN, connection_points_reference: [ "front:mgmt", mgmt ] }
- { id: inner, connectivity_type: E-LAN, connection_points_reference: [ "front:back", "cache:in", side ] }
"""
SERVICE = """\
descriptor_schema: "https://example.org/service-descriptor/nsd-schema.yml"
vendor: eu.acme
name: web
version: "1"
network_functions: [ { vnf_id: p, vnf_vendor: eu.acme, vnf_name: proxy, vnf_version: 0.10 } ]
connection_points: [ { id: mgmt, interface: ipv4, type: management } ]
virtual_links:
- { id: lan, connectivity_type: E-LAN, connection_points_reference: [ "p:mgmt", mgmt ] }
"""
PROJECT = """\
descriptor_extension: yml
package: { name: web, vendor: eu.acme, version: "1" }
files:
- { path: sources/proxy.yml, type: application/vnd.5gtango.vnfd }
- { path: sources/web.yml, type: application/vnd.5gtango.nsd }
"""


def test_a_function_becomes_a_vnfd(read_text):
    """Machines, images, links and connection points arrive; the version keeps its literal text."""
    vnfd = read_text(FUNCTION).vnfd
    assert vnfd is not None
    assert (vnfd.id, vnfd.version) == ("eu.acme.proxy.0.10", "0.10")
    flavour = vnfd.flavours["default"]
    front = flavour.vdus["front"]
    assert (front.vcpus, front.memory_bytes, front.local_disk_bytes) == (2, 4 * 10**9, 512 * 2**20)
    assert (front.min_instances, front.max_instances, front.boot_data) == (1, 3, "hello")
    assert front.image is not None
    assert front.image.name == "front.qcow2"
    assert {p.id: (p.vdu, p.internal_link, p.kind) for p in flavour.connection_points.values()} == {
        "mgmt": ("front", "", "VDU"),
        "front:back": ("front", "inner", "VDU"),
        "cache:in": ("cache", "inner", "VDU"),
        "side": ("", "inner", "EXTERNAL"),
    }
    assert {p.id: p.requirement for p in flavour.external_connection_points.values()} == {
        "mgmt": "mgmt", "side": "side",
    }  # fmt: skip
    assert set(flavour.virtual_links) == {"inner"}


def test_a_service_becomes_an_nsd_that_finds_its_functions(read_text):
    """The identity by which a service names a function is the function's own."""
    nsd = read_text(SERVICE).nsd
    assert nsd is not None
    flavour = nsd.flavours["default"]
    assert flavour.vnf_profiles["p"].vnfd_id == "eu.acme.proxy.0.10"
    assert flavour.vnf_profiles["p"].links == {"mgmt": "lan"}
    assert flavour.saps["mgmt"].internal_link == "lan"


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("vcpus: 2", "vcpus: many", 11, "vcpus is not a number"),
        ("vendor: eu.acme\n", "", 1, "vendor is missing"),
        ("size_unit: MiB", "size_unit: pages", 12, "pages is no unit"),
        ("vm_image: cache", "vm_image: [ cache ]", 15, "vm_image is not text"),
        ("virtual_deployment_units:", "virtual_units:", 1, "virtual_deployment_units is missing"),
        ("vcpus: 2", "vcpus: .inf", 11, "vcpus is not a number"),
    ],
)
def test_what_is_wrong_has_its_line(read_text, finding, *, before, after, line, message):
    """Fields are checked like any other descriptor's."""
    onboarded = read_text(FUNCTION.replace(before, after))
    wrong = finding(onboarded, "sonata-wrong-type")
    assert onboarded.failed
    assert wrong.line == line
    assert message in wrong.message


def test_a_link_to_nowhere_is_told(read_text, finding):
    """One end is missing: the link stays with the others."""
    onboarded = read_text(SERVICE.replace('"p:mgmt", mgmt', '"p:mgmt", "q:mgmt", mgmt'))
    assert onboarded.nsd is not None
    assert "q:mgmt" in finding(onboarded, "sonata-unknown-reference").message


def test_a_project_is_its_service_or_what_is_expected(package, finding):
    """Of the descriptors that a project lists, the service is read, or the only one of the kind that is expected."""
    files = {"project.yml": PROJECT, "sources/proxy.yml": FUNCTION, "sources/web.yml": SERVICE}
    onboarded = read_package(package(files))
    assert onboarded.nsd is not None
    assert onboarded.definitions == ("sources/web.yml", "project.yml")
    assert "sources/proxy.yml" in finding(onboarded, "sonata-other-descriptor").message
    assert read_package(package(files), expect="vnfd").vnfd is not None


def test_a_project_without_its_descriptor_is_refused(package, finding):
    """A listed file must be there, and be what the list says."""
    onboarded = read_package(package({"project.yml": PROJECT, "sources/proxy.yml": FUNCTION}))
    assert onboarded.failed
    assert finding(onboarded, "sonata-no-descriptor").line == 5
    onboarded = read_package(package({"project.yml": PROJECT.replace("5gtango.nsd", "other")}), expect="nsd")
    assert onboarded.failed
    assert "lists 0" in finding(onboarded, "sonata-no-descriptor").message
