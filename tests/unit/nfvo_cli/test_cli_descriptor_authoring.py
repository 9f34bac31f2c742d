"""``mano descriptor pack`` and ``sign``."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
import signing
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from descriptors.onboarding import read_package
from nfvo.cli.application import app
from nfvo.cli.errors import InputError

FIREWALL = Path(__file__).parents[3] / "examples" / "sd-wan" / "firewall"


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    signing.key_file(tmp_path / "key.pem")
    (tmp_path / "cert.pem").write_bytes(signing.signer().certificate.public_bytes(Encoding.PEM))
    return Path(shutil.copytree(FIREWALL, tmp_path / "firewall"))


def mano(*arguments):
    """Run a command and return what it prints on stdout as JSON; its errors are raised."""
    result = CliRunner().invoke(app, ["--output", "json", "descriptor", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_directory_becomes_a_signed_package(directory):
    """Packed, then signed: the package holds its signature and can be read."""
    assert mano("pack", "firewall")["archive"] == str(directory.with_suffix(".csar"))
    made = mano("sign", "firewall.csar", "--key", "key.pem", "--cert", "cert.pem", "--option", "2")
    assert made == {"files": ["firewall.zip"], "added": ["firewall.csar", "firewall.cms"]}
    onboarded = read_package(Path("firewall.zip"))
    assert onboarded.vnfd is not None
    assert [found.signer for found in onboarded.signatures] == ["CN=vendor"]


def test_a_manifest_and_a_file_are_signed_where_they_lie(directory):
    """What is signed in a directory is signed in the package that it becomes."""
    mano("sign", "firewall/firewall.mf", "--key", "key.pem", "--cert", "cert.pem")
    mano("sign", "firewall/Files/ChangeLog.txt", "--key", "key.pem", "--cert", "cert.pem", "--cert-beside")
    mano("pack", "firewall", "-o", "p.csar")
    onboarded = read_package(Path("p.csar"))
    assert {found.covers: found.certificate_file for found in onboarded.signatures} == {
        "firewall.mf": "",
        "Files/ChangeLog.txt": "Files/ChangeLog.cert",
    }


def test_a_check_asks_for_signatures(directory, tmp_path):
    """A package is held against a trust store and a policy before it is given away."""
    trust = signing.trust_store(tmp_path / "trust", signing.certificate("somebody else", authority=True))
    mano("pack", "firewall")
    mano("sign", "firewall.csar", "--key", "key.pem", "--cert", "cert.pem")
    check = ["descriptor", "check", "firewall.csar", "--trust-store", str(trust), "--signatures"]
    for required, code in (("signed", 0), ("trusted", 1)):
        result = CliRunner().invoke(app, ["--output", "json", *check, required])
        assert result.exit_code == code
        assert "signature-untrusted" in result.stdout


def test_refreshing_brings_the_directory_up_to_date(directory):
    """With the option the manifest in the directory is put right too; without it the directory stays as it is."""
    (directory / "Files" / "ChangeLog.txt").write_text("new")
    before = (directory / "firewall.mf").read_text()
    mano("pack", "firewall")
    assert (directory / "firewall.mf").read_text() == before
    mano("pack", "firewall", "--refresh-digests")
    with zipfile.ZipFile("firewall.csar") as packed:
        assert packed.read("firewall.mf").decode() == (directory / "firewall.mf").read_text() != before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sign", "cert.pem", "--option", "2", "--key", "key.pem", "--cert", "cert.pem"], "is no package"),
        (["sign", "p.zip", "--option", "2", "--key", "key.pem", "--cert", "cert.pem"], "into itself"),
        (["sign", "p.zip", "--key", "cert.pem", "--cert", "cert.pem"], "Cannot read the key"),
        (["pack", "firewall", "--layout", "root"], "not at the root"),
    ],
)
def test_what_cannot_be_done_is_said(directory, arguments, said):
    """Errors of authoring are errors of the input, in the words of the command line."""
    mano("pack", "firewall", "-o", "p.zip")
    with pytest.raises(InputError, match=said):
        mano(*arguments)
