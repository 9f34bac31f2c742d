"""What a plan asks the NFVO to grant (SOL003 clause 9.5.2.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from descriptors.model.vnfd import AffinityRule
from mano_runtime.workflow.graph import Graph, Resource
from mano_runtime.workflow.plan import Plan, Verb
from vim_adapters.resources import Kind
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.virtual_connection_points import virtual_points_in
from vnfm.planning.virtual_storages import KINDS as STORAGE_KINDS
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.grants import (
    Affinity,
    ConstraintResourceRef,
    PlacementConstraint,
    PlacementScope,
    ResourceDefinition,
    ResourceIdType,
    ResourceType,
    SnapshotResourceDefinition,
    VimConstraint,
)

SCOPES: Mapping[str, PlacementScope] = {
    "nfvi_node": PlacementScope.NFVI_NODE,
    "network_link_and_node": PlacementScope.NFVI_NODE,
    "zone": PlacementScope.ZONE,
    "zone_group": PlacementScope.ZONE_GROUP,
    "nfvi_pop": PlacementScope.NFVI_POP,
}
"""By the scope of the VNFD's affinity rules (SOL001 clause 6.10.11)."""


def handle_of(resource: Resource) -> ResourceHandle:
    """Return where a resource is; its identifier is empty while none is known."""
    return ResourceHandle(
        vim_connection_id=resource.target or None,
        resource_id=str((resource.result or {}).get("id", "")),
        vim_level_resource_type=resource.kind,
    )


def definitions(
    plan: Plan,
    verb: Verb,
    attachments: Mapping[str, Attachment],
    *,
    vnfd_id: str,
    snapshots: Mapping[str, SnapshotResourceDefinition] | None = None,
) -> tuple[ResourceDefinition, ...]:
    """Return the resources that a plan creates, updates or deletes, as far as a grant speaks of their kind.

    The identifier of each is its path in the plan, with ``/before`` after it for what is removed to be made anew. A
    link whose bit rates change is updated, too. ``snapshots``: by path, those that resources are of, or are made from.
    """
    resources = [plan.resource(step) for step in plan.steps if step.verb is verb]
    if verb is Verb.UPDATE:
        resources = [*{it.path: it for it in (_as_link(plan, resource) for resource in resources)}.values()]
    found = _defined(
        resources, attachments, vnfd_id=vnfd_id, graph=plan.before if verb is Verb.DELETE else plan.desired
    )
    if verb is Verb.CREATE:
        of = snapshots or {}
        return tuple(msgspec.structs.replace(each, snapshot_res_def=of.get(each.id)) for each in found)
    anew = {step.path for step in plan.steps if step.verb is Verb.CREATE} if verb is Verb.DELETE else set()
    there = {**plan.desired, **plan.before}
    return tuple(
        msgspec.structs.replace(
            definition,
            id=f"{definition.id}/before" if definition.id in anew else definition.id,
            resource=handle_of(there[definition.id]),
        )
        for definition in found
    )


def _defined(
    resources: Iterable[Resource], attachments: Mapping[str, Attachment], *, vnfd_id: str, graph: Graph
) -> tuple[ResourceDefinition, ...]:
    """Return the definitions of resources of ``graph``, as if they did not exist."""
    lent = {point.host: point for point in virtual_points_in(graph, attachments) if point.host}

    def definition(resource: Resource) -> ResourceDefinition | None:
        vdu_id = secondary = None
        part = paths.parse_vnfc_part(paths.snapshot_of(resource.path) or resource.path)
        if resource.kind in {Kind.SERVER, Kind.SERVER_SNAPSHOT} and part:
            kind, template, vdu_id = ResourceType.COMPUTE, part.vdu, part.vdu
        elif resource.kind in {*STORAGE_KINDS, Kind.VOLUME_SNAPSHOT} and part:
            kind, template = ResourceType.STORAGE, part.name
        elif link := paths.link_of(resource.path):
            kind, template = ResourceType.VL, link
        elif outside := attachments.get(resource.path):
            kind, template = ResourceType.LINKPORT, outside.cpd_id
            guest = lent.get(resource.path)
            secondary = attachments[guest.path].cpd_id if guest and guest.path in attachments else None
        else:
            return None
        return ResourceDefinition(
            id=resource.path,
            type=kind,
            vdu_id=vdu_id,
            vnfd_id=vnfd_id,
            resource_template_id=template,
            secondary_resource_template_id=secondary,
        )

    return tuple(filter(None, map(definition, resources)))


def _as_link(plan: Plan, resource: Resource) -> Resource:
    """The network of a QoS policy that is one of a link, else the resource itself."""
    network = paths.limited_network(resource.path)
    return plan.desired.get(network, resource) if network else resource


def vim_constraints(plan: Plan, added: Iterable[ResourceDefinition]) -> tuple[VimConstraint, ...]:
    """Return which new resources must be on one VIM, in one resource group: those that are connected to each other.

    With each such lot goes one of the resources that it is connected to and that exist, where there is one.
    """
    added = tuple(added)
    if not added:
        return ()
    lots = _connected(plan.desired)
    created = {step.path for step in plan.steps if step.verb is Verb.CREATE}
    members: defaultdict[str, list[str]] = defaultdict(list)
    for definition in added:
        members[lots[definition.id]].append(definition.id)
    anchors: dict[str, str] = {}
    for path in sorted(plan.desired.keys() - created):
        if lots[path] in members and (plan.before[path].result or {}).get("id"):
            anchors.setdefault(lots[path], path)
    found = ([anchors[lot], *new] if lot in anchors else new for lot, new in members.items())
    return tuple(
        VimConstraint(same_resource_group=True, resource=tuple(_referred(plan, path, created) for path in lot))
        for lot in found
        if len(lot) >= 2  # noqa: PLR2004  # it takes two
    )


def _connected(graph: Graph) -> dict[str, str]:
    """Return for each path one of the paths that it is connected to, the same for all that are."""
    leader = {path: path for path in graph}

    def led(path: str) -> str:
        while leader[path] != path:
            leader[path] = leader[leader[path]]
            path = leader[path]
        return path

    for path, resource in graph.items():
        for needed in resource.needs:
            leader[led(needed)] = led(path)
    return {path: led(path) for path in graph}


def constraints(plan: Plan, rules: Iterable[AffinityRule]) -> tuple[PlacementConstraint, ...]:
    """Return the VNFD's affinity rules as constraints between the resources that the plan leaves.

    A rule says something about new resources only, so one that is about none of them, or about a single resource,
    is left out.
    """
    created = {step.path for step in plan.steps if step.verb is Verb.CREATE}
    found = []
    for rule in rules:
        members = list(_members(plan, rule))
        scope = SCOPES.get(rule.scope)
        if scope is None or len(members) < 2 or not created.intersection(members):  # noqa: PLR2004  # it takes two
            continue
        found.append(
            PlacementConstraint(
                affinity_or_anti_affinity=Affinity.ANTI_AFFINITY if rule.anti else Affinity.AFFINITY,
                scope=scope,
                resource=tuple(_referred(plan, path, created) for path in members),
            )
        )
    return tuple(found)


def _members(plan: Plan, rule: AffinityRule) -> Iterator[str]:
    for path, resource in plan.desired.items():
        part = paths.parse_vnfc_part(path)
        about = part.vdu if resource.kind == Kind.SERVER and part else paths.link_of(path)
        if about in rule.targets:
            yield path


def _referred(plan: Plan, path: str, created: set[str]) -> ConstraintResourceRef:
    if path in created:
        return ConstraintResourceRef(id_type=ResourceIdType.GRANT, resource_id=path)
    existing = plan.before[path]
    return ConstraintResourceRef(
        id_type=ResourceIdType.RES_MGMT,
        resource_id=handle_of(existing).resource_id,
        vim_connection_id=existing.target or None,
    )
