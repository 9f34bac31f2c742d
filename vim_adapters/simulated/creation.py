"""What the simulated VIM makes of a spec: checks it as OpenStack would, and works out what comes of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from vim_adapters.contract import Identity
from vim_adapters.errors import ConflictError, InvalidSpecError
from vim_adapters.resources import (
    FileShareSpec,
    ImageSpec,
    Kind,
    ObjectContainerSpec,
    PlacementGroupSpec,
    ResourceSpec,
    ServerSpec,
    VolumeSpec,
    kind_of,
)
from vim_adapters.simulated import addressing, networking, routing, snapshots
from vim_adapters.simulated.draft import Draft
from vim_adapters.simulated.file import Row, VimFile
from vim_adapters.simulated.holdings import Holdings
from vim_adapters.simulated.images import image_attributes
from vim_adapters.simulated.placement import Demand, choose

_POLICIES = ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")
_SHARE_PROTOCOLS = ("NFS", "CIFS")


def drafted(connection: VimFile, spec: ResourceSpec, identity: Identity, *, now: float, size: int | None) -> Draft:
    """Return what comes of the spec, within one transaction; ``size`` is that of an image's content.

    Everything raises InvalidSpecError, DependencyMissingError, ConflictError, CapacityError or QuotaError where
    OpenStack would refuse at once; where it accepts and fails later, the draft has a fault.
    """
    kind, holdings = kind_of(spec), Holdings(connection, now, identity)
    if isinstance(spec, ImageSpec):
        draft = Draft(attributes=image_attributes(spec, size))
    else:
        draft = _DRAFTS[kind](holdings, spec)
    holdings.check_quota(kind, draft.demand)
    return draft


def _volume(holdings: Holdings, spec: VolumeSpec) -> Draft:
    if spec.size_gib < 1:
        raise InvalidSpecError("size_gib: must be at least 1")
    bootable = spec.image is not None
    if spec.image:
        image = holdings.image(spec.image)
        if image.min_disk_gib > spec.size_gib:
            raise InvalidSpecError(f"size_gib: image {image.name!r} needs {image.min_disk_gib} GiB")
    if spec.snapshot:
        bootable = snapshots.fills(holdings, spec)
    demand = Demand(storage_gib=spec.size_gib)
    host = choose(holdings.hosts(spec.zone), demand, zone=spec.zone)
    attributes = {"size_gib": spec.size_gib, "bootable": bootable}
    if host is None:
        fault = "No valid backend was found. No weighed backends available"
        return Draft(attributes=attributes, fault=fault)
    return Draft(attributes={**attributes, "zone": host.zone}, demand=demand, host=host.name)


def _file_share(holdings: Holdings, spec: FileShareSpec) -> Draft:
    if spec.size_gib < 1:
        raise InvalidSpecError("size_gib: must be at least 1")
    if spec.protocol.upper() not in _SHARE_PROTOCOLS:
        raise InvalidSpecError(f"protocol: {spec.protocol!r} is not one of {', '.join(_SHARE_PROTOCOLS)}")
    holdings.needed(Kind.NETWORK, spec.network, "network")
    uses = [spec.network]
    if spec.subnet:
        holdings.needed(Kind.SUBNET, spec.subnet, "subnet")
        uses.append(spec.subnet)
    for index, client in enumerate(spec.clients):
        addressing.check_range(client, f"clients[{index}]")
    demand = Demand(storage_gib=spec.size_gib)
    host = choose(holdings.hosts(None), demand)
    if host is None:
        return Draft(uses=tuple(uses), fault="No valid backend was found for the share")
    exports = [f"{host.name}:/shares/{secrets.token_hex(8)}"]
    return Draft(attributes={"exports": exports}, uses=tuple(uses), demand=demand, host=host.name)


def _object_container(_holdings: Holdings, spec: ObjectContainerSpec) -> Draft:
    if spec.max_bytes is not None and spec.max_bytes < 1:
        raise InvalidSpecError("max_bytes: must be at least 1")
    return Draft(attributes={"url": f"simulated:///objects/{secrets.token_hex(8)}"})


def _server(holdings: Holdings, spec: ServerSpec) -> Draft:
    boots = _check_boot(holdings, spec)
    volumes = [holdings.free(Kind.VOLUME, attachment.volume, "volumes") for attachment in spec.volumes]
    for row in volumes:
        if row["id"] in boots and not msgspec.json.decode(row["attributes"])["bootable"]:
            raise InvalidSpecError(f"volumes: volume {row['id']} is not bootable, it was made without an image")
    ports = [_free_port(holdings, port) for port in spec.ports]
    groups = [holdings.company(group) for group in spec.placement_groups]
    demand = Demand(vcpus=spec.vcpus, memory_mib=spec.memory_mib, storage_gib=spec.disk_gib)
    uses = tuple(dict.fromkeys((*(row["id"] for row in (*volumes, *ports)), *spec.placement_groups)))
    host = choose(holdings.hosts(spec.zone), demand, zone=spec.zone, groups=groups)
    if host is None:
        fault = "No valid host was found. There are not enough hosts available."
        return Draft(attributes={"zone": spec.zone or "", "host": ""}, uses=uses, fault=fault)
    return Draft(attributes={"zone": host.zone, "host": host.name}, uses=uses, demand=demand, host=host.name)


def _check_boot(holdings: Holdings, spec: ServerSpec) -> list[str]:
    """Return the volumes that a server of possible size boots from: one, or none where it has an image."""
    if spec.vcpus < 1 or spec.memory_mib < 1 or spec.disk_gib < 0:
        raise InvalidSpecError("vcpus and memory_mib must be at least 1, disk_gib at least 0")
    boots = [attachment.volume for attachment in spec.volumes if attachment.boot]
    if len(boots) > 1 or (boots and spec.image):
        raise InvalidSpecError("volumes: a server boots from one volume, or from its image")
    if not boots and not spec.image:
        raise InvalidSpecError("image: a server needs an image or a volume to boot from")
    if spec.image:
        image = holdings.image(spec.image)
        if image.min_ram_mib > spec.memory_mib:
            raise InvalidSpecError(f"memory_mib: image {image.name!r} needs {image.min_ram_mib} MiB")
        if 0 < spec.disk_gib < image.min_disk_gib:
            raise InvalidSpecError(f"disk_gib: image {image.name!r} needs {image.min_disk_gib} GiB")
    return boots


def _free_port(holdings: Holdings, port: str) -> Row:
    trunk = holdings.holder(Kind.TRUNK, port)
    if trunk and port in msgspec.json.decode(trunk["attributes"])["sub_ports"]:
        raise ConflictError(f"ports: {port} is a sub-port of trunk {trunk['id']}")
    return holdings.free(Kind.PORT, port, "ports")


def _placement_group(_holdings: Holdings, spec: PlacementGroupSpec) -> Draft:
    if spec.policy not in _POLICIES:
        raise InvalidSpecError(f"policy: {spec.policy!r} is not one of {', '.join(_POLICIES)}")
    return Draft(attributes={"policy": spec.policy})


_DRAFTS: Mapping[Kind, Callable[[Holdings, Any], Draft]] = {
    Kind.QOS_POLICY: networking.qos_policy,
    Kind.NETWORK: networking.network,
    Kind.SUBNET: networking.subnet,
    Kind.PORT: networking.port,
    Kind.TRUNK: networking.trunk,
    Kind.ROUTER: routing.router,
    Kind.FLOATING_ADDRESS: routing.floating_address,
    Kind.SECURITY_GROUP: networking.security_group,
    Kind.VOLUME: _volume,
    Kind.FILE_SHARE: _file_share,
    Kind.OBJECT_CONTAINER: _object_container,
    Kind.PLACEMENT_GROUP: _placement_group,
    Kind.SERVER: _server,
    Kind.SERVER_SNAPSHOT: snapshots.server_snapshot,
    Kind.VOLUME_SNAPSHOT: snapshots.volume_snapshot,
}
