"""Paths of a VNF's resources: what each one is, in words that stay the same for as long as it lives.

    image/<software image>            vdu/<vdu>/<index>                     a VNFC; not a resource itself
    vl/<link>/network                 vdu/<vdu>/<index>/server
    vl/<link>/subnet/<number>         vdu/<vdu>/<index>/cp/<connection point>
    vl/<link>/router                  vdu/<vdu>/<index>/floating/<connection point>   of the port
    vl/<link>/qos                     vdu/<vdu>/<index>/trunk/<connection point>   of the port that the server gets
    qos/<connection point>            vdu/<vdu>/<index>/storage/<storage>
    sg/<security group policy>        vdu/<vdu>/storage/<storage>           shared by the VNFCs
    group/<affinity rule>             vip/<virtual connection point>/<index>       its address outside: .../floating
    ext/<external connection point>   the port of one that exposes an internal virtual link
    snapshot/<path of a server or storage>          of a snapshot, in a scope of the snapshot's own
    script/<hook>                     a run of a script; several of one hook are numbered: script/<hook>/<number>
    coordination/<action>/<stage>     an element manager asked at the start or the end

What the VNFCs share and was made beside what it took the place of has the number of its generation in its path:
``image/<software image>~2``, ``vl/<link>~2/network``.

The same paths identify the entries of a VnfInstance's inventory and, after the instance's scope, the resources on a
VIM: one name for one thing, everywhere.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

import msgspec


def image(image_id: str) -> str:
    """A software image."""
    return f"image/{image_id}"


def network(link: str) -> str:
    """The network of an internal virtual link."""
    return f"vl/{link}/network"


def subnet(link: str, number: int) -> str:
    """One of the subnets of an internal virtual link, from 0."""
    return f"vl/{link}/subnet/{number}"


def router(link: str) -> str:
    """The router that leads from an internal virtual link outside."""
    return f"vl/{link}/router"


def link_policy(link: str) -> str:
    """The QoS policy of the ports on an internal virtual link."""
    return f"vl/{link}/qos"


def port_policy(connection_point: str) -> str:
    """The QoS policy of the ports of a connection point that asks for a bit rate of its own."""
    return f"qos/{connection_point}"


def security_group(policy: str) -> str:
    """The security group of a security group policy."""
    return f"sg/{policy}"


def placement_group(rule: str) -> str:
    """The placement group of an affinity or anti-affinity rule between servers."""
    return f"group/{rule}"


def script(hook: str, number: int | None = None) -> str:
    """The run of a script, or one of several of the same hook."""
    return f"script/{hook}" if number is None else f"script/{hook}/{number}"


def coordination(action: str, stage: str) -> str:
    """An action that somebody else is asked for."""
    return f"coordination/{action}/{stage}"


def vnfc(vdu: str, index: int) -> str:
    """A VNFC: the prefix of all that belongs to it."""
    return f"vdu/{vdu}/{index}"


def server(vdu: str, index: int) -> str:
    """The server of a VNFC."""
    return f"{vnfc(vdu, index)}/server"


def port(vdu: str, index: int, connection_point: str) -> str:
    """The port of a VNFC's connection point."""
    return f"{vnfc(vdu, index)}/cp/{connection_point}"


def trunk(vdu: str, index: int, connection_point: str) -> str:
    """The trunk of a VNFC whose port is that of a connection point."""
    return f"{vnfc(vdu, index)}/trunk/{connection_point}"


def floating_address(port: str) -> str:
    """The floating address that leads to a connection point, whose port is at this path."""
    part = parse_vnfc_part(port)
    return f"{part.vnfc}/floating/{part.name}" if part else f"{port}/floating"


def virtual_point(connection_point: str, index: int) -> str:
    """An instance of a virtual connection point: the port that its address is kept with."""
    return f"vip/{connection_point}/{index}"


def exposure(connection_point: str) -> str:
    """The port of an external connection point that exposes an internal virtual link."""
    return f"ext/{connection_point}"


def storage(vdu: str, index: int | None, storage_id: str) -> str:
    """A virtual storage of a VNFC, or without an index one that all VNFCs of the VDU share."""
    return f"vdu/{vdu}/storage/{storage_id}" if index is None else f"{vnfc(vdu, index)}/storage/{storage_id}"


class VnfcPart(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a path below ``vdu/`` is about."""

    vdu: str
    index: int | None
    """None: shared by all VNFCs of the VDU."""
    part: str
    """server, cp, floating, trunk or storage."""
    name: str = ""
    """Of the connection point or storage; of the one whose port the trunk has, or the floating address leads to."""

    @cached_property
    def vnfc(self) -> str:
        """The VNFC that it belongs to; empty when it is shared."""
        return "" if self.index is None else vnfc(self.vdu, self.index)


_GENERATION = re.compile(r"~(?P<number>\d+)$")


def shared_part(path: str) -> str | None:
    """Return the beginning of a path that tells apart what VNFCs share, without its generation; None below ``vdu/``."""
    kind, name, *_ = path.split("/")
    return None if kind == "vdu" else f"{kind}/{_GENERATION.sub('', name)}"


def generation_of(path: str) -> int:
    """Return the generation of what VNFCs share."""
    found = _GENERATION.search(path.split("/")[1])
    return int(found["number"]) if found else 1


def in_generation(path: str, generation: int) -> str:
    """Return the path, which has no generation, in one; the first is not written."""
    if generation == 1:
        return path
    kind, name, *rest = path.split("/")
    return "/".join((kind, f"{name}~{generation}", *rest))


_VNFC_PART = re.compile(
    r"vdu/(?P<vdu>.+?)/(?:(?P<index>\d+)/)?(?P<part>server|cp|floating|trunk|storage)(?:/(?P<name>.+))?"
)


@lru_cache(maxsize=10_000)
def parse_vnfc_part(path: str) -> VnfcPart | None:
    """Return what a path says when it is about a part of a VNFC, else None."""
    found = _VNFC_PART.fullmatch(path)
    if found is None:
        return None
    index = found["index"]
    return VnfcPart(
        vdu=found["vdu"], index=None if index is None else int(index), part=found["part"], name=found["name"] or ""
    )


def snapshot(path: str) -> str:
    """The snapshot of the server or volume at ``path``."""
    return f"{_SNAPSHOT}{path}"


def snapshot_of(path: str) -> str | None:
    """Return what the snapshot at ``path`` is of; None when it is no snapshot's."""
    return path.removeprefix(_SNAPSHOT) if path.startswith(_SNAPSHOT) else None


_SNAPSHOT = "snapshot/"


def link_of(path: str) -> str | None:
    """Return the internal virtual link whose network is at ``path``, else None."""
    if path.startswith("vl/") and path.endswith("/network"):
        return _GENERATION.sub("", path.removeprefix("vl/").removesuffix("/network"))
    return None


def routed_network(path: str) -> str:
    """Return the path of the network of the internal virtual link whose router is at ``path``."""
    return f"{path.removesuffix('/router')}/network"


_VIRTUAL_POINT = re.compile(r"vip/(?P<name>.+)/(?P<index>\d+)")


def virtual_point_of(path: str) -> str | None:
    """Return the virtual connection point that ``path`` is an instance of, else None."""
    found = _VIRTUAL_POINT.fullmatch(path)
    return _GENERATION.sub("", found["name"]) if found else None


def limited_network(path: str) -> str | None:
    """Return the path of the network of the internal virtual link whose QoS policy is at ``path``, else None."""
    if path.startswith("vl/") and path.endswith("/qos"):
        return f"{path.removesuffix('/qos')}/network"
    return None
