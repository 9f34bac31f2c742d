import contextlib
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from descriptors.csar import UnreadableMemberError, open_archive
from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.onboarding import read_package


def codes_of(path: Path, **limits: int) -> set[str]:
    diagnostics = Diagnostics()
    archive = open_archive(path, Limits(**limits), diagnostics)
    assert (archive is None) == diagnostics.failed
    if archive:
        archive.close()
    return {finding.code for finding in diagnostics.found}


def test_something_else_is_not_a_package(tmp_path):
    """A file that is neither a zip nor YAML is refused with a reason, not an exception."""
    path = tmp_path / "package.csar"
    path.write_bytes(b"\x7fELF nothing of the sort")
    onboarded = read_package(path)
    assert onboarded.failed
    assert [finding.code for finding in onboarded.diagnostics] == ["csar-not-zip"]


def test_a_truncated_zip_is_refused(package, tmp_path):
    """Half an upload is refused with a reason."""
    whole = package({"a.yaml": "x: 1\n" * 1000}).read_bytes()
    path = tmp_path / "half.csar"
    path.write_bytes(whole[: len(whole) // 2])
    assert codes_of(path) == {"csar-not-zip"}


@pytest.mark.parametrize(
    "name",
    ["../evil.yaml", "a/../../evil.yaml", "/etc/passwd", "C:/evil.yaml", "a\\..\\evil.yaml", "a//b", "./a", "a/\x01b"],
)
def test_paths_that_escape_are_refused(package, name):
    """No member may lead out of the archive, whatever the notation."""
    path = package({"fine.yaml": "x: 1", name: "y: 1"})
    assert codes_of(path) == {"csar-path-escapes"}


def test_each_escaping_path_is_named(package):
    """All bad names are reported, the first does not hide the second."""
    diagnostics = Diagnostics()
    open_archive(package({"../a": "", "../b": ""}), Limits(), diagnostics)
    assert [finding.file for finding in diagnostics.found] == ["../a", "../b"]


def test_symbolic_links_are_refused(tmp_path):
    """A link could lead to a file of the host."""
    path = tmp_path / "link.csar"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("passwd")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert codes_of(path) == {"csar-not-a-file"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path):
    """Which of two equal names counts would be anybody's guess."""
    path = tmp_path / "twice.csar"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.yaml", "1")
        archive.writestr("a.yaml", "2")
    assert codes_of(path) == {"csar-duplicate-name"}


def test_names_that_differ_in_case_only_are_refused(package):
    """They would be one file on some systems and two on others."""
    assert codes_of(package({"a.yaml": "", "A.yaml": ""})) == {"csar-duplicate-name"}


def test_encrypted_members_are_refused(package):
    """Nobody could read them."""
    path = package({"a.yaml": "x: 1"})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    assert codes_of(path) == {"csar-encrypted"}


def test_too_many_members_are_refused(package):
    """The number of files is bounded."""
    assert codes_of(package({f"f{i}": "" for i in range(11)}), members=10) == {"csar-too-many-members"}


def test_the_directory_of_too_many_members_is_not_even_read(package):
    """An archive may declare millions of members: its directory is measured before it is parsed."""
    path = package({f"{i:0200}": "" for i in range(2000)})
    diagnostics = Diagnostics()
    assert open_archive(path, Limits(members=10), diagnostics) is None
    assert [finding.code for finding in diagnostics.found] == ["csar-too-many-members"]
    assert "a directory of" in diagnostics.found[0].message


def test_the_files_of_a_directory_are_counted(tmp_path):
    """An unpacked package has the same bound."""
    for name in "abc":
        (tmp_path / name).touch()
    assert codes_of(tmp_path, members=2) == {"csar-too-many-members"}


def test_too_much_content_is_refused(package):
    """The declared size is bounded, for each member and for all together."""
    path = package({"a": b"x" * 1000, "b": b"y" * 1000})
    assert codes_of(path, member_bytes=900) == {"csar-too-big"}
    assert codes_of(path, total_bytes=1900) == {"csar-too-big"}


def test_zip_bombs_are_refused(package):
    """A member that unpacks to a thousand times its packed size is refused before it is read."""
    assert codes_of(package({"bomb": bytes(1 << 20)}), ratio_from_bytes=1 << 16) == {"csar-zip-bomb"}


def test_members_that_share_bytes_are_refused(package):
    """Overlapping members are a bomb without nesting."""
    path = package({"a": b"some bytes that are long enough to be here", "b": b"other"})
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 4)
    path.write_bytes(bytes(data))
    assert codes_of(path) == {"csar-zip-bomb"}


def test_a_member_larger_than_declared_is_refused_while_reading(package):
    """A directory that lies about a size is found out by counting what comes out."""
    path = package({"a.yaml": "x" * 5000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(data))
    archive = open_archive(path, Limits(), Diagnostics())
    assert archive is not None
    with contextlib.closing(archive), pytest.raises(UnreadableMemberError):
        list(archive.stream("a.yaml"))


def test_a_corrupt_member_is_named(package):
    """Broken bytes are reported with the member's name, and nothing is left of an extraction."""
    path = package({"a.yaml": "tosca_definitions_version: tosca_simple_yaml_1_3\n" * 50})
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF
    path.write_bytes(bytes(data))
    onboarded = read_package(path)
    assert ("csar-broken-member", "a.yaml") in [(f.code, f.file) for f in onboarded.diagnostics]
    archive = open_archive(path, Limits(), Diagnostics())
    assert archive is not None
    target = path.parent / "out"
    with contextlib.closing(archive), pytest.raises(UnreadableMemberError):
        archive.extract("a.yaml", target)
    assert not target.exists()


def test_a_file_can_be_extracted(package, tmp_path):
    """An image goes from the archive to a file, byte by byte."""
    content = bytes(range(256)) * 5000
    archive = open_archive(package({"Files/disk.img": content}), Limits(), Diagnostics())
    assert archive is not None
    with contextlib.closing(archive):
        archive.extract("Files/disk.img", tmp_path / "disk.img")
        assert (tmp_path / "disk.img").read_bytes() == content
        with pytest.raises(KeyError):
            archive.open("nothing")


def test_a_directory_reads_like_a_package(tmp_path, vnfd_text):
    """An unpacked package is read as it is; links in it are passed over."""
    (tmp_path / "pkg" / "TOSCA-Metadata").mkdir(parents=True)
    (tmp_path / "pkg" / "vnfd.yaml").write_text(vnfd_text)
    (tmp_path / "pkg" / "TOSCA-Metadata" / "TOSCA.meta").write_text("Entry-Definitions: vnfd.yaml\n")
    (tmp_path / "pkg" / "link").symlink_to("/etc/passwd")
    onboarded = read_package(tmp_path / "pkg")
    assert onboarded.vnfd is not None
    assert {file.path for file in onboarded.artifacts} == {"vnfd.yaml", "TOSCA-Metadata/TOSCA.meta"}


def test_a_descriptor_is_known_by_its_words(tmp_path, vnfd_text):
    """An upload has no name to tell what it is: text that begins like a descriptor is one."""
    path = tmp_path / "content"
    path.write_text(vnfd_text)
    assert read_package(path).vnfd is not None


def test_a_single_file_does_not_see_its_neighbours(tmp_path, vnfd_text):
    """An uploaded document cannot import what lies beside it on the host, unless its owner says so."""
    (tmp_path / "types.yaml").write_text(
        "tosca_definitions_version: tosca_simple_yaml_1_3\n"
        "node_types:\n  my.VNF:\n    derived_from: tosca.nodes.nfv.VNF\n"
    )
    path = tmp_path / "vnfd.yaml"
    path.write_text(
        vnfd_text.replace("imports: [ ", "imports: [ types.yaml, ").replace("tosca.nodes.nfv.VNF", "my.VNF")
    )
    assert read_package(path).failed
    assert read_package(path, siblings=True).vnfd is not None


def test_a_single_file_imports_from_elsewhere_on_its_authors_disk(tmp_path):
    """Relative imports are followed below and above the file when it may see its siblings, and only then."""
    (tmp_path / "types" / "more").mkdir(parents=True)
    (tmp_path / "work").mkdir()
    head = "tosca_definitions_version: tosca_simple_yaml_1_3\n"
    types = "node_types:\n  {}: {{ derived_from: tosca.nodes.Root }}\n"
    (tmp_path / "types" / "one.yaml").write_text(f"{head}imports: [ more/two.yaml ]\n" + types.format("One"))
    (tmp_path / "types" / "more" / "two.yaml").write_text(head + types.format("Two"))
    path = tmp_path / "work" / "service.yaml"
    path.write_text(
        f"{head}imports: [ ../types/one.yaml ]\n"
        "topology_template:\n  node_templates:\n    a: { type: One }\n    b: { type: Two }\n"
    )
    read = read_package(path, siblings=True)
    assert read.topology is not None
    assert read.definitions == ("service.yaml", "../types/one.yaml", "../types/more/two.yaml")
    assert read_package(path).failed
