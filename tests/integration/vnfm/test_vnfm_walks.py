"""Random lives of a VNF: any legal operations, with any faults, and every way out of a failure."""

from __future__ import annotations

import os
import random

import msgspec
import pytest
from vnfm_examples import FIREWALL, OUTSIDE, UPGRADED

from vnfm.sol003.instances import VnfOperationalState
from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    HealVnfRequest,
    OperateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
    TerminateVnfRequest,
    TerminationType,
    VnfInfoModificationRequest,
)

SEEDS = range(int(os.environ.get("MANO_WALKS", "2")))
"""Few, for the time that they take; MANO_WALKS has more of them."""
STEPS = 6
SHARE_OF_FAULTS = 0.7
UNPROCESSABLE = 422
SHARE_OF_VNFCS = 0.3
FAULTS = (
    {"error": "refused"},
    {"error": "boot_fault"},
    {"error": "outcome_lost"},
    {"error": "denied", "verb": "ensure_absent"},
    {"error": "outcome_lost", "verb": "ensure_absent"},
    {"error": "refused", "verb": "operate"},
    {"error": "outcome_lost", "verb": "operate"},
)


@pytest.mark.usefixtures("two_packages")
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_random_life_leaves_no_doubt(vnfm, vim, ended, instantiated, attached, seed):  # noqa: PLR0917  # fixtures
    """The inventory is what the VIM has when an operation completed or was taken back; at the end nothing is left."""
    chance = random.Random(seed)
    links = {"outside": attached.ext_virtual_links[0].resource_id, "other": await vim.outside_network("other")}
    vnfs, log = vnfm.lifecycle, []

    def choose():
        vnfcs = tuple(f"vdu/{vdu}/0" for vdu in ("firewall", "database", "cache") if chance.random() < SHARE_OF_VNFCS)
        params = {"all": chance.random() < 0.5}
        state = chance.choice(list(VnfOperationalState))
        name = chance.choice(list(links))
        link = msgspec.structs.replace(OUTSIDE, id=name, resource_id=links[name])
        return chance.choice(
            [
                (vnfs.operate, OperateVnfRequest(change_state_to=state, vnfc_instance_id=vnfcs)),
                (vnfs.heal, HealVnfRequest(vnfc_instance_id=vnfcs, additional_params=params)),
                (vnfs.scale, ScaleVnfRequest(type=chance.choice(list(ScaleType)), aspect_id="throughput")),
                (vnfs.change_flavour, ChangeVnfFlavourRequest(new_flavour_id=chance.choice(["simple", "large"]))),
                (vnfs.change_ext_conn, ChangeExtVnfConnectivityRequest(ext_virtual_links=(link,))),
                (vnfs.change_vnfpkg, ChangeCurrentVnfPkgRequest(vnfd_id=chance.choice([FIREWALL.id, UPGRADED.id]))),
                (vnfs.modify, VnfInfoModificationRequest(vnf_instance_name="n")),
            ]
        )

    for _ in range(STEPS):
        begin, request = choose()
        fault = chance.choice(FAULTS) if chance.random() < SHARE_OF_FAULTS else None
        before = await vim.picture()
        if fault:
            await vim.spoil(**fault, after_calls=chance.randrange(4), remaining=chance.choice([1, None]))
        try:
            operation = await begin(instantiated, request)
        except SolProblemError as error:
            if error.status != UNPROCESSABLE:
                raise
            await vim.heal()
            continue
        occurrence = await ended(operation)
        log.append((begin.__name__, request, fault, occurrence.operation_state))
        await vim.heal()
        if occurrence.operation_state == "FAILED_TEMP":
            way = chance.choice(["retry", "rollback", "fail"])
            log.append((way,))
            await getattr(vnfs, way)(operation)
            occurrence = await ended(operation)
            end = {"retry": "COMPLETED", "rollback": "ROLLED_BACK", "fail": "FAILED"}[way]
            assert occurrence.operation_state == end, (log, occurrence.error)
        if occurrence.operation_state == "ROLLED_BACK":
            assert await vim.picture() == before, log
        if occurrence.operation_state in {"COMPLETED", "ROLLED_BACK"}:
            assert await vim.is_told_by(vnfm, instantiated), log
    end = TerminateVnfRequest(termination_type=chance.choice(list(TerminationType)))
    occurrence = await ended(await vnfs.terminate(instantiated, end))
    assert occurrence.operation_state == "COMPLETED", (log, occurrence.error)
    assert await vim.resources() == {}, log
