"""Packages made from directories: archives, manifests, signatures."""

import hashlib
import os
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import signing
from cryptography.hazmat.primitives.serialization import Encoding

from descriptors.authoring.archives import write_archive
from descriptors.authoring.errors import AuthoringError
from descriptors.authoring.packing import pack, pack_as_is, refresh
from descriptors.authoring.signing import Signer, sign_file, sign_package
from descriptors.manifest import META
from descriptors.onboarding import read_package

EXAMPLES = Path(__file__).parents[3] / "examples" / "sd-wan"
RELEASED = datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.fixture
def package(tmp_path, vnfd_text):
    directory = tmp_path / "package"
    (directory / "TOSCA-Metadata").mkdir(parents=True)
    (directory / "Definitions").mkdir()
    (directory / META).write_text(
        "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nEntry-Definitions: Definitions/vnfd.yaml\n"
        "ETSI-Entry-Manifest: package.mf\n"
    )
    (directory / "Definitions" / "vnfd.yaml").write_text(vnfd_text)
    (directory / ".hidden").write_text("not for others")
    (directory / "package.mf").write_text(
        "metadata:\n  vnfd_id: x\n\n"
        "Source: TOSCA-Metadata/TOSCA.meta\nAlgorithm: SHA-256\nHash: 00\n\n"
        "Source: Definitions/vnfd.yaml\nAlgorithm: SHA-512\nHash: 00\n\n"
        "Source: https://images.example/disk.img\nAlgorithm: SHA-256\nHash: abcd\n"
    )
    return directory


@pytest.fixture
def bare(tmp_path, vnfd_text):
    """A descriptor and a change log, and nothing else."""
    directory = tmp_path / "bare"
    directory.mkdir()
    (directory / "vnfd.yaml").write_text(vnfd_text)
    (directory / "ChangeLog.txt").write_text("1.0: the first\n")
    return directory


def members(archive):
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


class TestArchives:
    def test_the_same_files_make_the_same_bytes(self, package, tmp_path):
        """Packing twice gives one archive, whatever the times of the files."""
        pack(package, tmp_path / "one.csar")
        os.utime(package / "package.mf", (0, 0))
        pack(package, tmp_path / "two.csar")
        assert (tmp_path / "one.csar").read_bytes() == (tmp_path / "two.csar").read_bytes()

    def test_toscas_metadata_comes_first_and_hidden_files_stay_at_home(self, package, tmp_path):
        """The archive starts with TOSCA.meta and holds no hidden file."""
        pack_as_is(package, tmp_path / "p.csar")
        assert list(members(tmp_path / "p.csar")) == [META, "Definitions/vnfd.yaml", "package.mf"]

    def test_a_link_to_the_outside_is_not_packed(self, package, tmp_path):
        """What lies outside of the directory never gets into a package by way of a link."""
        (tmp_path / "secret").write_text("s")
        (package / "Definitions" / "link.yaml").symlink_to(tmp_path / "secret")
        with pytest.raises(AuthoringError, match="points outside"):
            pack(package, tmp_path / "p.csar")

    def test_an_archive_appears_whole_or_not_at_all(self, tmp_path):
        """What goes wrong on the way leaves the archive of before, and nothing half made."""
        (tmp_path / "p.csar").write_text("before")
        with pytest.raises(FileNotFoundError):
            write_archive([("a", b"a"), ("b", tmp_path / "nowhere")], tmp_path / "p.csar")
        assert [path.name for path in tmp_path.iterdir()] == ["p.csar"]
        assert (tmp_path / "p.csar").read_text() == "before"


class TestManifests:
    def test_digests_are_put_right_in_the_archive_and_the_directory_stays(self, package, tmp_path):
        """Digests are renewed by the algorithm of the entry; metadata and what lies elsewhere stay as they are."""
        before = (package / "package.mf").read_text()
        packed = pack(package, tmp_path / "p.csar")
        assert packed.manifest.changed == (META, "Definitions/vnfd.yaml")
        text = members(tmp_path / "p.csar")["package.mf"]
        assert hashlib.sha512((package / "Definitions" / "vnfd.yaml").read_bytes()).hexdigest() in text
        assert text.startswith("metadata:\n  vnfd_id: x\n")
        assert "Source: https://images.example/disk.img\nAlgorithm: SHA-256\nHash: abcd\n" in text
        assert (package / "package.mf").read_text() == before
        assert not read_package(tmp_path / "p.csar").failed

    def test_files_are_listed_and_what_is_gone_is_not(self, package, tmp_path):
        """A file that the manifest forgot is listed by SHA-256, one that is not there no longer."""
        (package / "more.txt").write_text("more")
        (package / "package.mf").write_text((package / "package.mf").read_text() + "\nSource: gone.txt\nHash: 00\n")
        packed = pack(package, tmp_path / "p.csar")
        assert (packed.manifest.added, packed.manifest.dropped) == (("more.txt",), ("gone.txt",))
        listed = read_package(tmp_path / "p.csar").manifest.digests
        assert listed["more.txt"] == ("sha-256", hashlib.sha256(b"more").hexdigest())
        assert "gone.txt" not in listed

    def test_a_digest_that_proves_nothing_is_replaced(self, package, tmp_path):
        """MD5 gives way to SHA-256."""
        manifest = package / "package.mf"
        manifest.write_text(manifest.read_text().replace("SHA-512", "MD5"))
        pack(package, tmp_path / "p.csar")
        assert read_package(tmp_path / "p.csar").manifest.digests["Definitions/vnfd.yaml"][0] == "sha-256"

    def test_artifact_sets_and_signatures_of_files_are_kept(self, package, tmp_path):
        """Sets stay behind the entries; entries keep their signatures."""
        (package / "more.txt").write_text("more")
        sign_file(package / "more.txt", signing.signer())
        manifest = package / "package.mf"
        manifest.write_text(
            manifest.read_text()
            + "\nSource: more.txt\nSignature: more.txt.cms\n\n"
            + "non_mano_artifact_sets:\n  vendor:\n    Source: more.txt\n"
        )
        pack(package, tmp_path / "p.csar")
        read = read_package(tmp_path / "p.csar").manifest
        assert read.artifact_sets == {"vendor": ("more.txt",)}
        assert read.artifact_signatures["more.txt"].signature == "more.txt.cms"
        assert "more.txt" in read.digests

    def test_refreshing_changes_the_manifest_in_the_directory_and_nothing_else(self, package):
        """What is right afterwards is not touched again."""
        (package / "more.txt").write_text("more")
        assert refresh(package).manifest.added == ("more.txt",)
        text, time = (package / "package.mf").read_text(), (package / "package.mf").stat().st_mtime_ns
        assert "Source: more.txt" in text
        again = refresh(package).manifest
        assert (again.changed, again.added) == ((), ())
        assert (package / "package.mf").stat().st_mtime_ns == time

    def test_a_signed_manifest_that_is_right_stays_signed(self, tmp_path):
        """Packing keeps a signature that holds, and takes away one that no longer can."""
        directory = Path(shutil.copytree(EXAMPLES / "firewall", tmp_path / "firewall"))
        sign_file(directory / "firewall.mf", signing.signer())
        assert not pack(directory, tmp_path / "p.csar").manifest.signature_dropped
        assert read_package(tmp_path / "p.csar").manifest.signed
        (directory / "Files" / "ChangeLog.txt").write_text("new")
        assert pack(directory, tmp_path / "p.csar").manifest.signature_dropped
        assert not read_package(tmp_path / "p.csar").manifest.signed


class TestWhatIsMadeUp:
    def test_a_descriptor_alone_becomes_a_package(self, bare, tmp_path):
        """The manifest gets its metadata from the descriptor, and its digests from the files."""
        packed = pack(bare, tmp_path / "p.csar", released=RELEASED)
        assert packed.made == ("vnfd.mf",)
        onboarded = read_package(tmp_path / "p.csar")
        assert onboarded.vnfd is not None
        assert onboarded.manifest.metadata == {
            "vnf_product_name": "Router",
            "vnf_provider_id": "Acme",
            "vnf_package_version": "1.0",
            "vnf_release_date_time": "2026-01-15T09:00:00+00:00",
            "vnfd_id": "11111111-1111-4111-8111-111111111111",
            "vnf_software_version": "1.0",
            "vnfm_info": "1:mano",
        }
        assert set(onboarded.manifest.digests) == {"vnfd.yaml", "ChangeLog.txt"}

    def test_toscas_metadata_is_made_where_the_layout_wants_it(self, bare, tmp_path):
        """TOSCA.meta names the descriptor, the manifest and what has its usual place."""
        packed = pack(bare, tmp_path / "p.csar", layout="metadata")
        assert packed.made == (META, "vnfd.mf")
        assert members(tmp_path / "p.csar")[META].splitlines() == [
            "TOSCA-Meta-File-Version: 1.0",
            "CSAR-Version: 1.1",
            "Created-By: mano descriptor pack",
            "Entry-Definitions: vnfd.yaml",
            "ETSI-Entry-Manifest: vnfd.mf",
            "ETSI-Entry-Change-Log: ChangeLog.txt",
        ]
        assert not read_package(tmp_path / "p.csar").failed

    def test_toscas_metadata_is_left_out_where_the_layout_has_none(self, package, tmp_path):
        """The layout without it wants the descriptor at the root, alone."""
        with pytest.raises(AuthoringError, match=r"Definitions/vnfd\.yaml is not at the root"):
            pack(package, tmp_path / "p.csar", layout="root")
        (package / "Definitions" / "vnfd.yaml").rename(package / "vnfd.yaml")
        (package / META).write_text((package / META).read_text().replace("Definitions/", ""))
        pack(package, tmp_path / "p.csar", layout="root")
        assert list(members(tmp_path / "p.csar")) == ["vnfd.mf", "vnfd.yaml"]
        assert not read_package(tmp_path / "p.csar").failed

    def test_an_nsd_becomes_an_archive(self, tmp_path):
        """A SOL007 archive is made from its definitions alone: the entry is the one that no other file names."""
        shutil.copytree(EXAMPLES / "service" / "Definitions", tmp_path / "ns" / "Definitions")
        packed = pack(tmp_path / "ns", tmp_path / "ns.csar", released=RELEASED)
        onboarded = read_package(tmp_path / "ns.csar")
        assert packed.made == (META, "sd_wan_edge.mf")
        assert onboarded.nsd is not None
        assert onboarded.manifest.metadata["nsd_designer"] == "Example Networks"

    def test_two_descriptors_are_one_too_many(self, bare, tmp_path, vnfd_text):
        """Which one is meant must be said."""
        (bare / "other.yaml").write_text(vnfd_text)
        with pytest.raises(AuthoringError, match=r"other\.yaml or vnfd\.yaml"):
            pack(bare, tmp_path / "p.csar")

    def test_a_descriptor_with_errors_gives_no_manifest(self, bare, tmp_path):
        """Metadata cannot be made up; the first error is told."""
        (bare / "vnfd.yaml").write_text("tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: 5\n")
        with pytest.raises(AuthoringError, match="tosca-wrong-type"):
            pack(bare, tmp_path / "p.csar")


class TestSigning:
    @pytest.fixture
    def files(self, tmp_path):
        def write(whose="vendor", certificate=None):
            certificate = certificate or signing.signer(whose).certificate
            (tmp_path / "cert").write_bytes(certificate.public_bytes(Encoding.PEM))
            return signing.key_file(tmp_path / "key", whose), tmp_path / "cert"

        return write

    def test_a_key_and_its_certificate_are_read(self, files):
        """PEM files make a signer."""
        signer = Signer.load(*files())
        assert signer.certificate == signing.signer().certificate

    def test_a_key_and_another_certificate_are_refused(self, files):
        """Nobody signs with a certificate that is not for the key."""
        with pytest.raises(AuthoringError, match="do not belong together"):
            Signer.load(*files(certificate=signing.stranger().certificate))

    def test_what_is_no_key_is_refused(self, files):
        """A file that is something else is told to be so."""
        _, certificate = files()
        with pytest.raises(AuthoringError, match="Cannot read the key"):
            Signer.load(certificate, certificate)

    def test_a_package_with_wrong_digests_is_not_signed(self, package, tmp_path):
        """A signature never vouches for a manifest that is wrong."""
        pack_as_is(package, tmp_path / "p.csar")
        with pytest.raises(AuthoringError, match="manifest-digest"):
            sign_package(tmp_path / "p.csar", tmp_path / "p.csar", signing.signer())

    def test_signing_again_replaces_the_signature(self, package, tmp_path):
        """There is one signature at the end of the manifest, the newest."""
        archive = tmp_path / "p.csar"
        pack(package, archive)
        sign_package(archive, archive, signing.stranger())
        sign_package(archive, archive, signing.signer(embedded=False))
        sign_package(archive, archive, signing.signer(embedded=False))
        text = members(archive)
        assert text["package.mf"].count("BEGIN CMS") == 1
        assert text[META].count("ETSI-Entry-Certificate: package.cert") == 1
        assert [s.signer for s in read_package(archive).signatures] == ["CN=vendor"]
        assert not read_package(archive).failed
