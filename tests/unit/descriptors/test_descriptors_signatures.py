"""Signatures of packages: who vouches for what, and what a policy makes of it."""

import base64
import functools
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import signing
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from descriptors.authoring.packing import pack
from descriptors.authoring.signing import sign_file, sign_package, signed_manifest
from descriptors.ber import BerError, read
from descriptors.cms import CmsError, digests_of, read_certificates, read_cms
from descriptors.manifest import META, signed_forms
from descriptors.onboarding import read_package
from descriptors.signatures import SignaturePolicy, SignatureState

EXAMPLES = Path(__file__).parents[3] / "examples" / "sd-wan"
PACKAGES = ["firewall", "service"]


@pytest.fixture
def trust(tmp_path):
    return signing.trust_store(tmp_path / "trust")


@pytest.fixture
def policy(trust):
    def of(require="trusted", **about):
        return SignaturePolicy(**{"require": require, "trust_store": trust, "now": signing.NOW} | about)

    return of


@pytest.fixture
def csar(tmp_path):
    pack(EXAMPLES / "firewall", tmp_path / "firewall.csar")
    return tmp_path / "firewall.csar"


@pytest.fixture
def signed(csar):
    def sign(signer=None, **about):
        target = csar.with_name("signed.zip")
        sign_package(csar, target, signer or signing.signer(), **about)
        return target

    return sign


def altered(package, name, change):
    """Write the package with one member changed, or put in."""
    with zipfile.ZipFile(package) as source:
        files = {member: source.read(member) for member in source.namelist()}
    files[name] = change(files.get(name, b""))
    with zipfile.ZipFile(package, "w") as target:
        for member, content in files.items():
            target.writestr(member, content)
    return package


def states(onboarded):
    return [signature.state for signature in onboarded.signatures]


def severities(onboarded, prefix="signature-"):
    return {found.code: found.severity for found in onboarded.diagnostics if found.code.startswith(prefix)}


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("whose", ["vendor", "vendor with an rsa key"])
@pytest.mark.parametrize("embedded", [True, False], ids=["certificate inside", "certificate beside"])
@pytest.mark.parametrize(
    "how", [{"option": 1}, {"option": 1, "detached": True}, {"option": 2}], ids=["block", "detached", "whole"]
)
def test_what_is_packed_and_signed_here_is_verified_here(tmp_path, name, whose, embedded, how):
    """Packages and NSD archives, signed in every way, pass the strictest policy without a word."""
    policy = SignaturePolicy(require="trusted", now=signing.NOW, trust_store=signing.trust_store(tmp_path / "trust"))
    archive, target = tmp_path / "plain.csar", tmp_path / "signed"
    pack(EXAMPLES / name, archive)
    sign_package(archive, target, signing.signer(whose, embedded=embedded), **how)
    onboarded = read_package(target, signatures=policy)
    assert states(onboarded) == [SignatureState.VERIFIED]
    assert onboarded.signatures[0].signer == f"CN={whose}"
    assert bool(onboarded.signatures[0].certificate_file) is not embedded
    assert onboarded.security_option == f"OPTION_{how['option']}"
    assert severities(onboarded) == {}
    assert not onboarded.failed


@pytest.mark.parametrize("layout", ["metadata", "root"])
@pytest.mark.parametrize("embedded", [True, False], ids=["certificate inside", "certificate beside"])
def test_both_layouts_are_signed_and_verified(tmp_path, policy, vnfd_text, layout, embedded):
    """A package without TOSCA-Metadata has its certificate beside its manifest, one with it has it named there."""
    directory, archive = tmp_path / "package", tmp_path / "p.csar"
    directory.mkdir()
    (directory / "vnfd.yaml").write_text(vnfd_text)
    pack(directory, archive, layout=layout)
    sign_package(archive, archive, signing.signer(embedded=embedded))
    onboarded = read_package(archive, signatures=policy())
    assert (META in zipfile.ZipFile(archive).namelist()) is (layout == "metadata")
    assert states(onboarded) == [SignatureState.VERIFIED]
    assert onboarded.vnfd is not None


@pytest.mark.parametrize("require", ["optional", "signed", "trusted"])
@pytest.mark.parametrize("option", [1, 2])
def test_what_was_tampered_with_is_refused_by_every_policy(signed, policy, option, require):
    """A changed manifest, or a changed archive, is an error even where signatures are optional."""
    package = signed(option=option)
    name = "firewall.mf" if option == 1 else "firewall.csar"
    altered(package, name, lambda data: data.replace(b"1.0.0", b"9.9.9", 1) if option == 1 else data + b" ")
    onboarded = read_package(package, signatures=policy(require))
    assert states(onboarded) == [SignatureState.TAMPERED]
    assert severities(onboarded) == {"signature-tampered": "error"}
    assert onboarded.failed


def test_a_file_changed_under_a_signed_manifest_is_refused(signed, policy):
    """The signature holds for the manifest, whose digest does not hold for the file."""
    onboarded = read_package(altered(signed(), "Files/ChangeLog.txt", lambda data: data + b"!"), signatures=policy())
    assert states(onboarded) == [SignatureState.VERIFIED]
    assert [found.message.split()[0] for found in onboarded.diagnostics if found.code == "manifest-digest"] == [
        "Files/ChangeLog.txt"
    ]
    assert onboarded.failed


@pytest.mark.parametrize(("require", "severity"), [("optional", None), ("signed", "error"), ("trusted", "error")])
def test_a_file_put_in_beside_a_signed_manifest(signed, policy, require, severity):
    """Where signatures are required, what the manifest has no digest of is refused: anybody may have put it in."""
    onboarded = read_package(altered(signed(), "Files/more.sh", lambda _: b"rm"), signatures=policy(require))
    assert severities(onboarded).get("signature-uncovered") == severity
    assert {found.code for found in onboarded.diagnostics} >= {"manifest-unlisted"}
    assert onboarded.failed is (severity == "error")


@pytest.mark.parametrize(
    ("require", "severity"), [("optional", "warning"), ("signed", "warning"), ("trusted", "error")]
)
def test_a_signer_whom_nobody_vouches_for(signed, policy, require, severity):
    """What is intact and signed by a stranger is refused only where trust is required."""
    onboarded = read_package(signed(signing.stranger()), signatures=policy(require))
    assert states(onboarded) == [SignatureState.UNTRUSTED]
    assert severities(onboarded) == {"signature-untrusted": severity}
    assert onboarded.failed is (severity == "error")


@pytest.mark.parametrize(("require", "severity"), [("optional", "warning"), ("signed", "error"), ("trusted", "error")])
def test_a_signer_whose_certificate_is_nowhere(signed, policy, require, severity):
    """Nothing is proved by a signature whose key is unknown; a package with one counts as not signed."""
    package = signed(signing.stranger(embedded=False))
    with zipfile.ZipFile(package) as source:
        files = {name: source.read(name) for name in source.namelist() if not name.endswith(".cert")}
    with zipfile.ZipFile(package, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    onboarded = read_package(package, signatures=policy(require))
    assert states(onboarded) == [SignatureState.UNKNOWN_SIGNER]
    assert severities(onboarded) == {"signature-unknown-signer": severity, "signature-file-missing": "warning"}
    assert onboarded.failed is (severity == "error")


def test_a_changed_content_tells_even_without_the_certificate(signed, policy):
    """The digest in the signature is of another content, whoever signed it."""
    package = signed(signing.stranger(embedded=False))
    altered(package, "firewall.mf", lambda data: data.replace(b"SD-WAN firewall", b"SD-WAN Firewall"))
    altered(package, "firewall.cert", lambda _: signing.authority().public_bytes(Encoding.PEM))
    assert states(read_package(package, signatures=policy("optional"))) == [SignatureState.TAMPERED]


@pytest.mark.parametrize(
    ("require", "severity"), [("optional", "warning"), ("signed", "warning"), ("trusted", "error")]
)
@pytest.mark.parametrize("years", [-5, 5], ids=["not yet valid", "no longer valid"])
def test_a_certificate_that_is_not_valid_now(signed, policy, years, require, severity):
    """A trusted signer's certificate counts at the time that the policy names; the finding tells its days."""
    now = signing.NOW + timedelta(days=365 * years)
    onboarded = read_package(signed(), signatures=policy(require, now=now))
    assert states(onboarded) == [SignatureState.EXPIRED]
    assert severities(onboarded) == {"signature-expired": severity}
    assert "2025-06-01 to 2027-06-01" in next(f.message for f in onboarded.diagnostics if f.code == "signature-expired")


def test_the_time_of_signing_may_count(tmp_path, csar):
    """With the policy `signing` a signature outlives its certificate; the time is the signer's word."""
    trust, target = (
        signing.trust_store(tmp_path / "own", signing.certificate("of today", start=today(-1), days=2)),
        tmp_path / "s",
    )
    signer = signing.Signer(
        key=signing.key("of today"), certificate=signing.certificate("of today", start=today(-1), days=2)
    )
    sign_package(csar, target, signer)
    about = {"require": "trusted", "trust_store": trust, "now": today(100)}
    assert states(read_package(target, signatures=SignaturePolicy(**about))) == [SignatureState.EXPIRED]
    onboarded = read_package(target, signatures=SignaturePolicy(time="signing", **about))
    assert states(onboarded) == [SignatureState.VERIFIED]
    assert abs(onboarded.signatures[0].signed_at - today(0)) < timedelta(hours=1)


def today(days):
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


@pytest.mark.parametrize(("require", "severity"), [("optional", "warning"), ("signed", "error"), ("trusted", "error")])
def test_an_unsigned_package(csar, policy, tmp_path, require, severity):
    """Who has a trust store is told that a package is not signed; who requires signatures has it refused."""
    onboarded = read_package(csar, signatures=policy(require))
    assert onboarded.signatures == ()
    assert severities(onboarded) == {"signature-missing": severity}
    nobody = SignaturePolicy(trust_store=tmp_path / "empty")
    assert severities(read_package(csar, signatures=nobody)) == {}


def test_a_certificate_may_be_trusted_itself(signed, policy, tmp_path):
    """A signer's own certificate in the trust store is enough, and need not be in the package."""
    own = signing.trust_store(tmp_path / "own", signing.stranger().certificate)
    package = signed(signing.stranger(embedded=False))
    altered(package, "firewall.cert", lambda _: b"nothing")
    assert states(read_package(package, signatures=policy(trust_store=own))) == [SignatureState.VERIFIED]


def test_an_authority_may_stand_in_between(signed, policy):
    """A chain in the signature leads to the authority in the trust store."""
    between = signing.certificate("between", "authority", authority=True)
    leaf = signing.certificate("leaf", "between")
    chained = signing.Signer(key=signing.key("leaf"), certificate=leaf, chain=(between,))
    assert states(read_package(signed(chained), signatures=policy())) == [SignatureState.VERIFIED]
    alone = signing.Signer(key=signing.key("leaf"), certificate=leaf)
    assert states(read_package(signed(alone), signatures=policy())) == [SignatureState.UNTRUSTED]


@pytest.mark.parametrize("whose", ["a signer as authority", "for other ends"])
def test_not_every_certificate_may_sign(signed, policy, whose):
    """A signer cannot vouch for another, and a key for other ends cannot sign."""
    if whose == "for other ends":
        signer = signing.signer(whose, signs=False)
    else:
        leaf = signing.certificate(whose, "vendor")
        signer = signing.Signer(key=signing.key(whose), certificate=leaf, chain=(signing.signer().certificate,))
    assert states(read_package(signed(signer), signatures=policy())) == [SignatureState.UNTRUSTED]


def test_a_file_in_the_trust_store_that_is_no_certificate(signed, policy, trust):
    """It trusts nobody, is told, and does not keep the others from being trusted."""
    (trust / "note.pem").write_text("buy milk")
    onboarded = read_package(signed(), signatures=policy())
    assert states(onboarded) == [SignatureState.VERIFIED]
    assert severities(onboarded, "trust-") == {"trust-store-unreadable": "warning"}


@pytest.mark.parametrize("block", [b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n", b"-----BEGIN CMS-----\nnonsense"])
def test_a_broken_signature_is_refused(csar, policy, block):
    """What claims to be signed must be: a signature that is none is an error under every policy."""
    onboarded = read_package(altered(csar, "firewall.mf", lambda data: data + block), signatures=policy("optional"))
    assert states(onboarded) == [SignatureState.UNREADABLE]
    assert severities(onboarded) == {"signature-unreadable": "error"}
    finding = next(found for found in onboarded.diagnostics if found.code == "signature-unreadable")
    assert (finding.file, finding.line) == (
        "firewall.mf",
        len((EXAMPLES / "firewall" / "firewall.mf").read_text().splitlines()) + 1,
    )


def test_nothing_after_the_signature_is_read(signed, policy):
    """What stands behind the block is not signed, and so it is not part of the manifest."""
    more = b"Source: Files/more.sh\nAlgorithm: SHA-256\nHash: " + b"0" * 64 + b"\n"
    package = altered(signed(), "firewall.mf", lambda data: data + more)
    onboarded = read_package(package, signatures=policy())
    assert states(onboarded) == [SignatureState.VERIFIED]
    assert "Files/more.sh" not in onboarded.manifest.sources


class TestSingleFiles:
    """Signatures of single files of a package (SOL004 5.3)."""

    @pytest.fixture
    def directory(self, tmp_path):
        return Path(shutil.copytree(EXAMPLES / "firewall", tmp_path / "firewall"))

    @pytest.mark.parametrize("embedded", [True, False], ids=["certificate inside", "certificate beside"])
    def test_one_beside_the_file_is_verified(self, directory, policy, embedded):
        """`FILE.cms` is for `FILE`, and the certificate may lie beside it too."""
        sign_file(directory / "Files" / "ChangeLog.txt", signing.signer(embedded=embedded))
        onboarded = read_package(directory, signatures=policy("optional"))
        assert [(s.covers, s.state) for s in onboarded.signatures] == [("Files/ChangeLog.txt", SignatureState.VERIFIED)]

    def test_a_changed_file_is_refused(self, directory, policy):
        """A signed file that was changed is an error, whatever the manifest says of it."""
        file = directory / "Files" / "ChangeLog.txt"
        sign_file(file, signing.signer())
        file.write_text("other")
        assert states(read_package(directory, signatures=policy("optional"))) == [SignatureState.TAMPERED]

    def test_the_manifest_may_name_it(self, directory, policy):
        """`Signature` and `Certificate` of a manifest entry lead to files of any name; missing ones are told."""
        file = directory / "Files" / "ChangeLog.txt"
        sign_file(file, signing.signer(embedded=False))
        file.with_name("ChangeLog.txt.cms").rename(directory / "Files" / "seal")
        file.with_suffix(".cert").rename(directory / "Files" / "who")
        manifest = directory / "firewall.mf"
        entry = "Source: Files/ChangeLog.txt\n"
        named = f"{entry}Signature: Files/seal\nCertificate: Files/who\n"
        manifest.write_text(manifest.read_text().replace(entry, named))
        onboarded = read_package(directory, signatures=policy("optional"))
        assert [(s.file, s.state) for s in onboarded.signatures] == [("Files/seal", SignatureState.VERIFIED)]
        (directory / "Files" / "seal").unlink()
        onboarded = read_package(directory, signatures=policy("optional"))
        finding = next(found for found in onboarded.diagnostics if found.code == "signature-file-missing")
        assert (finding.file, finding.line) == (
            "firewall.mf",
            manifest.read_text().splitlines().index("Signature: Files/seal") + 1,
        )

    def test_a_signature_of_nothing_is_told(self, directory, policy):
        """A signature file without its file, or with several that it may be for, verifies none."""
        sign_file(directory / "Files" / "ChangeLog.txt", signing.signer())
        (directory / "Files" / "ChangeLog.txt.cms").rename(directory / "Files" / "other.cms")
        onboarded = read_package(directory, signatures=policy("optional"))
        assert severities(onboarded)["signature-of-nothing"] == "warning"

    def test_a_signed_file_does_not_make_a_signed_package(self, directory, policy):
        """Where signatures are required, it is the package's that counts."""
        sign_file(directory / "Files" / "ChangeLog.txt", signing.signer())
        assert severities(read_package(directory, signatures=policy("signed")))["signature-missing"] == "error"


class TestCms:
    """The message syntax itself."""

    CONTENT = b"metadata:\n  a: b\n"

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to compare with")
    @pytest.mark.parametrize("whose", ["vendor", "vendor with an rsa key"])
    def test_openssl_verifies_what_is_signed_here(self, tmp_path, whose):
        """Another implementation finds our signatures good."""
        (tmp_path / "content").write_bytes(self.CONTENT)
        text = signed_manifest(self.CONTENT, signing.signer(whose))
        (tmp_path / "cms").write_bytes(signed_forms(text)[1])
        (tmp_path / "ca").write_bytes(signing.authority().public_bytes(Encoding.PEM))
        moment = str(int(signing.NOW.timestamp()))
        command = ["openssl", "cms", "-verify", "-binary", "-inform", "PEM", "-in", "cms", "-content", "content"]
        command += ["-CAfile", "ca", "-purpose", "any", "-attime", moment, "-out", "out"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to compare with")
    @pytest.mark.parametrize("whose", ["vendor", "vendor with an rsa key"])
    @pytest.mark.parametrize(
        "options",
        [["-binary"], [], ["-binary", "-noattr"], ["-binary", "-keyid"], ["-binary", "-md", "sha512"],
         ["-binary", "-stream", "-outform", "DER"], ["-binary", "-nodetach"],
         ["-binary", "-keyopt", "rsa_padding_mode:pss"]],
        ids=" ".join,
    )  # fmt: skip
    def test_what_openssl_signs_is_verified_here(self, tmp_path, whose, options):
        """In all its ways: as text, without attributes, by key identifier, with SHA-512, streamed (BER), with PSS."""
        if "-keyopt" in options and "rsa" not in whose:
            options = ["-binary"]
        (tmp_path / "content").write_bytes(self.CONTENT)
        (tmp_path / "cert").write_bytes(signing.signer(whose).certificate.public_bytes(Encoding.PEM))
        signing.key_file(tmp_path / "key", whose)
        form = [] if "-outform" in options else ["-outform", "PEM"]
        command = ["openssl", "cms", "-sign", "-signer", "cert", "-inkey", "key", "-in", "content", "-out", "cms"]
        subprocess.run([*command, *form, *options], cwd=tmp_path, check=True, capture_output=True)
        cms = read_cms((tmp_path / "cms").read_bytes())
        certificate = signing.signer(whose).certificate
        assert cms.certificates == (certificate,)
        assert cms.signers[0].names(certificate)
        forms = signed_forms(self.CONTENT + b"-----BEGIN CMS-----")[0]
        assert cms.signers[0].matches(digests_of(*forms), certificate)
        assert not cms.signers[0].matches(digests_of(b"other"), certificate)

    def test_weak_digests_prove_nothing(self):
        """A signature over SHA-1 is not judged true or false: it cannot be judged."""
        text = signed_manifest(self.CONTENT, signing.signer())
        signer = read_cms(signed_forms(text)[1]).signers[0]._replace(digest_algorithm="1.3.14.3.2.26")
        with pytest.raises(CmsError, match="proves nothing"):
            signer.matches(digests_of(self.CONTENT), signing.signer().certificate)

    @staticmethod
    @functools.cache
    def signature():
        """Return a signature in DER: always the same one, since no two by elliptic curves are alike."""
        pem = signed_forms(signed_manifest(TestCms.CONTENT, signing.signer()))[1]
        return base64.b64decode(b"".join(pem.splitlines()[1:-1]))

    def test_a_certificate_of_an_unknown_version_is_refused(self):
        """X.509 has versions 1 to 3 (RFC 5280 4.1.2.1); another is no certificate."""
        der = signing.signer().certificate.public_bytes(Encoding.DER)
        with pytest.raises(CmsError, match="unknown version"):
            read_certificates(der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1))

    @settings(deadline=None)
    @given(st.data())
    def test_damaged_signatures_never_hold_and_never_raise_otherwise(self, data):
        """Whatever byte is changed, what was not signed does not become signed."""
        certificate = signing.signer().certificate
        der = bytearray(self.signature())
        at = data.draw(st.integers(0, len(der) - 1))
        der[at] ^= data.draw(st.integers(1, 255))
        try:
            for signer in read_cms(bytes(der)).signers:
                signer.names(certificate)
                assert not signer.matches(digests_of(self.CONTENT + b"!"), certificate)
        except CmsError:
            pass

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes_are_an_element_or_a_refusal(self, data):
        """No input makes the reader of BER fail otherwise or run on."""
        try:
            element = read(data)
            element.der()
            list(element.children())
        except BerError:
            pass


def test_the_certificates_of_these_tests_are_what_they_seem():
    """The authority is one and the vendor is none."""
    basic = x509.BasicConstraints
    assert signing.authority().extensions.get_extension_for_class(basic).value.ca
    assert not signing.signer().certificate.extensions.get_extension_for_class(basic).value.ca
