"""What the file of a simulated VIM holds that a new resource would use, and what of it is still free."""

from __future__ import annotations

import sqlite3

import msgspec

from vim_adapters.contract import Identity
from vim_adapters.errors import ConflictError, DependencyMissingError, InvalidSpecError, QuotaError
from vim_adapters.resources import ImageSpec, Kind, SubnetSpec
from vim_adapters.simulated.addressing import Allocation
from vim_adapters.simulated.file import VimFile
from vim_adapters.simulated.placement import Company, Demand, Host
from vim_adapters.simulated.settings import QUOTAS, setting


class Holdings:
    """Looks things up for the creation of one resource, within one transaction."""

    def __init__(self, connection: VimFile, now: float, identity: Identity) -> None:
        self._connection = connection
        self._now = now
        self.identity = identity
        """Of the resource that is created."""

    def needed(self, kind: Kind, id_: str, attribute: str) -> sqlite3.Row:
        """Something that the spec names and that must be there."""
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM resources WHERE id = ? AND kind = ? AND gone_at IS NULL", (id_, kind)
        ).fetchone()
        if row is None:
            raise DependencyMissingError(f"{attribute}: there is no {kind} {id_}")
        return row

    def usable(self, kind: Kind, id_: str, attribute: str) -> sqlite3.Row:
        """Something that the spec names and that must be ready."""
        row = self.needed(kind, id_, attribute)
        if row["fault"]:
            raise ConflictError(f"{attribute}: {kind} {id_} is faulted: {row['fault']}")
        if row["ready_at"] > self._now:
            raise ConflictError(f"{attribute}: {kind} {id_} is not ready yet")
        return row

    def free(self, kind: Kind, id_: str, attribute: str) -> sqlite3.Row:
        """Something that the spec names and that no other server may have."""
        row = self.usable(kind, id_, attribute)
        user = self._connection.execute(
            "SELECT id FROM resources JOIN uses ON user = id WHERE used = ? AND kind = 'server' AND path IS NOT ?",
            (id_, self.identity.path),
        ).fetchone()
        if user:
            raise ConflictError(f"{attribute}: {kind} {id_} is in use by server {user['id']}")
        return row

    def image(self, id_: str) -> ImageSpec:
        """The image that something starts from, or what a server snapshot is as an image."""
        row = self._connection.execute("SELECT kind FROM resources WHERE id = ?", (id_,)).fetchone()
        if row is None or row["kind"] != Kind.SERVER_SNAPSHOT:
            return msgspec.json.decode(self.usable(Kind.IMAGE, id_, "image")["spec"], type=ImageSpec)
        snapshot = self.usable(Kind.SERVER_SNAPSHOT, id_, "image")
        return ImageSpec(
            name=snapshot["name"], min_disk_gib=msgspec.json.decode(snapshot["attributes"])["min_disk_gib"]
        )

    def subnets(self, network: str) -> list[tuple[sqlite3.Row, SubnetSpec]]:
        """The subnets of a network, oldest first."""
        rows = self._connection.execute(
            "SELECT resources.* FROM resources JOIN uses ON user = id"
            " WHERE used = ? AND kind = 'subnet' AND gone_at IS NULL ORDER BY seq",
            (network,),
        )
        return [(row, msgspec.json.decode(row["spec"], type=SubnetSpec)) for row in rows]

    def is_taken(self, scope: str, address: str) -> bool:
        """Whether an address is in use."""
        found = self._connection.execute("SELECT 1 FROM addresses WHERE scope = ? AND address = ?", (scope, address))
        return found.fetchone() is not None

    def allocation(self, subnet: str, spec: SubnetSpec) -> Allocation:
        """Where to take addresses of a subnet from, within this transaction: what is taken and not kept is undone."""
        known = self._connection.known
        found: Allocation | None = known.get(("addresses", subnet))
        if found is None:
            rows = self._connection.execute("SELECT address FROM addresses WHERE scope = ?", (subnet,))
            found = known["addresses", subnet] = Allocation(spec, {row["address"] for row in rows})
        return found

    def hosts(self, zone: str | None) -> list[Host]:
        """The hosts with what they have left; a zone that is not there is an InvalidSpecError."""
        rows = self._connection.execute(
            "SELECT name, zone, vcpus - vcpus_used AS vcpus, memory_mib - memory_mib_used AS memory_mib,"
            " storage_gib - storage_gib_used AS storage_gib FROM hosts"
        )
        hosts = [Host(**dict(row)) for row in rows]
        if zone is not None and zone not in {host.zone for host in hosts}:
            raise InvalidSpecError(f"zone: the requested availability zone {zone!r} is not available")
        return hosts

    def company(self, group: str) -> Company:
        """Who is in a placement group."""
        policy = msgspec.json.decode(self.needed(Kind.PLACEMENT_GROUP, group, "placement_groups")["spec"])["policy"]
        rows = self._connection.execute(
            "SELECT host FROM resources JOIN uses ON user = id WHERE used = ? AND host IS NOT NULL", (group,)
        )
        return Company(policy=policy, hosts={row["host"] for row in rows})

    def trunk_of(self, port: str) -> sqlite3.Row | None:
        """The trunk of somebody else that has the port."""
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT resources.* FROM resources JOIN uses ON user = id"
            " WHERE used = ? AND kind = 'trunk' AND gone_at IS NULL AND path IS NOT ?",
            (port, self.identity.path),
        ).fetchone()
        return row

    def check_quota(self, kind: Kind, demand: Demand) -> None:
        """QuotaError where one more of the kind, or its demand, is more than is allowed."""
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
