"""Which host a server or a volume lands on: a pure choice."""

from __future__ import annotations

from collections.abc import Collection

import msgspec


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What something takes of a host."""

    vcpus: int = 0
    memory_mib: int = 0
    storage_gib: int = 0


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """What a host has left."""

    name: str
    zone: str
    vcpus: int
    memory_mib: int
    storage_gib: int

    def has_room(self, demand: Demand) -> bool:
        """Whether the demand fits."""
        return (
            demand.vcpus <= self.vcpus
            and demand.memory_mib <= self.memory_mib
            and demand.storage_gib <= self.storage_gib
        )

    def without(self, demand: Demand) -> Host:
        """What is left when it has met the demand."""
        return Host(
            name=self.name,
            zone=self.zone,
            vcpus=self.vcpus - demand.vcpus,
            memory_mib=self.memory_mib - demand.memory_mib,
            storage_gib=self.storage_gib - demand.storage_gib,
        )


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts of the others in one placement group, and what its policy makes of them."""

    policy: str
    hosts: Collection[str]

    def allows(self, host: str) -> bool:
        """Whether the policy permits the host; soft policies permit all."""
        if self.policy == "anti-affinity":
            return host not in self.hosts
        return self.policy != "affinity" or not self.hosts or host in self.hosts

    def likes(self, host: str) -> bool:
        """Whether the host is what the policy would have."""
        return (host not in self.hosts) if "anti-affinity" in self.policy else (host in self.hosts)


def choose(
    hosts: Collection[Host], demand: Demand, *, zone: str | None = None, groups: Collection[Company] = ()
) -> Host | None:
    """Return the host with the most room among those that the zone and the groups permit; None when there is none.

    Ties go to the first name, so that the same history always gives the same placement.
    """
    fit = [
        host
        for host in hosts
        if zone in {None, host.zone} and host.has_room(demand) and all(group.allows(host.name) for group in groups)
    ]
    return min(
        fit,
        key=lambda host: (
            -sum(group.likes(host.name) for group in groups),
            -host.vcpus,
            -host.memory_mib,
            -host.storage_gib,
            host.name,
        ),
        default=None,
    )
