"""Signed packages, from the directory that they are packed from to the catalogue."""

import asyncio

import msgspec
import pytest
import signing
from catalogue_client import DESCRIPTORS, PACKAGES, opened
from example_packages import EXAMPLES, SERVICE, VNFS

from descriptors.authoring.packing import pack
from descriptors.authoring.signing import sign_package
from descriptors.signatures import SignaturePolicy


@pytest.fixture
def policy(tmp_path):
    return SignaturePolicy(require="trusted", trust_store=signing.trust_store(tmp_path / "trust"), now=signing.NOW)


@pytest.fixture
def signed(tmp_path):
    def sign(name, signer, option):
        archive = tmp_path / f"{name}.csar"
        pack(EXAMPLES / name, archive)
        sign_package(archive, archive.with_suffix(".signed"), signer, option=option)
        return archive.with_suffix(".signed").read_bytes()

    async def signed(name, whose=signing.signer, option=1):
        return await asyncio.to_thread(lambda: sign(name, whose(), option))

    return signed


@pytest.mark.parametrize("option", [1, 2])
async def test_what_is_packed_and_signed_is_onboarded_where_trust_is_required(tmp_path, used, policy, signed, option):
    """Packages and the NSD that needs them pass the strictest policy; both tell the option that they are signed by."""
    async with opened(tmp_path, used, signatures=policy) as client:
        for name in VNFS:
            entry = await client.onboard(await signed(name, option=option))
            assert (entry["onboardingState"], entry["packageSecurityOption"]) == ("ONBOARDED", f"OPTION_{option}")
        entry = await client.onboard(await signed(SERVICE, option=option), DESCRIPTORS)
        assert (entry["nsdOnboardingState"], entry["archiveSecurityOption"]) == ("ONBOARDED", f"OPTION_{option}")


async def test_files_of_a_package_in_a_zip_file_are_served(tmp_path, used, policy, signed):
    """Of a package signed by option 2 the inner files are to be had, and the whole content is what was uploaded."""
    content = await signed("firewall", option=2)
    async with opened(tmp_path, used, signatures=policy) as client:
        entry = await client.onboard(content)
        resource = f"{PACKAGES}/{entry['id']}"
        async with client.http.get(f"{resource}/manifest") as answer:
            assert (await answer.text()).startswith("metadata:")
        async with client.http.get(f"{resource}/artifacts/Files/ChangeLog.txt") as answer:
            assert await answer.read() == (EXAMPLES / "firewall" / "Files" / "ChangeLog.txt").read_bytes()
        async with client.http.get(f"{resource}/package_content") as answer:
            assert await answer.read() == content


async def test_a_stranger_is_refused_with_the_finding_where_trust_is_required(tmp_path, used, policy, signed):
    """The problem details name the code and the signer."""
    async with opened(tmp_path, used, signatures=policy) as client:
        entry = await client.onboard(await signed("probe", signing.stranger))
        (finding,) = entry["onboardingFailureDetails"]["diagnostics"]
        assert entry["onboardingState"] == "ERROR"
        assert (finding["code"], "CN=stranger" in finding["message"]) == ("signature-untrusted", True)


async def test_by_default_a_stranger_is_a_warning(tmp_path, used, signed):
    """Without a policy a package of a stranger is onboarded, and the diagnostics say what is missing."""
    async with opened(tmp_path, used) as client:
        entry = await client.onboard(await signed("probe", signing.stranger))
        found = await client.get(f"/mano/v1/vnf_packages/{entry['id']}/diagnostics")
        assert entry["onboardingState"] == "ONBOARDED"
        assert {finding["code"]: finding["severity"] for finding in found}["signature-untrusted"] == "warning"


async def test_what_was_onboarded_outlives_a_stricter_policy(tmp_path, used, policy, signed):
    """A policy counts for what comes next: an onboarded package can be read even when its model must be made anew."""
    async with opened(tmp_path, used) as client:
        entry = await client.onboard(await signed("probe", signing.stranger))
    for model in (tmp_path / "packages").glob("*/model"):
        model.unlink()
    async with opened(tmp_path, used, signatures=msgspec.structs.replace(policy, require="trusted")) as client:
        again = await client.get(f"{PACKAGES}/{entry['id']}")
        assert (again["onboardingState"], again["vnfdId"]) == ("ONBOARDED", entry["vnfdId"])
