"""What the file of a simulated VIM holds that a new resource would use, and what of it is still free."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from vim_adapters.contract import Identity
from vim_adapters.errors import ConflictError, DependencyMissingError, InvalidSpecError, QuotaError
from vim_adapters.resources import ImageSpec, Kind, SubnetSpec
from vim_adapters.simulated.addressing import Allocation
from vim_adapters.simulated.draft import Draft
from vim_adapters.simulated.file import Row, VimFile
from vim_adapters.simulated.placement import Company, Demand, Host
from vim_adapters.simulated.settings import QUOTAS, setting


class Holdings:
    """Looks things up for the creation of one resource, within one transaction."""

    def __init__(self, connection: VimFile, now: float, identity: Identity) -> None:
        self._connection = connection
        self._now = now
        self.identity = identity
        """Of the resource that is created."""

    def needed(self, kind: Kind, id_: str, attribute: str) -> Row:
        """Something that the spec names and that must be there."""
        row = self._row(id_)
        if row is None or row["kind"] != kind:
            raise DependencyMissingError(f"{attribute}: there is no {kind} {id_}")
        return row

    def usable(self, kind: Kind, id_: str, attribute: str) -> Row:
        """Something that the spec names and that must be ready."""
        row = self.needed(kind, id_, attribute)
        if row["fault"]:
            raise ConflictError(f"{attribute}: {kind} {id_} is faulted: {row['fault']}")
        if row["ready_at"] > self._now:
            raise ConflictError(f"{attribute}: {kind} {id_} is not ready yet")
        return row

    def free(self, kind: Kind, id_: str, attribute: str) -> Row:
        """Something that the spec names and that no other server may have."""
        row = self.usable(kind, id_, attribute)
        for user in self._users(id_):
            if user["kind"] == Kind.SERVER and user["path"] != self.identity.path:
                raise ConflictError(f"{attribute}: {kind} {id_} is in use by server {user['id']}")
        return row

    def image(self, id_: str) -> ImageSpec:
        """The image that something starts from, or what a server snapshot is as an image."""
        row = self._row(id_)
        if row is None or row["kind"] != Kind.SERVER_SNAPSHOT:
            return msgspec.json.decode(self.usable(Kind.IMAGE, id_, "image")["spec"], type=ImageSpec)
        snapshot = self.usable(Kind.SERVER_SNAPSHOT, id_, "image")
        return ImageSpec(
            name=snapshot["name"], min_disk_gib=msgspec.json.decode(snapshot["attributes"])["min_disk_gib"]
        )

    def subnets(self, network: str) -> list[tuple[Row, SubnetSpec]]:
        """The subnets of a network, oldest first."""
        known = self._connection.known
        found: list[tuple[Row, SubnetSpec]] | None = known.get(("subnets", network))
        if found is None:
            rows = self._connection.execute(
                "SELECT resources.* FROM resources JOIN uses ON user = id"
                " WHERE used = ? AND kind = 'subnet' AND gone_at IS NULL ORDER BY seq",
                (network,),
            )
            found = [(row, msgspec.json.decode(row["spec"], type=SubnetSpec)) for row in rows]
            known["subnets", network] = found
        return found

    def take_mac(self, network: str, mac: str) -> bool:
        """Take a MAC address, within this transaction; False where somebody has it."""
        known = self._connection.known
        taken: set[str] | None = known.get(("macs", network))
        if taken is None:
            taken = known["macs", network] = self._addresses(network)
        if mac in taken:
            return False
        taken.add(mac)
        return True

    def allocation(self, subnet: str, spec: SubnetSpec) -> Allocation:
        """Where to take addresses of a subnet from, within this transaction: what is taken and not kept is undone."""
        known = self._connection.known
        found: Allocation | None = known.get(("addresses", subnet))
        if found is None:
            found = known["addresses", subnet] = Allocation(spec, self._addresses(subnet))
        return found

    def hosts(self, zone: str | None) -> list[Host]:
        """The hosts with what they have left; a zone that is not there is an InvalidSpecError."""
        known: dict[str, Host] | None = self._connection.known.get("hosts")
        if known is None:
            rows = self._connection.execute(
                "SELECT name, zone, vcpus - vcpus_used AS vcpus, memory_mib - memory_mib_used AS memory_mib,"
                " storage_gib - storage_gib_used AS storage_gib FROM hosts"
            )
            known = self._connection.known["hosts"] = {row["name"]: Host(**dict(row)) for row in rows}
        hosts = list(known.values())
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

    def holder(self, kind: Kind, id_: str) -> Row | None:
        """What of a kind, other than what is created, uses something that only one may have."""
        for user in self._users(id_):
            if user["kind"] == kind and user["gone_at"] is None and user["path"] != self.identity.path:
                return user
        return None

    def check_quota(self, kind: Kind, demand: Demand) -> None:
        """QuotaError where one more of the kind, or its demand, is more than is allowed."""
        quotas: dict[str, float] | None = self._connection.known.get("quotas")
        if quotas is None:
            numbers = {thing: setting(self._connection, f"quota.{thing}") for thing in QUOTAS}
            quotas = {thing: number for thing, number in numbers.items() if number is not None}
            self._connection.known["quotas"] = quotas
        if not quotas:
            return
        more = {f"{kind}{'es' if kind.endswith('s') else 's'}": 1, **msgspec.structs.asdict(demand)}
        for thing, quota in quotas.items():
            if not more.get(thing):
                continue
            counted = f"sum({thing})" if thing in Demand.__struct_fields__ else f"sum(kind = '{kind}')"
            used = self._connection.execute(
                f"SELECT {counted} AS used FROM resources WHERE owner IS NOT NULL"  # noqa: S608  # names from this package
            ).fetchone()["used"]
            if (used or 0) + more[thing] > quota:
                raise QuotaError(f"Quota exceeded for {thing}: {more[thing]} more than {used or 0} of {quota:g} in use")

    def keep(self, row: dict[str, Any], draft: Draft) -> None:
        """Know by heart what was just created: the row, and what it takes of its host."""
        known = self._connection.known
        known["row", row["id"]] = row
        if row["kind"] == Kind.SUBNET:
            known.pop(("subnets", draft.attributes["network"]), None)
        hosts: dict[str, Host] | None = known.get("hosts")
        if hosts is not None and draft.host:
            hosts[draft.host] = hosts[draft.host].without(draft.demand)

    def _row(self, id_: str) -> Row | None:
        """What is there under an identifier and is not being removed."""
        known = self._connection.known
        row: Row | None = known.get(("row", id_))
        if row is None:
            row = self._connection.execute(
                "SELECT * FROM resources WHERE id = ? AND gone_at IS NULL", (id_,)
            ).fetchone()
            if row is not None:
                known["row", id_] = row
        return row

    def _users(self, id_: str) -> list[sqlite3.Row]:
        """What uses a resource."""
        return self._connection.execute(
            "SELECT resources.* FROM resources JOIN uses ON user = id WHERE used = ?", (id_,)
        ).fetchall()

    def _addresses(self, scope: str) -> set[str]:
        rows = self._connection.execute("SELECT address FROM addresses WHERE scope = ?", (scope,))
        return {row["address"] for row in rows}
