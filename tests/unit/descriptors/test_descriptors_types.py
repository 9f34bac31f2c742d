import pytest

from descriptors.onboarding import read_package
from descriptors.tosca import builtin
from descriptors.tosca.types import PRIMITIVES

META = "Entry-Definitions: Definitions/vnfd.yaml\n"
HEAD = "tosca_definitions_version: tosca_simple_yaml_1_3\n"
ETSI = """\
tosca_definitions_version: tosca_simple_yaml_1_2
description: ETSI NFV SOL 001 vnfd types definitions version 2.6.1
metadata:
  template_name: etsi_nfv_sol001_vnfd_types
  template_author: ETSI_NFV
  template_version: 2.6.1
"""


def csar(package, vnfd, **documents):
    files = {f"Definitions/{name}.yaml": text for name, text in documents.items()}
    return package({"TOSCA-Metadata/TOSCA.meta": META, "Definitions/vnfd.yaml": vnfd, **files})


def test_cyclic_types_are_refused_with_their_line(package, vnfd_text, finding):
    """A type that derives from itself over others is reported once, with the way round."""
    types = HEAD + (
        "node_types:\n"
        "  my.A:\n    derived_from: my.B\n"
        "  my.B:\n    derived_from: my.C\n"
        "  my.C:\n    derived_from: my.A\n"
    )
    onboarded = read_package(csar(package, vnfd_text.replace("imports: [", "imports: [ types.yaml,"), types=types))
    cycle = finding(onboarded, "tosca-type-cycle")
    assert onboarded.failed
    assert cycle.file == "Definitions/types.yaml"
    assert cycle.line in (4, 6, 8)
    assert "my.A -> my.B -> my.C -> my.A" in cycle.message
    assert sum(f.code == "tosca-type-cycle" for f in onboarded.diagnostics) == 1


def test_a_type_that_derives_from_itself_is_refused(package, vnfd_text, finding):
    """The shortest cycle is one too."""
    types = HEAD + "data_types:\n  my.D:\n    derived_from: my.D\n"
    onboarded = read_package(csar(package, vnfd_text.replace("imports: [", "imports: [ types.yaml,"), types=types))
    assert onboarded.failed
    assert finding(onboarded, "tosca-type-cycle").line == 4


def test_a_long_line_of_descent_ends(package, vnfd_text, finding):
    """Thousands of generations are refused, not followed."""
    types = (
        HEAD
        + "node_types:\n  my.T0:\n    derived_from: my.T1\n"
        + "".join(f"  my.T{i}:\n    derived_from: my.T{i + 1}\n" for i in range(1, 3000))
    )
    onboarded = read_package(csar(package, vnfd_text.replace("imports: [", "imports: [ types.yaml,"), types=types))
    assert onboarded.failed
    assert finding(onboarded, "tosca-type-cycle")


def test_an_unknown_ancestor_is_refused_with_its_line(package, vnfd_text, finding):
    """A type needs its parent."""
    types = HEAD + "node_types:\n  my.A:\n    derived_from: my.Nothing\n"
    onboarded = read_package(csar(package, vnfd_text.replace("imports: [", "imports: [ types.yaml,"), types=types))
    unknown = finding(onboarded, "tosca-unknown-type")
    assert onboarded.failed
    assert (unknown.file, unknown.line) == ("Definitions/types.yaml", 4)


def test_cyclic_imports_are_told_and_harmless(package, vnfd_text, finding):
    """Two files that import each other are read once each."""
    vnfd = vnfd_text.replace("imports: [", "imports: [ a.yaml,")
    onboarded = read_package(
        csar(package, vnfd, a=HEAD + "imports: [ b.yaml ]\n", b=HEAD + "imports: [ a.yaml, vnfd.yaml ]\n")
    )
    assert onboarded.vnfd is not None
    cycle = finding(onboarded, "tosca-import-cycle")
    assert (cycle.file, cycle.line) == ("Definitions/b.yaml", 2)
    assert onboarded.definitions == ("Definitions/vnfd.yaml", "Definitions/a.yaml", "Definitions/b.yaml")


def test_a_diamond_of_imports_is_no_cycle(package, vnfd_text):
    """A file that two others import is parsed once and nothing is said."""
    vnfd = vnfd_text.replace("imports: [", "imports: [ a.yaml, b.yaml,")
    onboarded = read_package(
        csar(package, vnfd, a=HEAD + "imports: [ c.yaml ]\n", b=HEAD + "imports: [ c.yaml ]\n", c=HEAD)
    )
    assert {f.code for f in onboarded.diagnostics} == {"image-not-in-package"}


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "/etc/passwd", "http://127.0.0.1:9/types.yaml"])
def test_imports_never_leave_the_package(package, vnfd_text, finding, target):
    """Neither the host's files nor the network are looked at."""
    vnfd = vnfd_text.replace("imports: [", f"imports: [ '{target}',").replace("tosca.nodes.nfv.VnfV", "my.V")
    onboarded = read_package(csar(package, vnfd))
    assert onboarded.failed
    missing = finding(onboarded, "tosca-import-missing")
    assert (missing.severity, missing.line) == ("error", 2)


def test_a_missing_import_that_nothing_needs_is_a_warning(package, vnfd_text, finding):
    """Descriptors name files of types that are built in anyway."""
    onboarded = read_package(csar(package, vnfd_text.replace("imports: [", "imports: [ onap_dm.yaml,")))
    assert onboarded.vnfd is not None
    assert finding(onboarded, "tosca-import-missing").severity == "warning"


def test_carried_type_files_are_replaced_by_the_built_in_ones(package, vnfd_text):
    """ETSI's own files are recognised by their header; the release that they name is used."""
    onboarded = read_package(csar(package, vnfd_text, etsi_nfv_sol001_vnfd_types=ETSI + "node_types: [broken"))
    assert onboarded.vnfd is not None
    assert onboarded.vnfd.sol001_version == "2.6.1"
    assert onboarded.definitions == ("Definitions/vnfd.yaml", "Definitions/etsi_nfv_sol001_vnfd_types.yaml")


def test_what_a_vendor_added_to_etsis_file_is_found(package, vnfd_text):
    """A type that only the carried file has is read from it."""
    added = "node_types:\n  my.VNF:\n    derived_from: tosca.nodes.nfv.VNF\n"
    onboarded = read_package(
        csar(package, vnfd_text.replace("tosca.nodes.nfv.VNF\n", "my.VNF\n"), etsi_nfv_sol001_vnfd_types=ETSI + added)
    )
    assert onboarded.vnfd is not None


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("https://forge.etsi.org/rep/nfv/SOL001/raw/v3.3.1/etsi_nfv_sol001_vnfd_types.yaml", "3.3.1"),
        ("https://forge.etsi.org/rep/nfv/SOL001/raw/master/etsi_nfv_sol001_vnfd_types.yaml", "4.4.1"),
        ("https://forge.etsi.org/rep/nfv/SOL001/-/raw/Release_3/etsi_nfv_sol001_vnfd_types.yaml", "3.6.1"),
        ("version 3.4.1", "3.3.1"),
        ("version 9.9.9", ""),
        ("", ""),
    ],
)
def test_releases_are_told_from_addresses_and_headers(text, release):
    """The release that is named, or the nearest before it."""
    assert builtin.release_in(text) == release


@pytest.mark.parametrize("release", builtin.RELEASES)
def test_the_built_in_types_of_each_release_are_closed(release):
    """Every ancestor and every data type that a built-in type names is built in too."""
    for section in builtin.SECTIONS:
        for name in builtin.names(release, section):
            definition = builtin.definition(release, section, name)
            assert definition is not None
            parent = definition.get("derived_from")
            known = parent is None or parent in PRIMITIVES or builtin.definition(release, section, parent) is not None
            assert known, name
            for schema in definition.get("properties", {}).values():
                entry = schema.get("entry_schema", {})
                for kind in (schema["type"], entry if isinstance(entry, str) else entry.get("type", "string")):
                    known = kind in PRIMITIVES or builtin.definition(release, "data_types", kind) is not None
                    assert known, (name, kind)


def test_types_cannot_multiply_without_end(package, vnfd_text, finding):
    """Inherited properties count: a few hundred kilobytes of types must not fill the memory."""
    types = (
        HEAD
        + "node_types:\n  my.Base:\n    properties:\n"
        + "".join(f"      p{i}: {{ type: string }}\n" for i in range(2000))
        + "".join(f"  my.T{i}:\n    derived_from: my.Base\n" for i in range(400))
    )
    onboarded = read_package(csar(package, vnfd_text.replace("imports: [", "imports: [ types.yaml,"), types=types))
    assert onboarded.failed
    assert finding(onboarded, "tosca-too-many-types")


def test_findings_are_short_whatever_the_package_holds(package, vnfd_text, finding):
    """A name of a megabyte does not come back as a message of a megabyte."""
    onboarded = read_package(csar(package, vnfd_text.replace("tosca.nodes.nfv.VnfVirtualLink", "x" * 10**6)))
    assert onboarded.failed
    assert len(finding(onboarded, "tosca-unknown-type").message) < 600
