"""Many VNFs at once: each has one operation at a time, and none waits for that of another."""

from __future__ import annotations

import asyncio

import msgspec
from vnfm_examples import FIREWALL, SIMPLE

from descriptors.model.vnfd import Flavour
from vim_adapters.simulated import adapter
from vnfm.sol003.requests import CreateVnfRequest, InstantiateVnfRequest

VNFS = 50
LINK_ONLY = msgspec.structs.replace(
    FIREWALL,
    id="link-only",
    flavours={"simple": Flavour(id="simple", virtual_links={"inside": SIMPLE.virtual_links["inside"]})},
)


async def test_no_vnf_waits_for_another(vnfm, vim, ended, packages, monkeypatch):
    """The VIM answers no operation before all of them have asked it, and all complete, each with what is its own."""
    packages.vnfds[LINK_ONLY.id] = LINK_ONLY
    all_ask, answered = asyncio.Barrier(VNFS), asyncio.Event()

    async def until(moment):
        if moment > asyncio.get_running_loop().time() and not answered.is_set():
            await all_ask.wait()
            answered.set()

    monkeypatch.setattr(adapter, "_until", until)
    await vim.spoil(error="delay", kind="network", delay_seconds=1000.0, remaining=None)
    vnfs = [(await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=LINK_ONLY.id))).id for _ in range(VNFS)]
    request = InstantiateVnfRequest(flavour_id="simple")
    operations = await asyncio.gather(*(vnfm.lifecycle.instantiate(vnf, request) for vnf in vnfs))
    occurrences = await asyncio.gather(*map(ended, operations))
    assert {it.operation_state for it in occurrences} == {"COMPLETED"}
    there = await vim.resources()
    assert there.keys() == {f"vnf/{vnf}/vl/inside/{part}" for vnf in vnfs for part in ("network", "subnet/0")}
    assert {len(ids) for ids in there.values()} == {1}
