"""In which order VNFCs make place for what takes their place: all at once, batch by batch, or beside each other."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from descriptors.model.declaration import Declaration
from mano_runtime.workflow.graph import Resource, parse_reference, references
from mano_runtime.workflow.plan import Plan, Verb
from vim_adapters.resources import Kind
from vnfm.planning import paths
from vnfm.planning.generations import with_new_generation, with_new_vnfcs
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape

TYPE = "upgradeType"
BATCH = "batchSize"
"""The additional parameters of a request that say how; a VNFD may declare them with defaults of its own."""


class UpgradeType(enum.StrEnum):
    """How VNFCs are replaced."""

    ALL_AT_ONCE = "ALL_AT_ONCE"
    """All side by side: each goes, and then its successor comes."""
    ROLLING = "ROLLING"
    """The same in batches: one begins when the one before is ready."""
    BLUE_GREEN = "BLUE_GREEN"
    """All successors come, under numbers of their own, and then the predecessors go."""


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """How an operation goes about replacing VNFCs."""

    type: UpgradeType = UpgradeType.ALL_AT_ONCE
    batch_size: int = 1
    """How many VNFCs of each VDU are changed at the same time; when ROLLING."""


Waves = tuple[tuple[str, ...], ...]
_ATTRIBUTE = f"additionalParams.{TYPE}"


def rollout_of(params: Mapping[str, Any], *declared: Mapping[str, Declaration], beside: bool = True) -> Rollout:
    """Return how a request asks for VNFCs to be replaced, or else the first of the VNFD's declarations that says it.

    Raises:
        PlanningRefusedError: there is no such way, or not for this operation (``beside``: it may be BLUE_GREEN), or the
            size of a batch is no positive number or given where there are no batches.
    """
    known = [kind for kind in UpgradeType if beside or kind is not UpgradeType.BLUE_GREEN]
    wanted = _said(TYPE, params, declared)
    if wanted is not None and wanted not in known:
        raise PlanningRefusedError(_ATTRIBUTE, f"{wanted!r} is not one of {', '.join(known)}")
    kind = UpgradeType(wanted or UpgradeType.ALL_AT_ONCE)
    size = _said(BATCH, params, declared if kind is UpgradeType.ROLLING else ())
    if size is None:
        return Rollout(type=kind)
    if kind is not UpgradeType.ROLLING:
        raise PlanningRefusedError(f"additionalParams.{BATCH}", f"is for {TYPE} {UpgradeType.ROLLING} only")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise PlanningRefusedError(f"additionalParams.{BATCH}", f"{size!r} is not a positive number of VNFCs")
    return Rollout(type=kind, batch_size=size)


def without_rollout(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that say what shall be, without those that say how it is brought about."""
    return {name: value for name, value in params.items() if name not in {TYPE, BATCH}}


def with_room(shape: Shape, rollout: Rollout, plan_of: Callable[[Shape], Plan]) -> Shape:
    """Return the shape in which what cannot go before all its successors are there has other paths than they.

    Of what VNFCs share, that is what would be made anew; when BLUE_GREEN, it is also the VNFCs. ``plan_of`` returns the
    plan that leads to a shape.
    """
    if rollout.type is UpgradeType.ALL_AT_ONCE:
        return shape
    while True:
        plan = plan_of(shape)
        further = _with_more_room(shape, rollout, plan)
        if further == shape:
            return shape
        shape = further


def waves_of(plan: Plan, rollout: Rollout) -> Waves:
    """Return the waves in which the steps of a plan, which leads to a shape with room, are to be taken.

    Raises:
        PlanningRefusedError: it cannot be done in this way; says why, and what can be done.
    """
    if rollout.type is UpgradeType.ALL_AT_ONCE:
        return ()
    _check(plan, rollout)
    vnfcs = _vnfcs(plan)
    added = tuple(path for vnfc in vnfcs.values() if vnfc.added for path in vnfc.paths)
    removed = tuple(path for vnfc in vnfcs.values() if vnfc.removed for path in vnfc.paths)
    stay: dict[str, list[_Vnfc]] = defaultdict(list)
    for vnfc in vnfcs.values():
        if not vnfc.added and not vnfc.removed:
            stay[vnfc.vdu].append(vnfc)
    if rollout.type is UpgradeType.BLUE_GREEN:
        return (added + tuple(path for of_vdu in stay.values() for vnfc in of_vdu for path in vnfc.paths), removed)
    size = rollout.batch_size
    batches = -(-max(map(len, stay.values()), default=0) // size)
    changed = (
        tuple(
            path
            for of_vdu in stay.values()
            for vnfc in of_vdu[size * batch : size * (batch + 1)]
            for path in vnfc.paths
        )
        for batch in range(batches)
    )
    return (added, *changed, removed)


class _Vnfc(msgspec.Struct):
    """A VNFC on which there are steps."""

    vdu: str
    added: bool
    removed: bool
    paths: list[str] = []


def _vnfcs(plan: Plan) -> dict[str, _Vnfc]:
    """The VNFCs on which there are steps, in the order of their numbers."""
    parts = {step.path: part for step in plan.steps if (part := paths.parse_vnfc_part(step.path)) and part.vnfc}
    there, wanted = (
        {part.vnfc for path in graph if (part := paths.parse_vnfc_part(path)) and part.part == "server"}
        for graph in (plan.before, plan.desired)
    )
    found: dict[str, _Vnfc] = {}
    for path, part in sorted(parts.items(), key=lambda it: (it[1].vdu, it[1].index or 0, it[0])):
        vnfc = part.vnfc
        # What is neither, the rest of one that came only in part, has nothing to wait for, and goes with the last.
        added, removed = vnfc in wanted - there, vnfc not in wanted
        known = found.setdefault(vnfc, _Vnfc(vdu=part.vdu, added=added, removed=removed))
        known.paths.append(path)
    return found


def _said(name: str, params: Mapping[str, Any], declared: tuple[Mapping[str, Declaration], ...]) -> Any:
    if params.get(name) is not None:
        return params[name]
    defaults = (known[name].default for known in declared if name in known)
    return next((default for default in defaults if default is not None), None)


def _with_more_room(shape: Shape, rollout: Rollout, plan: Plan) -> Shape:
    anew = _made_anew(plan)
    taken = plan.before.keys()
    for shared in sorted({name for path in anew if (name := paths.shared_part(path))}):
        shape = with_new_generation(shape, shared, taken)
    if rollout.type is UpgradeType.BLUE_GREEN:
        wanted = [part for path in plan.desired if (part := paths.parse_vnfc_part(path)) and part.part == "server"]
        replaced = {part.vdu for path in anew if (part := paths.parse_vnfc_part(path)) and part.part == "server"}
        for vdu in sorted(replaced):
            count = sum(part.vdu == vdu for part in wanted)
            shape = with_new_vnfcs(shape, vdu, count, taken)
    return shape


def _made_anew(plan: Plan) -> list[str]:
    created, deleted = ({step.path for step in plan.steps if step.verb is verb} for verb in (Verb.CREATE, Verb.DELETE))
    return sorted(created & deleted)


def _check(plan: Plan, rollout: Rollout) -> None:
    instead = {
        UpgradeType.ROLLING: f"ask for {UpgradeType.ALL_AT_ONCE}",
        UpgradeType.BLUE_GREEN: f"ask for {UpgradeType.ROLLING} or {UpgradeType.ALL_AT_ONCE}",
    }[rollout.type]
    if reason := next(_obstacles(plan, rollout), None):
        raise PlanningRefusedError(_ATTRIBUTE, f"{rollout.type.value!r} is not possible: {reason}; {instead}")


def _obstacles(plan: Plan, rollout: Rollout) -> Iterator[str]:
    anew = _made_anew(plan)
    for path in anew:
        part = paths.parse_vnfc_part(path)
        if part and not part.vnfc:
            yield f"{path}, which the VNFCs of VDU {part.vdu!r} share, is made anew, and cannot stay in use meanwhile"
        elif rollout.type is UpgradeType.BLUE_GREEN or not part:
            yield f"the grant has {path} made anew in its place"
    new = [resource for path, resource in plan.desired.items() if path not in plan.before]
    old = [resource for path, resource in plan.before.items() if path not in plan.desired]
    held: dict[tuple[str, str], str] = {claim: resource.path for resource in old for claim in _claims(resource)}
    for resource in new:
        for claim in _claims(resource):
            if claim in held:
                what, which = claim
                yield f"{resource.path} cannot have {what} {which} while {held[claim]} has it"


def _claims(resource: Resource) -> Iterator[tuple[str, str]]:
    """What only one resource at a time can have: (what it is, which one)."""
    spec = resource.spec
    if resource.kind == Kind.PORT:
        yield from _port_claims(spec)
    elif resource.kind == Kind.NETWORK and spec.get("provider_segment") is not None:
        yield f"on {spec.get('provider_physical_network')} the segment", str(spec["provider_segment"])
    elif resource.kind == Kind.SERVER:
        yield from (("the port", port) for port in spec.get("ports", ()) if not parse_reference(port))
        for path in references(spec.get("volumes", ())):
            part = paths.parse_vnfc_part(path)
            if part and not part.vnfc:
                yield "the shared storage", path


def _port_claims(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    network = spec["network"]
    for fixed in spec.get("fixed_addresses", ()):
        if fixed.get("address"):
            yield f"on network {network} the address", fixed["address"]
    if spec.get("mac_address"):
        yield f"on network {network} the MAC address", spec["mac_address"]
