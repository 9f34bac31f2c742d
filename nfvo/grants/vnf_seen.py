"""What can be known of the VNF that a grant is for: from its VNFM, from the request, and from earlier grants.

A VNFM in this process, or one that this NFVO drives, is asked. Of any other nothing but its requests is known: they
name what exists with the VIM where it is, and what was granted before says where the rest of the VNF went.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from mano_runtime.storage import Database
from nfvo.grants.reservations import GRANTS
from vnfm.sol003.grants import GrantRequest, ResourceIdType
from vnfm.sol003.instances import VnfInstance
from vnfm.sol003.operation_occurrences import LcmOperationType, VnfLcmOpOcc
from vnfm.sol003.ports import SolProblemError, VnfLifecycle


class VnfSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A VNF, as far as placing something of it needs."""

    flavour_id: str = ""
    """Empty: not known."""
    vims: frozenset[str] = frozenset()
    """VIM connections where something is that new resources must be next to."""
    zones: dict[str, str] = {}
    """Of the servers that exist, by their identifier on the VIM."""


async def vnf_seen(request: GrantRequest, vnfs: VnfLifecycle | None, database: Database) -> VnfSeen:
    """Return what is known of the request's VNF; a VNFM that does not answer, or does not know it, is done without."""
    vnf, operation = await _asked(request, vnfs)
    kept = frozenset(_vims_of_snapshots(request))
    vims = {*_vims_in(operation.operation_params if operation else {}), *_vims_named(request)}
    if vnf is None:
        flavour, earlier = await _granted_before(request, database)
        return VnfSeen(flavour_id=flavour, vims=kept or frozenset(vims | earlier))
    info = vnf.instantiated_vnf_info
    if info is None:
        return VnfSeen(vims=kept or frozenset(vims))
    return VnfSeen(
        flavour_id=info.flavour_id,
        vims=kept or frozenset({*vims, *_vims_in(msgspec.to_builtins(info))}),
        zones={it.compute_resource.resource_id: it.zone_id for it in info.vnfc_resource_info if it.zone_id},
    )


async def _asked(request: GrantRequest, vnfs: VnfLifecycle | None) -> tuple[VnfInstance | None, VnfLcmOpOcc | None]:
    if vnfs is None:
        return None, None
    try:
        vnf = await vnfs.get_vnf(request.vnf_instance_id)
        return vnf, await vnfs.get_operation(request.vnf_lcm_op_occ_id)
    except SolProblemError:
        return None, None


def _vims_of_snapshots(request: GrantRequest) -> Iterator[str]:
    """Where the snapshots are that resources are made from: they can be made nowhere else."""
    for resource in request.add_resources:
        used = resource.snapshot_res_def and resource.snapshot_res_def.snapshot_resource
        if used and used.vim_connection_id:
            yield used.vim_connection_id


def _vims_named(request: GrantRequest) -> Iterator[str]:
    """The VIMs of resources that exist, as the request names them."""
    for resource in (*request.update_resources, *request.remove_resources):
        if resource.resource and resource.resource.vim_connection_id:
            yield resource.resource.vim_connection_id
    for constraint in request.placement_constraints:
        for reference in constraint.resource:
            if reference.id_type is ResourceIdType.RES_MGMT and reference.vim_connection_id:
                yield reference.vim_connection_id


async def _granted_before(request: GrantRequest, database: Database) -> tuple[str, set[str]]:
    """The flavour that the VNF was last granted, and where its resources went; nothing for one that begins anew."""
    if request.operation is LcmOperationType.INSTANTIATE:
        return "", set()
    async with database.reading() as connection:
        earlier = await GRANTS.all(connection, equal={"vnf_instance_id": request.vnf_instance_id})
    granted = [stored.document for stored in earlier if stored.document.grant]
    flavours = [record.request.flavour_id for record in granted if record.request.flavour_id]
    return (flavours or [""])[-1], {placement.vim for record in granted for placement in record.placements.values()}


def _vims_in(value: Any) -> Iterator[str]:
    """Every VIM connection that a JSON value names."""
    if isinstance(value, dict):
        if isinstance(value.get("vimConnectionId"), str) and value["vimConnectionId"]:
            yield value["vimConnectionId"]
        for child in value.values():
            yield from _vims_in(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _vims_in(child)
