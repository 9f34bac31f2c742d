"""What the components of a VNF take of a zone, by its descriptor. Pure."""

from __future__ import annotations

import math

from descriptors.model.vnfd import Flavour
from nfvo.grants.placement import Demand
from vnfm.sol003.grants import ResourceDefinition, ResourceType

_MIB = 2**20
_GIB = 2**30


def demand_of(flavour: Flavour, resource: ResourceDefinition) -> Demand:
    """Return what one resource of a grant request takes; networks and ports take nothing that is counted."""
    if resource.type is ResourceType.COMPUTE:
        return vdu_demand(flavour, resource.vdu_id or resource.resource_template_id)
    if resource.type is ResourceType.STORAGE:
        return storage_demand(flavour, resource.resource_template_id)
    return Demand()


def vdu_demand(flavour: Flavour, vdu_id: str) -> Demand:
    """Return what a server of the VDU takes, without its virtual storages; nothing for an unknown VDU."""
    vdu = flavour.vdus.get(vdu_id)
    if vdu is None:
        return Demand()
    return Demand(
        vcpus=vdu.vcpus,
        memory_mib=math.ceil(vdu.memory_bytes / _MIB),
        storage_gib=math.ceil(vdu.local_disk_bytes / _GIB),
    )


def storage_demand(flavour: Flavour, storage_id: str) -> Demand:
    """Return what a virtual storage takes."""
    storage = flavour.storages.get(storage_id)
    return Demand(storage_gib=math.ceil(storage.size_bytes / _GIB)) if storage else Demand()


def vnf_demands(name: str, flavour: Flavour, scale_levels: dict[str, int], level: str) -> dict[str, Demand]:
    """Return what each component of a VNF takes at a size, with its storages; ``name`` begins the keys."""
    return {
        f"{name}/{vdu_id}/{index}": sum(
            (storage_demand(flavour, storage) for storage in flavour.vdus[vdu_id].storages),
            vdu_demand(flavour, vdu_id),
        )
        for vdu_id, count in flavour.vdu_instances(scale_levels, level).items()
        for index in range(count)
    }
