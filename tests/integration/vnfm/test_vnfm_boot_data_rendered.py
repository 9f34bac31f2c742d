"""Boot data as the simulated VIM gets it."""

from __future__ import annotations

import json

import msgspec
import pytest
from vnfm_examples import FIREWALL, SIMPLE

from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.requests import ScaleType, ScaleVnfRequest


@pytest.fixture
def rendering(packages):
    vdu = msgspec.structs.replace(
        SIMPLE.vdus["firewall"], boot_data="{{ vnfc.index }} {{ cp.fw-in.address }} {{ inputs.password }}"
    )
    flavour = msgspec.structs.replace(SIMPLE, vdus={**SIMPLE.vdus, "firewall": vdu})
    packages.vnfds[FIREWALL.id] = msgspec.structs.replace(FIREWALL, flavours={"simple": flavour})


async def told(vim):
    """Return the user data of the servers by path."""
    specs = {path: json.loads(spec) for path, (spec, _) in (await vim.picture()).items() if path.endswith("/server")}
    return {path.partition("/vdu/")[2]: spec.get("user_data") for path, spec in specs.items()}


async def test_servers_start_with_what_is_known(*, vnfm, vim, rendering, created, attached, ended):
    """Addresses that the VIM chose and inputs of the request; what came later knows them, and what was there stays."""
    request = msgspec.structs.replace(attached, additional_params={"password": "s3cret"})
    done = await ended(await vnfm.lifecycle.instantiate(created, request))
    assert done.operation_state == "COMPLETED", done.error
    first = await told(vim)
    index, address, password = first["firewall/0/server"].split()
    assert (index, address.rpartition(".")[0], password) == ("0", "192.168.7", "s3cret")
    assert first["database/0/server"] is None

    before = await vim.resources()
    scale = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
    done = await ended(await vnfm.lifecycle.scale(created, scale))
    assert done.operation_state == "COMPLETED", done.error
    assert (await vim.resources()).items() >= before.items()
    index, other, password = (await told(vim))["firewall/1/server"].split()
    assert (index, password) == ("1", "s3cret")
    assert other != address


async def test_a_missing_input_refuses_the_instantiation(*, vnfm, vim, grants, rendering, created, attached):
    """At once, with the name of the parameter."""
    with pytest.raises(SolProblemError, match=r"additionalParams\.password"):
        await vnfm.lifecycle.instantiate(created, attached)
    assert (grants.asked, await vim.resources()) == ([], {})
