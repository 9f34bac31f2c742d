"""What is on a live cloud, asked of its services directly: openstacksdk's connection, and nothing of the adapter."""

from __future__ import annotations

import json
import time
from typing import Any

import openstack

_LISTS = {
    "server": ("compute", "/servers/detail", "servers"),
    "floating_address": ("network", "/floatingips", "floatingips"),
    "router": ("network", "/routers", "routers"),
    "placement_group": ("compute", "/os-server-groups", "server_groups"),
    "port": ("network", "/ports", "ports"),
    "subnet": ("network", "/subnets", "subnets"),
    "network": ("network", "/networks", "networks"),
    "qos_policy": ("network", "/qos/policies", "policies"),
    "security_group": ("network", "/security-groups", "security_groups"),
    "image": ("image", "/images?limit=1000", "images"),
    "volume": ("block_storage", "/volumes/detail", "volumes"),
}
"""By kind, in the order of removal: the service, the path and the key of its whole list."""


class LiveCloud:
    """One project of a cloud of ``clouds.yaml``. Blocks."""

    def __init__(self, name: str) -> None:
        self._connection = openstack.connect(cloud=name)

    def close(self) -> None:
        """Let go of connections."""
        self._connection.close()

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return everything of a kind, whoever made it, as its service describes it."""
        service, path, key = _LISTS[kind]
        proxy = getattr(self._connection, service)
        answer = proxy.get(path, microversion="2.72" if service == "compute" else None)
        assert answer.ok, answer.text
        return list(answer.json()[key])

    def bearing(self, owner: str) -> dict[str, dict[str, dict[str, Any]]]:
        """Return what bears the name of an owner anywhere in its description: by kind, documents by identifier."""
        return {
            kind: {document["id"]: document for document in self.all(kind) if owner in json.dumps(document)}
            for kind in _LISTS
        }

    def ensure_image(self, name: str, sha256: str) -> str:
        """Return an image that says of itself that it has this digest, as openstacksdk says of what it uploads."""
        image = self._connection.image
        found = next(image.images(name=name), None)
        if found is None:
            kept = {"owner_specified.openstack.sha256": sha256}
            found = image.create_image(
                name, data=b"\0" * 65536, disk_format="raw", container_format="bare", validate_checksum=False, **kept
            )
        return str(found.id)

    def wipe(self, owner: str) -> None:
        """Remove what bears the name of an owner; what is in use is tried again for two minutes."""
        ends_at = time.monotonic() + 120
        while any(found := self.bearing(owner).values()):
            assert time.monotonic() < ends_at, found
            for (service, path, _), documents in zip(_LISTS.values(), found, strict=True):
                for id_ in documents:
                    if path == "/routers":
                        self._disconnect(id_)
                    getattr(self._connection, service).delete(f"{path.removesuffix('/detail').partition('?')[0]}/{id_}")
            time.sleep(1)

    def make(self, kind: str, body: dict[str, Any], *, path: str = "", group: str | None = None) -> str:
        """Make something as its service is asked for it, a rule under its path, and return its identifier."""
        service, listed, _ = _LISTS.get(kind, ("network", path, ""))
        path = listed.removesuffix("/detail")
        key = {"placement_group": "server_group", "qos_policy": "policy"}.get(kind, kind)
        hints = {"os:scheduler_hints": {"group": group}} if group else {}
        answer = getattr(self._connection, service).post(
            path, json={key: body, **hints}, microversion="2.72" if service == "compute" else None
        )
        assert answer.ok, answer.text
        return str(answer.json()[key]["id"])

    def rules(self, group: str) -> list[str]:
        """Return the rules of a security group."""
        found = self._connection.network.get(f"/security-groups/{group}").json()["security_group"]
        return [rule["id"] for rule in found["security_group_rules"]]

    def remove_rule(self, id_: str) -> None:
        """Take a rule away from its security group."""
        self._connection.network.delete(f"/security-group-rules/{id_}")

    def flavour(self, name: str) -> str:
        """Return the identifier of a flavour."""
        return str(next(one.id for one in self._connection.compute.flavors() if one.name == name))

    def remove_server(self, id_: str) -> None:
        """Have a server removed behind everybody's back."""
        self._connection.compute.delete_server(id_)

    def network(self, name: str, cidr: str) -> str:
        """Make a network with a subnet that is nobody's, and return its identifier."""
        network = self._connection.network.create_network(name=name)
        self._connection.network.create_subnet(network_id=network.id, ip_version=4, cidr=cidr)
        return str(network.id)

    def remove_network(self, id_: str) -> None:
        """Remove a network and its subnets; fails while ports are on it."""
        self._connection.network.delete_network(id_)

    def _disconnect(self, router: str) -> None:
        network = self._connection.network
        for port in network.ports(device_id=router, device_owner="network:router_interface"):
            network.remove_interface_from_router(router, port_id=port.id)
