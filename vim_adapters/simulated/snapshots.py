"""Snapshots of the simulated VIM: what becomes of what a server or a volume has, copied for good."""

from __future__ import annotations

import msgspec

from vim_adapters.errors import InvalidSpecError
from vim_adapters.resources import Kind, ServerSnapshotSpec, ServerSpec, VolumeSnapshotSpec, VolumeSpec
from vim_adapters.simulated.draft import Draft
from vim_adapters.simulated.holdings import Holdings
from vim_adapters.simulated.placement import Demand, choose


def server_snapshot(holdings: Holdings, spec: ServerSnapshotSpec) -> Draft:
    """Return what comes of it: an image, which takes nothing of a host."""
    row = holdings.usable(Kind.SERVER, spec.server, "server")
    server = msgspec.json.decode(row["spec"], type=ServerSpec)
    if server.image is None:
        raise InvalidSpecError(f"server: server {spec.server} boots from a volume, which has to be snapshotted instead")
    return Draft(attributes={"name": spec.name, "min_disk_gib": server.disk_gib})


def volume_snapshot(holdings: Holdings, spec: VolumeSnapshotSpec) -> Draft:
    """Return what comes of it: a copy, which takes as much as the volume, in its zone."""
    row = holdings.usable(Kind.VOLUME, spec.volume, "volume")
    volume = msgspec.json.decode(row["attributes"])
    if spec.size_gib != volume["size_gib"]:
        raise InvalidSpecError(f"size_gib: volume {spec.volume} has {volume['size_gib']} GiB")
    attributes = {name: volume[name] for name in ("size_gib", "bootable", "zone")}
    demand = Demand(storage_gib=spec.size_gib)
    host = choose(holdings.hosts(volume["zone"]), demand, zone=volume["zone"])
    if host is None:
        return Draft(attributes=attributes, fault="No valid backend was found for the snapshot")
    return Draft(attributes=attributes, demand=demand, host=host.name)


def fills(holdings: Holdings, spec: VolumeSpec) -> bool:
    """Check the snapshot that a volume is filled with; whether a server can boot from the volume then."""
    if spec.image:
        raise InvalidSpecError("snapshot: a volume is filled with an image or with a snapshot, not with both")
    row = holdings.usable(Kind.VOLUME_SNAPSHOT, spec.snapshot or "", "snapshot")
    snapshot = msgspec.json.decode(row["attributes"])
    if snapshot["size_gib"] > spec.size_gib:
        raise InvalidSpecError(f"size_gib: snapshot {spec.snapshot} needs {snapshot['size_gib']} GiB")
    return bool(snapshot["bootable"])
