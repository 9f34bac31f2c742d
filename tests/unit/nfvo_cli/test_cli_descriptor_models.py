"""Showing, comparing and beginning packages."""

import hashlib
import json
import shutil
import sys

import pytest

from descriptors.mode import Mode
from descriptors.onboarding import read_package
from nfvo.cli.descriptor_scaffold import scaffold
from nfvo.cli.errors import InputError
from nfvo.cli.main import main


@pytest.fixture
def mano(monkeypatch, capsys):
    """Run a command line; return what it exits with, prints and says."""
    monkeypatch.delenv("COLUMNS", raising=False)  # pytest's workers set it

    def run(*line):
        monkeypatch.setattr(sys, "argv", ["mano", *map(str, line)])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        return left.value.code or 0, told.out, told.err

    return run


@pytest.fixture
def router(tmp_path):
    """A new VNF package."""
    scaffold("vnf", "Edge router", tmp_path / "router", provider="Acme")
    return tmp_path / "router"


@pytest.mark.parametrize("kind", ["vnf", "ns"])
def test_a_new_package_passes_the_strict_check(mano, tmp_path, kind):
    """What is begun is right: no error in mode strict, every file listed with its digest, an identity of its own."""
    code, out, _ = mano("descriptor", "new", kind, "Edge router 7", tmp_path / "new", "--provider", "Acme")
    assert code == 0
    assert len(out.splitlines()) == 5
    assert mano("descriptor", "check", tmp_path / "new", "--mode", "strict")[0] == 0
    found = read_package(tmp_path / "new", mode=Mode.STRICT)
    assert [finding.code for finding in found.diagnostics] == (["image-not-in-package"] if kind == "vnf" else [])
    model = found.vnfd or found.nsd
    assert model.sol001_version == "3.6.1"
    listed = {source for source in found.manifest.digests if "://" not in source}
    assert listed == {file.path for file in found.artifacts} - {found.manifest.file}
    scaffold(kind, "Edge router 7", tmp_path / "second", provider="Acme")
    other = read_package(tmp_path / "second")
    assert (other.vnfd or other.nsd).id != model.id


def test_a_new_network_service_is_made_of_a_vnf(tmp_path):
    """It has a constituent on a link, a level, and a SAP, ready to be changed."""
    scaffold("ns", "Branch", tmp_path / "ns", provider="Acme")
    flavour = read_package(tmp_path / "ns").nsd.flavours["default"]
    assert flavour.vnf_profiles["function"].links == {"virtual_link_mgmt": "mgmt"}
    assert flavour.saps["mgmt_access"].internal_link == "mgmt"
    assert flavour.vnf_instances() == {"function": 1}


@pytest.mark.parametrize("name", ["", "7up", "a'b", "x: y", "../evil", "a\nb"])
def test_a_name_that_would_break_the_descriptor_is_refused(tmp_path, name):
    """Nothing is written then."""
    with pytest.raises(InputError):
        scaffold("vnf", name, tmp_path / "new", provider="Acme")
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(router):
    """A directory that holds something is left alone."""
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in router.rglob("*") if path.is_file()}
    with pytest.raises(InputError):
        scaffold("ns", "Other", router, provider="Acme")
    assert before == {p: hashlib.sha256(p.read_bytes()).digest() for p in router.rglob("*") if p.is_file()}


def test_the_model_is_shown_as_a_tree(mano, router):
    """Every part of the model by name, with its amounts; as JSON all of it."""
    code, out, _ = mano("descriptor", "show", router)
    assert code == 0
    for part in ("VNFD ", "flavour default", "VDU worker", "vcpus 1", "memory 1 GiB", "storage worker_disk",
                 "connection point worker_mgmt", "scaling aspect workers", "max level 3", "level default"):  # fmt: skip
        assert part in out
    document = json.loads(mano("descriptor", "show", router, "--output", "json")[1])
    assert document["flavours"]["default"]["vdus"]["worker"]["memory_bytes"] == 1 << 30


def test_a_package_without_a_model_says_how_to_see_why(mano, tmp_path):
    """The check tells what is wrong; this does not repeat it."""
    path = tmp_path / "x.yaml"
    path.write_text("tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: 5\n")
    code, out, err = mano("descriptor", "show", path)
    assert (code, out) == (3, "")
    assert "mano descriptor check" in err


def test_what_changed_is_told(mano, router):
    """In words for people, as data for programs; the exit code tells on demand."""
    newer = router.with_name("newer")
    shutil.copytree(router, newer)
    (newer / "edge_router.mf").unlink()
    meta = newer / "TOSCA-Metadata" / "TOSCA.meta"
    meta.write_text(meta.read_text().replace("ETSI-Entry-Manifest: edge_router.mf\n", ""))
    vnfd = newer / "Definitions" / "edge_router.yaml"
    vnfd.write_text(vnfd.read_text().replace("virtual_mem_size: 1 GiB", "virtual_mem_size: 2 GiB"))
    code, out, _ = mano("descriptor", "diff", router, newer)
    assert (code, out) == (0, "flavour default, VDU worker\n  ~ memory 1 GiB → 2 GiB\n")
    code, out, _ = mano("descriptor", "diff", router, newer, "--exit-code", "--output", "json")
    assert code == 1
    (change,) = json.loads(out)["changes"]
    assert (change["path"][-1], change["before"], change["after"], change["kind"]) == (
        "memory_bytes", 1 << 30, 2 << 30, "changed",
    )  # fmt: skip
    code, out, _ = mano("descriptor", "diff", router, router, "--exit-code")
    assert (code, out) == (0, "No difference in the model.\n")


def test_different_kinds_are_not_compared(mano, router, tmp_path):
    """A VNFD and an NSD have no difference to tell."""
    scaffold("ns", "Branch", tmp_path / "ns", provider="Acme")
    assert mano("descriptor", "diff", router, tmp_path / "ns")[0] == 3
