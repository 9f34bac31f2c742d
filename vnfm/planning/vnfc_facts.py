"""The components of a VNF as scripts are told of them: where they are, and how they are reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mano_runtime.workflow.graph import Graph, Resource, reference
from vim_adapters.resources import Kind
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.trunks import guest_ports

Facts = dict[str, Any]
_Value = Callable[[Resource, str], Any]


def vnfc_facts(graph: Graph, attachments: Mapping[str, Attachment], *, made: bool) -> tuple[Facts, ...]:
    """Return the components of a graph, in the order of their VDUs and numbers.

    With ``made`` as the VIM has told of them; without, what only the VIM can tell is a reference, to be resolved when
    they are there.
    """
    value = _known if made else _referred
    servers = [
        (part.vdu, part.index or 0, part.vnfc, resource)
        for path, resource in graph.items()
        if resource.kind == Kind.SERVER and (part := paths.parse_vnfc_part(path))
    ]
    return tuple(
        {
            "id": vnfc,
            "vdu": vdu,
            "index": index,
            "server": value(server, "id"),
            "connectionPoints": [_point(graph, attachments, port, value) for port in _ports(server, attachments)],
        }
        for vdu, index, vnfc, server in sorted(servers, key=lambda found: found[:2])
    )


def _ports(server: Resource, attachments: Mapping[str, Attachment]) -> list[str]:
    """Paths of the connection points in the order of the guest's interfaces; given ones without a port of ours last."""
    own = guest_ports(server)
    vnfc = server.path.removesuffix("server")
    return own + [path for path in attachments if path.startswith(vnfc) and path not in own]


def made_point(name: str, path: str) -> Facts:
    """Return what will be known of a connection point once its port is there, as references."""
    return {"id": name, "addresses": reference(path, "addresses"), "macAddress": reference(path, "mac_address")}


def with_floating(facts: Facts, address: Any) -> Facts:
    """Return what is known of a connection point with the address under which it is reached from outside."""
    return {**facts, "floatingAddress": address}


def given_point(name: str, outside: Attachment | None) -> Facts:
    """Return what is known of a connection point whose port somebody else has made."""
    addresses = [fixed.address for fixed in outside.fixed_addresses if fixed.address] if outside else []
    return {"id": name, "addresses": addresses, "macAddress": outside.mac_address if outside else None}


def _point(graph: Graph, attachments: Mapping[str, Attachment], path: str, value: _Value) -> Facts:
    part = paths.parse_vnfc_part(path)
    name = part.name if part else path
    port, outside = graph.get(path), attachments.get(path)
    if port is None:
        found = given_point(name, outside)
    else:
        found = {"id": name, "addresses": value(port, "addresses") or [], "macAddress": value(port, "mac_address")}
    if floating := graph.get(paths.floating_address(path)):
        found = with_floating(found, value(floating, "address"))
    return {**found, "external": outside is not None}


def _known(resource: Resource, attribute: str) -> Any:
    return (resource.result or {}).get(attribute)


def _referred(resource: Resource, attribute: str) -> Any:
    return reference(resource.path, attribute)
