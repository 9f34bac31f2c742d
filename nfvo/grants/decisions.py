"""Grants: the NFVO's answer to a VNFM that wants to touch resources (SOL003 clause 9).

First fit on what the VIMs say is left, less what was granted to others and is not taken yet (``reservations``).
Somebody else may still take it on the VIM: then the VIM refuses, and the operation stops.

An operation has one grant. SOL003 has a retry repeat what failed without a new one, so a retry goes where the first try
went; to have a VNF put elsewhere, roll its operation back and begin another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial

from descriptors.model.vnfd import Flavour
from mano_runtime.storage import Database
from nfvo.grants.demands import demand_of
from nfvo.grants.placement import Apart, Demand
from nfvo.grants.reservations import GRANTS, GrantRecord, Placement, Reservations
from nfvo.grants.vims import NoVimError, Vims
from nfvo.grants.vnf_seen import VnfSeen, vnf_seen
from vim_adapters.connection import VimConnection
from vim_adapters.registry import VimRegistry
from vnfm.sol003.general import VimConnectionInfo
from vnfm.sol003.grants import (
    Affinity,
    ConstraintResourceRef,
    Grant,
    GrantInfo,
    GrantRequest,
    PlacementConstraint,
    PlacementScope,
    ResourceDefinition,
    ResourceIdType,
    ResourceType,
    ZoneGroupInfo,
    ZoneInfo,
)
from vnfm.sol003.ports import GrantRefusedError, NotOnboardedError, Packages, VnfLifecycle


class GrantDecisions:
    """Decides grants; the NFVO's side of ``vnfm.sol003.ports.Granting``.

    A VNF goes where something of it is already, or where the virtual links are that it is to be attached to: to the VIM
    that its NS was placed on. Else the first VIM that has room for all of the request takes it.
    """

    def __init__(
        self,
        database: Database,
        registry: VimRegistry,
        packages: Packages,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._reservations = Reservations(database, clock)
        self._vims = Vims(registry, self._reservations.left_of)
        self._packages = packages
        self._vnfs: VnfLifecycle | None = None
        self._turn = asyncio.Lock()

    def attach(self, vnfs: VnfLifecycle) -> None:
        """Say who can tell of the VNFs that grants are for; a VNFM is made after what it asks for grants."""
        self._vnfs = vnfs

    async def grant(self, request: GrantRequest) -> Grant:
        """Allow the operation and say where each new resource goes; asked again for an operation, the same answer.

        Raises:
            GrantRefusedError: no VIM is registered, or none has room, or the descriptor is unknown.
        """
        async with self._turn:  # what one decision takes, the next one does not have
            async with self._database.reading() as connection:
                known = await GRANTS.get(connection, request.vnf_lcm_op_occ_id)
            if known and known.document.grant:
                return known.document.grant
            if known and known.document.refusal:
                raise GrantRefusedError(known.document.refusal.detail, **known.document.refusal.members)
            grant, placements = await self._decide(request)
            record = GrantRecord(request=request, grant=grant, placements=placements, reserving=bool(placements))
            async with self._database.transaction() as connection:
                write = GRANTS.replace if known else GRANTS.insert
                await write(connection, request.vnf_lcm_op_occ_id, record)
            self._reservations.keep(record)
            return grant

    async def _decide(self, request: GrantRequest) -> tuple[Grant, dict[str, Placement]]:
        adding = (*request.add_resources, *request.temp_resources)
        if not adding:
            return self._answer(request, None, {}), {}
        seen = await vnf_seen(request, self._vnfs, self._database)
        flavour = await self._flavour(request, seen)
        demands = {resource.id: demand_of(flavour, resource) for resource in adding if _is_counted(resource)}
        vim, zones = await self._placed(request, seen, demands, _components(adding))
        placements = {
            name: Placement(vim=vim.id, zone=zones.get(name, ""), demand=demand) for name, demand in demands.items()
        }
        return self._answer(request, vim, zones), placements

    async def _placed(
        self,
        request: GrantRequest,
        seen: VnfSeen,
        demands: Mapping[str, Demand],
        groups: list[frozenset[str]],
    ) -> tuple[VimConnection, dict[str, str]]:
        """Find room; before there is said to be none, every reservation is looked at again."""
        together, apart = _rules(request)
        first_fit = partial(
            self._vims.first_fit,
            demands,
            among=seen.vims,
            together=[*together, *groups],
            apart=apart,
            fixed={f"{_EXISTING}{server}": zone for server, zone in seen.zones.items()},
        )
        await self._reservations.look_again(self._vnfs)
        try:
            return await first_fit()
        except NoVimError:
            await self._reservations.look_again(self._vnfs, at_most=None)
        try:
            return await first_fit()
        except NoVimError as error:
            raise GrantRefusedError(str(error)) from error

    async def _flavour(self, request: GrantRequest, seen: VnfSeen) -> Flavour:
        try:
            vnfd = await self._packages.vnfd(request.dst_vnfd_id or request.vnfd_id)
        except NotOnboardedError as error:
            raise GrantRefusedError(f"vnfdId: no onboarded package has the VNFD {error.descriptor_id!r}") from error
        name = request.flavour_id or seen.flavour_id or vnfd.default_flavour
        if name not in vnfd.flavours:
            raise GrantRefusedError(f"flavourId: the VNFD {vnfd.id} has no flavour {name!r}")
        return vnfd.flavours[name]

    def _answer(self, request: GrantRequest, vim: VimConnection | None, zones: Mapping[str, str]) -> Grant:
        names = sorted({zone for zone in zones.values() if zone})
        by_name = {name: f"zone-{number}" for number, name in enumerate(names)}

        def placed(resource: ResourceDefinition) -> GrantInfo:
            zone = by_name.get(zones.get(resource.id, ""))
            return GrantInfo(
                resource_definition_id=resource.id, vim_connection_id=vim.id if vim else None, zone_id=zone
            )

        def allowed(resource: ResourceDefinition) -> GrantInfo:
            return GrantInfo(resource_definition_id=resource.id)

        return Grant(
            id=request.vnf_lcm_op_occ_id,
            vnf_instance_id=request.vnf_instance_id,
            vnf_lcm_op_occ_id=request.vnf_lcm_op_occ_id,
            vim_connection_info={vim.id: VimConnectionInfo(vim_id=vim.vim_id or vim.id, vim_type=vim.vim_type)}
            if vim
            else {},
            zones=tuple(
                ZoneInfo(id=by_name[name], zone_id=name, vim_connection_id=vim.id if vim else None) for name in names
            ),
            zone_groups=(ZoneGroupInfo(zone_id=tuple(by_name.values())),) if names and _groups_zones(request) else (),
            add_resources=tuple(map(placed, request.add_resources)),
            temp_resources=tuple(map(placed, request.temp_resources)),
            remove_resources=tuple(map(allowed, request.remove_resources)),
            update_resources=tuple(map(allowed, request.update_resources)),
        )


def _groups_zones(request: GrantRequest) -> bool:
    """Whether the answer must tell how a constraint on groups of zones was kept: the zones of a VIM are one."""
    return any(constraint.scope is PlacementScope.ZONE_GROUP for constraint in request.placement_constraints)


def _is_counted(resource: ResourceDefinition) -> bool:
    """Whether it takes something of a zone; a snapshot that is taken of a server is an image, and takes nothing."""
    if resource.type is ResourceType.COMPUTE and resource.snapshot_res_def:
        return resource.snapshot_res_def.snapshot_resource is not None
    return resource.type in {ResourceType.COMPUTE, ResourceType.STORAGE}


def _components(resources: tuple[ResourceDefinition, ...]) -> list[frozenset[str]]:
    """A server and its own storages share a zone; our VNFM names both below the path of their component."""
    groups: dict[str, set[str]] = {}
    for resource in resources:
        parts = resource.id.split("/")
        if _is_counted(resource) and parts[0] == "vdu":
            groups.setdefault("/".join(parts[:3]), set()).add(resource.id)
    return [frozenset(group) for group in groups.values()]


def _rules(request: GrantRequest) -> tuple[list[frozenset[str]], list[Apart]]:
    """What must share a zone and what must not, of the constraints that zones decide.

    Servers on one host are in one zone, so affinity of any narrower scope is affinity of zones. All of a request goes
    to one VIM: affinity of wider scope holds by itself, and anti-affinity of wider scope cannot be had.
    """
    together, apart = [], []
    for constraint in request.placement_constraints:
        items = frozenset(map(_named, constraint.resource))
        if constraint.affinity_or_anti_affinity is Affinity.AFFINITY:
            if constraint.scope in {PlacementScope.ZONE, PlacementScope.NFVI_NODE}:
                together.append(items)
        elif constraint.scope is PlacementScope.ZONE:
            apart.append(Apart(items=items, best_effort=bool(constraint.fallback_best_effort)))
        elif constraint.scope is not PlacementScope.NFVI_NODE and not constraint.fallback_best_effort:
            raise GrantRefusedError(_too_wide(constraint))
    return together, apart


def _too_wide(constraint: PlacementConstraint) -> str:
    names = ", ".join(sorted(reference.resource_id for reference in constraint.resource))
    return f"placementConstraints: ANTI_AFFINITY of scope {constraint.scope} for {names} needs more than one VIM"


def _named(reference: ConstraintResourceRef) -> str:
    """An existing resource is told from a new one by its prefix."""
    existing = reference.id_type is ResourceIdType.RES_MGMT
    return f"{_EXISTING}{reference.resource_id}" if existing else reference.resource_id


_EXISTING = "existing "
