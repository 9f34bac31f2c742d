"""The simulated VIM itself: what each verb does to the file. Blocks; the adapter calls it from threads of its own."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec

from vim_adapters.contract import AccessReport, Action, Handle, Identity, Observation, State, ZoneCapacity
from vim_adapters.errors import ConflictError, DependencyMissingError, VimError, slug
from vim_adapters.resources import ImageSpec, Kind, ResourceSpec, kind_of, spec_digest
from vim_adapters.simulated.creation import drafted
from vim_adapters.simulated.faults import BOOT_FAULT, TWIN, Call, FaultRule, take_fault
from vim_adapters.simulated.file import Row, VimFile
from vim_adapters.simulated.holdings import Holdings
from vim_adapters.simulated.images import shared_image, verified_size
from vim_adapters.simulated.networking import adjusted
from vim_adapters.simulated.routing import let_go_of
from vim_adapters.simulated.settings import setting
from vim_adapters.simulated.store import Store, insert

_BLOCKED_BY = {
    Kind.QOS_POLICY: (Kind.NETWORK, Kind.PORT),
    Kind.NETWORK: (Kind.PORT, Kind.ROUTER, Kind.FILE_SHARE),
    Kind.SUBNET: (Kind.PORT, Kind.ROUTER, Kind.FILE_SHARE),
    Kind.ROUTER: (Kind.FLOATING_ADDRESS, Kind.PORT),
    Kind.SECURITY_GROUP: (Kind.PORT,),
    Kind.PORT: (Kind.SERVER, Kind.TRUNK),
    Kind.VOLUME: (Kind.SERVER,),
}
"""What may use a resource so that it cannot be removed."""

_CALLS_KEPT = 100_000


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """A call that came in: how it is treated."""

    seq: int
    delay_seconds: float
    fault: FaultRule | None


class Cloud:
    """Every verb of the contract on the file, one transaction each. Safe from several threads and processes.

    A call comes in two parts, as on a real VIM: it is admitted (counted, delayed, perhaps spoilt), then carried out.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def admit(self, call: Call) -> Admission:
        """Count a call that comes in and say how it is to be treated."""
        with self._store.transaction() as connection:
            if call.id:
                row = connection.execute("SELECT path, name FROM resources WHERE id = ?", (call.id,)).fetchone()
                if row:
                    call = msgspec.structs.replace(call, path=row["path"] or "", name=row["name"])
            fault = take_fault(connection, call)
            refusal = fault.refusal() if fault else None
            seq = insert(
                connection,
                "calls",
                {
                    "at": self._store.clock(),
                    "verb": call.verb,
                    "kind": call.kind,
                    "path": call.path,
                    "id": call.id,
                    "outcome": slug(refusal) if refusal else "",
                },
            )
            if seq % 1000 == 0:
                connection.execute("DELETE FROM calls WHERE seq <= ?", (seq - _CALLS_KEPT,))
            delay = setting(connection, f"call.{call.verb}") or 0.0
        return Admission(seq=seq, delay_seconds=delay + (fault.delay_seconds if fault else 0.0), fault=fault)

    def check_access(self, admission: Admission) -> AccessReport:
        """Tell what there is to reach."""
        with self._store.transaction() as connection:
            zones = [row["zone"] for row in connection.execute("SELECT DISTINCT zone FROM hosts ORDER BY zone")]
            _ended(connection, admission, "ok")
        findings = () if zones else ("the VIM has no hosts",)
        return AccessReport(endpoint=str(self._store.path), version="simulated", zones=tuple(zones), findings=findings)

    def capacity(self, admission: Admission) -> tuple[ZoneCapacity, ...]:
        """What is left, per zone."""
        with self._store.transaction() as connection:
            rows = connection.execute(
                "SELECT zone,"
                " sum(vcpus) AS vcpus_total, sum(vcpus - vcpus_used) AS vcpus_free,"
                " sum(memory_mib) AS memory_mib_total, sum(memory_mib - memory_mib_used) AS memory_mib_free,"
                " sum(storage_gib) AS storage_gib_total, sum(storage_gib - storage_gib_used) AS storage_gib_free"
                " FROM hosts GROUP BY zone ORDER BY zone"
            ).fetchall()
            _ended(connection, admission, "ok")
        return tuple(ZoneCapacity(**dict(row)) for row in rows)

    def ensure_present(self, admission: Admission, spec: ResourceSpec, identity: Identity) -> Observation:
        """Have the resource exist once; see the contract."""
        kind, now = kind_of(spec), self._store.clock()
        size = self._uploaded(spec, identity)
        with self._store.transaction() as connection:
            living = _living(connection, kind, identity)
            if living:
                if living[0]["digest"] != spec_digest(spec):
                    raise ConflictError(
                        f"{kind} {living[0]['id']} has the identity {identity.path!r} and was made from another spec"
                    )
                for twin in living[1:]:
                    with contextlib.suppress(ConflictError):  # something uses it: it stays, and list_owned shows it
                        _remove(connection, twin, now)
                _ended(connection, admission, "found", living[0]["id"])
                return _observation(living[0], now)
            if isinstance(spec, ImageSpec) and (found := shared_image(connection, spec)):
                _ended(connection, admission, "found", found["id"])
                return _observation(found, now)
            created = _create(connection, spec, identity, now=now, size=size, fault=admission.fault)
            if admission.fault and admission.fault.error == TWIN:
                _create(connection, spec, identity, now=now, size=size)
            _ended(connection, admission, "created", created["id"])
            return _observation(created, now)

    def _uploaded(self, spec: ResourceSpec, identity: Identity) -> int | None:
        """Take in the content of an image that the VIM lacks, outside of any transaction: it may be long."""
        if not isinstance(spec, ImageSpec) or spec.content is None:
            return None
        with self._store.transaction() as connection:
            if _living(connection, Kind.IMAGE, identity) or shared_image(connection, spec):
                return None
        return verified_size(spec)

    def ensure_absent(self, admission: Admission, handle: Handle) -> None:
        """Have the resource removed; see the contract."""
        with self._store.transaction() as connection:
            row = _at(connection, handle)
            removable = row is not None and row["owner"] is not None and row["gone_at"] is None
            if row is not None and removable:
                _remove(connection, row, self._store.clock())
            _ended(connection, admission, "removed" if removable else "left")

    def observe(self, admission: Admission, handle: Handle) -> Observation:
        """What is true of the resource now."""
        now = self._store.clock()  # before the transaction, which forgets what has gone: nothing it returns has
        with self._store.transaction() as connection:
            row = _at(connection, handle)
            _ended(connection, admission, "ok")
        return _observation(row, now) if row else Observation(handle=handle, state=State.ABSENT)

    def find(self, admission: Admission, kind: Kind, identity: Identity) -> Observation | None:
        """The resource with this identity, or None."""
        now = self._store.clock()
        with self._store.transaction() as connection:
            row = connection.execute(
                "SELECT * FROM resources WHERE owner = ? AND path = ? AND kind = ?"
                " ORDER BY gone_at IS NOT NULL, created_at, seq",
                (identity.owner, identity.path, kind),
            ).fetchone()
            _ended(connection, admission, "ok")
        return _observation(row, now) if row else None

    def list_owned(self, admission: Admission, owner: str, kind: Kind | None) -> tuple[Observation, ...]:
        """Everything that carries this owner's tag, oldest first."""
        now = self._store.clock()
        with self._store.transaction() as connection:
            rows = connection.execute(
                "SELECT * FROM resources WHERE owner = ? AND (? IS NULL OR kind = ?) ORDER BY created_at, seq",
                (owner, kind, kind),
            ).fetchall()
            _ended(connection, admission, "ok")
        return tuple(_observation(row, now) for row in rows)

    def operate(self, admission: Admission, handle: Handle, action: Action) -> None:
        """Start, stop, halt or reboot a server."""
        with self._store.transaction() as connection:
            row = _at(connection, handle)
            if row is None or row["gone_at"] is not None:
                raise DependencyMissingError(f"there is no {handle.kind} {handle.id}")
            connection.known.clear()
            now = self._store.clock()
            state = _state(row, now)
            if state not in {State.READY, State.STOPPED} or (action is Action.REBOOT and state is State.STOPPED):
                raise ConflictError(f"cannot {action} server {handle.id} while it is {state}")
            connection.execute(
                "UPDATE resources SET stopped = ? WHERE id = ?", (_stopped(connection, row, action, now), handle.id)
            )
            _ended(connection, admission, "ok")

    def console(self, admission: Admission, handle: Handle) -> str:
        """What a guest that knows nothing but its state writes."""
        with self._store.transaction() as connection:
            row = _at(connection, handle)
            if row is None or row["gone_at"] is not None:
                raise DependencyMissingError(f"there is no {handle.kind} {handle.id}")
            seen = _observation(row, self._store.clock())
            _ended(connection, admission, "ok")
        ends = {State.READY: f"{row['name']} login:", State.STOPPED: "Power down", State.FAULTED: seen.fault}
        return f"Booting {row['name']}\n{ends.get(seen.state, '')}".rstrip()

    def adjust(self, admission: Admission, handle: Handle, spec: ResourceSpec) -> Observation:
        """Have what is adjustable of a resource be as the spec says."""
        now = self._store.clock()
        with self._store.transaction() as connection:
            row = _at(connection, handle)
            if row is None or row["gone_at"] is not None:
                raise DependencyMissingError(f"there is no {handle.kind} {handle.id}")
            connection.known.clear()
            identity = Identity(owner=row["owner"] or "", path=row["path"] or "")
            draft = adjusted(Holdings(connection, now, identity), spec)
            changed = msgspec.json.decode(row["attributes"]) | draft.attributes
            connection.execute(
                "UPDATE resources SET attributes = ? WHERE id = ?", (msgspec.json.encode(changed).decode(), handle.id)
            )
            connection.execute(
                "DELETE FROM uses WHERE user = ? AND used IN"
                " (SELECT id FROM resources WHERE kind IN ('qos_policy', 'port', 'router'))",
                (handle.id,),
            )
            connection.executemany(
                "INSERT INTO uses (user, used) VALUES (?, ?)", [(handle.id, used) for used in draft.uses]
            )
            _ended(connection, admission, "ok")
            row = _at(connection, handle)
        return _observation(row, now) if row else Observation(handle=handle, state=State.ABSENT)

    def refused(self, admission: Admission, error: VimError) -> None:
        """Note that a call which was admitted ended in an error; what it did was undone."""
        with self._store.transaction() as connection:
            _ended(connection, admission, slug(error))

    def close(self) -> None:
        """Close the file."""
        self._store.close()


def make_twin(store: Store, spec: ResourceSpec, identity: Identity) -> Handle:
    """Create a resource whatever carries its identity already, as a VIM does that is asked again without a token."""
    with store.transaction() as connection:
        size = verified_size(spec) if isinstance(spec, ImageSpec) else None
        row = _create(connection, spec, identity, now=store.clock(), size=size)
    return Handle(kind=kind_of(spec), id=row["id"])


def _create(
    connection: VimFile,
    spec: ResourceSpec,
    identity: Identity,
    *,
    now: float,
    size: int | None = None,
    fault: FaultRule | None = None,
) -> Row:
    draft = drafted(connection, spec, identity, now=now, size=size)
    injected = (
        fault.message or "Build of instance aborted: injected fault" if fault and fault.error == BOOT_FAULT else ""
    )
    kind, id_, demand = kind_of(spec), str(uuid.uuid4()), draft.demand
    row: dict[str, Any] = {
        "id": id_,
        "kind": kind.value,
        "name": spec.name,
        "owner": identity.owner,
        "path": identity.path,
        "digest": spec_digest(spec),
        "spec": msgspec.json.encode(spec).decode(),
        "attributes": msgspec.json.encode(draft.attributes).decode(),
        "created_at": now,
        "ready_at": now + (setting(connection, f"boot.{kind}") or 0.0),
        "gone_at": None,
        "fault": injected or draft.fault,
        "fault_family": "capacity" if draft.fault and not injected else "",
        "stopped": 0.0,
        "host": draft.host,
        "vcpus": demand.vcpus,
        "memory_mib": demand.memory_mib,
        "storage_gib": demand.storage_gib,
    }
    insert(connection, "resources", row)
    connection.executemany("INSERT INTO uses (user, used) VALUES (?, ?)", [(id_, used) for used in draft.uses])
    if draft.addresses:
        connection.executemany(
            "INSERT INTO addresses (scope, address, port) VALUES (?, ?, ?)",
            [(scope, address, id_) for scope, address in draft.addresses],
        )
    Holdings(connection, now, identity).keep(row, draft)
    if draft.host:
        connection.execute(
            "UPDATE hosts SET vcpus_used = vcpus_used + ?, memory_mib_used = memory_mib_used + ?,"
            " storage_gib_used = storage_gib_used + ? WHERE name = ?",
            (demand.vcpus, demand.memory_mib, demand.storage_gib, draft.host),
        )
    return row


def _remove(connection: VimFile, row: sqlite3.Row, now: float) -> None:
    """Begin the removal; ConflictError while something uses it. A network's subnets go with it, as in OpenStack."""
    blockers = _BLOCKED_BY.get(Kind(row["kind"]), ())
    users = connection.execute("SELECT id, kind FROM resources JOIN uses ON user = id WHERE used = ?", (row["id"],))
    for user in users.fetchall():  # one that is read half keeps the file's next transaction from beginning
        if user["kind"] in blockers:
            raise ConflictError(f"{row['kind']} {row['id']} is in use by {user['kind']} {user['id']}")
    seconds = setting(connection, f"removal.{row['kind']}") or 0.0
    connection.known.clear()
    if row["kind"] == Kind.PORT:
        let_go_of(connection, row["id"])
    connection.execute(
        "UPDATE resources SET gone_at = ? WHERE id = ? OR (kind = 'subnet' AND gone_at IS NULL"
        " AND id IN (SELECT user FROM uses WHERE used = ?))",
        (now + seconds, row["id"], row["id"]),
    )


def _living(connection: VimFile, kind: Kind, identity: Identity) -> list[sqlite3.Row]:
    """What has the identity and is not being removed, oldest first."""
    return connection.execute(
        "SELECT * FROM resources WHERE owner = ? AND path = ? AND kind = ? AND gone_at IS NULL"
        " ORDER BY created_at, seq",
        (identity.owner, identity.path, kind),
    ).fetchall()


def _at(connection: VimFile, handle: Handle) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM resources WHERE id = ? AND kind = ?", (handle.id, handle.kind)
    ).fetchone()
    return row


def _ended(connection: VimFile, admission: Admission, outcome: str, id_: str = "") -> None:
    connection.execute(
        "UPDATE calls SET outcome = ?, id = CASE ? WHEN '' THEN id ELSE ? END WHERE seq = ?",
        (outcome, id_, id_, admission.seq),
    )


def _stopped(connection: VimFile, row: sqlite3.Row, action: Action, now: float) -> float:
    """When the guest is down after an action; 0 when it runs. One that is going down already is not slowed."""
    if action is Action.STOP:
        return row["stopped"] or now + (setting(connection, "shutdown.server") or 0.0)
    return min(now, row["stopped"] or now) if action is Action.HALT else 0.0


def _state(row: Row, now: float) -> State:
    if row["gone_at"] is not None:
        return State.ABSENT if row["gone_at"] <= now else State.DELETING
    if now < row["ready_at"]:
        return State.PENDING
    if row["fault"]:
        return State.FAULTED
    return State.STOPPED if 0 < row["stopped"] <= now else State.READY


def _observation(row: Row, now: float) -> Observation:
    handle, state = Handle(kind=Kind(row["kind"]), id=row["id"]), _state(row, now)
    if state is State.ABSENT:
        return Observation(handle=handle, state=state)
    attributes = msgspec.json.decode(row["attributes"])
    if handle.kind is Kind.SERVER:
        attributes["power"] = "running" if state is State.READY else "off"
    return Observation(
        handle=handle,
        state=state,
        identity=Identity(owner=row["owner"], path=row["path"]) if row["owner"] is not None else None,
        digest=row["digest"],
        fault=row["fault"] if state is State.FAULTED else "",
        fault_family=row["fault_family"] if state is State.FAULTED else "",
        created_at=datetime.fromtimestamp(row["created_at"], UTC).isoformat(timespec="microseconds"),
        attributes=attributes,
    )
