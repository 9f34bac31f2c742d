"""Packages from directories."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from nfvo.cli.errors import InputError
from nfvo.cli.packing import archive_of, pack, refresh_digests

EXAMPLES = Path(__file__).parents[3] / "examples" / "sd-wan"
PACKAGES = ("edge-router", "firewall", "probe", "service")


@pytest.fixture
def package(tmp_path):
    directory = tmp_path / "package"
    (directory / "TOSCA-Metadata").mkdir(parents=True)
    (directory / "Definitions").mkdir()
    (directory / "TOSCA-Metadata" / "TOSCA.meta").write_text("TOSCA-Meta-File-Version: 1.0\n")
    (directory / "Definitions" / "vnfd.yaml").write_text("tosca_definitions_version: tosca_simple_yaml_1_3\n")
    (directory / ".hidden").write_text("not for others")
    (directory / "package.mf").write_text(
        "metadata:\n  vnfd_id: x\n\n"
        "Source: TOSCA-Metadata/TOSCA.meta\nAlgorithm: SHA-256\nHash: 00\n\n"
        "Source: Definitions/vnfd.yaml\nAlgorithm: SHA-512\nHash: 00\n\n"
        "Source: https://images.example/disk.img\nAlgorithm: SHA-256\nHash: abcd\n"
    )
    return directory


def test_the_same_files_make_the_same_bytes(package, tmp_path):
    """Packing twice gives one archive, whatever the times of the files."""
    pack(package, tmp_path / "one.csar")
    (package / "package.mf").touch()
    pack(package, tmp_path / "two.csar")
    assert (tmp_path / "one.csar").read_bytes() == (tmp_path / "two.csar").read_bytes()


def test_toscas_metadata_comes_first_and_hidden_files_stay_at_home(package, tmp_path):
    """The archive starts with TOSCA.meta and holds no hidden file."""
    pack(package, tmp_path / "p.csar")
    names = zipfile.ZipFile(tmp_path / "p.csar").namelist()
    assert names == ["TOSCA-Metadata/TOSCA.meta", "Definitions/vnfd.yaml", "package.mf"]


def test_a_link_to_the_outside_is_not_packed(package, tmp_path):
    """What lies outside of the directory never gets into a package by way of a link."""
    (tmp_path / "secret").write_text("s")
    (package / "Definitions" / "link.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match="points outside"):
        pack(package, tmp_path / "p.csar")


def test_a_file_is_an_archive_already(package, tmp_path):
    """An archive is handed on as it is; the copy of a directory goes when it was used."""
    with archive_of(package) as archive:
        assert zipfile.is_zipfile(archive)
    assert not archive.exists()
    file = tmp_path / "made.csar"
    file.write_bytes(b"x")
    with archive_of(file) as archive:
        assert archive == file


@pytest.mark.parametrize("missing", ["nowhere", "package/empty"])
def test_nothing_to_pack_is_said(package, tmp_path, missing):
    """A path that is not there, and a directory without files, are told to be so."""
    (package / "empty").mkdir()
    with pytest.raises(InputError), archive_of(tmp_path / missing):
        pass


def test_digests_are_brought_up_to_date(package):
    """Digests of files are renewed with the algorithm of the entry; what lies elsewhere keeps its own."""
    assert refresh_digests(package) == ["TOSCA-Metadata/TOSCA.meta", "Definitions/vnfd.yaml"]
    text = (package / "package.mf").read_text()
    assert hashlib.sha512((package / "Definitions" / "vnfd.yaml").read_bytes()).hexdigest() in text
    assert "Hash: abcd" in text
    assert refresh_digests(package) == []


def test_a_file_that_the_manifest_forgot_is_named(package):
    """Every file of the package must be listed."""
    (package / "Definitions" / "more.yaml").write_text("")
    with pytest.raises(InputError, match=r"Definitions/more\.yaml is there and not listed"):
        refresh_digests(package)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_manifests_of_the_examples_are_up_to_date(name):
    """Whoever changes an example refreshes the digests of its manifest."""
    directory = EXAMPLES / name
    manifest = next(directory.glob("*.mf")).read_text()
    listed = dict(re.findall(r"Source: (.*)\nAlgorithm: SHA-256\nHash: (.*)", manifest))
    files = {file.relative_to(directory).as_posix(): file for file in directory.rglob("*") if file.is_file()}
    digests = {
        path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in files.items() if file.suffix != ".mf"
    }
    assert {path: digest for path, digest in listed.items() if "://" not in path} == digests


@pytest.mark.parametrize("name", ["edge_router", "firewall", "probe"])
def test_the_service_carries_the_types_of_its_vnfs(name):
    """The copies of the VNF types in the NSD archive are the ones of the packages."""
    types = f"Definitions/{name}_types.yaml"
    assert (EXAMPLES / "service" / types).read_bytes() == (EXAMPLES / name.replace("_", "-") / types).read_bytes()
