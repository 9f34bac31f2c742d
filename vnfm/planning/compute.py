"""VDUs as placement groups and servers (SOL001 clause 6.8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from descriptors.model.vnfd import AffinityRule, Flavour, SoftwareImage, Vdu
from mano_runtime.workflow.graph import Resource, reference
from vim_adapters.resources import Kind, PlacementGroupSpec, Power, ServerSpec, encode_spec
from vnfm.planning import paths
from vnfm.planning.amounts import GIB, MIB, up
from vnfm.planning.hypervisor_requests import extra_specs
from vnfm.planning.images import image_id
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape
from vnfm.planning.virtual_storages import storage_metadata, storages_of, volume_attachments

SERVER_SCOPES = frozenset({"nfvi_node", "network_link_and_node"})
"""Scopes of affinity rules that hosts have to keep; the others are for the grant to keep."""


def images_in_use(flavour: Flavour, vdus: list[Vdu]) -> dict[str, SoftwareImage]:
    """Return the images that these VDUs and their storages start from, by id."""
    found: dict[str, SoftwareImage] = {}
    for vdu in vdus:
        for image in (vdu.image, *(storage.image for storage in storages_of(flavour, vdu))):
            if image is not None:
                found[image.id] = image
    return found


def placement_groups(flavour: Flavour, vdus: list[Vdu], label: str) -> Iterator[Resource]:
    """Yield a placement group for each rule about servers that one of these VDUs is under."""
    names = {vdu.id for vdu in vdus}
    for rule in _host_rules(flavour):
        if names & set(rule.targets):
            policy = "anti-affinity" if rule.anti else "affinity"
            spec = PlacementGroupSpec(name=f"{label}-{rule.id}", policy=policy)
            yield Resource(path=paths.placement_group(rule.id), kind=Kind.PLACEMENT_GROUP, spec=encode_spec(spec))


def server_template(flavour: Flavour, shape: Shape, vdu: Vdu, metadata: Mapping[str, str]) -> ServerSpec:
    """Return what all servers of a VDU have in common.

    They boot from the VDU's own image, or else from the first of its storages that carries one.

    Raises:
        PlanningRefusedError: neither the VDU nor one of its storages has an image.
    """
    if vdu.image is None and not any(volume.boot for volume in volume_attachments(flavour, vdu, 0)):
        raise PlanningRefusedError("flavourId", f"VDU {vdu.id!r} has no software image, nor has any of its storages")
    disk = up(vdu.local_disk_bytes, GIB)
    return ServerSpec(
        name="",
        vcpus=vdu.vcpus,
        memory_mib=up(vdu.memory_bytes, MIB),
        disk_gib=disk if vdu.image is None else max(disk, up(vdu.image.min_disk_bytes, GIB)),
        image=image_id(vdu.image, shape) if vdu.image else None,
        placement_groups=tuple(
            reference(paths.placement_group(rule.id)) for rule in _host_rules(flavour) if vdu.id in rule.targets
        ),
        flavour=shape.vim_flavours.get(vdu.id) or vdu.requested_flavour or None,
        extra_specs=extra_specs(vdu, (cp for cp in flavour.connection_points.values() if cp.vdu == vdu.id)),
        metadata={**metadata, "vdu_id": vdu.id},
    )


def server_resource(
    template: ServerSpec, flavour: Flavour, shape: Shape, vdu: Vdu, index: int, *, ports: tuple[str, ...], label: str
) -> Resource:
    """Return the server of one VNFC; ``template`` is its VDU's."""
    path = paths.server(vdu.id, index)
    spec = msgspec.structs.replace(
        template,
        name=f"{label}-{vdu.id}-{index}",
        image=shape.origins[path].id if path in shape.origins else template.image,
        ports=ports,
        volumes=volume_attachments(flavour, vdu, index),
        metadata={**template.metadata, "vnfc_index": str(index), **storage_metadata(flavour, vdu, index)},
        power=Power.OFF if paths.vnfc(vdu.id, index) in shape.stopped else Power.RUNNING,
    )
    return Resource(path=path, kind=Kind.SERVER, spec=encode_spec(spec))


def _host_rules(flavour: Flavour) -> list[AffinityRule]:
    """Return the rules that hosts have to keep, but for those that hold when another is kept.

    A rule about a VDU by itself does not have its servers in two groups, which is more than many a VIM can do, where
    they are under a rule of that kind with others already.
    """
    rules = [rule for rule in flavour.affinity_rules if rule.scope in SERVER_SCOPES]
    servers = [frozenset(rule.targets) & flavour.vdus.keys() for rule in rules]

    def held_by(position: int, other: int) -> bool:
        if other == position or rules[other].anti is not rules[position].anti:
            return False
        same = servers[position] == servers[other]
        return servers[position] < servers[other] or (same and other < position)

    return [
        rule for position, rule in enumerate(rules) if not any(held_by(position, other) for other in range(len(rules)))
    ]
