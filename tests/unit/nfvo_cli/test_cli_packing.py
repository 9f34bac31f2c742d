"""Packages from directories."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from nfvo.cli.errors import InputError
from nfvo.cli.packing import archive_of

EXAMPLES = Path(__file__).parents[3] / "examples" / "sd-wan"
PACKAGES = ("edge-router", "firewall", "probe", "service")


@pytest.fixture
def package(tmp_path):
    directory = tmp_path / "package"
    directory.mkdir()
    (directory / "vnfd.yaml").write_text("tosca_definitions_version: tosca_simple_yaml_1_3\n")
    (directory / "vnfd.mf").write_text("metadata:\n  a: b\n\nSource: vnfd.yaml\nAlgorithm: SHA-256\nHash: 00\n")
    return directory


def test_a_file_is_an_archive_already(package, tmp_path):
    """An archive is handed on as it is; the copy of a directory goes when it was used."""
    with archive_of(package) as archive, zipfile.ZipFile(archive) as packed:
        assert packed.read("vnfd.mf") == (package / "vnfd.mf").read_bytes(), "whether it is right is for the server"
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
