"""Packages on their way in and out of a server: of any size with the same memory, and whole or not at all."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from example_packages import files_of, package
from server_process import server_process

PACKAGES = "/vnfpkgm/v2/vnf_packages"
ZIP = {"Content-Type": "application/zip"}
MIB = 1 << 20
LARGE = 96
"""MiB of a file in a package."""
SPARE = 32
"""MiB that a server may need more for it: buffers, and what the allocator keeps."""


@pytest.fixture
async def server(tmp_path):
    async with server_process(tmp_path) as server:
        await server.start()
        yield server


def large_package(path: Path) -> Path:
    """Write the example probe with a large file in it, which does not get smaller when it is packed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files_of("probe").items():
            archive.writestr(name, content)
        with archive.open("Files/large.bin", "w") as large:
            for _ in range(LARGE):
                large.write(bytes(MIB))
    return path


def peak(pid: int) -> int:
    """Return the most memory that a process ever had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


async def size_of(url: str) -> int:
    """Read what is at ``url`` piece by piece, and return how many bytes that are."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200, await answer.text()
        return sum([len(piece) async for piece in answer.content.iter_chunked(MIB)])


async def test_the_size_of_a_package_costs_no_memory(server, tmp_path):
    """A package that is larger than what the server may need more is taken in, read, checked and given out again."""
    await server.onboard(PACKAGES, "package_content", package("firewall"))
    before = await asyncio.to_thread(peak, server.pid)
    large = await asyncio.to_thread(large_package, tmp_path / "large.csar")
    with await asyncio.to_thread(large.open, "rb") as content:
        entry = await server.onboard(PACKAGES, "package_content", content)
    one = f"{PACKAGES}/{entry['id']}"
    whole = (await asyncio.to_thread(large.stat)).st_size
    assert await size_of(f"{server.url}{one}/package_content") == whole
    assert await size_of(f"{server.url}{one}/artifacts/Files/large.bin") == LARGE * MIB
    assert await size_of(f"{server.url}{one}/artifacts") < whole
    grown = await asyncio.to_thread(peak, server.pid) - before
    assert grown < SPARE, f"{grown} MiB more for a package of {LARGE} MiB"


async def test_an_upload_that_is_killed_leaves_nothing(server):
    """Killed while a package arrives, the next server has no part of it, and takes the package from the beginning."""
    entry, _ = await server.request("POST", PACKAGES, 201, json={})
    one = f"{PACKAGES}/{entry['id']}"
    arrived = server.data / "packages" / "incoming" / f"{entry['id']}.part"

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(MIB)

    async def upload() -> None:
        async with aiohttp.ClientSession() as session:
            await session.put(f"{server.url}{one}/package_content", data=endless(), headers=ZIP)

    uploading = asyncio.create_task(upload())
    while await asyncio.to_thread(lambda: arrived.stat().st_size if arrived.exists() else 0) < 4 * MIB:  # noqa: ASYNC110  another process knows
        await asyncio.sleep(0.01)  # what has arrived lies on the disk, not in memory
    await server.kill()
    with pytest.raises((aiohttp.ClientError, OSError)):
        await uploading
    assert await asyncio.to_thread(arrived.exists)

    await server.start()
    assert (await server.get(one))["onboardingState"] == "CREATED"
    packages = server.data / "packages"
    assert await asyncio.to_thread(lambda: list(packages.rglob("*"))) == [packages / "incoming"]
    await server.request("PUT", f"{one}/package_content", 202, data=package("probe"), headers=ZIP)
    await server.processed(one)
