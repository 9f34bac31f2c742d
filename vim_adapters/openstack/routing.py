"""Routers and floating addresses of Neutron, and the network outside that they lead to."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec

from vim_adapters.contract import Identity
from vim_adapters.errors import (
    ConflictError,
    DependencyMissingError,
    InvalidSpecError,
    RequestRefusedError,
    RetryElsewhereError,
)
from vim_adapters.openstack import networking
from vim_adapters.openstack.collection import Document, named
from vim_adapters.openstack.neutron import ROUTER_INTERFACES, Neutron
from vim_adapters.openstack.session import Session
from vim_adapters.resources import FloatingAddressSpec, Kind, RouterSpec


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """The network outside, or why there is none to be used."""

    network: str = ""
    finding: str = ""


def outside_of(networks: Sequence[Document], wanted: str = "") -> Outside:
    """Return which of the external networks of a cloud is the one outside: the wanted one, else the only one."""
    known = ", ".join(sorted(one["name"] or one["id"] for one in networks)) or "none"
    found = [one["id"] for one in networks if not wanted or wanted in {one["id"], one["name"]}]
    if len(found) == 1:
        return Outside(network=found[0])
    if wanted:
        which = "several external networks are" if found else "no external network is"
        return Outside(finding=f"{which} called {wanted!r}, which extra.external_network names; there are: {known}")
    if found:
        return Outside(finding=f"there are several external networks ({known}): extra.external_network must name one")
    return Outside(finding="there is no external network, so nothing here is reached from outside")


class Routers(Neutron):
    """Ways from subnets to the network outside."""

    kind, path, one, many = Kind.ROUTER, "/routers", "router", "routers"

    def __init__(self, session: Session, outside: str) -> None:
        super().__init__(session)
        self._outside = outside

    def body(self, spec: RouterSpec) -> Document:
        """Return what asks for a router; DependencyMissingError when it is to lead outside, and there is no outside.

        Neutron does not always look, and then there is a router that vanishes.
        """
        if not spec.outside:
            return {"name": named(spec)}
        if self._session.get("network", f"/networks/{self._outside}") is None:
            raise DependencyMissingError(f"the external network {self._outside} is not there any more")
        return {"name": named(spec), "external_gateway_info": {"network_id": self._outside}}

    def complete(self, spec: Any, identity: Identity, document: Document) -> Document:
        """Connect the subnets and write the tags; a router that cannot be what it shall be does not stay."""
        try:
            return super().complete(spec, identity, document)
        except (RequestRefusedError, RetryElsewhereError):
            self.remove(document)
            raise

    def settle(self, spec: RouterSpec, document: Document) -> Document:
        """Connect the subnets that are not connected yet."""
        there = {fixed["subnet_id"] for port in self._interfaces(document) for fixed in port["fixed_ips"]}
        for subnet in spec.subnets:
            if subnet not in there:
                path = f"{self.path}/{document['id']}/add_router_interface"
                self._session.put("network", path, {"subnet_id": subnet})
        return document

    def remove(self, document: Document) -> None:
        """Disconnect the subnets and remove the router, unless addresses lead through it."""
        base = f"{self.path}/{document['id']}"
        if leading := self._session.list("network", "/floatingips", "floatingips", router_id=document["id"]):
            raise ConflictError(f"router {document['id']} is in use by floating address {leading[0]['id']}")
        for port in self._interfaces(document):
            with contextlib.suppress(DependencyMissingError):  # somebody else was faster
                self._session.put("network", f"{base}/remove_router_interface", {"port_id": port["id"]})
        super().remove(document)

    def _interfaces(self, document: Document) -> list[Document]:
        ports = self._session.list("network", "/ports", "ports", device_id=document["id"])
        return [port for port in ports if port.get("device_owner") in ROUTER_INTERFACES]


class FloatingAddresses(Neutron):
    """Addresses outside under which ports are reached. Neutron itself lets go of a port that goes."""

    kind, path, one, many = Kind.FLOATING_ADDRESS, "/floatingips", "floatingip", "floatingips"

    def __init__(self, session: Session, outside: str) -> None:
        super().__init__(session)
        self._outside = outside

    def create(self, spec: Any, identity: Identity) -> Document:
        """Make an address that bears the marks of the identity; names what is missing on the way to the port."""
        try:
            return super().create(spec, identity)
        except DependencyMissingError as error:
            raise _way_missing(error) from error

    def body(self, spec: FloatingAddressSpec) -> Document:
        """Return what asks for an address that leads to a port; Neutron gives it no name."""
        return {"floating_network_id": self._outside, **self._leading(spec)}

    def adjusted(self, spec: FloatingAddressSpec, document: Document) -> Document:
        """Have the address lead to the spec's port."""
        if document.get("port_id") == spec.port:
            return document
        try:
            answer = self._session.put("network", f"{self.path}/{document['id']}", {self.one: self._leading(spec)})
        except DependencyMissingError as error:
            raise _way_missing(error) from error
        return dict(answer[self.one])

    def _leading(self, spec: FloatingAddressSpec) -> Document:
        """Say which address of the port is meant: with several, Neutron would not choose."""
        port = self._session.get("network", f"/ports/{spec.port}")
        if port is None:
            raise DependencyMissingError(f"port: there is no port {spec.port}")
        own = next((address for address in networking.addresses(port["port"]) if ":" not in address), None)
        if own is None:
            raise InvalidSpecError(f"port: port {spec.port} has no IPv4 address to be reached under another one")
        return {"port_id": spec.port, "fixed_ip_address": own}


def _way_missing(error: DependencyMissingError) -> DependencyMissingError:
    """Say that it is a router that is missing where Neutron says so; it names the port, which is there."""
    if "not reachable" not in error.vim_message:
        return error
    told = f"port: no router leads from its subnet to the network outside: {error.vim_message}"
    return DependencyMissingError(told, request_id=error.request_id)
