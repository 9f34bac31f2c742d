import hashlib

import pytest

from descriptors.onboarding import read_package

META = "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nEntry-Definitions: Definitions/vnfd.yaml\n"


def packed(package, vnfd_text, manifest, meta=META + "ETSI-Entry-Manifest: vnf.mf\n"):
    return package(
        {
            "TOSCA-Metadata/TOSCA.meta": meta,
            "Definitions/vnfd.yaml": vnfd_text,
            "Files/readme.txt": "hello",
            "vnf.mf": manifest,
        }
    )


def source(path, algorithm, digest):
    return f"Source: {path}\nAlgorithm: {algorithm}\nHash: {digest}\n\n"


@pytest.mark.parametrize("algorithm", ["SHA-224", "SHA-256", "SHA-384", "SHA-512", "sha256"])
def test_right_digests_are_accepted(package, vnfd_text, algorithm):
    """Every digest of the SHA-2 family is verified; the manifest's own words are kept."""
    digest = hashlib.new(algorithm.lower().replace("-", ""), b"hello").hexdigest()
    manifest = "metadata:\n  vnf_product_name: Router\n\n" + source("Files/readme.txt", algorithm, digest)
    onboarded = read_package(packed(package, vnfd_text, manifest))
    assert onboarded.vnfd is not None
    assert onboarded.manifest is not None
    assert onboarded.manifest.metadata == {"vnf_product_name": "Router"}
    assert onboarded.manifest.digests["Files/readme.txt"][1] == digest


def test_a_wrong_digest_names_the_member_and_the_line(package, vnfd_text, finding):
    """A changed file is refused, with the manifest's line that it contradicts."""
    manifest = "metadata:\n  vnf_product_name: Router\n\n" + source("Files/readme.txt", "SHA-256", "0" * 64)
    onboarded = read_package(packed(package, vnfd_text, manifest))
    wrong = finding(onboarded, "manifest-digest")
    assert onboarded.failed
    assert (wrong.file, wrong.line) == ("vnf.mf", 4)
    assert "Files/readme.txt" in wrong.message


@pytest.mark.parametrize(("algorithm", "length"), [("MD5", 32), ("SHA-1", 40)])
def test_weak_digests_are_refused(package, vnfd_text, finding, algorithm, length):
    """A digest that can be forged proves nothing."""
    manifest = "metadata:\n  a: b\n\n" + source("Files/readme.txt", algorithm, "0" * length)
    onboarded = read_package(packed(package, vnfd_text, manifest))
    assert onboarded.failed
    assert finding(onboarded, "manifest-algorithm").line == 6


def test_what_is_listed_and_absent_or_present_and_unlisted_is_told(package, vnfd_text, finding):
    """Large images are often left out, and files added: worth a warning, not a refusal."""
    manifest = (
        "metadata:\n  a: b\n\n"
        + source("Files/readme.txt", "SHA-256", hashlib.sha256(b"hello").hexdigest())
        + source("Files/disk.img", "SHA-256", "0" * 64)
    )
    onboarded = read_package(packed(package, vnfd_text, manifest))
    assert onboarded.vnfd is not None
    assert finding(onboarded, "manifest-source-missing").line == 8
    assert finding(onboarded, "manifest-unlisted").file == "Definitions/vnfd.yaml"


def test_artifact_sets_and_a_signature_are_read(package, vnfd_text):
    """Non-MANO artifacts are kept by set, and a CMS block ends the manifest."""
    manifest = (
        "metadata:\n  a: b\nnon_mano_artifact_sets:\n  vendor:\n    Source: Files/readme.txt\n"
        "-----BEGIN CMS-----\nnothing: here\n-----END CMS-----\n"
    )
    manifest_read = read_package(packed(package, vnfd_text, manifest)).manifest
    assert manifest_read is not None
    assert manifest_read.artifact_sets == {"vendor": ("Files/readme.txt",)}
    assert manifest_read.signed


def test_a_manifest_that_is_named_and_absent_is_refused(package, vnfd_text, finding):
    """TOSCA.meta promises what the package must hold."""
    path = package(
        {
            "TOSCA-Metadata/TOSCA.meta": META + "Entry-Manifest: other.mf\n",
            "Definitions/vnfd.yaml": vnfd_text,
        }
    )
    onboarded = read_package(path)
    assert onboarded.failed
    assert finding(onboarded, "manifest-missing").line == 4


def test_missing_definitions_name_the_line_of_tosca_meta(package, finding):
    """An entry that is not in the package is reported where TOSCA.meta names it."""
    onboarded = read_package(package({"TOSCA-Metadata/TOSCA.meta": META}))
    missing = finding(onboarded, "csar-no-definitions")
    assert onboarded.failed
    assert (missing.file, missing.line) == ("TOSCA-Metadata/TOSCA.meta", 3)


def test_one_document_at_the_root_is_the_entry(package, vnfd_text, finding):
    """The layout without TOSCA-Metadata works with one YAML at the root, and two are ambiguous."""
    onboarded = read_package(package({"vnfd.yaml": vnfd_text, "Files/x.txt": "x"}))
    assert onboarded.vnfd is not None
    assert onboarded.entry_definitions == "vnfd.yaml"
    two = read_package(package({"vnfd.yaml": vnfd_text, "other.yaml": vnfd_text}))
    assert two.failed
    assert "2 documents" in finding(two, "csar-no-definitions").message


def test_every_file_is_listed_with_its_digest(package, vnfd_text):
    """The package's files are known with size and SHA-256, in the archive's order."""
    onboarded = read_package(package({"vnfd.yaml": vnfd_text, "Files/x.txt": "x"}))
    assert [(file.path, file.size) for file in onboarded.artifacts] == [
        ("vnfd.yaml", len(vnfd_text)),
        ("Files/x.txt", 1),
    ]
    assert onboarded.artifacts[1].sha256 == hashlib.sha256(b"x").hexdigest()


def test_the_other_kind_of_package_is_refused(package, vnfd_text, finding):
    """A VNFD is not taken for an NSD."""
    onboarded = read_package(package({"vnfd.yaml": vnfd_text}), expect="nsd")
    assert onboarded.failed
    assert onboarded.kind == "vnfd"
    assert finding(onboarded, "sol001-other-kind").file == "vnfd.yaml"
