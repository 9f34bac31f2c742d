"""Digests and signatures of real packages, against verdicts that hashlib and OpenSSL gave independently."""

import functools
import json
import os
import zipfile
from pathlib import Path

import pytest

from descriptors.onboarding import read_package
from descriptors.signatures import INTACT, SignatureState

ROOT = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open"
LABELS = CORPUS / "CSAR_LABELS.json"

pytestmark = pytest.mark.skipif(not LABELS.exists(), reason=f"no real packages at {CORPUS}: set MANO_SHARED")

ENVELOPES = "onap-vnfsdk-validation/dirs/pnf/signed-package-{}-signature.zip"


def labels():
    return json.loads(LABELS.read_text()) if LABELS.exists() else []


@functools.cache
def enclosing():
    """Packages by the directory that a label names for what they hold."""
    return {path.with_suffix("").as_posix(): path for path in (CORPUS / "packages").rglob("*.csar")}


def package_of(label, scratch):
    """Return the file of a labelled package; some are members of others."""
    path = CORPUS / "packages" / label["path"]
    if path.exists():
        return path
    outer = next(package for stem, package in enclosing().items() if path.as_posix().startswith(stem + "/"))
    member = path.relative_to(outer.with_suffix("")).as_posix()
    with zipfile.ZipFile(outer) as archive:
        return Path(archive.extract(member, scratch))


def digests(onboarded):
    """Return how many digests hold, which do not, and which are of files that are elsewhere."""
    listed = onboarded.manifest.digests if onboarded.manifest else {}
    present = {file.path for file in onboarded.artifacts}
    by_line = {line: source for source, line in (onboarded.manifest.lines if onboarded.manifest else {}).items()}
    wrong = {by_line[finding.line] for finding in onboarded.diagnostics if finding.code == "manifest-digest"}
    weak = {
        max(source for line, source in by_line.items() if line < finding.line)
        for finding in onboarded.diagnostics
        if finding.code == "manifest-algorithm"
    }
    held = [source for source in listed if source in present - wrong]
    return len(held), sorted(wrong | weak), sorted(source for source in listed if source not in present)


def signature(onboarded):
    """Return whether the manifest is as it was signed; None when it is not signed."""
    states = [found.state for found in onboarded.signatures if found.whole]
    return all(state in INTACT for state in states) if states else None


@pytest.mark.parametrize("label", labels(), ids=lambda label: label["path"])
def test_digests_and_signatures_are_judged_as_others_judge_them(label, tmp_path):
    """Every digest and every CMS signature of the real packages gets the verdict that it is labelled with."""
    onboarded = read_package(package_of(label, tmp_path))
    assert digests(onboarded) == (
        label["hash_ok"] or 0,
        sorted(label["hash_bad"] or []),
        sorted(label["hash_missing"] or []),
    )
    assert signature(onboarded) == (None if label["cms_openssl"] is None else bool(label["cms_openssl"]))


@pytest.mark.parametrize(("name", "state"), [("valid", SignatureState.UNTRUSTED), ("invalid", SignatureState.TAMPERED)])
def test_packages_signed_as_a_whole_are_judged_by_their_name(name, state):
    """Of the two real packages in a zip file with their signature, the one is intact and the other is not."""
    onboarded = read_package(CORPUS / "packages" / ENVELOPES.format(name))
    assert onboarded.security_option == "OPTION_2"
    assert [found.state for found in onboarded.signatures if found.whole] == [state]
