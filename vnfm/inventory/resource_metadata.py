"""What is to be known of a resource besides where it is: its ``metadata`` (SOL003 clauses 5.5.3.5 to 5.5.3.7).

It has no more than what the VIM's tenant sees, and nothing that the guest was given: there may be secrets among that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mano_runtime.workflow.graph import Graph, Resource, parse_reference, reference
from vim_adapters.resources import Kind

_SERVER = {"vcpus": "vcpus", "memory_mib": "memoryMib", "disk_gib": "diskGib", "flavour": "vimFlavourId"}
_PORT = {"vnic_type": "vnicType"}
_LINK = {"mtu": "mtu", "segment": "segmentationId"}
_STORAGE = {"exports": "exports", "url": "url"}


def vnfc_metadata(server: Resource, graph: Graph) -> dict[str, Any]:
    """Return the size of a VNFC: processors, memory, own disk; image and flavour by the VIM's identifiers."""
    found = {**_told(server.spec, _SERVER), "vimImageId": _image(server, graph)}
    return {name: value for name, value in found.items() if value not in (None, 0)}


def cp_metadata(port: Resource | None) -> dict[str, Any]:
    """Return the kind of interface that the guest has."""
    return _told(port.spec, _PORT) if port else {}


def link_metadata(network: Resource, graph: Graph) -> dict[str, Any]:
    """Return the largest packet and the segment of an internal virtual link, and its subnets with their ranges."""
    subnets = [
        {"cidr": subnet.spec["cidr"], "subnetId": (subnet.result or {}).get("id")}
        for subnet in graph.values()
        if subnet.kind == Kind.SUBNET and subnet.spec.get("network") == reference(network.path)
    ]
    found = {**_told(network.result or {}, _LINK), "subnets": subnets}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def storage_metadata(storage: Resource) -> dict[str, Any]:
    """Return the size of a storage, and where it is mounted from or found."""
    size = {"sizeGib": storage.spec["size_gib"]} if storage.spec.get("size_gib") else {}
    return size | _told(storage.result or {}, _STORAGE)


def _told(facts: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {told: facts[name] for name, told in names.items() if name in facts}


def _image(server: Resource, graph: Graph) -> str | None:
    image = server.spec.get("image")
    named = parse_reference(image)
    if named is None:
        return image
    made = graph.get(named[0])
    return (made.result or {}).get("id") if made else None
