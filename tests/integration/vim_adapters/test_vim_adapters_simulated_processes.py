from __future__ import annotations

import asyncio
import signal
import sys

from vim_adapters.contract import Identity
from vim_adapters.resources import NetworkSpec, SubnetSpec
from vim_adapters.simulated.adapter import SimulatedVim

_CREATE_FOR_EVER = """
import asyncio, itertools, sys
from pathlib import Path
from vim_adapters.contract import Identity
from vim_adapters.resources import NetworkSpec, PortSpec
from vim_adapters.simulated.adapter import SimulatedVim

async def main(path, network):
    vim = SimulatedVim(Path(path))
    for number in itertools.count():
        await vim.ensure_present(PortSpec(name="port", network=network), Identity(owner="me", path=f"port/{number}"))
        print(number, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def _network(vim):
    network = await vim.ensure_present(NetworkSpec(name="net"), Identity(owner="me", path="net"))
    subnet = SubnetSpec(name="sub", network=network.handle.id, cidr="10.0.0.0/16")
    await vim.ensure_present(subnet, Identity(owner="me", path="sub"))
    return network.handle.id


async def test_what_was_answered_survives_a_kill(tmp_path):
    """A process that is killed in the middle of creations has made everything it was told, and nothing by halves."""
    path = tmp_path / "vim.sqlite"
    vim = SimulatedVim(path)
    network = await _network(vim)
    creator = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CREATE_FOR_EVER, str(path), network, stdout=asyncio.subprocess.PIPE
    )
    told = -1
    async for line in creator.stdout:
        told = int(line)
        if told >= 25:
            creator.send_signal(signal.SIGKILL)
            break
    told = max([told, *(int(line) for line in (await creator.stdout.read()).split())])
    assert await creator.wait() == -signal.SIGKILL
    ports = [seen for seen in await vim.list_owned("me") if seen.handle.kind == "port"]
    assert [seen.identity.path for seen in ports][: told + 1] == [f"port/{number}" for number in range(told + 1)]
    assert len(ports) in {told + 1, told + 2}
    assert len({seen.attributes["addresses"][0] for seen in ports}) == len(ports)
    await vim.aclose()


async def test_many_calls_at_once_are_answered_without_blocking(tmp_path):
    """Hundreds of concurrent calls of two adapters on one file all succeed, and the event loop stays free."""
    path = tmp_path / "vim.sqlite"
    one, two = SimulatedVim(path), SimulatedVim(path)
    await _network(one)
    asked = [NetworkSpec(name=f"n{number}") for number in range(100)]
    answers = await asyncio.gather(
        *(vim.ensure_present(spec, Identity(owner="me", path=spec.name)) for spec in asked for vim in (one, two))
    )
    assert len({answer.handle for answer in answers}) == 100
    assert len(await two.list_owned("me")) == 102
    await one.aclose()
    await two.aclose()
