"""Onboarded packages as VNFMs read them, judged by ETSI's document of SOL003."""

import hashlib

from example_packages import package

PROBE = "7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3"
ROOT = "/vnfpkgm/v2/onboarded_vnf_packages"


async def test_a_package_is_read_by_its_vnfd(operator, etsi):
    """Information, descriptor, manifest, content in part and whole, files; what awaits a content is not seen."""
    document = etsi("SOL003/VNFPackageManagement")
    content = package("probe")
    entry = await operator.onboard(content)
    await operator.call("POST", "/vnfpkgm/v2/vnf_packages", 201, json={})
    async with operator.http.get(ROOT) as answer:
        assert [it["vnfdId"] for it in await document.check(answer)] == [PROBE]
    async with operator.http.get(f"{ROOT}/{PROBE}") as answer:
        info = await document.check(answer)
    assert (info["id"], info["vnfdId"]) == (entry["id"], PROBE)
    assert info["checksum"] == {"algorithm": "SHA-256", "hash": hashlib.sha256(content).hexdigest()}
    assert info["_links"]["self"]["href"].endswith(f"{ROOT}/{PROBE}")
    async with operator.http.get(f"{ROOT}/{PROBE}/package_content") as answer:
        assert await answer.read() == content
    async with operator.http.get(f"{ROOT}/{PROBE}/package_content", headers={"Range": "bytes=10-19"}) as answer:
        assert (answer.status, await answer.read()) == (206, content[10:20])
    for name in ("vnfd", "manifest"):
        async with operator.http.get(f"{ROOT}/{PROBE}/{name}") as answer:
            assert answer.status == 200
    artifact = info["additionalArtifacts"][0]
    async with operator.http.get(f"{ROOT}/{PROBE}/artifacts/{artifact['artifactPath']}") as answer:
        assert hashlib.sha256(await answer.read()).hexdigest() == artifact["checksum"]["hash"]
    for path in ("unheard", "unheard/vnfd", "unheard/package_content", f"{PROBE}/artifacts/unheard"):
        async with operator.http.get(f"{ROOT}/{path}") as answer:
            assert answer.status == 404
            await document.check(answer)
