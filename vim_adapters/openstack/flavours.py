"""Which flavour a server gets."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vim_adapters.errors import AccessDeniedError, ConflictError, DependencyMissingError, InvalidSpecError
from vim_adapters.openstack.session import Document, Session
from vim_adapters.resources import ServerSpec

_KEPT_SECONDS = 300.0
_FRESH_SECONDS = 5.0


class Flavour(msgspec.Struct, frozen=True, kw_only=True):
    """A size of servers that the cloud offers."""

    id: str
    name: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    extra_specs: Mapping[str, str] = {}


def flavour_of(document: Document) -> Flavour:
    """Return what a document of Nova's says."""
    return Flavour(
        id=str(document["id"]),
        name=document.get("name", ""),
        vcpus=document.get("vcpus", 0),
        memory_mib=document.get("ram", 0),
        disk_gib=document.get("disk", 0),
        extra_specs=document.get("extra_specs") or {},
    )


def matching(flavours: Iterable[Flavour], spec: ServerSpec) -> list[Flavour]:
    """Return the flavours that are at least what a server needs, those that waste least first.

    Extra specs that nobody asked for may bind a server to certain hosts: flavours without come first.
    """
    enough = [
        one
        for one in flavours
        if one.vcpus >= spec.vcpus
        and one.memory_mib >= spec.memory_mib
        and (one.disk_gib >= spec.disk_gib or _boots_from_volume(spec))
        and all(one.extra_specs.get(name) == value for name, value in spec.extra_specs.items())
    ]
    return sorted(
        enough,
        key=lambda one: (
            len(one.extra_specs) - len(spec.extra_specs),
            one.vcpus,
            one.memory_mib,
            one.disk_gib,
            one.name,
        ),
    )


def fits(flavour: Flavour, spec: ServerSpec) -> bool:
    """Whether a flavour is just what a server needs."""
    return (flavour.vcpus, flavour.memory_mib, flavour.disk_gib) == (
        spec.vcpus,
        spec.memory_mib,
        _disk(spec),
    ) and dict(flavour.extra_specs) == dict(spec.extra_specs)


def new_name(spec: ServerSpec) -> str:
    """Return what a flavour of just that size is called: the same for the same needs, so it is made once."""
    name = f"mano.{spec.vcpus}-{spec.memory_mib}MiB-{_disk(spec)}GiB"
    if not spec.extra_specs:
        return name
    digest = hashlib.sha256(msgspec.json.encode(spec.extra_specs, order="sorted")).hexdigest()
    return f"{name}-{digest[:12]}"


class Flavours:
    """The flavours of a cloud, looked up rarely. Safe from several threads."""

    def __init__(self, session: Session, *, create: str) -> None:
        self._session = session
        self._create = create
        self._turn = threading.Lock()
        self._known: Sequence[Flavour] = ()
        self._known_at = float("-inf")

    def chosen(self, spec: ServerSpec) -> str:
        """Return the identifier of the flavour for a server.

        The one that the spec names, by name or identifier; else one of just the size; else, as the connection's
        ``create_flavours`` says, a new one of that size or the least of those that are bigger.

        Raises:
            InvalidSpecError: the size is none.
            DependencyMissingError: there is no such flavour, and none may be made.
        """
        if spec.vcpus < 1 or spec.memory_mib < 1 or spec.disk_gib < 0:
            raise InvalidSpecError("vcpus and memory_mib must be at least 1, disk_gib at least 0")
        with self._turn:
            found = self._found(spec)
            if found is None and time.monotonic() - self._known_at > _FRESH_SECONDS:  # it may be new
                self._refresh()
                found = self._found(spec)
            return found or self._made_or_missed(spec)

    def _found(self, spec: ServerSpec) -> str | None:
        if time.monotonic() - self._known_at > _KEPT_SECONDS:
            self._refresh()
        if spec.flavour:
            return next((one.id for one in self._known if spec.flavour in {one.name, one.id}), None)
        candidates = matching(self._known, spec)
        if exact := next((one.id for one in candidates if fits(one, spec)), None):
            return exact
        return candidates[0].id if candidates and self._create != "exact" else None

    def _made_or_missed(self, spec: ServerSpec) -> str:
        size = f"{spec.vcpus} vCPUs, {spec.memory_mib} MiB of memory and {_disk(spec)} GiB of disk"
        needs = f"flavour {spec.flavour!r}" if spec.flavour else f"flavour of at least {size}"
        if spec.extra_specs and not spec.flavour:
            needs += f" with {', '.join(f'{name}={value}' for name, value in sorted(spec.extra_specs.items()))}"
        if spec.flavour or self._create == "never":
            raise DependencyMissingError(f"the cloud has no {needs}")
        try:
            return self._made(spec)
        except AccessDeniedError as error:
            if larger := matching(self._known, spec):
                return larger[0].id
            raise DependencyMissingError(
                f"the cloud has no {needs}, and does not let us make one",
                vim_message=error.vim_message,
                request_id=error.request_id,
            ) from error

    def _made(self, spec: ServerSpec) -> str:
        name = new_name(spec)
        body = {"name": name, "id": name, "vcpus": spec.vcpus, "ram": spec.memory_mib, "disk": _disk(spec)}
        with contextlib.suppress(ConflictError):  # another installation was faster
            self._session.post("compute", "/flavors", {"flavor": body})
        if spec.extra_specs:
            extra = {"extra_specs": dict(spec.extra_specs)}
            self._session.post("compute", f"/flavors/{name}/os-extra_specs", extra)
        self._known_at = float("-inf")
        return name

    def _refresh(self) -> None:
        listed = self._session.list("compute", "/flavors/detail", "flavors")
        self._known = [flavour_of(document) for document in listed]
        self._known_at = time.monotonic()


def _boots_from_volume(spec: ServerSpec) -> bool:
    return any(attachment.boot for attachment in spec.volumes)


def _disk(spec: ServerSpec) -> int:
    return 0 if _boots_from_volume(spec) else spec.disk_gib
