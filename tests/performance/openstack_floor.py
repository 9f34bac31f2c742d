"""What a network service costs on a live OpenStack, beside the least that it can take.

Instantiates the service of ten servers through a server's REST interface and terminates it, then makes the same
networks, subnets, ports, QoS policies, security groups, server groups, volumes and servers with openstacksdk directly,
everything at once that can be. All of it twice: what a cloud does for the first time takes it longer, whoever asks. All
times go into a section of the page that is named.
Needs MANO_OPENSTACK_ADMIN_CLOUD.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(_TESTS), str(_TESTS / "lab" / "openstack")]
warnings.simplefilter("ignore", PendingDeprecationWarning)  # openstacksdk warns of itself

import live_packages  # noqa: E402  # found where the path was set to
from live_cloud import LiveCloud  # noqa: E402  # as above
from live_operator import Operator, named  # noqa: E402  # as above
from sections import OPENSTACK, with_section  # noqa: E402  # as above
from server_process import server_process  # noqa: E402  # as above

TARGET = 1.15
_THREADS = 32
_POLL_SECONDS = 0.5
_SECTION = """\
Written by `make bench-openstack`; one run, on {date}, against the lab of `tests/lab/openstack`, whose control plane
shares {cores} cores with us (load {load:.1f} at the start).

A network service of three VNFs is instantiated on an empty cloud: {count} resources, {servers} servers among them. The
floor makes the same networks, subnets, ports, QoS policies, security groups, server groups, volumes and servers, with
the same rules, on the cloud that is empty again: with openstacksdk alone, all at once that can be, each waited for when
something needs it, without marks, and with an image that is there already.

In turns, twice: when the first service is made, the cloud may do everything for the first time.

| | first | again |
| --- | --- | --- |
| instantiate, wall time | {first[ours]:.1f} s | {again[ours]:.1f} s |
| the floor | {first[floor]:.1f} s | {again[floor]:.1f} s |
| ratio (target: at most {target}) | {first[ratio]:.2f} | {again[ratio]:.2f} |
| CPU of the server, for each server made | {first[cpu]:.0f} ms | {again[cpu]:.0f} ms |
| its resident memory at the end | {first[memory]:.0f} MiB | {again[memory]:.0f} MiB |
"""


class Floor:
    """The same resources once more, made directly."""

    def __init__(self, cloud: LiveCloud, model: dict[str, dict[str, dict[str, Any]]], mark: str) -> None:
        self._cloud = cloud
        self._model = model
        self._mark = mark
        self._pool = ThreadPoolExecutor(_THREADS)
        self._made: dict[str, Future[str]] = {}
        names = {server["flavor"]["original_name"] for server in model["server"].values()}
        self._image = cloud.ensure_image(*live_packages.CIRROS)
        self._flavours = {name: cloud.flavour(name) for name in names}
        self._looking = threading.Lock()
        self._looked_at = 0.0
        self._available: set[str] = set()

    def run(self) -> float:
        """Make everything, wait until all servers are active, and return the seconds."""
        began = time.monotonic()
        for kind in (
            "qos_policy",
            "security_group",
            "placement_group",
            "volume",
            "network",
            "subnet",
            "port",
            "server",
        ):
            for id_, document in self._model[kind].items():
                self._made[id_] = self._pool.submit(getattr(self, f"_{kind}"), document)
        servers = {self._made[id_].result() for id_ in self._model["server"]}
        while not servers <= {it["id"] for it in self._cloud.all("server") if it["status"] == "ACTIVE"}:
            time.sleep(_POLL_SECONDS)
        took = time.monotonic() - began
        self._pool.shutdown()
        return took

    def _new(self, id_: str) -> str:
        return self._made[id_].result() if id_ in self._made else id_

    def _network(self, it: dict[str, Any]) -> str:
        return self._cloud.make("network", {"name": self._mark, "mtu": it["mtu"], **self._policed(it)})

    def _qos_policy(self, it: dict[str, Any]) -> str:
        id_ = self._cloud.make("qos_policy", {"name": self._mark})
        for rule in it["rules"]:
            kind = f"{rule['type']}_rule"
            kept = {name: rule[name] for name in ("max_kbps", "min_kbps", "direction") if name in rule}
            self._cloud.make(kind, kept, path=f"/qos/policies/{id_}/{kind}s")
        return id_

    def _policed(self, it: dict[str, Any]) -> dict[str, Any]:
        return {"qos_policy_id": self._new(it["qos_policy_id"])} if it.get("qos_policy_id") else {}

    def _subnet(self, it: dict[str, Any]) -> str:
        kept = {name: it[name] for name in ("cidr", "ip_version", "enable_dhcp", "gateway_ip", "allocation_pools")}
        return self._cloud.make("subnet", {"name": self._mark, "network_id": self._new(it["network_id"]), **kept})

    def _security_group(self, it: dict[str, Any]) -> str:
        group = self._cloud.make("security_group", {"name": self._mark})
        for rule in self._cloud.rules(group):  # those that let everything out come with the group
            self._cloud.remove_rule(rule)
        kept = ("direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix")
        for rule in it["security_group_rules"]:
            self._cloud.make(
                "security_group_rule",
                {"security_group_id": group, **{name: rule[name] for name in kept}},
                path="/security-group-rules",
            )
        return group

    def _port(self, it: dict[str, Any]) -> str:
        subnets = [{"subnet_id": self._new(fixed["subnet_id"])} for fixed in it["fixed_ips"]]
        groups = [self._new(group) for group in it["security_groups"]]
        body = {
            "name": self._mark,
            "network_id": self._new(it["network_id"]),
            "fixed_ips": subnets,
            **self._policed(it),
        }
        return self._cloud.make("port", {**body, "security_groups": groups})

    def _placement_group(self, it: dict[str, Any]) -> str:
        return self._cloud.make("placement_group", {"name": self._mark, "policy": it["policy"]})

    def _volume(self, it: dict[str, Any]) -> str:
        image = self._image if it.get("volume_image_metadata") else None
        id_ = self._cloud.make("volume", {"name": self._mark, "size": it["size"], "imageRef": image})
        while id_ not in self._seen_available():
            time.sleep(_POLL_SECONDS)
        return id_

    def _seen_available(self) -> set[str]:
        """One list serves all volumes that are waited for."""
        with self._looking:
            if time.monotonic() - self._looked_at > _POLL_SECONDS:
                self._available = {one["id"] for one in self._cloud.all("volume") if one["status"] == "available"}
                self._looked_at = time.monotonic()
            return self._available

    def _server(self, it: dict[str, Any]) -> str:
        ports = [port["id"] for port in self._model["port"].values() if port["device_id"] == it["id"]]
        image = self._image if it["image"] else None
        local = {"boot_index": 0, "uuid": image, "source_type": "image", "destination_type": "local"}
        devices = [local] if image else []
        boots = {volume for volume, found in self._model["volume"].items() if found.get("bootable") == "true"}
        for volume in (attached["id"] for attached in it["os-extended-volumes:volumes_attached"]):
            index = 0 if volume in boots and not image else -1
            common = {"source_type": "volume", "destination_type": "volume", "boot_index": index}
            devices.append({"uuid": self._new(volume), **common})
        group = next((id_ for id_, one in self._model["placement_group"].items() if it["id"] in one["members"]), None)
        body = {
            "name": self._mark,
            "flavorRef": self._flavours[it["flavor"]["original_name"]],
            "networks": [{"port": self._new(port)} for port in ports],
            "block_device_mapping_v2": devices,
            **({"imageRef": image} if image else {}),
        }
        return self._cloud.make("server", body, group=self._new(group) if group else None)


def _spent(pid: int) -> tuple[float, float]:
    """CPU seconds and resident MiB of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return (int(fields[11]) + int(fields[12])) / ticks, pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def measured(name: str) -> str:
    """Return the figures of one run as text."""
    cloud, load = LiveCloud(name), os.getloadavg()[0]
    cloud.ensure_image(*live_packages.CIRROS)
    with tempfile.TemporaryDirectory() as directory:
        async with server_process(Path(directory)) as server:
            await server.start()
            operator = Operator(server, cloud)
            await operator.connect(name)
            nsd = named(await operator.onboard())
            first, model = await _turn(operator, nsd)
            again, model = await _turn(operator, nsd)
    cloud.close()
    return _SECTION.format(
        date=dt.datetime.now(dt.UTC).date(),
        cores=os.cpu_count(),
        load=load,
        count=_count(model.values()),
        servers=len(model["server"]),
        target=TARGET,
        first=first,
        again=again,
    )


async def _turn(operator: Operator, nsd: dict[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
    """Instantiate the service and terminate it, then make the same at the floor; return the figures and what it was."""
    server, cloud = operator.server, operator.cloud
    service, _ = await server.request("POST", "/nslcm/v2/ns_instances", 201, json=nsd)
    ns = f"/nslcm/v2/ns_instances/{service['id']}"
    cpu, _ = _spent(server.pid)
    began = time.monotonic()
    await operator.done(f"{ns}/instantiate", {"nsFlavourId": "default"})
    ours = time.monotonic() - began
    after, memory = _spent(server.pid)
    model = await operator.same(ns)
    await operator.done(f"{ns}/terminate", {})
    mark = f"floor-{operator.owner}"
    try:
        floor = await asyncio.to_thread(Floor(cloud, model, mark).run)
    finally:
        await asyncio.to_thread(cloud.wipe, mark)
    spent = (after - cpu) * 1000 / len(model["server"])
    return {"ours": ours, "floor": floor, "ratio": ours / floor, "cpu": spent, "memory": memory}, model


def _count(kinds: Iterable[dict[str, Any]]) -> int:
    return sum(map(len, kinds))


if __name__ == "__main__":
    text = asyncio.run(measured(os.environ["MANO_OPENSTACK_ADMIN_CLOUD"]))
    sys.stdout.write(text)
    for page in map(Path, sys.argv[1:]):
        page.write_text(with_section(page.read_text(encoding="utf-8"), OPENSTACK, text), encoding="utf-8")
