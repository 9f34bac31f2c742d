"""Where a VNF's resources go: what is there stays, what is new goes where the grant says (SOL003 clause 9.5.2.3)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

import msgspec

from mano_runtime.workflow.graph import Graph, Resource, references
from vim_adapters.resources import Kind
from vnfm.planning.connection_points import Attachment
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.sol003.grants import Grant, GrantInfo

_REVISION = re.compile(r"(?P<name>.*)-r(?P<number>\d+)")
_ZONED = frozenset({Kind.SERVER, Kind.VOLUME})
_GIVEN = ("zone", "reservation")
"""What a grant adds to a spec: of what exists it stays as it is."""


def kept(desired: Graph, before: Graph, anew: frozenset[str] = frozenset()) -> Graph:
    """Return the wanted resources with those that exist as and where they are: a plan never moves what it need not.

    The revisions of names stay, too, and so does where on our disk the bytes of the same image lie. What is in
    ``anew`` is made anew, and may go elsewhere.
    """

    def resource_at(path: str, resource: Resource) -> Resource:
        if path not in before:
            return resource
        return renewed(resource, before[path]) if path in anew else _stay(resource, before[path])

    return {path: resource_at(path, resource) for path, resource in desired.items()}


def placed(desired: Graph, grant: Grant, attachments: Mapping[str, Attachment]) -> Graph:
    """Return the wanted resources with target, zone and reservation: ``desired`` comes from :func:`kept`.

    A grant speaks of servers, volumes, networks and external ports. Everything else follows what it is connected to:
    a port its server, a subnet its network, an image, security group or placement group whatever uses it. A volume
    that was given no zone is put into its server's, and a server made anew stays with the volumes that exist.

    Raises:
        PlanningRefusedError: the grant leaves a resource without VIM, connects resources of different VIMs, or has
            something reserved that nothing can be taken out of.
    """
    answers = {
        info.resource_definition_id: info
        for info in (*grant.add_resources, *grant.temp_resources, *grant.update_resources)
        if info.resource_definition_id in desired and not desired[info.resource_definition_id].target
    }
    zones = {zone.id: zone.zone_id for zone in grant.zones}
    targets = {path: _target(resource, answers, grant) for path, resource in desired.items()}
    needs = {path: sorted(resource.needs) for path, resource in desired.items()}
    _spread(needs, targets)
    _check(needs, targets, attachments)
    wanted_zones = {path: zones.get(zone, zone) for path, info in answers.items() if (zone := info.zone_id) is not None}
    _join_volumes(desired, wanted_zones)
    return {
        path: _given(msgspec.structs.replace(resource, target=targets[path]), wanted_zones.get(path), answers.get(path))
        for path, resource in desired.items()
    }


def renewed(wanted: Resource, existing: Resource) -> Resource:
    """Return the wanted resource with a name of its own, so that a plan removes what may be there and makes it anew.

    ``fw-0`` becomes ``fw-0-r2``, and that ``fw-0-r3``. Everything that refers to it is made anew with it.
    """
    name = str(wanted.spec["name"])
    found = _REVISION.fullmatch(str(existing.spec["name"]))
    number = int(found["number"]) + 1 if found and found["name"] == name else 2
    return msgspec.structs.replace(wanted, spec={**wanted.spec, "name": f"{name}-r{number}"})


def _stay(resource: Resource, existing: Resource) -> Resource:
    spec, there = dict(resource.spec), existing.spec
    if (found := _REVISION.fullmatch(str(there["name"]))) and found["name"] == spec["name"]:
        spec["name"] = there["name"]
    spec.update({attribute: there[attribute] for attribute in _GIVEN if attribute in there})
    if {**spec, "content": None} == {**there, "content": None}:
        spec = dict(there)
    return msgspec.structs.replace(resource, target=existing.target, spec=spec)


def _target(resource: Resource, answers: Mapping[str, GrantInfo], grant: Grant) -> str:
    info = answers.get(resource.path)
    if info is None:
        return resource.target
    zone = next((zone for zone in grant.zones if zone.id == info.zone_id), None)
    there = (zone.vim_connection_id if zone else None) or ""
    if there and info.vim_connection_id not in {None, there}:
        raise PlanningRefusedError(
            "addResources.zoneId",
            f"the grant puts {resource.path!r} on VIM {info.vim_connection_id!r} and into zone {info.zone_id!r}, which"
            f" is of VIM {there!r}",
        )
    return info.vim_connection_id or there


def _spread(needs: Mapping[str, list[str]], targets: dict[str, str]) -> None:
    """Give each resource without a VIM the one of a neighbour, nearest first."""
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for path, needed_paths in needs.items():
        for needed in needed_paths:
            neighbours[path].add(needed)
            neighbours[needed].add(path)
    known = sorted(path for path, target in targets.items() if target)
    while known:
        reached = []
        for path in known:
            bare = [neighbour for neighbour in neighbours[path] if not targets[neighbour]]
            targets.update(dict.fromkeys(bare, targets[path]))
            reached += sorted(bare)
        known = reached
    used = sorted({target for target in targets.values() if target})
    if len(used) == 1:
        targets.update({path: used[0] for path, target in targets.items() if not target})


def _check(needs: Mapping[str, list[str]], targets: Mapping[str, str], attachments: Mapping[str, Attachment]) -> None:
    for path, needed_paths in needs.items():
        if not targets[path]:
            raise PlanningRefusedError("addResources", f"the grant names no VIM connection for {path!r}")
        for needed in needed_paths:
            if targets[needed] != targets[path]:
                raise PlanningRefusedError(
                    "addResources",
                    f"the grant puts {path!r} on VIM {targets[path]!r} and {needed!r}, which it is connected to,"
                    f" on VIM {targets[needed]!r}",
                )
        outside = attachments.get(path)
        if outside and outside.vim_connection_id not in {None, targets[path]}:
            raise PlanningRefusedError(
                "extVirtualLinks.vimConnectionId",
                f"external virtual link {outside.link_id!r} is on VIM {outside.vim_connection_id!r}, and the grant puts"
                f" {path!r} on VIM {targets[path]!r}",
            )


def _join_volumes(desired: Graph, zones: dict[str, str]) -> None:
    """Have each new server and its volumes in one zone: that of a volume that exists, else the server's."""
    for path in list(zones):
        resource = desired[path]
        if resource.kind != Kind.SERVER:
            continue
        volumes = [desired[needed] for needed in references(resource.spec.get("volumes", ()))]
        existing = [volume.spec["zone"] for volume in volumes if volume.target and "zone" in volume.spec]
        zones[path] = existing[0] if existing else zones[path]
        for volume in volumes:
            if not volume.target:
                zones.setdefault(volume.path, zones[path])


def _given(resource: Resource, zone: str | None, info: GrantInfo | None) -> Resource:
    """Return the resource with what the grant says besides its VIM."""
    given: dict[str, str] = {}
    if zone is not None and resource.kind in _ZONED:
        given["zone"] = zone
    if info is not None and info.reservation_id is not None:
        if resource.kind != Kind.SERVER:
            raise PlanningRefusedError(
                "addResources.reservationId",
                f"the grant has {info.reservation_id!r} reserved for {resource.path!r}, a {resource.kind}: only servers"
                " can be taken out of a reservation; have the NFVO grant it without",
            )
        given["reservation"] = info.reservation_id
    return msgspec.structs.replace(resource, spec={**resource.spec, **given}) if given else resource
