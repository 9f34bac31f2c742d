from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from pathlib import Path

import pytest
from toy_peer import ToyPeer

SERVER = Path(__file__).parent / "toy_server.py"
KILLS = 4


@pytest.mark.timeout(240)
async def test_kill_9_loses_nothing_and_makes_nothing_twice(tmp_path):
    """A process killed at random instants and started again completes its operation with each resource exactly once."""
    seed = os.environ.get("MANO_SEED") or str(random.randrange(10**6))
    print(f"MANO_SEED={seed} chooses the same instants again")  # noqa: T201  # shown when the test fails
    chance = random.Random(seed)
    request = grid(width=8, depth=6)
    (tmp_path / "things").mkdir()
    (tmp_path / "request.json").write_text(json.dumps(request))
    for _ in range(KILLS):
        if await run(tmp_path, kill_after=chance.uniform(0.0, 0.3)):
            break
    last = await run(tmp_path)
    assert last is not None
    assert last.startswith("COMPLETED"), last
    peer = ToyPeer(tmp_path / "things")
    assert peer.identities() == {f"s1/{name}": 1 for name in request}


def grid(*, width: int, depth: int):
    """Layers of resources, each of which needs two of the layer before."""
    return {
        f"{layer}.{place}": {
            "kind": "slow" if place % 2 else "thing",
            "size": 1,
            "needs": [f"{layer - 1}.{(place + shift) % width}" for shift in (0, 1)] if layer else [],
        }
        for layer in range(depth)
        for place in range(width)
    }


async def run(directory: Path, *, kill_after: float | None = None) -> str | None:
    """Run the process to its end, or kill it so long after it began to work; return what it came to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, SERVER, directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    if (await process.stdout.readline()).strip() == b"working":
        try:
            async with asyncio.timeout(kill_after):
                await process.wait()
        except TimeoutError:
            process.kill()
    output, errors = await process.communicate()
    if process.returncode and process.returncode > 0:
        pytest.fail(errors.decode())
    return output.decode().strip() or None
