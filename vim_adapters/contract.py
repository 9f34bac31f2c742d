"""The VIM adapter contract: the verbs of every adapter and what they promise.

* An *identity* is (owner, path): derived from the plan, never random. The adapter writes it on the VIM (tag, metadata,
  client token) with a digest of the spec. Asked again with the same identity: the same digest returns what is there,
  another digest is a ConflictError, and of two resources with one identity the oldest stays and the others go.
  A resource that is being removed no longer counts: asked again, the adapter makes a new one beside it.
* What carries no owner's tag is never changed or removed. An image that the VIM has already is used as it is: found by
  digest where one is given and the VIM knows one of that algorithm, else by name.
* No call waits for readiness. Waiting is the executor's work, through ``observe`` or one ``list_owned`` for many.
* Absent and faulted are answers. Only ``vim_adapters.errors`` leave an adapter.
* What is adjusted in place, and a server's power, is no part of a digest: it is looked at and brought about.
* Adapters are safe to call concurrently from one event loop and never block it.
"""

from __future__ import annotations

import enum
from typing import Any, Protocol

import msgspec

from vim_adapters.capabilities import Capabilities
from vim_adapters.resources import Kind, ResourceSpec


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns a resource and which of the owner's resources it is."""

    owner: str
    """The orchestrator installation."""
    path: str
    """Unique for the owner: scope and path of the plan's resource."""


class Handle(msgspec.Struct, frozen=True, kw_only=True):
    """Where a resource is on the VIM."""

    kind: Kind
    id: str


class State(enum.StrEnum):
    """Where a resource is in its life, as the VIM reports it."""

    PENDING = "pending"
    READY = "ready"
    STOPPED = "stopped"
    FAULTED = "faulted"
    DELETING = "deleting"
    ABSENT = "absent"


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is true of a resource now."""

    handle: Handle
    state: State
    identity: Identity | None = None
    """None: not ours."""
    digest: str = ""
    """Digest of the spec that it was created from."""
    fault: str = ""
    """The VIM's own words on why it is FAULTED."""
    fault_family: str = ""
    """``capacity`` when another zone or VIM might do; empty when nothing is known."""
    created_at: str = ""
    """ISO 8601, as the VIM tells it."""
    attributes: dict[str, Any] = {}
    """Further facts by kind. Port: ``mac_address``, ``addresses`` (list of str), ``subnets`` (list of str: of each
    address the subnet that it is on), ``network``, ``allowed_addresses`` (list of str: what it may carry besides
    its own). Trunk: ``port`` (the one that a server gets). Floating address: ``address``, ``port`` (what it leads
    to; empty once that is gone). Server: ``zone``, ``host``, ``power``. Network: ``mtu``, ``segment``. Image:
    ``shared`` (true: found, not ours, never removed). QoS policy: ``max_bps``, ``min_bps``. File share: ``exports``
    (list of str: where it can be mounted from). Object container: ``url``. Volume snapshot: ``size_gib``, ``zone``
    (where a volume that is filled with it is)."""


class ZoneCapacity(msgspec.Struct, frozen=True, kw_only=True):
    """What a zone has, and what of it is free; None where the VIM does not tell."""

    zone: str
    vcpus_total: int | None = None
    vcpus_free: int | None = None
    memory_mib_total: int | None = None
    memory_mib_free: int | None = None
    storage_gib_total: int | None = None
    storage_gib_free: int | None = None


class AccessReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found when a connection was tried."""

    endpoint: str
    version: str = ""
    zones: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    """Things that work less well than they could, in words; empty when all is well."""


class Action(enum.StrEnum):
    """What can be done to a server that exists; HALT where STOP can be done."""

    START = "start"
    STOP = "stop"
    """The guest is asked to shut down and takes its time."""
    HALT = "halt"
    """The power is cut, or what comes nearest to it on this VIM."""
    REBOOT = "reboot"


class VimAdapter(Protocol):
    """One VIM. Errors: see ``vim_adapters.errors``."""

    @property
    def capabilities(self) -> Capabilities:
        """What this VIM can do; known without a call."""

    async def check_access(self) -> AccessReport:
        """Prove that endpoint and credentials work, and tell what was found."""

    async def capacity(self) -> tuple[ZoneCapacity, ...]:
        """What is left, per zone."""

    async def ensure_present(self, spec: ResourceSpec, identity: Identity) -> Observation:
        """Have the resource exist once and return what is true of it now; idempotent by identity, never waits."""

    async def ensure_absent(self, handle: Handle) -> None:
        """Have the resource removed; absent, or not ours to remove, is success. ConflictError while it is in use."""

    async def observe(self, handle: Handle) -> Observation:
        """What is true of the resource now; state ABSENT when it is not there."""

    async def find(self, kind: Kind, identity: Identity) -> Observation | None:
        """The oldest resource with this identity that is not being removed, else one that is, or None."""

    async def list_owned(self, owner: str, kind: Kind | None = None) -> tuple[Observation, ...]:
        """Everything on the VIM that carries this owner's tag, oldest first."""

    async def operate(self, handle: Handle, action: Action) -> None:
        """Start, stop, halt or reboot a server; already so is success. Does not wait.

        ConflictError while it cannot be done (not booted yet, faulted), DependencyMissingError when it is not there.
        """

    async def console(self, handle: Handle) -> str:
        """The end of what a server has written on its console, some dozens of lines; empty when that is nothing.

        DependencyMissingError when the server is not there.
        """

    async def adjust(self, handle: Handle, spec: ResourceSpec) -> Observation:
        """Have what is adjustable of a resource be as the spec says, and return what is true of it now; idempotent.

        What is adjustable says ``resources.ADJUSTABLE``; the rest of the spec is not looked at. DependencyMissingError
        when the resource is not there.
        """

    async def aclose(self) -> None:
        """Let go of connections; the adapter is not used again."""
