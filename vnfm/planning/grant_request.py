"""What a plan asks the NFVO to grant (SOL003 clause 9.5.2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from descriptors.model.vnfd import AffinityRule
from mano_runtime.workflow.graph import Resource
from mano_runtime.workflow.plan import Plan, Verb
from vim_adapters.resources import Kind
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.grants import (
    Affinity,
    ConstraintResourceRef,
    PlacementConstraint,
    PlacementScope,
    ResourceDefinition,
    ResourceIdType,
    ResourceType,
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
    plan: Plan, verb: Verb, attachments: Mapping[str, Attachment], *, vnfd_id: str
) -> tuple[ResourceDefinition, ...]:
    """Return the resources that a plan creates, updates or deletes, as far as a grant speaks of their kind.

    The identifier of each is its path in the plan, with ``/before`` after it for what is removed to be made anew.
    """
    resources = [plan.resource(step) for step in plan.steps if step.verb is verb]
    anew = {step.path for step in plan.steps if step.verb is Verb.CREATE} if verb is Verb.DELETE else set()
    found = (_definition(resource, attachments, vnfd_id, exists=verb is not Verb.CREATE) for resource in resources)
    return tuple(
        msgspec.structs.replace(definition, id=f"{definition.id}/before") if definition.id in anew else definition
        for definition in found
        if definition
    )


def _definition(
    resource: Resource, attachments: Mapping[str, Attachment], vnfd_id: str, *, exists: bool
) -> ResourceDefinition | None:
    vdu_id = None
    part = paths.parse_vnfc_part(resource.path)
    if resource.kind == Kind.SERVER and part:
        kind, template, vdu_id = ResourceType.COMPUTE, part.vdu, part.vdu
    elif resource.kind == Kind.VOLUME and part:
        kind, template = ResourceType.STORAGE, part.name
    elif link := paths.link_of(resource.path):
        kind, template = ResourceType.VL, link
    elif outside := attachments.get(resource.path):
        kind, template = ResourceType.LINKPORT, outside.cpd_id
    else:
        return None
    return ResourceDefinition(
        id=resource.path,
        type=kind,
        vdu_id=vdu_id,
        vnfd_id=vnfd_id,
        resource_template_id=template,
        resource=handle_of(resource) if exists else None,
    )


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
