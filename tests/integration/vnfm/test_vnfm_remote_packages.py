"""Packages of an NFVO elsewhere: fetched once, gone on with where a fetch broke off, verified, and read from disk."""

from __future__ import annotations

import hashlib
import random

import pytest
from aiohttp import web
from example_packages import changed, files_of, package, packed

from descriptors.shelf import Shelf
from mano_runtime.peer import Peer
from vnfm.or_vnfm.kept_packages import KeptPackages
from vnfm.or_vnfm.packages import RemotePackages
from vnfm.sol003.ports import NotOnboardedError, SolProblemError

PROBE = "7d3c5c6e-2f84-4f0b-a4f7-95a3a4f7e1c3"
ENTRY = f"/vnfpkgm/v2/onboarded_vnf_packages/{PROBE}"
CONTENT = f"{ENTRY}/package_content"
MIB = 2**20


class Nfvo:
    """Has one package; may break off, damage it, or be away."""

    def __init__(self) -> None:
        self.onboard("package-1", package("probe"))
        self.state = "ENABLED"
        self.asked: list[str] = []
        self.ranges: list[str | None] = []
        self.breaks_after: list[int] = []
        self.down = False

    def onboard(self, package_id: str, content: bytes) -> None:
        self.package_id, self.content, self.hash = package_id, content, hashlib.sha256(content).hexdigest()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.down:
            return web.Response(status=503)
        if request.path == ENTRY:
            checksum = {"algorithm": "SHA-256", "hash": self.hash}
            info = {"id": self.package_id, "onboardingState": "ONBOARDED", "operationalState": self.state}
            return web.json_response({**info, "checksum": checksum})
        return await self._sent(request) if request.path == CONTENT else web.Response(status=404)

    async def _sent(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        response = web.StreamResponse(status=206 if asked else 200)
        response.content_length = len(self.content) - start
        await response.prepare(request)
        if self.breaks_after:
            await response.write(self.content[start : start + self.breaks_after.pop(0)])
            request.transport.close()
        else:
            await response.write(self.content[start:])
        return response


@pytest.fixture
async def nfvo(aiohttp_server):
    nfvo = Nfvo()
    app = web.Application()
    app.router.add_get("/{path:.*}", nfvo.answer)
    nfvo.server = await aiohttp_server(app)
    return nfvo


@pytest.fixture
async def vnfm(nfvo, tmp_path):
    """Return what opens the packages of a VNFM, anew as a process that starts does; the directory stays."""
    opened = []
    async with Peer(str(nfvo.server.make_url("")), name="the NFVO") as peer:

        async def start(*needed: str) -> RemotePackages:
            packages = RemotePackages(peer, Shelf(tmp_path / "packages"), KeptPackages(tmp_path / "kept"))
            opened.append(packages)
            await packages.open(needed)
            return packages

        yield start
        for packages in opened:
            packages.close()


async def test_a_package_is_fetched_once(nfvo, vnfm, tmp_path):
    """Descriptor and files are read from what is kept, by digest, also by the next process; the NFVO may be away."""
    packages = await vnfm()
    assert await packages.package_enabled(PROBE)
    assert (await packages.vnfd(PROBE)).id == PROBE
    assert nfvo.asked.count(CONTENT) == 1
    nfvo.down = True
    packages = await vnfm(PROBE)
    assert (await packages.vnfd(PROBE)).product_name
    assert await packages.package_id(PROBE) == "package-1"
    (first, *_) = await packages.artifact_paths(PROBE)
    assert (await packages.artifact_file(PROBE, first)).is_file()
    assert await packages.artifact_file(PROBE, "unheard") is None
    assert (tmp_path / "packages" / nfvo.hash / "content.csar").read_bytes() == nfvo.content
    with pytest.raises(SolProblemError) as refused:
        await packages.package_enabled(PROBE)
    assert (refused.value.status, refused.value.slug) == (503, "nfvo-failed")


async def test_a_fetch_that_breaks_off_goes_on(nfvo, vnfm):
    """What has come already is not asked for again, and what comes of it is whole."""
    nfvo.onboard("package-1", packed(files_of("probe") | {"Files/large": random.Random(1).randbytes(3 * MIB)}))
    nfvo.breaks_after = [MIB, MIB]
    assert (await (await vnfm()).vnfd(PROBE)).id == PROBE
    first, *rest = nfvo.ranges
    starts = [int(asked.removeprefix("bytes=").removesuffix("-")) for asked in rest]
    assert first is None
    assert 0 < starts[0] < starts[1] <= 2 * MIB  # of what had just arrived when it broke off some may be lost


async def test_what_is_not_what_was_onboarded_is_refused(nfvo, vnfm, tmp_path):
    """A content with another checksum is thrown away, and nothing of it is used; the next fetch begins anew."""
    nfvo.hash, right = "0" * 64, nfvo.hash
    packages = await vnfm()
    with pytest.raises(SolProblemError, match=right):
        await packages.vnfd(PROBE)
    assert list((tmp_path / "packages").rglob("*.*")) == []
    nfvo.hash = right
    assert (await packages.vnfd(PROBE)).id == PROBE
    assert nfvo.ranges == [None, None]


async def test_a_content_with_another_vnfd_is_refused(nfvo, vnfm):
    """The NFVO says that the package has the VNFD; the package must say so too."""
    nfvo.onboard("package-1", package("firewall"))
    with pytest.raises(SolProblemError, match="the VNFD in it is 0c9be5a1"):
        await (await vnfm()).vnfd(PROBE)


async def test_which_package_has_a_vnfd_may_change(nfvo, vnfm):
    """New instances are of the package that the NFVO has now; of a disabled one, or of none, there are no new ones."""
    packages = await vnfm()
    assert await packages.package_enabled(PROBE)
    nfvo.onboard("package-2", changed("probe", "Definitions/probe_types.yaml", "SD-WAN probe", "SD-WAN prober"))
    assert await packages.package_enabled(PROBE)
    assert await packages.package_id(PROBE) == "package-2"
    assert (await packages.vnfd(PROBE)).product_name == "SD-WAN prober"
    nfvo.state = "DISABLED"
    assert not await packages.package_enabled(PROBE)
    assert not await packages.package_enabled("unheard")
    with pytest.raises(NotOnboardedError, match="unheard"):
        await packages.vnfd("unheard")


async def test_what_nobody_needs_goes(nfvo, vnfm, tmp_path):
    """At the next start a package of which no instance is left is gone."""
    await (await vnfm()).vnfd(PROBE)
    await vnfm(PROBE)
    assert (tmp_path / "packages" / nfvo.hash).is_dir()
    await vnfm()
    assert not (tmp_path / "packages" / nfvo.hash).exists()
    assert list((tmp_path / "kept").iterdir()) == []
