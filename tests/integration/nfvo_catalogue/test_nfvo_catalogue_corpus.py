"""Real packages of other people onboard over REST as they are."""

import io
import zipfile

import pytest
from catalogue_client import DESCRIPTORS, PACKAGES

TACKER = [
    "sol_v2_common-basic_lcms_min.csar",
    "sol_v2_common-basic_lcms_max.csar",
    "practical_vnf_package.csar",
]
OPENMSA_VNFS = [
    "mano-pkg-mano-pkg-tosca-ubi-tosca.csar",
    "package-parser-demo-sg-vnf.csar",
    "package-parser-demo-small-vnf.csar",
    "package-parser-demo-tm-vnf.csar",
    "package-parser-demo-vnf-full-tosca.csar",
    "package-parser-demo-vnf-storage.csar",
]
OPENMSA_SERVICES = [
    "mano-pkg-mano-pkg-tosca-ubi-nsd-tosca.csar",
    "package-parser-demo-nsd-single-vl-tosca.csar",
    "package-parser-demo-nsd-single-vnf-tosca.csar",
    "package-parser-demo-nsd-full-tosca.csar",
]
"""In an order in which each finds what it is made of."""


@pytest.fixture
def corpus(shared):
    return shared / "corpus" / "open"


@pytest.mark.parametrize("path", [f"tacker/{name}" for name in TACKER] + [f"openmsa/{name}" for name in OPENMSA_VNFS])
async def test_a_vnf_package_of_others_is_onboarded(client, corpus, etsi, path):
    """The package is ONBOARDED with the identifiers of its VNFD, and shown as SOL005 has it."""
    entry = await client.onboard((corpus / "packages" / path).read_bytes())
    assert entry["onboardingState"] == "ONBOARDED", entry.get("onboardingFailureDetails")
    assert all(entry[name] for name in ("vnfdId", "vnfProvider", "vnfProductName", "vnfSoftwareVersion"))
    async with client.http.get(f"{PACKAGES}/{entry['id']}") as answer:
        await etsi("SOL005/VNFPackageManagement").check(answer)


async def test_network_services_of_others_are_onboarded(client, corpus, etsi):
    """NSDs that name a VNFD, a nested service, or only virtual links are ONBOARDED once what they name is."""
    await client.onboard((corpus / "packages" / "openmsa" / OPENMSA_VNFS[0]).read_bytes())
    for name in OPENMSA_SERVICES:
        entry = await client.onboard((corpus / "packages" / "openmsa" / name).read_bytes(), DESCRIPTORS)
        assert entry["nsdOnboardingState"] == "ONBOARDED", entry.get("onboardingFailureDetails")
        async with client.http.get(f"{DESCRIPTORS}/{entry['id']}") as answer:
            await etsi("SOL005/NSDManagement").check(answer)
    assert entry["nestedNsdInfoIds"]


async def test_descriptors_of_5gtango_are_onboarded(client, corpus):
    """Bare YAML with imports that are not there: the VNFD is onboarded, the NSD says which VNFDs it lacks."""
    folder = corpus / "templates" / "5gtango" / "tng-sdk-package-misc" / "mixed-ns-project"
    vnf = await client.onboard(_archive(folder / "onap_vnfd.yaml"))
    assert vnf["vnfdId"] == "b1bb0ce7-2222-4fa7-95ed-4840d70a1177", vnf
    service = await client.onboard(_archive(folder / "onap_nsd.yaml"), DESCRIPTORS)
    assert service["nsdOnboardingState"] == "ERROR"
    codes = {finding["code"] for finding in service["onboardingFailureDetails"]["diagnostics"]}
    assert codes == {"vnfd-not-onboarded"}


def _archive(file):
    """Return a YAML file as the only one of a package (SOL004 clause 4.1.3)."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.write(file, file.name)
    return archive.getvalue()
