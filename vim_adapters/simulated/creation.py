"""What the simulated VIM makes of a spec: checks it as OpenStack would, and works out what comes of it."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any

import msgspec

from vim_adapters.contract import Identity
from vim_adapters.errors import CapacityError, ConflictError, DependencyMissingError, InvalidSpecError, QuotaError
from vim_adapters.resources import (
    FixedAddress,
    ImageSpec,
    Kind,
    NetworkSpec,
    PlacementGroupSpec,
    PortSpec,
    ResourceSpec,
    SecurityGroupSpec,
    ServerSpec,
    SubnetSpec,
    VolumeSpec,
    kind_of,
)
from vim_adapters.simulated import addressing
from vim_adapters.simulated.images import image_attributes
from vim_adapters.simulated.placement import Company, Demand, Host, choose
from vim_adapters.simulated.settings import QUOTAS, setting

_POLICIES = ("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")
_DEFAULT_MTU = 1450
_HIGHEST_PORT = 65535


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A resource as it will be."""

    attributes: dict[str, Any] = {}
    uses: tuple[str, ...] = ()
    """Identifiers of what may not go before it, and of the placement groups it is in."""
    addresses: tuple[tuple[str, str], ...] = ()
    """(scope, address): see the table."""
    demand: Demand = Demand()
    host: str | None = None
    fault: str = ""
    """Accepted, and yet never comes up: why."""


class Creation:
    """Drafts resources from specs, within one transaction.

    Everything raises InvalidSpecError, DependencyMissingError, ConflictError, CapacityError or QuotaError where
    OpenStack would refuse at once; where it accepts and fails later, the draft has a fault.
    """

    def __init__(self, connection: sqlite3.Connection, now: float, identity: Identity, size: int | None) -> None:
        self._connection = connection
        self._now = now
        self._identity = identity
        self._size = size
        """Of an image's content."""

    def draft(self, spec: ResourceSpec) -> Draft:
        """Return what comes of the spec."""
        match spec:
            case NetworkSpec():
                draft = _network(spec)
            case SubnetSpec():
                draft = self._subnet(spec)
            case PortSpec():
                draft = self._port(spec)
            case SecurityGroupSpec():
                draft = _security_group(spec)
            case ImageSpec():
                draft = Draft(attributes=image_attributes(spec, self._size))
            case VolumeSpec():
                draft = self._volume(spec)
            case PlacementGroupSpec():
                draft = _placement_group(spec)
            case ServerSpec():
                draft = self._server(spec)
        self._check_quota(kind_of(spec), draft.demand)
        return draft

    def _subnet(self, spec: SubnetSpec) -> Draft:
        self._needed(Kind.NETWORK, spec.network, "network")
        cidr = addressing.check_subnet(spec)
        for row, other in self._subnets(spec.network):
            twin = (row["owner"], row["path"]) == (self._identity.owner, self._identity.path)
            if not twin and other.ip_version == spec.ip_version and cidr.overlaps(addressing.check_subnet(other)):
                raise InvalidSpecError(f"cidr: {spec.cidr} overlaps with subnet {other.name!r} ({other.cidr})")
        gateway = addressing.gateway(spec)
        return Draft(
            attributes={"network": spec.network, "cidr": spec.cidr, "gateway": str(gateway) if gateway else ""},
            uses=(spec.network,),
        )

    def _port(self, spec: PortSpec) -> Draft:
        self._needed(Kind.NETWORK, spec.network, "network")
        for group in spec.security_groups:
            self._needed(Kind.SECURITY_GROUP, group, "security_groups")
        mac = self._mac_address(spec)
        subnets = [(row["id"], subnet) for row, subnet in self._subnets(spec.network)]
        chosen: list[tuple[str, str]] = []
        for fixed in spec.fixed_addresses or _one_of_each_version(subnets):
            chosen.append(self._address(fixed, subnets, mac, chosen))
        return Draft(
            attributes={
                "network": spec.network,
                "mac_address": mac,
                "addresses": [address for _, address in chosen],
                "subnets": [subnet for subnet, _ in chosen],
            },
            uses=tuple(dict.fromkeys((spec.network, *(subnet for subnet, _ in chosen), *spec.security_groups))),
            addresses=((spec.network, mac), *chosen),
        )

    def _mac_address(self, spec: PortSpec) -> str:
        if spec.mac_address:
            mac = spec.mac_address.lower()
            if self._is_taken(spec.network, mac):
                raise ConflictError(f"mac_address: {mac} is in use on the network")
            return mac
        while True:
            mac = "fa:16:3e:" + secrets.token_bytes(3).hex(":")
            if not self._is_taken(spec.network, mac):
                return mac

    def _address(
        self, fixed: FixedAddress, subnets: list[tuple[str, SubnetSpec]], mac: str, chosen: list[tuple[str, str]]
    ) -> tuple[str, str]:
        candidates = [(id_, subnet) for id_, subnet in subnets if fixed.subnet in {None, id_}]
        if fixed.subnet and not candidates:
            self._needed(Kind.SUBNET, fixed.subnet, "fixed_addresses")
            raise InvalidSpecError(f"fixed_addresses: subnet {fixed.subnet} is not on the port's network")
        if fixed.address:
            candidates = [(id_, subnet) for id_, subnet in candidates if addressing.contains(subnet, fixed.address)]
            if not candidates:
                raise InvalidSpecError(f"fixed_addresses: {fixed.address} is on no subnet of the port's network")
        for id_, subnet in candidates:
            taken = self._taken(id_) | {address for scope, address in chosen if scope == id_}
            if fixed.address:
                address = str(addressing.check_fixed(subnet, fixed.address))
                if address in taken:
                    raise ConflictError(f"fixed_addresses: {address} is already allocated on subnet {subnet.name!r}")
                return id_, address
            if free := addressing.pick(subnet, taken, mac):
                return id_, str(free)
        raise CapacityError("No more IP addresses available on the network")

    def _volume(self, spec: VolumeSpec) -> Draft:
        if spec.size_gib < 1:
            raise InvalidSpecError("size_gib: must be at least 1")
        if spec.image:
            image = self._image(spec.image)
            if image.min_disk_gib > spec.size_gib:
                raise InvalidSpecError(f"size_gib: image {image.name!r} needs {image.min_disk_gib} GiB")
        demand = Demand(storage_gib=spec.size_gib)
        host = choose(self._hosts(spec.zone), demand, zone=spec.zone)
        attributes = {"size_gib": spec.size_gib, "bootable": spec.image is not None}
        if host is None:
            fault = "No valid backend was found. No weighed backends available"
            return Draft(attributes=attributes, fault=fault)
        return Draft(attributes={**attributes, "zone": host.zone}, demand=demand, host=host.name)

    def _server(self, spec: ServerSpec) -> Draft:
        if spec.vcpus < 1 or spec.memory_mib < 1 or spec.disk_gib < 0:
            raise InvalidSpecError("vcpus and memory_mib must be at least 1, disk_gib at least 0")
        boots = [attachment.volume for attachment in spec.volumes if attachment.boot]
        if len(boots) > 1 or (boots and spec.image):
            raise InvalidSpecError("volumes: a server boots from one volume, or from its image")
        if not boots and not spec.image:
            raise InvalidSpecError("image: a server needs an image or a volume to boot from")
        if spec.image:
            image = self._image(spec.image)
            if image.min_ram_mib > spec.memory_mib:
                raise InvalidSpecError(f"memory_mib: image {image.name!r} needs {image.min_ram_mib} MiB")
            if 0 < spec.disk_gib < image.min_disk_gib:
                raise InvalidSpecError(f"disk_gib: image {image.name!r} needs {image.min_disk_gib} GiB")
        volumes = [self._free(Kind.VOLUME, attachment.volume, "volumes") for attachment in spec.volumes]
        for row in volumes:
            if row["id"] in boots and not msgspec.json.decode(row["attributes"])["bootable"]:
                raise InvalidSpecError(f"volumes: volume {row['id']} is not bootable, it was made without an image")
        ports = [self._free(Kind.PORT, port, "ports") for port in spec.ports]
        groups = [self._company(group) for group in spec.placement_groups]
        demand = Demand(vcpus=spec.vcpus, memory_mib=spec.memory_mib, storage_gib=spec.disk_gib)
        uses = tuple(dict.fromkeys((*(row["id"] for row in (*volumes, *ports)), *spec.placement_groups)))
        host = choose(self._hosts(spec.zone), demand, zone=spec.zone, groups=groups)
        if host is None:
            fault = "No valid host was found. There are not enough hosts available."
            return Draft(attributes={"zone": spec.zone or "", "host": ""}, uses=uses, fault=fault)
        return Draft(attributes={"zone": host.zone, "host": host.name}, uses=uses, demand=demand, host=host.name)

    def _needed(self, kind: Kind, id_: str, attribute: str) -> sqlite3.Row:
        """Something that the spec names and that must be there."""
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM resources WHERE id = ? AND kind = ? AND gone_at IS NULL", (id_, kind)
        ).fetchone()
        if row is None:
            raise DependencyMissingError(f"{attribute}: there is no {kind} {id_}")
        return row

    def _usable(self, kind: Kind, id_: str, attribute: str) -> sqlite3.Row:
        """Something that the spec names and that must be ready."""
        row = self._needed(kind, id_, attribute)
        if row["fault"]:
            raise ConflictError(f"{attribute}: {kind} {id_} is faulted: {row['fault']}")
        if row["ready_at"] > self._now:
            raise ConflictError(f"{attribute}: {kind} {id_} is not ready yet")
        return row

    def _free(self, kind: Kind, id_: str, attribute: str) -> sqlite3.Row:
        """Something that the spec names and that no other server may have."""
        row = self._usable(kind, id_, attribute)
        user = self._connection.execute(
            "SELECT id FROM resources JOIN uses ON user = id WHERE used = ? AND kind = 'server' AND path IS NOT ?",
            (id_, self._identity.path),
        ).fetchone()
        if user:
            raise ConflictError(f"{attribute}: {kind} {id_} is in use by server {user['id']}")
        return row

    def _image(self, id_: str) -> ImageSpec:
        return msgspec.json.decode(self._usable(Kind.IMAGE, id_, "image")["spec"], type=ImageSpec)

    def _subnets(self, network: str) -> list[tuple[sqlite3.Row, SubnetSpec]]:
        rows = self._connection.execute(
            "SELECT resources.* FROM resources JOIN uses ON user = id"
            " WHERE used = ? AND kind = 'subnet' AND gone_at IS NULL ORDER BY seq",
            (network,),
        )
        return [(row, msgspec.json.decode(row["spec"], type=SubnetSpec)) for row in rows]

    def _is_taken(self, scope: str, address: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM addresses WHERE scope = ? AND address = ?", (scope, address))
        return found.fetchone() is not None

    def _taken(self, scope: str) -> set[str]:
        rows = self._connection.execute("SELECT address FROM addresses WHERE scope = ?", (scope,))
        return {row["address"] for row in rows}

    def _hosts(self, zone: str | None) -> list[Host]:
        rows = self._connection.execute(
            "SELECT name, zone, vcpus - vcpus_used AS vcpus, memory_mib - memory_mib_used AS memory_mib,"
            " storage_gib - storage_gib_used AS storage_gib FROM hosts"
        )
        hosts = [Host(**dict(row)) for row in rows]
        if zone is not None and zone not in {host.zone for host in hosts}:
            raise InvalidSpecError(f"zone: the requested availability zone {zone!r} is not available")
        return hosts

    def _company(self, group: str) -> Company:
        policy = msgspec.json.decode(self._needed(Kind.PLACEMENT_GROUP, group, "placement_groups")["spec"])["policy"]
        rows = self._connection.execute(
            "SELECT host FROM resources JOIN uses ON user = id WHERE used = ? AND host IS NOT NULL", (group,)
        )
        return Company(policy=policy, hosts={row["host"] for row in rows})

    def _check_quota(self, kind: Kind, demand: Demand) -> None:
        more = {f"{kind}s": 1, **msgspec.structs.asdict(demand)}
        for thing in QUOTAS:
            quota = setting(self._connection, f"quota.{thing}")
            if quota is None or not more.get(thing):
                continue
            counted = f"sum({thing})" if thing in Demand.__struct_fields__ else f"sum(kind = '{kind}')"
            used = self._connection.execute(
                f"SELECT {counted} AS used FROM resources WHERE owner IS NOT NULL"  # noqa: S608  # names from this package
            ).fetchone()["used"]
            if (used or 0) + more[thing] > quota:
                raise QuotaError(f"Quota exceeded for {thing}: {more[thing]} more than {used or 0} of {quota:g} in use")


def _network(spec: NetworkSpec) -> Draft:
    segment = spec.provider_segment if spec.provider_segment is not None else 1 + secrets.randbelow(2**24 - 2)
    return Draft(attributes={"mtu": spec.mtu or _DEFAULT_MTU, "segment": segment})


def _security_group(spec: SecurityGroupSpec) -> Draft:
    for index, rule in enumerate(spec.rules):
        if rule.direction not in {"ingress", "egress"}:
            raise InvalidSpecError(f"rules[{index}].direction: {rule.direction!r} is neither ingress nor egress")
        for attribute in ("port_min", "port_max"):
            port = getattr(rule, attribute)
            if port is not None and not 0 <= port <= _HIGHEST_PORT:
                raise InvalidSpecError(f"rules[{index}].{attribute}: {port} is not between 0 and {_HIGHEST_PORT}")
    return Draft()


def _placement_group(spec: PlacementGroupSpec) -> Draft:
    if spec.policy not in _POLICIES:
        raise InvalidSpecError(f"policy: {spec.policy!r} is not one of {', '.join(_POLICIES)}")
    return Draft(attributes={"policy": spec.policy})


def _one_of_each_version(subnets: list[tuple[str, SubnetSpec]]) -> list[FixedAddress]:
    """What a port asks for that asks for nothing: an address on the first subnet of each IP version."""
    first: dict[int, str] = {}
    for id_, subnet in subnets:
        first.setdefault(subnet.ip_version, id_)
    return [FixedAddress(subnet=id_) for id_ in first.values()]
