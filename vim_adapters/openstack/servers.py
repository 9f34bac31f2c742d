"""Nova's servers and server groups."""

from __future__ import annotations

import base64
from typing import Any

from vim_adapters.contract import Action, Identity, Observation, State
from vim_adapters.errors import ConflictError, DependencyMissingError, InvalidSpecError
from vim_adapters.openstack.collection import Document, named
from vim_adapters.openstack.failures import fault_family
from vim_adapters.openstack.flavours import Flavours
from vim_adapters.openstack.marks import (
    as_name,
    as_tags,
    from_name,
    from_tags,
    key_tag,
    marked_now,
    name_bears,
    owner_tags,
)
from vim_adapters.openstack.networking import observed_as
from vim_adapters.openstack.session import Session
from vim_adapters.resources import Kind, PlacementGroupSpec, ServerSpec, spec_digest

_STATES = {
    "ACTIVE": State.READY,
    "SHUTOFF": State.STOPPED,
    "PAUSED": State.STOPPED,
    "SUSPENDED": State.STOPPED,
    "SHELVED": State.STOPPED,
    "SHELVED_OFFLOADED": State.STOPPED,
    "ERROR": State.FAULTED,
    "DELETED": State.ABSENT,
    "SOFT_DELETED": State.ABSENT,
}
"""By Nova's status; every other one passes."""

_POWER_ON = 1
_ACTIONS: dict[Action, Document] = {
    Action.START: {"os-start": None},
    Action.STOP: {"os-stop": None},
    Action.HALT: {"os-stop": None},  # Nova cuts the power only when the guest does not shut down by itself
    Action.REBOOT: {"reboot": {"type": "SOFT"}},
}
_GOING_DOWN = frozenset({"powering-off"})
_GOING_UP = frozenset({"powering-on", "rebooting", "reboot_started", "reboot_pending", "reboot_pending_hard"})


class Servers:
    """Virtual machines. They bear their marks as tags, so that their metadata is the guest's alone."""

    kind = Kind.SERVER

    def __init__(self, session: Session, flavours: Flavours) -> None:
        self._session = session
        self._flavours = flavours

    def bearing(self, identity: Identity) -> list[Document]:
        """Return everything that bears the marks of this identity."""
        return self._listed(key_tag(identity))

    def owned(self, owner: str) -> list[Document]:
        """Return everything that bears the marks of this owner."""
        return self._listed(",".join(owner_tags(owner)))

    def at(self, id_: str) -> Document | None:
        """Return the server with this identifier, or None."""
        answer = self._session.get("compute", f"/servers/{id_}")
        return None if answer is None else dict(answer["server"])

    def observed(self, document: Document) -> Observation:
        """Return what a document says."""
        state = server_state(document)
        fault = (document.get("fault") or {}).get("message", "")
        return observed_as(
            Kind.SERVER,
            document["id"],
            state,
            from_tags(document.get("tags") or ()),
            created_at=document.get("created", ""),
            fault=fault or "its status is ERROR",
            fault_family=fault_family(fault),
            attributes={
                "zone": document.get("OS-EXT-AZ:availability_zone") or "",
                "host": document.get("OS-EXT-SRV-ATTR:hypervisor_hostname") or document.get("hostId") or "",
                "power": "running" if document.get("OS-EXT-STS:power_state") == _POWER_ON else "off",
            },
        )

    def create(self, spec: ServerSpec, identity: Identity) -> Document:
        """Ask for a server. What is answered is its identifier only, so the rest is told from what was asked."""
        tags = as_tags(marked_now(identity, spec_digest(spec)))
        body = server_body(spec, self._flavours.chosen(spec), tags)
        made = self._session.post("compute", "/servers", body)["server"]
        return {"id": made["id"], "status": "BUILD", "tags": tags, "OS-EXT-AZ:availability_zone": spec.zone or ""}

    def complete(self, _spec: Any, _identity: Identity, document: Document) -> Document:
        """Return the server: one request made it whole."""
        return document

    def remove(self, document: Document) -> None:
        """Have a server removed; the ports that it was given stay."""
        self._session.delete("compute", f"/servers/{document['id']}")

    def console(self, id_: str) -> str:
        """Return the end of what a server has written on its console; nothing while it has none."""
        asked = {"os-getConsoleOutput": {"length": _CONSOLE_LINES}}
        try:
            return str(self._session.post("compute", f"/servers/{id_}/action", asked).get("output") or "")
        except ConflictError:  # no host has it
            return ""
        except DependencyMissingError:  # which Nova says of a server without a console, too
            if self.at(id_) is None:
                raise
            return ""

    def operate(self, id_: str, action: Action) -> None:
        """Have a server start, stop or reboot; already so, or on its way there, is success."""
        for last in (False, True):
            if (document := self.at(id_)) is None:
                raise DependencyMissingError(f"there is no server {id_}")
            if _is_done(document, action):
                return
            if not _is_possible(document, action):
                doing = document.get("OS-EXT-STS:task_state")
                state = f"{document.get('status')}{f' ({doing})' if doing else ''}"
                raise ConflictError(f"cannot {action} server {id_} while it is {state}")
            try:
                self._session.post("compute", f"/servers/{id_}/action", _ACTIONS[action])
            except ConflictError:  # it changed since it was looked at
                if last:
                    raise
            else:
                return

    def _listed(self, tags: str) -> list[Document]:
        return self._session.list("compute", "/servers/detail", "servers", tags=tags)


_CONSOLE_LINES = 40


class ServerGroups:
    """Servers that shall share a host, or not. A group can bear nothing but a name, so its name is its marks."""

    kind = Kind.PLACEMENT_GROUP

    def __init__(self, session: Session, *, max_server_per_host: int = 1) -> None:
        self._session = session
        self._max_server_per_host = max_server_per_host

    def bearing(self, identity: Identity) -> list[Document]:
        """Return everything that bears the marks of this identity."""
        return [document for document in self._listed() if name_bears(document["name"], identity)]

    def owned(self, owner: str) -> list[Document]:
        """Return everything that bears the marks of this owner."""
        found = [(document, from_name(document["name"])) for document in self._listed()]
        return [document for document, marks in found if marks and marks.identity.owner == owner]

    def at(self, id_: str) -> Document | None:
        """Return the group with this identifier, or None."""
        answer = self._session.get("compute", f"/os-server-groups/{id_}")
        return None if answer is None else dict(answer["server_group"])

    def sharing(self, id_: str) -> list[str] | None:
        """Return the servers of a group that have to share a host; None of any other group, and where there is none."""
        document = self.at(id_)
        return list(document["members"]) if document and document["policy"] == "affinity" else None

    def observed(self, document: Document) -> Observation:
        """Return what a document says."""
        return observed_as(Kind.PLACEMENT_GROUP, document["id"], State.READY, from_name(document["name"]))

    def create(self, spec: PlacementGroupSpec, identity: Identity) -> Document:
        """Make a group."""
        body: Document = {"name": as_name(marked_now(identity, spec_digest(spec))), "policy": spec.policy}
        if spec.policy == "anti-affinity" and self._max_server_per_host > 1:
            body["rules"] = {"max_server_per_host": self._max_server_per_host}
        return dict(self._session.post("compute", "/os-server-groups", {"server_group": body})["server_group"])

    def complete(self, _spec: Any, _identity: Identity, document: Document) -> Document:
        """Return the group: one request made it whole."""
        return document

    def remove(self, document: Document) -> None:
        """Remove a group; its servers stay where they are."""
        self._session.delete("compute", f"/os-server-groups/{document['id']}")

    def _listed(self) -> list[Document]:
        """Nova lists groups by offset, a thousand at most."""
        found: list[Document] = []
        while page := self._session.list(
            "compute", "/os-server-groups", "server_groups", offset=len(found), limit=_PAGE
        ):
            found += page
            if len(page) < _PAGE:
                break
        return found


_PAGE = 1000


def server_body(spec: ServerSpec, flavour: str, tags: list[str]) -> Document:
    """Return what asks Nova for a server.

    Raises:
        InvalidSpecError: it boots from nothing, or from several things, or is in several groups.
    """
    roots = [attachment.volume for attachment in spec.volumes if attachment.boot]
    if len(roots) + (spec.image is not None) != 1:
        raise InvalidSpecError("a server boots from an image or from one volume")
    if len(spec.placement_groups) > 1:
        raise InvalidSpecError("placement_groups: OpenStack takes one server group")
    server: Document = {
        "name": named(spec),
        "flavorRef": flavour,
        "networks": [{"port": port} for port in spec.ports] or "none",
        "tags": tags,
    }
    optional = {
        "imageRef": spec.image,
        "availability_zone": spec.zone or None,
        "user_data": base64.b64encode(spec.user_data.encode()).decode() if spec.user_data is not None else None,
        "config_drive": spec.config_drive or None,
        "metadata": spec.metadata or None,
        "key_name": spec.key_pair,
        "block_device_mapping_v2": block_devices(spec) or None,
    }
    server |= {name: value for name, value in optional.items() if value is not None}
    hints = {
        **({"group": spec.placement_groups[0]} if spec.placement_groups else {}),
        **({"reservation": spec.reservation} if spec.reservation else {}),  # of Blazar
    }
    return {"server": server, **({"os:scheduler_hints": hints} if hints else {})}


def block_devices(spec: ServerSpec) -> list[Document]:
    """Return the disks of a server, its image among them where there are others; all outlive it but that."""
    if not spec.volumes:
        return []
    image: list[Document] = (
        [
            {
                "boot_index": 0,
                "uuid": spec.image,
                "source_type": "image",
                "destination_type": "local",
                "delete_on_termination": True,
            }
        ]
        if spec.image
        else []
    )
    return image + [
        {
            "boot_index": 0 if attachment.boot else -1,
            "uuid": attachment.volume,
            "source_type": "volume",
            "destination_type": "volume",
            "delete_on_termination": False,
        }
        for attachment in spec.volumes
    ]


def server_state(document: Document) -> State:
    """Return where a server is in its life."""
    if document.get("OS-EXT-STS:task_state") == "deleting":
        return State.DELETING
    return _STATES.get(document.get("status", ""), State.PENDING)


def _is_done(document: Document, action: Action) -> bool:
    state, task = server_state(document), document.get("OS-EXT-STS:task_state")
    if action is Action.START:
        return (state is State.READY and task not in _GOING_DOWN) or task in _GOING_UP
    if action is Action.REBOOT:
        return task in _GOING_UP - {"powering-on"}
    return (state is State.STOPPED and task not in _GOING_UP) or task in _GOING_DOWN


def _is_possible(document: Document, action: Action) -> bool:
    """Whether Nova would do it; a server that still reboots or stops is not to be asked for the contrary."""
    state, task = server_state(document), document.get("OS-EXT-STS:task_state")
    if task or state not in {State.READY, State.STOPPED}:
        return False
    return state is State.READY or action is not Action.REBOOT
